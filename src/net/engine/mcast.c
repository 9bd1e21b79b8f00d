/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups (RFC 1112).  A socket's memberships are its own; an interface takes part in a group as
 * long as any socket of the machine has joined it there, and hands the group's datagrams to whoever
 * is bound to their port: net/ipv4/igmp.c (ip_mc_join_group() ...) and ip_sockglue.c of 2.4.
 */
#include "net/engine/mcast.h"
#include "net/engine/internal.h"
#include "net/engine/mac_filter.h"
#include "net/engine/netif.h"

/* sysctl_igmp_max_memberships of 2.4, per socket */
enum { MAX_MEMBERSHIPS = 20 };

struct membership {
	struct membership *next;
	uint32_t group, addr; /* addr: what named the interface; 0: its number or the route */
	struct net_if *ifp;   /* NULL: it is gone */
	unsigned count;       /* joined so often; more than once only where addr is 0 */
};

struct mcast {
	uint8_t ttl;
	bool loop;
	uint32_t addr; /* IP_MULTICAST_IF */
	struct net_if *ifp;
	struct membership *joined;
};

/* What an option names: struct ip_mreq and ip_mreqn in host byte order. */
struct request {
	uint32_t group, addr, index;
};

static struct request request_of(const struct ip_mreqn *mreq) {
	return (struct request){g_ntohl(mreq->imr_multiaddr.s_addr),
	                        g_ntohl(mreq->imr_address.s_addr), (uint32_t)mreq->imr_ifindex};
}

static struct mcast *mcast_of(struct user_sock *us) {
	if (!us->mcast) {
		us->mcast = g_new0(struct mcast, 1);
		us->mcast->ttl = 1;
		us->mcast->loop = true;
	}
	return us->mcast;
}

/* --- interfaces ------------------------------------------------------------------------------- */

void if_filter_changed(struct net_if *ifp) {
	struct net_stack *st = ifp->st;

	if (st->ops->filter && !ifp->loopback)
		st->ops->filter(st->owner, ifp);
}

const struct net_group *net_group_next(const struct net_if *ifp, const struct net_group *group) {
	const struct if_group *g = group ? ((const struct if_group *)group)->next : ifp->groups;

	return g ? &g->g : NULL;
}

static struct if_group *find_group(const struct net_if *ifp, uint32_t group) {
	struct if_group *g = ifp->groups;

	while (g && g->g.addr != group)
		g = g->next;
	return g;
}

bool if_has_group(const struct net_if *ifp, uint32_t group) { return find_group(ifp, group); }

static void group_join(struct net_if *ifp, uint32_t group) {
	struct if_group *g = find_group(ifp, group);

	if (g) {
		g->g.users++;
		return;
	}
	g = g_new0(struct if_group, 1);
	g->g = (struct net_group){group, 1};
	g->ifp = ifp;
	g->timer.fire = igmp_fire;
	g->next = ifp->groups;
	ifp->groups = g;
	if_filter_changed(ifp);
	if (ifp->up)
		igmp_joined(g);
}

static void group_leave(struct net_if *ifp, uint32_t group) {
	struct if_group **at = &ifp->groups, *g;

	while (*at && (*at)->g.addr != group)
		at = &(*at)->next;
	g = *at;
	if (!g || --g->g.users)
		return;
	*at = g->next;
	if_filter_changed(ifp);
	igmp_left(g);
	g_free(g);
}

/* The routers are told of all groups anew, as ip_mc_up() does. */
void if_groups_up(struct net_if *ifp) {
	group_join(ifp, INADDR_ALLHOSTS_GROUP);
	for (struct if_group *g = ifp->groups; g; g = g->next)
		igmp_joined(g);
}

/* Too late to tell anybody: the interface is down. */
void if_groups_down(struct net_if *ifp) {
	for (struct if_group *g = ifp->groups; g; g = g->next)
		igmp_stop(g);
	group_leave(ifp, INADDR_ALLHOSTS_GROUP);
}

void if_groups_free(struct net_if *ifp) {
	while (ifp->groups) {
		struct if_group *g = ifp->groups;

		ifp->groups = g->next;
		igmp_stop(g);
		g_free(g);
	}
}

/* --- which interface -------------------------------------------------------------------------- */

/* ip_dev_find(): addresses of interfaces that are down are nobody's. */
static struct net_if *if_by_addr(const struct net_stack *st, uint32_t addr) {
	for (struct net_if *ifp = st->ifs; ifp; ifp = ifp->next)
		if (ifp->up && ifp->addr &&
		    (ifp->addr == addr || (ifp->loopback && is_loopback(addr))))
			return ifp;
	return NULL;
}

/* ip_mc_find_dev(): its number, its address, or where the group's route leads. */
static struct net_if *if_of_request(const struct net_stack *st, const struct request *r) {
	const struct net_route *rt;

	if (r->index)
		return net_if_by_index(st, r->index);
	if (r->addr)
		return if_by_addr(st, r->addr);
	rt = route_find(st, r->group, NULL);
	return rt ? rt->ifp : NULL;
}

uint32_t net_group_device(const struct net_stack *st, const struct ip_mreqn *mreq) {
	const struct request r = request_of(mreq);
	const struct net_if *ifp = if_of_request(st, &r);

	return ifp ? ifp->index : 0;
}

