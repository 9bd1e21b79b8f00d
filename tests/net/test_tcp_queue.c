/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's own queue refuses a segment: it never left.  TCP slows down, sends it when there is
 * room, and nothing counts as sent again (tcp_transmit_skb(), tcp_write_xmit(), tcp_retransmit_timer(),
 * tcp_send_probe0() and tcp_v4_conn_request() of 2.4). */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "raw_fixture.h"
#include "run_suite.h"

static char block[60000];

static void room(unsigned frames) { w->node[A].room = frames; }
static uint64_t again(void) { return counters(w, A)->tcp_retransmits; }

/* With something in flight the next ACK brings it out. */
START_TEST(the_next_ack_tries_again) {
	room(2);
	send_flags(so, block, 10000, 0);
	ck_assert_uint_eq(w->caught.count, 2);
	ck_assert_uint_eq(w->node[A].refused, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_bytes_out, 2000);
	ck_assert_int_eq(net_unsent(so), 10000);
	ck_assert_uint_eq(info().tcpi_unacked, 2);
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, 2);
	drop_caught(w);
	room(UINT_MAX);
	from_peer(ACK, 5001, iss + 1001, "");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.seq, iss + 2001);
	ck_assert_uint_eq(again(), 0);
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

/* With nothing in flight a timer does, after an RTO at first, then after half a second at most, without
 * back-off: 3 s hold it up by no more than that. */
START_TEST(a_timer_tries_again) {
	sim_time start = w->now;

	room(0);
	if (_i)
		net_shutdown(so, SHUT_WR);
	else
		send_text(so, "late");
	NOTHING(w);
	ck_assert_uint_eq(info().tcpi_unacked, 0);
	world_for(w, 3 * SIM_S);
	ck_assert_uint_eq(w->node[A].refused, 1 + 3000 / 200);
	room(UINT_MAX);
	world_for(w, 200 * SIM_MS);
	EXPECT(w, &s, _i ? FIN | ACK : ACK | PSH);
	ck_assert_int_eq(s.when, start + 3200 * SIM_MS);
	ck_assert_uint_eq(s.seq, iss + 1);
	ck_assert_uint_eq(again(), 0);
	/* The RTT is measured from here on. */
	world_for(w, 10 * SIM_MS);
	from_peer(ACK, 5001, iss + (_i ? 2 : 5), "");
	ck_assert_int_eq(net_unsent(so), 0);
	ck_assert_uint_le(info().tcpi_rtt, 10000);
}
END_TEST

/* What is to be sent again but cannot leave is no retransmission, and costs no back-off. */
START_TEST(a_retransmission_is_refused) {
	sim_time start = w->now;

	send_text(so, "lost");
	drop_caught(w);
	room(0);
	world_for(w, SIM_S);
	ck_assert_uint_eq(w->node[A].refused, 5); /* each RTO of 200 ms */
	ck_assert_uint_eq(again(), 0);
	room(UINT_MAX);
	world_for(w, 200 * SIM_MS);
	EXPECT(w, &s, ACK | PSH);
	ck_assert_int_eq(s.when, start + 1200 * SIM_MS);
	ck_assert_uint_eq(again(), 1);
	world_for(w, 400 * SIM_MS); /* and from here the ladder goes on */
	EXPECT(w, &s, ACK | PSH);
	ck_assert_int_eq(s.when, start + 1600 * SIM_MS);
}
END_TEST

/* Without SACK the third duplicate asks for it; what its answer was refused the fourth gets. */
START_TEST(a_fast_retransmission_is_refused) {
	send_flags(so, block, sizeof(block), 0);
	for (uint32_t n = 1; n <= 8; n++)
		from_peer(ACK, 5001, iss + 1 + 1000 * n, "");
	from_peer(ACK, 5001, iss + 8001, "");
	from_peer(ACK, 5001, iss + 8001, "");
	drop_caught(w);
	room(0);
	from_peer(ACK, 5001, iss + 8001, "");
	NOTHING(w);
	ck_assert_uint_eq(again(), 0);
	room(UINT_MAX);
	from_peer(ACK, 5001, iss + 8001, "");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.seq, iss + 8001);
	ck_assert_uint_eq(again(), 1);
	drop_caught(w);
	from_peer(ACK, 5001, iss + 8001, "");
	while (catch_seg(w, &s))
		ck_assert_uint_ne(s.seq, iss + 8001);
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

/* With it each ACK looks for what is missing; the full queue is asked once for each. */
START_TEST(a_hole_is_refused) {
	uint32_t una = twelve();

	sack_from_peer(una, una + 1000, una + 2000, 0, 0);
	sack_from_peer(una, una + 1000, una + 3000, 0, 0);
	drop_caught(w);
	room(0);
	w->node[A].refused = 0;
	sack_from_peer(una, una + 1000, una + 4000, 0, 0);
	NOTHING(w);
	ck_assert_uint_eq(again(), 0);
	ck_assert_uint_eq(w->node[A].refused, 1);
	room(UINT_MAX);
	sack_from_peer(una, una + 1000, una + 5000, 0, 0);
	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.seq, una);
	ck_assert_uint_eq(again(), 1);
	/* A second hole; nor is what is new tried in its place. */
	room(0);
	w->node[A].refused = 0;
	sack_from_peer(una, una + 6000, una + 12000, una + 1000, una + 5000);
	ck_assert_uint_eq(w->node[A].refused, 1);
}
END_TEST

