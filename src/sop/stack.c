/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * INET and the cards as instances of one thing.  From here up nobody knows which is which, but for
 * the rules in which INET has a part of its own (it represents the socket, it comes first).
 */
#include "sop/stack.h"

#include <errno.h>
#include <linux/sockios.h>

#include "host/dev/dev.h"
#include "host/inet/inet.h"

/* --- INET ------------------------------------------------------------------------------------- */

static struct net_stack *host_stack(struct sop_stack *st) { return st->sop->kernel->stack; }

/* The saved family's create: sock_create(PF_INET) would come back to SOP. */
static int inet_stack_create(struct sop_stack *st, struct socket *inner, int protocol) {
	return st->sop->inet->create(st->sop->kernel, inner, protocol);
}

static bool inet_stack_owns_addr(struct sop_stack *st, uint32_t addr) {
	return addr >> 24 == IN_LOOPBACKNET || net_is_local(host_stack(st), addr);
}

static int inet_stack_route(struct sop_stack *st, uint32_t dst) {
	const struct net_route *rt = net_route_lookup(host_stack(st), dst);

	return rt ? __builtin_popcount(rt->mask) : -1;
}

static bool inet_stack_is_broadcast(struct sop_stack *st, uint32_t addr) {
	struct net_if_config conf;

	for (struct net_if *ifp = NULL; (ifp = net_if_next(host_stack(st), ifp));) {
		net_if_get(ifp, &conf);
		if (conf.broadcast && conf.broadcast == addr)
			return true;
	}
	return false;
}

static bool inet_stack_on_link(struct sop_stack *st, uint32_t addr) {
	const struct net_route *rt = net_route_lookup(host_stack(st), addr);

	return rt && !rt->gateway && rt->mask;
}

static bool inet_stack_has_device(struct sop_stack *st, const char *name) {
	return net_if_find(host_stack(st), name);
}

static int inet_stack_ioctl(struct sop_stack *st, unsigned long cmd, void *arg) {
	return dev_ioctl(st->sop->kernel, cmd, arg);
}

static int64_t inet_stack_route_metric(struct sop_stack *st, const struct rtentry *rt) {
	return stack_route_metric(host_stack(st), rt);
}

static uint32_t inet_stack_generation(struct sop_stack *st) {
	return net_config_generation(host_stack(st));
}

static uint32_t inet_stack_group_device(struct sop_stack *st, const struct ip_mreqn *request) {
	return net_group_device(host_stack(st), request);
}

static const struct sop_stack_ops inet_stack_ops = {
	.create = inet_stack_create,
	.owns_addr = inet_stack_owns_addr,
	.route = inet_stack_route,
	.is_broadcast = inet_stack_is_broadcast,
	.on_link = inet_stack_on_link,
	.has_device = inet_stack_has_device,
	.ioctl = inet_stack_ioctl,
	.route_metric = inet_stack_route_metric,
	.generation = inet_stack_generation,
	.group_device = inet_stack_group_device,
};

/* --- cards ------------------------------------------------------------------------------------ */

static int card_create(struct sop_stack *st, struct socket *inner, int protocol) {
	return st->td->ops->create(st->td, inner, protocol);
}

static bool card_owns_addr(struct sop_stack *st, uint32_t addr) {
	return st->td->ops->owns_addr(st->td, addr);
}

static int card_route(struct sop_stack *st, uint32_t dst) {
	return st->td->ops->route(st->td, dst);
}

static bool card_is_broadcast(struct sop_stack *st, uint32_t addr) {
	return st->td->ops->is_broadcast(st->td, addr);
}

static bool card_on_link(struct sop_stack *st, uint32_t addr) {
	return st->td->ops->on_link(st->td, addr);
}

static bool card_has_device(struct sop_stack *st, const char *name) {
	return g_strcmp0(st->td->name, name) == 0;
}

static int card_ioctl(struct sop_stack *st, unsigned long cmd, void *arg) {
	return st->td->ops->ioctl(st->td, cmd, arg);
}

static int64_t card_route_metric(struct sop_stack *st, const struct rtentry *rt) {
	return st->td->ops->route_metric(st->td, rt);
}

static uint32_t card_generation(struct sop_stack *st) { return st->td->ops->generation(st->td); }

