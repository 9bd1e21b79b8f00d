/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With what are the bytes of pattern files made and compared?  The ways that this build knows, the best
 * first; the first that the processor has is used.  All give the same bytes.  Private to host/file, and to
 * who compares them; host/file/file.h is for all others.
 */
#ifndef HOST_PATTERN_H
#define HOST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ways to make and check patterns that this build knows, the best first; the first that the processor has is
 * used.  For pattern.c, and for tests, which see that all give the same bytes. */
struct pattern_unit {
	const char *name;
	bool (*here)(void); /* whether this processor has it */
	/* `n` words of a block, of which `word` is the first: writes them, or says whether they are
	 * there. */
	void (*fill)(uint8_t *to, uint64_t word, size_t n);
	bool (*check)(const uint8_t *from, uint64_t word, size_t n);
};
extern const struct pattern_unit pattern_units[];
extern const size_t pattern_units_n;

#endif
