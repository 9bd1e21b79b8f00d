/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes a preset what it is called: mechanisms of Linux 2.4 and of 4.4BSD, each beside what the
 * other does. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "raw_fixture.h"
#include "run_suite.h"

/* --- D-SACK between two of us ------------------------------------------------------------------- */

struct plan {
	unsigned count;
	struct frame *again;
};

/* Loses the 40th and the 44th segment of data; the 42nd comes again when B reports two blocks. */
static struct fate again_between_holes(struct world *w, int from, struct frame *f) {
	size_t payload;
	enum { TCP_AT = 34, TWO_BLOCKS = (20 + 12 + 20) / 4 };
	struct plan *p = w->fate_data;

	if (from != A && p->again && frame_data(f)[TCP_AT + 12] >> 4 == TWO_BLOCKS) {
		net_input(w->node[B].st, w->node[B].ifp, p->again);
		p->again = NULL;
	}
	if (from != A || net_classify(f, &payload) != NET_KIND_DATA)
		return (struct fate){1, 0, false};
	if (++p->count == 42)
		p->again = frame_copy(f);
	return (struct fate){p->count != 40 && p->count != 44, 0, false};
}

/* RFC 2883 4.2 between two of us: a duplicate above the ACK is known for one, whatever was reported
 * before, and not taken for news. */
START_TEST(duplicate_between_holes) {
	struct world *w = world_new("linux-2.4", 5 * SIM_MS);
	struct plan p = {0};
	struct net_sock *a, *b;

	connect_pair(w, &a, &b);
	w->fate = again_between_holes;
	w->fate_data = &p;
	ck_assert_uint_eq(pump(w, a, b, 400000, 100 * SIM_S), 400000);
	ck_assert_uint_eq(counters(w, A)->tcp_dsacks_in, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_retransmits, 2);
	world_free(w);
}
END_TEST

/* --- connect() and TIME_WAIT --------------------------------------------------------------------- */

static void by_bsd(struct net_params *p) { p->connect_recycles = false; }
static void stampless(struct net_params *p) { p->timestamps = false; }

/* 2.4's connect() from a port that bind() gave takes over the pair of a connection in TIME_WAIT that
 * had time-stamps, above its numbers; without them, with a drawn port, and elsewhere the pair is in
 * use. */
START_TEST(connect_to_a_waiting_pair) {
	static void (*const tweak[])(struct net_params *) = {NULL, stampless, by_bsd};
	struct world *w = world_tweaked("linux-2.4", 100 * SIM_US, tweak[_i]);
	struct net_sock *l = listener(w, B, 80, 5), *a, *b;
	uint16_t from = 4000;
	uint32_t addr;

	for (int i = 0; i < 4; i++) {
		bool waits = i > 0;

		a = sock_open(w, A, SOCK_STREAM);
		set_int(a, SOL_SOCKET, SO_REUSEADDR, 1);
		ck_assert_int_eq(net_bind(a, 0, from), 0);
		ck_assert_int_eq(net_connect(a, ADDR_B, 80),
		                 waits && _i ? -EADDRNOTAVAIL : -EINPROGRESS);
		if (waits && _i)
			break;
		world_for(w, SIM_MS);
		ck_assert_int_eq(net_state(a), TCP_ESTABLISHED);
		ck_assert_int_eq(net_accept(l, NULL, &b), 0);
		send_text(a, "again");
		world_for(w, SIM_S);
		ck_assert_str_eq(recv_text(b), "again");
		net_close(a, false); /* A closes first and waits */
		world_for(w, SIM_MS);
		net_close(b, false);
		world_for(w, 2 * SIM_S);
		ck_assert_uint_eq(counters(w, A)->tcp_time_waits, 1 + (uint64_t)i);
	}
	/* a port that is drawn is never one that waits */
	a = sock_open(w, A, SOCK_STREAM);
	ck_assert_int_eq(net_connect(a, ADDR_B, 80), -EINPROGRESS);
	ck_assert_int_eq(net_sockname(a, &addr, &from), 0);
	ck_assert_uint_ne(from, 4000);
	world_free(w);
}
END_TEST

/* --- the window -------------------------------------------------------------------------------- */

static void grows(struct net_params *p) {
	plain(p);
	p->growing_window = true;
}

