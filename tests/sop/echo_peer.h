/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer that echoes. */
#ifndef ECHO_PEER_H
#define ECHO_PEER_H

#include "net/engine/socket.h"
#include "net/wire/peer.h"

/* Sends back what comes, streams and datagrams. */
static inline void peer_echo(struct peer_sock *ps, unsigned events) {
	char buf[2048];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	(void)events;
	while ((n = net_recv(ps->so, &msg)) > 0) {
		struct iovec back = {buf, (size_t)n};
		struct net_msg reply = {
			.iov = &back, .iovlen = 1, .addr = msg.addr, .port = msg.port};

		net_send(ps->so, &reply);
	}
}

#endif
