/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decision: which legs does a call concern?
 *
 * Every operation has the same three steps.  sop_choose() decides which legs the call concerns, the
 * only place that does; a function of merge.h calls them and makes one answer of several; the
 * operation records what follows from it (state.h).
 */
#ifndef SOP_TARGET_H
#define SOP_TARGET_H

#include "sop/state.h"

struct sop_set {
	unsigned n;
	struct sop_leg *leg[SOP_STACKS_MAX];
};

/* What an unpinned socket's call concerns. */
enum sop_rule {
	SOP_FOR_ALL,   /* every leg, in order */
	SOP_FOR_INET,  /* INET, which represents the socket */
	SOP_FOR_TURN,  /* every leg that may deliver, starting behind the one that did last */
	SOP_FOR_ROUTE, /* the legs with a route to `dst`, best first; of those that are as good the
			* one that last delivered from there, then in order */
};

/* THE decision.  Charges it, counts the call, fills the set: the pinned leg alone, or what `rule`
 * says.  May be empty. */
void sop_choose(struct sop_sock *ss, enum sop_op op, enum sop_rule rule, uint32_t dst,
		struct sop_set *set);
/* The legs of a rule again, within the same operation. */
void sop_fill(struct sop_sock *ss, enum sop_rule rule, uint32_t dst, struct sop_set *set);
/* Which stack has the address that a program wants to bind.  *leg NULL and 0: all of them;
 * -EADDRNOTAVAIL: none. */
int sop_choose_address(struct sop_sock *ss, uint32_t addr, struct sop_stack **st);

/* --- cards that come and go (follow.c) -------------------------------------------------------- */

/* The socket follows changes of the list of stacks: late cards get a leg, failed ones lose it. */
void sop_refresh(struct sop_sock *ss);
/* The list of stacks has changed: sockets that are bound follow by themselves, in a thread of the
 * module's, the others when they are used next. */
void sop_follow(struct sop *sop);
/* Returns when the thread is not at the socket, and will not be again. */
void sop_leave_alone(struct sop_sock *ss);

#endif
