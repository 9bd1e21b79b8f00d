/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/wire/peer.h"

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "run_suite.h"
#include "transfer.h"

/* As in the bus's tests: note while the world runs, judge when it has stopped. */

#define SUBNET 0x0a000000U
#define MASK 0xffffff00U

static struct sim *sim;
static struct link *wire;
static struct peer *peer[2];
static bool near_wrap;

static void near_wrap_on(void) { near_wrap = true; }

static struct peer *make_peer(const char *name, unsigned end, sim_time latency) {
	struct peer_conf conf = {
		.name = name,
		.addr = SUBNET + 1 + end,
		.netmask = MASK,
		.mac = {2, 0, 0, 0, 0, (uint8_t)(1 + end)},
		.latency = latency,
	};

	ck_assert(net_params_preset(&conf.params, "linux-2.4"));
	if (near_wrap)
		begin_near_wrap(&conf.params, 3);
	return peer_new(sim, &conf, link_port(wire, end));
}

static void pair_up(void) {
	const struct link_conf conf = {
		.name = "test", .bits_per_s = 1000000000, .propagation = 50 * SIM_US};

	sim = sim_new(1);
	wire = link_new(sim, &conf);
	peer[0] = make_peer("a", 0, 0);
	peer[1] = make_peer("b", 1, 0);
}

static void pair_down(void) {
	peer_free(peer[0]);
	peer_free(peer[1]);
	link_free(wire);
	sim_free(sim);
	frame_pool_drain();
}

/* A socket that notes its events and may do something on each. */
struct noted {
	struct peer_sock ps;
	struct peer *peer;
	unsigned all, calls;
	unsigned depth, deepest;
	sim_time first;
	void (*react)(struct noted *n, unsigned events);
	struct noted *other;
	char got[64];
	ssize_t got_len;
};

static void on_event(struct peer_sock *ps, unsigned events) {
	struct noted *n = (struct noted *)ps;

	if (!n->calls++)
		n->first = sim_now(sim);
	n->all |= events;
	n->depth++;
	n->deepest = MAX(n->deepest, n->depth);
	if (n->react)
		n->react(n, events);
	n->depth--;
}

static void noted_init(struct noted *n, struct peer *p, void (*react)(struct noted *, unsigned)) {
	*n = (struct noted){.ps.event = on_event, .peer = p, .react = react};
}

static ssize_t put(struct noted *n, const char *text) {
	struct iovec iov = {(void *)text, strlen(text)};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	return net_send(n->ps.so, &msg);
}

static void take(struct noted *n) {
	struct iovec iov = {n->got, sizeof n->got};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	n->got_len = net_recv(n->ps.so, &msg);
}

static void take_readable(struct noted *n, unsigned events) {
	if (events & NET_EV_READ)
		take(n);
}

static void listen_on(struct noted *n) {
	g_assert(peer_open(n->peer, SOCK_STREAM, &n->ps) == 0);
	g_assert(net_bind(n->ps.so, 0, 80) == 0);
	g_assert(net_listen(n->ps.so, 5) == 0);
}

static void connect_now(void *arg) {
	struct noted *n = arg;

	g_assert(peer_open(n->peer, SOCK_STREAM, &n->ps) == 0);
	g_assert(net_connect(n->ps.so, SUBNET + 2, 80) == -EINPROGRESS);
}

static void say_hello(struct noted *n, unsigned events) {
	if (events & NET_EV_CONNECTED)
		put(n, "hello");
}

static void accept_other(struct noted *n, unsigned events) {
	(void)events;
	while (peer_accept(n->peer, &n->ps, &n->other->ps) == 0)
		;
}

typedef void (*react_fn)(struct noted *n, unsigned events);

/* A client calls a server at time 0; what the server accepts is `child`. */
static void call(struct noted *client, react_fn on_client, struct noted *server, react_fn on_server,
                 struct noted *child, react_fn on_child) {
	noted_init(client, peer[0], on_client);
	noted_init(server, peer[1], on_server);
	noted_init(child, peer[1], on_child);
	server->other = child;
	listen_on(server);
	sim_call_at(sim, 0, connect_now, client);
}

