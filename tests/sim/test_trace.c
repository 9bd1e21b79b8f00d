/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tracks, flows and those who listen. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "run_suite.h"
#include "sim/trace.h"

static struct sim *world;

static void setup(void) { world = sim_new(1); }
static void teardown(void) { sim_free(world); }

/* What one listener heard, as text. */
struct ear {
	struct sim_sink sink;
	GString *heard;
};

static void on_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                    sim_time start, sim_time end, sim_flow flow) {
	g_string_append_printf(arg, "%s:%s/%s %d-%d f%d ", track->name, layer ? layer : "-", name,
	                       (int)start, (int)end, (int)sim_flow_number(flow));
}

static void on_mark(void *arg, const struct sim_track *track, const char *name, sim_time when,
                    sim_flow flow) {
	g_string_append_printf(arg, "%s:%s@%d f%d ", track->name, name, (int)when,
	                       (int)sim_flow_number(flow));
}

static void on_count(void *arg, const struct sim_track *track, sim_time when, int64_t value) {
	g_string_append_printf(arg, "%s=%d %s@%d ", track->name, (int)value, track->unit,
	                       (int)when);
}

static void ear_open(struct ear *ear) {
	ear->heard = g_string_new(NULL);
	ear->sink = (struct sim_sink){
		.span = on_span, .mark = on_mark, .count = on_count, .arg = ear->heard};
	sim_sink_add(world, &ear->sink);
}

static void heard(struct ear *ear, const char *wanted) {
	ck_assert_str_eq(ear->heard->str, wanted);
	g_string_free(ear->heard, TRUE);
}

START_TEST(tracks_are_a_tree_in_the_order_of_their_making) {
	struct sim_track *host = sim_track(world, NULL, "host", 0);
	struct sim_track *cpu = sim_track(world, host, "CPU", SIM_RANK_CPU);
	struct sim_track *queue = sim_counter(world, host, "run queue", "tasks", SIM_RANK_QUEUES);

	ck_assert_ptr_null(host->parent);
	ck_assert_ptr_eq(cpu->parent, host);
	ck_assert_uint_eq(host->nr, 1);
	ck_assert_uint_eq(queue->nr, 3);
	ck_assert_ptr_null(cpu->unit);
	ck_assert_str_eq(queue->unit, "tasks");
	ck_assert_uint_lt(cpu->rank, queue->rank);
}
END_TEST

START_TEST(several_listen_and_each_leaves_when_it_likes) {
	struct sim_track *track = sim_track(world, NULL, "CPU", 0);
	struct sim_track *queue = sim_counter(world, NULL, "queue", "tasks", 0);
	struct ear first, second;

	sim_span(track, "tcp", "unheard", 0, 5, 0);
	ck_assert(!sim_heard(track));
	ear_open(&first);
	sim_span(track, "tcp", "a", 5, 7, 3);
	ear_open(&second);
	ck_assert(sim_heard(track));
	sim_mark(track, "m", 0);
	sim_sink_remove(world, &first.sink);
	sim_count(queue, 4);
	sim_span(track, NULL, "call", 2, 9, 1);
	sim_sink_remove(world, &second.sink);
	sim_sink_remove(world, &second.sink);
	sim_mark(track, "unheard", 0);
	ck_assert(!sim_heard(track));
	heard(&first, "CPU:tcp/a 5-7 f3 CPU:m@0 f0 ");
	heard(&second, "CPU:m@0 f0 queue=4 tasks@0 CPU:-/call 2-9 f1 ");
}
END_TEST

START_TEST(what_has_no_length_is_no_span) {
	struct sim_track *track = sim_track(world, NULL, "CPU", 0);
	struct ear ear;

	ear_open(&ear);
	sim_span(track, "tcp", "a", 5, 5, 0);
	heard(&ear, "");
}
END_TEST

START_TEST(listeners_choose_what_they_hear) {
	struct sim_track *track = sim_track(world, NULL, "CPU", 0);
	struct sim_sink deaf = {0};

	sim_sink_add(world, &deaf);
	sim_span(track, "tcp", "a", 5, 6, 0);
	sim_mark(track, "m", 0);
	sim_count(track, 1);
}
END_TEST

START_TEST(flows_say_of_what_they_are) {
	sim_flow frame = sim_flow_new(world, SIM_FLOW_FRAME);
	sim_flow next = sim_flow_new(world, SIM_FLOW_FRAME);
	sim_flow call = sim_flow_new(world, SIM_FLOW_CALL);
	sim_flow command = sim_flow_command(2, 17, 0x1000003);

	ck_assert_uint_eq(sim_flow_number(frame), 1);
	ck_assert_uint_eq(sim_flow_number(next), 2);
	ck_assert_uint_eq(sim_flow_number(call), 1);
	ck_assert_int_eq(sim_flow_kind(next), SIM_FLOW_FRAME);
	ck_assert_int_eq(sim_flow_kind(call), SIM_FLOW_CALL);
	ck_assert_int_eq(sim_flow_kind(command), SIM_FLOW_COMMAND);
	ck_assert_uint_eq(sim_flow_number(command), UINT64_C(2) << 48 | 17 << 24 | 3);
	ck_assert_uint_ne(command, sim_flow_command(1, 17, 3));
	ck_assert_uint_ne(command, sim_flow_command(2, 18, 3));
	ck_assert_uint_ne(command, sim_flow_command(2, 17, 4));
}
END_TEST

START_TEST(a_world_that_ends_takes_its_listeners_along) {
	struct sim_sink deaf = {.arg = NULL}, other = deaf;
	struct sim *second = sim_new(2);
	struct sim_track *track = sim_track(world, NULL, "host", 0);

	sim_sink_add(second, &deaf);
	ck_assert_uint_eq(sim_ears, 1);
	ck_assert(!sim_heard(track));
	sim_sink_add(world, &other);
	ck_assert(sim_heard(track));
	sim_free(second);
	ck_assert_uint_eq(sim_ears, 1);
	sim_sink_remove(world, &other);
	sim_sink_remove(world, &other);
	ck_assert_uint_eq(sim_ears, 0);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("sim trace");
	TCase *tc = tcase_create("trace");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, tracks_are_a_tree_in_the_order_of_their_making);
	tcase_add_test(tc, several_listen_and_each_leaves_when_it_likes);
	tcase_add_test(tc, what_has_no_length_is_no_span);
	tcase_add_test(tc, listeners_choose_what_they_hear);
	tcase_add_test(tc, flows_say_of_what_they_are);
	tcase_add_test(tc, a_world_that_ends_takes_its_listeners_along);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
