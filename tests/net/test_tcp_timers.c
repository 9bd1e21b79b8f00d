/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ladders: the dates at which what nobody answers is sent again, to the picosecond (RFC 2988 5.5,
 * RFC 1122 4.2.2.17, 4.2.3.5 and 4.2.3.6).  Each test prints what must be and what is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/iface.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "raw_fixture.h"
#include "run_suite.h"

/* Runs for `span`, and compares the dates of what A sends that has `flags` with a ladder: the first
 * step, doubling up to `most`.  Returns how many steps there were. */
static unsigned climb(const char *what, uint8_t flags, sim_time span, sim_time step,
                      sim_time most) {
	sim_time expected = w->now;
	unsigned n = 0;

	world_for(w, span);
	printf("%s, s, formula and simulated:", what);
	while (catch_seg(w, &s)) {
		ck_assert_int_eq(s.flags, flags);
		expected += step;
		printf(" %g=%g", sim_to_s(expected), sim_to_s(s.when));
		ck_assert_int_eq(s.when, expected);
		step = MIN(2 * step, most);
		n++;
	}
	printf("\n");
	return n;
}

START_TEST(syn_ladder) {
	w = world_raw(plain);
	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	EXPECT(w, &s, SYN);
	ck_assert_uint_eq(climb("SYN", SYN, 189 * SIM_S - 1, 3 * SIM_S, 120 * SIM_S), 5);
	ck_assert_int_eq(net_state(so), TCP_SYN_SENT);
	world_for(w, 1);
	ck_assert_int_eq(net_take_error(so), ETIMEDOUT);
	ck_assert_uint_eq(counters(w, A)->tcp_syn_retransmits, 5);
	NOTHING(w);
	world_free(w);
}
END_TEST

START_TEST(syn_ack_ladder) {
	w = world_raw(plain);
	listener(w, A, 99, 5);
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	ck_assert_uint_eq(climb("SYN,ACK", SYN | ACK, 300 * SIM_S, 3 * SIM_S, 120 * SIM_S), 5);
	ck_assert_uint_eq(counters(w, A)->tcp_attempt_fails, 1);
	world_free(w);
}
END_TEST

/* Data, or the FIN of a socket that is still open: 15 times, then the end. */
START_TEST(rto_ladder) {
	sim_time all = 924600 * SIM_MS; /* 0.2 (2^10 - 1) + 6 x 120 */

	if (_i == 0) {
		send_text(so, "into the dark");
		EXPECT(w, &s, ACK | PSH);
	} else {
		net_shutdown(so, SHUT_WR);
		EXPECT(w, &s, FIN | ACK);
	}
	ck_assert_uint_eq(climb(_i ? "FIN" : "data", s.flags, all - 1, 200 * SIM_MS, 120 * SIM_S),
	                  15);
	ck_assert_int_eq(net_state(so), _i ? TCP_FIN_WAIT1 : TCP_ESTABLISHED);
	world_for(w, 1);
	ck_assert_int_eq(net_take_error(so), ETIMEDOUT);
	NOTHING(w);
}
END_TEST

/* Nobody waits for what an orphan has to say: 8 times (Linux 2.4, tcp_orphan_retries()). */
START_TEST(orphan_ladder) {
	net_close(so, false);
	EXPECT(w, &s, FIN | ACK);
	ck_assert_uint_eq(climb("orphan's FIN", FIN | ACK, 900 * SIM_S, 200 * SIM_MS, 120 * SIM_S),
	                  8);
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
}
END_TEST

static void linux_floor(struct net_params *p) {
	plain(p);
	p->linux_rto = true;
}

/* 4 RTTVAR has a floor with Linux, the RTO as a whole with RFC 2988: after an RTT of 100 ms and many
 * of the same, 300 ms and 200 ms. */
