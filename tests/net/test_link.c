/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "link_ends.h"
#include "run_suite.h"

/* A link with somebody at both ends, and a burst of frames from end 0. */
struct bench {
	struct link *link;
	struct end end[2];
	uint32_t frames;
	size_t len;
	unsigned refused;
	uint32_t backlog; /* after the last frame */
};

static void bench_up(struct bench *b, const struct link_conf *conf, const struct port_ops *ops) {
	*b = (struct bench){.link = link_new(sim, conf)};
	for (unsigned i = 0; i < 2; i++)
		end_init(&b->end[i], link_port(b->link, i), ops);
}

static void bench_down(struct bench *b) {
	for (unsigned i = 0; i < 2; i++)
		end_clear(&b->end[i]);
	link_free(b->link);
}

static void burst(void *arg) {
	struct bench *b = arg;

	for (uint32_t i = 1; i <= b->frames; i++)
		if (!port_send(b->end[0].port, numbered(i, b->len)))
			b->refused++;
	b->backlog = port_backlog(b->end[0].port, sim_now(sim));
}

static void bench_burst(struct bench *b, uint32_t frames, size_t len) {
	b->frames = frames;
	b->len = len;
	sim_call_at(sim, SIM_US, burst, b);
	sim_run(sim, SIM_NEVER);
}

/* --- a perfect wire --------------------------------------------------------------------------- */

START_TEST(frames_take_their_time_on_the_wire) {
	struct bench b;

	bench_up(&b, &gigabit, &full_ops);
	bench_burst(&b, 10, 1514);
	ck_assert_uint_eq(b.end[1].number->len, 10);
	ck_assert_uint_eq(b.end[0].sent->len, 10);
	ck_assert_uint_eq(b.backlog, 10 * 1538);
	for (unsigned i = 0; i < 10; i++) {
		sim_time gone = SIM_US + (i + 1) * 1538 * 8 * SIM_NS;

		ck_assert_uint_eq(NUMBER(&b.end[1], i), i + 1);
		ck_assert_int_eq(SENT(&b.end[0], i), gone);
		ck_assert_int_eq(WHEN(&b.end[1], i), gone + 50 * SIM_US);
		ck_assert_uint_eq(BITS(&b.end[1], i), 0);
	}
	bench_down(&b);
}
END_TEST

START_TEST(a_frame_is_one_event_unless_sent_is_wanted) {
	struct bench b;

	bench_up(&b, &gigabit, _i ? &full_ops : &quiet_ops);
	bench_burst(&b, 100, 600);
	ck_assert_uint_eq(b.end[1].number->len, 100);
	ck_assert_uint_eq(sim_events_run(sim), 1 + (_i ? 200 : 100));
	bench_down(&b);
}
END_TEST

START_TEST(short_frames_are_padded) {
	struct bench b;

	bench_up(&b, &gigabit, &full_ops);
	bench_burst(&b, 1, 20);
	ck_assert_int_eq(SENT(&b.end[0], 0), SIM_US + 84 * 8 * SIM_NS);
	bench_down(&b);
}
END_TEST

/* 3 Gbit/s: a byte lasts 2,666.7 ps. */
START_TEST(odd_rates_round_up_a_frame) {
	struct link_conf conf = gigabit;
	struct bench b;

	conf.bits_per_s = 3000000000;
	bench_up(&b, &conf, &full_ops);
	bench_burst(&b, 1, 101);
	ck_assert_int_eq(SENT(&b.end[0], 0), SIM_US + 333334);
	ck_assert_uint_eq(b.backlog, 125);
	bench_down(&b);
}
END_TEST

static void burst_back(void *arg) {
	struct bench *b = arg;

	for (uint32_t i = 1; i <= 5; i++)
		port_send(b->end[1].port, numbered(i, 1514));
}

START_TEST(directions_are_independent) {
	struct bench b;

	bench_up(&b, &gigabit, &quiet_ops);
	sim_call_at(sim, SIM_US, burst_back, &b);
	bench_burst(&b, 5, 1514);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(WHEN(&b.end[0], i), WHEN(&b.end[1], i));
	bench_down(&b);
}
END_TEST

