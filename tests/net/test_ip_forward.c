/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets for other machines: RFC 1812 5.2 and 5.3 as far as ip_forward() of Linux 2.4 has them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/stack.h"
#include "run_suite.h"
#include "two_stacks.h"

enum { UDP = 17, ICMP = 1, DF = 0x4000, MF = 0x2000 };

#define ELSEWHERE 0x0b000001U /* by way of B */
#define NOWHERE 0x0c000001U

static struct world *w;

static void forwards(struct net_params *p) { p->forward = true; }

static void set_up(void (*tweak)(struct net_params *)) {
	struct net_route rt = {.dst = 0x0b000000U, .mask = 0xff000000U, .gateway = ADDR_B};

	w = world_raw(tweak);
	ck_assert_int_eq(net_route_add(w->node[A].st, &rt), 0);
}
static void up(void) { set_up(forwards); }
static void down(void) { world_free(w); }

struct packet {
	uint32_t dst; /* 0: ELSEWHERE */
	uint8_t ttl;
	uint16_t fragment;
	bool to_all;
	size_t len; /* behind the header of 20 bytes */
};

/* The bytes of a packet are a pattern. */
static void arrive(const struct packet *k) {
	struct frame *f = frame_new(0, FRAME_MTU);
	uint8_t *p = frame_data(f), *ip = p + 14;

	f->len = (uint16_t)(34 + k->len);
	memset(p, 0, f->len);
	memcpy(p, node_mac[A], 6);
	if (k->to_all)
		memset(p, 0xff, 6);
	put(p + 12, 0x0800, 2);
	ip[0] = 0x45;
	put(ip + 2, (uint32_t)(20 + k->len), 2);
	put(ip + 4, 77, 2);
	put(ip + 6, k->fragment, 2);
	ip[8] = k->ttl;
	ip[9] = UDP;
	put(ip + 12, ADDR_B, 4);
	put(ip + 16, k->dst ? k->dst : ELSEWHERE, 4);
	for (size_t i = 0; i < k->len; i++)
		ip[20 + i] = (uint8_t)(i * 31 + (i >> 8));
	put(ip + 10, cksum_fold(cksum_add(0, ip, 20)), 2);
	net_input(w->node[A].st, w->node[A].ifp, f);
}

/* The next frame that A sent, its IP header checked; the tester's to free. */
static struct frame *sent(void) {
	struct frame *f = frame_queue_pop(&w->caught);

	ck_assert_ptr_nonnull(f);
	ck_assert_mem_eq(frame_data(f), node_mac[B], 6);
	ck_assert_mem_eq(frame_data(f) + 6, node_mac[A], 6);
	ck_assert_uint_eq(cksum_fold(cksum_add(0, frame_data(f) + 14, 20)), 0);
	return f;
}

/* An ICMP message with type, code and MTU that quotes what came. */
static void complaint(uint8_t type, uint8_t code, uint16_t mtu) {
	struct frame *f = sent();
	const uint8_t *ip = frame_data(f) + 14, *icmp = ip + 20;

	ck_assert_uint_eq(ip[9], ICMP);
	ck_assert_uint_eq(get(ip + 12, 4), ADDR_A);
	ck_assert_uint_eq(get(ip + 16, 4), ADDR_B);
	ck_assert_uint_eq(icmp[0], type);
	ck_assert_uint_eq(icmp[1], code);
	ck_assert_uint_eq(get(icmp + 4, 4), mtu);
	ck_assert_uint_eq(get(icmp + 8 + 4, 2), 77);
	frame_free(f);
	ck_assert_uint_eq(w->caught.count, 0);
}

START_TEST(a_hop_less) {
	struct frame *f;
	const uint8_t *ip;

	arrive(&(struct packet){.ttl = 64, .len = 100});
	f = sent();
	ip = frame_data(f) + 14;
	ck_assert_uint_eq(f->len, 134);
	ck_assert_uint_eq(ip[8], 63);
	ck_assert_uint_eq(get(ip + 4, 2), 77);
	ck_assert_uint_eq(get(ip + 12, 4), ADDR_B);
	ck_assert_uint_eq(get(ip + 16, 4), ELSEWHERE);
	for (size_t i = 0; i < 100; i++)
		ck_assert_uint_eq(ip[20 + i], (uint8_t)(i * 31 + (i >> 8)));
	frame_free(f);
	ck_assert_uint_eq(counters(w, A)->ip_forwarded, 1);
	ck_assert_uint_eq(counters(w, A)->ip_not_mine, 0);
}
END_TEST

