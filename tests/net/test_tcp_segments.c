/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One stack and segments written by hand: opening, receiving and closing (RFC 793, 1122, 1323). */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "raw_fixture.h"
#include "run_suite.h"

/* --- SYN_SENT --------------------------------------------------------------------------------- */

START_TEST(syn_sent) {
	w = world_raw(plain);
	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	EXPECT(w, &s, SYN);
	ck_assert_uint_eq(s.options[0], 2); /* MSS */
	iss = s.seq;
	from_peer(ACK, 1, iss + 7, ""); /* acknowledges what was not sent */
	EXPECT(w, &s, RST);
	ck_assert_uint_eq(s.seq, iss + 7);
	from_peer(RST | ACK, 1, iss + 7, "");
	from_peer(RST | ACK, 1, iss, ""); /* nor below our SYN */
	from_peer(RST, 1, 0, "");
	from_peer(FIN, 1, 0, "");
	ck_assert_int_eq(net_state(so), TCP_SYN_SENT);
	NOTHING(w);
	/* simultaneous open: RFC 793 figure 8 */
	from_peer(SYN, 5000, 0, "");
	EXPECT(w, &s, SYN | ACK);
	ck_assert_uint_eq(s.seq, iss);
	ck_assert_uint_eq(s.ack, 5001);
	ck_assert_int_eq(net_state(so), TCP_SYN_RECV);
	from_peer(SYN | ACK, 5000, iss + 1, "");
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	EXPECT(w, &s, ACK);
	ck_assert(take_events(w, A, so) & NET_EV_CONNECTED);
	world_free(w);
}
END_TEST

START_TEST(syn_received_reset) {
	struct net_sock *l, *child;

	w = world_raw(plain);
	l = listener(w, A, 99, 5);
	for (int i = 0; i < 2; i++) {
		inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
		EXPECT(w, &s, SYN | ACK);
		ck_assert_uint_eq(s.ack, 5001);
		if (i == 0) { /* back to LISTEN: nothing is left of it */
			inject(w, &(struct seg){.flags = RST, .seq = 5001, .dport = 99});
			world_for(w, 5 * SIM_S);
			NOTHING(w);
			inject(w, &(struct seg){.flags = ACK,
			                        .seq = 5001,
			                        .ack = s.seq + 1,
			                        .dport = 99,
			                        .wnd = 1000});
			EXPECT(w, &s, RST);
		}
	}
	world_for(w, 3 * SIM_S); /* SYN,ACK again after 3 s */
	EXPECT(w, &s, SYN | ACK);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = s.seq + 9, .dport = 99});
	EXPECT(w, &s, RST);
	ck_assert_int_eq(net_accept(l, NULL, &child), -EAGAIN);
	inject(w, &(struct seg){.flags = ACK | PSH,
	                        .seq = 5001,
	                        .ack = s.seq - 8,
	                        .dport = 99,
	                        .data = "hi",
	                        .len = 2,
	                        .wnd = 1000});
	ck_assert_int_eq(net_accept(l, NULL, &child), 0);
	ck_assert_str_eq(recv_text(child), "hi");
	world_free(w);
}
END_TEST

START_TEST(listen_and_closed) {
	w = world_raw(plain);
	listener(w, A, 99, 5);
	inject(w, &(struct seg){.flags = ACK, .seq = 1, .ack = 77, .dport = 99});
	EXPECT(w, &s, RST);
	ck_assert_uint_eq(s.seq, 77);
	inject(w, &(struct seg){.flags = RST, .seq = 1, .dport = 99});
	inject(w, &(struct seg){.flags = FIN, .seq = 1, .dport = 99});
	NOTHING(w);
	inject(w, &(struct seg){.flags = SYN, .seq = 1, .dport = 100, .data = "abc", .len = 3});
	EXPECT(w, &s, RST | ACK);
	ck_assert_uint_eq(s.seq, 0);
	ck_assert_uint_eq(s.ack, 5);
	inject(w, &(struct seg){.flags = RST, .seq = 1, .dport = 100});
	NOTHING(w);
	world_free(w);
}
END_TEST

