/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock, the timeline, processes, random streams, costs. */
#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "run_suite.h"
#include "sim/cost.h"
#include "sim/rng.h"
#include "sim/sim.h"

static GString *logged;

struct mark {
	struct sim_event ev;
	struct sim *sim;
	char letter;
};

static void mark_run(void *arg) {
	struct mark *mark = arg;

	g_string_append_c(logged, mark->letter);
}

static struct mark *mark_at(struct sim *sim, char letter, sim_time when) {
	struct mark *mark = g_new0(struct mark, 1);

	mark->sim = sim;
	mark->letter = letter;
	sim_event_init(&mark->ev, mark_run, mark);
	sim_at(sim, &mark->ev, when);
	return mark;
}

START_TEST(events_run_by_date_then_by_order_of_scheduling) {
	struct sim *sim = sim_new(1);

	logged = g_string_new(NULL);
	mark_at(sim, 'c', 20);
	mark_at(sim, 'a', 10);
	mark_at(sim, 'd', 20);
	mark_at(sim, 'b', 10);
	mark_at(sim, 'e', 1 * SIM_S);
	sim_run(sim, SIM_NEVER);
	ck_assert_str_eq(logged->str, "abcde");
	ck_assert_int_eq(sim_now(sim), SIM_S);
	ck_assert_uint_eq(sim_events_run(sim), 5);
}
END_TEST

START_TEST(cancelled_events_do_not_run_and_moved_ones_run_once) {
	struct sim *sim = sim_new(1);
	struct mark *a, *b;

	logged = g_string_new(NULL);
	a = mark_at(sim, 'a', 10);
	b = mark_at(sim, 'b', 20);
	mark_at(sim, 'c', 30);
	sim_cancel(sim, &a->ev);
	sim_cancel(sim, &a->ev);
	ck_assert(!sim_pending(&a->ev));
	sim_at(sim, &b->ev, 40);
	sim_run(sim, SIM_NEVER);
	ck_assert_str_eq(logged->str, "cb");
}
END_TEST

START_TEST(run_stops_at_its_limit) {
	struct sim *sim = sim_new(1);

	logged = g_string_new(NULL);
	mark_at(sim, 'a', 10);
	mark_at(sim, 'b', 30);
	sim_run(sim, 20);
	ck_assert_str_eq(logged->str, "a");
	ck_assert_int_eq(sim_now(sim), 20);
}
END_TEST

/* A heap against a sorted list: random dates, cancels and moves. */
static sim_time last_seen;
static unsigned out_of_order, ran;

static void check_order(void *arg) {
	const struct mark *mark = arg;

	ran++;
	out_of_order += sim_now(mark->sim) < last_seen || mark->ev.when != sim_now(mark->sim);
	last_seen = sim_now(mark->sim);
}

START_TEST(heap_keeps_order_under_random_moves) {
	struct sim *sim = sim_new(1);
	struct mark *marks = g_new0(struct mark, 5000);
	gsl_rng *rng = sim_rng_new(sim, "test");
	unsigned pending = 0;

	for (unsigned i = 0; i < 5000; i++) {
		marks[i].sim = sim;
		sim_event_init(&marks[i].ev, check_order, &marks[i]);
	}
	for (unsigned i = 0; i < 50000; i++) {
		struct mark *mark = &marks[gsl_rng_uniform_int(rng, 5000)];
		if (gsl_rng_uniform(rng) < 0.3)
			sim_cancel(sim, &mark->ev);
		else
			sim_at(sim, &mark->ev, (sim_time)gsl_rng_uniform_int(rng, 1000000));
	}
	for (unsigned i = 0; i < 5000; i++)
		pending += sim_pending(&marks[i].ev);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(out_of_order, 0);
	ck_assert_uint_eq(ran, pending);
	gsl_rng_free(rng);
	g_free(marks);
}
END_TEST

/* --- processes ------------------------------------------------------------------------------ */

static struct sim *world;
static struct sim_proc *first, *second;

static void ping(void *arg) {
	(void)arg;
	for (int i = 0; i < 3; i++) {
		g_string_append_printf(logged, "i%d ", i);
		sim_wake(world, second);
		sim_block(world);
	}
}

static void pong(void *arg) {
	(void)arg;
	for (int i = 0; i < 3; i++) {
		sim_block(world);
		g_string_append_printf(logged, "o%d ", i);
		sim_wake(world, first);
	}
}

START_TEST(processes_hand_over_in_turn) {
	world = sim_new(1);
	logged = g_string_new(NULL);
	second = sim_spawn(world, "pong", pong, NULL);
	first = sim_spawn(world, "ping", ping, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "i0 o0 i1 o1 i2 o2 ");
	ck_assert_uint_eq(sim_live_procs(world), 0);
}
END_TEST

