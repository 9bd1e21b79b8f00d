/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups and stations: who gets what is sent to them (RFC 1112, Linux 2.4). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "group_world.h"
#include "net/engine/iface.h"
#include "net/engine/mac_filter.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "run_suite.h"

static unsigned index_of(int id) { return net_if_index(gw->node[id].ifp); }

/* --- memberships ------------------------------------------------------------------------------ */

START_TEST(join_and_leave) {
	struct net_sock *so = udp(B, 0, PORT);
	struct net_route all = {.dst = 0xe0000000, .mask = 0xf0000000, .ifp = gw->node[B].ifp};
	const struct net_group *g;

	ck_assert_int_eq(join(so, ADDR_A, ADDR_B), -EINVAL); /* no group */
	ck_assert_int_eq(join(so, GROUP, ADDR_A), -ENODEV);  /* not ours */
	ck_assert_int_eq(join(so, GROUP, 0), -ENODEV);       /* no route */
	ck_assert_int_eq(group_option(so, IP_ADD_MEMBERSHIP, GROUP, 0, 99), -ENODEV);
	ck_assert_int_eq(leave(so, GROUP, ADDR_B), -EADDRNOTAVAIL);
	ck_assert_int_eq(join(so, GROUP, ADDR_B), 0);
	ck_assert_int_eq(join(so, GROUP, ADDR_B), -EADDRINUSE);
	ck_assert_int_eq(net_route_add(gw->node[B].st, &all), 0);
	/* Where no address names it, joins are counted; it is the same group of the interface. */
	ck_assert_int_eq(join(so, GROUP, 0), 0);
	ck_assert_int_eq(join(so, GROUP, 0), 0);
	ck_assert_int_eq(group_option(so, IP_ADD_MEMBERSHIP, GROUP, 0, (int)index_of(B)), 0);
	g = net_group_next(gw->node[B].ifp, NULL);
	ck_assert_uint_eq(g->addr, GROUP);
	ck_assert_uint_eq(g->users, 2);
	g = net_group_next(gw->node[B].ifp, g);
	ck_assert_uint_eq(g->addr, INADDR_ALLHOSTS_GROUP);
	ck_assert_ptr_null(net_group_next(gw->node[B].ifp, g));
	ck_assert_int_eq(leave(so, GROUP, ADDR_B), 0);
	ck_assert_int_eq(leave(so, GROUP, ADDR_B), -EADDRNOTAVAIL);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(net_group_next(gw->node[B].ifp, NULL)->addr, GROUP);
		ck_assert_int_eq(leave(so, GROUP, 0), 0);
	}
	ck_assert_int_eq(leave(so, GROUP, 0), -EADDRNOTAVAIL);
	ck_assert_uint_eq(net_group_next(gw->node[B].ifp, NULL)->addr, INADDR_ALLHOSTS_GROUP);
}
END_TEST

START_TEST(short_options_and_limit) {
	struct net_sock *so = udp(B, 0, PORT), *tcp = sock_open(gw, B, SOCK_STREAM);
	struct ip_mreqn mreq = {{0}, {0}, 0};

	for (socklen_t len = 0; len < sizeof(struct ip_mreq); len++) {
		ck_assert_int_eq(net_setopt(so, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, len),
		                 -EINVAL);
		ck_assert_int_eq(net_setopt(so, IPPROTO_IP, IP_DROP_MEMBERSHIP, &mreq, len),
		                 -EINVAL);
	}
	ck_assert_int_eq(net_setopt(so, IPPROTO_IP, IP_MULTICAST_IF, &mreq, 3), -EINVAL);
	for (uint32_t i = 0; i < 20; i++)
		ck_assert_int_eq(join(so, GROUP + i, ADDR_B), 0);
	ck_assert_int_eq(join(so, GROUP + 20, ADDR_B), -ENOBUFS);
	ck_assert_int_eq(leave(so, GROUP + 7, ADDR_B), 0);
	ck_assert_int_eq(join(so, GROUP + 20, ADDR_B), 0);
	/* A stream may join, and has no use of it. */
	ck_assert_int_eq(join(tcp, GROUP, ADDR_B), 0);
	ck_assert_int_eq(through(tcp, ADDR_B), -EINVAL);
	ck_assert_int_eq(set_int(tcp, IPPROTO_IP, IP_MULTICAST_TTL, 3), -EINVAL);
}
END_TEST

