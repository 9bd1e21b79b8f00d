/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stacks that do what a test tells them: one poses as INET in net_families[], others as offload
 * devices.  They keep ports, queues and a log of the calls that reached them, and no packets.
 */
#ifndef TESTS_SOP_FAKE_STACK_H
#define TESTS_SOP_FAKE_STACK_H

#include "host/dev/toedev.h"
#include "host/socket/socket.h"

struct fake_stack {
	struct toedev td;
	struct kernel *k;
	uint32_t addr, net; /* its address; /24 */
	int default_route;  /* 1: also has a default route */
	uint32_t generation;
	GString *log;       /* "bind:80 listen:5 ..." since the last fake_log() */
	GHashTable *ports;  /* number -> sockets bound to it */
	uint16_t next_port; /* drawn next */
	GPtrArray *socks;   /* that live */
	unsigned created, released;
	/* the script: answer of the next such call (and of all after it), 0: what is natural */
	int create_err, bind_err, listen_err, accept_err, connect_err, send_err, setsockopt_err,
		shutdown_err;
	bool once; /* bind_err and accept_err hold for one call only */
};

struct fake_sock {
	struct sock sk; /* first */
	struct fake_stack *st;
	uint32_t addr;
	uint16_t port;
	bool drawn, listening, connected, connecting;
	int pending_conns, queued; /* to accept; datagrams to receive */
	int soft_err;              /* returned by the next receive, positive */
	unsigned reset;            /* released with linger 0 */
};

/* `inet` poses as the host's own stack: registered as PF_INET in the place of the real one. */
struct fake_stack *fake_inet_new(struct kernel *k, uint32_t addr);
struct fake_stack *fake_card_new(struct kernel *k, const char *name, uint32_t addr);
void fake_free(struct fake_stack *st);

/* What was called since the last time, as one string that lives until the next call. */
const char *fake_log(struct fake_stack *st);
/* The socket that has the port (the listener, if several), NULL. */
struct fake_sock *fake_find(struct fake_stack *st, uint16_t port);
unsigned fake_live(const struct fake_stack *st);
/* Events: connections to a listener, datagrams to a socket, an ICMP error. */
void fake_connections(struct fake_stack *st, uint16_t port, int n);
void fake_datagrams(struct fake_stack *st, uint16_t port, int n);
void fake_error(struct fake_stack *st, uint16_t port, int err);
/* A connect under way ends: 0 or positive errno. */
void fake_connected(struct fake_stack *st, uint16_t port, int err);

#endif
