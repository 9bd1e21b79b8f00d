/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SOP socket: what it consists of, the list of its legs, the lock.  How it changes: state.h,
 * which alone writes the fields that say what it is.
 */
#ifndef SOP_SOCK_H
#define SOP_SOCK_H

#include "sim/list.h"
#include "sop/carry.h"

struct sop_acceptor;

struct sop_sock {
	struct sock sk; /* first: all that an INET socket has */
	struct sop *sop;
	struct list_node node; /* in sop->socks */
	/* state.h's to write, and sk.socket->state */
	struct sop_leg *ps; /* the stack in charge; NULL while several may serve */
	enum sop_pin pin;   /* why */
	bool bound;         /* port is agreed, on all the legs that the socket has */
	bool drawn;         /* it was drawn, not asked for */
	bool listening;
	bool losers; /* pinned by a connect under way: the other legs stand by */
	/* anybody's */
	struct sop_leg *legs;
	uint32_t epoch; /* the list of stacks that the legs stand for */
	int backlog;
	uint32_t addr; /* the recorded local address and port */
	uint16_t port;
	uint32_t peer_addr; /* of connect */
	uint16_t peer_port;
	struct {                     /* the last successful sendmsg */
		struct sop_leg *leg; /* NULL: none */
		uint32_t addr, generation;
		uint16_t port;
	} last;
	GHashTable *origins;    /* address -> the leg that last delivered from it; NULL: none did */
	struct sop_leg *served; /* delivered last: the next sweep starts behind it */
	struct sop_leg *peeked; /* MSG_PEEK came from here: so must the next datagram */
	struct sop_leg *drain;  /* UDP connected elsewhere; what had arrived here is readable */
	struct sop_leg *stamped;        /* delivered the datagram that SIOCGSTAMP asks about */
	struct sop_membership mcast_if; /* IP_MULTICAST_IF */
	GArray *groups;                 /* struct sop_membership; NULL: none */
	uint32_t options_set; /* SOL_SOCKET options that the program has set: bits, carry.c */
	GArray *options;      /* struct sop_option; NULL: none */
	struct sop_acceptor *acceptor; /* NULL until a blocking accept on several stacks */
	struct wait_queue callers;     /* of that: exclusive, wake-one */
	struct task *locker;           /* changes which legs there are and what they are bound to */
	struct wait_queue lock_wait;
	bool closing;               /* release() has begun */
	bool followed;              /* the module's thread is at it: release() waits for that */
	struct wait_queue any_wait; /* sleepers that wait for all stacks at once */
	GSList *parked;             /* dropped inner sockets somebody still sleeps in */
};

static inline struct sop_sock *sop_sk(const struct socket *sock) {
	return (struct sop_sock *)sock->sk;
}
static inline struct kernel *sop_kernel(const struct sop_sock *ss) { return ss->sop->kernel; }
static inline void sop_count(struct sop_sock *ss, enum sop_event ev) { ss->sop->count[ev]++; }

/* The module of a machine, NULL when it is not loaded. */
struct sop *sop_of(const struct kernel *k);

/* --- the socket and its legs (sock.c) --------------------------------------------------------- */

/* What socket() and accept() give a socket: the operations and the hooks of its sock. */
struct sop_face {
	const struct proto_ops *ops;
	void (*option_changed)(struct sock *sk, int name);
	void (*fetch_error)(struct sock *sk);
};

/* A SOP sock without legs, linked to `sock` and to the module, which it keeps loaded. */
struct sop_sock *sop_sock_new(struct sop *sop, struct socket *sock, int type, int protocol,
                              const struct sop_face *face);
/* Frees what sop_sock_new() made; the legs are dropped by then. */
void sop_sock_free(struct sop_sock *ss);
struct sop_leg *sop_leg_of(const struct sop_sock *ss, const struct sop_stack *st);
/* The same, but NULL if it has no inner socket, or one that is lost; st may be NULL. */
struct sop_leg *sop_usable_leg(const struct sop_sock *ss, const struct sop_stack *st);
/* Adds an absent leg, at its place in the order. */
struct sop_leg *sop_add_leg(struct sop_sock *ss, struct sop_stack *st);
/* Legs on all stacks but `except` (NULL: on all): 0, or INET's error.  A card that refuses is left
 * out. */
int sop_open_legs(struct sop_sock *ss, const struct sop_stack *except);

/* All callers that sleep in accept look again. */
void sop_wake_callers(struct sop_sock *ss);

/* --- the lock (lock.c) ------------------------------------------------------------------------ */

/* Stacks are asked one after the other and cards are slow: of the processes that have a socket, one
 * at a time may make it bind, listen or follow the list of stacks (lock_sock() of 2.4).  Nothing
 * that sleeps for longer than a command takes it.  NULL: the caller has it already. */
struct sop_sock *sop_lock(struct sop_sock *ss);
void sop_unlock(struct sop_sock **ss);
/* Holds the lock to the end of the block. */
#define SOP_LOCKED __attribute__((cleanup(sop_unlock), unused)) struct sop_sock *

/* --- where datagrams came from (origin.c) ------------------------------------------------------
 */

/* The leg has delivered a datagram from that address. */
void sop_came_from(struct sop_sock *ss, struct sop_leg *leg, uint32_t addr);
/* The leg that did last, NULL: none, or it is not known any more. */
struct sop_leg *sop_origin(const struct sop_sock *ss, uint32_t addr);
/* The leg goes: nothing came from there. */
void sop_forget_origins(struct sop_sock *ss, const struct sop_leg *leg);

#endif
