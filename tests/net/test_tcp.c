/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two stacks talk TCP: what users of sockets see. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "run_suite.h"
#include "two_stacks.h"

/* --- faults ----------------------------------------------------------------------------------- */

struct drop_plan {
	int from;
	unsigned count, first, last; /* drops data segments first..last, counted from 1 */
};

static bool has_payload(struct frame *f) {
	size_t payload;

	return net_classify(f, &payload) == NET_KIND_DATA;
}

static struct fate drop_nth(struct world *w, int from, struct frame *f) {
	struct drop_plan *d = w->fate_data;

	if (from != d->from || !has_payload(f))
		return (struct fate){1, 0, false};
	d->count++;
	return (struct fate){d->count < d->first || d->count > d->last, 0, false};
}

static struct fate rough(struct world *w, int from, struct frame *f) {
	uint64_t r = world_random(w) % 1000;

	(void)from, (void)f;
	if (r < 20)
		return (struct fate){0, 0, false};
	if (r < 30)
		return (struct fate){2, 0, false};
	if (r < 60)
		return (struct fate){1, (sim_time)(world_random(w) % 4) * SIM_MS, false};
	return (struct fate){1, 0, r < 70};
}

/* --- opening and closing ---------------------------------------------------------------------- */

START_TEST(handshake_and_close) {
	struct world *w = world_new("linux-2.4", 100 * SIM_US);
	struct net_sock *a, *b;
	uint32_t addr;
	uint16_t port;

	connect_pair(w, &a, &b);
	ck_assert_uint_eq(take_events(w, A, a), NET_EV_CONNECTED | NET_EV_WRITE);
	ck_assert_int_eq(net_peername(b, &addr, &port), 0);
	ck_assert_uint_eq(addr, ADDR_A);
	ck_assert_int_eq(net_connect(a, ADDR_B, 80), -EISCONN);
	ck_assert_int_eq(send_text(a, "hello"), 5);
	world_for(w, SIM_MS);
	ck_assert_str_eq(recv_text(b), "hello");
	ck_assert_str_eq(recv_text(b), "<errno 11>");
	ck_assert_int_eq(net_shutdown(a, SHUT_WR), 0);
	ck_assert_int_eq(send_text(a, "x"), -EPIPE);
	world_for(w, SIM_MS);
	ck_assert_str_eq(recv_text(b), "<eof>");
	ck_assert_int_eq(net_state(a), TCP_FIN_WAIT2);
	ck_assert_int_eq(net_state(b), TCP_CLOSE_WAIT);
	ck_assert_int_eq(send_text(b, "late"), 4); /* half-close */
	world_for(w, SIM_MS);
	ck_assert_str_eq(recv_text(a), "late");
	net_close(b, false);
	world_for(w, SIM_MS);
	ck_assert_uint_eq(counters(w, A)->tcp_time_waits, 1);
	ck_assert_str_eq(recv_text(a), "<eof>");
	net_close(a, false);
	ck_assert_int_eq(net_state(net_sock_next(w->node[A].st, NULL)), TCP_TIME_WAIT);
	ck_assert_ptr_null(net_sock_next(w->node[B].st, NULL));
	world_for(w, 59 * SIM_S);
	ck_assert_ptr_nonnull(net_sock_next(w->node[A].st, NULL));
	world_for(w, 2 * SIM_S);
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
	world_free(w);
}
END_TEST

