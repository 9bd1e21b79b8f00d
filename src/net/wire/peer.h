/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peer: a machine that is not the object of study.  Its processor is free and infinitely fast,
 * its TCP/IP is the real engine.  Client programs are driven by socket events, without a process
 * each, so that ten thousand of them cost only their sockets.
 */
#ifndef NET_PEER_H
#define NET_PEER_H

#include "net/engine/params.h"
#include "net/wire/link.h"

struct peer;

struct peer_conf {
	const char *name;       /* copied */
	uint32_t addr, netmask; /* host byte order */
	uint32_t gateway;       /* 0: none */
	uint8_t mac[6];
	uint16_t mtu; /* 68..9000; 0: 1500 */
	struct net_params params;
	sim_time latency; /* of its processing, from a frame's arrival to the stack */
};

/* A machine with one interface, "eth0", up on `port` (which it attaches).  An address or a mask that
 * the stack refuses aborts: scenarios are checked where they are read. */
struct peer *peer_new(struct sim *sim, const struct peer_conf *conf, struct port *port);
/* Frees the peer and its sockets without sending anything; the peer_socks are their owners'. */
void peer_free(struct peer *peer);
/* The stack, for any call from anywhere in the timeline; the events that come of it are delivered
 * at the same date. */
struct net_stack *peer_stack(struct peer *peer);
struct sim *peer_sim(struct peer *peer);

/* Who is told of a socket's events: put first in the struct that is the socket's user pointer.
 * Called from the timeline, outside the stack: any call into the stack is allowed. */
struct peer_sock {
	void (*event)(struct peer_sock *ps, unsigned events);
	struct net_sock *so;
	unsigned pending;       /* the peer's own */
	struct peer_sock *next; /* the peer's own: list of sockets with events to deliver */
};

/* Opens a TCP or UDP socket (SOCK_STREAM, SOCK_DGRAM) whose events go to ps->event, which the
 * caller has set.  0 or the negative errno of net_sock_open(). */
int peer_open(struct peer *peer, int type, struct peer_sock *ps);
/* net_accept() with a peer_sock for the child, whose `event` the caller has set.  If data (or the
 * end) came before, NET_EV_READ is delivered for it. */
int peer_accept(struct peer *peer, struct peer_sock *listener, struct peer_sock *child);
/* Joins a group (host byte order) on the peer's interface.  0 or a negative errno of net_setopt(). */
int peer_join(struct peer *peer, struct peer_sock *ps, uint32_t group);
/* What the socket sends to groups leaves by the peer's interface, whatever the routes. */
int peer_send_to_groups(struct peer *peer, struct peer_sock *ps);
/* net_close(), and forgets what was to be delivered to it. */
void peer_close(struct peer *peer, struct peer_sock *ps, bool abort);

#endif