/* It has one. */
static uint32_t card_group_device(struct sop_stack *st, const struct ip_mreqn *request) {
	struct ifreq ifr;

	(void)request;
	g_strlcpy(ifr.ifr_name, st->td->name, sizeof ifr.ifr_name);
	return card_ioctl(st, SIOCGIFINDEX, &ifr) ? 0 : (uint32_t)ifr.ifr_ifindex;
}

static const struct sop_stack_ops card_stack_ops = {
	.create = card_create,
	.accepts_into_made = true,
	.owns_addr = card_owns_addr,
	.route = card_route,
	.is_broadcast = card_is_broadcast,
	.on_link = card_on_link,
	.has_device = card_has_device,
	.ioctl = card_ioctl,
	.route_metric = card_route_metric,
	.generation = card_generation,
	.group_device = card_group_device,
};

/* --- both ------------------------------------------------------------------------------------- */

static struct sop_stack *stack_new(struct sop *sop, const char *name,
                                   const struct sop_stack_ops *ops, struct toedev *td) {
	static const char *const events[] = {
#define X(name) #name,
		SOP_STACK_EVENTS(X)
#undef X
	};
	struct sop_stack *st = g_new0(struct sop_stack, 1);

	g_strlcpy(st->name, name, sizeof st->name);
	st->sop = sop;
	st->ops = ops;
	st->td = td;
	for (unsigned i = 0; i < SOP_STACK_EV_COUNT; i++)
		st->count_name[i] = g_strdup_printf("%s.%s", name, events[i]);
	return st;
}

struct sop_stack *sop_stack_new_inet(struct sop *sop) {
	return stack_new(sop, "inet", &inet_stack_ops, NULL);
}

struct sop_stack *sop_stack_new_card(struct sop *sop, struct toedev *td) {
	return stack_new(sop, td->name, &card_stack_ops, td);
}

int sop_stack_socket(struct sop_stack *st, struct socket *inner, int protocol) {
	return st->gone ? -ENETDOWN : st->ops->create(st, inner, protocol);
}

void sop_stack_free(struct sop_stack *st) {
	for (unsigned i = 0; i < SOP_STACK_EV_COUNT; i++)
		g_free(st->count_name[i]);
	g_free(st);
}

/* A removed card answers nothing; a failed one is still asked what belongs to it, so that its
 * address does not become somebody else's. */
static struct sop_stack *next_present(const struct sop *sop, struct sop_stack *st) {
	do
		st = st ? st->next : sop->stacks;
	while (st && st != sop->stacks && !st->td);
	return st;
}

uint32_t sop_generation(const struct sop *sop) {
	uint32_t sum = sop->epoch;

	for (struct sop_stack *st = NULL; (st = next_present(sop, st));)
		sum += st->ops->generation(st);
	return sum;
}

struct sop_stack *sop_owner(const struct sop *sop, uint32_t addr) {
	for (struct sop_stack *st = NULL; (st = next_present(sop, st));)
		if (st->ops->owns_addr(st, addr))
			return st;
	return NULL;
}

struct sop_stack *sop_neighbour(const struct sop *sop, uint32_t addr) {
	for (struct sop_stack *st = NULL; (st = next_present(sop, st));)
		if (st->ops->on_link(st, addr))
			return st;
	return NULL;
}

struct sop_stack *sop_device(const struct sop *sop, const char *name) {
	for (struct sop_stack *st = NULL; (st = next_present(sop, st));)
		if (st->ops->has_device(st, name))
			return st;
	return NULL;
}

/* Interfaces are numbered throughout the machine: only one stack has it. */
struct sop_stack *sop_device_by_index(const struct sop *sop, uint32_t index) {
	struct ifreq ifr = {.ifr_ifindex = (int)index};

	for (struct sop_stack *st = NULL; (st = next_present(sop, st));)
		if (!st->ops->ioctl(st, SIOCGIFNAME, &ifr))
			return st;
	return NULL;
}

struct sop_stack *sop_route_holder(const struct sop *sop, const struct rtentry *rt) {
	struct sop_stack *holder = NULL;
	int64_t least = G_MAXINT64;

	for (struct sop_stack *st = NULL; (st = next_present(sop, st));) {
		int64_t metric = st->ops->route_metric(st, rt);

		if (metric >= 0 && metric < least) {
			least = metric;
			holder = st;
		}
	}
	return holder;
}

struct sop_stack *sop_broadcaster(const struct sop *sop, uint32_t addr) {
	for (struct sop_stack *st = NULL; (st = next_present(sop, st));)
		if (st->ops->is_broadcast(st, addr))
			return st;
	return NULL;
}