/* --- ESTABLISHED ------------------------------------------------------------------------------ */

START_TEST(acceptability) {
	from_peer(ACK, 4990, iss + 1, "old data"); /* wholly old */
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5001);
	from_peer(ACK, 5001 + 70000, iss + 1, "beyond");
	EXPECT(w, &s, ACK);
	from_peer(RST, 5001 + 70000, iss + 1, "");
	from_peer(RST, 4000, iss + 1, "");
	NOTHING(w);
	from_peer(ACK, 4999, iss + 1, "xxnew"); /* overlaps: the new part counts */
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5004);
	ck_assert_str_eq(recv_text(so), "new");
	from_peer(0, 5004, 0, "no ACK bit");
	NOTHING(w);
	from_peer(ACK, 5004, iss + 1000, "acknowledges too much");
	EXPECT(w, &s, ACK);
	ck_assert_int_eq(net_readable(so), 0);
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
}
END_TEST

START_TEST(reset_and_syn_in_window) {
	if (_i == 0) {
		from_peer(RST, 5001, 0, "");
	} else {
		from_peer(SYN, 5002, 0, "");
		EXPECT(w, &s, RST | ACK);
	}
	NOTHING(w);
	ck_assert_int_eq(net_state(so), TCP_CLOSE);
	ck_assert_uint_eq(take_events(w, A, so) & NET_EV_ERROR, NET_EV_ERROR);
	ck_assert_uint_eq(net_poll(so), POLLERR | POLLHUP | POLLIN | POLLRDNORM);
	ck_assert_int_eq(net_take_error(so), ECONNRESET);
}
END_TEST

/* A reset in what has come, but is not acknowledged yet, is old too. */
START_TEST(reset_below_the_window) {
	from_peer(ACK, 5001, iss + 1, "abc");
	NOTHING(w);
	from_peer(RST, 5002, 0, "");
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	from_peer(RST, 5004, 0, "");
	ck_assert_int_eq(net_state(so), TCP_CLOSE);
}
END_TEST

START_TEST(reordering_and_gap) {
	from_peer(ACK, 5004, iss + 1, "def");
	EXPECT(w, &s, ACK); /* at once: RFC 2581 4.2 */
	ck_assert_uint_eq(s.ack, 5001);
	from_peer(ACK, 5010, iss + 1, "jkl");
	EXPECT(w, &s, ACK);
	from_peer(ACK, 5006, iss + 1, "fghij"); /* overlaps both neighbours */
	EXPECT(w, &s, ACK);
	ck_assert_str_eq(recv_text(so), "<errno 11>");
	from_peer(ACK, 5001, iss + 1, "abc");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5013);
	ck_assert_str_eq(recv_text(so), "abcdefghijkl");
	from_peer(ACK, 5016, iss + 1, "p");
	from_peer(ACK, 5018, iss + 1, "r");
	from_peer(ACK, 5015, iss + 1, "opqrst"); /* covers both */
	drop_caught(w);
	from_peer(ACK, 5013, iss + 1, "mn");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5021);
	ck_assert_str_eq(recv_text(so), "mnopqrst");
	/* a FIN that comes before its data */
	from_peer(ACK | FIN, 5022, iss + 1, "v");
	EXPECT(w, &s, ACK);
	from_peer(ACK, 5021, iss + 1, "u");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5024);
	ck_assert_str_eq(recv_text(so), "uv");
	ck_assert_str_eq(recv_text(so), "<eof>");
	from_peer(ACK, 5024, iss + 1, "data after FIN");
	EXPECT(w, &s, ACK);
	ck_assert_str_eq(recv_text(so), "<eof>");
}
END_TEST

