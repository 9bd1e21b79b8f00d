/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world whose peer storms a NIC of the host, and a program that takes what comes. */
#ifndef TESTS_HOST_STORM_H
#define TESTS_HOST_STORM_H

#include "net_world.h"

static struct net_world w;

enum { PORT = 7777 };

static void setup(void) { memset(&w, 0, sizeof w); }

static struct nic_counters counters(unsigned net) {
	struct nic_counters c;

	nic_counters(w.nic[net], &c);
	return c;
}

/* --- a host that receives ---------------------------------------------------------------------------- */

struct storm {
	struct peer_sock ps; /* first */
	struct sim_event tick;
	unsigned left;
	unsigned net;
	sim_time gap;
	size_t size;
};

static void storm_event(struct peer_sock *ps, unsigned events) { (void)ps, (void)events; }

static void storm_tick(void *arg) {
	struct storm *storm = arg;
	uint8_t buf[1472] = {0};
	struct iovec iov = {buf, storm->size};
	struct net_msg msg = {
		.iov = &iov, .iovlen = 1, .addr = HOST_ADDR(storm->net), .port = PORT};

	ck_assert_int_eq(net_send(storm->ps.so, &msg), (ssize_t)storm->size);
	if (--storm->left)
		sim_after(w.sim, &storm->tick, storm->gap);
}

static void storm_start(struct storm *storm, unsigned net, unsigned count, sim_time gap,
                        size_t size) {
	*storm = (struct storm){
		.ps.event = storm_event, .left = count, .net = net, .gap = gap, .size = size};
	ck_assert_int_eq(peer_open(w.peer[net], SOCK_DGRAM, &storm->ps), 0);
	sim_event_init(&storm->tick, storm_tick, storm);
	sim_at(w.sim, &storm->tick, SIM_MS);
}

static unsigned received;

static int receive_main(struct task *me, void *arg) {
	struct sockaddr_in any = inet_address("0.0.0.0", PORT);
	struct timeval tv = {1, 0};
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	uint8_t buf[1500];

	sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&any, sizeof any), 0);
	received = 0;
	while (sys_recv(me, fd, buf, sizeof buf, 0) > 0)
		received++;
	PROGRAM_END((struct net_world *)arg);
}

#endif
