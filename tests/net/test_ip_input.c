/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets written by hand: what IP accepts, puts together and complains of (RFC 791, 815, 1122 3.2
 * and 3.3), and UDP (RFC 768, 1122 4.1). */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "run_suite.h"
#include "two_stacks.h"

enum { UDP = 17, ICMP = 1, PORT = 9, FROM = 7, MF = 0x2000 };

static struct world *w;
static struct net_sock *u;

static void up(void) {
	w = world_raw(NULL);
	u = sock_open(w, A, SOCK_DGRAM);
	ck_assert_int_eq(net_bind(u, 0, PORT), 0);
	set_int(u, SOL_SOCKET, SO_RCVBUF, 65535);
}
static void down(void) { world_free(w); }

#define NOTHING(w) ck_assert_uint_eq((w)->caught.count, 0)

/* --- packets ---------------------------------------------------------------------------------- */

struct packet {
	uint32_t src, dst;      /* 0: B's, A's */
	uint16_t id, fragment;  /* flags and offset */
	uint8_t protocol, ttl;  /* 0: UDP; as it is */
	uint8_t version_length; /* 0: 0x45 */
	bool bad_sum, to_all;   /* header's checksum; Ethernet's broadcast address */
	const void *data;
	size_t len;
};

static void arrive(const struct packet *k) {
	struct frame *f = frame_new(0, FRAME_MTU);
	uint8_t *p = frame_data(f), *ip = p + 14;

	f->len = (uint16_t)(34 + k->len);
	memset(p, 0, f->len);
	if (k->to_all)
		memset(p, 0xff, 6);
	else
		memcpy(p, node_mac[A], 6);
	put(p + 12, 0x0800, 2);
	ip[0] = k->version_length ? k->version_length : 0x45;
	put(ip + 2, (uint32_t)(20 + k->len), 2);
	put(ip + 4, k->id, 2);
	put(ip + 6, k->fragment, 2);
	ip[8] = k->ttl;
	ip[9] = k->protocol ? k->protocol : UDP;
	put(ip + 12, k->src ? k->src : ADDR_B, 4);
	put(ip + 16, k->dst ? k->dst : ADDR_A, 4);
	memcpy(ip + 20, k->data, k->len);
	put(ip + 10, cksum_fold(cksum_add(0, ip, (ip[0] & 15) * 4U)) ^ k->bad_sum, 2);
	net_input(w->node[A].st, w->node[A].ifp, f);
}

/* A datagram to PORT with a pattern; without a checksum unless `sum`. */
static size_t datagram(uint8_t *p, size_t payload, bool sum) {
	uint8_t pseudo[12] = {10, 0, 0, 2, 10, 0, 0, 1, 0, UDP};

	put(p, FROM, 2);
	put(p + 2, PORT, 2);
	put(p + 4, (uint32_t)payload + 8, 2);
	put(p + 6, 0, 2);
	for (size_t i = 0; i < payload; i++)
		p[8 + i] = (uint8_t)(i * 29 + (i >> 8));
	put(pseudo + 10, (uint32_t)payload + 8, 2);
	if (sum)
		put(p + 6, cksum_fold(cksum_add(cksum_add(0, pseudo, 12), p, payload + 8)), 2);
	return payload + 8;
}

static bool received(size_t payload) {
	static uint8_t expected[70000], got[70000];
	size_t len = datagram(expected, payload, false);

	return recv_flags(u, got, sizeof(got), 0) == (ssize_t)payload &&
	       memcmp(got, expected + 8, len - 8) == 0;
}

static void piece(const uint8_t *whole, size_t len, size_t from, size_t to, uint16_t id) {
	arrive(&(struct packet){.id = id,
	                        .ttl = 64,
	                        .data = whole + from,
	                        .len = to - from,
	                        .fragment = (uint16_t)(from / 8 | (to < len ? MF : 0))});
}

