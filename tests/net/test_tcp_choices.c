/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stacks do differently and a parameter chooses, and small musts of RFC 1122, 1323 and 3390. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "raw_fixture.h"
#include "run_suite.h"

static char block[60000];

/* --- urgent data ------------------------------------------------------------------------------ */

static void to_the_byte(struct net_params *p) {
	plain(p);
	p->stdurg = true;
}

static void nowhere(struct net_params *p) {
	plain(p);
	p->urgent_zero = false;
}

static void connect_with(void (*tweak)(struct net_params *)) {
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

	w = world_raw(tweak);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
}

/* The pointer points to the last urgent byte (RFC 1122 4.2.2.4) or behind it (BSD): the same
 * segment, two bytes, and the same byte, two segments.  One of nought points to the first byte, or
 * nowhere. */
START_TEST(urgent_pointer) {
	static void (*const tweak[])(struct net_params *) = {plain, to_the_byte, nowhere};
	bool to_it = _i == 1;
	char byte = 0;

	connect_with(tweak[_i]);
	inject(w, &(struct seg){.flags = ACK | URG,
	                        .seq = 5001,
	                        .ack = iss + 1,
	                        .wnd = 20000,
	                        .urg = 3,
	                        .data = "abcdef",
	                        .len = 6});
	ck_assert(net_poll(so) & POLLPRI);
	ck_assert_int_eq(recv_flags(so, &byte, 1, MSG_OOB), 1);
	ck_assert_int_eq(byte, to_it ? 'd' : 'c');
	ck_assert_str_eq(recv_text(so), to_it ? "abc" : "ab");
	drop_caught(w);
	send_flags(so, "0123456789", 10, MSG_OOB); /* 9 is urgent */
	ck_assert(catch_seg(w, &s));
	ck_assert_int_eq(s.flags & URG, URG);
	ck_assert_uint_eq(s.urg, to_it ? 9 : 10);
	recv_text(so);
	inject(w, &(struct seg){.flags = ACK | URG,
	                        .seq = 5007,
	                        .ack = iss + 11,
	                        .wnd = 20000,
	                        .urg = 0,
	                        .data = "gh",
	                        .len = 2});
	ck_assert_int_eq(net_poll(so) & POLLPRI, _i < 2 ? POLLPRI : 0);
	ck_assert_str_eq(recv_text(so), _i < 2 ? "h" : "gh");
	/* nor into what came before, read or not (tcp_check_urg(); rcv_up) */
	from_peer(ACK, 5009, iss + 11, "ijk");
	inject(w, &(struct seg){.flags = ACK | URG,
	                        .seq = 5010,
	                        .ack = iss + 11,
	                        .wnd = 20000,
	                        .urg = 1,
	                        .data = "jkl",
	                        .len = 3});
	ck_assert_int_eq(net_poll(so) & POLLPRI, 0);
	ck_assert_str_eq(recv_text(so), "ijkl");
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
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5003,
	                        .ack = iss + 1,
	                        .wnd = 2000,
	                        .data = "cd",
	                        .len = 2});
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = iss + 2001,
	                        .wnd = open ? 2000 : 10,
	                        .data = "ab",
	                        .len = 2});
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

/* RFC 896: a small segment waits while anything is unacknowledged that was when the user wrote (BSD's
 * `idle`), so that all of a write goes if the wire was quiet.  Minshall: while another small one is, so
 * that the end of a long write goes at once in any case. */
START_TEST(nagle) {
	connect_with(_i ? classic : plain);
	send_flags(so, block, 2500, 0);
	ck_assert_uint_eq(w->caught.count, 3);
	from_peer(ACK, 5001, iss + 2501, "");
	iss += 2500;
	drop_caught(w);
	send_flags(so, block, 1000, 0);
	send_flags(so, block, 1500, 0);
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

/* Urgent data does not wait for small segments, nor for a cork (2.4, tcp_snd_test(); BSD, t_force). */
START_TEST(urgent_is_not_held_back) {
	connect_with(_i & 1 ? classic : plain);
	if (_i & 2)
		set_int(so, IPPROTO_TCP, TCP_CORK, 1);
	else
		send_text(so, "small");
	drop_caught(w);
	send_text(so, "waits ");
	NOTHING(w);
	send_flags(so, "!", 1, MSG_OOB);
	EXPECT(w, &s, ACK | PSH | URG);
	ck_assert_uint_eq(s.len, 7);
	world_free(w);
}
END_TEST

static void both_at_once(struct net_params *p) {
	plain(p);
	p->cork_or_nodelay = false;
}

/* 2.4 takes a cork or TCP_NODELAY, not both, nor one off while the other is on. */
START_TEST(cork_or_nodelay) {
	static const int option[2] = {TCP_NODELAY, TCP_CORK};
	int first = option[_i / 2], second = option[1 - _i / 2], refused = _i % 2 ? 0 : -EINVAL;

	connect_with(_i % 2 ? both_at_once : plain);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, first, 1), 0);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, second, 1), refused);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, second, 0), refused);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, first, 1), 0);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, first, 0), 0);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, second, 1), 0);
	ck_assert_int_eq(set_int(so, IPPROTO_TCP, second, 0), 0);
	world_free(w);
}
END_TEST

/* --- time-stamps ------------------------------------------------------------------------------ */

static void with_ts(struct net_params *p) {
	plain(p);
	p->timestamps = true;
}

static void early_ts(struct net_params *p) {
	with_ts(p);
	p->early_timestamp = true;
}

