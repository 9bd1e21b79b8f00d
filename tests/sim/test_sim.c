/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock, the timeline, processes, random streams, costs. */
#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "run_suite.h"
#include "sim/cost.h"
#include "sim/rng.h"
#include "sim/sim.h"

struct mark {
	struct sim_event ev;
	char letter;
};
static struct mark marks[8];
static unsigned n_marks;

static GString *logged;

/* A world of its own for each test, and an empty log. */
static struct sim *world;

static void setup(void) {
	world = sim_new(1);
	logged = g_string_new(NULL);
	n_marks = 0;
}

static void teardown(void) {
	sim_free(world);
	g_string_free(logged, TRUE);
}

static void mark_run(void *arg) {
	struct mark *mark = arg;

	g_string_append_c(logged, mark->letter);
}

static struct mark *mark_at(char letter, sim_time when) {
	struct mark *mark = &marks[n_marks++];

	mark->letter = letter;
	sim_event_init(&mark->ev, mark_run, mark);
	sim_at(world, &mark->ev, when);
	return mark;
}

START_TEST(events_run_by_date_then_by_order_of_scheduling) {
	mark_at('c', 20);
	mark_at('a', 10);
	mark_at('d', 20);
	mark_at('b', 10);
	mark_at('e', 1 * SIM_S);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "abcde");
	ck_assert_int_eq(sim_now(world), SIM_S);
	ck_assert_uint_eq(sim_events_run(world), 5);
}
END_TEST

START_TEST(cancelled_events_do_not_run_and_moved_ones_run_once) {
	struct mark *a, *b;

	a = mark_at('a', 10);
	b = mark_at('b', 20);
	mark_at('c', 30);
	sim_cancel(world, &a->ev);
	sim_cancel(world, &a->ev);
	ck_assert(!sim_pending(&a->ev));
	sim_at(world, &b->ev, 40);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "cb");
}
END_TEST

/* Events at work on the timeline: what one cancels, moves and schedules while it runs. */
static struct mark *victim, *moved;

static void meddle(void *unused) {
	(void)unused;
	sim_cancel(world, &victim->ev);
	sim_at(world, &moved->ev, 12);
	mark_at('n', 11);
	mark_at('o', 60);
}

START_TEST(an_event_changes_the_timeline_as_it_runs) {
	victim = mark_at('v', 20);
	moved = mark_at('m', 50);
	mark_at('z', 70);
	sim_call_at(world, 10, meddle, NULL);
	mark_at('b', 15);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "nmboz");
	ck_assert_uint_eq(sim_events_run(world), 6);
}
END_TEST

static void schedule_first(void *unused) {
	(void)unused;
	mark_at('n', 11);
	sim_cancel(world, &victim->ev);
	sim_at(world, &moved->ev, 12);
}

START_TEST(and_schedules_before_it_cancels) {
	victim = mark_at('v', 20);
	moved = mark_at('m', 50);
	sim_call_at(world, 10, schedule_first, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "nm");
}
END_TEST

START_TEST(run_stops_at_its_limit) {
	mark_at('a', 10);
	mark_at('c', 21);
	mark_at('b', 20); /* the limit itself is inside */
	sim_run(world, 20);
	ck_assert_str_eq(logged->str, "ab");
	ck_assert_int_eq(sim_now(world), 20);
}
END_TEST

/* Random dates, half of them the same as others', cancels and moves. */
static sim_time last_seen;
static uint64_t last_seq;
static unsigned out_of_order, ran;

static void check_order(void *arg) {
	const struct mark *mark = arg;

	ran++;
	out_of_order += sim_now(world) < last_seen || mark->ev.when != sim_now(world) ||
	                (sim_now(world) == last_seen && mark->ev.seq < last_seq);
	last_seen = sim_now(world);
	last_seq = mark->ev.seq;
}