/* Nothing follows a FIN: what came early, or is said to be urgent, goes (RFC 793 pages 74 and 75). */
START_TEST(data_beyond_fin) {
	size_t idle = net_sock_memory(so);

	from_peer(ACK, 5005, iss + 1, "never");
	EXPECT(w, &s, ACK);
	from_peer(ACK | FIN, 5001, iss + 1, "abc");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5005);
	ck_assert_str_eq(recv_text(so), "abc");
	ck_assert_str_eq(recv_text(so), "<eof>");
	ck_assert_uint_eq(net_sock_memory(so), idle);
	inject(w, &(struct seg){.flags = ACK | URG,
	                        .seq = 5005,
	                        .ack = iss + 1,
	                        .wnd = 20000,
	                        .urg = 1,
	                        .data = "u",
	                        .len = 1});
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5005);
	ck_assert(!(net_poll(so) & POLLPRI));
}
END_TEST

START_TEST(delayed_ack) {
	static char full[1000];
	sim_time start = w->now;

	memset(full, 'x', sizeof(full));
	from_peer(ACK, 5001, iss + 1, "one");
	NOTHING(w);
	world_run(w, start + 100 * SIM_MS - 1);
	NOTHING(w);
	world_run(w, start + 100 * SIM_MS);
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5004);
	for (uint32_t i = 0; i < 6; i++) /* every second full segment */
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = 5004 + 1000 * i,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = full,
		                        .len = 1000});
	ck_assert_uint_eq(w->caught.count, 3);
	drop_caught(w);
	from_peer(ACK, 11004, iss + 1, "question"); /* an answer carries the ACK */
	send_text(so, "answer");
	EXPECT(w, &s, ACK | PSH);
	ck_assert_uint_eq(s.ack, 11012);
	world_for(w, 150 * SIM_MS);
	NOTHING(w);
}
END_TEST

START_TEST(window_and_update) {
	static char full[1000];
	static char out[70000];
	uint32_t seq = 5001;

	for (int i = 0; i < 65; i++, seq += 1000)
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = seq,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = full,
		                        .len = 1000});
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = seq,
	                        .ack = iss + 1,
	                        .wnd = 20000,
	                        .data = full,
	                        .len = 1000}); /* 535 fit */
	while (catch_seg(w, &s))
		ck_assert_uint_le(s.ack + s.wnd, 5001 + 65535);
	ck_assert_int_eq(net_readable(so), 65535);
	inject(w, &(struct seg){.flags = ACK, .seq = 5000 + 65535, .ack = iss + 1}); /* a probe */
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.wnd, 0);
	ck_assert_int_eq(recv_flags(so, out, 500, 0), 500);
	NOTHING(w); /* too little to tell: silly window */
	ck_assert_int_eq(recv_flags(so, out, 2000, 0), 2000);
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.wnd, 2500);
}
END_TEST

/* --- closing ---------------------------------------------------------------------------------- */

