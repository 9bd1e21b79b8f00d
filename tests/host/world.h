/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine for the tests of files and sockets: with the pipe family, programs, and what they found.
 *
 * A world of the simulator can live once per operating-system process, so each Check test makes one
 * of its own (Check forks).
 */
#ifndef TESTS_HOST_WORLD_H
#define TESTS_HOST_WORLD_H

#include <check.h>
#include <errno.h>

#include "host/boot/boot.h"
#include "host/socket/syscalls.h"
#include "pipe_family.h"
#include "sim/sim.h"

struct world {
	struct sim *sim;
	struct kernel *k;
};

/* A booted machine; descriptors per process `max_files`. */
static inline struct world world_new(unsigned max_files) {
	struct world w = {.sim = sim_new(1)};
	struct kernel_conf conf;

	kernel_conf_default(&conf);
	conf.max_files = max_files;
	w.k = kernel_new(w.sim, &conf);
	pipe_family_init(w.k);
	return w;
}

static inline void world_cost(struct world *w, const char *name, sim_time each, sim_time per_byte) {
	ck_assert_int_eq(kernel_set_cost(w->k, name, (struct cost_value){each, per_byte}), 0);
}

/* Runs `main` as a process to its end; it must have come there. */
static inline void world_run(struct world *w, program main) {
	bool ended = false;

	process_start(w->k, "test", main, &ended);
	sim_run(w->sim, SIM_NEVER);
	ck_assert_msg(ended, "the program did not come to its end");
}

static inline void world_free(struct world *w) {
	kernel_free(w->k);
	pipe_family_exit();
	sim_free(w->sim);
}

/* The last line of a program. */
#define PROGRAM_END(arg)                                                                           \
	do {                                                                                       \
		*(bool *)(arg) = true;                                                             \
		return 0;                                                                          \
	} while (0)

#endif
