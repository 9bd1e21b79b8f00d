/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IGMP, version 2 (RFC 2236), a host's part: it tells the routers of a net which groups to send
 * there.  Times and habits are those of 2.4's net/ipv4/igmp.c.
 *
 * A new group is reported after up to a second, since RFC 2236's "immediately" would make machines
 * that start together speak together, and twice again, each time within ten seconds.  A query sets
 * the timers of the groups asked for to a random date; who hears another member's report keeps
 * silent.  Who reported last says so when it leaves.  While a router of version 1 is present,
 * reports are of that version and nobody tells of leaving.
 */
#include "net/engine/chain.h"
#include "net/engine/internal.h"
#include "net/engine/ip.h"
#include "net/engine/mcast.h"
#include "net/engine/netif.h"
#include "net/engine/wire.h"

enum { UNSOLICITED_REPORTS = 2 };
static const sim_time initial_delay = 1 * SIM_S;
static const sim_time unsolicited_interval = 10 * SIM_S;
static const sim_time query_response = 10 * SIM_S; /* that version 1 does not tell */
static const sim_time v1_router_present = 400 * SIM_S;

static struct if_group *group_of(struct net_timer *t) {
	return (struct if_group *)((char *)t - offsetof(struct if_group, timer));
}

static bool v1_seen(const struct net_if *ifp) { return stack_now(ifp->st) < ifp->v1_until; }

/* --- sending ---------------------------------------------------------------------------------- */

static void igmp_send(struct net_if *ifp, uint8_t type, uint32_t group, uint32_t dst) {
	struct net_stack *st = ifp->st;
	struct path path = {.ifp = ifp, .nexthop = dst};
	struct ip_out out = {.src = ifp->addr,
	                     .dst = dst,
	                     .protocol = IPPROTO_IGMP,
	                     .ttl = 1,
	                     .df = true,
	                     .router_alert = true,
	                     .kind = NET_KIND_OTHER};
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, IGMP_BYTES);
	uint8_t *m = frame_data(f);

	f->len = IGMP_BYTES;
	m[0] = type;
	m[1] = 0;
	put16(m + 2, 0);
	put32(m + 4, group);
	put16(m + 2, cksum_fold(cksum_add(0, m, IGMP_BYTES)));
	st->n.igmp_out++;
	ip_output(st, &path, &out, f);
}

static void start(struct if_group *g, sim_time most) {
	struct net_stack *st = g->ifp->st;

	timer_set(st, &g->timer, stack_now(st) + (sim_time)(stack_random(st) % (uint64_t)most));
}

void igmp_fire(struct net_stack *st, struct net_timer *t) {
	struct if_group *g = group_of(t);

	(void)st;
	if (!g->ifp->addr) { /* nobody to send it as: later */
		start(g, unsolicited_interval);
		return;
	}
	igmp_send(g->ifp, v1_seen(g->ifp) ? IGMP_REPORT_V1 : IGMP_REPORT_V2, g->g.addr, g->g.addr);
	g->reporter = true;
	if (g->unsolicited) {
		g->unsolicited--;
		start(g, unsolicited_interval);
	}
}

/* --- joining and leaving ---------------------------------------------------------------------- */

static bool is_reported(const struct if_group *g) {
	return g->g.addr != INADDR_ALLHOSTS_GROUP && !g->ifp->loopback;
}

void igmp_joined(struct if_group *g) {
	if (!is_reported(g))
		return;
	g->unsolicited = UNSOLICITED_REPORTS;
	g->reporter = false;
	start(g, initial_delay);
}

void igmp_stop(struct if_group *g) {
	timer_stop(g->ifp->st, &g->timer);
	g->reporter = false;
	g->unsolicited = 0;
}

void igmp_left(struct if_group *g) {
	bool tell = g->reporter && g->ifp->up && g->ifp->addr && !v1_seen(g->ifp);

	igmp_stop(g);
	if (tell)
		igmp_send(g->ifp, IGMP_LEAVE, g->g.addr, INADDR_ALLRTRS_GROUP);
}

/* --- hearing ---------------------------------------------------------------------------------- */

/* A timer that ends within the time asked for goes on. */
static void answer_within(struct if_group *g, sim_time most) {
	g->unsolicited = 0;
	if (timer_runs(&g->timer) && g->timer.when - stack_now(g->ifp->st) < most)
		return;
	start(g, most);
}

static void heard_query(struct net_if *ifp, uint8_t tenths, uint32_t group) {
	sim_time most = tenths * (SIM_S / 10);

	if (!tenths) {
		most = query_response;
		ifp->v1_until = stack_now(ifp->st) + v1_router_present;
		group = 0;
	}
	for (struct if_group *g = ifp->groups; g; g = g->next)
		if (is_reported(g) && (!group || group == g->g.addr))
			answer_within(g, most);
}

static void heard_report(struct net_if *ifp, uint32_t group) {
	for (struct if_group *g = ifp->groups; g; g = g->next)
		if (g->g.addr == group && is_reported(g))
			igmp_stop(g);
}

static void igmp_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                       struct frame *chain, size_t len) {
	uint8_t *m = chain_flatten(chain, len);

	chain_free(chain);
	st->n.igmp_in++;
	if (len < IGMP_BYTES || cksum_fold(cksum_add(0, m, len)) != 0 || ifp->loopback) {
		g_free(m);
		return;
	}
	if (m[0] == IGMP_QUERY)
		heard_query(ifp, m[1], get32(m + 4));
	else if ((m[0] == IGMP_REPORT_V1 || m[0] == IGMP_REPORT_V2) && !ip->looped)
		heard_report(ifp, get32(m + 4));
	g_free(m);
}

const struct protocol igmp_protocol = {.input = igmp_input};
