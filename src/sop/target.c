/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The legs that a call concerns, by the rule that the table has for it (decision.c).
 */
#include "sop/target.h"

static void put(struct sop_set *set, struct sop_leg *leg) {
	set->leg[set->n++] = leg;
	leg->stack->count[SOP_STACK_chosen]++;
}

static inline bool usable(const struct sop_leg *leg) { return leg->inner && !leg->lost; }

static void fill_all(struct sop_sock *ss, struct sop_set *set) {
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (usable(leg))
			put(set, leg);
}

/* INET, unless the socket had to come back without it: after a disconnect, when its port had been
 * taken there. */
static void fill_first(struct sop_sock *ss, struct sop_set *set) {
	struct sop_leg *leg = ss->legs;

	while (leg && !usable(leg))
		leg = leg->next;
	if (leg)
		put(set, leg);
}

/* The turn goes over the legs that are where the socket is: a card may have refused to listen, or
 * not have come so far yet. */
static void fill_turn(struct sop_sock *ss, struct sop_set *set) {
	struct sop_leg *first = ss->served && ss->served->next ? ss->served->next : ss->legs;
	struct sop_leg *leg = ss->peeked ? ss->peeked : first, *start = leg;

	if (!leg)
		return;
	do {
		if (sop_leg_serves(leg))
			put(set, leg);
		leg = leg->next ? leg->next : ss->legs;
	} while (leg != start);
}

static bool is_multicast(uint32_t addr) { return IN_MULTICAST(addr); }

/* How well a stack serves a destination: prefix length, -1 not at all, 33 the address or the
 * broadcast address of one of its nets: nobody else is asked then. */
static int score(struct sop_sock *ss, struct sop_leg *leg, uint32_t dst) {
	struct sop_stack *st = leg->stack;

	charge(sop_kernel(ss), COST_SOP_ROUTE, 0);
	if (is_multicast(dst) && ss->mcast_if.stack)
		return st == ss->mcast_if.stack ? 33 : -1;
	if (SOP_ASK(st, owns_addr, dst) || SOP_ASK(st, is_broadcast, dst))
		return 33;
	return SOP_ASK(st, route, dst);
}

/* Longest prefix first; of ties the stack that a datagram from there came by last, then in order of
 * the stacks.  A default route has prefix 0 and comes last.
 * Of a multicast or limited broadcast exactly one copy is sent: the best stack alone, INET when
 * none has a route. */
static void fill_route(struct sop_sock *ss, uint32_t dst, struct sop_set *set) {
	int scores[SOP_STACKS_MAX];
	bool single = is_multicast(dst) || dst == INADDR_BROADCAST;
	const struct sop_leg *origin = sop_origin(ss, dst);
	unsigned n = 0, keep;

	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next) {
		int s = usable(leg) ? score(ss, leg, dst) : -1;
		unsigned at = n;

		if (s < 0)
			continue;
		for (; at > 0 && (scores[at - 1] < s || (leg == origin && scores[at - 1] == s));
		     at--) {
			scores[at] = scores[at - 1];
			set->leg[at] = set->leg[at - 1];
		}
		scores[at] = s;
		set->leg[at] = leg;
		n++;
	}
	keep = n && (scores[0] == 33 || single) ? 1 : n;
	if (!n && single && ss->legs && usable(ss->legs)) {
		set->leg[0] = ss->legs;
		keep = 1;
	}
	for (set->n = 0; set->n < keep;)
		put(set, set->leg[set->n]);
}

static void fill_alone(struct sop_sock *ss, struct sop_set *set) {
	if (ss->ps)
		set->leg[set->n++] = ss->ps;
}

void sop_choose_step(struct sop_sock *ss, unsigned what, uint32_t dst, struct sop_set *set) {
	set->n = 0;
	set->rule = sop_rule(what, ss->sk.type == SOCK_DGRAM, sop_phase(ss));
	switch (set->rule) {
	case SOP_FOR_nobody:
		return;
	case SOP_FOR_alone:
		fill_alone(ss, set);
		return;
	case SOP_FOR_inet:
		fill_first(ss, set);
		return;
	case SOP_FOR_all:
		fill_all(ss, set);
		return;
	case SOP_FOR_turn:
		fill_turn(ss, set);
		return;
	case SOP_FOR_route:
		fill_route(ss, dst, set);
		return;
	}
}

void sop_choose(struct sop_sock *ss, enum sop_op op, struct sop_set *set) {
	SOP_CHECK(ss);
	charge(sop_kernel(ss), COST_SOP_DISPATCH, 0);
	ss->sop->op_count[op]++;
	if (!ss->ps && ss->epoch != ss->sop->epoch &&
	    op != SOP_OP_poll) /* which waits for no card */
		sop_refresh(ss);
	sop_choose_step(ss, op, 0, set);
	if (set->rule == SOP_FOR_alone && set->n)
		set->leg[0]
			->stack->count[SOP_STACK_chosen]++; /* once a call; the others in put() */
}

int sop_choose_address(struct sop_sock *ss, uint32_t addr, struct sop_stack **st) {
	struct sop *sop = ss->sop;

	*st = NULL;
	if (addr == INADDR_ANY || addr == INADDR_BROADCAST || is_multicast(addr))
		return 0;
	*st = sop_owner(sop, addr);
	if (!*st)
		*st = sop_broadcaster(sop, addr);
	return *st ? 0 : -EADDRNOTAVAIL;
}
