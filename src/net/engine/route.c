/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routing table: a list in the order of lookup, since the machines modelled have few routes;
 * what is looked up for every packet is kept in paths (ip.c). */
#include "net/engine/internal.h"
#include "net/engine/netif.h"
#include "net/engine/path.h"

static bool before(const struct net_route *a, const struct net_route *b) {
	return a->mask != b->mask ? a->mask > b->mask : a->metric < b->metric;
}

static bool same(const struct net_route *a, const struct net_route *b) {
	return a->dst == b->dst && a->mask == b->mask && a->metric == b->metric &&
	       a->gateway == b->gateway && a->ifp == b->ifp;
}

/* Before those that are as good, or behind them. */
static void insert(struct net_stack *st, const struct net_route *rt, bool first) {
	struct route *r = g_new0(struct route, 1), **at = &st->routes;

	r->rt = *rt;
	while (*at && (first ? before(&(*at)->rt, rt) : !before(rt, &(*at)->rt)))
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	paths_changed(st);
}

/* Connected routes stand in the order of their coming (NLM_F_APPEND in fib_magic() of 2.4). */
void route_connected(struct net_if *ifp, uint32_t addr, uint32_t mask) {
	struct net_route rt = {.dst = addr & mask, .mask = mask, .ifp = ifp};

	insert(ifp->st, &rt, false);
}

void routes_drop(const struct net_if *ifp) {
	struct route **at = &ifp->st->routes;

	while (*at) {
		struct route *r = *at;

		if (r->rt.ifp == ifp) {
			*at = r->next;
			g_free(r);
		} else {
			at = &r->next;
		}
	}
}

int net_route_add(struct net_stack *st, const struct net_route *rt) {
	struct net_route new = *rt;

	new.dst &= new.mask;
	if (new.gateway) {
		const struct net_route *via = net_route_lookup(st, new.gateway);

		/* A gateway must be a neighbour, or packets could never be handed to it. */
		if (!via || via->gateway || (new.ifp && via->ifp != new.ifp))
			return -ENETUNREACH;
		new.ifp = via->ifp;
	}
	if (!new.ifp)
		return -ENETUNREACH;
	if (!new.ifp->up)
		return -ENETDOWN;
	for (const struct route *r = st->routes; r; r = r->next)
		if (same(&r->rt, &new))
			return -EEXIST;
	insert(st, &new, true);
	return 0;
}

static bool matches(const struct net_route *rt, const struct net_route *wanted) {
	return rt->dst == (wanted->dst & wanted->mask) && rt->mask == wanted->mask &&
	       (!wanted->gateway || rt->gateway == wanted->gateway) &&
	       (!wanted->ifp || rt->ifp == wanted->ifp) &&
	       (!wanted->metric || rt->metric == wanted->metric);
}

const struct net_route *net_route_match(const struct net_stack *st, const struct net_route *rt) {
	for (const struct route *r = st->routes; r; r = r->next)
		if (matches(&r->rt, rt))
			return &r->rt;
	return NULL;
}

int net_route_del(struct net_stack *st, const struct net_route *rt) {
	const struct net_route *found = net_route_match(st, rt);
	struct route **at = &st->routes;

	if (!found)
		return -ESRCH;
	while (&(*at)->rt != found)
		at = &(*at)->next;
	*at = (*at)->next;
	g_free((struct route *)found);
	paths_changed(st);
	return 0;
}

const struct net_route *route_find(const struct net_stack *st, uint32_t dst,
                                   const struct net_if *only) {
	for (const struct route *r = st->routes; r; r = r->next)
		if ((dst & r->rt.mask) == r->rt.dst && r->rt.ifp->up &&
		    (!only || r->rt.ifp == only))
			return &r->rt;
	return NULL;
}

const struct net_route *net_route_lookup(const struct net_stack *st, uint32_t dst) {
	return route_find(st, dst, NULL);
}

const struct net_route *net_route_next(const struct net_stack *st, const struct net_route *rt) {
	const struct route *r = rt ? ((const struct route *)rt)->next : st->routes;

	return r ? &r->rt : NULL;
}
