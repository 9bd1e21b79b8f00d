/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One stack and ACKs written by hand: finding out what is lost, and repairing it (RFC 3517, 3782,
 * 6298, FACK), also under a window that the peer takes back (RFC 1122 4.2.2.16). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "raw_fixture.h"
#include "run_suite.h"

static char block[60000];

/* --- SACK ------------------------------------------------------------------------------------- */

/* What is sent again ends where a SACKed range begins. */
START_TEST(small_hole) {
	uint32_t una = twelve();

	/* [0, 2600) is missing; behind its second 1,000 numbers begin anew in the one way of trying */
	for (uint32_t e = 6; e <= 12; e++)
		sack_from_peer(una, una + 2600, una + e * 1000, 0, 0);
	for (uint32_t at = 0; at < 2600; at += 1000) {
		do
			EXPECT(w, &s, ACK);
		while (s.seq - una >= 2600);
		ck_assert_uint_eq(s.seq, una + at);
		ck_assert_uint_eq(s.len, MIN(1000, 2600 - at));
	}
}
END_TEST

/* Holes that no longer lie in the peer's window wait: only three begin in 2,500 bytes. */
START_TEST(hole_beyond_the_window) {
	uint32_t una = twelve() + 1000, again = 0;
	uint8_t opt[12] = {1, 1, 5, 10};

	for (int i = 0; i < 8; i++)
		opt[4 + i] = (uint8_t)((i < 4 ? una + 8000 : una + 11000) >> (24 - 8 * (i % 4)));
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = una,
	                        .wnd = _i ? 60000 : 2500,
	                        .opt = opt,
	                        .optlen = 12});
	for (; catch_seg(w, &s); again += s.seq - una < 8000)
		if (s.seq - una < 8000)
			ck_assert_uint_eq(s.seq, una + 1000 * again);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	if (_i)
		ck_assert_uint_gt(again, 3);
	else
		ck_assert_uint_eq(again, 3);
}
END_TEST

/* The receiver takes SACKed data back; nothing is forgotten before it is acknowledged (RFC 2018 8). */
START_TEST(reneging) {
	uint32_t una = twelve(), next = una;

	sack_from_peer(una, una + 1000, una + 12000, 0, 0);
	drop_caught(w);
	world_for(w, SIM_S);
	ck_assert_uint_ge(counters(w, A)->tcp_timeouts, 1);
	while (next != una + 12000) { /* it has nothing but what is sent again, in order */
		bool came = false;

		while (!came && catch_seg(w, &s))
			came = s.seq == next;
		ck_assert(came);
		next += (uint32_t)s.len;
		inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = next, .wnd = 60000});
	}
}
END_TEST

/* --- FACK ------------------------------------------------------------------------------------- */

static void with_fack(struct net_params *p) {
	plain(p);
	p->fack = true;
}

static void up_fack(void) {
	static const uint8_t both[8] = {2, 4, 1000 >> 8, 1000 & 255, 1, 1, 4, 2};

	near_wrap_at(10500);
	w = world_raw(with_fack);
	so = raw_connected(w, &iss, both, sizeof(both), 60000);
}

/* Three of a flight are lost: one ACK that SACKs the fourth says enough. */
START_TEST(fack_needs_no_duplicates) {
	uint32_t una = twelve();

	if (_i == 0) { /* two lost: fack is not far enough ahead */
		sack_from_peer(una, una + 2000, una + 3000, 0, 0);
		ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 0);
		sack_from_peer(una, una + 2000, una + 4000, 0, 0);
	} else {
		sack_from_peer(una, una + 3000, una + 4000, 0, 0);
	}
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	do
		EXPECT(w, &s, ACK);
	while (s.seq != una);
	ck_assert_int_eq(info().tcpi_ca_state, TCP_CA_Recovery);
}
END_TEST

/* What was overtaken by more than three and comes without having been sent again ends the trust
 * (2.4, tcp_update_reordering()); an ACK without blocks tells nothing. */
START_TEST(fack_ends_with_reordering) {
	uint32_t una = twelve(), at;

	sack_from_peer(una, una + 2000, una + 3000, 0, 0);
	if (_i == 0) { /* a part of what is before it comes late; far ahead of the rest */
		sack_from_peer(una, una + 5000, una + 5400, una + 1500, una + 3000);
		ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 0);
		return;
	}
	if (_i == 1) {
		sack_from_peer(una + 3000, una + 6000, una + 7000, 0, 0);
		una += 3000;
		at = una + 3000;
	} else {
		inject(w,
		       &(struct seg){.flags = ACK, .seq = 5001, .ack = una + 3000, .wnd = 60000});
		una += 3000;
		at = una + 4000;
	}
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 0);
	sack_from_peer(una, at, at + 2000, 0, 0);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, _i == 2);
	sack_from_peer(una, at, at + 3000, 0, 0);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
}
END_TEST

