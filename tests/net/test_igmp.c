/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What routers are told of groups (RFC 2236, net/ipv4/igmp.c of Linux 2.4). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "group_world.h"
#include "net/engine/mac_filter.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "run_suite.h"

enum { QUERY = 0x11, REPORT_V1 = 0x12, REPORT = 0x16, LEAVE = 0x17 };

/* A router's question to A, or somebody's report. */
static void igmp(uint8_t type, uint8_t tenths, uint32_t group, uint32_t dst) {
	struct frame *f = frame_new(0, FRAME_MTU);
	uint8_t *eth = frame_data(f), *ip = eth + 14, *m = ip + 20;
	uint16_t sum;

	f->len = 60;
	memset(eth, 0, 60);
	mac_of_group(eth, dst);
	memcpy(eth + 6, node_mac[B], 6);
	eth[12] = 8;
	ip[0] = 0x45;
	ip[3] = 28;
	ip[8] = 1;
	ip[9] = IPPROTO_IGMP;
	dst = htonl(dst), group = htonl(group);
	memcpy(ip + 12, "\x0a\x00\x00\xfe", 4);
	memcpy(ip + 16, &dst, 4);
	sum = htons(cksum_fold(cksum_add(0, ip, 20)));
	memcpy(ip + 10, &sum, 2);
	m[0] = type, m[1] = tenths;
	memcpy(m + 4, &group, 4);
	sum = htons(cksum_fold(cksum_add(0, m, 8)));
	memcpy(m + 2, &sum, 2);
	net_input(gw->node[A].st, gw->node[A].ifp, f);
}
static void query(uint8_t tenths, uint32_t group) {
	igmp(QUERY, tenths, group, group ? group : INADDR_ALLHOSTS_GROUP);
}

/* A alone in the group, its unsolicited reports sent. */
static struct net_sock *settled(void) {
	struct net_sock *so = udp(A, 0, PORT);

	ck_assert_int_eq(join(so, GROUP, ADDR_A), 0);
	world_for(gw, 60 * SIM_S);
	n_seen = 0;
	return so;
}

START_TEST(reports) {
	struct net_sock *so = udp(A, 0, PORT);
	sim_time before = gw->now;

	ck_assert_int_eq(join(so, GROUP, ADDR_A), 0);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(seen[i].type, REPORT);
		ck_assert_uint_eq(seen[i].ttl, 1);
		ck_assert_uint_eq(seen[i].src, ADDR_A);
		ck_assert_uint_eq(seen[i].dst, GROUP);
		ck_assert_uint_eq(seen[i].group, GROUP);
		ck_assert_mem_eq(seen[i].dst_mac, "\x01\x00\x5e\x01\x01\x01", 6);
		ck_assert_mem_eq(seen[i].options, "\x94\x04\x00\x00", 4);
		ck_assert(seen[i].when - before < (i ? 10 : 1) * SIM_S);
		before = seen[i].when;
	}
	ck_assert_int_eq(leave(so, GROUP, ADDR_A), 0);
	ck_assert_uint_eq(n_seen, 4);
	ck_assert_uint_eq(seen[3].type, LEAVE);
	ck_assert_uint_eq(seen[3].dst, INADDR_ALLRTRS_GROUP);
	ck_assert_uint_eq(seen[3].group, GROUP);
	ck_assert_uint_eq(counters(gw, A)->igmp_out, 4);
}
END_TEST

/* All members of a net need not report: the first one's is enough, and who spoke last leaves. */
START_TEST(suppression) {
	struct net_sock *a = udp(A, 0, PORT), *b = udp(B, 0, PORT);
	unsigned last;

	ck_assert_int_eq(join(a, GROUP, ADDR_A), 0);
	ck_assert_int_eq(join(b, GROUP, ADDR_B), 0);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 3);
	last = (unsigned)seen[2].from;
	ck_assert_uint_eq(counters(gw, !last)->igmp_out, 0);
	ck_assert_uint_eq(counters(gw, !last)->igmp_in, 3);
	net_close(last == A ? b : a, false);
	ck_assert_uint_eq(n_seen, 3); /* silently */
	net_close(last == A ? a : b, false);
	ck_assert_uint_eq(n_seen, 4);
	ck_assert_uint_eq(seen[3].type, LEAVE);
}
END_TEST

