/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accept on several stacks. */
#ifndef SOP_THREADS_H
#define SOP_THREADS_H

#include "sop/state.h"

/* A connection that a thread accepted and nobody has taken yet. */
struct sop_delivery {
	struct sop_stack *stack;
	struct socket *inner;
	bool made; /* into a socket that the stack's create made */
	struct sop_delivery *next;
};

/* What a listener on several stacks needs to block in accept (threads.c). */
struct sop_acceptor {
	struct sop_delivery *head, **tail;
	unsigned queued;        /* deliveries in the queue */
	unsigned waiting;       /* callers that sleep */
	unsigned running;       /* threads */
	int err;                /* first hard error of a thread, negative; 0 */
	struct wait_queue room; /* standing threads whose connection was not taken yet */
	struct wait_queue gone; /* who waits for the threads' end */
};

/* Blocks until some stack has delivered a connection: 0 and *d, or negative errno. */
int sop_accept_by_threads(struct sop_sock *ss, struct sop_delivery *d);
/* Takes a connection that lies ready.  False: none. */
bool sop_take_surplus(struct sop_sock *ss, struct sop_delivery *d);
bool sop_has_surplus(const struct sop_sock *ss);
/* The socket listens no more: before its stacks are told. */
void sop_end_listening(struct sop_sock *ss);
/* Ends the threads and waits for that; then frees the acceptor. */
void sop_stop_threads(struct sop_sock *ss);

#endif
