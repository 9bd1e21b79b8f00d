/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A protocol family of the tests' own: byte streams inside one machine, so that the socket layer
 * can be tested without a network.  Sockets bind to ports of sockaddr_in.
 */
#ifndef TESTS_HOST_PIPE_FAMILY_H
#define TESTS_HOST_PIPE_FAMILY_H

#include "host/socket/socket.h"

#define PF_PIPE 1 /* in the place of PF_UNIX */

#define PIPE_ROOM 1000U /* bytes that a socket takes before its writer must wait */

struct pipe_sock {
	struct sock sk; /* first */
	uint16_t port;
	GByteArray *data;
	struct pipe_sock *peer;
	bool peer_closed;
	GQueue pending; /* listener: children to accept */
	int backlog;
	uint16_t peer_port;
};

static inline struct pipe_sock *pipe_sk(const struct socket *sock) {
	return (struct pipe_sock *)sock->sk;
}

/* What reached the family last, and how often: for tests to look at. */
struct pipe_log {
	unsigned created, released, released_without_sk, option_calls;
	int accept_error, getname_error; /* makes the next such call fail */
	int last_flags;                  /* of connect, accept, sendmsg, recvmsg */
	int last_backlog, last_addr_len;
	int last_option_changed;
	unsigned more_pages; /* sendpage calls with MSG_MORE */
	GHashTable *bound;   /* port -> struct pipe_sock */
};
extern struct pipe_log pipe_log;

/* Starts a clean log and registers the family. */
void pipe_family_init(struct kernel *k);
/* After kernel_free(), which may still release sockets. */
void pipe_family_exit(void);

#endif
