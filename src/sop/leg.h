/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Legs.  A socket's foot in one stack: the inner socket there.  A fresh SOP socket has a leg in
 * every stack; once it is pinned, one of them serves it.
 *
 * Life of an inner socket: whoever sleeps inside one of its operations holds leg->busy, so that a
 * leg that has to be dropped meanwhile (its card failed) parks the socket until the SOP socket is
 * released.  The socket layer holds the file during a call, so the SOP socket itself cannot go.
 */
#ifndef SOP_LEG_H
#define SOP_LEG_H

#include <errno.h>

#include "sop/stack.h"

enum sop_leg_state { LEG_ABSENT, LEG_OPEN, LEG_BOUND, LEG_LISTENING, LEG_CONNECTED };

struct sop_leg {
	struct sop_sock *ss;
	struct sop_stack *stack;
	struct sop_leg *next;
	struct socket *inner; /* NULL while absent */
	enum sop_leg_state state;
	bool lost;           /* the card failed or went: drop at the next chance */
	bool stirred;        /* a callback said that something happened */
	unsigned busy;       /* calls in progress inside the inner socket */
	uint32_t opt_seq;    /* SOL_SOCKET options copied up to this */
	struct task *thread; /* that accepts on it; NULL */
	struct socket *made; /* waits for the connection that the thread will accept; NULL */
	unsigned untaken;    /* connections from the thread that nobody has taken yet */
	bool stop;           /* tells the thread to end */
	struct {             /* the callbacks that SOP's stand before */
		void (*state_change)(struct sock *sk);
		void (*data_ready)(struct sock *sk);
		void (*write_space)(struct sock *sk);
		void (*error_report)(struct sock *sk);
		void (*urgent)(struct sock *sk);
	} saved;
};

/* --- its life (leg.c) ------------------------------------------------------------------------- */

/* Makes the inner socket, with the options recorded so far.  Counted; negative errno and absent. */
int leg_open(struct sop_leg *leg);
/* Takes an accepted connection's socket as the leg's inner socket. */
void leg_graft(struct sop_leg *leg, struct socket *inner);
/* Releases the inner socket quietly (a loser: without lingering) and leaves the leg absent. */
void leg_drop(struct sop_leg *leg);
/* There is no unbind: releases the inner socket and makes a new one. */
int leg_reopen(struct sop_leg *leg);
/* Brings a fresh leg to where the socket is: bound, listening. */
int leg_catch_up(struct sop_leg *leg);

/* --- the operations of the inner socket (calls.c) --------------------------------------------- */

/* -ENETDOWN if the leg is absent. */
int leg_bind(struct sop_leg *leg, uint32_t addr, uint16_t port);
int leg_listen(struct sop_leg *leg, int backlog);
int leg_connect(struct sop_leg *leg, const struct sockaddr *addr, int len, int flags);
int leg_disconnect(struct sop_leg *leg);
int leg_accept(struct sop_leg *leg, int flags, struct socket **inner);
/* Blocks until a connection has moved into a socket that the stack's create made beforehand. */
int leg_accept_made(struct sop_leg *leg, struct socket **inner);
/* Releases such a socket if no connection came; not by unwinding, since that may not charge. */
void leg_unmake(struct sop_leg *leg);
ssize_t leg_sendmsg(struct sop_leg *leg, struct msghdr *msg, size_t len);
ssize_t leg_recvmsg(struct sop_leg *leg, struct msghdr *msg, size_t len, int flags);
ssize_t leg_sendpage(struct sop_leg *leg, const void *page, size_t size, int flags);
unsigned leg_poll(struct sop_leg *leg, struct file *file, struct poll_table *table); /* gone: 0 */
int leg_getname(struct sop_leg *leg, struct sockaddr *addr, int *len, int peer);
/* Takes the inner socket's pending error (positive errno), 0 if none. */
int leg_take_error(struct sop_leg *leg);
int leg_ioctl(struct sop_leg *leg, unsigned long cmd, void *arg);
int leg_shutdown(struct sop_leg *leg, int how);
int leg_setsockopt(struct sop_leg *leg, int level, int name, const void *val, int len);
int leg_getsockopt(struct sop_leg *leg, int level, int name, void *val, int *len);
/* Port that the inner socket is bound to; 0: none.  Its own address; 0: any. */
uint16_t leg_port(struct sop_leg *leg);
uint32_t leg_address(struct sop_leg *leg);

/* An error that says "this card is not there any more", not "this call is wrong". */
static inline bool card_is_gone(const struct sop_leg *leg, int err) {
	return !sop_is_inet(leg->stack) &&
	       (err == -ENETDOWN || err == -ENODEV || err == -ECONNRESET);
}

#endif