/* Type and code of the ICMP message that A sent; 0xffff: none. */
static unsigned icmp_sent(void) {
	struct frame *f = frame_queue_pop(&w->caught);
	const uint8_t *ip;
	unsigned what = 0xffff;

	if (!f)
		return what;
	ip = frame_data(f) + 14;
	ck_assert_uint_eq(ip[9], ICMP);
	ck_assert_uint_eq(cksum_fold(cksum_add(0, ip + 20, f->len - 34U)), 0);
	ck_assert_uint_le(f->len, 14 + 576);
	what = get(ip + 20, 2);
	if (what >> 8 != 0) { /* an error quotes the header and eight bytes at least */
		ck_assert_uint_ge(f->len, 14 + 20 + 8 + 28);
		ck_assert_uint_eq(get(ip + 28 + 12, 4), ADDR_B);
	}
	frame_free(f);
	return what;
}

/* --- reassembly ------------------------------------------------------------------------------- */

enum { LONG = 4000 };

/* Pieces at random places of random length, overlapping as they like and in any order, then the
 * whole in a few more: complete exactly when every byte has come, and then right. */
START_TEST(overlaps) {
	static uint8_t whole[LONG + 8];
	size_t len = datagram(whole, LONG, true);
	bool have[LONG + 8] = {false};

	ck_assert_uint_ge(len, LONG);
	w->random = 77 + (uint64_t)_i;
	for (unsigned n = 0; n < 1000; n++) {
		size_t from = world_random(w) % 16 ? world_random(w) % (len / 8) * 8 : 0;
		size_t span = 8 + world_random(w) % 160 * 8, to = MIN(len, from + span);
		size_t missing = 0;

		piece(whole, len, from, to, 1);
		memset(have + from, true, to - from);
		for (size_t i = 0; i < len; i++)
			missing += !have[i];
		if (!missing)
			break;
		ck_assert_int_eq(net_readable(u), 0);
	}
	ck_assert_uint_eq(counters(w, A)->ip_reassembled, 1);
	ck_assert(received(LONG));
	world_for(w, 60 * SIM_S); /* nothing is left behind */
	ck_assert_uint_le(counters(w, A)->ip_reassembly_timeouts, 1);
}
END_TEST

/* A piece that covers what came: its rest counts on both sides. */
START_TEST(covering_piece) {
	static uint8_t whole[1008];
	size_t len = datagram(whole, 1000, true);

	piece(whole, len, 400, 480, 1);
	piece(whole, len, 0, 800, 1);
	piece(whole, len, 800, len, 1);
	ck_assert(received(1000));
}
END_TEST

/* A last piece that ends before others do, or what lies beyond the last, is not of this datagram,
 * and must not make up for a hole. */
START_TEST(impossible_pieces) {
	static uint8_t whole[2008];
	size_t len = datagram(whole, 2000, false);

	piece(whole, len, 800, 1600, 1);
	arrive(&(struct packet){.id = 1, .ttl = 64, .data = whole, .len = 8, .fragment = 1});
	piece(whole, len, 0, 8, 1);
	ck_assert_int_eq(net_readable(u), 0);
	ck_assert_uint_eq(counters(w, A)->ip_reassembled, 0);
	piece(whole, len, 1600, len, 1);
	piece(whole, len, 1992, 2000, 1);
	arrive(&(struct packet){
		.id = 1, .ttl = 64, .data = whole, .len = 80, .fragment = 300 | MF});
	arrive(&(struct packet){.id = 1, .ttl = 64, .data = whole, .len = 7, .fragment = 1 | MF});
	arrive(&(struct packet){.id = 1, .ttl = 64, .data = whole, .len = 0, .fragment = 1 | MF});
	arrive(&(struct packet){.id = 1, .ttl = 64, .data = whole, .len = 1400, .fragment = 8190});
	ck_assert_int_eq(net_readable(u), 0);
	piece(whole, len, 8, 800, 1);
	ck_assert(received(2000));
	NOTHING(w);
}
END_TEST

