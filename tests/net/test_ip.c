/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interfaces, routes, ARP, IP with fragments, ICMP and UDP. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "run_suite.h"
#include "two_stacks.h"

static struct world *w;

static void up(void) { w = world_new("linux-2.4", SIM_MS); }
static void down(void) { world_free(w); }

static ssize_t send_to(struct net_sock *so, uint32_t addr, uint16_t port, const void *data,
                       size_t len) {
	struct iovec iov = {(void *)data, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = addr, .port = port};

	return net_send(so, &msg);
}

static struct net_sock *udp_bound(int id, uint16_t port) {
	struct net_sock *so = sock_open(w, id, SOCK_DGRAM);

	ck_assert_int_eq(net_bind(so, 0, port), 0);
	return so;
}

/* --- interfaces and routes -------------------------------------------------------------------- */

START_TEST(interfaces) {
	struct net_stack *st = w->node[A].st;
	struct net_if *ifp = w->node[A].ifp;
	struct net_if_config ic;
	uint32_t generation = net_config_generation(st);

	ck_assert_ptr_nonnull(net_if_find(st, "lo"));
	ck_assert_ptr_eq(net_if_find(st, "eth0"), ifp);
	ck_assert(net_is_local(st, ADDR_A));
	ck_assert(net_is_local(st, INADDR_LOOPBACK + 5));
	ck_assert(!net_is_local(st, ADDR_B));
	net_if_get(ifp, &ic);
	ic.netmask = 0xff00ff00U;
	ck_assert_int_eq(net_if_set(ifp, &ic), -EINVAL);
	ic.netmask = 0xffff0000U;
	ic.mtu = 60;
	ck_assert_int_eq(net_if_set(ifp, &ic), -EINVAL);
	ic.mtu = 1000;
	ck_assert_int_eq(net_if_set(ifp, &ic), 0);
	ck_assert_uint_ne(net_config_generation(st), generation);
	ck_assert_ptr_nonnull(net_route_lookup(st, 0x0a00ff01U));
	ck_assert_ptr_null(net_route_lookup(st, 0x0a010001U));
	ic.up = false;
	ck_assert_int_eq(net_if_set(ifp, &ic), 0);
	ck_assert_ptr_null(net_route_lookup(st, ADDR_B));
}
END_TEST

/* What an interface leaves behind when it goes: sockets without a route, and readable datagrams. */
START_TEST(interface_removed) {
	struct net_sock *u = udp_bound(A, 7), *v = udp_bound(B, 9), *a, *b;
	struct net_route rt = {.dst = 0, .mask = 0, .gateway = ADDR_B};
	struct iovec iov = {(char[8]){0}, 8};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	struct net_stack *st = w->node[A].st;
	struct net_if_config ic;

	net_if_get(w->node[A].ifp, &ic);
	connect_pair(w, &a, &b);
	ck_assert_int_eq(net_route_add(st, &rt), 0);
	ck_assert_int_eq(net_setopt(u, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5), 0);
	ck_assert_int_eq(send_to(v, ADDR_A, 7, "hi", 2), 2);
	world_for(w, 10 * SIM_MS);
	ck_assert_int_eq(net_if_remove(net_if_find(st, "lo")), -EINVAL);
	ck_assert_int_eq(net_if_remove(w->node[A].ifp), 0);
	w->node[A].ifp = NULL;
	ck_assert_ptr_null(net_if_find(st, "eth0"));
	ck_assert_ptr_null(net_route_lookup(st, ADDR_B));
	ck_assert_ptr_null(net_route_lookup(st, 0x08080808));
	ck_assert_int_eq(net_arp_get(st, ADDR_B, (uint8_t[6]){0}), -ENXIO);
	ck_assert(!net_is_local(st, ADDR_A));
	ck_assert_int_eq(net_recv(u, &msg), 2);
	ck_assert_ptr_null(msg.ifp);
	ck_assert_int_eq(send_to(u, ADDR_B, 9, "x", 1), -ENETUNREACH);
	ck_assert_int_eq(send_text(a, "nowhere"), 7); /* sent again and again, until it gives up */
	world_for(w, 1200 * SIM_S);
	ck_assert_int_eq(net_take_error(a), ETIMEDOUT);
	/* another takes its place, and the socket is bound to none */
	w->node[A].ifp = net_if_add(st, "eth1", ic.mac, 1500, NULL);
	ck_assert_int_eq(net_if_set(w->node[A].ifp, &ic), 0);
	ck_assert_int_eq(send_to(u, ADDR_B, 9, "x", 1), 1);
}
END_TEST