START_TEST(heap_keeps_order_under_random_moves) {
	struct mark *many = g_new0(struct mark, 5000);
	gsl_rng *rng = sim_rng_new(world, "test");
	unsigned pending = 0;

	for (unsigned i = 0; i < 5000; i++) {
		sim_event_init(&many[i].ev, check_order, &many[i]);
	}
	for (unsigned i = 0; i < 50000; i++) {
		struct mark *mark = &many[gsl_rng_uniform_int(rng, 5000)];
		if (gsl_rng_uniform(rng) < 0.3)
			sim_cancel(world, &mark->ev);
		else
			sim_at(world, &mark->ev,
			       (sim_time)gsl_rng_uniform_int(rng, i % 2 ? 1000000 : 100));
	}
	for (unsigned i = 0; i < 5000; i++)
		pending += sim_pending(&many[i].ev);
	sim_run(world, SIM_NEVER);
	ck_assert_uint_eq(out_of_order, 0);
	ck_assert_uint_eq(ran, pending);
	gsl_rng_free(rng);
	g_free(many);
}
END_TEST

/* Forty events that schedule, move and cancel one another as they run, soon and late, often for the
 * same instant: whoever runs is the first of all that are pending. */
static struct mark crowd[40];
static gsl_rng *dice;

static sim_time some_delay(void) {
	static const sim_time step[] = {0, SIM_US, 50 * SIM_US, SIM_MS};

	return step[gsl_rng_uniform_int(dice, G_N_ELEMENTS(step))] *
	       (sim_time)gsl_rng_uniform_int(dice, 8);
}

static bool earlier(const struct sim_event *a, sim_time when, uint64_t seq) {
	return a->when != when ? a->when < when : a->seq < seq;
}

static void mix_up(void *arg) {
	const struct sim_event *me = arg;

	ran++;
	for (unsigned i = 0; i < G_N_ELEMENTS(crowd); i++)
		out_of_order +=
			sim_pending(&crowd[i].ev) && earlier(&crowd[i].ev, me->when, me->seq);
	out_of_order += sim_now(world) != me->when;
	for (unsigned i = 0; i < 4 && ran < 20000; i++) {
		struct sim_event *other = &crowd[gsl_rng_uniform_int(dice, G_N_ELEMENTS(crowd))].ev;

		if (gsl_rng_uniform(dice) < 0.2)
			sim_cancel(world, other);
		else
			sim_at(world, other, sim_now(world) + some_delay());
	}
}

START_TEST(the_first_of_all_pending_runs_whatever_they_do) {
	dice = sim_rng_new(world, "dice");
	for (unsigned i = 0; i < G_N_ELEMENTS(crowd); i++) {
		sim_event_init(&crowd[i].ev, mix_up, &crowd[i].ev);
		sim_at(world, &crowd[i].ev, some_delay());
	}
	sim_run(world, SIM_NEVER);
	ck_assert_uint_eq(out_of_order, 0);
	ck_assert_uint_ge(ran, 20000);
	gsl_rng_free(dice);
}
END_TEST

/* --- processes ------------------------------------------------------------------------------ */

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
	second = sim_spawn(world, pong, NULL);
	first = sim_spawn(world, ping, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "i0 o0 i1 o1 i2 o2 ");
	ck_assert_uint_eq(sim_live_procs(world), 0);
}
END_TEST

START_TEST(processes_of_several_machines_hand_over_in_turn) {
	struct sim_machine *a = sim_machine_new(world, "<a & b>");
	struct sim_machine *b = sim_machine_new(world, "<a & b>");

	second = sim_spawn_on(b, pong, NULL);
	first = sim_spawn_on(a, ping, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "i0 o0 i1 o1 i2 o2 ");
	ck_assert_uint_eq(sim_live_procs(world), 0);
}
END_TEST

static void wake_second(void *arg) {
	(void)arg;
	sim_wake(world, second);
}

static void slow_ping(void *arg) {
	(void)arg;
	for (int i = 0; i < 3; i++) {
		g_string_append_printf(logged, "i%d ", i);
		sim_call_at(world, sim_now(world) + 15 * SIM_MS, wake_second, NULL);
		sim_block(world);
	}
}

/* So rarely that SimGrid follows each time. */
START_TEST(processes_of_several_machines_take_turns_after_a_while) {
	second = sim_spawn_on(sim_machine_new(world, "b"), pong, NULL);
	first = sim_spawn_on(sim_machine_new(world, "a"), slow_ping, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "i0 o0 i1 o1 i2 o2 ");
	ck_assert_uint_eq(sim_live_procs(world), 0);
	ck_assert_int_eq(sim_now(world), 45 * SIM_MS);
}
END_TEST