/* What tells datagrams apart: source, destination, protocol, identification. */
START_TEST(pieces_of_others) {
	static uint8_t whole[1008];
	size_t len = datagram(whole, 1000, true);
	struct packet rest = {
		.id = 1, .ttl = 64, .data = whole + 800, .len = len - 800, .fragment = 100};

	piece(whole, len, 0, 800, 1);
	rest.id = 2;
	arrive(&rest);
	rest.id = 1;
	rest.src = ADDR_B + 1;
	arrive(&rest);
	rest.src = 0;
	rest.protocol = ICMP;
	arrive(&rest);
	rest.protocol = 0;
	rest.dst = 0x0a0000ff;
	arrive(&rest);
	ck_assert_int_eq(net_readable(u), 0);
	rest.dst = 0;
	arrive(&rest);
	ck_assert(received(1000));
}
END_TEST

/* After its time a datagram is given up, and the sender told if the first piece came. */
START_TEST(time_exceeded) {
	static uint8_t whole[1008];
	size_t len = datagram(whole, 1000, true);

	if (_i)
		piece(whole, len, 0, 400, 1);
	piece(whole, len, 400, 800, 1);
	world_for(w, 30 * SIM_S - 1);
	NOTHING(w);
	world_for(w, 1);
	ck_assert_uint_eq(counters(w, A)->ip_reassembly_timeouts, 1);
	ck_assert_uint_eq(icmp_sent(), _i ? 11 << 8 | 1 : 0xffff);
	piece(whole, len, 800, len, 1); /* too late */
	ck_assert_int_eq(net_readable(u), 0);
}
END_TEST

/* Datagrams that never become whole do not keep those out that do. */
START_TEST(old_pieces_give_way) {
	static uint8_t whole[8008];
	size_t len = datagram(whole, 8000, true);

	for (uint16_t id = 1; id <= 100; id++)
		for (size_t from = 0; from < 7200; from += 1440)
			piece(whole, len, from, from + 1440, id);
	for (size_t from = 0; from < len; from += 1440)
		piece(whole, len, from, MIN(from + 1440, len), 500);
	ck_assert(received(8000));
	piece(whole, len, 7200, len, 100); /* the youngest is still there */
	ck_assert(received(8000));
	piece(whole, len, 7200, len, 1);
	ck_assert_int_eq(net_readable(u), 0);
}
END_TEST

/* --- headers ---------------------------------------------------------------------------------- */

START_TEST(headers) {
	uint8_t d[108];
	size_t len = datagram(d, 100, true);
	struct packet good = {.ttl = 64, .data = d, .len = len}, k;

	k = good, k.bad_sum = true;
	arrive(&k);
	k = good, k.version_length = 0x65;
	arrive(&k);
	k = good, k.version_length = 0x44;
	arrive(&k);
	k = good, k.src = 0xe0000001; /* martians: RFC 1122 3.2.1.3 */
	arrive(&k);
	k = good, k.src = 0x0a0000ff;
	arrive(&k);
	k = good, k.src = INADDR_BROADCAST;
	arrive(&k);
	k = good, k.src = INADDR_LOOPBACK;
	arrive(&k);
	ck_assert_uint_eq(counters(w, A)->ip_bad_header, 7);
	k = good, k.dst = ADDR_A + 7;
	arrive(&k);
	ck_assert_uint_eq(counters(w, A)->ip_not_mine, 1);
	ck_assert_int_eq(net_readable(u), 0);
	for (uint8_t ttl = 0; ttl < 3; ttl++) { /* only routers count: RFC 1122 3.2.1.7 */
		k = good, k.ttl = ttl;
		arrive(&k);
		ck_assert(received(100));
	}
	NOTHING(w);
}
END_TEST

/* Options are skipped: RFC 1122 3.2.1.8. */
START_TEST(options_are_skipped) {
	uint8_t d[8 + 108] = {1, 1, 1, 1, 7, 3, 4, 0};
	size_t len = datagram(d + 8, 100, true);

	arrive(&(struct packet){.ttl = 64, .version_length = 0x47, .data = d, .len = len + 8});
	ck_assert(received(100));
}
END_TEST

/* --- UDP -------------------------------------------------------------------------------------- */

