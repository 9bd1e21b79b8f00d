/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bare machine for tests of the kernel's core: all costs 0 until set, no devices. */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "host/boot/boot.h"
#include "host/core/kernel.h"
#include "run_suite.h"

#define US SIM_US
#define MS SIM_MS

static struct sim *sim;
static struct kernel *k;

static inline void machine_new(void) {
	struct kernel_conf conf;

	kernel_conf_default(&conf);
	conf.max_tasks = 16;
	sim = sim_new(1);
	k = kernel_new(sim, &conf);
}

static inline void cost_us(const char *name, sim_time us) {
	ck_assert_int_eq(kernel_set_cost(k, name, (struct cost_value){.each = us * US}), 0);
}

/* Runs to the end, and takes the machine down (valgrind looks on). */
static inline void machine_run(void) { sim_run(sim, SIM_NEVER); }

static inline void machine_free(void) {
	kernel_free(k);
	sim_free(sim);
}

/* Usage must be the sum over cost names, and never more than the window. */
static inline struct cpu_usage usage_now(void) {
	struct cpu_usage usage;
	sim_time busy = 0, named = 0;

	cpu_usage_get(k, &usage);
	for (unsigned mode = 0; mode < CPU_MODES; mode++)
		busy += usage.busy[mode];
	for (size_t i = 0; i < k->costs.n; i++)
		named += k->costs.account[i].time;
	ck_assert_int_eq(busy, named);
	ck_assert_int_le(busy, usage.window);
	return usage;
}

/* An effect that notes when it happened. */
static inline void note_time(void *date, void *unused) {
	(void)unused;
	*(sim_time *)date = sim_now(sim);
}

static inline int suite_run(TCase *tc, const char *name) {
	Suite *suite = suite_create(name);

	tcase_set_timeout(tc, 60); /* valgrind is slow */
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}

#endif