static void say(const char *const *what) { g_string_append(logged, *what); }

static void hold(void *arg) {
	__attribute__((cleanup(say))) const char *held = arg;

	sim_block(world);
	g_string_append(logged, held);
}

static void tell_end(void *arg) {
	(void)arg;
	g_string_append(logged, "end ");
}

static void spawn_last(void *arg) {
	sim_spawn_on(arg, hold, "last ");
	sim_stop(world);
}

/* A machine's process too, whichever machine has the turn when the world ends. */
START_TEST(blocked_processes_are_unwound_in_the_order_of_their_making) {
	struct sim_machine *machine = sim_machine_new(world, "machine");
	struct sim_end end = {.fn = tell_end};

	sim_on_end(world, &end);
	sim_spawn_on(machine, hold, "a ");
	sim_spawn(world, hold, "b ");
	sim_spawn_on(machine, hold, "c ");
	/* So late that SimGrid's actor of that machine gets the turn for it. */
	sim_call_at(world, 15 * SIM_MS, spawn_last, machine);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "end a b c last ");
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
	sim_spawn(world, token_user, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "kept ");
	ck_assert_uint_eq(sim_live_procs(world), 1);
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

	first = sim_spawn(world, sleeper, &woken);
	sim_run(world, SIM_NEVER);
	ck_assert_int_eq(woken, 1234567);
}
END_TEST

static unsigned generations;

static void chain(void *arg) {
	(void)arg;
	if (++generations < 20000)
		sim_spawn(world, chain, NULL);
}

START_TEST(ended_processes_are_used_again) {
	sim_spawn(world, chain, NULL);
	sim_run(world, SIM_NEVER);
	ck_assert_uint_eq(generations, 20000);
	ck_assert_uint_eq(sim_live_procs(world), 0);
}
END_TEST

static void stopper(void *arg) { sim_stop(arg); }

START_TEST(stop_ends_the_run) {
	sim_call_at(world, 10, stopper, world);
	mark_at('x', 11);
	sim_run(world, SIM_NEVER);
	ck_assert_str_eq(logged->str, "");
	ck_assert_int_eq(sim_now(world), 10);
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
	gsl_rng_free(a);
	gsl_rng_free(b);
	gsl_rng_free(c);
	gsl_rng_free(d);
}
END_TEST

/* The published figures hang on these: the same seed gives the same bytes on any machine. */
START_TEST(streams_are_the_same_on_any_machine) {
	gsl_rng *rng = sim_rng_from_seed(1, "files");

	ck_assert_uint_eq(gsl_rng_get(rng), 2324432801);
	ck_assert_uint_eq(gsl_rng_get(rng), 3597093909);
	gsl_rng_free(rng);
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

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, events_run_by_date_then_by_order_of_scheduling);
	tcase_add_test(tc, cancelled_events_do_not_run_and_moved_ones_run_once);
	tcase_add_test(tc, an_event_changes_the_timeline_as_it_runs);
	tcase_add_test(tc, and_schedules_before_it_cancels);
	tcase_add_test(tc, run_stops_at_its_limit);
	tcase_add_test(tc, heap_keeps_order_under_random_moves);
	tcase_add_test(tc, the_first_of_all_pending_runs_whatever_they_do);
	tcase_add_test(tc, processes_hand_over_in_turn);
	tcase_add_test(tc, processes_of_several_machines_hand_over_in_turn);
	tcase_add_test(tc, processes_of_several_machines_take_turns_after_a_while);
	tcase_add_test(tc, blocked_processes_are_unwound_in_the_order_of_their_making);
	tcase_add_test(tc, wake_before_block_is_remembered_once);
	tcase_add_test(tc, a_process_wakes_at_the_exact_picosecond);
	tcase_add_test(tc, ended_processes_are_used_again);
	tcase_add_test(tc, stop_ends_the_run);
	tcase_add_test(tc, streams_depend_on_seed_and_purpose_only);
	tcase_add_test(tc, streams_are_the_same_on_any_machine);
	tcase_add_test(tc, costs_are_found_by_name_and_grow_with_bytes);
	tcase_add_test(tc, serialisation_is_exact_and_rounds_up);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