START_TEST(routes) {
	struct net_stack *st = w->node[A].st;
	struct net_route any = {.gateway = ADDR_B},
			 net = {.dst = 0x14000000U, .mask = 0xff000000U, .gateway = 0x0a000009U};
	struct net_route lost = {.dst = 0x15000000U, .mask = 0xff000000U, .gateway = 0x16000001U};
	struct net_sock *so = sock_open(w, A, SOCK_DGRAM);

	ck_assert_int_eq(send_to(so, 0x14010203U, 9, "x", 1), -ENETUNREACH);
	ck_assert_int_eq(net_route_add(st, &any), 0);
	ck_assert_int_eq(net_route_add(st, &any), -EEXIST);
	ck_assert_int_eq(net_route_add(st, &net), 0);
	ck_assert_int_eq(net_route_add(st, &lost), -ENETUNREACH);
	ck_assert_uint_eq(net_route_lookup(st, 0x14010203U)->gateway, 0x0a000009U);
	ck_assert_uint_eq(net_route_lookup(st, 0x20000000U)->gateway, ADDR_B);
	ck_assert_int_eq(net_route_del(st, &net), 0);
	ck_assert_int_eq(net_route_del(st, &net), -ESRCH);
	ck_assert_int_eq(send_to(so, 0x14010203U, 9, "x", 1), 1);
	world_for(w, 10 * SIM_MS);
	ck_assert_uint_eq(counters(w, B)->ip_not_mine, 1); /* went to the gateway */
}
END_TEST

START_TEST(arp) {
	struct net_stack *st = w->node[A].st;
	struct net_sock *so = sock_open(w, A, SOCK_DGRAM), *to = udp_bound(B, 9);
	static const char *const texts[] = {"0", "1", "2", "3", "4"};
	uint8_t mac[6];

	ck_assert_int_eq(net_arp_get(st, ADDR_B, mac), -ENXIO);
	for (int i = 0; i < 5; i++) /* three wait for the answer, the oldest give way */
		ck_assert_int_eq(send_to(so, ADDR_B, 9, texts[i], 2), 2);
	ck_assert_uint_eq(counters(w, A)->arp_out, 1);
	world_for(w, 10 * SIM_MS);
	ck_assert_str_eq(recv_text(to), "2");
	ck_assert_str_eq(recv_text(to), "3");
	ck_assert_str_eq(recv_text(to), "4");
	ck_assert_str_eq(recv_text(to), "<errno 11>");
	ck_assert_int_eq(net_arp_get(st, ADDR_B, mac), 0);
	ck_assert_int_eq(mac[5], 2);
	ck_assert_int_eq(net_arp_get(w->node[B].st, ADDR_A, mac), 0); /* learned from the request */
	ck_assert_int_eq(net_arp_del(st, ADDR_B), 0);
	ck_assert_int_eq(net_arp_del(st, ADDR_B), -ENXIO);
}
END_TEST

/* When A asked, and whom. */
static sim_time asked_at[16];
static bool asked_all[16], deaf;
static unsigned asked;

static struct fate note_requests(struct world *world, int from, struct frame *f) {
	const uint8_t *p = frame_data(f);
	bool arp = p[12] == 8 && p[13] == 6;

	if (from == A && arp && p[21] == 1 && asked < G_N_ELEMENTS(asked_at)) {
		asked_all[asked] = p[0] & 1;
		asked_at[asked++] = world->now;
	}
	return (struct fate){!(deaf && from == B), 0, false};
}

/* What was not confirmed for 45 s, and the 30 s between two looks, is stale: it is used at once, and asked for
 * 5 s later, if nobody above knows better: the neighbour three times, everybody three times, a second apart
 * (neigh_timer_handler(), arp_solicit() of 2.4).  Then it is unknown, and asked for anew. */
START_TEST(a_stale_neighbour) {
	struct net_sock *so = sock_open(w, A, SOCK_DGRAM), *to = udp_bound(B, 9);
	uint8_t mac[6];
	sim_time start;

	w->fate = note_requests;
	asked = 0;
	deaf = false;
	send_to(so, ADDR_B, 9, "1", 2);
	world_run(w, 76 * SIM_S);
	ck_assert_uint_eq(asked, 1);
	ck_assert_str_eq(recv_text(to), "1");
	deaf = _i;
	start = w->now;
	send_to(so, ADDR_B, 9, "2", 2);
	world_for(w, SIM_MS);
	ck_assert_str_eq(recv_text(to), "2"); /* without waiting */
	ck_assert_uint_eq(asked, 1);
	world_run(w, start + 20 * SIM_S);
	ck_assert_uint_eq(asked, _i ? 7 : 2);
	for (unsigned i = 1; i < asked; i++) {
		ck_assert_int_eq(asked_at[i], start + (4 + i) * SIM_S);
		ck_assert_int_eq(asked_all[i], i > 3);
	}
	ck_assert_int_eq(net_arp_get(w->node[A].st, ADDR_B, mac), _i ? -ENXIO : 0);
	deaf = false;
	send_to(so, ADDR_B, 9, "3", 2);
	world_for(w, 10 * SIM_MS);
	ck_assert_str_eq(recv_text(to), "3");
	ck_assert_uint_eq(asked, _i ? 8 : 2);
}
END_TEST