/* A window that full segments opened, filled with half-full ones that nobody reads: the memory of a
 * socket is used up before the window is, which shrinks to two segments and stays small
 * (tcp_clamp_window()); what was offered is taken nevertheless. */
START_TEST(window_is_clamped) {
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};
	static char block[1460], sink[65536];
	uint32_t seq = 5001, edge = 0;

	w = world_raw(grows);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
	for (int i = 0; i < 60; i++, seq += 1460) {
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = seq,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = block,
		                        .len = 1460});
		recv_flags(so, sink, sizeof(sink), 0);
	}
	world_for(w, SIM_S);
	while (catch_seg(w, &s))
		edge = s.ack + s.wnd;
	ck_assert_uint_eq(edge - seq, 43 * 1460); /* all but one segment of the buffer */
	edge = seq + 65535 - 1460;
	ck_assert_uint_ge(info().tcpi_rcv_ssthresh, 64000);
	for (int i = 0; i < 60; i++, seq += 700)
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = seq,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = block,
		                        .len = 700});
	world_for(w, SIM_S);
	ck_assert_uint_eq(info().tcpi_rcv_ssthresh, 2 * 1460);
	while (catch_seg(w, &s))
		ck_assert_uint_le(s.ack + s.wnd, edge);
	ck_assert_int_eq(recv_flags(so, sink, sizeof(sink), 0), 60 * 700);
	world_free(w);
}
END_TEST

/* --- BSD's rules, beside the others ------------------------------------------------------------- */

static void bsd(struct net_params *p) {
	plain(p);
	p->minshall = false;
	p->bsd_acks = p->bsd_window = p->bsd_closing = p->bsd_urgent = true;
}

static void meet(bool by_bsd) {
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

	w = world_raw(by_bsd ? bsd : plain);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
}

/* The second segment forces an ACK, whatever its size (tcp_input(), DELAY_ACK()); for others the
 * second full one. */
START_TEST(second_segment) {
	meet(_i);
	from_peer(ACK, 5001, iss + 1, "a");
	NOTHING(w);
	from_peer(ACK, 5002, iss + 1, "b");
	ck_assert_uint_eq(w->caught.count, _i ? 1 : 0);
	from_peer(ACK, 5003, iss + 1, "c");
	ck_assert_uint_eq(w->caught.count, _i ? 1 : 0);
	world_free(w);
}
END_TEST

/* What is free is offered, in any step; a window update comes when two segments have become free
 * (tcp_output()), for Linux when the window has doubled. */
START_TEST(free_space_is_offered) {
	static char block[1000], sink[5000];
	unsigned before;

	meet(_i);
	for (uint32_t n = 0; n < 10; n++)
		inject(w, &(struct seg){.flags = ACK,
		                        .seq = 5001 + 1000 * n,
		                        .ack = iss + 1,
		                        .wnd = 20000,
		                        .data = block,
		                        .len = 1000});
	world_for(w, SIM_S);
	drop_caught(w);
	recv_flags(so, sink, 100, 0);
	from_peer(ACK, 15001, iss + 1, "a");
	world_for(w, SIM_S);
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack + s.wnd, 5001 + 65535 + (_i ? 100 : 0));
	before = w->caught.count;
	recv_flags(so, sink, 3000, 0);
	ck_assert_uint_eq(w->caught.count - before, _i ? 1 : 0);
	world_free(w);
}
END_TEST

/* A reset: EPIPE where the peer has closed; no error for BSD once both have. */
START_TEST(reset_when_closing) {
	meet(_i & 1);
	if (_i & 2) {
		net_shutdown(so, SHUT_WR);
		from_peer(FIN | ACK, 5001, iss + 1, "");
		ck_assert_int_eq(net_state(so), TCP_CLOSING);
	} else {
		from_peer(FIN | ACK, 5001, iss + 1, "");
		ck_assert_int_eq(net_state(so), TCP_CLOSE_WAIT);
	}
	from_peer(RST, 5002, 0, "");
	ck_assert_int_eq(net_state(so), TCP_CLOSE);
	if (_i & 2)
		ck_assert_int_eq(net_take_error(so), _i & 1 ? 0 : ECONNRESET);
	else
		ck_assert_int_eq(net_take_error(so), EPIPE);
	world_free(w);
}
END_TEST

/* Data for a user who has closed is answered with a reset in CLOSING too; for Linux nothing follows
 * a FIN. */
