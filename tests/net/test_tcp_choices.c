/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stacks do differently and a parameter chooses, and small musts of RFC 1122, 1323 and 3390. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "raw_fixture.h"
#include "run_suite.h"

static char block[60000];

/* --- urgent data ------------------------------------------------------------------------------ */

static void to_the_byte(struct net_params *p) {
	plain(p);
	p->stdurg = true;
}

static void connect_with(void (*tweak)(struct net_params *)) {
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

	w = world_raw(tweak);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
}

/* The pointer points to the last urgent byte (RFC 1122 4.2.2.4) or behind it (BSD): the same
 * segment, two bytes, and the same byte, two segments. */
START_TEST(urgent_pointer) {
	char byte = 0;

	connect_with(_i ? to_the_byte : plain);
	inject(w, &(struct seg){.flags = ACK | URG, .seq = 5001, .ack = iss + 1, .wnd = 20000,
	                        .urg = 3, .data = "abcdef", .len = 6});
	ck_assert(net_poll(so) & POLLPRI);
	ck_assert_int_eq(recv_flags(so, &byte, 1, MSG_OOB), 1);
	ck_assert_int_eq(byte, _i ? 'd' : 'c');
	ck_assert_str_eq(recv_text(so), _i ? "abc" : "ab");
	drop_caught(w);
	send_flags(so, "0123456789", 10, MSG_OOB); /* 9 is urgent */
	ck_assert(catch_seg(w, &s));
	ck_assert_int_eq(s.flags & URG, URG);
	ck_assert_uint_eq(s.urg, _i ? 9 : 10);
	/* a pointer of nought points to the first byte, or nowhere */
	recv_text(so);
	inject(w, &(struct seg){.flags = ACK | URG, .seq = 5007, .ack = iss + 11, .wnd = 20000,
	                        .urg = 0, .data = "g", .len = 1});
	ck_assert_int_eq(net_poll(so) & POLLPRI, _i ? POLLPRI : 0);
	world_free(w);
}
END_TEST

/* Both sides by one rule, whichever: an urgent byte stays the same byte. */
START_TEST(urgent_pointer_agreed) {
	struct world *pair = world_tweaked("linux-2.4", SIM_MS, _i ? to_the_byte : plain);
	struct net_sock *a, *b;
	char byte = 0;

	connect_pair(pair, &a, &b);
	for (int i = 0; i < 5; i++) {
		send_flags(a, "abc!", 4, MSG_OOB);
		world_for(pair, SIM_S);
		ck_assert_int_eq(recv_flags(b, &byte, 1, MSG_OOB), 1);
		ck_assert_int_eq(byte, '!');
		ck_assert_str_eq(recv_text(b), "abc");
	}
	world_free(pair);
}
END_TEST

/* --- whose window it is ------------------------------------------------------------------------ */

static void plain_linux_window(struct net_params *p) {
	plain(p);
	p->linux_window = true;
}

static void rfc_window(struct net_params *p) {
	plain(p);
	p->linux_window = false;
}

/* What fills a hole has an older number than what came before (RFC 793's SND.WL1).  If it acknowledges
 * something Linux takes its window; by the RFC the right edge stays until a newer segment moves it.
 * Nobody sends beyond it. */
START_TEST(window_of_a_filled_hole) {
	bool by_linux = _i & 1, open = _i & 2;
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

	w = world_raw(by_linux ? plain_linux_window : rfc_window);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 2000);
	send_flags(so, block, 4000, 0);
	drop_caught(w); /* 2,000 of it */
	inject(w, &(struct seg){.flags = ACK, .seq = 5003, .ack = iss + 1, .wnd = 2000, .data = "cd",
	                        .len = 2});
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 2001,
	                        .wnd = open ? 2000 : 10, .data = "ab", .len = 2});
	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.len, by_linux && open ? 1000 : 0);
	ck_assert_uint_eq(s.ack, 5005);
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK, .seq = 5005, .ack = iss + 2001, .wnd = 2000});
	ck_assert_uint_eq(catch_seg(w, &s), !(by_linux && open));
	world_free(w);
}
END_TEST

/* --- TIME_WAIT -------------------------------------------------------------------------------- */

static void deaf(struct net_params *p) {
	plain(p);
	p->rfc1337 = true;
}