/* A pure ACK, and a reset, are not repeated; the window is reduced all the same. */
START_TEST(an_ack_is_refused) {
	send_flags(so, block, 4000, 0);
	drop_caught(w);
	room(0);
	from_peer(ACK, 5001, iss + 1, "a");
	from_peer(ACK, 5003, iss + 1, "c"); /* a gap: an ACK at once */
	NOTHING(w);
	ck_assert_uint_ge(w->node[A].refused, 1);
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, 2);
	room(UINT_MAX);
	from_peer(ACK, 5002, iss + 1, "b");
	world_for(w, 150 * SIM_MS);
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5004);
	drop_caught(w);
	room(0);
	net_close(so, true);
	NOTHING(w);
	ck_assert_uint_eq(counters(w, A)->tcp_resets_out, 0);
}
END_TEST

START_TEST(a_probe_is_refused) {
	sim_time start;

	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1, .wnd = 0});
	start = w->now;
	send_text(so, "held");
	room(0);
	world_for(w, 5 * SIM_S);
	ck_assert_uint_eq(counters(w, A)->tcp_window_probes, 0);
	ck_assert_uint_eq(w->node[A].refused, 25);
	room(UINT_MAX);
	world_for(w, 200 * SIM_MS);
	EXPECT(w, &s, ACK);
	ck_assert_int_eq(s.when, start + 5200 * SIM_MS);
	ck_assert_uint_eq(counters(w, A)->tcp_window_probes, 1);
}
END_TEST

/* Half a second later instead of after the interval: "try harder". */
START_TEST(a_keep_alive_is_refused) {
	sim_time start = w->now;

	set_int(so, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	set_int(so, IPPROTO_TCP, TCP_KEEPINTVL, 30);
	set_int(so, SOL_SOCKET, SO_KEEPALIVE, 1);
	room(0);
	world_for(w, 10200 * SIM_MS);
	ck_assert_uint_eq(w->node[A].refused, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_keepalives, 0);
	room(UINT_MAX);
	world_for(w, SIM_S);
	EXPECT(w, &s, ACK);
	ck_assert_int_eq(s.when, start + 10500 * SIM_MS);
	ck_assert_uint_eq(counters(w, A)->tcp_keepalives, 1);
}
END_TEST

/* The first SYN counts as sent, as in tcp_connect(); those that are to repeat it do not. */
START_TEST(a_syn_is_refused) {
	w = world_raw(plain);
	so = sock_open(w, A, SOCK_STREAM);
	room(0);
	ck_assert_int_eq(net_connect(so, ADDR_B, 80), -EINPROGRESS);
	world_for(w, 3400 * SIM_MS);
	ck_assert_uint_eq(w->node[A].refused, 2); /* at 0 and 3 s */
	ck_assert_uint_eq(counters(w, A)->tcp_syn_retransmits, 0);
	room(UINT_MAX);
	world_for(w, 200 * SIM_MS);
	EXPECT(w, &s, SYN);
	ck_assert_int_eq(s.when, 3500 * SIM_MS);
	ck_assert_uint_eq(counters(w, A)->tcp_syn_retransmits, 1);
	world_free(w);
}
END_TEST

/* A request whose SYN,ACK does not get out, the first or one that is repeated, is given up. */
START_TEST(a_syn_ack_is_refused) {
	w = world_raw(plain);
	listener(w, A, 99, 5);
	room((unsigned)_i);
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
	ck_assert_uint_eq(w->caught.count, (unsigned)_i);
	world_for(w, 3100 * SIM_MS);
	ck_assert_uint_eq(w->node[A].refused, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_attempt_fails, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_syn_retransmits, 0);
	drop_caught(w);
	room(UINT_MAX);
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	world_free(w);
}
END_TEST

static void fill_alone(TCase *t) {
	tcase_add_test(t, a_syn_is_refused);
	tcase_add_loop_test(t, a_syn_ack_is_refused, 0, 2);
}

static void fill_established(TCase *t) {
	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, the_next_ack_tries_again);
	tcase_add_loop_test(t, a_timer_tries_again, 0, 2);
	tcase_add_test(t, a_retransmission_is_refused);
	tcase_add_test(t, a_fast_retransmission_is_refused);
	tcase_add_test(t, an_ack_is_refused);
	tcase_add_test(t, a_probe_is_refused);
	tcase_add_test(t, a_keep_alive_is_refused);
}

static void fill_sack(TCase *t) {
	tcase_add_checked_fixture(t, up_sack, down);
	tcase_add_test(t, a_hole_is_refused);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-queue");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "established", near_wrap_on, near_wrap_off, fill_established);
	add_both_ways(suite, "sack", near_wrap_on, near_wrap_off, fill_sack);
	return run_suite(suite);
}