START_TEST(close_states) {
	send_text(so, "bye");
	EXPECT(w, &s, ACK | PSH);
	net_shutdown(so, SHUT_WR);
	EXPECT(w, &s, FIN | ACK);
	ck_assert_uint_eq(s.seq, iss + 4);
	ck_assert_int_eq(net_state(so), TCP_FIN_WAIT1);
	from_peer(ACK, 5001, iss + 4, "");
	ck_assert_int_eq(net_state(so), TCP_FIN_WAIT1);
	switch (_i) {
	case 0: /* FIN_WAIT_2 */
		from_peer(ACK, 5001, iss + 5, "");
		ck_assert_int_eq(net_state(so), TCP_FIN_WAIT2);
		from_peer(ACK | FIN, 5001, iss + 5, "");
		break;
	case 2: /* the same, and the ACK of our FIN comes with their FIN sent again */
		from_peer(ACK | FIN, 5001, iss + 4, "");
		EXPECT(w, &s, ACK);
		from_peer(ACK | FIN, 5001, iss + 5, "");
		break;
	case 1: /* simultaneous close */
		from_peer(ACK | FIN, 5001, iss + 4, "");
		EXPECT(w, &s, ACK);
		ck_assert_uint_eq(s.ack, 5002);
		ck_assert_int_eq(net_state(so), TCP_CLOSING);
		from_peer(ACK, 5002, iss + 5, "");
		break;
	default: /* FIN and its ACK in one */
		from_peer(ACK | FIN, 5001, iss + 5, "");
		break;
	}
	ck_assert_uint_eq(counters(w, A)->tcp_time_waits, 1);
	drop_caught(w);
	from_peer(ACK | FIN, 5001, iss + 5, ""); /* the last ACK was lost */
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5002);
	from_peer(SYN, 4000, 0, ""); /* an old SYN does not reopen */
	EXPECT(w, &s, ACK);
	world_for(w, 59 * SIM_S);
	from_peer(ACK | FIN, 5001, iss + 5, ""); /* restarts the wait */
	EXPECT(w, &s, ACK);
	world_for(w, 59 * SIM_S);
	ck_assert_int_eq(net_state(net_sock_next(w->node[A].st, NULL)), TCP_TIME_WAIT);
	world_for(w, 2 * SIM_S);
	ck_assert_ptr_eq(net_sock_next(w->node[A].st, NULL), so); /* only the user's is left */
}
END_TEST

