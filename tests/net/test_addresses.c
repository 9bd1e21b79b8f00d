/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources and routes of a machine with two interfaces: A has 10.0.0.1 on the wire to B and 10.0.2.1
 * on a wire that ends nowhere. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "run_suite.h"
#include "two_stacks.h"

#define SECOND 0x0a000201U
#define NEAR_SECOND 0x0a000202U
#define FAR 0x08080808U
#define GROUP 0xef090909U

static struct world *w;
static struct net_if *second;

static void up(void) {
	struct net_if_config ic = {.addr = SECOND,
	                           .netmask = 0xffffff00U,
	                           .broadcast = SECOND | 0xff,
	                           .mtu = 1500,
	                           .up = true,
	                           .mac = {2, 0, 0, 0, 0, 9}};

	w = world_new("linux-2.4", SIM_MS);
	second = net_if_add(w->node[A].st, "eth1", ic.mac, 1500, NULL);
	ck_assert_int_eq(net_if_set(second, &ic), 0);
}

static void down(void) { world_free(w); }

static uint32_t source(const struct net_sock *so) {
	uint32_t addr;
	uint16_t port;

	ck_assert_int_eq(net_sockname(so, &addr, &port), 0);
	return addr;
}

static ssize_t send_to(struct net_sock *so, uint32_t addr) {
	struct iovec iov = {(char[1]){'x'}, 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = addr, .port = 9};

	return net_send(so, &msg);
}

/* udp_connect() of 2.4. */
START_TEST(first_source_stays) {
	struct net_sock *so = sock_open(w, A, SOCK_DGRAM);

	ck_assert_int_eq(net_connect(so, ADDR_B, 53), 0);
	ck_assert_uint_eq(source(so), ADDR_A);
	ck_assert_int_eq(net_connect(so, NEAR_SECOND, 53), 0);
	ck_assert_uint_eq(source(so), ADDR_A);
	ck_assert_int_eq(net_disconnect(so), 0);
	ck_assert_uint_eq(source(so), 0);
	ck_assert_int_eq(net_connect(so, NEAR_SECOND, 53), 0);
	ck_assert_uint_eq(source(so), SECOND);
	ck_assert_int_eq(net_disconnect(so), 0);
	ck_assert_int_eq(net_connect(so, INADDR_LOOPBACK, 53), 0);
	ck_assert_int_eq(net_connect(so, ADDR_B, 53), -EINVAL);
	ck_assert_int_eq(send_to(so, ADDR_B), -EINVAL);
	ck_assert_int_eq(send_to(so, ADDR_A), 1); /* inside the machine it may */
}
END_TEST

/* The source chooses no route: only where none is needed it says which interface. */
START_TEST(source_and_way) {
	struct net_sock *so = sock_open(w, A, SOCK_DGRAM);

	ck_assert_int_eq(set_int(so, SOL_SOCKET, SO_BROADCAST, 1), 0);
	ck_assert_int_eq(net_bind(so, SECOND, 0), 0);
	ck_assert_int_eq(send_to(so, ADDR_B), 1);
	ck_assert_uint_eq(w->node[A].sent, 1); /* an ARP request */
	ck_assert_int_eq(send_to(so, INADDR_BROADCAST), 1);
	ck_assert_int_eq(send_to(so, GROUP), 1);
	ck_assert_uint_eq(w->node[A].sent_elsewhere, 2);
	ck_assert_uint_eq(w->node[A].sent, 1);
	ck_assert_int_eq(send_to(so, FAR), -ENETUNREACH);
}
END_TEST

/* Sources that are none: a group, or a broadcast address that was the interface's. */
START_TEST(bound_to_many) {
	struct net_sock *group = sock_open(w, A, SOCK_DGRAM), *many = sock_open(w, A, SOCK_DGRAM);
	struct net_if_config ic;

	ck_assert_int_eq(net_bind(group, GROUP, 0), 0);
	ck_assert_int_eq(net_bind(many, SECOND | 0xff, 0), 0);
	net_if_get(second, &ic);
	ic.addr += 0x100;
	ic.broadcast += 0x100;
	ck_assert_int_eq(net_if_set(second, &ic), 0);
	ck_assert_int_eq(send_to(group, ADDR_B), 1);
	ck_assert_int_eq(send_to(many, ADDR_B), 1);
	ck_assert_int_eq(net_connect(group, ADDR_B, 9), 0);
	ck_assert_uint_eq(source(group), GROUP); /* what it receives as */
}
END_TEST

static struct net_route route(uint32_t dst, uint32_t mask, uint32_t gateway, uint32_t metric) {
	return (struct net_route){.dst = dst, .mask = mask, .gateway = gateway, .metric = metric};
}

