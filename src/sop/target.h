/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decision: which legs does a call concern?
 *
 * Every operation has the same three parts.  It says what it is, and sop_choose() which legs that
 * concerns, by the one table of operation, type and phase; a function of merge.h calls them and
 * makes one answer of several; the operation records what follows from it (state.h).
 */
#ifndef SOP_TARGET_H
#define SOP_TARGET_H

#include "sop/state.h"

/* --- the table (decision.c) ------------------------------------------------------------------- */

/* An operation is decided when it begins; these of its steps when it comes to them. */
#define SOP_STEPS(X)                                               \
	X(port, "a port for who has none")                         \
	X(aim, "connect, once it is known where to")               \
	X(send, "sendmsg, once it is known where to")              \
	X(again, "recvmsg, when it found nothing and looks again") \
	X(judge, "arguments and options that are INET's to judge")

enum sop_step {
	SOP_STEP_NONE = SOP_OP_COUNT - 1, /* steps are numbered behind the operations */
#define X(name, text) SOP_STEP_##name,
	SOP_STEPS(X)
#undef X
		SOP_DECISIONS
};

/* Which legs a call concerns. */
#define SOP_RULES(X)                                                                            \
	X(nobody) /* no stack is asked: SOP answers */                                          \
	X(alone)  /* the stack in charge */                                                     \
	X(inet)   /* INET, which represents the socket */                                       \
	X(all)    /* every leg, in order */                                                     \
	X(turn)   /* every leg that may deliver, starting behind the one that did last */       \
	X(route)  /* the legs with a route to the destination, best first; of those that are as \
		   * good the one that last delivered from there, then in order */

enum sop_rule {
#define X(name) SOP_FOR_##name,
	SOP_RULES(X)
#undef X
};

/* `what`: enum sop_op or enum sop_step. */
enum sop_rule sop_rule(unsigned what, bool dgram, enum sop_phase phase);

/* --- the choice (target.c) -------------------------------------------------------------------- */

struct sop_set {
	enum sop_rule rule; /* that filled it */
	unsigned n;
	struct sop_leg *leg[SOP_STACKS_MAX];
};

/* THE decision.  Charges it, counts the call, fills the set by the table.  May be empty. */
void sop_choose(struct sop_sock *ss, enum sop_op op, struct sop_set *set);
/* Decides a step, or the operation anew as things stand now; `dst` is for who goes by route. */
void sop_choose_step(struct sop_sock *ss, unsigned what, uint32_t dst, struct sop_set *set);
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
