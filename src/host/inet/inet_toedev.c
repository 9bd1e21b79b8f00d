/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * INET as the first of the machine's stacks: what a layer above may ask of any.
 */
#include "host/inet/inet_internal.h"

#include "host/dev/dev.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"

static struct net_stack *td_stack(struct toedev *td) { return td->kernel->stack; }

/* Whoever stands in net_families[] now: sock_create(PF_INET) would come back to him. */
static int td_create(struct toedev *td, struct socket *sock, int protocol) {
	return inet_create(td->kernel, sock, protocol);
}

static bool td_owns_addr(struct toedev *td, uint32_t addr) {
	return addr >> 24 == IN_LOOPBACKNET || net_is_local(td_stack(td), addr);
}

static int td_route(struct toedev *td, uint32_t dst) {
	const struct net_route *rt = net_route_lookup(td_stack(td), dst);

	return rt ? __builtin_popcount(rt->mask) : -1;
}

static bool td_is_broadcast(struct toedev *td, uint32_t addr) {
	struct net_if_config conf;

	for (struct net_if *ifp = NULL; (ifp = net_if_next(td_stack(td), ifp));) {
		net_if_get(ifp, &conf);
		if (conf.broadcast && conf.broadcast == addr)
			return true;
	}
	return false;
}

static bool td_on_link(struct toedev *td, uint32_t addr) {
	const struct net_route *rt = net_route_lookup(td_stack(td), addr);

	return rt && !rt->gateway && rt->mask;
}

static bool td_has_device(struct toedev *td, const char *name) {
	return net_if_find(td_stack(td), name);
}

static int td_ioctl(struct toedev *td, unsigned long cmd, void *arg) {
	return dev_ioctl(td->kernel, cmd, arg);
}

static int64_t td_route_metric(struct toedev *td, const struct rtentry *rt) {
	return stack_route_metric(td_stack(td), rt);
}

static uint32_t td_generation(struct toedev *td) { return net_config_generation(td_stack(td)); }

static uint32_t td_group_device(struct toedev *td, const struct ip_mreqn *request) {
	return net_group_device(td_stack(td), request);
}

static const struct toedev_ops inet_toedev_ops = {
	.create = td_create,
	.owns_addr = td_owns_addr,
	.route = td_route,
	.is_broadcast = td_is_broadcast,
	.on_link = td_on_link,
	.has_device = td_has_device,
	.ioctl = td_ioctl,
	.route_metric = td_route_metric,
	.generation = td_generation,
	.group_device = td_group_device,
	.stack = td_stack,
};

void inet_toedev_init(struct inet_host *host) {
	host->td = (struct toedev){.name = "inet", .ops = &inet_toedev_ops};
	register_toedev_host(host->k, &host->td);
}

void inet_port_range(const struct kernel *k, uint16_t *low, uint16_t *high) {
	const struct net_params *params = net_stack_params(k->stack);

	*low = params->port_low;
	*high = params->port_high;
}

int inet_pktinfo(const struct msghdr *msg, uint32_t *index, uint32_t *source) {
	struct net_pktinfo info;
	int err = net_pktinfo(msg->msg_control, msg->msg_controllen, &info);

	*index = info.index;
	*source = info.source;
	return err;
}
