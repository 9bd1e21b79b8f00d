/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One stack and ACKs written by hand: what is sent and when (RFC 2581, 2018, 2883, 2988, 3517,
 * 3782, 1191). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "raw_fixture.h"
#include "run_suite.h"

START_TEST(slow_start) {
	static char block[20000];
	uint32_t acked = iss + 1;
	size_t n = 0;

	send_flags(so, block, sizeof(block), 0);
	/* RFC 3390 for 1,000: min(4,000, 4,380) */
	ck_assert_uint_eq(w->caught.count, 4);
	world_for(w, SIM_MS);
	while (catch_seg(w, &s))
		ck_assert_uint_eq(s.len, 1000);
	for (n = 1; n <= 4; n++) {
		from_peer(ACK, 5001, acked += 1000, "");
		ck_assert_uint_eq(w->caught.count, 2); /* one for the ACK, one for growth */
		drop_caught(w);
	}
}
END_TEST

/* However much an ACK acknowledges, one segment more; and nothing for a window that was not used
 * (RFC 2581 3.1, RFC 2861). */
START_TEST(growth) {
	static char block[5000];
	uint32_t acked = iss + 1;

	send_flags(so, block, 5000, 0);
	from_peer(ACK, 5001, acked += 4000, "");
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 5);
	from_peer(ACK, 5001, acked += 1000, "");
	for (int i = 0; i < 10; i++) {
		send_flags(so, block, 1000, 0);
		from_peer(ACK, 5001, acked += 1000, "");
	}
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 5);
}
END_TEST

START_TEST(fast_retransmit) {
	static char block[60000];
	unsigned n;

	send_flags(so, block, sizeof(block), 0);
	for (n = 1; n <= 8; n++)
		from_peer(ACK, 5001, iss + 1 + 1000 * n, ""); /* 12 in flight, then */
	drop_caught(w);
	from_peer(ACK, 5001, iss + 8001, "");
	ck_assert_uint_eq(w->caught.count, 1); /* RFC 3042: one new segment */
	from_peer(ACK, 5001, iss + 8001, "");
	ck_assert_uint_eq(w->caught.count, 2);
	drop_caught(w);
	from_peer(ACK, 5001, iss + 8001, "");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.seq, iss + 8001);
	drop_caught(w);
	/* partial ACK: the next hole at once, RFC 3782 */
	from_peer(ACK, 5001, iss + 10001, "");
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.seq, iss + 10001);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

START_TEST(sack_recovery) {
	uint32_t una = twelve();

	/* segments 1 and 3 of the flight are lost */
	sack_from_peer(una, una + 1000, una + 2000, 0, 0);
	sack_from_peer(una, una + 3000, una + 4000, una + 1000, una + 2000);
	drop_caught(w);
	sack_from_peer(una, una + 3000, una + 5000, una + 1000, una + 2000);
	EXPECT(w, &s, ACK);
	ck_assert_uint_eq(s.seq, una);
	ck_assert_uint_eq(s.len, 1000);
	drop_caught(w);
	for (uint32_t e = 6; e <= 10; e++)
		sack_from_peer(una, una + 3000, una + e * 1000, una + 1000, una + 2000);
	EXPECT(w, &s, ACK); /* the other hole, and never what was SACKed */
	ck_assert_uint_eq(s.seq, una + 2000);
	while (catch_seg(w, &s))
		ck_assert_uint_ge(s.seq, una + 12000);
	ck_assert_uint_eq(counters(w, A)->tcp_retransmits, 2);
	sack_from_peer(una + 10000, una, una + 1000, 0, 0); /* D-SACK */
	ck_assert_uint_eq(counters(w, A)->tcp_dsacks_in, 1);
	world_for(w, 10 * SIM_MS);
	from_peer(ACK, 5001, una + 14000, "");
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

/* Of a hole below what is SACKed nothing is known yet: sent again at last, where the window has room and
 * there is nothing new to send (RFC 3517 section 4, NextSeg rule 3), and what is new before it. */
START_TEST(doubtful_hole) {
	uint32_t una = _i ? twelve() : twelve_of(20000), again[2] = {una, una + 8000}, n = 0;

	for (uint32_t e = 2; e <= 8; e++)
		sack_from_peer(una, una + 1000, una + e * 1000, 0, 0);
	sack_from_peer(una, una + 9000, una + 11000, una + 1000, una + 8000);
	while (catch_seg(w, &s))
		if (s.seq - una < 12000) {
			ck_assert_uint_lt(n, 2);
			ck_assert_uint_eq(s.seq, again[n++]);
		}
	ck_assert_uint_eq(n, _i ? 1 : 2);
	ck_assert_uint_eq(counters(w, A)->tcp_retransmits, n);
}
END_TEST

/* Reordering looked like loss; the retransmission comes back as a duplicate (RFC 3708). */
START_TEST(undo_by_dsack) {
	uint32_t una = twelve();

	ck_assert_uint_eq(info().tcpi_snd_cwnd, 12);
	for (uint32_t n = 2; n <= 4; n++)
		sack_from_peer(una, una + 1000, una + n * 1000, 0, 0);
	ck_assert_uint_eq(counters(w, A)->tcp_fast_retransmits, 1);
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, 6);
	sack_from_peer(una, una + 4000, una + 4000, 0, 0); /* an empty block tells nothing */
	ck_assert_uint_eq(counters(w, A)->tcp_undos, 0);
	if (_i == 0) { /* the late one came, and then its copy */
		sack_from_peer(una + 4000, una, una + 1000, 0, 0);
		ck_assert_uint_eq(counters(w, A)->tcp_undos, 1);
		ck_assert_uint_ge(info().tcpi_snd_cwnd, 11);
		ck_assert_int_eq(info().tcpi_ca_state, TCP_CA_Open);
	} else { /* it was lost indeed */
		from_peer(ACK, 5001, una + 14000, "");
		from_peer(ACK, 5001, una + 15000, "");
		sack_from_peer(una + 15000, una, una + 1000, 0, 0); /* too late to tell anything */
		ck_assert_uint_eq(counters(w, A)->tcp_undos, 0);
		ck_assert_uint_le(info().tcpi_snd_cwnd, 7);
	}
}
END_TEST