START_TEST(data_when_closing) {
	meet(_i);
	net_close(so, false);
	from_peer(FIN | ACK, 5001, iss + 1, "");
	drop_caught(w);
	from_peer(ACK, 5002, iss + 1, "late");
	ck_assert(catch_seg(w, &s));
	ck_assert_int_eq(s.flags & RST, _i ? RST : 0);
	world_free(w);
}
END_TEST

/* Urgent data is announced through a shut window (tcp_usr_send(), t_force). */
START_TEST(urgent_through_a_shut_window) {
	meet(_i);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1, .wnd = 0});
	drop_caught(w);
	send_flags(so, "!", 1, MSG_OOB);
	ck_assert_uint_eq(w->caught.count, _i);
	if (_i) {
		EXPECT(w, &s, ACK | URG);
		ck_assert_uint_eq(s.urg, 1);
	}
	world_free(w);
}
END_TEST

/* What the user writes in parts is one write for BSD's Nagle (TF_MORETOCOME, TF_LASTIDLE): its end goes
 * if nothing was out when it began, and only then; MSG_MORE is the same, spread over calls.  An owner's
 * gathering is nothing to TCP_CORK. */
static void write_in_parts(bool calls) {
	static char block[1200];

	if (!calls)
		net_hold(so, true);
	ck_assert_int_eq(send_flags(so, block, 1200, calls ? MSG_MORE : 0), 1200);
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.len, 1000);
	NOTHING(w);
	ck_assert_int_eq(send_flags(so, block, 100, 0), 100);
	if (!calls)
		net_hold(so, false);
}

START_TEST(a_write_in_parts) {
	meet(_i & 1);
	write_in_parts(_i & 2);
	EXPECT(w, &s, ACK | PSH);
	ck_assert_uint_eq(s.len, 300);
	write_in_parts(_i & 2); /* with the other's bytes still out */
	NOTHING(w);
	from_peer(ACK, 5001, iss + 1 + 2300, "");
	EXPECT(w, &s, ACK | PSH);
	ck_assert_uint_eq(s.len, 300);
	world_free(w);
}
END_TEST

/* --- RFC 5961 ----------------------------------------------------------------------------------- */

static void suspicious(struct net_params *p) {
	plain(p);
	p->rfc5961 = true;
}

/* A guess inside the window gets an ACK (3.2, 4.2, 5.2), ten in a second (7); the exact number still
 * resets. */
START_TEST(guesses_are_challenged) {
	static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};
	static const struct {
		uint8_t flags;
		uint32_t seq;
		int32_t ack;
	} guess[] = {{RST, 5100, 0},
	             {SYN, 5100, 0},
	             {SYN, 5001, 0},
	             {ACK, 5001, 5},
	             {ACK, 5001, -30000}};

	w = world_raw(suspicious);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
	from_peer(guess[_i].flags, guess[_i].seq, iss + 1 + (uint32_t)guess[_i].ack, "");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.ack, 5001);
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	for (int i = 0; i < 20; i++)
		from_peer(RST, 5100, 0, "");
	ck_assert_uint_eq(w->caught.count, 9);
	world_for(w, SIM_S);
	from_peer(RST, 5100, 0, "");
	ck_assert_uint_eq(w->caught.count, 10);
	from_peer(ACK, 5001, iss - 10000, "old but known");
	ck_assert_str_eq(recv_text(so), "old but known");
	from_peer(RST, 5014, 0, "");
	ck_assert_int_eq(net_take_error(so), ECONNRESET);
	world_free(w);
}
END_TEST

static void fill(TCase *t) {
	tcase_add_loop_test(t, second_segment, 0, 2);
	tcase_add_loop_test(t, free_space_is_offered, 0, 2);
	tcase_add_loop_test(t, reset_when_closing, 0, 4);
	tcase_add_loop_test(t, data_when_closing, 0, 2);
	tcase_add_loop_test(t, urgent_through_a_shut_window, 0, 2);
	tcase_add_loop_test(t, a_write_in_parts, 0, 4);
	tcase_add_loop_test(t, guesses_are_challenged, 0, 5);
	tcase_add_test(t, duplicate_between_holes);
	tcase_add_test(t, window_is_clamped);
	tcase_add_loop_test(t, connect_to_a_waiting_pair, 0, 3);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-presets");

	add_both_ways(suite, "presets", near_wrap_on, near_wrap_off, fill);
	return run_suite(suite);
}
