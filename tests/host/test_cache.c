/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What switches cost that find a task's bytes in the L2, in memory, or in part in both; and what the choice
 * of the next task costs. */
#include <errno.h>

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

/* Of each task, besides what its program touches: 84 lines (cache.c). */
#define TASK_BYTES (84 * (size_t)32)

START_TEST(a_ring_of_tasks) {
	static const struct {
		unsigned n;
		size_t bytes;
	} rings[] = {{2, 16 * KB}, {8, 16 * KB}, {16, 16 * KB}, {8, 64 * KB}};
	size_t own = rings[_i].bytes, others = (rings[_i].n - 1) * (own + TASK_BYTES) + TASK_BYTES;
	double bytes = (double)own, l2;
	double memory = from_memory(rings[_i].n, own, 256 * KB, &l2);

	ck_assert_double_eq_tol(memory, cache_missed(own, others, 256 * KB, 8) * bytes,
	                        0.02 * bytes);
	ck_assert_double_eq_tol(memory + l2, bytes, 0.02 * bytes);
}
END_TEST

START_TEST(a_larger_cache_holds_all) {
	double l2;

	ck_assert_double_lt(from_memory(8, 64 * KB, 2048 * KB, &l2), 0.001 * 64 * KB);
	ck_assert_double_eq_tol(l2, 64 * KB, 0.02 * 64 * KB);
}
END_TEST

START_TEST(without_footprint_or_l2_nothing_is_charged) {
	double l2;

	ck_assert_double_eq(from_memory(8, _i ? 64 * KB : 0, _i ? 0 : 256 * KB, &l2), 0);
	ck_assert_double_eq(l2, 0);
}
END_TEST

/* --- what is lost --------------------------------------------------------------------------------- */

#define PLACES_MOST 64

/* Pages are dealt out: `own` one behind the other, the others anywhere.  The share of the own ones that lie where
 * more are than there is room for. */
static double dealt(GRand *dice, unsigned own, unsigned others, unsigned places, unsigned ways) {
	unsigned in[PLACES_MOST] = {0}, lost = 0;
	unsigned first = (unsigned)g_rand_int_range(dice, 0, (int)places);

	for (unsigned i = 0; i < own; i++)
		in[(first + i) % places]++;
	for (unsigned i = 0; i < others; i++)
		in[g_rand_int_range(dice, 0, (int)places)]++;
	for (unsigned i = 0; i < own; i++)
		lost += in[(first + i) % places] > ways;
	return (double)lost / own;
}

START_TEST(pages_are_lost_as_by_lot) {
	static const struct {
		unsigned own, others, places, ways;
	} lots[] = {{1, 40, 8, 8},  {4, 32, 8, 8}, {4, 75, 8, 8},   {4, 32, 8, 4},
	            {16, 40, 8, 8}, {19, 9, 8, 4}, {30, 10, 4, 16}, {33, 60, 64, 4}};
	unsigned own = lots[_i].own, others = lots[_i].others, places = lots[_i].places,
		 ways = lots[_i].ways, deals = 20000;
	double share = cache_missed(own * 4 * KB, others * 4 * KB, places * ways * 4 * KB, ways);
	GRand *dice = g_rand_new_with_seed(1);
	double lost = 0;

	for (unsigned i = 0; i < deals; i++)
		lost += dealt(dice, own, others, places, ways);
	ck_assert_double_eq_tol(share, lost / deals, 0.01);
	g_rand_free(dice);
}
END_TEST

START_TEST(shares_are_within_bounds) {
	ck_assert_double_eq(cache_missed(0, 0, 256 * KB, 8), 0);
	ck_assert_double_eq(cache_missed(256 * KB, 0, 256 * KB, 8), 0);
	ck_assert_double_eq(cache_missed(4 * KB, 28 * KB, 256 * KB, 8), 0);
	ck_assert_double_gt(cache_missed(4 * KB, 36 * KB, 256 * KB, 8), 0);
	ck_assert_double_eq_tol(cache_missed(4 * KB, 2048 * KB, 256 * KB, 8), 1, 1e-9);
	ck_assert_double_eq(cache_missed(512 * KB, 0, 256 * KB, 8), 1);
	/* All places are one. */
	ck_assert_double_eq(cache_missed(16 * KB, 16 * KB, 32 * KB, 8), 0);
	ck_assert_double_eq(cache_missed(16 * KB, 20 * KB, 32 * KB, 8), 1);
}
END_TEST

/* --- footprints ----------------------------------------------------------------------------------- */

static int uses_paths(struct task *me, void *unused) {
	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		footprint_charge(k, footprint_shared(k, FOOTPRINT_FORK));
		footprint_charge(k, footprint_shared(k, FOOTPRINT_TCP));
	}
	cpu_settle(k);
	return task_pid(me) < 0;
}

/* Bytes a round from memory of two paths used in turn. */
static double paths_from_memory(size_t l2, size_t fork, size_t tcp) {
	double bytes;

	machine_with_l2(l2);
	ck_assert_int_eq(footprint_set(k, "footprint_fork", fork), 0);
	ck_assert_int_eq(footprint_set(k, "footprint_tcp", tcp), 0);
	ck_assert_int_eq(footprint_set(k, "footprint_none", tcp), -ENOENT);
	process_start(k, "paths", uses_paths, NULL);
	machine_run();
	bytes = (double)spent(COST_REFILL_MEMORY) / 1000 / ROUNDS;
	machine_free();
	return bytes;
}

/* Each page lies anywhere, also those of one path: 25 others for each, in 16 KB for each way. */
START_TEST(paths_displace_each_other) {
	double missed = cache_missed(4 * KB, 100 * KB, 128 * KB, 8);

	ck_assert_double_gt(missed, 0.2);
	ck_assert_double_eq_tol(paths_from_memory(128 * KB, 64 * KB, 40 * KB),
	                        missed * 104 * (double)KB, 0.02 * 104 * (double)KB);
	ck_assert_double_lt(paths_from_memory(2048 * KB, 64 * KB, 40 * KB), 1);
	ck_assert_double_eq(paths_from_memory(128 * KB, 0, 12 * KB), 0);
	ck_assert_double_eq(paths_from_memory(0, 64 * KB, 40 * KB), 0);
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
	tcase_add_loop_test(tc, pages_are_lost_as_by_lot, 0, 8);
	tcase_add_test(tc, shares_are_within_bounds);
	tcase_add_test(tc, paths_displace_each_other);
	tcase_add_loop_test(tc, a_choice_costs_by_who_can_run, 0, 5);
	return suite_run(tc, "cache");
}
