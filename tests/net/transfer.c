/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>

#define SUBNET 0x0a000000U
#define BLOCK 8192U
#define PORT 5001

#define TRANSFER(ps, member) ((struct transfer *)((char *)(ps) - offsetof(struct transfer, member)))

/* The stream's bytes have a period that is prime, so that a segment out of place shows. */
enum { PERIOD = 65521 };
static uint8_t pattern[PERIOD + BLOCK];

static void pattern_init(void) {
	uint32_t x = 1;

	if (pattern[0])
		return;
	for (size_t i = 0; i < PERIOD; i++) {
		x = x * 1664525U + 1013904223U;
		pattern[i] = (uint8_t)(x >> 24);
	}
	memcpy(pattern + PERIOD, pattern, BLOCK);
}

const struct fault_conf bad_wires[BAD_WIRES] = {
	{.loss = 0.01},
	{.loss = 0.05},
	{.burst_loss = 0.5, .burst_enter = 0.005, .burst_leave = 0.2},
	{.corrupt = 0.02},
	{.duplicate = 0.05},
	{.reorder = 0.02, .reorder_delay = 300 * SIM_US},
	{.jitter = 500 * SIM_US},
	{.loss = 0.01,
         .corrupt = 0.01,
         .duplicate = 0.01,
         .reorder = 0.01,
         .reorder_delay = 200 * SIM_US,
         .jitter = 50 * SIM_US},
};

static void pump(struct transfer *t) {
	if (!t->began)
		t->began = sim_now(t->sim);
	while (t->sent < t->bytes) {
		struct iovec iov = {pattern + t->sent % PERIOD, MIN(BLOCK, t->bytes - t->sent)};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_send(t->from.so, &msg);

		if (n == -EAGAIN)
			return;
		if (n < 0) {
			t->errors++;
			return;
		}
		t->sent += (uint64_t)n;
	}
	net_shutdown(t->from.so, SHUT_WR);
}

static void from_event(struct peer_sock *ps, unsigned events) {
	struct transfer *t = TRANSFER(ps, from);

	if (events & NET_EV_ERROR)
		t->errors++;
	else if (events & (NET_EV_CONNECTED | NET_EV_WRITE))
		if (t->sent < t->bytes)
			pump(t);
}

static void check_bytes(struct transfer *t, const uint8_t *data, size_t n) {
	t->wrong += memcmp(data, pattern + t->received % PERIOD, n) != 0;
	t->received += n;
	t->done = sim_now(t->sim);
	for (int i = 0; i < 2; i++) {
		if (t->mark[i].when || t->received < t->mark[i].bytes)
			continue;
		t->mark[i].bytes = t->received;
		t->mark[i].when = sim_now(t->sim);
	}
}

double transfer_goodput(const struct transfer *t) {
	return (double)(t->mark[1].bytes - t->mark[0].bytes) * 8e-6 /
	       sim_to_s(t->mark[1].when - t->mark[0].when);
}

static void drain(struct transfer *t) {
	uint8_t data[BLOCK];

	while (!t->ended) {
		struct iovec iov = {data, sizeof data};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(t->to.so, &msg);

		if (n < 0)
			return;
		if (n == 0)
			t->ended = true;
		else
			check_bytes(t, data, (size_t)n);
	}
	if (t->to.so)
		peer_close(t->peer[1], &t->to, false);
}

static void to_event(struct peer_sock *ps, unsigned events) {
	struct transfer *t = TRANSFER(ps, to);

	if (events & NET_EV_ERROR)
		t->errors++;
	if (!t->paused)
		drain(t);
}

void transfer_resume(struct transfer *t) {
	t->paused = false;
	if (t->to.so)
		drain(t);
}

static void listener_event(struct peer_sock *ps, unsigned events) {
	struct transfer *t = TRANSFER(ps, listener);

	(void)events;
	t->to.event = to_event;
	peer_accept(t->peer[1], ps, &t->to);
}

static void transfer_begin(void *arg) {
	struct transfer *t = arg;

	t->listener.event = listener_event;
	t->from.event = from_event;
	g_assert(peer_open(t->peer[1], SOCK_STREAM, &t->listener) == 0);
	g_assert(net_bind(t->listener.so, 0, t->port) == 0);
	g_assert(net_listen(t->listener.so, 1) == 0);
	g_assert(peer_open(t->peer[0], SOCK_STREAM, &t->from) == 0);
	g_assert(net_connect(t->from.so, SUBNET + 2, t->port) == -EINPROGRESS);
}

void transfer_between(struct transfer *t, struct sim *sim, struct peer *from, struct peer *to,
                      uint16_t port, uint64_t bytes, sim_time start) {
	pattern_init();
	*t = (struct transfer){.sim = sim, .peer = {from, to}, .port = port, .bytes = bytes};
	t->mark[0].bytes = bytes / 4;
	t->mark[1].bytes = bytes / 20 * 19;
	sim_call_at(sim, start, transfer_begin, t);
}

void transfer_up(struct transfer *t, struct sim *sim, const struct link_conf *wire,
                 const struct net_params *params, uint64_t bytes, sim_time start) {
	struct link *link = link_new(sim, wire);
	struct peer *peer[2];

	for (unsigned i = 0; i < 2; i++) {
		struct peer_conf conf = {
			.name = wire->name,
			.addr = SUBNET + 1 + i,
			.netmask = 0xffffff00U,
			.mac = {2, 0, 0, 0, 0, (uint8_t)(1 + i)},
			.mtu = wire->mtu,
			.params = *params,
		};
		peer[i] = peer_new(sim, &conf, link_port(link, i));
	}
	transfer_between(t, sim, peer[0], peer[1], PORT, bytes, start);
	t->link = link;
}

void transfer_down(struct transfer *t) {
	peer_free(t->peer[0]);
	peer_free(t->peer[1]);
	link_free(t->link);
}

const struct net_counters *transfer_counters(const struct transfer *t, unsigned end) {
	return net_stack_counters(peer_stack(t->peer[end]));
}
