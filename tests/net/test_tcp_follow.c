/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a follower is told of a connection, beside the closed forms of RFC 5681 and 6298 and beside what
 * lay on the wire. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/follow.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "raw_fixture.h"
#include "run_suite.h"

struct told {
	sim_time when;
	struct net_look look;
};

static GArray *told; /* struct told, of the connection that is followed */
static unsigned begun;
static bool wanted;

static void *begins(void *arg, const char *stack, const struct net_look *look) {
	ck_assert_ptr_eq(arg, &wanted);
	ck_assert_str_eq(stack, "a");
	ck_assert_uint_eq(look->faddr, ADDR_B);
	begun++;
	return wanted ? told : NULL;
}

static void changed(void *connection, const struct net_look *look) {
	struct told t = {w->now, *look};

	ck_assert_ptr_eq(connection, told);
	g_array_append_val(told, t);
}

static const struct net_follower follower = {begins, changed, &wanted};

static const struct told *nth(guint i) {
	ck_assert_uint_lt(i, told->len);
	return &g_array_index(told, struct told, i);
}
static const struct net_look *last(void) { return &nth(told->len - 1)->look; }

/* The i-th of those that have a step. */
static const struct told *with(unsigned step, unsigned i) {
	for (guint at = 0; at < told->len; at++)
		if (nth(at)->look.steps & step && i-- == 0)
			return nth(at);
	ck_abort_msg("no such step");
}
static unsigned count(unsigned step) {
	unsigned n = 0;

	for (guint at = 0; at < told->len; at++)
		n += (nth(at)->look.steps & step) != 0;
	return n;
}

static void raw_up(void) {
	w = world_raw(plain);
	told = g_array_new(FALSE, FALSE, sizeof(struct told));
	begun = 0;
	wanted = true;
	net_follow(w->node[A].st, &follower);
}

static void connected_up(void) {
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

	raw_up();
	so = raw_connected(w, &iss, mss_1000, sizeof mss_1000, 20000);
}

static void sack_up(void) {
	static const uint8_t both[8] = {2, 4, 1000 >> 8, 1000 & 255, 1, 1, 4, 2};

	near_wrap_at(10500);
	raw_up();
	so = raw_connected(w, &iss, both, sizeof both, 60000);
}

static void follow_down(void) {
	world_free(w);
	g_array_unref(told);
}

/* --- how it begins ---------------------------------------------------------------------------- */

START_TEST(an_open_is_told_from_the_syn_on) {
	ck_assert_uint_eq(begun, 1);
	ck_assert_uint_eq(told->len, 2);
	ck_assert_uint_eq(nth(0)->look.steps, NET_STEP_OPEN);
	ck_assert_int_eq(nth(0)->look.state, TCP_SYN_SENT);
	ck_assert_uint_eq(nth(0)->look.in_flight, 1);
	ck_assert_uint_eq(nth(0)->look.ssthresh, NET_NO_THRESHOLD);
	ck_assert_int_eq(nth(0)->look.srtt, 0);
	ck_assert_int_eq(nth(0)->look.rto, 3 * SIM_S);
	ck_assert_uint_eq(nth(1)->look.steps, NET_STEP_ESTABLISHED | NET_STEP_SLOW_START);
	ck_assert_int_eq(nth(1)->look.state, TCP_ESTABLISHED);
	ck_assert_uint_eq(nth(1)->look.in_flight, 0);
	ck_assert_uint_eq(nth(1)->look.rwnd, 20000);
	ck_assert_uint_eq(nth(1)->look.cwnd, info().tcpi_snd_cwnd * 1000);
}
END_TEST

START_TEST(a_passive_open_is_told_when_it_is_one) {
	listener(w, A, 99, 5);
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .sport = 7, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	ck_assert_uint_eq(begun, 0);
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = s.seq + 1,
	                        .dport = 99,
	                        .sport = 7,
	                        .wnd = 1000});
	ck_assert_uint_eq(begun, 1);
	ck_assert_uint_eq(told->len, 1);
	ck_assert_uint_eq(nth(0)->look.steps,
	                  NET_STEP_OPEN | NET_STEP_ESTABLISHED | NET_STEP_SLOW_START);
	ck_assert_uint_eq(nth(0)->look.laddr, ADDR_A);
	ck_assert_uint_eq(nth(0)->look.lport, 99);
	ck_assert_uint_eq(nth(0)->look.fport, 7);
	inject(w, &(struct seg){.flags = RST, .seq = 5001, .dport = 99, .sport = 7, .wnd = 1000});
	ck_assert_uint_eq(last()->steps, NET_STEP_FAILED);
	ck_assert_int_eq(last()->state, TCP_CLOSE);
	ck_assert_uint_eq(last()->lport, 99);
}
END_TEST

START_TEST(who_is_not_wanted_is_left_alone) {
	wanted = false;
	so = raw_connected(w, &iss, NULL, 0, 20000);
	send_text(so, "x");
	ck_assert_uint_eq(begun, 1);
	ck_assert_uint_eq(told->len, 0);
}
END_TEST