START_TEST(refused_and_unreachable) {
	struct world *w = world_new("linux-2.4", 100 * SIM_US);
	struct net_sock *a = sock_open(w, A, SOCK_STREAM);
	uint32_t addr;
	uint16_t port;

	ck_assert_uint_eq(net_poll(a), POLLHUP | POLLOUT | POLLWRNORM);
	ck_assert_int_eq(net_connect(a, ADDR_B, 81), -EINPROGRESS);
	ck_assert_int_eq(net_connect(a, ADDR_B, 81), -EALREADY);
	ck_assert_uint_eq(net_poll(a), 0);
	world_for(w, SIM_MS);
	ck_assert(take_events(w, A, a) & NET_EV_ERROR);
	ck_assert(net_poll(a) & POLLERR);
	ck_assert_int_eq(net_take_error(a), ECONNREFUSED);
	net_sockname(a, &addr, &port);
	ck_assert_uint_eq(port, 0); /* the drawn port is given back */
	ck_assert_int_eq(net_connect(a, 0x0b000001, 80), -ENETUNREACH);
	/* nobody answers ARP: three requests, a second apart */
	ck_assert_int_eq(net_connect(a, 0x0a000063, 80), -EINPROGRESS);
	world_for(w, 2900 * SIM_MS);
	ck_assert_int_eq(net_peek_error(a), 0);
	world_for(w, 200 * SIM_MS);
	ck_assert_int_eq(net_take_error(a), EHOSTUNREACH);
	net_close(a, false);
	world_free(w);
}
END_TEST

START_TEST(unread_data_resets) {
	struct world *w = world_new("linux-2.4", 100 * SIM_US);
	struct net_sock *a, *b;

	connect_pair(w, &a, &b);
	send_text(a, "nobody reads this");
	world_for(w, SIM_MS);
	net_close(b, false);
	world_for(w, SIM_MS);
	ck_assert_str_eq(recv_text(a), "<errno 104>");
	ck_assert_str_eq(recv_text(a), "<eof>");
	ck_assert_int_eq(send_text(a, "x"), -EPIPE);
	world_free(w);
}
END_TEST

START_TEST(orphan_fin_wait2_ends) {
	struct world *w = world_new("linux-2.4", 100 * SIM_US);
	struct net_sock *a, *b;

	connect_pair(w, &a, &b);
	net_close(a, false);
	world_for(w, 59 * SIM_S);
	ck_assert_int_eq(net_state(net_sock_next(w->node[A].st, NULL)), TCP_FIN_WAIT2);
	world_for(w, 2 * SIM_S);
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
	ck_assert_int_eq(send_text(b, "to nobody"), 9);
	world_for(w, SIM_MS);
	ck_assert_int_eq(net_take_error(b), EPIPE); /* a reset in CLOSE_WAIT */
	world_free(w);
}
END_TEST

START_TEST(backlog_overflow) {
	struct world *w = world_new("linux-2.4", 100 * SIM_US);
	struct net_sock *l = listener(w, B, 80, 1), *a[5], *b;

	for (int i = 0; i < 5; i++) {
		a[i] = sock_open(w, A, SOCK_STREAM);
		net_connect(a[i], ADDR_B, 80);
		world_for(w, 2 * SIM_MS);
	}
	/* a queue of backlog + 1; beyond it one young request, then SYNs are not answered */
	ck_assert_int_eq(net_state(a[0]), TCP_ESTABLISHED);
	ck_assert_int_eq(net_state(a[3]), TCP_ESTABLISHED);
	ck_assert_int_eq(net_state(a[4]), TCP_SYN_SENT);
	ck_assert_uint_eq(counters(w, B)->tcp_passive_opens, 2);
	ck_assert_uint_ge(counters(w, B)->tcp_listen_overflows, 3);
	ck_assert_uint_eq(net_poll(l), POLLIN | POLLRDNORM);
	ck_assert_int_eq(net_accept(l, NULL, &b), 0);
	ck_assert_int_eq(net_accept(l, NULL, &b), 0);
	ck_assert_int_eq(net_accept(l, NULL, &b), -EAGAIN);
	world_for(w, 10 * SIM_S); /* SYN,ACK and SYN sent again succeed as far as there is room */
	ck_assert_int_eq(net_accept(l, NULL, &b), 0);
	world_free(w);
}
END_TEST

static void small_syn_queue(struct net_params *p) {
	p->syn_backlog = 3;
	p->sndbuf_max = 20000;
}