START_TEST(events_come_to_their_sockets) {
	struct noted client, server, child;

	noted_init(&client, peer[0], say_hello);
	noted_init(&server, peer[1], accept_other);
	noted_init(&child, peer[1], take_readable);
	server.other = &child;
	listen_on(&server);
	sim_call_at(sim, SIM_MS, connect_now, &client);
	sim_run(sim, SIM_S);
	ck_assert_uint_eq(client.all & NET_EV_CONNECTED, NET_EV_CONNECTED);
	ck_assert_uint_eq(server.all, NET_EV_READ);
	ck_assert_uint_eq(child.all, NET_EV_READ);
	ck_assert_int_eq(child.got_len, 5);
	ck_assert_int_eq(memcmp(child.got, "hello", 5), 0);
	/* ARP and SYN, each there and back, at the wire's pace: frames of 84 bytes of wire at least */
	ck_assert_int_ge(client.first, SIM_MS + 4 * (50 * SIM_US + 84 * 8 * SIM_NS));
	ck_assert_int_le(client.first, SIM_MS + 4 * (51 * SIM_US));
}
END_TEST

static void accept_later(void *arg) {
	struct noted *server = arg;
	g_assert(peer_accept(server->peer, &server->ps, &server->other->ps) == 0);
}

/* The data came before the program accepted: it is told all the same, at that instant. */
START_TEST(accepted_late_is_told_of_data) {
	struct noted client, server, child;

	call(&client, say_hello, &server, NULL, &child, take_readable);
	sim_call_at(sim, 100 * SIM_MS, accept_later, &server);
	sim_run(sim, SIM_S);
	ck_assert_int_eq(child.first, 100 * SIM_MS);
	ck_assert_int_eq(child.got_len, 5);
}
END_TEST

static void close_on_connect(struct noted *n, unsigned events) {
	(void)events;
	peer_close(n->peer, &n->ps, false);
}

START_TEST(closed_sockets_hear_nothing_more) {
	struct noted client, server, child;

	call(&client, close_on_connect, &server, accept_other, &child, take_readable);
	sim_run(sim, SIM_S);
	ck_assert_uint_eq(client.calls, 1);
	ck_assert_ptr_null(client.ps.so);
	ck_assert_uint_eq(child.all & NET_EV_HANGUP, NET_EV_HANGUP);
	ck_assert_int_eq(child.got_len, 0);
}
END_TEST

/* Two sockets of one machine have events in one instant; the first closes the second. */
static void close_other(struct noted *n, unsigned events) {
	(void)events;
	if (n->other->ps.so)
		peer_close(n->other->peer, &n->other->ps, true);
}

static void both_datagrams(void *arg) {
	struct noted *a = arg;
	struct iovec iov = {"x", 1};
	struct noted *target[] = {a, a->other};

	/* through lo, so that both are queued in one call of the stack's timer */
	for (int i = 0; i < 2; i++) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = SUBNET + 1};
		uint32_t addr;

		g_assert(net_sockname(target[i]->ps.so, &addr, &msg.port) == 0);
		g_assert(net_send(a->ps.so, &msg) == 1);
	}
}

START_TEST(pending_events_of_a_closed_socket_are_forgotten) {
	struct noted a, b;

	noted_init(&a, peer[0], close_other);
	noted_init(&b, peer[0], NULL);
	a.other = &b;
	b.other = &a;
	for (int i = 0; i < 2; i++) {
		struct noted *n = i ? &b : &a;

		ck_assert_int_eq(peer_open(peer[0], SOCK_DGRAM, &n->ps), 0);
		ck_assert_int_eq(net_bind(n->ps.so, 0, (uint16_t)(5000 + i)), 0);
	}
	sim_call_at(sim, 0, both_datagrams, &a);
	sim_run(sim, SIM_S);
	ck_assert_uint_eq(a.all & NET_EV_READ, NET_EV_READ);
	ck_assert_uint_eq(b.calls, 0);
}
END_TEST

