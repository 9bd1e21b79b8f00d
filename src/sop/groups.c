/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups.  A membership concerns one stack: that which has the interface, named by its number, its
 * address, or the group's route; INET judges what names none.  IP_MULTICAST_IF names a stack in the
 * same way, and datagrams to groups go by it alone.
 */
#include "sop/ops.h"

#include <string.h>

/* --- requests --------------------------------------------------------------------------------- */

bool sop_is_group_option(int level, int name) {
	return level == IPPROTO_IP &&
	       (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP || name == IP_MULTICAST_IF);
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

/* Whom to ask: the pinned leg, the stack's, else INET's. */
static struct sop_leg *leg_to_ask(struct sop_sock *ss, const struct sop_stack *st) {
	struct sop_leg *leg = ss->ps ? ss->ps : sop_usable_leg(ss, st);
	struct sop_set set;

	if (leg)
		return leg;
	sop_choose_step(ss, SOP_STEP_judge, 0, &set);
	return set.n ? set.leg[0] : NULL;
}

static int ask(struct sop_leg *leg, int name, const struct ip_mreqn *r) {
	return leg ? leg_setsockopt(leg, IPPROTO_IP, name, r, sizeof *r) : -ENETDOWN;
}

/* --- the options ------------------------------------------------------------------------------ */

static int join(struct sop_sock *ss, const struct ip_mreqn *r) {
	struct sop_leg *leg = leg_to_ask(ss, sop_group_stack(ss->sop, r));
	int err = ask(leg, IP_ADD_MEMBERSHIP, r);

	if (!err)
		sop_record_group(ss, r, leg->stack);
	return err;
}

/* What was joined on a card that is gone was left with it. */
static int leave(struct sop_sock *ss, const struct ip_mreqn *r) {
	int at = sop_find_group(ss, r), err = 0;
	struct sop_membership *m;

	if (at < 0)
		return ask(leg_to_ask(ss, sop_group_stack(ss->sop, r)), IP_DROP_MEMBERSHIP, r);
	m = sop_nth_group(ss, (guint)at);
	if (sop_usable_leg(ss, m->stack))
		err = ask(sop_usable_leg(ss, m->stack), IP_DROP_MEMBERSHIP, r);
	at = sop_find_group(ss, r); /* the call may have slept */
	if (!err && at >= 0 && --sop_nth_group(ss, (guint)at)->count == 0)
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
	struct sop_leg *leg = leg_to_ask(ss, sop_group_stack(ss->sop, r));
	int err = ask(leg, IP_MULTICAST_IF, r);

	if (!err)
		ss->mcast_if = sop_membership(r, leg->stack);
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