/* They leave, as on a wire to a switch that takes none of them, but do not arrive. */
START_TEST(long_frames_do_not_arrive) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;

	conf.mtu = _i ? 1500 : 1499;
	bench_up(&b, &conf, &full_ops);
	bench_burst(&b, 10, 1514);
	port_counters(b.end[0].port, &count);
	ck_assert_uint_eq(count.frames, 10);
	ck_assert_uint_eq(count.too_long, _i ? 0 : 10);
	ck_assert_uint_eq(b.end[0].sent->len, 10);
	ck_assert_uint_eq(b.end[1].number->len, _i ? 10 : 0);
	bench_down(&b);
}
END_TEST

START_TEST(full_queue_drops_the_tail) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;

	conf.queue_bytes = 4 * 1538;
	bench_up(&b, &conf, &full_ops);
	bench_burst(&b, 10, 1514);
	port_counters(b.end[0].port, &count);
	ck_assert_uint_eq(b.refused, 6);
	ck_assert_uint_eq(count.dropped_full, 6);
	ck_assert_uint_eq(count.frames, 4);
	ck_assert_uint_eq(count.bytes, 4 * 1514);
	ck_assert_uint_eq(b.end[0].sent->len, 4);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(NUMBER(&b.end[1], i), i + 1);
	bench_down(&b);
}
END_TEST

START_TEST(idle_wire_takes_a_frame_larger_than_the_queue) {
	struct link_conf conf = gigabit;
	struct bench b;

	conf.queue_bytes = 100;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, 3, 1514);
	ck_assert_uint_eq(b.refused, 2);
	ck_assert_uint_eq(b.end[1].number->len, 1);
	bench_down(&b);
}
END_TEST

/* Freed in the middle: nothing leaks (valgrind), nothing arrives. */
START_TEST(link_freed_with_frames_under_way) {
	struct bench b;

	bench_up(&b, &gigabit, &full_ops);
	b.frames = 20;
	b.len = 1514;
	sim_call_at(sim, SIM_US, burst, &b);
	sim_run(sim, 100 * SIM_US);
	ck_assert_uint_lt(b.end[1].number->len, 20);
	bench_down(&b);
}
END_TEST

/* --- faults ----------------------------------------------------------------------------------- */

enum { MANY = 20000 };

static unsigned missing(const struct bench *b) { return MANY - b->end[1].number->len; }

static unsigned inversions(const struct bench *b) {
	unsigned n = 0;

	for (unsigned i = 1; i < b->end[1].number->len; i++)
		n += NUMBER(&b->end[1], i) < NUMBER(&b->end[1], i - 1);
	return n;
}

START_TEST(loss_has_its_rate) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;

	conf.fault[0].loss = 0.02;
	bench_up(&b, &conf, &full_ops);
	bench_burst(&b, MANY, 64);
	port_counters(b.end[0].port, &count);
	ck_assert_uint_eq(missing(&b), count.lost);
	ck_assert_uint_eq(b.end[0].sent->len, MANY); /* the sender does not notice */
	/* 400 expected, standard deviation 19.8: five of them */
	ck_assert_int_le(abs((int)count.lost - 400), 99);
	bench_down(&b);
}
END_TEST

/* Bad state entered with 1 %, left with 25 %: 3.85 % of the time, mean stay 4 frames. */
START_TEST(loss_comes_in_bursts) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;
	unsigned runs = 0;
	uint32_t last = 0;

	conf.fault[0].burst_enter = 0.01;
	conf.fault[0].burst_leave = 0.25;
	conf.fault[0].burst_loss = 1;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, MANY, 64);
	port_counters(b.end[0].port, &count);
	for (unsigned i = 0; i < b.end[1].number->len; i++) {
		runs += NUMBER(&b.end[1], i) != last + 1;
		last = NUMBER(&b.end[1], i);
	}
	ck_assert_int_le(abs((int)count.lost - 769), 180);
	ck_assert_double_eq_tol((double)count.lost / runs, 4.0, 0.8);
	bench_down(&b);
}
END_TEST