/* fn_hash_insert() of 2.4: of routes that are as good the one asked for last. */
START_TEST(order_of_routes) {
	struct net_stack *st = w->node[A].st;
	struct net_route first = route(0, 0, ADDR_B, 0), last = route(0, 0, NEAR_SECOND, 0);
	struct net_route better = route(0, 0, ADDR_B + 1, 0), worse = route(0, 0, ADDR_B + 2, 7);

	ck_assert_int_eq(net_route_add(st, &worse), 0);
	ck_assert_int_eq(net_route_add(st, &first), 0);
	ck_assert_int_eq(net_route_add(st, &last), 0);
	ck_assert_uint_eq(net_route_lookup(st, FAR)->gateway, NEAR_SECOND);
	ck_assert_int_eq(net_route_add(st, &better), 0);
	ck_assert_uint_eq(net_route_lookup(st, FAR)->gateway, ADDR_B + 1);
	ck_assert_int_eq(net_route_add(st, &first), -EEXIST);
	ck_assert_int_eq(net_route_del(st, &(struct net_route){.gateway = NEAR_SECOND}), 0);
	ck_assert_int_eq(net_route_del(st, &(struct net_route){0}), 0); /* the first that matches */
	ck_assert_uint_eq(net_route_lookup(st, FAR)->gateway, ADDR_B);
	ck_assert_int_eq(net_route_del(st, &(struct net_route){.metric = 7}), 0);
	ck_assert_int_eq(net_route_del(st, &(struct net_route){0}), 0);
	ck_assert_int_eq(net_route_del(st, &(struct net_route){0}), -ESRCH);
}
END_TEST

/* fib_disable_ip(): only the routes by that interface go. */
START_TEST(routes_go_with_their_interface) {
	struct net_stack *st = w->node[A].st;
	struct net_route by_first = route(0, 0, ADDR_B, 0);
	struct net_route by_second = route(0x14000000U, 0xff000000U, NEAR_SECOND, 0);
	struct net_route direct = {.dst = 0x15000000U, .mask = 0xff000000U, .ifp = second};
	struct net_if_config ic;

	ck_assert_int_eq(net_route_add(st, &by_first), 0);
	ck_assert_int_eq(net_route_add(st, &by_second), 0);
	ck_assert_int_eq(net_route_add(st, &direct), 0);
	net_if_get(second, &ic);
	ic.up = false;
	ck_assert_int_eq(net_if_set(second, &ic), 0);
	ck_assert_int_eq(net_route_add(st, &direct), -ENETDOWN);
	ic.up = true;
	ck_assert_int_eq(net_if_set(second, &ic), 0);
	ck_assert_uint_eq(net_route_lookup(st, FAR)->gateway, ADDR_B);
	ck_assert_uint_eq(net_route_lookup(st, 0x14000001U)->gateway, ADDR_B);
	ck_assert_uint_eq(net_route_lookup(st, 0x15000001U)->gateway, ADDR_B);
	ck_assert_ptr_eq(net_route_lookup(st, NEAR_SECOND)->ifp, second);
	/* an MTU is no new address */
	ck_assert_int_eq(net_route_add(st, &by_second), 0);
	ic.mtu = 1000;
	ck_assert_int_eq(net_if_set(second, &ic), 0);
	ck_assert_uint_eq(net_route_lookup(st, 0x14000001U)->gateway, NEAR_SECOND);
	ic.broadcast--;
	ck_assert_int_eq(net_if_set(second, &ic), 0);
	ck_assert_uint_eq(net_route_lookup(st, 0x14000001U)->gateway, ADDR_B);
}
END_TEST

/* Classes that no packet goes to, whatever the routes say. */
START_TEST(nowhere) {
	struct net_sock *so = sock_open(w, A, SOCK_DGRAM), *stream = sock_open(w, A, SOCK_STREAM);
	struct net_route any = route(0, 0, ADDR_B, 0);

	ck_assert_int_eq(send_to(so, 0xf0000001U), -ENETUNREACH);
	ck_assert_int_eq(net_route_add(w->node[A].st, &any), 0);
	ck_assert_int_eq(send_to(so, 0xf0000001U), -EINVAL);
	ck_assert_int_eq(send_to(so, 0x00000001U), -EINVAL);
	ck_assert_int_eq(net_connect(stream, 0xf0000001U, 80), -EINVAL);
}
END_TEST

int main(void) {
	Suite *s = suite_create("net-addresses");
	TCase *t = tcase_create("addresses");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, first_source_stays);
	tcase_add_test(t, source_and_way);
	tcase_add_test(t, bound_to_many);
	tcase_add_test(t, order_of_routes);
	tcase_add_test(t, routes_go_with_their_interface);
	tcase_add_test(t, nowhere);
	suite_add_tcase(s, t);
	return run_suite(s);
}