/* Owners that make each other events are called one after the other, never inside another. */
static void answer(struct noted *n, unsigned events) {
	if (!(events & NET_EV_READ))
		return;
	take(n);
	if (n->calls < 20)
		put(n, "ball");
}

static void kick_off(void *arg) { put(arg, "ball"); }

START_TEST(callbacks_do_not_nest) {
	struct noted a, b;

	noted_init(&a, peer[0], answer);
	noted_init(&b, peer[0], answer);
	ck_assert_int_eq(peer_open(peer[0], SOCK_DGRAM, &a.ps), 0);
	ck_assert_int_eq(peer_open(peer[0], SOCK_DGRAM, &b.ps), 0);
	ck_assert_int_eq(net_bind(a.ps.so, SUBNET + 1, 5000), 0);
	ck_assert_int_eq(net_bind(b.ps.so, SUBNET + 1, 5001), 0);
	ck_assert_int_eq(net_connect(a.ps.so, SUBNET + 1, 5001), 0);
	ck_assert_int_eq(net_connect(b.ps.so, SUBNET + 1, 5000), 0);
	sim_call_at(sim, 0, kick_off, &a);
	sim_run(sim, SIM_S);
	ck_assert_uint_ge(a.calls + b.calls, 39);
	ck_assert_uint_eq(a.deepest, 1);
	ck_assert_uint_eq(b.deepest, 1);
}
END_TEST

/* So many that most share memory, some of it for the second time: each says who it is, and hears it. */
enum { CALLS = 3000, ENDED = 2500 };
static struct noted *callers, *called;
static unsigned n_called, n_accepted;

static void next_call(void *unused);

static void say_number(struct noted *n, unsigned events) {
	g_autofree char *number = g_strdup_printf("%u", (unsigned)(n - callers));

	if (events & NET_EV_CONNECTED) {
		put(n, number);
		next_call(NULL);
	}
	take_readable(n, events);
}

static void echo(struct noted *n, unsigned events) {
	if (!(events & NET_EV_READ))
		return;
	take(n);
	n->got[n->got_len > 0 ? n->got_len : 0] = '\0';
	put(n, n->got);
}

static void accept_all(struct noted *n, unsigned events) {
	(void)events;
	for (; n_accepted < CALLS; n_accepted++) {
		struct noted *child = &called[n_accepted];

		noted_init(child, n->peer, echo);
		if (peer_accept(n->peer, &n->ps, &child->ps) != 0)
			return;
	}
}

static void end_call(struct noted *n, bool abort) { peer_close(n->peer, &n->ps, abort); }

static void next_call(void *unused) {
	(void)unused;
	if (n_called == ENDED)
		for (unsigned i = 0; i < ENDED; i += 2)
			end_call(&callers[i], i % 4);
	if (n_called == CALLS)
		return;
	noted_init(&callers[n_called], peer[0], say_number);
	connect_now(&callers[n_called++]);
}

START_TEST(thousands_of_connections_are_told_apart) {
	struct noted server;
	unsigned wrong = 0;

	callers = g_new0(struct noted, CALLS);
	called = g_new0(struct noted, CALLS);
	n_called = n_accepted = 0;
	noted_init(&server, peer[1], accept_all);
	listen_on(&server);
	sim_call_at(sim, 0, next_call, NULL);
	sim_run(sim, 60 * SIM_S);
	for (unsigned i = 0; i < CALLS; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);

		wrong += (i >= ENDED || i % 2) &&
		         (callers[i].got_len != (ssize_t)strlen(number) ||
		          memcmp(callers[i].got, number, strlen(number)) != 0);
	}
	ck_assert_uint_eq(n_accepted, CALLS);
	ck_assert_uint_eq(wrong, 0);
	g_free(callers);
	g_free(called);
}
END_TEST

/* Two pairs in one world, each with a wire of its own; the second one's machines take their
 * time. */
