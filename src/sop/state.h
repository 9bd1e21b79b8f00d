/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A socket's life: the phases that it goes through, and the transitions between them, which are all
 * here by name.  It is *pinned* once exactly one stack serves it from now on (ps points to that
 * leg); until then several may.
 *
 *     open ---- got_port ----> bound ---- listens ----> listening
 *      |                         |      <- listens_no_more
 *      +----- tries -------------+----> connecting --- connects, release_losers ---> connected
 *      |        <- refused, ends_connect, unpin             <- moves_on, ends_connect
 *      +----- pin_to, adopts ----+----> pinned         <- unpin (SO_BINDTODEVICE taken back)
 */
#ifndef SOP_STATE_H
#define SOP_STATE_H

#include "sop/sock.h"

/* phase, and what holds in it (sop_sock_check() tests it) */
#define SOP_PHASES(X)                                                                            \
	X(open)       /* no port; every stack may serve */                                       \
	X(bound)      /* one port on all stacks, any of which may serve */                       \
	X(listening)  /* so, and they listen */                                                  \
	X(connecting) /* a stream: one stack tries, the others stand by */                       \
	X(connected)  /* by one stack; a datagram socket keeps the others, for its next aim */   \
	X(pinned) /* to one stack by bind(), accept() or SO_BINDTODEVICE, which keeps the others \
		   */

enum sop_phase {
#define X(name) SOP_PHASE_##name,
	SOP_PHASES(X)
#undef X
		SOP_PHASE_COUNT
};

static inline enum sop_phase sop_phase(const struct sop_sock *ss) {
	if (!ss->ps)
		return ss->listening ? SOP_PHASE_listening
		       : ss->bound   ? SOP_PHASE_bound
		                     : SOP_PHASE_open;
	if (ss->pin != SOP_PIN_connect)
		return SOP_PHASE_pinned;
	return ss->losers ? SOP_PHASE_connecting : SOP_PHASE_connected;
}

/* Where an unpinned socket's legs are, but for those that join just now or were refused. */
static inline enum sop_leg_state sop_leg_goal(const struct sop_sock *ss) {
	return ss->listening ? LEG_LISTENING : ss->bound ? LEG_BOUND : LEG_OPEN;
}
/* May a call on an unpinned socket go to it? */
static inline bool sop_leg_serves(const struct sop_leg *leg) {
	return leg->inner && !leg->lost && leg->state >= sop_leg_goal(leg->ss);
}

/* --- transitions (state.c) -------------------------------------------------------------------- */

/* The legs that the socket has are bound to it. */
void sop_got_port(struct sop_sock *ss, uint32_t addr, uint16_t port, bool drawn);
/* A port that was drawn, not asked for, is given back by all stacks. */
void sop_drop_drawn_port(struct sop_sock *ss);
/* Does so if INET has given it back. */
void sop_review_port(struct sop_sock *ss);

void sop_listens(struct sop_sock *ss, int backlog);
/* Nor does any leg; its stack is told by the caller. */
void sop_listens_no_more(struct sop_sock *ss);

/* connect() asks that stack next: while the call sleeps there the socket is pinned.  The others are
 * kept until it is known to have succeeded. */
void sop_tries(struct sop_sock *ss, struct sop_leg *leg);
/* It has refused; the next may be tried. */
void sop_refused(struct sop_sock *ss);
/* It has succeeded, or goes on trying while the call returns. */
void sop_connects(struct sop_sock *ss);
/* The stack in charge knows best how far the connection is. */
void sop_takes_over_state(struct sop_sock *ss);
/* The attempt or the connection is over: the socket is free again. */
void sop_ends_connect(struct sop_sock *ss);
/* A datagram socket is aimed at a net of another stack: what came by this one stays readable. */
void sop_moves_on(struct sop_sock *ss);

/* Records the decision.  Losers are the other legs. */
void sop_pin_to(struct sop_sock *ss, struct sop_leg *leg, enum sop_pin why);
void sop_release_losers(struct sop_sock *ss);
/* Back to "several may serve"; a drawn port is dropped on all, an explicit one kept on all. */
void sop_unpin(struct sop_sock *ss);
/* accept(): the connection of that leg is the socket's, which has the listener's address. */
void sop_adopts(struct sop_sock *child, struct sop_leg *leg, const struct sop_sock *listener);

/* --- the invariant ---------------------------------------------------------------------------- */

/* For tests: what is wrong with it, NULL: nothing.  Much of it holds only while no call is at the socket and
 * no card has come or gone that it does not know of: else that part is not looked at. */
const char *sop_sock_check(const struct sop_sock *ss);
/* For tests: may all of it be looked at? */
bool sop_sock_rests(const struct sop_sock *ss);

/* At every entry and after every transition, in the library that the tests use. */
#ifdef SOP_CHECKS
#define SOP_CHECK(ss) sop_sock_must_be_right(ss)
void sop_sock_must_be_right(const struct sop_sock *ss);
#else
#define SOP_CHECK(ss) ((void)0)
#endif

#endif