/* RFC 1337: a reset that an old duplicate caused ends the wait, or does not. */
START_TEST(reset_in_time_wait) {
	connect_with(_i ? deaf : plain);
	net_close(so, false);
	from_peer(FIN | ACK, 5001, iss + 2, "");
	ck_assert_int_eq(net_state(net_sock_next(w->node[A].st, NULL)), TCP_TIME_WAIT);
	inject(w, &(struct seg){.flags = RST, .seq = 5002, .dport = s.sport});
	if (_i) {
		ck_assert_ptr_nonnull(net_sock_next(w->node[A].st, NULL));
		ck_assert_int_eq(net_state(net_sock_next(w->node[A].st, NULL)), TCP_TIME_WAIT);
		world_for(w, 61 * SIM_S);
	}
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
	world_free(w);
}
END_TEST

/* --- Nagle ------------------------------------------------------------------------------------ */

static void classic(struct net_params *p) {
	plain(p);
	p->minshall = false;
}

/* RFC 896: a small segment waits while anything is unacknowledged.  Minshall: while another small
 * one is, so that the end of a long write goes at once. */
START_TEST(nagle) {
	connect_with(_i ? classic : plain);
	send_flags(so, block, 2500, 0);
	ck_assert_uint_eq(w->caught.count, _i ? 2 : 3);
	from_peer(ACK, 5001, iss + 1001, "");
	ck_assert_uint_eq(w->caught.count, _i ? 2 : 3);
	from_peer(ACK, 5001, iss + 2001, "");
	ck_assert_uint_eq(w->caught.count, 3);
	send_text(so, "x"); /* behind a small one: both wait */
	ck_assert_uint_eq(w->caught.count, 3);
	from_peer(ACK, 5001, iss + 2501, "");
	ck_assert_uint_eq(w->caught.count, 4);
	set_int(so, IPPROTO_TCP, TCP_NODELAY, 1); /* must be possible: RFC 1122 4.2.3.4 */
	send_text(so, "y");
	ck_assert_uint_eq(w->caught.count, 5);
	world_free(w);
}
END_TEST

/* --- opening ---------------------------------------------------------------------------------- */

static void scaled(struct net_params *p) {
	plain(p);
	p->window_scaling = true;
}

/* The window of a SYN is never scaled, even if it crossed another (RFC 1323 2.2). */
START_TEST(window_of_a_crossed_syn) {
	static const uint8_t opt[8] = {2, 4, 1000 >> 8, 1000 & 255, 1, 3, 3, 7};

	w = world_raw(scaled);
	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	EXPECT(w, &s, SYN);
	iss = s.seq;
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .wnd = 2500, .opt = opt, .optlen = 8});
	EXPECT(w, &s, SYN | ACK);
	inject(w, &(struct seg){.flags = SYN | ACK, .seq = 5000, .ack = iss + 1, .wnd = 2500,
	                        .opt = opt, .optlen = 8});
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	drop_caught(w);
	send_flags(so, block, 10000, 0);
	while (catch_seg(w, &s))
		ck_assert_uint_le(s.seq - iss - 1 + s.len, 2500);
	world_free(w);
}
END_TEST

/* RFC 3390 (1), and 536 where the peer names no MSS (RFC 1122 4.2.2.6). */
START_TEST(initial_windows) {
	static const struct {
		uint16_t mss;
		unsigned segments, bytes;
	} cases[] = {{0, 4, 536}, {536, 4, 536}, {1095, 4, 1095}, {1096, 3, 1096}, {1460, 3, 1460}};
	uint8_t opt[4] = {2, 4, (uint8_t)(cases[_i].mss >> 8), (uint8_t)cases[_i].mss};

	w = world_raw(plain);
	so = raw_connected(w, &iss, opt, cases[_i].mss ? 4 : 0, 60000);
	send_flags(so, block, 20000, 0);
	for (unsigned i = 0; i < cases[_i].segments; i++) {
		ck_assert(catch_seg(w, &s));
		ck_assert_uint_eq(s.len, cases[_i].bytes);
	}
	/* 4,380 bytes may end within a segment: none is cut for that */
	NOTHING(w);
	world_free(w);
}
END_TEST

/* RFC 1122 4.2.3.10: a SYN to many is not answered, with or without a listener. */
START_TEST(syn_to_many) {
	static const uint32_t to[] = {0x0a0000ff, INADDR_BROADCAST, 0xe0000001};

	w = world_raw(plain);
	listener(w, A, 99, 5);
	for (size_t i = 0; i < G_N_ELEMENTS(to); i++)
		for (uint16_t port = 99; port <= 100; port++) {
			inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = port, .wnd = 1000,
			                        .to = to[i]});
			NOTHING(w);
		}
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	world_free(w);
}
END_TEST