START_TEST(nobody_is_told_who_has_let_go) {
	guint before = told->len;

	net_follow(w->node[A].st, NULL);
	send_text(so, "x");
	ck_assert_uint_eq(told->len, before);
}
END_TEST

/* --- closed forms ----------------------------------------------------------------------------- */

/* RFC 5681 3.1: each ACK a segment, so each round trip twice the window; and all of it is under way. */
START_TEST(slow_start_doubles) {
	static char block[40000];
	uint32_t window = last()->cwnd, acked = iss + 1, sent = acked;

	send_flags(so, block, sizeof block, 0);
	for (unsigned round = 0; round < 3; round++, window *= 2) {
		unsigned n = 0;

		world_for(w, 10 * SIM_MS);
		for (; catch_seg(w, &s); n++)
			sent = s.seq + (uint32_t)s.len;
		ck_assert_uint_eq(last()->cwnd, window);
		ck_assert_uint_eq(last()->in_flight, window);
		ck_assert_uint_eq(sent - acked, window);
		ck_assert_uint_eq(n, round ? window / 1000 : n);
		for (uint32_t left = window; left; left -= 1000)
			from_peer(ACK, 5001, acked += 1000, "");
	}
	ck_assert_uint_eq(count(NET_STEP_SLOW_START), 1);
	ck_assert_uint_eq(count(NET_STEP_AVOIDANCE), 0);
}
END_TEST

/* Each row is what the wire says at its date: sent, less acknowledged. */
START_TEST(in_flight_is_what_is_on_the_wire) {
	static char block[30000];
	uint32_t acked = iss + 1, sent = acked;

	send_flags(so, block, sizeof block, 0);
	while (acked != (uint32_t)(iss + 1 + sizeof block)) {
		while (catch_seg(w, &s))
			sent = s.seq + (uint32_t)s.len;
		ck_assert_uint_eq(last()->in_flight, sent - acked);
		acked += MIN(2000, sent - acked);
		from_peer(ACK, 5001, acked, "");
	}
	ck_assert_uint_eq(last()->in_flight, 0);
}
END_TEST

/* RFC 5681 3.2: half of what is under way; three segments more while it recovers; then, of nothing that is
 * under way, no burst (RFC 6582 3.2, step 3).  With SACK it is the half at once (RFC 6675). */
START_TEST(a_loss_halves) {
	uint32_t una = twelve();

	for (int i = 0; i < 3; i++)
		inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una, .wnd = 60000});
	ck_assert_uint_eq(last()->steps, NET_STEP_FAST_RETRANSMIT | NET_STEP_RETRANSMISSION);
	ck_assert_uint_eq(last()->ssthresh, 6000);
	ck_assert_uint_eq(last()->cwnd, 6000 + 3000);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una + 14000, .wnd = 60000});
	ck_assert_uint_eq(last()->steps, NET_STEP_RECOVERY_END | NET_STEP_SLOW_START);
	ck_assert_uint_eq(last()->ssthresh, 6000);
	ck_assert_uint_eq(last()->cwnd, 2000);
}
END_TEST

START_TEST(a_loss_halves_with_sack) {
	uint32_t una = twelve();

	sack_from_peer(una, una + 1000, una + 4000, 0, 0);
	ck_assert_uint_eq(last()->steps, NET_STEP_FAST_RETRANSMIT | NET_STEP_RETRANSMISSION);
	ck_assert_uint_eq(last()->ssthresh, 6000);
	ck_assert_uint_eq(last()->cwnd, 6000);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una + 12000, .wnd = 60000});
	ck_assert_uint_eq(last()->steps, NET_STEP_RECOVERY_END | NET_STEP_AVOIDANCE);
	ck_assert_uint_eq(last()->cwnd, 6000);
	ck_assert_uint_eq(last()->in_flight, 6000);
}
END_TEST

/* RFC 6298 5.5: each time twice; RFC 5681: one segment, half of what was under way. */
START_TEST(time_outs_double) {
	sim_time rto = 200 * SIM_MS, when;

	twelve();
	when = w->now + rto;
	for (unsigned i = 0; i < 6; i++) {
		world_run(w, when);
		ck_assert_uint_eq(count(NET_STEP_RTO), i + 1);
		ck_assert_int_eq(with(NET_STEP_RTO, i)->when, when);
		ck_assert_uint_eq(last()->cwnd, 1000);
		ck_assert_uint_eq(last()->ssthresh, 6000);
		ck_assert_uint_eq(last()->in_flight, 12000);
		rto *= 2;
		ck_assert_int_eq(last()->rto, rto);
		when += rto;
	}
	ck_assert_uint_eq(count(NET_STEP_SLOW_START), 1); /* it had never left it */
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1 + 20000, .wnd = 60000});
	ck_assert(last()->steps & NET_STEP_RECOVERY_END);
	world_for(w, 2000 * SIM_S);
	ck_assert_uint_eq(last()->steps, NET_STEP_FAILED);
	ck_assert_int_eq(last()->state, TCP_CLOSE);
	ck_assert_uint_eq(last()->in_flight, 0);
}
END_TEST

