/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What switches cost that find a task's bytes in the L2, in memory, or in part in both; and what the choice
 * of the next task costs. */
#include "core_machine.h"
#include "host/core/cache.h"

#define KB ((size_t)1024)
#define ROUNDS 100

static size_t footprint;

static void machine_with_l2(size_t l2) {
	struct kernel_conf conf;

	kernel_conf_default(&conf);
	conf.l2 = l2;
	conf.max_tasks = 16;
	sim = sim_new(1);
	k = kernel_new(sim, &conf);
	kernel_set_cost(k, "refill_l2", (struct cost_value){.per_byte = 100});
	kernel_set_cost(k, "refill_memory", (struct cost_value){.per_byte = 1000});
}

static int passes_on(struct task *me, void *unused) {
	(void)unused;
	task_set_footprint(me, footprint);
	for (unsigned i = 0; i < ROUNDS; i++)
		sys_sched_yield(me);
	return 0;
}

static sim_time spent(unsigned id) { return k->costs.account[id].time; }

/* Bytes a switch that come from memory and, *from_l2, from the L2, when `n` tasks pass the processor round.
 * The first round finds nothing that was touched before, and is a hundredth. */
static double from_memory(unsigned n, size_t bytes, size_t l2, double *from_l2) {
	double memory;

	footprint = bytes;
	machine_with_l2(l2);
	for (unsigned i = 0; i < n; i++)
		process_start(k, "ring", passes_on, NULL);
	machine_run();
	memory = (double)spent(COST_REFILL_MEMORY) / 1000 / n / ROUNDS;
	*from_l2 = (double)spent(COST_REFILL_L2) / 100 / n / ROUNDS;
	machine_free();
	return memory;
}

/* (n * (w + 4 KB) / L2 - 0.55) / 1.1, at least 0, at most 1. */
START_TEST(a_ring_of_tasks) {
	static const struct {
		unsigned n;
		size_t bytes;
		double missed;
	} rings[] = {{2, 16 * KB, 0},
	             {8, 16 * KB, (160.0 / 256 - 0.55) / 1.1},
	             {12, 16 * KB, (240.0 / 256 - 0.55) / 1.1},
	             {8, 64 * KB, 1}};
	double bytes = (double)rings[_i].bytes, l2;
	double memory = from_memory(rings[_i].n, rings[_i].bytes, 256 * KB, &l2);

	ck_assert_double_eq_tol(memory, rings[_i].missed * bytes, 0.02 * bytes);
	ck_assert_double_eq_tol(memory + l2, bytes, 0.02 * bytes);
}
END_TEST

START_TEST(a_larger_cache_holds_all) {
	double l2;

	ck_assert_double_eq(from_memory(8, 64 * KB, 2048 * KB, &l2), 0);
	ck_assert_double_eq_tol(l2, 64 * KB, 0.02 * 64 * KB);
}
END_TEST

START_TEST(without_footprint_or_l2_nothing_is_charged) {
	double l2;

	ck_assert_double_eq(from_memory(8, _i ? 64 * KB : 0, _i ? 0 : 256 * KB, &l2), 0);
	ck_assert_double_eq(l2, 0);
}
END_TEST

START_TEST(shares_are_within_bounds) {
	ck_assert_double_eq(cache_missed(0, 256 * KB), 0);
	ck_assert_double_eq(cache_missed(140 * KB, 256 * KB), 0); /* 0.547 */
	ck_assert_double_gt(cache_missed(142 * KB, 256 * KB), 0);
	ck_assert_double_lt(cache_missed(420 * KB, 256 * KB), 1);
	ck_assert_double_eq(cache_missed(423 * KB, 256 * KB), 1); /* 1.652 */
}
END_TEST

/* --- the run queue ---------------------------------------------------------------------------- */

/* Each choice looks at all that can run: n tasks, then, as they end, fewer. */
START_TEST(a_choice_costs_by_who_can_run) {
	unsigned n = _i + 1;
	double looks;

	footprint = 0;
	machine_with_l2(0);
	cost_us("run_queue", 1);
	for (unsigned i = 0; i < n; i++)
		process_start(k, "ring", passes_on, NULL);
	machine_run();
	looks = sim_to_us(spent(COST_RUN_QUEUE));
	ck_assert_double_ge(looks, (double)n * n * (ROUNDS - 1));
	ck_assert_double_le(looks, (double)n * (n + 1) * (ROUNDS + 2));
	usage_now();
	machine_free();
}
END_TEST

int main(void) {
	TCase *tc = tcase_create("cache");

	tcase_add_loop_test(tc, a_ring_of_tasks, 0, 4);
	tcase_add_test(tc, a_larger_cache_holds_all);
	tcase_add_loop_test(tc, without_footprint_or_l2_nothing_is_charged, 0, 2);
	tcase_add_test(tc, shares_are_within_bounds);
	tcase_add_loop_test(tc, a_choice_costs_by_who_can_run, 0, 5);
	return suite_run(tc, "cache");
}
