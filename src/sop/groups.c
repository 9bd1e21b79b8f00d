/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups.  A membership concerns one stack: that which has the interface, named by its number, its
 * address, or the group's route; INET judges what names none.  Memberships are remembered with
 * their stack, since only there they can be left, and since an inner socket that is made anew there
 * must join again; so must one on a card that came in another's place and took over its address.
 * They are the interface's, as in 2.4: it is remembered by its number, since its address may be
 * another, or nobody's while it is down, when the inner socket is made anew.
 * IP_MULTICAST_IF names a stack in the same way, and datagrams to groups go by it alone.
 */
#include "sop/internal.h"

#include <string.h>

#include "host/dev/dev.h"

/* --- requests --------------------------------------------------------------------------------- */

bool sop_is_group_option(int level, int name) {
	return level == IPPROTO_IP && (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP ||
	                               name == IP_MULTICAST_IF);
}

/* The three forms of 2.4's ip_setsockopt(); false: too short. */
static bool read_request(int name, const void *val, int len, struct ip_mreqn *r) {
	size_t size = len > 0 && val ? (size_t)len : 0;

	memset(r, 0, sizeof *r);
	if (size >= sizeof *r)
		memcpy(r, val, sizeof *r);
	else if (name == IP_MULTICAST_IF && size >= sizeof r->imr_address)
		memcpy(&r->imr_address, val, sizeof r->imr_address);
	else if (name != IP_MULTICAST_IF && size >= sizeof(struct ip_mreq))
		memcpy(r, val, sizeof(struct ip_mreq));
	else
		return false;
	return true;
}

static bool names_none(const struct ip_mreqn *r) {
	return !r->imr_ifindex && !r->imr_address.s_addr;
}

static struct sop_stack *best_route(const struct sop *sop, uint32_t group) {
	struct sop_stack *best = NULL;
	int most = -1;

	for (struct sop_stack *st = sop->stacks; st; st = st->next) {
		int prefix = st->gone ? -1 : st->ops->route(st, group);

		if (prefix > most) {
			most = prefix;
			best = st;
		}
	}
	return best;
}

/* The stack of the interface that a request names; NULL: of none. */
static struct sop_stack *stack_of(const struct sop *sop, const struct ip_mreqn *r) {
	if (r->imr_ifindex)
		return sop_device_by_index(sop, (uint32_t)r->imr_ifindex);
	if (r->imr_address.s_addr)
		return sop_owner(sop, g_ntohl(r->imr_address.s_addr));
	return best_route(sop, g_ntohl(r->imr_multiaddr.s_addr));
}

static struct sop_leg *usable_leg(struct sop_sock *ss, const struct sop_stack *st) {
	struct sop_leg *leg = st ? sop_leg_of(ss, st) : NULL;

	return leg && leg->inner && !leg->lost ? leg : NULL;
}

/* Whom to ask: the pinned leg, the stack's, else INET's. */
static struct sop_leg *leg_to_ask(struct sop_sock *ss, const struct sop_stack *st) {
	struct sop_leg *leg = ss->ps ? ss->ps : usable_leg(ss, st);
	struct sop_set set;

	if (leg)
		return leg;
	sop_fill(ss, SOP_FOR_INET, 0, &set);
	return set.n ? set.leg[0] : NULL;
}

static int ask(struct sop_leg *leg, int name, const struct ip_mreqn *r) {
	return leg ? leg_setsockopt(leg, IPPROTO_IP, name, r, sizeof *r) : -ENETDOWN;
}

/* --- the record ------------------------------------------------------------------------------- */

static struct sop_membership *nth(const struct sop_sock *ss, guint i) {
	return &g_array_index(ss->groups, struct sop_membership, i);
}

static struct sop_membership membership(const struct ip_mreqn *r, struct sop_stack *st) {
	return (struct sop_membership){*r, st, st->ops->group_device(st, r), 1};
}

static void remember(struct sop_sock *ss, const struct ip_mreqn *r, struct sop_stack *st) {
	struct sop_membership new = membership(r, st);

	if (!ss->groups)
		ss->groups = g_array_new(FALSE, FALSE, sizeof(struct sop_membership));
	for (guint i = 0; i < ss->groups->len; i++)
		if (nth(ss, i)->stack == st && nth(ss, i)->device == new.device &&
		    !memcmp(&nth(ss, i)->request, r, sizeof *r)) {
			nth(ss, i)->count++;
			return;
		}
	g_array_append_val(ss->groups, new);
}

/* The newest that a request to leave fits, as ip_mc_leave_group() finds it; -1. */
static int find(const struct sop_sock *ss, const struct ip_mreqn *r) {
	for (guint i = ss->groups ? ss->groups->len : 0; i > 0; i--) {
		const struct ip_mreqn *have = &nth(ss, i - 1)->request;

		if (have->imr_multiaddr.s_addr == r->imr_multiaddr.s_addr &&
		    have->imr_address.s_addr == r->imr_address.s_addr &&
		    (!r->imr_ifindex || nth(ss, i - 1)->device == (uint32_t)r->imr_ifindex))
			return (int)i - 1;
	}
	return -1;
}

