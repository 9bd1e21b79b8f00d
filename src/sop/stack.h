/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stacks: who can serve a socket.  INET or one card; all look alike (struct sop_stack_ops).
 *
 * The headers of SOP are read in the order of the paper's section 3, and each file knows only those
 * before its own: stack.h, leg.h (a socket's foot in one stack), state.h (the SOP socket and how it
 * changes), target.h (which stacks does a call concern?), merge.h (one answer of several), threads.h
 * (accept on several stacks), ops.h (the fourteen operations).  No circle of files calls each other:
 * tests/circles.sh.
 *
 * Order of stacks: INET first, then the cards in order of registration.
 */
#ifndef SOP_STACK_H
#define SOP_STACK_H

#include <netinet/in.h>

#include "host/dev/toedev.h"
#include "sop/counts.h"
#include "sop/sop.h"

struct sop;
struct sop_sock;
struct sop_stack;

struct sop_stack_ops {
	/* Makes `inner` a socket of the stack; negative errno. */
	int (*create)(struct sop_stack *st, struct socket *inner, int protocol);
	/* Its accept() can put the connection into a socket that create() made. */
	bool accepts_into_made;
	bool (*owns_addr)(struct sop_stack *st, uint32_t addr);
	/* Length of the longest prefix that holds dst, -1: no route. */
	int (*route)(struct sop_stack *st, uint32_t dst);
	bool (*is_broadcast)(struct sop_stack *st, uint32_t addr);
	bool (*on_link)(struct sop_stack *st, uint32_t addr);
	/* Does it have the interface of that name? */
	bool (*has_device)(struct sop_stack *st, const char *name);
	int (*ioctl)(struct sop_stack *st, unsigned long cmd, void *arg);
	/* Metric of the route that SIOCDELRT with this request would delete, -1: none. */
	int64_t (*route_metric)(struct sop_stack *st, const struct rtentry *rt);
	/* Changes when addresses, routes or state do. */
	uint32_t (*generation)(struct sop_stack *st);
	/* Number of the interface that a request about a group means now, 0: none. */
	uint32_t (*group_device)(struct sop_stack *st, const struct ip_mreqn *request);
};

struct sop_stack {
	char name[16]; /* "inet", or of the card's interface */
	const struct sop_stack_ops *ops;
	struct sop *sop;
	struct toedev *td; /* NULL: INET, or a card that was removed */
	bool gone;         /* failed or removed: opens no more legs */
	struct sop_stack *next;
	uint64_t count[SOP_STACK_EV_COUNT];
	char *count_name[SOP_STACK_EV_COUNT];
};

struct sop_stack *sop_stack_new_inet(struct sop *sop);
struct sop_stack *sop_stack_new_card(struct sop *sop, struct toedev *td);
void sop_stack_free(struct sop_stack *st);
/* Makes `inner` a socket of the stack; negative errno. */
int sop_stack_socket(struct sop_stack *st, struct socket *inner, int protocol);

/* Sum of the stacks' generations: unequal when anything that a decision rests on has changed. */
uint32_t sop_generation(const struct sop *sop);
/* The stack that has `addr`, is attached to its net, has a net with that broadcast
 * address, has that interface; NULL. */
struct sop_stack *sop_owner(const struct sop *sop, uint32_t addr);
struct sop_stack *sop_neighbour(const struct sop *sop, uint32_t addr);
struct sop_stack *sop_broadcaster(const struct sop *sop, uint32_t addr);
struct sop_stack *sop_device(const struct sop *sop, const char *name);
struct sop_stack *sop_device_by_index(const struct sop *sop, uint32_t index);
/* The stack with the route that SIOCDELRT would delete from one table for all: the lowest metric. */
struct sop_stack *sop_route_holder(const struct sop *sop, const struct rtentry *rt);

/* The module. */
struct sop {
	struct sop_conf conf;
	struct module *module;
	struct kernel *kernel;
	const struct net_proto_family *inet; /* the family that was there before */
	struct sop_stack *stacks;            /* INET first */
	uint32_t epoch;                      /* moves with each change of the list of stacks */
	struct sop_sock *socks;              /* all that live */
	struct toedev_notifier notifier;
	struct task *follower;               /* the thread of follow.c; NULL */
	uint64_t op_count[SOP_OP_COUNT];
	uint64_t pin_count[SOP_PIN_COUNT];
	uint64_t count[SOP_EV_COUNT];
};

static inline bool sop_is_inet(const struct sop_stack *st) { return st == st->sop->stacks; }

#endif