static void stamped(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t stamp, const char *text) {
	uint8_t opt[12] = {1, 1, 8, 10};

	stamp = GUINT32_TO_BE(stamp);
	memcpy(opt + 4, &stamp, 4);
	inject(w, &(struct seg){.flags = flags,
	                        .seq = seq,
	                        .ack = ack,
	                        .wnd = 20000,
	                        .opt = opt,
	                        .optlen = sizeof(opt),
	                        .data = text,
	                        .len = strlen(text)});
}

static uint32_t echoed(void) {
	uint32_t ecr;

	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.optlen, 12);
	memcpy(&ecr, s.options + 8, 4);
	drop_caught(w);
	return GUINT32_FROM_BE(ecr);
}

/* Whose time-stamp is echoed?  Also that of a segment whose ACK is not acceptable, since the window
 * is looked at first, the ACK later; that of what lies below the window for RFC 7323 (appendix D),
 * not for 2.4; a reset's never (RFC 7323 3.2). */
START_TEST(timestamp_of_what_is_dropped) {
	static const uint8_t opt[12] = {1, 1, 8, 10, 0, 0, 0, 100, 0, 0, 0, 0};

	w = world_raw(_i ? early_ts : with_ts);
	so = raw_connected(w, &iss, opt, sizeof(opt), 20000);
	stamped(ACK, 5001, iss + 1, 101, "abcdef");
	world_for(w, SIM_S);
	ck_assert_uint_eq(echoed(), 101);
	stamped(ACK, 5007, iss + 99, 102, ""); /* acknowledges what was never sent */
	ck_assert_uint_eq(echoed(), 102);
	stamped(0, 5007, 0, 103, "");          /* nothing at all */
	stamped(ACK, 5009, iss + 1, 104, "x"); /* beyond a gap */
	ck_assert_uint_eq(echoed(), 103);
	stamped(ACK, 5001, iss + 1, 105, "abc"); /* old */
	ck_assert_uint_eq(echoed(), _i ? 105 : 103);
	stamped(RST, 5001, iss + 1, 106, "");
	from_peer(ACK, 5001, iss + 1, "abc");
	ck_assert_uint_eq(echoed(), _i ? 105 : 103);
	world_free(w);
}
END_TEST

/* --- idling ----------------------------------------------------------------------------------- */

static void at_once(struct net_params *p) {
	plain(p);
	p->idle_decay = false;
}

/* Sends so many segments, each acknowledged for itself. */
static void exchange(unsigned segments) {
	uint32_t first = iss + 1;

	send_flags(so, block, 1000 * segments, 0);
	for (uint32_t n = 1; n <= segments; n++)
		from_peer(ACK, 5001, first + 1000 * n, "");
	drop_caught(w);
}

/* A pause longer than the RTO: RFC 2581 4.1 begins with the initial window again, RFC 2861 halves for
 * each RTO. */
START_TEST(pause_shrinks_the_window) {
	bool decays = _i < 6;
	unsigned rtos = (unsigned)_i % 6, cwnd, left;

	connect_with(decays ? plain : at_once);
	exchange(40);
	cwnd = info().tcpi_snd_cwnd;
	ck_assert_uint_ge(cwnd, 18);
	world_for(w, (info().tcpi_rto * (sim_time)rtos + info().tcpi_rto / 2) * SIM_US);
	send_text(so, "x");
	left = decays ? MAX(cwnd >> rtos, 4) : 4;
	ck_assert_uint_eq(info().tcpi_snd_cwnd, rtos ? left : cwnd);
	world_free(w);
}
END_TEST

/* RFC 2861 3.1: the threshold remembers three quarters of the window that was. */
START_TEST(pause_is_remembered) {
	unsigned cwnd;

	connect_with(_i ? at_once : plain);
	send_flags(so, block, 4000, 0);
	icmp_from_peer(&(struct icmp){.type = 4, .seq = iss + 1}); /* quench: the threshold is 2 */
	from_peer(ACK, 5001, iss + 4001, "");
	iss += 4000;
	exchange(60);
	cwnd = info().tcpi_snd_cwnd;
	ck_assert_uint_ge(cwnd, 8);
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, 2);
	world_for(w, 2 * SIM_S);
	send_text(so, "x");
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, _i ? 2 : cwnd * 3 / 4);
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
	inject(w, &(struct seg){.flags = SYN | ACK,
	                        .seq = 5000,
	                        .ack = iss + 1,
	                        .wnd = 2500,
	                        .opt = opt,
	                        .optlen = 8});
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
			inject(w, &(struct seg){.flags = SYN,
			                        .seq = 5000,
			                        .dport = port,
			                        .wnd = 1000,
			                        .to = to[i]});
			NOTHING(w);
		}
	ck_assert_uint_eq(counters(w, A)->tcp_begun, 0); /* nor is anything remembered */
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
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = seq,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = block,
		                        .len = 1000});
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
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = seq,
	                        .ack = iss + 1,
	                        .wnd = 20000,
	                        .data = block,
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
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = seq,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = block,
		                        .len = s.len});
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
	tcase_add_loop_test(t, urgent_pointer, 0, 3);
	tcase_add_loop_test(t, urgent_pointer_agreed, 0, 2);
	tcase_add_loop_test(t, reset_in_time_wait, 0, 2);
	tcase_add_loop_test(t, nagle, 0, 2);
	tcase_add_loop_test(t, urgent_is_not_held_back, 0, 4);
	tcase_add_loop_test(t, cork_or_nodelay, 0, 4);
	tcase_add_loop_test(t, timestamp_of_what_is_dropped, 0, 2);
	tcase_add_loop_test(t, pause_shrinks_the_window, 0, 12);
	tcase_add_loop_test(t, pause_is_remembered, 0, 2);
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