static void with_ts(struct net_params *p) { p->quickacks = 0; }

static void ts_ack(uint32_t ack, uint32_t ecr) {
	uint8_t opt[12] = {1, 1, 8, 10, 0, 0, 3, 232};

	for (int i = 0; i < 4; i++)
		opt[8 + i] = (uint8_t)(ecr >> (24 - 8 * i));
	inject(w, &(struct seg){.flags = ACK,
	                        .seq = 5001,
	                        .ack = ack,
	                        .wnd = 60000,
	                        .opt = opt,
	                        .optlen = 12});
}

static uint32_t ts_val(const struct seg *seg) {
	uint32_t v;

	memcpy(&v, seg->options + 4, 4);
	return GUINT32_FROM_BE(v);
}

/* A delay longer than the RTO: the first ACK after it echoes the first copy or the second (RFC
 * 3522). */
START_TEST(undo_by_timestamp) {
	static const uint8_t ts[12] = {1, 1, 8, 10, 0, 0, 3, 232, 0, 0, 0, 1};
	static char block[20000];
	uint32_t first, again = 0, full;

	w = world_raw(with_ts);
	so = raw_connected(w, &iss, ts, sizeof(ts), 60000);
	send_flags(so, block, sizeof(block), 0);
	ck_assert(catch_seg(w, &s));
	first = ts_val(&s);
	full = (uint32_t)s.len;
	world_for(w, SIM_S - SIM_MS);
	drop_caught(w);
	world_for(w, SIM_S);
	while (catch_seg(w, &s))
		again = ts_val(&s);
	ck_assert_uint_ge(counters(w, A)->tcp_timeouts, 1);
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 1);
	ts_ack(iss + 1 + full, _i ? again : first);
	ck_assert_uint_eq(counters(w, A)->tcp_undos, !_i);
	ck_assert_int_eq(info().tcpi_ca_state, _i ? TCP_CA_Loss : TCP_CA_Open);
	ck_assert(catch_seg(w, &s)); /* goes on with what is new, or sends all again */
	ck_assert_uint_eq(s.seq, iss + 1 + (_i ? 1 : 4) * full);
	world_free(w);
}
END_TEST

