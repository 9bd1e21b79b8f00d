/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz targets of the lab: what they share.
 *
 * Each target is an ordinary one of libFuzzer in a build with c_args=-fsanitize=fuzzer-no-link (see
 * CONTRIBUTING.md).  In any other build fuzz_driver.c has a main() that changes the seeds at
 * random: target INPUTS [ARGUMENT...], so much work and no more, the same each time.
 */
#ifndef LAB_FUZZ_H
#define LAB_FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Inputs to begin with, GString *, made from the driver's arguments. */
GPtrArray *fuzz_seeds(char **arguments);

/* abort() is what libFuzzer keeps an input for. */
static inline void fuzz_failed(const char *file, int line, const char *what) {
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

/* Ends the program where a target's promise does not hold. */
#define must(condition)                                              \
	do {                                                         \
		if (!(condition))                                    \
			fuzz_failed(__FILE__, __LINE__, #condition); \
	} while (0)

#endif