START_TEST(scripted_frames_are_dropped) {
	const uint32_t list[] = {1, 4, 5, 9, 0};
	const uint32_t expected[] = {2, 3, 6, 7, 8, 10};
	struct link_conf conf = gigabit;
	struct bench b;

	conf.fault[0].drop = list;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, 10, 64);
	ck_assert_uint_eq(b.end[1].number->len, 6);
	for (unsigned i = 0; i < 6; i++)
		ck_assert_uint_eq(NUMBER(&b.end[1], i), expected[i]);
	bench_down(&b);
}
END_TEST

START_TEST(corruption_flips_one_bit) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;
	unsigned wrong = 0;

	conf.fault[0].corrupt = 0.05;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, MANY, 200);
	port_counters(b.end[0].port, &count);
	ck_assert_int_le(abs((int)count.corrupted - 1000), 155);
	ck_assert_uint_eq(b.end[1].number->len, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		bool renumbered = NUMBER(&b.end[1], i) != i + 1;

		ck_assert_uint_le(BITS(&b.end[1], i), 1);
		wrong += BITS(&b.end[1], i) + renumbered;
		if (renumbered)
			ck_assert_int_eq(__builtin_popcount(NUMBER(&b.end[1], i) ^ (i + 1)), 1);
	}
	ck_assert_uint_eq(wrong, count.corrupted);
	bench_down(&b);
}
END_TEST

static void send_arp(void *arg) {
	struct bench *b = arg;

	for (uint32_t i = 0; i < 10; i++) {
		struct frame *f = numbered(i, 60);

		frame_data(f)[13] = 6;
		port_send(b->end[0].port, f);
	}
}

START_TEST(corruption_without_checksum_is_loss) {
	struct link_conf conf = gigabit;
	struct bench b;

	conf.fault[0].corrupt = 1;
	bench_up(&b, &conf, &quiet_ops);
	sim_call_at(sim, 0, send_arp, &b);
	sim_run(sim, SIM_NEVER);
	ck_assert_uint_eq(b.end[1].number->len, 0);
	bench_down(&b);
}
END_TEST

START_TEST(duplicates_come_right_behind) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;
	unsigned twice = 0;

	conf.fault[0].duplicate = 0.1;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, MANY, 64);
	port_counters(b.end[0].port, &count);
	for (unsigned i = 1; i < b.end[1].number->len; i++)
		twice += NUMBER(&b.end[1], i) == NUMBER(&b.end[1], i - 1);
	ck_assert_uint_eq(twice, count.duplicated);
	ck_assert_uint_eq(b.end[1].number->len, MANY + twice);
	ck_assert_uint_eq(inversions(&b), 0);
	ck_assert_int_le(abs((int)twice - 2000), 215);
	bench_down(&b);
}
END_TEST

START_TEST(held_frames_are_overtaken) {
	struct link_conf conf = gigabit;
	struct link_counters count;
	struct bench b;
	uint32_t highest = 0;
	unsigned late = 0;

	conf.fault[0].reorder = 0.01;
	conf.fault[0].reorder_delay = 20 * SIM_US;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, MANY, 1514);
	port_counters(b.end[0].port, &count);
	ck_assert_uint_eq(b.end[1].number->len, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		uint32_t number = NUMBER(&b.end[1], i);
		sim_time due = 51 * SIM_US + number * 1538 * 8 * SIM_NS;

		late += number < highest;
		highest = MAX(highest, number);
		ck_assert(WHEN(&b.end[1], i) == due || WHEN(&b.end[1], i) == due + 20 * SIM_US);
	}
	ck_assert_uint_gt(count.reordered, 100);
	ck_assert_uint_le(late, count.reordered); /* neighbours both held keep their order */
	ck_assert_uint_ge(late + 10, count.reordered);
	bench_down(&b);
}
END_TEST

START_TEST(jitter_keeps_the_order) {
	struct link_conf conf = gigabit;
	struct bench b;
	sim_time least = SIM_NEVER, most = 0;

	conf.fault[0].jitter = 100 * SIM_US;
	bench_up(&b, &conf, &quiet_ops);
	bench_burst(&b, MANY, 64);
	ck_assert_uint_eq(inversions(&b), 0);
	for (unsigned i = 0; i < MANY; i++) {
		sim_time delay = WHEN(&b.end[1], i) - 51 * SIM_US - (i + 1) * 88 * 8 * SIM_NS;

		least = MIN(least, delay);
		most = MAX(most, delay);
	}
	ck_assert_int_ge(least, 0);
	ck_assert_int_gt(most, 95 * SIM_US);
	ck_assert_int_le(most, 100 * SIM_US);
	bench_down(&b);
}
END_TEST