/* Holes that were filled by sending again say nothing about order. */
START_TEST(fack_survives_loss) {
	uint32_t una = twelve();

	sack_from_peer(una, una + 1000, una + 4000, 0, 0);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una + 12000, .wnd = 60000});
	una += 12000;
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = una += 1000, .wnd = 60000});
	sack_from_peer(una, una + 4000, una + 5000, 0, 0);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 2);
}
END_TEST

/* --- NewReno ---------------------------------------------------------------------------------- */

/* Duplicates of the very ACK that ends a repair are echoes of what was sent twice: RFC 3782 3 (1). */
START_TEST(no_second_fast_retransmit) {
	uint32_t una = twelve();

	for (int i = 0; i < 3; i++)
		from_peer(ACK, 5001, una, "");
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	una = iss + 1 + (uint32_t)counters(w, A)->tcp_bytes_out - 1000; /* all that is out */
	drop_caught(w);
	from_peer(ACK, 5001, una, "");
	ck_assert_int_eq(info().tcpi_ca_state, TCP_CA_Open);
	for (int i = 0; i < 4; i++)
		from_peer(ACK, 5001, una, "");
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	from_peer(ACK, 5001, una += 1000, ""); /* covers more than `recover` */
	for (int i = 0; i < 3; i++)
		from_peer(ACK, 5001, una, "");
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 2);
}
END_TEST

/* A partial ACK takes what it acknowledges off the window and gives one segment back (3 (5)). */
START_TEST(deflation) {
	uint32_t una = twelve();

	for (int i = 0; i < 3; i++)
		from_peer(ACK, 5001, una, "");
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 6 + 3);
	from_peer(ACK, 5001, una, "");
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 6 + 4);
	from_peer(ACK, 5001, una + 5000, "");
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 6 + 4 - 5 + 1);
	ck_assert_int_eq(info().tcpi_ca_state, TCP_CA_Recovery);
}
END_TEST

/* Karn: an ACK that may be of either copy is no measure, after a fast retransmit too. */
START_TEST(no_sample_after_repair) {
	uint32_t una = twelve(), rtt = info().tcpi_rtt;

	for (int i = 0; i < 3; i++)
		from_peer(ACK, 5001, una, "");
	world_for(w, 150 * SIM_MS);
	from_peer(ACK, 5001, una + 12000, "");
	ck_assert_uint_eq(info().tcpi_rtt, rtt);
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

/* --- time-outs -------------------------------------------------------------------------------- */

/* ssthresh is halved once, the window is one segment, and all goes again as ACKs allow (RFC 2581
 * 3.1). Karn: no sample from what was sent twice. */
START_TEST(timeout_halves_once) {
	uint32_t una = twelve(), rto = info().tcpi_rto;

	for (int i = 0; i < 3; i++)
		world_for(w, 7 * SIM_S / 10);
	ck_assert_uint_ge(counters(w, A)->tcp_timeouts, 2);
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, 6);
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 1);
	while (catch_seg(w, &s)) { /* each time the first, and it alone (RFC 2525 2.14) */
		ck_assert_uint_eq(s.seq, una);
		ck_assert_uint_eq(s.len, 1000);
	}
	from_peer(ACK, 5001, una + 1000, "");
	ck_assert_uint_eq(w->caught.count, 2);
	ck_assert_uint_eq(info().tcpi_rto, rto << counters(w, A)->tcp_timeouts);
}
END_TEST

/* The peer takes its window back to nothing, and answers: for a day, if it likes.  When it falls
 * silent the usual end comes. */
START_TEST(shut_window_lasts) {
	unsigned probes = 0;

	send_flags(so, block, 3000, 0);
	inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1001, .wnd = 0});
	drop_caught(w);
	for (unsigned minutes = 0; minutes < 24 * 60; minutes++) {
		world_for(w, 60 * SIM_S);
		for (; catch_seg(w, &s); probes++) {
			ck_assert_uint_eq(s.seq, iss + 1001);
			inject(w, &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1001});
		}
	}
	ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
	ck_assert_uint_ge(probes, 24 * 30);
	if (_i == 0) {
		world_for(w, 3600 * SIM_S);
		ck_assert_uint_ge(w->caught.count, 14);
		ck_assert_int_eq(net_take_error(so), ETIMEDOUT);
	} else {
		inject(w,
		       &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1001, .wnd = 20000});
		world_for(w, 121 * SIM_S);
		inject(w,
		       &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 3001, .wnd = 20000});
		ck_assert_int_eq(net_unsent(so), 0);
	}
}
END_TEST