START_TEST(time_wait_syn) {
	struct net_sock *child;
	struct net_sock *l = listener(w, A, 99, 5);
	uint32_t una;

	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	una = s.seq + 1;
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una, .dport = 99, .wnd = 1000});
	ck_assert_int_eq(net_accept(l, NULL, &child), 0);
	net_close(child, false);
	EXPECT(w, &s, FIN | ACK);
	inject(w, &(struct seg){.flags = FIN | ACK, .seq = 5001, .ack = una + 1, .dport = 99});
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(counters(w, A)->tcp_time_waits, 1);
	inject(w, &(struct seg){.flags = SYN, .seq = 5002, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, ACK); /* RFC 1122 4.2.2.13: only a higher number reopens */
	inject(w, &(struct seg){.flags = SYN, .seq = 5003, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	ck_assert_uint_eq(s.ack, 5004);
	ck_assert_uint_gt(s.seq - una, 65535);
}
END_TEST

START_TEST(passive_close) {
	from_peer(ACK | FIN, 5001, iss + 1, "");
	EXPECT(w, &s, ACK);
	ck_assert_int_eq(net_state(so), TCP_CLOSE_WAIT);
	ck_assert(take_events(w, A, so) & NET_EV_HANGUP);
	net_close(so, false);
	EXPECT(w, &s, FIN | ACK);
	from_peer(ACK, 5002, iss + 2, "");
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
	NOTHING(w);
}
END_TEST

START_TEST(close_aborts) {
	net_close(so, true);
	EXPECT(w, &s, RST | ACK);
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
}
END_TEST

START_TEST(data_for_a_closed_user) {
	net_close(so, false);
	EXPECT(w, &s, FIN | ACK);
	from_peer(ACK, 5001, iss + 2, "too late");
	EXPECT(w, &s, RST);
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
}
END_TEST

/* --- the socket lock -------------------------------------------------------------------------- */

/* The user is through; what has waited is for the socket that it came for. */
static void unlock(void) {
	struct net_stack *st = w->node[A].st;

	ck_assert(net_locked_input(st));
	ck_assert(!net_locked_input(st));
	net_unlock(st);
}

START_TEST(locked) {
	net_lock(so);
	from_peer(ACK, 5001, iss + 1, "wait");
	from_peer(ACK, 5005, iss + 1, "ed");
	NOTHING(w);
	ck_assert_int_eq(net_readable(so), 0);
	unlock();
	ck_assert_str_eq(recv_text(so), "waited");
}
END_TEST

/* Who is in CLOSE when its backlog is worked off discards it (tcp_rcv_state_process() of 2.4). */
START_TEST(closed_while_locked) {
	net_lock(so);
	if (_i == 0)
		from_peer(RST, 5001, 0, "");
	from_peer(ACK, 5001, iss + 1, "late");
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	if (_i == 1)
		ck_assert_int_eq(net_disconnect(so), 0);
	if (_i == 2)
		net_close(so, true);
	if (_i > 0)
		EXPECT(w, &s, RST | ACK);
	unlock();
	NOTHING(w);
	from_peer(ACK, 5001, iss + 1, "nobody's");
	EXPECT(w, &s, RST);
}
END_TEST

START_TEST(listener_closed_while_locked) {
	struct seg syn = {.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000};
	struct net_sock *l;

	w = world_raw(plain);
	l = listener(w, A, 99, 5);
	net_lock(l);
	inject(w, &syn);
	NOTHING(w);
	if (_i == 0)
		net_close(l, false);
	unlock();
	if (_i == 1)
		EXPECT(w, &s, SYN | ACK);
	NOTHING(w);
	world_free(w);
}
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

static void with_ts(struct net_params *p) { p->quickacks = 0; }

static void ts(uint8_t *opt, uint32_t val, uint32_t ecr) {
	opt[0] = opt[1] = 1;
	opt[2] = 8;
	opt[3] = 10;
	for (int i = 0; i < 4; i++) {
		opt[4 + i] = (uint8_t)(val >> (24 - 8 * i));
		opt[8 + i] = (uint8_t)(ecr >> (24 - 8 * i));
	}
}

START_TEST(paws) {
	uint8_t opt[12];

	w = world_raw(with_ts);
	ts(opt, 1000, 1);
	so = raw_connected(w, &iss, opt, sizeof(opt), 20000);
	ts(opt, 1001, 1);
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = iss + 1,
	                        .wnd = 20000,
	                        .opt = opt,
	                        .optlen = 12,
	                        .data = "abc",
	                        .len = 3});
	ck_assert_str_eq(recv_text(so), "abc");
	world_for(w, SIM_S);
	drop_caught(w);
	ts(opt, 999, 1); /* older: an old duplicate */
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5004,
	                        .ack = iss + 1,
	                        .wnd = 20000,
	                        .opt = opt,
	                        .optlen = 12,
	                        .data = "old",
	                        .len = 3});
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.optlen, 12);
	ck_assert_uint_eq(counters(w, A)->tcp_paws_drops, 1);
	ck_assert_str_eq(recv_text(so), "<errno 11>");
	world_free(w);
}
END_TEST

static void fill_alone(TCase *t) {
	tcase_add_test(t, syn_sent);
	tcase_add_test(t, syn_received_reset);
	tcase_add_test(t, listen_and_closed);
	tcase_add_loop_test(t, listener_closed_while_locked, 0, 2);
	tcase_add_test(t, paws);
}

static void fill_established(TCase *t) {
	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, acceptability);
	tcase_add_loop_test(t, reset_and_syn_in_window, 0, 2);
	tcase_add_test(t, reset_below_the_window);
	tcase_add_test(t, reordering_and_gap);
	tcase_add_test(t, data_beyond_fin);
	tcase_add_test(t, delayed_ack);
	tcase_add_test(t, window_and_update);
	tcase_add_loop_test(t, close_states, 0, 4);
	tcase_add_test(t, time_wait_syn);
	tcase_add_test(t, passive_close);
	tcase_add_test(t, close_aborts);
	tcase_add_test(t, data_for_a_closed_user);
	tcase_add_test(t, locked);
	tcase_add_loop_test(t, closed_while_locked, 0, 3);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-segments");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "established", near_wrap_on, near_wrap_off, fill_established);
	return run_suite(suite);
}