START_TEST(syns_that_nobody_answers_double) {
	sim_time rto = 3 * SIM_S, when = w->now;

	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	for (unsigned i = 0; i < 5; i++) {
		when += rto;
		world_run(w, when);
		ck_assert_uint_eq(count(NET_STEP_RTO), i + 1);
		ck_assert_int_eq(with(NET_STEP_RTO, i)->when, when);
		rto *= 2;
		ck_assert_int_eq(last()->rto, rto);
	}
	world_for(w, 200 * SIM_S);
	ck_assert_uint_eq(last()->steps, NET_STEP_FAILED);
	ck_assert_uint_eq(told->len, 7);
}
END_TEST

/* --- windows and ends ------------------------------------------------------------------------- */

START_TEST(a_shut_window_is_probed) {
	send_text(so, "abc");
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 4, .wnd = 0});
	ck_assert_uint_eq(last()->steps, NET_STEP_ZERO_WINDOW);
	ck_assert_uint_eq(last()->rwnd, 0);
	send_text(so, "held");
	world_for(w, 3 * SIM_S); /* 0.2, 0.6, 1.4, 3.0 */
	ck_assert_uint_eq(count(NET_STEP_PROBE), 4);
	ck_assert_int_eq(with(NET_STEP_PROBE, 3)->when - with(NET_STEP_PROBE, 2)->when,
	                 1600 * SIM_MS);
	ck_assert_uint_eq(count(NET_STEP_RTO), 0);
	from_peer(ACK, 5001, iss + 4, "");
	ck_assert_uint_eq(last()->steps, NET_STEP_WINDOW_OPENS);
	ck_assert_uint_eq(last()->rwnd, 20000);
	ck_assert_uint_eq(last()->in_flight, 4);
}
END_TEST

START_TEST(a_pause_starts_slowly) {
	uint32_t first = last()->cwnd, una = twelve();

	while (last()->in_flight) {
		una += last()->in_flight;
		inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una, .wnd = 60000});
	}
	ck_assert_uint_gt(last()->cwnd, first);
	world_for(w, 100 * SIM_S);
	send_text(so, "x");
	ck_assert(last()->steps & NET_STEP_IDLE);
	ck_assert_uint_le(last()->cwnd, first);
}
END_TEST

/* Who closes first waits; who closes last does not; a reset is a failure. */
START_TEST(ends_have_names) {
	if (_i == 1) {
		from_peer(FIN | ACK, 5001, iss + 1, "");
		ck_assert_uint_eq(last()->steps, NET_STEP_FIN_RECEIVED);
		ck_assert_int_eq(last()->state, TCP_CLOSE_WAIT);
	}
	net_close(so, false);
	ck_assert_uint_eq(last()->steps, NET_STEP_FIN_SENT);
	ck_assert_uint_eq(last()->in_flight, 1);
	if (_i == 2) {
		inject(w, &(struct seg){.flags = RST | ACK, .seq = 5001, .ack = iss + 1});
		ck_assert_uint_eq(last()->steps, NET_STEP_FAILED);
		return;
	}
	from_peer(ACK, _i ? 5002 : 5001, iss + 2, "");
	if (_i == 1) {
		ck_assert_uint_eq(last()->steps, NET_STEP_CLOSED);
		ck_assert_int_eq(last()->state, TCP_CLOSE);
		return;
	}
	ck_assert_int_eq(last()->state, TCP_FIN_WAIT2);
	from_peer(FIN | ACK, 5001, iss + 2, "");
	ck_assert_uint_eq(last()->steps, NET_STEP_FIN_RECEIVED | NET_STEP_TIME_WAIT);
	ck_assert_int_eq(last()->state, TCP_TIME_WAIT);
}
END_TEST

static void fill_alone(TCase *t) {
	tcase_add_checked_fixture(t, raw_up, follow_down);
	tcase_add_test(t, a_passive_open_is_told_when_it_is_one);
	tcase_add_test(t, who_is_not_wanted_is_left_alone);
	tcase_add_test(t, syns_that_nobody_answers_double);
}

static void fill_connected(TCase *t) {
	tcase_add_checked_fixture(t, connected_up, follow_down);
	tcase_add_test(t, an_open_is_told_from_the_syn_on);
	tcase_add_test(t, nobody_is_told_who_has_let_go);
	tcase_add_test(t, slow_start_doubles);
	tcase_add_test(t, in_flight_is_what_is_on_the_wire);
	tcase_add_test(t, a_loss_halves);
	tcase_add_test(t, time_outs_double);
	tcase_add_test(t, a_shut_window_is_probed);
	tcase_add_test(t, a_pause_starts_slowly);
	tcase_add_loop_test(t, ends_have_names, 0, 3);
}

static void fill_sack(TCase *t) {
	tcase_add_checked_fixture(t, sack_up, follow_down);
	tcase_add_test(t, a_loss_halves_with_sack);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-follow");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "connected", near_wrap_on, near_wrap_off, fill_connected);
	add_both_ways(suite, "SACK", near_wrap_on, near_wrap_off, fill_sack);
	return run_suite(suite);
}