static void token_user(void *arg) {
	(void)arg;
	sim_wake(world, sim_self(world));
	sim_block(world); /* the token is there: no block */
	g_string_append(logged, "kept ");
	sim_block(world); /* nobody wakes: stays for ever */
	g_string_append(logged, "never ");
}

START_TEST(wake_before_block_is_remembered_once) {
	world = sim_new(1);
	logged = g_string_new(NULL);
	sim_spawn(world, "token", token_user, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "kept ");
	ck_assert_uint_eq(sim_live_procs(world), 1);
	sim_free(world);
}
END_TEST

static void wake_first(void *arg) {
	(void)arg;
	sim_wake(world, first);
}

static void sleeper(void *arg) {
	sim_time *woken = arg;

	sim_call_at(world, 1234567, wake_first, NULL);
	sim_block(world);
	*woken = sim_now(world);
}

START_TEST(a_process_wakes_at_the_exact_picosecond) {
	sim_time woken = 0;

	world = sim_new(1);
	first = sim_spawn(world, "sleeper", sleeper, &woken);
	sim_run(world, SIM_NEVER);
	ck_assert_int_eq(woken, 1234567);
}
END_TEST

static unsigned generations;

static void chain(void *arg) {
	(void)arg;
	if (++generations < 20000)
		sim_spawn(world, "chain", chain, NULL);
}

START_TEST(ended_processes_are_used_again) {
	world = sim_new(1);
	sim_spawn(world, "chain", chain, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_uint_eq(generations, 20000);
	ck_assert_uint_eq(sim_live_procs(world), 0);
}
END_TEST

static void stopper(void *arg) { sim_stop(arg); }

START_TEST(stop_ends_the_run) {
	struct sim *sim = sim_new(1);

	logged = g_string_new(NULL);
	sim_call_at(sim, 10, stopper, sim);
	mark_at(sim, 'x', 11);
	sim_run(sim, SIM_NEVER);
	ck_assert_str_eq(logged->str, "");
	ck_assert_int_eq(sim_now(sim), 10);
}
END_TEST

/* --- streams, costs, units ------------------------------------------------------------------- */

START_TEST(streams_depend_on_seed_and_purpose_only) {
	gsl_rng *a = sim_rng_from_seed(1, "files");
	gsl_rng *b = sim_rng_from_seed(1, "files");
	gsl_rng *c = sim_rng_from_seed(1, "losses");
	gsl_rng *d = sim_rng_from_seed(2, "files");
	unsigned same_c = 0, same_d = 0;

	for (int i = 0; i < 100; i++) {
		unsigned long v = gsl_rng_get(a);
		ck_assert_uint_eq(v, gsl_rng_get(b));
		same_c += v == gsl_rng_get(c);
		same_d += v == gsl_rng_get(d);
	}
	ck_assert_uint_le(same_c, 1);
	ck_assert_uint_le(same_d, 1);
}
END_TEST

START_TEST(costs_are_found_by_name_and_grow_with_bytes) {
	static const struct cost_desc desc[] = {{"copy", "tcp", ""}, {"call", "syscall", ""}};
	struct cost_table table;

	cost_table_init(&table, desc, 2);
	ck_assert_int_eq(cost_find(&table, "call"), 1);
	ck_assert_int_eq(cost_find(&table, "none"), -1);
	table.value[0] = (struct cost_value){2 * SIM_US, 4500};
	ck_assert_int_eq(cost_of(&table, 0, 1000), 2 * SIM_US + 4500 * SIM_NS);
	cost_table_clear(&table);
}
END_TEST

START_TEST(serialisation_is_exact_and_rounds_up) {
	ck_assert_int_eq(sim_serialise(1538, 1000000000), 12304 * SIM_NS);
	ck_assert_int_eq(sim_serialise(1, 3), (8 * SIM_S + 2) / 3);
	ck_assert_int_eq(sim_serialise(1 << 21, 8), ((sim_time)1 << 21) * SIM_S);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("sim");
	TCase *tc = tcase_create("sim");

	tcase_add_test(tc, events_run_by_date_then_by_order_of_scheduling);
	tcase_add_test(tc, cancelled_events_do_not_run_and_moved_ones_run_once);
	tcase_add_test(tc, run_stops_at_its_limit);
	tcase_add_test(tc, heap_keeps_order_under_random_moves);
	tcase_add_test(tc, processes_hand_over_in_turn);
	tcase_add_test(tc, wake_before_block_is_remembered_once);
	tcase_add_test(tc, a_process_wakes_at_the_exact_picosecond);
	tcase_add_test(tc, ended_processes_are_used_again);
	tcase_add_test(tc, stop_ends_the_run);
	tcase_add_test(tc, streams_depend_on_seed_and_purpose_only);
	tcase_add_test(tc, costs_are_found_by_name_and_grow_with_bytes);
	tcase_add_test(tc, serialisation_is_exact_and_rounds_up);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