START_TEST(syn_queue_overflow) {
	struct world *w = world_tweaked("linux-2.4", SIM_MS, small_syn_queue);
	struct net_sock *a[5];
	int size = -1;
	socklen_t len = sizeof(size);

	listener(w, B, 80, 50);
	ck_assert_int_eq(net_arp_set(w->node[A].st, ADDR_B, (const uint8_t *)"\2\0\0\0\0\2"), 0);
	for (int i = 0; i < 5; i++) {
		a[i] = sock_open(w, A, SOCK_STREAM);
		net_connect(a[i], ADDR_B, 80);
	}
	world_for(w, SIM_S);
	ck_assert_int_eq(net_state(a[2]), TCP_ESTABLISHED);
	ck_assert_int_eq(net_state(a[3]), TCP_SYN_SENT);
	ck_assert_uint_eq(counters(w, B)->tcp_listen_overflows, 2);
	world_for(w, 4 * SIM_S); /* sent again when there is room */
	ck_assert_int_eq(net_state(a[4]), TCP_ESTABLISHED);
	/* SO_SNDBUF has its limit, and a negative size is a huge one */
	set_int(a[0], SOL_SOCKET, SO_SNDBUF, -1);
	ck_assert_int_eq(net_getopt(a[0], SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	ck_assert_int_eq(size, 40000);
	world_free(w);
}
END_TEST

/* The event comes with the acknowledgement of the FIN, whichever state that leads to. */
START_TEST(fin_acked_event) {
	struct world *w = world_new("linux-2.4", SIM_MS);
	struct net_sock *a, *b;

	connect_pair(w, &a, &b);
	send_text(a, "last words");
	take_events(w, A, a);
	net_shutdown(a, SHUT_WR);
	if (_i == 2) /* simultaneous close */
		net_shutdown(b, SHUT_WR);
	world_for(w, 2 * SIM_MS - 1);
	ck_assert(!(take_events(w, A, a) & NET_EV_FIN_ACKED));
	world_for(w, 3 * SIM_MS);
	ck_assert(take_events(w, A, a) & NET_EV_FIN_ACKED);
	if (_i != 2) { /* and the other side's, from LAST_ACK */
		net_shutdown(b, SHUT_WR);
		ck_assert(!(take_events(w, B, b) & NET_EV_FIN_ACKED));
		world_for(w, 3 * SIM_MS);
	}
	ck_assert(take_events(w, B, b) & NET_EV_FIN_ACKED);
	world_free(w);
}
END_TEST

START_TEST(time_wait_reuse) {
	struct world *w = world_new("linux-2.4", 100 * SIM_US);
	struct net_sock *l = listener(w, B, 80, 5), *a, *b;

	for (int i = 0; i < 2; i++) {
		a = sock_open(w, A, SOCK_STREAM);
		ck_assert_int_eq(net_bind(a, 0, 4000), 0);
		net_connect(a, ADDR_B, 80);
		world_for(w, SIM_MS);
		ck_assert_int_eq(net_state(a), TCP_ESTABLISHED);
		ck_assert_int_eq(net_accept(l, NULL, &b), 0);
		net_close(b, false); /* B closes first and waits */
		world_for(w, SIM_MS);
		net_close(a, false);
		world_for(w, SIM_MS);
		ck_assert_uint_eq(counters(w, B)->tcp_time_waits, 1 + (uint64_t)i);
	}
	ck_assert_uint_eq(counters(w, B)->tcp_time_wait_reused, 1);
	/* TIME_WAIT uses the port */
	net_close(l, false);
	l = sock_open(w, B, SOCK_STREAM);
	ck_assert_int_eq(net_bind(l, 0, 80), -EADDRINUSE);
	world_for(w, 61 * SIM_S);
	ck_assert_int_eq(net_bind(l, 0, 80), 0);
	world_free(w);
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

START_TEST(bind_rules) {
	struct world *w = world_new("linux-2.4", 0);
	struct net_sock *a = sock_open(w, A, SOCK_STREAM), *b = sock_open(w, A, SOCK_STREAM);
	struct net_sock *u = sock_open(w, A, SOCK_DGRAM);
	uint32_t addr;
	uint16_t port;

	ck_assert_int_eq(net_bind(a, 0x01020304, 80), -EADDRNOTAVAIL);
	ck_assert_int_eq(net_bind(a, 0, 80), 0);
	ck_assert_int_eq(net_bind(a, 0, 81), -EINVAL);
	ck_assert_int_eq(net_bind(u, 0, 80), 0); /* UDP's ports are others */
	ck_assert_int_eq(net_bind(b, ADDR_A, 80), -EADDRINUSE);
	set_int(a, SOL_SOCKET, SO_REUSEADDR, 1);
	ck_assert_int_eq(net_bind(b, ADDR_A, 80), -EADDRINUSE);
	set_int(b, SOL_SOCKET, SO_REUSEADDR, 1);
	ck_assert_int_eq(net_bind(b, ADDR_A, 80), 0);
	ck_assert_int_eq(net_listen(a, 5), 0);
	ck_assert_int_eq(net_listen(b, 5), -EADDRINUSE);
	ck_assert_int_eq(net_accept(b, NULL, &b), -EINVAL);
	net_close(b, false);
	b = sock_open(w, A, SOCK_STREAM);
	ck_assert_int_eq(net_bind(b, 0, 0), 0);
	net_sockname(b, &addr, &port);
	ck_assert_uint_ge(port, 32768);
	ck_assert_uint_le(port, 61000);
	ck_assert_int_eq(net_peername(b, &addr, &port), -ENOTCONN);
	world_free(w);
}
END_TEST

static void few_ports(struct net_params *p) {
	p->port_low = 40000;
	p->port_high = 40003;
}

START_TEST(ports_run_out) {
	struct world *w = world_tweaked("linux-2.4", 0, few_ports);
	struct net_sock *so;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(net_bind(sock_open(w, A, SOCK_STREAM), 0, 0), 0);
	so = sock_open(w, A, SOCK_STREAM);
	ck_assert_int_eq(net_bind(so, 0, 0), -EADDRINUSE);
	ck_assert_int_eq(net_connect(so, ADDR_B, 80), -EAGAIN);
	world_free(w);
}
END_TEST

/* --- data ------------------------------------------------------------------------------------- */

START_TEST(loss_is_repaired) {
	static const char *const preset[] = {"linux-2.4", "bsd-card"}; /* SACK, NewReno */
	struct world *w;
	struct drop_plan d = {.from = A, .first = 40, .last = 40 + (unsigned)_i / 2};
	const struct net_counters *c;
	struct net_sock *a, *b;

	near_wrap_at(58000); /* where the loss is */
	w = world_new(preset[_i % 2], 5 * SIM_MS);
	c = counters(w, A);
	connect_pair(w, &a, &b);
	w->fate = drop_nth;
	w->fate_data = &d;
	ck_assert_uint_eq(pump(w, a, b, 400000, 100 * SIM_S), 400000);
	ck_assert_uint_eq(c->tcp_fast_retransmits, 1);
	ck_assert_uint_eq(c->tcp_timeouts, 0);
	ck_assert_uint_eq(c->tcp_retransmits, d.last - d.first + 1);
	world_free(w);
}
END_TEST

START_TEST(rough_network) {
	struct world *w;
	struct net_sock *a, *b;

	near_wrap_at(3000 * (uint32_t)_i);
	w = world_tweaked(_i % 3 ? "linux-2.4" : "bsd-card", SIM_MS, NULL);
	w->random = 1000 + (uint64_t)_i;
	connect_pair(w, &a, &b);
	w->fate = rough;
	ck_assert_uint_eq(pump(w, a, b, 300000, 2000 * SIM_S), 300000);
	ck_assert_uint_eq(pump(w, b, a, 100000, 4000 * SIM_S), 100000);
	net_shutdown(a, SHUT_WR);
	for (int i = 0; i < 1000 && !(take_events(w, B, b) & NET_EV_HANGUP); i++)
		world_for(w, SIM_S);
	ck_assert_str_eq(recv_text(b), "<eof>");
	ck_assert_uint_gt(counters(w, A)->tcp_retransmits, 0);
	world_free(w);
}
END_TEST

static void large_window(struct net_params *p) { p->rcvbuf = p->sndbuf = 1000000; }

START_TEST(window_scaling) {
	struct world *w = world_tweaked("linux-2.4", 50 * SIM_MS, large_window);
	struct net_sock *a, *b;
	sim_time start;

	connect_pair(w, &a, &b);
	start = w->now;
	ck_assert_uint_eq(pump(w, a, b, 20000000, 100 * SIM_S), 20000000);
	/* 65,535 bytes each 100 ms would need 30 s */
	ck_assert_int_lt(w->now - start, 4 * SIM_S);
	ck_assert_uint_eq(counters(w, A)->tcp_retransmits, 0);
	world_free(w);
}
END_TEST

START_TEST(zero_window) {
	struct world *w = world_new("linux-2.4", SIM_MS);
	const struct net_counters *c = counters(w, A);
	static char block[200000];
	struct net_sock *a, *b;
	ssize_t n;

	/* 2.4 offers multiples of the peer's segments, and keeps room for one more. */
	enum { FULL = 44 * 1448 };

	connect_pair(w, &a, &b);
	n = send_flags(a, block, sizeof(block), 0);
	ck_assert_int_eq(n, 65536);
	ck_assert_int_eq(send_text(a, "x"), -EAGAIN);
	take_events(w, A, a);
	world_for(w, 100 * SIM_MS);
	ck_assert(take_events(w, A, a) & NET_EV_WRITE);
	ck_assert_int_eq(send_flags(a, block, 60000, 0), 60000);
	world_for(w, 600 * SIM_S); /* the window stays shut, the connection open */
	ck_assert_int_eq(net_state(a), TCP_ESTABLISHED);
	ck_assert_int_eq(net_readable(b), FULL);
	ck_assert_uint_ge(c->tcp_window_probes, 9);
	ck_assert_uint_le(c->tcp_window_probes, 14); /* 0.2 s doubling to 120 s */
	n = recv_flags(b, block, sizeof(block), 0);
	ck_assert_int_eq(n, FULL);
	world_for(w, 100 * SIM_MS);
	ck_assert_int_eq(net_readable(b), 65536 + 60000 - FULL);
	world_free(w);
}
END_TEST

START_TEST(nagle_and_cork) {
	struct world *w = world_new("linux-2.4", 10 * SIM_MS);
	struct net_sock *a, *b;
	unsigned sent;

	connect_pair(w, &a, &b);
	sent = w->node[A].data_sent;
	for (int i = 0; i < 10; i++)
		send_text(a, "x");
	ck_assert_uint_eq(w->node[A].data_sent - sent, 1); /* nine wait for the first's ACK */
	world_for(w, 300 * SIM_MS);
	ck_assert_uint_eq(w->node[A].data_sent - sent, 2);
	ck_assert_str_eq(recv_text(b), "xxxxxxxxxx");
	set_int(a, IPPROTO_TCP, TCP_NODELAY, 1);
	sent = w->node[A].data_sent;
	for (int i = 0; i < 10; i++)
		send_text(a, "y");
	ck_assert_uint_eq(w->node[A].data_sent - sent, 10);
	world_for(w, 300 * SIM_MS);
	set_int(a, IPPROTO_TCP, TCP_NODELAY, 0);
	ck_assert_int_eq(set_int(a, IPPROTO_TCP, TCP_CORK, 1), 0);
	sent = w->node[A].data_sent;
	send_text(a, "head");
	ck_assert_uint_eq(w->node[A].data_sent - sent, 0);
	send_text(a, "body");
	set_int(a, IPPROTO_TCP, TCP_CORK, 0);
	ck_assert_uint_eq(w->node[A].data_sent - sent, 1);
	set_int(a, IPPROTO_TCP, TCP_CORK, 1);
	send_text(a, "left under the cork");
	world_for(w, 800 * SIM_MS); /* but not for ever */
	ck_assert_uint_eq(w->node[A].data_sent - sent, 2);
	set_int(a, IPPROTO_TCP, TCP_CORK, 0);
	send_flags(a, "more ", 5, MSG_MORE);
	ck_assert_uint_eq(w->node[A].data_sent - sent, 2);
	send_text(a, "to come");
	ck_assert_uint_eq(w->node[A].data_sent - sent, 3);
	world_free(w);
}
END_TEST

START_TEST(urgent) {
	struct world *w = world_new("linux-2.4", SIM_MS);
	struct net_sock *a, *b;
	char byte = 0;

	connect_pair(w, &a, &b);
	ck_assert_int_eq(recv_flags(b, &byte, 1, MSG_OOB), -EINVAL);
	send_text(a, "abc");
	send_flags(a, "!", 1, MSG_OOB);
	send_text(a, "def");
	world_for(w, 200 * SIM_MS);
	ck_assert(take_events(w, B, b) & NET_EV_URGENT);
	ck_assert(net_poll(b) & POLLPRI);
	ck_assert_int_eq(net_readable(b), 3);
	ck_assert(!net_at_mark(b));
	ck_assert_str_eq(recv_text(b), "abc"); /* stops at the mark */
	ck_assert(net_at_mark(b));
	ck_assert_int_eq(recv_flags(b, &byte, 1, MSG_OOB), 1);
	ck_assert_int_eq(byte, '!');
	ck_assert_int_eq(recv_flags(b, &byte, 1, MSG_OOB), -EINVAL);
	ck_assert_str_eq(recv_text(b), "def");
	set_int(b, SOL_SOCKET, SO_OOBINLINE, 1);
	send_flags(a, "12", 2, MSG_OOB);
	world_for(w, 200 * SIM_MS);
	ck_assert_str_eq(recv_text(b), "1");
	ck_assert_str_eq(recv_text(b), "2");
	world_free(w);
}
END_TEST

START_TEST(loopback) {
	struct world *w = world_new("linux-2.4", SIM_MS);
	struct net_sock *l = listener(w, A, 80, 5), *a = sock_open(w, A, SOCK_STREAM), *b;
	unsigned sent = w->node[A].sent;

	ck_assert_int_eq(net_connect(a, _i ? ADDR_A : INADDR_LOOPBACK, 80), -EINPROGRESS);
	world_for(w, SIM_MS);
	ck_assert_int_eq(net_accept(l, NULL, &b), 0);
	ck_assert_uint_eq(pump(w, a, b, 1000000, 10 * SIM_S), 1000000);
	ck_assert_uint_eq(w->node[A].sent, sent);
	world_free(w);
}
END_TEST

START_TEST(hardware_gone) {
	struct world *w = world_new("linux-2.4", SIM_MS);
	struct net_sock *a, *b, *l, *u;
	unsigned sent;

	connect_pair(w, &a, &b);
	l = listener(w, A, 99, 5);
	u = sock_open(w, A, SOCK_DGRAM);
	sent = w->node[A].sent;
	net_stack_fail(w->node[A].st, ENETDOWN);
	ck_assert_int_eq(net_take_error(a), ENETDOWN);
	ck_assert_int_eq(net_take_error(l), ENETDOWN);
	ck_assert_int_eq(net_take_error(u), ENETDOWN);
	ck_assert_int_eq(net_state(a), TCP_CLOSE);
	net_close(a, false);
	net_close(l, false);
	net_close(u, false);
	ck_assert_ptr_null(net_sock_next(w->node[A].st, NULL));
	ck_assert_uint_eq(w->node[A].sent, sent);
	world_free(w);
}
END_TEST

static void two_blocks(struct net_params *p) { p->max_socks = 2; }

START_TEST(blocks_run_out) {
	struct world *w = world_tweaked("bsd-card", SIM_MS, two_blocks);
	struct net_sock *so = sock_open(w, A, SOCK_STREAM), *more;

	sock_open(w, A, SOCK_STREAM);
	ck_assert_int_eq(net_sock_open(w->node[A].st, SOCK_STREAM, 0, NULL, &more), -ENOBUFS);
	ck_assert_uint_eq(counters(w, A)->socks_refused, 1);
	net_close(so, false);
	ck_assert_int_eq(net_sock_open(w->node[A].st, SOCK_STREAM, 0, NULL, &more), 0);
	world_free(w);
}
END_TEST

START_TEST(idle_is_small) {
	struct world *w = world_new("linux-2.4", SIM_MS);
	struct net_sock *a, *b;

	connect_pair(w, &a, &b);
	ck_assert_uint_eq(pump(w, a, b, 1000000, 100 * SIM_S), 1000000);
	world_for(w, SIM_S);
	ck_assert_uint_le(net_sock_memory(a), 2048);
	ck_assert_uint_le(net_sock_memory(b), 2048);
	world_free(w);
}
END_TEST

/* --- parameters ------------------------------------------------------------------------------- */

START_TEST(params) {
	struct net_params p;
	const char *name, *unit;
	int64_t value;
	size_t n = 0;

	ck_assert(!net_params_preset(&p, "windows"));
	ck_assert(net_params_preset(&p, "linux-2.4"));
	ck_assert_int_eq(net_params_set(&p, "rto_min", SIM_S), 0);
	ck_assert_int_eq(p.rto_min, SIM_S);
	ck_assert_int_eq(net_params_set(&p, "sack", 0), 0);
	ck_assert(!p.sack);
	ck_assert_int_eq(net_params_set(&p, "sack", 2), -ERANGE);
	ck_assert_int_eq(net_params_set(&p, "rto_mn", 1), -ENOENT);
	while (net_params_get(&p, n, &name, &unit, &value)) {
		ck_assert_int_eq(net_params_set(&p, name, value), 0);
		n++;
	}
	ck_assert_uint_eq(n, 68);
}
END_TEST

static void fill(TCase *t) {
	tcase_add_test(t, handshake_and_close);
	tcase_add_test(t, refused_and_unreachable);
	tcase_add_test(t, unread_data_resets);
	tcase_add_test(t, orphan_fin_wait2_ends);
	tcase_add_test(t, backlog_overflow);
	tcase_add_test(t, syn_queue_overflow);
	tcase_add_loop_test(t, fin_acked_event, 1, 3);
	tcase_add_test(t, time_wait_reuse);
	tcase_add_test(t, bind_rules);
	tcase_add_test(t, ports_run_out);
	tcase_add_loop_test(t, loss_is_repaired, 0, 8);
	tcase_add_loop_test(t, rough_network, 0, 30);
	tcase_add_test(t, window_scaling);
	tcase_add_test(t, zero_window);
	tcase_add_test(t, nagle_and_cork);
	tcase_add_test(t, urgent);
	tcase_add_loop_test(t, loopback, 0, 2);
	tcase_add_test(t, hardware_gone);
	tcase_add_test(t, blocks_run_out);
	tcase_add_test(t, idle_is_small);
	tcase_add_test(t, params);
}

int main(void) {
	Suite *s = suite_create("net-tcp");

	add_both_ways(s, "tcp", near_wrap_on, near_wrap_off, fill);
	return run_suite(s);
}