/* --- receiving -------------------------------------------------------------------------------- */

static void small_buffer(struct net_params *p) {
	plain(p);
	p->rcvbuf = 3000;
}

/* Receiver's silly-window avoidance: the edge moves by min(MSS, half the buffer), RFC 1122 4.2.3.3,
 * and never back. */
START_TEST(edge_moves_by_steps) {
	uint32_t seq = 5001, edge = 5001 + 3000;
	char byte;

	connect_with(small_buffer);
	for (int i = 0; i < 3; i++, seq += 1000)
		inject(w, &(struct seg){.flags = ACK, .seq = seq, .ack = iss + 1, .wnd = 20000,
		                        .data = block, .len = 1000});
	for (unsigned read = 1; read <= 3000; read++) {
		ck_assert_int_eq(recv_flags(so, &byte, 1, 0), 1);
		while (catch_seg(w, &s)) {
			uint32_t now = s.ack + s.wnd;

			ck_assert_uint_ge(now, edge);
			ck_assert(now == edge || now - edge >= MIN(1460, 3000 / 2));
			edge = now;
		}
	}
	ck_assert_uint_ge(edge, 5001 + 3000 + 1500);
	set_int(so, SOL_SOCKET, SO_RCVBUF, 1024); /* does not take back what was offered */
	inject(w, &(struct seg){.flags = ACK, .seq = seq, .ack = iss + 1, .wnd = 20000, .data = block,
	                        .len = 1000});
	world_for(w, SIM_S);
	while (catch_seg(w, &s))
		ck_assert_uint_ge(s.ack + s.wnd, edge);
	world_free(w);
}
END_TEST

/* A clamp below the MSS is a small buffer, whose half is step enough. */
START_TEST(clamped_window_opens) {
	char data[700];

	connect_with(plain);
	set_int(so, IPPROTO_TCP, TCP_WINDOW_CLAMP, 600);
	for (uint32_t seq = 5001; seq != 5001 + 65535; seq += (uint32_t)s.len) {
		s.len = MIN(1000, 5001 + 65535 - seq); /* what was offered before comes */
		inject(w, &(struct seg){.flags = ACK, .seq = seq, .ack = iss + 1, .wnd = 20000,
		                        .data = block, .len = s.len});
		while (recv_flags(so, data, sizeof(data), 0) > 0)
			;
	}
	drop_caught(w);
	from_peer(ACK, 5001 + 65534, iss + 1, ""); /* a probe */
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.wnd, 600);
	world_free(w);
}
END_TEST

/* A clamp of a few bytes would make every segment a silly one: 2.4 takes at least 128, half of
 * SOCK_MIN_RCVBUF. */
START_TEST(clamp_has_a_least_value) {
	int value;
	socklen_t len = sizeof(value);

	connect_with(plain);
	for (int v = 1; v < 200; v += 33) {
		ck_assert_int_eq(set_int(so, IPPROTO_TCP, TCP_WINDOW_CLAMP, v), 0);
		ck_assert_int_eq(net_getopt(so, IPPROTO_TCP, TCP_WINDOW_CLAMP, &value, &len), 0);
		ck_assert_int_eq(value, MAX(v, 128));
	}
	world_free(w);
}
END_TEST

static void fill(TCase *t) {
	tcase_add_loop_test(t, urgent_pointer, 0, 2);
	tcase_add_loop_test(t, urgent_pointer_agreed, 0, 2);
	tcase_add_loop_test(t, reset_in_time_wait, 0, 2);
	tcase_add_loop_test(t, nagle, 0, 2);
	tcase_add_test(t, window_of_a_crossed_syn);
	tcase_add_loop_test(t, window_of_a_filled_hole, 0, 4);
	tcase_add_loop_test(t, initial_windows, 0, 5);
	tcase_add_test(t, syn_to_many);
	tcase_add_test(t, edge_moves_by_steps);
	tcase_add_test(t, clamped_window_opens);
	tcase_add_test(t, clamp_has_a_least_value);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-choices");

	add_both_ways(suite, "choices", near_wrap_on, near_wrap_off, fill);
	return run_suite(suite);
}