/* An ACK that brings TCP on says that the neighbour is there (dst_confirm()). */
START_TEST(tcp_confirms_its_neighbour) {
	struct net_sock *a, *b;

	w->fate = note_requests;
	asked = 0;
	deaf = false;
	connect_pair(w, &a, &b);
	for (int i = 0; i < 100; i++) {
		send_text(a, "x");
		world_for(w, 4 * SIM_S);
		ck_assert_str_eq(recv_text(b), "x");
	}
	ck_assert_uint_eq(asked, 1);
}
END_TEST

/* --- UDP and fragments ------------------------------------------------------------------------ */

START_TEST(udp_sizes) {
	static const size_t sizes[] = {0, 1, 1472, 1473, 2961, 9000, 30001, 65507};
	static uint8_t out[65536], in[65536];
	struct net_sock *a = sock_open(w, A, SOCK_DGRAM), *b = udp_bound(B, 9);
	size_t n = sizes[_i];

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(i * 31 + (i >> 8));
	ck_assert_int_eq(set_int(b, SOL_SOCKET, SO_RCVBUF, 65535), 0);
	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, (const uint8_t *)"\2\0\0\0\0\2"), 0);
	ck_assert_int_eq(send_to(a, ADDR_B, 9, out, n), (ssize_t)n);
	world_for(w, 10 * SIM_MS);
	ck_assert_int_eq(net_readable(b), (int)n);
	ck_assert_int_eq(recv_flags(b, in, sizeof(in), MSG_PEEK), (ssize_t)n);
	ck_assert_int_eq(recv_flags(b, in, sizeof(in), 0), (ssize_t)n);
	ck_assert_mem_eq(in, out, n);
	ck_assert_uint_eq(counters(w, B)->ip_reassembled, n > 1472);
	ck_assert_int_eq(send_to(a, ADDR_B, 9, out, 65508), -EMSGSIZE);
}
END_TEST

static struct fate lose_second(struct world *world, int from, struct frame *f) {
	(void)f;
	return (struct fate){from != A || world->node[A].sent != 2, 0, false};
}

static struct fate backwards(struct world *world, int from, struct frame *f) {
	(void)f;
	if (from != A)
		return (struct fate){1, 0, false};
	return (struct fate){2, (20 - (sim_time)world->node[A].sent) * SIM_MS, false};
}

START_TEST(fragments_lost_and_shuffled) {
	static uint8_t out[6000], in[6000];
	struct net_sock *a = sock_open(w, A, SOCK_DGRAM), *b = udp_bound(B, 9);

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i ^ (i >> 7));
	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, (const uint8_t *)"\2\0\0\0\0\2"), 0);
	w->fate = _i ? backwards : lose_second;
	send_to(a, ADDR_B, 9, out, sizeof(out));
	world_for(w, 100 * SIM_MS);
	if (_i) { /* twice, in reverse */
		ck_assert_int_eq(recv_flags(b, in, sizeof(in), 0), sizeof(in));
		ck_assert_mem_eq(in, out, sizeof(out));
		return;
	}
	ck_assert_str_eq(recv_text(b), "<errno 11>");
	world_for(w, 31 * SIM_S);
	ck_assert_uint_eq(counters(w, B)->ip_reassembly_timeouts, 1);
	ck_assert_uint_eq(counters(w, B)->icmp_out, 1); /* time exceeded */
	ck_assert_uint_eq(counters(w, A)->icmp_in, 1);
}
END_TEST

/* Flags and offset of every IP packet on the wire. */
static uint16_t marks[8];
static unsigned packets;

static struct fate mark(struct world *world, int from, struct frame *f) {
	const uint8_t *p = frame_data(f);

	(void)world;
	if (from == A && p[12] == 8 && p[13] == 0 && packets < G_N_ELEMENTS(marks))
		marks[packets++] = (uint16_t)(p[20] << 8 | p[21]);
	return (struct fate){1, 0, false};
}