START_TEST(numbers) {
	struct net_sock *so = udp(A, 0, 0);
	struct in_addr in = {1};
	socklen_t len = sizeof in;
	int n = 0;

#define IS(name, value)                                                                            \
	do {                                                                                       \
		len = sizeof n;                                                                    \
		ck_assert_int_eq(net_getopt(so, IPPROTO_IP, name, &n, &len), 0);                   \
		ck_assert_int_eq(n, value);                                                        \
	} while (0)
	IS(IP_MULTICAST_TTL, 1);
	IS(IP_MULTICAST_LOOP, 1);
	ck_assert_int_eq(set_int(so, IPPROTO_IP, IP_MULTICAST_TTL, 256), -EINVAL);
	ck_assert_int_eq(set_int(so, IPPROTO_IP, IP_MULTICAST_TTL, -2), -EINVAL);
	ck_assert_int_eq(set_int(so, IPPROTO_IP, IP_MULTICAST_TTL, 0), 0);
	IS(IP_MULTICAST_TTL, 0);
	ck_assert_int_eq(net_setopt(so, IPPROTO_IP, IP_MULTICAST_TTL, "\x09", 1), 0);
	IS(IP_MULTICAST_TTL, 9);
	ck_assert_int_eq(set_int(so, IPPROTO_IP, IP_MULTICAST_TTL, -1), 0);
	IS(IP_MULTICAST_TTL, 1);
	ck_assert_int_eq(net_setopt(so, IPPROTO_IP, IP_MULTICAST_LOOP, "\0", 1), 0);
	IS(IP_MULTICAST_LOOP, 0);
	ck_assert_int_eq(set_int(so, IPPROTO_IP, IP_MULTICAST_LOOP, 7), 0);
	IS(IP_MULTICAST_LOOP, 1);
	ck_assert_int_eq(through(so, ADDR_B), -EADDRNOTAVAIL);
	ck_assert_int_eq(group_option(so, IP_MULTICAST_IF, 0, 0, 99), -EADDRNOTAVAIL);
	ck_assert_int_eq(through(so, ADDR_A), 0);
	ck_assert_int_eq(net_getopt(so, IPPROTO_IP, IP_MULTICAST_IF, &in, &len), 0);
	ck_assert_uint_eq(ntohl(in.s_addr), ADDR_A);
	ck_assert_int_eq(through(so, 0), 0);
	ck_assert_int_eq(net_getopt(so, IPPROTO_IP, IP_MULTICAST_IF, &in, &len), 0);
	ck_assert_uint_eq(in.s_addr, 0);
	ck_assert_int_eq(send_to(so, GROUP, "x"), -ENETUNREACH);
	ck_assert_int_eq(group_option(so, IP_MULTICAST_IF, 0, 0, (int)index_of(A)), 0);
	ck_assert_int_eq(send_to(so, GROUP, "x"), 1);
	ck_assert_int_eq(net_setopt(so, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	ck_assert_int_eq(through(so, ADDR_A), -EINVAL); /* bound to another device */
}
END_TEST

/* --- delivery --------------------------------------------------------------------------------- */

/* Whoever is bound to the port and the group, or to any address, gets a copy, joined or not. */
START_TEST(each_gets_a_copy) {
	struct net_sock *to[5] = {udp(B, 0, PORT), udp(B, GROUP, PORT), udp(B, 0, PORT),
	                          udp(B, ADDR_B, PORT), udp(B, OTHER, PORT)};
	struct net_sock *from = sender(A);

	ck_assert_uint_eq(told(from, GROUP, to, 5), 0); /* nobody has joined */
	ck_assert_uint_eq(counters(gw, B)->ip_not_mine, 1);
	ck_assert_int_eq(join(to[0], GROUP, ADDR_B), 0);
	ck_assert_uint_eq(told(from, GROUP, to, 3), 3);
	ck_assert_uint_eq(told(from, GROUP, to + 3, 2), 0);
	for (int i = 0; i < 3; i++)
		drain(to[i]);
	ck_assert_uint_eq(told(from, OTHER, to, 5), 0);
	ck_assert_int_eq(net_setopt(to[0], SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	ck_assert_uint_eq(told(from, GROUP, to, 3), 2);
	net_close(to[0], false);
	ck_assert_uint_eq(told(from, GROUP, to + 1, 2), 0); /* left at its close */
}
END_TEST

/* A connected socket hears its partner only; an unconnected one is not preferred. */
START_TEST(connected_receiver) {
	struct net_sock *to[2] = {udp(B, 0, PORT), udp(B, 0, PORT)}, *from = sender(A);

	ck_assert_int_eq(join(to[0], GROUP, ADDR_B), 0);
	ck_assert_int_eq(net_connect(to[1], ADDR_A, 99), 0);
	ck_assert_uint_eq(told(from, GROUP, to, 2), 1);
}
END_TEST

/* 32 groups share an Ethernet address: what the controller takes, IP may still refuse. */
START_TEST(groups_of_one_mac) {
	struct net_sock *to[1] = {udp(B, 0, PORT)}, *from = sender(A);
	uint8_t a[6], b[6];

	mac_of_group(a, GROUP);
	mac_of_group(b, ALIAS);
	ck_assert_mem_eq(a, b, 6);
	ck_assert_int_eq(join(to[0], GROUP, ADDR_B), 0);
	ck_assert_uint_eq(told(from, ALIAS, to, 1), 0);
	ck_assert_uint_eq(counters(gw, B)->ip_not_mine, 1);
	ck_assert_uint_eq(told(from, GROUP, to, 1), 1);
	ck_assert_mem_eq(last_dst, "\x01\x00\x5e\x01\x01\x01", 6);
}
END_TEST

START_TEST(local_copies) {
	struct net_sock *here[2] = {udp(A, 0, PORT), udp(A, 0, PORT)},
			*there[1] = {udp(B, 0, PORT)};
	struct net_sock *from = sender(A);

	ck_assert_int_eq(join(there[0], GROUP, ADDR_B), 0);
	ck_assert_uint_eq(told(from, GROUP, here, 2), 0); /* this machine is no member */
	ck_assert_int_eq(join(here[0], GROUP, ADDR_A), 0);
	ck_assert_uint_eq(told(from, GROUP, here, 2), 2);
	ck_assert_int_eq(set_int(from, IPPROTO_IP, IP_MULTICAST_LOOP, 0), 0);
	ck_assert_uint_eq(told(from, GROUP, here, 2), 0);
	ck_assert_int_eq(set_int(from, IPPROTO_IP, IP_MULTICAST_LOOP, 1), 0);
	drain(there[0]);
	/* TTL 0 does not leave the machine. */
	ck_assert_int_eq(set_int(from, IPPROTO_IP, IP_MULTICAST_TTL, 0), 0);
	ck_assert_uint_eq(told(from, GROUP, here, 2), 2);
	ck_assert_int_eq(recv_flags(there[0], (char[8]){0}, 8, 0), -EAGAIN);
	ck_assert_uint_eq(counters(gw, A)->ip_looped_in, 2);
}
END_TEST

/* A copy says who sent it; a large datagram comes back whole. */
START_TEST(fragments_come_back) {
	struct net_sock *here = udp(A, 0, PORT), *there = udp(B, 0, PORT), *from = sender(A);
	static char out[5000], in[6000];
	struct iovec iov = {out, sizeof out}, to = {in, sizeof in};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = GROUP, .port = PORT};
	struct net_msg got = {.iov = &to, .iovlen = 1};

	for (size_t i = 0; i < sizeof out; i++)
		out[i] = (char)(i * 7);
	ck_assert_int_eq(join(here, GROUP, ADDR_A), 0);
	ck_assert_int_eq(join(there, GROUP, ADDR_B), 0);
	ck_assert_int_eq(net_send(from, &msg), sizeof out);
	world_for(gw, 10 * SIM_MS);
	ck_assert_int_eq(net_recv(here, &got), sizeof out);
	ck_assert_mem_eq(in, out, sizeof out);
	ck_assert_uint_eq(got.addr, ADDR_A);
	ck_assert_ptr_eq(got.ifp, gw->node[A].ifp);
	memset(in, 0, sizeof in);
	got = (struct net_msg){.iov = &to, .iovlen = 1};
	ck_assert_int_eq(net_recv(there, &got), sizeof out);
	ck_assert_mem_eq(in, out, sizeof out);
}
END_TEST

/* ip_mc_output() does the same for broadcasts, whatever IP_MULTICAST_LOOP says. */
START_TEST(broadcasts_come_back) {
	struct net_sock *here[1] = {udp(A, 0, PORT)},
			*there[2] = {udp(B, 0, PORT), udp(B, 0, PORT)};
	struct net_sock *from = udp(A, 0, 0);

	ck_assert_int_eq(set_int(from, SOL_SOCKET, SO_BROADCAST, 1), 0);
	ck_assert_int_eq(set_int(from, IPPROTO_IP, IP_MULTICAST_LOOP, 0), 0);
	ck_assert_uint_eq(told(from, 0x0a0000ff, here, 1), 1);
	ck_assert_int_eq(net_setopt(there[0], SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	drain(there[0]);
	drain(there[1]);
	ck_assert_uint_eq(told(from, 0x0a0000ff, there, 2), 1);
}
END_TEST

/* The default route says which net, not which router: ip_route_output_slow(). */
START_TEST(default_route) {
	struct net_sock *to[1] = {udp(B, 0, PORT)}, *from = udp(A, 0, 0);
	struct net_route rt = {.gateway = ADDR_B + 9};

	ck_assert_int_eq(send_to(from, GROUP, "x"), -ENETUNREACH);
	ck_assert_int_eq(net_route_add(gw->node[A].st, &rt), 0);
	ck_assert_int_eq(join(to[0], GROUP, ADDR_B), 0);
	ck_assert_uint_eq(told(from, GROUP, to, 1), 1);
	ck_assert_int_eq(join(from, GROUP, 0), 0);
	ck_assert_uint_eq(net_group_next(gw->node[A].ifp, NULL)->addr, GROUP);
}
END_TEST

START_TEST(interfaces_come_and_go) {
	struct net_sock *to[1] = {udp(B, 0, PORT)}, *from = sender(A);
	struct net_if_config conf;

	ck_assert_int_eq(join(to[0], GROUP, ADDR_B), 0);
	world_for(gw, 60 * SIM_S);
	net_if_get(gw->node[B].ifp, &conf);
	n_seen = 0;
	conf.up = false;
	ck_assert_int_eq(net_if_set(gw->node[B].ifp, &conf), 0);
	ck_assert_uint_eq(net_group_next(gw->node[B].ifp, NULL)->addr, GROUP);
	ck_assert_ptr_null(net_group_next(gw->node[B].ifp, net_group_next(gw->node[B].ifp, NULL)));
	ck_assert_int_eq(join(to[0], OTHER, ADDR_B), -ENODEV);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 0);
	conf.up = true;
	ck_assert_int_eq(net_if_set(gw->node[B].ifp, &conf), 0);
	world_for(gw, 60 * SIM_S);
	ck_assert_uint_eq(n_seen, 3);
	ck_assert_uint_eq(told(from, GROUP, to, 1), 1);
	/* Pulled out: the membership stays on the socket, and names nothing. */
	ck_assert_int_eq(net_if_remove(gw->node[B].ifp), 0);
	ck_assert_int_eq(leave(to[0], GROUP, ADDR_B), 0);
	gw->node[B].ifp = net_if_add(gw->node[B].st, "eth1", conf.mac, 1500, NULL);
	ck_assert_int_eq(net_if_set(gw->node[B].ifp, &conf), 0);
	ck_assert_int_eq(join(to[0], GROUP, ADDR_B), 0);
	ck_assert_uint_eq(told(from, GROUP, to, 1), 1);
}
END_TEST

/* --- frames for others ------------------------------------------------------------------------ */

START_TEST(unicast_for_others) {
	static const uint8_t wrong[6] = {2, 0, 0, 0, 0, 0x99};
	struct net_sock *to[1] = {udp(B, 0, PORT)}, *from = udp(A, 0, 0);

	ck_assert_int_eq(net_arp_set(gw->node[A].st, ADDR_B, wrong), 0);
	ck_assert_uint_eq(told(from, ADDR_B, to, 1), 0);
	ck_assert_uint_eq(counters(gw, B)->other_host, 1);
	ck_assert_uint_eq(counters(gw, B)->ip_in, 0);
	ck_assert_int_eq(net_arp_set(gw->node[A].st, ADDR_B, node_mac[B]), 0);
	ck_assert_uint_eq(told(from, ADDR_B, to, 1), 1);
}
END_TEST

START_TEST(controller_filter) {
	static const uint8_t station[6] = {2, 0, 0, 0, 0, 2},
			     all[6] = {255, 255, 255, 255, 255, 255};
	struct net_sock *so = udp(B, 0, PORT), *more = udp(B, 0, PORT);
	struct net_if *ifp = gw->node[B].ifp;
	struct mac_filter f, g;
	struct net_if_config conf;
	struct frame *frame = frame_new(0, FRAME_MTU);

#define TAKES(filter, mac) (memcpy(frame_data(frame), mac, 6), mac_filter_takes(filter, frame))
	frame->len = 60;
	mac_filter_init(&f, station);
	ck_assert(TAKES(&f, station));
	ck_assert(TAKES(&f, all));
	ck_assert(!TAKES(&f, node_mac[A]));
	ck_assert(!TAKES(&f, "\x01\x00\x5e\x00\x00\x01"));
	mac_filter_load(&g, ifp);
	ck_assert(TAKES(&g, "\x01\x00\x5e\x00\x00\x01"));
	ck_assert_uint_eq(mac_filter_writes(&f, &g), 2);
	/* 13 more exactly, then by the table: others fall on its bits, and are few. */
	for (uint32_t i = 0; i < 30; i++)
		ck_assert_int_eq(join(i < 15 ? so : more, GROUP + i, ADDR_B), 0);
	mac_filter_load(&g, ifp);
	ck_assert_uint_eq(g.exact_count, 14);
	unsigned taken = 0;
	for (uint32_t i = 0; i < 4096; i++) {
		uint8_t mac[6];

		mac_of_group(mac, 0xe1020000 + i);
		taken += TAKES(&g, mac);
		mac_of_group(mac, GROUP + i);
		ck_assert(i >= 30 || TAKES(&g, mac));
	}
	ck_assert_uint_gt(taken, 0);
	ck_assert_uint_lt(taken, 300);
	net_if_get(ifp, &conf);
	conf.allmulti = true;
	ck_assert_int_eq(net_if_set(ifp, &conf), 0);
	mac_filter_load(&g, ifp);
	ck_assert(TAKES(&g, "\x01\x00\x5e\x7f\x7f\x7f"));
	ck_assert(!TAKES(&g, node_mac[A]));
	conf.promisc = true;
	ck_assert_int_eq(net_if_set(ifp, &conf), 0);
	mac_filter_load(&g, ifp);
	ck_assert(TAKES(&g, node_mac[A]));
	frame_free(frame);
}
END_TEST

int main(void) {
	Suite *s = suite_create("net-mcast");
	TCase *t = tcase_create("groups");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, group_up, group_down);
	tcase_add_test(t, join_and_leave);
	tcase_add_test(t, short_options_and_limit);
	tcase_add_test(t, numbers);
	tcase_add_test(t, each_gets_a_copy);
	tcase_add_test(t, connected_receiver);
	tcase_add_test(t, groups_of_one_mac);
	tcase_add_test(t, local_copies);
	tcase_add_test(t, fragments_come_back);
	tcase_add_test(t, broadcasts_come_back);
	tcase_add_test(t, default_route);
	tcase_add_test(t, interfaces_come_and_go);
	tcase_add_test(t, unicast_for_others);
	tcase_add_test(t, controller_filter);
	suite_add_tcase(s, t);
	return run_suite(s);
}