/* --- memberships ------------------------------------------------------------------------------ */

static int join(struct user_sock *us, const struct request *r) {
	struct mcast *mc = mcast_of(us);
	struct net_if *ifp;
	struct membership *m;
	unsigned n = 0;

	if (!IN_MULTICAST(r->group))
		return -EINVAL;
	ifp = if_of_request(us->so.st, r);
	if (!ifp)
		return -ENODEV;
	for (m = mc->joined; m; m = m->next, n++) {
		if (m->group != r->group || m->addr != r->addr || m->ifp != ifp)
			continue;
		if (r->addr)
			return -EADDRINUSE;
		m->count++;
		return 0;
	}
	if (n >= MAX_MEMBERSHIPS)
		return -ENOBUFS;
	m = g_new(struct membership, 1);
	*m = (struct membership){mc->joined, r->group, r->addr, ifp, 1};
	mc->joined = m;
	group_join(ifp, r->group);
	return 0;
}

static void end_membership(struct membership **at) {
	struct membership *m = *at;

	*at = m->next;
	if (m->ifp)
		group_leave(m->ifp, m->group);
	g_free(m);
}

/* Without a number the first that fits, whichever interface it is on: ip_mc_leave_group(). */
static int leave(struct user_sock *us, const struct request *r) {
	struct membership **at = us->mcast ? &us->mcast->joined : NULL;

	for (; at && *at; at = &(*at)->next) {
		struct membership *m = *at;

		if (m->group != r->group || m->addr != r->addr ||
		    (r->index && (!m->ifp || m->ifp->index != r->index)))
			continue;
		if (--m->count == 0)
			end_membership(at);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

void mcast_close(struct user_sock *us) {
	if (!us->mcast)
		return;
	while (us->mcast->joined)
		end_membership(&us->mcast->joined);
	g_free(us->mcast);
	us->mcast = NULL;
}

void mcast_forget_interface(struct user_sock *us, const struct net_if *ifp) {
	if (!us->mcast)
		return;
	if (us->mcast->ifp == ifp) {
		us->mcast->ifp = NULL;
		us->mcast->addr = 0;
	}
	for (struct membership *m = us->mcast->joined; m; m = m->next)
		if (m->ifp == ifp)
			m->ifp = NULL;
}

/* --- sending ---------------------------------------------------------------------------------- */

uint32_t mcast_source(const struct user_sock *us) { return us->mcast ? us->mcast->addr : 0; }

const struct net_if *mcast_device(const struct user_sock *us) {
	if (us->device)
		return us->device;
	return us->mcast ? us->mcast->ifp : NULL;
}

static int set_if(struct user_sock *us, const struct request *r) {
	struct mcast *mc = mcast_of(us);
	struct net_if *ifp = NULL;

	if (us->so.kind == SOCK_KIND_TCP)
		return -EINVAL;
	if (r->index || r->addr) {
		ifp = r->index ? net_if_by_index(us->so.st, r->index)
		               : if_by_addr(us->so.st, r->addr);
		if (!ifp)
			return -EADDRNOTAVAIL;
		if (us->device && us->device != ifp)
			return -EINVAL;
	}
	mc->ifp = ifp;
	mc->addr = r->addr;
	us->path.generation = 0;
	return 0;
}

/* --- options ---------------------------------------------------------------------------------- */

/* struct ip_mreq, struct ip_mreqn, and for IP_MULTICAST_IF an address alone. */
static bool read_request(int name, const void *value, socklen_t len, struct request *r) {
	struct ip_mreqn mreq = {0};

	if (len >= sizeof mreq)
		memcpy(&mreq, value, sizeof mreq);
	else if (name == IP_MULTICAST_IF && len >= sizeof mreq.imr_address)
		memcpy(&mreq.imr_address, value, sizeof mreq.imr_address);
	else if (name != IP_MULTICAST_IF && len >= sizeof(struct ip_mreq))
		memcpy(&mreq, value, sizeof(struct ip_mreq));
	else
		return false;
	*r = request_of(&mreq);
	return true;
}

int mcast_setopt(struct user_sock *us, int name, const void *value, socklen_t len) {
	struct request r;

	if (!read_request(name, value, len, &r))
		return -EINVAL;
	switch (name) {
	case IP_ADD_MEMBERSHIP:
		return join(us, &r);
	case IP_DROP_MEMBERSHIP:
		return leave(us, &r);
	default:
		return set_if(us, &r);
	}
}

int mcast_set_number(struct user_sock *us, int name, int value) {
	if (name == IP_MULTICAST_LOOP) {
		mcast_of(us)->loop = value != 0;
		return 0;
	}
	if (us->so.kind == SOCK_KIND_TCP)
		return -EINVAL;
	if (value == -1)
		value = 1;
	if (value < 0 || value > 255)
		return -EINVAL;
	mcast_of(us)->ttl = (uint8_t)value;
	return 0;
}

int mcast_get_number(const struct user_sock *us, int name) {
	if (!us->mcast)
		return 1;
	return name == IP_MULTICAST_LOOP ? us->mcast->loop : us->mcast->ttl;
}