/* Not for as long as the group has another user on this machine. */
START_TEST(leave_with_the_last_user) {
	struct net_sock *one = settled(), *two = udp(A, 0, PORT);

	ck_assert_int_eq(join(two, GROUP, ADDR_A), 0);
	net_close(one, false);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 0);
	net_close(two, false);
	ck_assert_uint_eq(n_seen, 1);
}
END_TEST

START_TEST(queries) {
	struct net_sock *so = settled();
	sim_time asked, spread = 0;

	ck_assert_int_eq(join(so, OTHER, ADDR_A), 0);
	world_for(gw, 60 * SIM_S);
	for (unsigned i = 0; i < 30; i++) {
		n_seen = 0;
		asked = gw->now;
		query(20, 0);
		world_for(gw, 60 * SIM_S);
		ck_assert_uint_eq(n_seen, 2); /* each group once, 224.0.0.1 never */
		ck_assert_uint_ne(seen[0].group, seen[1].group);
		ck_assert(seen[1].when - asked <= 2 * SIM_S);
		spread = MAX(spread, seen[1].when - asked);
	}
	ck_assert(spread > SIM_S);
	n_seen = 0;
	query(10, OTHER);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 1);
	ck_assert_uint_eq(seen[0].group, OTHER);
	/* A timer that ends in time goes on; a longer one is set anew. */
	n_seen = 0;
	query(5, OTHER);
	query(250, OTHER);
	query(250, OTHER);
	world_for(gw, SIM_S);
	ck_assert_uint_eq(n_seen, 1);
	n_seen = 0;
	query(250, OTHER);
	query(1, OTHER);
	world_for(gw, 110 * SIM_MS);
	ck_assert_uint_eq(n_seen, 1);
	/* Another member answers first, and leaves us silent for good. */
	n_seen = 0;
	query(100, OTHER);
	igmp(REPORT, 0, OTHER, OTHER);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 0);
	ck_assert_int_eq(leave(so, OTHER, ADDR_A), 0);
	ck_assert_uint_eq(n_seen, 0);
}
END_TEST

/* A router of version 1 asks without a time: it is answered in its own way, for 400 s. */
START_TEST(version_1) {
	struct net_sock *so = settled();

	query(0, 0);
	world_for(gw, 10 * SIM_S);
	ck_assert_uint_eq(n_seen, 1);
	ck_assert_uint_eq(seen[0].type, REPORT_V1);
	ck_assert_int_eq(join(so, OTHER, ADDR_A), 0);
	world_for(gw, 30 * SIM_S);
	ck_assert_uint_eq(n_seen, 4);
	ck_assert_uint_eq(seen[3].type, REPORT_V1);
	ck_assert_int_eq(leave(so, OTHER, ADDR_A), 0);
	ck_assert_uint_eq(n_seen, 4);
	igmp(REPORT_V1, 0, GROUP, GROUP);
	world_for(gw, 361 * SIM_S);
	query(10, 0);
	world_for(gw, 2 * SIM_S);
	ck_assert_uint_eq(n_seen, 5);
	ck_assert_uint_eq(seen[4].type, REPORT);
	net_close(so, false);
	ck_assert_uint_eq(n_seen, 6);
	ck_assert_uint_eq(seen[5].type, LEAVE);
}
END_TEST

/* The copy that comes back of a report is no other member's. */
START_TEST(own_reports_do_not_count) {
	struct net_sock *so = settled();

	query(10, 0);
	world_for(gw, 2 * SIM_S);
	ck_assert_uint_eq(n_seen, 1);
	ck_assert_uint_gt(counters(gw, A)->ip_looped_in, 0);
	net_close(so, false);
	ck_assert_uint_eq(n_seen, 2);
}
END_TEST

int main(void) {
	Suite *s = suite_create("net-igmp");
	TCase *t = tcase_create("igmp");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, group_up, group_down);
	tcase_add_test(t, reports);
	tcase_add_test(t, suppression);
	tcase_add_test(t, leave_with_the_last_user);
	tcase_add_test(t, queries);
	tcase_add_test(t, version_1);
	tcase_add_test(t, own_reports_do_not_count);
	suite_add_tcase(s, t);
	return run_suite(s);
}