START_TEST(udp_checks) {
	uint8_t d[108];
	size_t len = datagram(d, 100, false);

	arrive(&(struct packet){.ttl = 64, .data = d, .len = len}); /* 0: none */
	ck_assert(received(100));
	datagram(d, 100, true);
	arrive(&(struct packet){.ttl = 64, .data = d, .len = len});
	ck_assert(received(100));
	d[50] ^= 1;
	arrive(&(struct packet){.ttl = 64, .data = d, .len = len});
	ck_assert_uint_eq(counters(w, A)->udp_bad_checksum, 1);
	for (uint16_t said = 0; said < 8; said++) {
		put(d + 4, said, 2);
		put(d + 6, 0, 2);
		arrive(&(struct packet){.ttl = 64, .data = d, .len = len});
	}
	put(d + 4, (uint32_t)len + 1, 2);
	arrive(&(struct packet){.ttl = 64, .data = d, .len = len});
	arrive(&(struct packet){.ttl = 64, .data = d, .len = 7});
	ck_assert_int_eq(net_readable(u), 0);
	NOTHING(w);
	datagram(d, 60, false); /* shorter than its packet: the rest is padding */
	arrive(&(struct packet){.ttl = 64, .data = d, .len = len});
	ck_assert(received(60));
}
END_TEST

/* What is sent always has a checksum, and one that comes to nought is sent as ones (RFC 768). */
START_TEST(udp_sum_of_nought) {
	uint8_t data[2] = {0, 0};
	bool ones = false;

	for (unsigned v = 0; v < 65536; v++) {
		struct iovec iov = {data, 2};
		struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = ADDR_B, .port = FROM};
		struct frame *f;

		put(data, v, 2);
		ck_assert_int_eq(net_send(u, &msg), 2);
		f = frame_queue_pop(&w->caught);
		if (!get(frame_data(f) + 40, 2))
			ck_abort_msg("no checksum");
		ones |= get(frame_data(f) + 40, 2) == 0xffff;
		frame_free(f);
	}
	ck_assert(ones);
}
END_TEST

/* --- ICMP errors ------------------------------------------------------------------------------ */

/* Who is told that nobody listens, and who must not be: RFC 1122 3.2.2, 3.2.2.1. */
START_TEST(whom_errors_tell) {
	uint8_t d[108], echo[36] = {ICMP, 0};
	size_t len = datagram(d, 100, false);
	struct packet good = {.ttl = 64, .data = d, .len = len}, k;

	put(d + 2, PORT + 1, 2);
	arrive(&good);
	ck_assert_uint_eq(icmp_sent(), 3 << 8 | 3);
	k = good, k.protocol = 99;
	arrive(&k);
	ck_assert_uint_eq(icmp_sent(), 3 << 8 | 2);
	k = good, k.dst = 0x0a0000ff;
	arrive(&k);
	k = good, k.dst = 0xe0000001;
	arrive(&k);
	k = good, k.to_all = true;
	arrive(&k);
	k = good, k.src = 0xe0000001;
	arrive(&k);
	k = good, k.fragment = 1; /* not the first piece */
	arrive(&k);
	echo[0] = 3; /* about an error */
	put(echo + 2, cksum_fold(cksum_add(0, echo, sizeof(echo))), 2);
	k = good, k.protocol = ICMP, k.data = echo, k.len = sizeof(echo);
	arrive(&k);
	ck_assert_uint_eq(icmp_sent(), 0xffff);
	echo[0] = 8;
	put(echo + 2, 0, 2);
	put(echo + 2, cksum_fold(cksum_add(0, echo, sizeof(echo))), 2);
	arrive(&k);
	ck_assert_uint_eq(icmp_sent(), 0);
	echo[20] ^= 1;
	arrive(&k);
	ck_assert_uint_eq(icmp_sent(), 0xffff);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-ip-input");
	TCase *t = tcase_create("packets");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, up, down);
	tcase_add_loop_test(t, overlaps, 0, 50);
	tcase_add_test(t, covering_piece);
	tcase_add_test(t, impossible_pieces);
	tcase_add_test(t, pieces_of_others);
	tcase_add_loop_test(t, time_exceeded, 0, 2);
	tcase_add_test(t, old_pieces_give_way);
	tcase_add_test(t, headers);
	tcase_add_test(t, options_are_skipped);
	tcase_add_test(t, udp_checks);
	tcase_add_test(t, udp_sum_of_nought);
	tcase_add_test(t, whom_errors_tell);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