START_TEST(rto_floor) {
	w = world_raw(_i ? linux_floor : plain);
	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	EXPECT(w, &s, SYN);
	iss = s.seq;
	world_for(w, 100 * SIM_MS);
	from_peer(SYN | ACK, 5000, iss + 1, "");
	for (uint32_t i = 1; i <= 40; i++) {
		send_text(so, "x");
		world_for(w, 100 * SIM_MS);
		from_peer(ACK, 5001, iss + 1 + i, "");
	}
	send_text(so, "y");
	drop_caught(w);
	ck_assert_uint_ge(climb(_i ? "Linux's RTO" : "RFC 2988's RTO", ACK | PSH, SIM_S,
	                        (_i ? 300 : 200) * SIM_MS, 120 * SIM_S),
	                  1);
	world_free(w);
}
END_TEST

START_TEST(persist_ladder) {
	send_text(so, "abc");
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 4, .wnd = 0});
	send_text(so, "held");
	NOTHING(w);
	ck_assert_uint_eq(climb("persist", ACK, 400 * SIM_S, 200 * SIM_MS, 120 * SIM_S), 11);
	from_peer(ACK, 5001, iss + 4, "");
	EXPECT(w, &s, ACK | PSH);
	ck_assert_uint_eq(s.len, 4);
	/* a window taken back: what is out is sent again, nothing more */
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 4, .wnd = 2});
	world_for(w, 100 * SIM_S);
	from_peer(ACK, 5001, iss + 8, "");
	ck_assert_int_eq(net_unsent(so), 0);
}
END_TEST

/* As long as each probe is answered the connection stays open: RFC 1122 4.2.2.17. */
START_TEST(persist_for_ever) {
	unsigned probes = 0;

	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1, .wnd = 0});
	send_text(so, "held");
	for (unsigned minutes = 0; minutes < 24 * 60; minutes++) {
		world_for(w, 60 * SIM_S);
		for (; catch_seg(w, &s); probes++) {
			ck_assert_uint_eq(s.seq, iss);
			inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1});
		}
	}
	ck_assert_uint_ge(probes, 24 * 30);
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
}
END_TEST