/* The same losses whether or not other faults are on: each purpose has a stream of its own. */
START_TEST(faults_do_not_disturb_each_other) {
	struct link_conf plain = gigabit, busy = gigabit;
	struct bench a, b;

	plain.fault[0].loss = busy.fault[0].loss = 0.05;
	busy.fault[0].corrupt = 0.3;
	busy.fault[0].jitter = SIM_US;
	bench_up(&a, &plain, &quiet_ops);
	bench_up(&b, &busy, &quiet_ops);
	a.frames = MANY;
	a.len = 1000;
	sim_call_at(sim, SIM_US, burst, &a);
	bench_burst(&b, MANY, 1000);
	ck_assert_uint_gt(missing(&a), 0);
	ck_assert_uint_eq(missing(&a), missing(&b));
	for (unsigned i = 0; i < a.end[1].number->len; i++)
		ck_assert(BITS(&b.end[1], i) || NUMBER(&a.end[1], i) == NUMBER(&b.end[1], i) ||
		          __builtin_popcount(NUMBER(&a.end[1], i) ^ NUMBER(&b.end[1], i)) == 1);
	bench_down(&a);
	bench_down(&b);
}
END_TEST

/* --- taps ------------------------------------------------------------------------------------- */

struct tap {
	unsigned tx, rx;
};

static void on_tap(void *arg, const struct frame *frame, bool tx) {
	struct tap *tap = arg;

	(void)frame;
	*(tx ? &tap->tx : &tap->rx) += 1;
}

START_TEST(taps_see_what_is_sent_and_what_arrives) {
	const uint32_t list[] = {3, 0};
	struct link_conf conf = gigabit;
	struct tap tap[2] = {{0}};
	struct bench b;

	conf.fault[0].drop = list;
	conf.queue_bytes = 5 * 1538;
	bench_up(&b, &conf, &quiet_ops);
	port_tap(b.end[0].port, on_tap, &tap[0]);
	port_tap(b.end[1].port, on_tap, &tap[1]);
	bench_burst(&b, 8, 1514);
	ck_assert_uint_eq(tap[0].tx, 5);
	ck_assert_uint_eq(tap[0].rx, 0);
	ck_assert_uint_eq(tap[1].rx, 4);
	bench_down(&b);
}
END_TEST

static Suite *link_suite(void) {
	Suite *suite = suite_create("links");
	TCase *tc = tcase_create("link");

	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, frames_take_their_time_on_the_wire);
	tcase_add_loop_test(tc, a_frame_is_one_event_unless_sent_is_wanted, 0, 2);
	tcase_add_test(tc, short_frames_are_padded);
	tcase_add_test(tc, odd_rates_round_up_a_frame);
	tcase_add_test(tc, directions_are_independent);
	tcase_add_loop_test(tc, long_frames_do_not_arrive, 0, 2);
	tcase_add_test(tc, full_queue_drops_the_tail);
	tcase_add_test(tc, idle_wire_takes_a_frame_larger_than_the_queue);
	tcase_add_test(tc, link_freed_with_frames_under_way);
	tcase_add_test(tc, loss_has_its_rate);
	tcase_add_test(tc, loss_comes_in_bursts);
	tcase_add_test(tc, scripted_frames_are_dropped);
	tcase_add_test(tc, corruption_flips_one_bit);
	tcase_add_test(tc, corruption_without_checksum_is_loss);
	tcase_add_test(tc, duplicates_come_right_behind);
	tcase_add_test(tc, held_frames_are_overtaken);
	tcase_add_test(tc, jitter_keeps_the_order);
	tcase_add_test(tc, faults_do_not_disturb_each_other);
	tcase_add_test(tc, taps_see_what_is_sent_and_what_arrives);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void) { return run_suite(link_suite()); }