START_TEST(latency_delays_every_frame) {
	struct peer *quick[2] = {peer[0], peer[1]};
	struct link *quick_wire = wire;
	struct noted client[2], server[2], child[2];
	const struct link_conf conf = {
		.name = "slow", .bits_per_s = 1000000000, .propagation = 50 * SIM_US};

	wire = link_new(sim, &conf);
	peer[0] = make_peer("c", 0, 30 * SIM_US);
	peer[1] = make_peer("d", 1, 30 * SIM_US);
	for (int i = 0; i < 2; i++) {
		noted_init(&client[i], i ? peer[0] : quick[0], NULL);
		noted_init(&server[i], i ? peer[1] : quick[1], accept_other);
		noted_init(&child[i], i ? peer[1] : quick[1], NULL);
		server[i].other = &child[i];
		listen_on(&server[i]);
		sim_call_at(sim, 0, connect_now, &client[i]);
	}
	sim_run(sim, SIM_S);
	peer_free(quick[0]);
	peer_free(quick[1]);
	link_free(quick_wire);
	/* ARP and SYN, there and back */
	ck_assert_int_eq(client[1].first - client[0].first, 4 * 30 * SIM_US);
}
END_TEST

static void pull_server(void *arg) {
	(void)arg;
	peer_free(peer[1]);
	peer[1] = NULL;
}

static void plug_server(void *client) {
	ck_assert_uint_eq(((struct noted *)client)->all, 0);
	peer[1] = make_peer("b", 1, 0);
}

/* A machine goes while a frame is on its way to it, and another takes its place. */
START_TEST(a_wire_outlives_its_peer) {
	struct noted client;

	noted_init(&client, peer[0], NULL);
	sim_call_at(sim, 0, connect_now, &client);
	sim_call_at(sim, SIM_US, pull_server, NULL);
	sim_call_at(sim, 1500 * SIM_MS, plug_server, &client);
	sim_run(sim, 10 * SIM_S);
	ck_assert_uint_eq(client.all & NET_EV_ERROR, NET_EV_ERROR);
	ck_assert_int_eq(net_take_error(client.ps.so), ECONNREFUSED);
}
END_TEST

START_TEST(gateway_is_the_default_route) {
	struct peer_conf conf = {.name = "r",
	                         .addr = SUBNET + 9,
	                         .netmask = MASK,
	                         .gateway = SUBNET + 254,
	                         .mac = {2, 0, 0, 0, 0, 9}};
	const struct link_conf link_conf = {.name = "r", .bits_per_s = 1000000000};
	struct link *link = link_new(sim, &link_conf);

	ck_assert(net_params_preset(&conf.params, "linux-2.4"));
	struct peer *routed = peer_new(sim, &conf, link_port(link, 0));
	const struct net_route *rt = net_route_lookup(peer_stack(routed), 0xc0a80101);
	ck_assert_ptr_nonnull(rt);
	ck_assert_uint_eq(rt->gateway, SUBNET + 254);
	rt = net_route_lookup(peer_stack(routed), SUBNET + 7);
	ck_assert_ptr_nonnull(rt);
	ck_assert_uint_eq(rt->gateway, 0);
	ck_assert_ptr_null(net_route_lookup(peer_stack(peer[0]), 0xc0a80101));
	peer_free(routed);
	link_free(link);
}
END_TEST

static void fill(TCase *tc) {
	tcase_add_checked_fixture(tc, pair_up, pair_down);
	tcase_add_test(tc, events_come_to_their_sockets);
	tcase_add_test(tc, accepted_late_is_told_of_data);
	tcase_add_test(tc, closed_sockets_hear_nothing_more);
	tcase_add_test(tc, pending_events_of_a_closed_socket_are_forgotten);
	tcase_add_test(tc, callbacks_do_not_nest);
	tcase_add_test(tc, thousands_of_connections_are_told_apart);
	tcase_add_test(tc, latency_delays_every_frame);
	tcase_add_test(tc, a_wire_outlives_its_peer);
	tcase_add_test(tc, gateway_is_the_default_route);
}

int main(void) {
	Suite *suite = suite_create("peers");

	add_both_ways(suite, "peer", near_wrap_on, NULL, fill);
	return run_suite(suite);
}