START_TEST(sack_blocks) {
	static const uint8_t expect[][2] = {{6, 7}, {4, 5}, {2, 3}};
	uint32_t at;

	for (uint32_t i = 2; i <= 6; i += 2) /* 5003, 5005, 5007: newest first */
		from_peer(ACK, 5001 + i, iss + 1, "x");
	for (int i = 0; i < 3; i++)
		ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.optlen, 28);
	for (int i = 0; i < 3; i++)
		for (int side = 0; side < 2; side++) {
			memcpy(&at, s.options + 4 + 8 * i + 4 * side, 4);
			ck_assert_uint_eq(GUINT32_FROM_BE(at), 5001U + expect[i][side]);
		}
	from_peer(ACK, 5003, iss + 1, "x"); /* again: D-SACK first, RFC 2883 */
	ck_assert(catch_seg(w, &s));
	memcpy(&at, s.options + 4, 4);
	ck_assert_uint_eq(GUINT32_FROM_BE(at), 5003);
	ck_assert_uint_eq(s.optlen, 36);
	from_peer(ACK, 5001, iss + 1, "ab"); /* the gap closes up to 5004 */
	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.ack, 5004);
	ck_assert_uint_eq(s.optlen, 20);
	/* old bytes, a gap filled, a block that stays: all in one */
	from_peer(ACK, 5002, iss + 1, "bcd");
	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.ack, 5006);
	ck_assert_uint_eq(s.optlen, 20);
	memcpy(&at, s.options + 4, 4);
	ck_assert_uint_eq(GUINT32_FROM_BE(at), 5002);
	memcpy(&at, s.options + 12, 4);
	ck_assert_uint_eq(GUINT32_FROM_BE(at), 5007);
	from_peer(ACK, 5006, iss + 1, "e");
	ck_assert(catch_seg(w, &s));
	ck_assert_uint_eq(s.ack, 5008);
	ck_assert_uint_eq(s.optlen, 0);
}
END_TEST

START_TEST(rto_karn) {
	sim_time sent, first, rto;
	uint64_t n;

	send_text(so, "abc");
	EXPECT(w, &s, ACK | PSH);
	world_for(w, 100 * SIM_MS);
	from_peer(ACK, 5001, iss + 4, ""); /* SRTT after 0 (handshake) and 100 ms samples */
	sent = w->now;
	send_text(so, "def");
	EXPECT(w, &s, ACK | PSH);
	world_for(w, 10 * SIM_S);
	EXPECT(w, &s, ACK | PSH);
	ck_assert_uint_eq(s.seq, iss + 4);
	ck_assert_int_ge(s.when - sent, 200 * SIM_MS);
	ck_assert_int_le(s.when - sent, 300 * SIM_MS);
	first = s.when;
	rto = first - sent;
	EXPECT(w, &s, ACK | PSH);
	ck_assert_int_eq(s.when - first, 2 * rto);
	/* an ACK of a retransmitted segment is no sample: RTO and back-off stay */
	n = counters(w, A)->tcp_timeouts;
	drop_caught(w);
	from_peer(ACK, 5001, iss + 7, "");
	sent = w->now;
	send_text(so, "ghi");
	EXPECT(w, &s, ACK | PSH);
	world_for(w, 60 * SIM_S);
	EXPECT(w, &s, ACK | PSH);
	ck_assert_int_eq(s.when - sent, rto << n);
	/* until one that is clear comes */
	from_peer(ACK, 5001, iss + 10, "");
	ck_assert_uint_gt(info().tcpi_backoff, 0);
	send_text(so, "jkl");
	from_peer(ACK, 5001, iss + 13, "");
	ck_assert_uint_eq(info().tcpi_backoff, 0);
}
END_TEST

START_TEST(idle_restart) {
	static char block[60000];

	send_flags(so, block, 12000, 0);
	for (uint32_t n = 1; n <= 12; n++)
		from_peer(ACK, 5001, iss + 1 + 1000 * n, "");
	drop_caught(w);
	world_for(w, 5 * SIM_S);
	send_flags(so, block, 20000, 0);
	ck_assert_uint_eq(w->caught.count, 4); /* RFC 2581 4.1 */
}
END_TEST

START_TEST(path_mtu) {
	static char block[4000];

	send_flags(so, block, sizeof(block), 0);
	drop_caught(w);
	icmp_from_peer(
		&(struct icmp){.type = 3, .code = 4, .mtu = 540, .total = 1040, .seq = iss + 1});
	EXPECT(w, &s, ACK); /* again at once, smaller */
	ck_assert_uint_eq(s.seq, iss + 1);
	ck_assert_uint_eq(s.len, 500);
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

static void fill_alone(TCase *t) { tcase_add_loop_test(t, undo_by_timestamp, 0, 2); }

static void fill_established(TCase *t) {
	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, slow_start);
	tcase_add_test(t, growth);
	tcase_add_test(t, fast_retransmit);
	tcase_add_test(t, rto_karn);
	tcase_add_test(t, idle_restart);
	tcase_add_test(t, path_mtu);
}

static void fill_sack(TCase *t) {
	tcase_add_checked_fixture(t, up_sack, down);
	tcase_add_test(t, sack_recovery);
	tcase_add_loop_test(t, doubtful_hole, 0, 2);
	tcase_add_test(t, sack_blocks);
	tcase_add_loop_test(t, undo_by_dsack, 0, 2);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-sending");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "established", near_wrap_on, near_wrap_off, fill_established);
	add_both_ways(suite, "sack", near_wrap_on, near_wrap_off, fill_sack);
	return run_suite(suite);
}
