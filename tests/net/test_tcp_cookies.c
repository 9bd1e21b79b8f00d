/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SYN cookies, as Linux 2.4 and as FreeBSD 4.5 have them (RFC 4987 3.6). */
#include <errno.h>

#include "net/engine/socket.h"
#include "raw_fixture.h"
#include "run_suite.h"

enum { BY_LINUX, BY_BSD };

static struct net_sock *lso;

static void small_queue(struct net_params *p) {
	p->syn_backlog = 2;
	p->syncookies = true;
	p->isn = 0; /* a cookie is a number of its own */
}
static void by_linux(struct net_params *p) { small_queue(p); }
static void by_bsd(struct net_params *p) {
	net_params_preset(p, "bsd-card");
	small_queue(p);
}
static void no_cookies(struct net_params *p) {
	small_queue(p);
	p->syncookies = false;
}
static void bsd_without(struct net_params *p) {
	by_bsd(p);
	p->syncookies = false;
}

static void begin(void (*tweak)(struct net_params *)) {
	w = world_raw(tweak);
	lso = listener(w, A, 80, 5);
}

static void syn(uint16_t port, uint16_t mss) {
	/* All options: nothing of them is to be agreed to. */
	const uint8_t opt[20] = {2, 4, mss >> 8, mss & 255, 4, 2, 8, 10, 0, 0,
	                         0, 9, 0,        0,         0, 0, 1, 3,  3, 7};

	inject(w, &(struct seg){.flags = SYN,
	                        .sport = port,
	                        .dport = 80,
	                        .seq = 1000U * port,
	                        .wnd = 9000,
	                        .opt = opt,
	                        .optlen = mss ? sizeof(opt) : 0});
}

/* A SYN and the number of its SYN,ACK. */
static uint32_t answered(uint16_t port, uint16_t mss) {
	drop_caught(w);
	syn(port, mss);
	EXPECT(w, &s, SYN | ACK);
	ck_assert_uint_eq(s.dport, port);
	return s.seq;
}

static void ack(uint16_t port, uint32_t number) {
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK,
	                        .sport = port,
	                        .dport = 80,
	                        .seq = 1000U * port + 1,
	                        .ack = number + 1,
	                        .wnd = 9000});
}

static int accepted(void) {
	so = NULL;
	return net_accept(lso, NULL, &so);
}

/* A request that has no place in the queue: Linux's third, BSD's first. */
static uint32_t number[3];
static uint32_t without_a_place(int kind, uint16_t mss) {

	for (uint16_t i = 0; i < 3; i++)
		number[i] = answered((uint16_t)(5000 + i), mss);
	return number[kind == BY_LINUX ? 2 : 0];
}
static uint16_t its_port(int kind) { return kind == BY_LINUX ? 5002 : 5000; }

static void begin_kind(int kind) { begin(kind == BY_LINUX ? by_linux : by_bsd); }

/* The ACK brings it back, with the data that it carries; no option was agreed to. */
START_TEST(an_ack_brings_it_back) {
	uint32_t lost;

	begin_kind(_i);
	lost = without_a_place(_i, 1460);
	ck_assert_uint_eq(s.optlen, 4);
	ck_assert_uint_eq(counters(w, A)->tcp_cookies_sent, _i == BY_LINUX);
	inject(w, &(struct seg){.flags = ACK | PSH,
	                        .sport = its_port(_i),
	                        .dport = 80,
	                        .seq = 1000U * its_port(_i) + 1,
	                        .ack = lost + 1,
	                        .wnd = 9000,
	                        .data = "hello",
	                        .len = 5});
	ck_assert_int_eq(accepted(), 0);
	ck_assert_uint_eq(counters(w, A)->tcp_cookies_taken, 1);
	ck_assert_int_eq(info().tcpi_options, 0);
	ck_assert_str_eq(recv_text(so), "hello");
	ck_assert_uint_eq(info().tcpi_rto, 3000000); /* nobody knows when the SYN,ACK left */
	net_close(so, true);
	net_close(lso, false);
	ck_assert_uint_eq(counters(w, A)->tcp_begun, counters(w, A)->tcp_over);
	world_free(w);
}
END_TEST

