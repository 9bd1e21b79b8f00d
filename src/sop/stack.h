/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stacks: who can serve a socket.  INET or one card; to the kernel, and so to SOP, they are all
 * alike (struct toedev), but for the rules in which INET has a part of its own: it represents the
 * socket, it comes first.
 *
 * The headers of SOP are read in the order of the paper's section 3, and each file knows only those
 * before its own: stack.h, leg.h (a socket's foot in one stack), state.h (the SOP socket and how it
 * changes), target.h (which stacks does a call concern?), merge.h (one answer of several),
 * threads.h (accept on several stacks), ops.h (the fourteen operations).  No circle of files calls
 * each other: tests/circles.sh.
 *
 * Order of stacks: INET first, then the cards in order of registration.
 */
#ifndef SOP_STACK_H
#define SOP_STACK_H

#include <netinet/in.h>

#include "host/dev/toedev.h"
#include "sim/list.h"
#include "sop/counts.h"
#include "sop/sop.h"

struct sop;
struct sop_sock;
struct sop_stack;

struct sop_stack {
	char name[16];     /* "inet", or of the card's interface */
	struct toedev *td; /* what it is to the kernel; nobody: a card that was removed */
	struct sop *sop;
	bool gone; /* failed or removed: opens no more legs */
	struct sop_stack *next;
	uint64_t count[SOP_STACK_EV_COUNT];
	char *count_name[SOP_STACK_EV_COUNT];
};

struct sop_stack *sop_stack_new(struct sop *sop, struct toedev *td);
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
/* The stack with the route that SIOCDELRT would delete from one table for all: the lowest metric.
 */
struct sop_stack *sop_route_holder(const struct sop *sop, const struct rtentry *rt);

/* The module. */
struct sop {
	struct sop_conf conf;
	struct module *module;
	struct kernel *kernel;
	const struct net_proto_family *inet; /* the family that was there before */
	struct sop_stack *stacks;            /* INET first */
	uint32_t epoch;                      /* moves with each change of the list of stacks */
	struct list socks;                   /* struct sop_sock: all that live */
	struct toedev_notifier notifier;
	struct toedev nobody;  /* in the place of a card that was removed */
	struct task *follower; /* the thread of follow.c; NULL */
	uint64_t op_count[SOP_OP_COUNT];
	uint64_t pin_count[SOP_PIN_COUNT];
	uint64_t count[SOP_EV_COUNT];
};

static inline bool sop_is_inet(const struct sop_stack *st) { return st == st->sop->stacks; }

/* A stack is asked something: its own function, or the harmless default. */
#define SOP_ASK(st, slot, ...) ((st)->td->op.slot((st)->td, __VA_ARGS__))

#endif
