/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine alone: two stacks hand each other frames at once, without wire, timeline or machine.
 * Prints data segments per second of processor time, checksums and copies included, for a bulk
 * transfer with and without loss, and for requests and answers of 100 bytes.
 *
 *     engine [BYTES]
 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "net/engine/iface.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"

enum { A, B, CHUNK = 65536, SMALL = 100, HOP_NS = 1000 };

struct side {
	struct net_stack *st;
	struct net_if *ifp;
	struct net_sock *so;
	struct side *other;
	struct frame_queue in; /* on their way here */
	sim_time timer;
	uint64_t data_sent;
};

static struct side side[2];
static sim_time now;
static unsigned lose; /* one data segment of this many; 0: none */
static char chunk[CHUNK];

static bool output(void *owner, struct net_if *ifp, struct frame *f, enum net_kind kind,
                   size_t payload) {
	struct side *s = owner;

	(void)ifp, (void)payload;
	if (kind == NET_KIND_DATA && ++s->data_sent && lose && s->data_sent % lose == 0)
		frame_free(f);
	else
		frame_queue_push(&s->other->in, f);
	return true;
}

static void event(void *owner, struct net_sock *so, unsigned events) {
	(void)owner, (void)so, (void)events;
}

static void timer(void *owner, sim_time when) { ((struct side *)owner)->timer = when; }

static const struct net_ops ops = {.output = output, .event = event, .timer = timer};

static void side_up(int id) {
	struct side *s = &side[id];
	struct net_conf conf = {
		.name = id == A ? "a" : "b", .ops = &ops, .owner = s, .clock = &now};
	struct net_if_config ic = {.addr = 0x0a000001U + (uint32_t)id,
	                           .netmask = 0xffffff00U,
	                           .mtu = FRAME_MTU,
	                           .up = true,
	                           .mac = {2, 0, 0, 0, 0, (uint8_t)id}};

	net_params_preset(&conf.params, "linux-2.4");
	s->timer = SIM_NEVER;
	s->other = &side[!id];
	s->st = net_stack_new(&conf);
	s->ifp = net_if_add(s->st, "eth0", ic.mac, FRAME_MTU, NULL);
	net_if_set(s->ifp, &ic);
}

/* What is on its way arrives; when nothing is, the next timer goes off. */
static void step(void) {
	bool quiet = true;

	now += HOP_NS * SIM_NS;
	for (int i = 0; i < 2; i++)
		for (size_t n = side[i].in.count; n > 0; n--, quiet = false)
			net_input(side[i].st, side[i].ifp, frame_queue_pop(&side[i].in));
	if (quiet)
		now = MAX(now, MIN(side[A].timer, side[B].timer));
	for (int i = 0; i < 2; i++)
		if (side[i].timer <= now)
			net_timer(side[i].st);
}

static ssize_t pass(struct side *s, bool send, size_t len) {
	struct iovec iov = {chunk, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	return send ? net_send(s->so, &msg) : net_recv(s->so, &msg);
}

static void connect_sides(void) {
	struct net_sock *l;

	net_sock_open(side[B].st, SOCK_STREAM, 0, NULL, &l);
	net_sock_open(side[A].st, SOCK_STREAM, 0, NULL, &side[A].so);
	if (net_bind(l, 0, 80) < 0 || net_listen(l, 1) < 0 ||
	    net_connect(side[A].so, 0x0a000002U, 80) != -EINPROGRESS)
		g_error("no connection");
	while (net_accept(l, NULL, &side[B].so) < 0)
		step();
}

static void bulk(uint64_t bytes) {
	uint64_t sent = 0, got = 0;

	while (got < bytes) {
		ssize_t n;

		while (sent < bytes && (n = pass(&side[A], true, MIN(CHUNK, bytes - sent))) > 0)
			sent += (uint64_t)n;
		step();
		while ((n = pass(&side[B], false, CHUNK)) > 0)
			got += (uint64_t)n;
	}
}

static void requests(uint64_t bytes) {
	for (uint64_t done = 0; done < bytes; done += SMALL)
		for (int i = 0; i < 2; i++) {
			pass(&side[i], true, SMALL);
			while (pass(side[i].other, false, SMALL) != SMALL)
				step();
		}
}

static void measure(const char *what, void (*load)(uint64_t bytes), uint64_t bytes, unsigned loss) {
	clock_t start;
	double seconds, segments;

	now = SIM_S;
	lose = loss;
	for (int i = 0; i < 2; i++) {
		side[i] = (struct side){0};
		side_up(i);
	}
	connect_sides();
	start = clock();
	load(bytes);
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	segments = (double)(side[A].data_sent + side[B].data_sent);
	printf("%-22s %9.0f data segments  %6.2f s  %8.0f segments/s\n", what, segments, seconds,
	       segments / seconds);
	for (int i = 0; i < 2; i++) {
		frame_queue_flush(&side[i].in);
		net_stack_free(side[i].st);
	}
}

int main(int argc, char **argv) {
	uint64_t bytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000000U;

	measure("bulk", bulk, bytes, 0);
	measure("bulk, 1 of 1000 lost", bulk, bytes, 1000);
	measure("requests and answers", requests, bytes / 100, 0);
	frame_pool_drain();
	return 0;
}
