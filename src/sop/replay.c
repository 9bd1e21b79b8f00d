/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records: what was set on the inner sockets is set on those that are made later.
 *
 * Memberships are recorded with their stack, since only there they can be left, and since an inner
 * socket that is made anew there must join again; so must one on a card that came in another's
 * place and took over its address.  They are the interface's, as in 2.4: it is remembered by its
 * number, since its address may be another, or nobody's while it is down, when the inner socket is
 * made anew.
 */
#include "sop/carry.h"

#include <string.h>

#include "sop/sock.h"

/* --- options ---------------------------------------------------------------------------------- */

static void free_option(void *p) { g_free(((struct sop_option *)p)->val); }

void sop_record_option(struct sop_sock *ss, const struct sop_option *opt) {
	struct sop_option copy = *opt;

	if (ss->pin == SOP_PIN_accept || ss->pin == SOP_PIN_bind)
		return; /* no other inner socket will ever be made */
	if (!ss->options) {
		ss->options = g_array_new(FALSE, FALSE, sizeof(struct sop_option));
		g_array_set_clear_func(ss->options, free_option);
	}
	for (guint i = 0; i < ss->options->len; i++) {
		const struct sop_option *old = &g_array_index(ss->options, struct sop_option, i);

		if (old->level == opt->level && old->name == opt->name) {
			g_array_remove_index(ss->options, i);
			break;
		}
	}
	copy.val = g_memdup2(opt->val, (gsize)opt->len);
	g_array_append_val(ss->options, copy);
}

void leg_replay_options(struct sop_leg *leg) {
	const GArray *options = leg->ss->options;

	for (guint i = 0; options && i < options->len; i++) {
		const struct sop_option *opt = &g_array_index(options, struct sop_option, i);

		if (leg_setsockopt(leg, opt->level, opt->name, opt->val, opt->len))
			sop_count(leg->ss, SOP_EV_partial_option);
	}
}

void sop_forget_options(struct sop_sock *ss) {
	if (ss->options)
		g_array_unref(ss->options);
	ss->options = NULL;
}

/* --- groups ----------------------------------------------------------------------------------- */

static struct sop_stack *best_route(const struct sop *sop, uint32_t group) {
	struct sop_stack *best = NULL;
	int most = -1;

	for (struct sop_stack *st = sop->stacks; st; st = st->next) {
		int prefix = st->gone ? -1 : SOP_ASK(st, route, group);

		if (prefix > most) {
			most = prefix;
			best = st;
		}
	}
	return best;
}

/* The stack of the interface that a request names; NULL: of none. */
struct sop_stack *sop_group_stack(const struct sop *sop, const struct ip_mreqn *r) {
	if (r->imr_ifindex)
		return sop_device_by_index(sop, (uint32_t)r->imr_ifindex);
	if (r->imr_address.s_addr)
		return sop_owner(sop, g_ntohl(r->imr_address.s_addr));
	return best_route(sop, g_ntohl(r->imr_multiaddr.s_addr));
}

struct sop_membership *sop_nth_group(const struct sop_sock *ss, guint i) {
	return &g_array_index(ss->groups, struct sop_membership, i);
}

struct sop_membership sop_membership(const struct ip_mreqn *r, struct sop_stack *st) {
	return (struct sop_membership){*r, st, SOP_ASK(st, group_device, r), 1};
}

void sop_record_group(struct sop_sock *ss, const struct ip_mreqn *r, struct sop_stack *st) {
	struct sop_membership new = sop_membership(r, st);

	if (!ss->groups)
		ss->groups = g_array_new(FALSE, FALSE, sizeof(struct sop_membership));
	for (guint i = 0; i < ss->groups->len; i++)
		if (sop_nth_group(ss, i)->stack == st &&
		    sop_nth_group(ss, i)->device == new.device &&
		    !memcmp(&sop_nth_group(ss, i)->request, r, sizeof *r)) {
			sop_nth_group(ss, i)->count++;
			return;
		}
	g_array_append_val(ss->groups, new);
}

/* The newest that a request to leave fits, as ip_mc_leave_group() finds it; -1. */
int sop_find_group(const struct sop_sock *ss, const struct ip_mreqn *r) {
	for (guint i = ss->groups ? ss->groups->len : 0; i > 0; i--) {
		const struct ip_mreqn *have = &sop_nth_group(ss, i - 1)->request;

		if (have->imr_multiaddr.s_addr == r->imr_multiaddr.s_addr &&
		    have->imr_address.s_addr == r->imr_address.s_addr &&
		    (!r->imr_ifindex ||
		     sop_nth_group(ss, i - 1)->device == (uint32_t)r->imr_ifindex))
			return (int)i - 1;
	}
	return -1;
}

void sop_forget_groups(struct sop_sock *ss) {
	if (ss->groups)
		g_array_unref(ss->groups);
	ss->groups = NULL;
}

struct sop_stack *sop_heir_of(const struct sop_sock *ss, const struct sop_membership *m) {
	struct sop_stack *st;

	if (!m->stack || !m->stack->gone)
		return NULL;
	st = sop_group_stack(ss->sop, &m->request);
	return st && !st->gone && !sop_is_inet(st) ? st : NULL;
}

void leg_take_over(struct sop_leg *leg, struct sop_membership *m, int name) {
	struct sop_stack *st = leg->stack;
	struct ip_mreqn r = m->request;
	unsigned times = m->count;

	/* First: the calls may sleep. */
	if (m->stack != st)
		m->device = SOP_ASK(st, group_device, &r);
	m->stack = st;
	r.imr_ifindex = (int)m->device;
	while (times-- > 0)
		if (leg_setsockopt(leg, IPPROTO_IP, name, &r, sizeof r))
			sop_count(leg->ss, SOP_EV_partial_option);
}

static bool concerns(const struct sop_leg *leg, const struct sop_membership *m) {
	return m->stack == leg->stack || (m->stack && sop_heir_of(leg->ss, m) == leg->stack);
}

void leg_replay_groups(struct sop_leg *leg) {
	struct sop_sock *ss = leg->ss;

	if (concerns(leg, &ss->mcast_if))
		leg_take_over(leg, &ss->mcast_if, IP_MULTICAST_IF);
	for (guint i = 0; ss->groups && i < ss->groups->len; i++)
		if (concerns(leg, sop_nth_group(ss, i)))
			leg_take_over(leg, sop_nth_group(ss, i), IP_ADD_MEMBERSHIP);
}