/* What is sent again is what was sent: its ACK must not seem to be one of what was not. */
START_TEST(nothing_new_is_repeated) {
	send_flags(so, block, 300, 0);
	send_flags(so, block, 700, 0); /* held back, Nagle */
	EXPECT(w, &s, ACK | PSH);
	for (int i = 0; i < 3; i++)
		from_peer(ACK, 5001, iss + 1, "");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.seq, iss + 1);
	ck_assert_uint_eq(s.len, 300);
	from_peer(ACK, 5001, iss + 301, "");
	EXPECT(w, &s, ACK | PSH);
	ck_assert_uint_eq(s.seq, iss + 301);
	ck_assert_uint_eq(s.len, 700);
}
END_TEST

/* Silly or shut, the window does not stop what was sent before from being sent again: as much as
 * fits, or the first segment or FIN, which finds out. */
START_TEST(small_window_repeats) {
	static const uint16_t windows[] = {400, 0, 0};

	send_flags(so, block, 3000, 0);
	if (_i == 2)
		net_shutdown(so, SHUT_WR);
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = iss + (_i == 2 ? 3001 : 1001),
	                        .wnd = windows[_i]});
	drop_caught(w);
	world_for(w, 250 * SIM_MS);
	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.seq, iss + (_i == 2 ? 3001 : 1001));
	ck_assert_uint_eq(s.len, _i == 0 ? 400 : _i == 1 ? 1000 : 0);
	ck_assert_int_eq(s.flags & FIN, _i == 2 ? FIN : 0);
}
END_TEST

static void one_second(struct net_params *p) {
	plain(p);
	p->rto_initial = SIM_S;
}

/* A SYN was lost: data starts with three seconds and a window of one segment (RFC 6298 5.7, RFC
 * 2581 3.1). */
START_TEST(after_a_lost_syn) {
	w = world_raw(one_second);
	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	EXPECT(w, &s, SYN);
	iss = s.seq;
	if (_i)
		world_for(w, 1500 * SIM_MS);
	drop_caught(w);
	from_peer(SYN | ACK, 5000, iss + 1, "");
	EXPECT(w, &s, ACK);
	send_flags(so, block, 10000, 0);
	ck_assert_uint_eq(w->caught.count, _i ? 1 : 4); /* of 536 bytes */
	drop_caught(w);
	world_for(w, (_i ? 3000 : 200) * SIM_MS - 1);
	NOTHING(w);
	world_for(w, 1);
	EXPECT(w, &s, ACK);
	world_free(w);
}
END_TEST

static void fill_alone(TCase *t) { tcase_add_loop_test(t, after_a_lost_syn, 0, 2); }

static void fill_established(TCase *t) {
	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, no_second_fast_retransmit);
	tcase_add_test(t, deflation);
	tcase_add_test(t, no_sample_after_repair);
	tcase_add_test(t, timeout_halves_once);
	tcase_add_loop_test(t, shut_window_lasts, 0, 2);
	tcase_add_test(t, nothing_new_is_repeated);
	tcase_add_loop_test(t, small_window_repeats, 0, 3);
}

static void fill_sack(TCase *t) {
	tcase_add_checked_fixture(t, up_sack, down);
	tcase_add_test(t, small_hole);
	tcase_add_loop_test(t, hole_beyond_the_window, 0, 2);
	tcase_add_test(t, reneging);
}

static void fill_fack(TCase *t) {
	tcase_add_checked_fixture(t, up_fack, down);
	tcase_add_loop_test(t, fack_needs_no_duplicates, 0, 2);
	tcase_add_loop_test(t, fack_ends_with_reordering, 0, 3);
	tcase_add_test(t, fack_survives_loss);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-repair");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "established", near_wrap_on, near_wrap_off, fill_established);
	add_both_ways(suite, "sack", near_wrap_on, near_wrap_off, fill_sack);
	add_both_ways(suite, "fack", near_wrap_on, near_wrap_off, fill_fack);
	return run_suite(suite);
}