START_TEST(keepalive_ladder) {
	sim_time at = w->now;

	set_int(so, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(so, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	set_int(so, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	set_int(so, IPPROTO_TCP, TCP_KEEPCNT, 3);
	world_for(w, 24 * SIM_S);
	for (int i = 0; i < 3; i++) {
		EXPECT(w, &s, ACK);
		ck_assert_uint_eq(s.seq, iss);
		at += (i ? 5 : 10) * SIM_S;
		ck_assert_int_eq(s.when, at);
	}
	world_for(w, SIM_S);
	EXPECT(w, &s, RST | ACK);
	ck_assert_int_eq(net_take_error(so), ETIMEDOUT);
}
END_TEST

static struct fate drop_all(struct world *world, int from, struct frame *f) {
	(void)world, (void)from, (void)f;
	return (struct fate){0, 0, false};
}

START_TEST(keepalive) {
	struct world *world = world_new("linux-2.4", SIM_MS);
	const struct net_counters *c = counters(world, A);
	struct net_sock *a, *b;

	connect_pair(world, &a, &b);
	set_int(a, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(a, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	set_int(a, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	set_int(a, IPPROTO_TCP, TCP_KEEPCNT, 3);
	world_for(world, 35 * SIM_S);
	ck_assert_uint_eq(c->tcp_keepalives, 3); /* answered each time */
	ck_assert_int_eq(net_state(a), TCP_ESTABLISHED);
	world->fate = drop_all;
	world_for(world, 26 * SIM_S);
	ck_assert_int_eq(net_take_error(a), ETIMEDOUT);
	ck_assert_uint_eq(c->tcp_keepalives, 6);
	world_free(world);
}
END_TEST

/* A delayed ACK's time-out adapts to the gaps between segments, but where a round trip takes 2 ms it is
 * never longer than the shortest, 40 ms (tcp_send_delayed_ack()); and after a gap longer than the
 * RTO ACKs go out at once (tcp_event_data_recv()). */
static sim_time acked_after(struct world *world, struct net_sock *from, int to) {
	uint64_t acks = world->node[to].sent;
	sim_time start = world->now;

	send_text(from, "x");
	while (world->node[to].sent == acks && world->now < start + SIM_S)
		world_for(world, SIM_MS);
	return world->now - start - SIM_MS; /* on the wire */
}

START_TEST(delayed_ack_on_a_lan) {
	struct world *world = world_new("linux-2.4", SIM_MS);
	struct net_sock *a, *b;
	sim_time start;

	connect_pair(world, &a, &b);
	set_int(a, IPPROTO_TCP, TCP_NODELAY, 1);
	for (int i = 0; i < 40; i++) {
		start = world->now;
		acked_after(world, a, B);
		world_run(world, start + 100 * SIM_MS);
	}
	ck_assert_int_eq(acked_after(world, a, B), 40 * SIM_MS);
	world_for(world, 400 * SIM_MS);
	ck_assert_int_eq(acked_after(world, a, B), 0);
	world_free(world);
}
END_TEST

/* The peer's interface has got another address, and only what is sent there arrives. */
static const uint8_t new_mac[6] = {2, 0, 0, 0, 0, 0xbb};

static struct fate to_the_new_one(struct world *world, int from, struct frame *f) {
	const uint8_t *eth = frame_data(f);
	bool ip = eth[12] == 8 && eth[13] == 0;

	(void)world;
	return (struct fate){from == B || !ip || memcmp(eth, new_mac, 6) == 0, 0, false};
}

/* R1: after three retransmissions the network is told (RFC 1122 4.2.3.5), which asks for the next
 * hop's hardware address again (2.3.2.1), and the fifth arrives; the known one is used meanwhile. */
START_TEST(a_path_is_doubted_after_r1) {
	struct world *world = world_new("linux-2.4", SIM_MS);
	const struct net_counters *c = counters(world, A);
	struct net_if_config conf;
	struct net_sock *a, *b;
	uint64_t asked;
	sim_time start;

	connect_pair(world, &a, &b);
	net_if_get(world->node[B].ifp, &conf);
	memcpy(conf.mac, new_mac, sizeof new_mac);
	ck_assert_int_eq(net_if_set(world->node[B].ifp, &conf), 0);
	world->fate = to_the_new_one;
	asked = c->arp_out;
	start = world->now;
	send_text(a, "are you there?");
	world_run(world, start + 2999 * SIM_MS); /* 0.2, 0.6 and 1.4 s: three were sent again */
	ck_assert_uint_eq(c->tcp_retransmits, 3);
	ck_assert_uint_eq(c->arp_out, asked);
	world_run(world, start + 3100 * SIM_MS);
	ck_assert_uint_eq(c->arp_out, asked + 1);
	ck_assert_uint_eq(counters(world, B)->tcp_bytes_in, 0);
	world_run(world, start + 6500 * SIM_MS);
	ck_assert_str_eq(recv_text(b), "are you there?");
	ck_assert_uint_eq(c->tcp_retransmits, 5);
	world_free(world);
}
END_TEST

static void fill_alone(TCase *t) {
	tcase_add_test(t, delayed_ack_on_a_lan);
	tcase_add_test(t, a_path_is_doubted_after_r1);
	tcase_add_test(t, syn_ladder);
	tcase_add_test(t, syn_ack_ladder);
	tcase_add_loop_test(t, rto_floor, 0, 2);
	tcase_add_test(t, keepalive);
}

static void fill_established(TCase *t) {
	tcase_add_checked_fixture(t, up, down);
	tcase_add_loop_test(t, rto_ladder, 0, 2);
	tcase_add_test(t, orphan_ladder);
	tcase_add_test(t, persist_ladder);
	tcase_add_test(t, persist_for_ever);
	tcase_add_test(t, keepalive_ladder);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-timers");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "established", near_wrap_on, near_wrap_off, fill_established);
	return run_suite(suite);
}