/* ip_dont_fragment() and ip_build_xmit_slow() of 2.4: fragments have DF as well, unless it is off, and the
 * last leaves first. */
START_TEST(dont_fragment) {
	enum { DF = 0x4000, MF = 0x2000, SECOND = 1480 / 8 };
	static const struct {
		int value;
		bool sent;
		uint16_t small, first, last;
	} cases[] = {
		{IP_PMTUDISC_DONT, true, 0, MF, SECOND},
		{IP_PMTUDISC_WANT, true, DF, DF | MF, DF | SECOND},
		{IP_PMTUDISC_DO, false, DF, 0, 0},
	};
	static const uint8_t data[2000];
	struct net_sock *a = sock_open(w, A, SOCK_DGRAM);

	udp_bound(B, 9);
	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, (const uint8_t *)"\2\0\0\0\0\2"), 0);
	w->fate = mark;
	packets = 0;
	ck_assert_int_eq(set_int(a, IPPROTO_IP, IP_MTU_DISCOVER, cases[_i].value), 0);
	ck_assert_int_eq(send_to(a, ADDR_B, 9, data, 1472), 1472);
	ck_assert_uint_eq(marks[0], cases[_i].small);
	ck_assert_int_eq(send_to(a, ADDR_B, 9, data, 2000), cases[_i].sent ? 2000 : -EMSGSIZE);
	ck_assert_uint_eq(packets, cases[_i].sent ? 3 : 1);
	ck_assert_uint_eq(marks[1], cases[_i].last);
	ck_assert_uint_eq(marks[2], cases[_i].first);
}
END_TEST

START_TEST(udp_errors) {
	struct net_sock *a = sock_open(w, A, SOCK_DGRAM), *b = udp_bound(B, 9);
	uint32_t addr;
	uint16_t port;
	char small[3];
	struct iovec iov = {small, sizeof(small)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	ck_assert_uint_eq(net_poll(a), POLLOUT | POLLWRNORM | POLLWRBAND);
	ck_assert_int_eq(send_text(a, "x"), -EDESTADDRREQ);
	ck_assert_int_eq(send_to(a, 0x0a0000ffU, 9, "x", 1), -EACCES);
	ck_assert_int_eq(net_shutdown(a, SHUT_RD), -ENOTCONN);
	net_close(a, false);
	a = sock_open(w, A, SOCK_DGRAM);
	ck_assert_int_eq(net_connect(a, ADDR_B, 10), 0);
	net_sockname(a, &addr, &port);
	ck_assert_uint_eq(addr, ADDR_A);
	ck_assert_int_eq(send_text(a, "nobody"), 6);
	world_for(w, 10 * SIM_MS);
	ck_assert_uint_eq(counters(w, B)->udp_no_port, 1);
	ck_assert(net_poll(a) & POLLERR);
	ck_assert_int_eq(send_text(a, "again"), -ECONNREFUSED);
	ck_assert_int_eq(net_connect(a, ADDR_B, 9), 0);
	ck_assert_int_eq(send_text(a, "hello"), 5);
	world_for(w, 10 * SIM_MS);
	ck_assert_int_eq(net_recv(b, &msg), 3);
	ck_assert_int_eq(msg.flags, MSG_TRUNC);
	ck_assert_uint_eq(msg.addr, ADDR_A);
	ck_assert_uint_eq(msg.port, port);
	ck_assert_ptr_eq(msg.ifp, w->node[B].ifp);
	ck_assert_int_eq(net_disconnect(a), 0);
	ck_assert_int_eq(send_text(a, "x"), -EDESTADDRREQ);
	set_int(a, SOL_SOCKET, SO_BROADCAST, 1);
	ck_assert_int_eq(send_to(a, 0x0a0000ffU, 9, "all", 3), 3);
	world_for(w, 10 * SIM_MS);
	ck_assert_str_eq(recv_text(b), "all");
}
END_TEST

START_TEST(udp_overflow_and_corruption) {
	static char block[1000];
	struct net_sock *a = sock_open(w, A, SOCK_DGRAM), *b = udp_bound(B, 9);

	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, (const uint8_t *)"\2\0\0\0\0\2"), 0);
	for (int i = 0; i < 70; i++)
		send_to(a, ADDR_B, 9, block, sizeof(block));
	world_for(w, 10 * SIM_MS);
	ck_assert_uint_eq(counters(w, B)->udp_overflow, 5);
	while (recv_flags(b, block, sizeof(block), 0) > 0)
		;
}
END_TEST

/* --- ICMP ------------------------------------------------------------------------------------- */