START_TEST(the_last_hop) {
	arrive(&(struct packet){.ttl = 1, .len = 100});
	complaint(11, 0, 0);
	arrive(&(struct packet){.ttl = 0, .len = 100});
	complaint(11, 0, 0);
	ck_assert_uint_eq(counters(w, A)->ip_forwarded, 0);
}
END_TEST

START_TEST(no_way) {
	arrive(&(struct packet){.dst = NOWHERE, .ttl = 64, .len = 100});
	complaint(3, 0, 0);
	ck_assert_uint_eq(counters(w, A)->ip_no_route, 1);
}
END_TEST

static void set_mtu(uint16_t mtu) {
	struct net_if_config conf;

	net_if_get(w->node[A].ifp, &conf);
	conf.mtu = mtu;
	ck_assert_int_eq(net_if_set(w->node[A].ifp, &conf), 0);
}

START_TEST(too_long_to_be_whole) {
	set_mtu(600);
	arrive(&(struct packet){.ttl = 64, .len = 580, .fragment = DF});
	frame_free(sent());
	arrive(&(struct packet){.ttl = 64, .len = 581, .fragment = DF});
	complaint(3, 4, 600);
}
END_TEST

/* 576 bytes a piece; one that was a piece itself stays where it was (800 bytes on), and more follows. */
START_TEST(too_long) {
	uint16_t base = _i ? MF | 100 : 0;

	set_mtu(600);
	arrive(&(struct packet){.ttl = 64, .len = 1400, .fragment = base});
	for (size_t at = 0; at < 1400; at += 576) {
		struct frame *f = sent();
		const uint8_t *ip = frame_data(f) + 14;
		size_t bytes = at + 576 < 1400 ? 576 : 1400 - at;

		ck_assert_uint_eq(get(ip + 2, 2), 20 + bytes);
		ck_assert_uint_eq(get(ip + 4, 2), 77);
		ck_assert_uint_eq(get(ip + 6, 2) & 0x1fff, (base & 0x1fff) + at / 8);
		ck_assert_int_eq((get(ip + 6, 2) & MF) != 0, at + 576 < 1400 || _i);
		ck_assert_uint_eq(ip[8], 63);
		for (size_t i = 0; i < bytes; i++)
			ck_assert_uint_eq(ip[20 + i], (uint8_t)((at + i) * 31 + ((at + i) >> 8)));
		frame_free(f);
	}
	ck_assert_uint_eq(w->caught.count, 0);
	ck_assert_uint_eq(counters(w, A)->ip_forwarded, 1);
}
END_TEST

/* What went to many is no router's, nor is a group's; and nobody is told. */
START_TEST(for_many) {
	arrive(&(struct packet){.ttl = 64, .len = 100, .to_all = true});
	arrive(&(struct packet){.dst = 0xe1020304U, .ttl = 64, .len = 100});
	ck_assert_uint_eq(w->caught.count, 0);
	ck_assert_uint_eq(counters(w, A)->ip_not_mine, 2);
}
END_TEST

START_TEST(an_end_system) {
	set_up(NULL);
	arrive(&(struct packet){.ttl = 64, .len = 100});
	ck_assert_uint_eq(w->caught.count, 0);
	ck_assert_uint_eq(counters(w, A)->ip_not_mine, 1);
	down();
}
END_TEST

/* For who charges: of a machine that forwards, what is another's and went to it alone. */
START_TEST(what_goes_on) {
	struct frame *f;
	bool goes;

	for (unsigned i = 0; i < 3; i++) {
		static const uint32_t to[] = {ELSEWHERE, ADDR_A, ELSEWHERE};

		f = frame_new(0, FRAME_MTU);
		f->len = 60;
		memset(frame_data(f), 0, 60);
		memcpy(frame_data(f), node_mac[A], 6);
		put(frame_data(f) + 12, i == 2 ? 0x0806 : 0x0800, 2);
		put(frame_data(f) + 30, to[i], 4);
		goes = net_goes_on(w->node[A].st, f);
		frame_free(f);
		ck_assert_int_eq(goes, i == 0);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-ip-forward");
	TCase *t = tcase_create("router"), *end = tcase_create("end system");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, a_hop_less);
	tcase_add_test(t, the_last_hop);
	tcase_add_test(t, no_way);
	tcase_add_test(t, too_long_to_be_whole);
	tcase_add_loop_test(t, too_long, 0, 2);
	tcase_add_test(t, for_many);
	tcase_add_test(t, what_goes_on);
	suite_add_tcase(suite, t);
	tcase_add_test(end, an_end_system);
	suite_add_tcase(suite, end);
	return run_suite(suite);
}