void sop_forget_groups(struct sop_sock *ss) {
	if (ss->groups)
		g_array_unref(ss->groups);
	ss->groups = NULL;
}

/* --- the options ------------------------------------------------------------------------------ */

static int join(struct sop_sock *ss, const struct ip_mreqn *r) {
	struct sop_leg *leg = leg_to_ask(ss, stack_of(ss->sop, r));
	int err = ask(leg, IP_ADD_MEMBERSHIP, r);

	if (!err)
		remember(ss, r, leg->stack);
	return err;
}

/* What was joined on a card that is gone was left with it. */
static int leave(struct sop_sock *ss, const struct ip_mreqn *r) {
	int at = find(ss, r), err = 0;
	struct sop_membership *m;

	if (at < 0)
		return ask(leg_to_ask(ss, stack_of(ss->sop, r)), IP_DROP_MEMBERSHIP, r);
	m = nth(ss, (guint)at);
	if (usable_leg(ss, m->stack))
		err = ask(usable_leg(ss, m->stack), IP_DROP_MEMBERSHIP, r);
	at = find(ss, r); /* the call may have slept */
	if (!err && at >= 0 && --nth(ss, (guint)at)->count == 0)
		g_array_remove_index(ss->groups, (guint)at);
	return err;
}

/* Taken back, it is taken back everywhere. */
static int reset_if(struct sop_sock *ss, const struct sop_set *all, const struct ip_mreqn *r) {
	int err = 0;

	for (unsigned i = 0; i < all->n && !err; i++)
		err = ask(all->leg[i], IP_MULTICAST_IF, r);
	if (!err)
		ss->mcast_if.stack = NULL;
	return err;
}

static int set_if(struct sop_sock *ss, const struct ip_mreqn *r) {
	struct sop_leg *leg = leg_to_ask(ss, stack_of(ss->sop, r));
	int err = ask(leg, IP_MULTICAST_IF, r);

	if (!err)
		ss->mcast_if = membership(r, leg->stack);
	return err;
}

int sop_group_option(struct sop_sock *ss, const struct sop_set *all, int name, const void *val,
                     int len) {
	struct ip_mreqn r;

	if (!read_request(name, val, len, &r)) {
		struct sop_leg *judge = leg_to_ask(ss, NULL);

		return judge ? leg_setsockopt(judge, IPPROTO_IP, name, val, len) : -ENETDOWN;
	}
	if (name == IP_ADD_MEMBERSHIP)
		return join(ss, &r);
	if (name == IP_DROP_MEMBERSHIP)
		return leave(ss, &r);
	ss->last.leg = NULL; /* groups may have another way from now on */
	return names_none(&r) ? reset_if(ss, all, &r) : set_if(ss, &r);
}

/* --- inner sockets made later ------------------------------------------------------------------ */

/* The card in the place of one that is gone: NULL, there is none yet. */
static struct sop_stack *heir_of(const struct sop_sock *ss, const struct sop_membership *m) {
	struct sop_stack *st;

	if (!m->stack || !m->stack->gone)
		return NULL;
	st = stack_of(ss->sop, &m->request);
	return st && !st->gone && !sop_is_inet(st) ? st : NULL;
}

static void take_over(struct sop_leg *leg, struct sop_membership *m, int name) {
	struct sop_stack *st = leg->stack;
	struct ip_mreqn r = m->request;
	unsigned times = m->count;

	/* First: the calls may sleep. */
	if (m->stack != st)
		m->device = st->ops->group_device(st, &r);
	m->stack = st;
	r.imr_ifindex = (int)m->device;
	while (times-- > 0)
		if (ask(leg, name, &r))
			sop_count(leg->ss, SOP_EV_partial_option);
}

static bool concerns(const struct sop_leg *leg, const struct sop_membership *m) {
	return m->stack == leg->stack || (m->stack && heir_of(leg->ss, m) == leg->stack);
}

void leg_replay_groups(struct sop_leg *leg) {
	struct sop_sock *ss = leg->ss;

	if (concerns(leg, &ss->mcast_if))
		take_over(leg, &ss->mcast_if, IP_MULTICAST_IF);
	for (guint i = 0; ss->groups && i < ss->groups->len; i++)
		if (concerns(leg, nth(ss, i)))
			take_over(leg, nth(ss, i), IP_ADD_MEMBERSHIP);
}

static struct sop_leg *heir_leg(struct sop_sock *ss, const struct sop_membership *m) {
	return usable_leg(ss, heir_of(ss, m));
}

bool sop_groups_wait(struct sop_sock *ss) {
	if (heir_leg(ss, &ss->mcast_if))
		return true;
	for (guint i = 0; ss->groups && i < ss->groups->len; i++)
		if (heir_leg(ss, nth(ss, i)))
			return true;
	return false;
}

void sop_groups_follow(struct sop_sock *ss) {
	struct sop_leg *leg = heir_leg(ss, &ss->mcast_if);

	if (leg)
		take_over(leg, &ss->mcast_if, IP_MULTICAST_IF);
	for (guint i = 0; ss->groups && i < ss->groups->len; i++) {
		leg = heir_leg(ss, nth(ss, i));
		if (leg)
			take_over(leg, nth(ss, i), IP_ADD_MEMBERSHIP);
	}
}