START_TEST(ping) {
	struct net_sock *raw;
	uint8_t echo[3000] = {8, 0, 0, 0, 1, 2, 3, 4}, reply[4000];
	size_t n = _i ? 3000 : 64;
	uint16_t sum = cksum_fold(cksum_add(0, echo, n));

	echo[2] = (uint8_t)(sum >> 8);
	echo[3] = (uint8_t)sum;
	ck_assert_int_eq(net_sock_open(w->node[A].st, SOCK_RAW, IPPROTO_ICMP, NULL, &raw), 0);
	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, (const uint8_t *)"\2\0\0\0\0\2"), 0);
	ck_assert_int_eq(send_to(raw, ADDR_B, 0, echo, n), (ssize_t)n);
	world_for(w, 10 * SIM_MS);
	ck_assert_int_eq(recv_flags(raw, reply, sizeof(reply), 0), (ssize_t)n + 20);
	ck_assert_int_eq(reply[20], 0);
	ck_assert_mem_eq(reply + 24, echo + 4, n - 4);
	ck_assert_int_eq(net_sock_open(w->node[A].st, SOCK_RAW, IPPROTO_TCP, NULL, &raw),
	                 -EPROTONOSUPPORT);
	ck_assert_int_eq(net_sock_open(w->node[A].st, SOCK_SEQPACKET, 0, NULL, &raw),
	                 -ESOCKTNOSUPPORT);
}
END_TEST

/* Whatever bytes come in, the stack stands. */
START_TEST(noise) {
	struct net_sock *l = listener(w, A, 80, 5), *u = udp_bound(A, 9), *child;

	for (int i = 0; i < 200000; i++) {
		struct frame *f = frame_new(0, FRAME_MTU);
		uint8_t *p = frame_data(f);
		size_t len = 14 + world_random(w) % 80;

		for (size_t k = 0; k < len; k++)
			p[k] = (uint8_t)world_random(w);
		f->len = (uint16_t)len;
		if (i % 8) { /* plausible up to a point */
			uint16_t sum;

			memcpy(p, node_mac[A], 6);
			memcpy(p + 12, "\x08\x00\x45", 3);
			if (i % 16 == 1)
				memcpy(p + 12, "\x08\x06", 2);
			p[16] = 0;
			p[17] = (uint8_t)(len > 14 ? len - 14 : 0);
			p[20] &= i % 3 ? 0 : 0x20;
			p[21] &= i % 3 ? 0 : 3;
			p[23] = (uint8_t)("\1\6\21\6"[i % 4]);
			memcpy(p + 26, "\12\0\0\2\12\0\0\1", 8);
			p[37] = i % 2 ? 80 : 9;
			p[36] = 0;
			p[24] = p[25] = 0;
			sum = cksum_fold(cksum_add(0, p + 14, 20));
			p[24] = (uint8_t)(sum >> 8);
			p[25] = (uint8_t)sum;
			if (p[23] == 6 && len > 54) {
				uint8_t pseudo[12] = {10, 0, 0, 2, 10, 0,
				                      0,  1, 0, 6, 0,  (uint8_t)(len - 34)};

				p[46] = (uint8_t)(world_random(w) % 16 << 4);
				p[50] = p[51] = 0;
				sum = cksum_fold(
					cksum_add(cksum_add(0, pseudo, 12), p + 34, len - 34));
				p[50] = (uint8_t)(sum >> 8);
				p[51] = (uint8_t)sum;
			}
		}
		net_input(w->node[A].st, w->node[A].ifp, f);
		if (i % 64 == 0)
			world_for(w, SIM_S);
		if (net_accept(l, NULL, &child) == 0)
			net_close(child, i % 2);
		(void)recv_text(u);
	}
	ck_assert_uint_gt(counters(w, A)->tcp_in, 1000);
}
END_TEST

int main(void) {
	Suite *s = suite_create("net-ip");
	TCase *t = tcase_create("ip");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, interfaces);
	tcase_add_test(t, interface_removed);
	tcase_add_test(t, routes);
	tcase_add_test(t, arp);
	tcase_add_loop_test(t, a_stale_neighbour, 0, 2);
	tcase_add_test(t, tcp_confirms_its_neighbour);
	tcase_add_loop_test(t, udp_sizes, 0, 8);
	tcase_add_loop_test(t, fragments_lost_and_shuffled, 0, 2);
	tcase_add_loop_test(t, dont_fragment, 0, 3);
	tcase_add_test(t, udp_errors);
	tcase_add_test(t, udp_overflow_and_corruption);
	tcase_add_loop_test(t, ping, 0, 2);
	tcase_add_test(t, noise);
	suite_add_tcase(s, t);
	return run_suite(s);
}