/* Of the peer's MSS the next smaller entry of a table is left: eight for Linux (msstab of syncookies.c),
 * four for FreeBSD (tcp_msstab), whose first is what RFC 1122 assumes. */
static const struct {
	uint16_t mss, left[2];
} sizes[] = {
	{0, {536, 536}},      {100, {64, 536}},     {300, {256, 536}},   {535, {512, 536}},
	{536, {536, 536}},    {1000, {536, 536}},   {1024, {1024, 536}}, {1459, {1440, 536}},
	{1460, {1460, 1460}}, {9000, {1460, 1460}},
};
START_TEST(what_is_left_of_the_mss) {
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		begin_kind(_i);
		ack(its_port(_i), without_a_place(_i, sizes[i].mss));
		ck_assert_int_eq(accepted(), 0);
		ck_assert_uint_eq(info().tcpi_snd_mss, sizes[i].left[_i]);
		world_free(w);
	}
}
END_TEST

/* What is not the ACK of a cookie gets a reset: another number, another port, another place in the peer's
 * stream, a SYN. */
START_TEST(a_wrong_one_is_reset) {
	uint32_t lost;

	begin_kind(_i);
	lost = without_a_place(_i, 1460);
	for (uint32_t off = 1; off;
	     off <<= 1) { /* but for the low bits, where BSD's is not hashed */
		ack(its_port(_i), lost + (off < 512 ? off << 12 : off));
		EXPECT(w, &s, RST);
		ck_assert_uint_eq(s.seq, lost + (off < 512 ? off << 12 : off) + 1);
	}
	ack(6000, lost);
	EXPECT(w, &s, RST);
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK,
	                        .sport = its_port(_i),
	                        .dport = 80,
	                        .seq = 1000U * its_port(_i) + 1 + 4096,
	                        .ack = lost + 1});
	EXPECT(w, &s, RST);
	inject(w, &(struct seg){.flags = SYN | ACK,
	                        .sport = its_port(_i),
	                        .dport = 80,
	                        .seq = 1000U * its_port(_i) + 1,
	                        .ack = lost + 1});
	EXPECT(w, &s, RST);
	ck_assert_int_eq(accepted(), -EAGAIN);
	world_free(w);
}
END_TEST

/* Linux takes one for three seconds after the queue was full (TCP_TIMEOUT_INIT), BSD for four. */
START_TEST(for_a_while_only) {
	static const sim_time lasts[] = {3 * SIM_S, 4 * SIM_S};

	for (int late = 0; late < 2; late++) {
		uint32_t lost;

		begin_kind(_i);
		lost = without_a_place(_i, 1460);
		world_for(w, lasts[_i] + (late ? SIM_US : 0));
		ack(its_port(_i), lost);
		ck_assert_int_eq(accepted(), late ? -EAGAIN : 0);
		ck_assert_int_eq(catch_seg(w, &s), late);
		world_free(w);
	}
}
END_TEST

/* While the queue goes on being full, Linux's minute counter is the limit, the fourth minute too late, and
 * the four seconds of a secret are BSD's. */
START_TEST(a_cookie_ages) {
	static const sim_time lasts[] = {239 * SIM_S - 59 * SIM_S, 4 * SIM_S};
	int kind = _i & 1, late = _i >> 1;
	uint32_t lost;

	begin_kind(kind);
	world_for(w, 59 * SIM_S);
	lost = without_a_place(kind, 1460);
	world_for(w, lasts[kind] + (late ? SIM_S : 0));
	without_a_place(kind, 1460);
	ack(its_port(kind), lost);
	ck_assert_int_eq(accepted(), late ? -EAGAIN : 0);
	world_free(w);
}
END_TEST

/* A listener whose queue was never full takes none: nobody can do without the SYN. */
START_TEST(not_without_need) {
	uint32_t lost;

	begin_kind(_i);
	lost = without_a_place(_i, 1460);
	net_close(lso, false);
	lso = listener(w, A, 80, 5);
	ack(its_port(_i), lost);
	EXPECT(w, &s, RST);
	world_free(w);
}
END_TEST

/* No room in the accept queue: the ACK is dropped, and what is sent again finds its place. */
START_TEST(accept_queue_full) {
	uint32_t lost;

	begin_kind(_i);
	ck_assert_int_eq(net_listen(lso, 0), 0);
	lost = without_a_place(_i, 1460);
	ack(5001, number[1]);
	ack(its_port(_i), lost);
	NOTHING(w);
	ck_assert_uint_eq(counters(w, A)->tcp_cookies_taken, 0);
	ck_assert_int_eq(accepted(), 0);
	ck_assert_int_eq(accepted(), -EAGAIN);
	ack(its_port(_i), lost);
	ck_assert_int_eq(accepted(), 0);
	world_free(w);
}
END_TEST

/* Off: Linux drops the SYN, BSD the request that has waited longest; of either an ACK gets a reset. */
START_TEST(without_cookies) {
	uint32_t first;

	begin(_i == BY_LINUX ? no_cookies : bsd_without);
	first = answered(5000, 1460);
	answered(5001, 1460);
	drop_caught(w);
	syn(5002, 1460);
	ck_assert_uint_eq(w->caught.count, _i == BY_LINUX ? 0 : 1);
	ck_assert_uint_eq(counters(w, A)->tcp_listen_overflows, 1);
	ack(5000, first);
	if (_i == BY_LINUX)
		NOTHING(w);
	else
		EXPECT(w, &s, RST);
	ck_assert_int_eq(accepted(), _i == BY_LINUX ? 0 : -EAGAIN);
	world_free(w);
}
END_TEST

/* Who has waited longest goes, of the listener's own. */
START_TEST(longest_waiting_goes) {
	struct net_sock *other;
	uint32_t elsewhere, second;

	begin(bsd_without);
	other = listener(w, A, 90, 5);
	inject(w, &(struct seg){.flags = SYN, .sport = 4000, .dport = 90, .seq = 4000000});
	EXPECT(w, &s, SYN | ACK);
	elsewhere = s.seq;
	answered(5000, 1460);
	world_for(w, 4 * SIM_S); /* sent again after 3 s */
	second = answered(5001, 1460);
	answered(5002, 1460);
	drop_caught(w);
	inject(w, &(struct seg){.flags = ACK,
	                        .sport = 4000,
	                        .dport = 90,
	                        .seq = 4000001,
	                        .ack = elsewhere + 1});
	ack(5001, second);
	NOTHING(w);
	ck_assert_int_eq(accepted(), 0);
	ck_assert_int_eq(net_accept(other, NULL, &so), 0);
	world_free(w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-tcp-cookies");
	TCase *t = tcase_create("cookies");

	tcase_add_loop_test(t, an_ack_brings_it_back, BY_LINUX, BY_BSD + 1);
	tcase_add_loop_test(t, what_is_left_of_the_mss, BY_LINUX, BY_BSD + 1);
	tcase_add_loop_test(t, a_wrong_one_is_reset, BY_LINUX, BY_BSD + 1);
	tcase_add_loop_test(t, for_a_while_only, BY_LINUX, BY_BSD + 1);
	tcase_add_loop_test(t, a_cookie_ages, 0, 4);
	tcase_add_loop_test(t, not_without_need, BY_LINUX, BY_BSD + 1);
	tcase_add_loop_test(t, accept_queue_full, BY_LINUX, BY_BSD + 1);
	tcase_add_loop_test(t, without_cookies, BY_LINUX, BY_BSD + 1);
	tcase_add_test(t, longest_waiting_goes);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
