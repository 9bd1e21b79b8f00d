/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/proc.h"

#include <string.h>

#include "host/dev.h"
#include "host/toedev.h"
#include "sop/sop.h"

static bool cards_in_name_space(const struct kernel *k) { return module_find(k, "sop"); }

/* --- devices ---------------------------------------------------------------------------------- */

static void host_device(struct kernel *k, const char *name,
                        void (*fn)(void *arg, const struct proc_device *dev), void *arg) {
	const struct net_device *nd = dev_get(k, name);
	struct proc_device dev = {.name = name, .counted = nd};

	if (nd) {
		dev.rx_packets = nd->rx_packets;
		dev.rx_bytes = nd->rx_bytes;
		dev.rx_dropped = nd->rx_dropped;
		dev.tx_packets = nd->tx_packets;
		dev.tx_bytes = nd->tx_bytes;
		dev.tx_dropped = nd->tx_dropped;
	}
	fn(arg, &dev);
}

void proc_devices(struct kernel *k, void (*fn)(void *arg, const struct proc_device *dev),
                  void *arg) {
	for (struct net_if *i = net_if_next(k->stack, NULL); i; i = net_if_next(k->stack, i))
		host_device(k, net_if_name(i), fn, arg);
	for (struct toedev *td = toedev_first(k); td && cards_in_name_space(k); td = td->next)
		fn(arg, &(struct proc_device){.name = td->name});
}

/* --- stacks ----------------------------------------------------------------------------------- */

/* The stack of the next card that can be looked into; *td NULL: of the first. */
static struct net_stack *next_card(const struct kernel *k, struct toedev **td) {
	for (*td = *td ? (*td)->next : toedev_first(k); *td; *td = (*td)->next)
		if ((*td)->ops->stack)
			return (*td)->ops->stack(*td);
	return NULL;
}

/* --- routes ----------------------------------------------------------------------------------- */

static void stack_routes(struct net_stack *st,
                         void (*fn)(void *arg, const struct proc_route *route), void *arg) {
	for (const struct net_route *rt = net_route_next(st, NULL); rt; rt = net_route_next(st, rt)) {
		struct proc_route route = {rt->dst, rt->mask, rt->gateway, rt->metric,
		                           net_if_name(rt->ifp)};
		struct net_if_config conf;

		net_if_get(rt->ifp, &conf);
		/* The local table, which /proc/net/route does not show. */
		if (conf.up && strcmp(route.device, "lo") != 0)
			fn(arg, &route);
	}
}

void proc_routes(struct kernel *k, void (*fn)(void *arg, const struct proc_route *route),
                 void *arg) {
	struct toedev *td = NULL;
	struct net_stack *st;

	stack_routes(k->stack, fn, arg);
	while (cards_in_name_space(k) && (st = next_card(k, &td)))
		stack_routes(st, fn, arg);
}

/* --- ARP -------------------------------------------------------------------------------------- */

static void stack_arp(const struct net_stack *st,
                      void (*fn)(void *arg, const struct proc_arp *entry), void *arg) {
	struct net_arp_entry e;

	for (int64_t after = -1; net_arp_next(st, after, &e); after = e.addr) {
		struct proc_arp row = {
			.addr = e.addr,
			.complete = e.complete,
			.permanent = e.permanent,
			.device = e.ifp ? net_if_name(e.ifp) : "*",
		};

		memcpy(row.mac, e.mac, sizeof row.mac);
		fn(arg, &row);
	}
}

void proc_arp(struct kernel *k, void (*fn)(void *arg, const struct proc_arp *entry), void *arg) {
	struct toedev *td = NULL;
	struct net_stack *st;

	stack_arp(k->stack, fn, arg);
	while (cards_in_name_space(k) && (st = next_card(k, &td)))
		stack_arp(st, fn, arg);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static void stack_sockets(struct net_stack *st, const char *name,
                          void (*fn)(void *arg, const struct proc_socket *sock), void *arg) {
	for (struct net_sock *so = net_sock_next(st, NULL); so; so = net_sock_next(st, so)) {
		struct net_sock_info info;

		net_sock_get(so, &info);
		/* Not bound: not in the hash that /proc walks. */
		if (info.lport || info.type == SOCK_RAW)
			fn(arg, &(struct proc_socket){name, info.type, info.state, info.laddr, info.faddr,
			                              info.lport, info.fport, info.recv_q, info.send_q});
	}
}

void proc_sockets(struct kernel *k, void (*fn)(void *arg, const struct proc_socket *sock),
                  void *arg) {
	struct toedev *td = NULL;
	struct net_stack *st;

	stack_sockets(k->stack, "inet", fn, arg);
	while ((st = next_card(k, &td)))
		stack_sockets(st, td->name, fn, arg);
}

/* --- SOP -------------------------------------------------------------------------------------- */

/* "inet toe0" */
static void list_legs(const struct sop_sock *ss, GString *legs) {
	const char *name;

	g_string_truncate(legs, 0);
	for (unsigned n = 0; (name = sop_sock_leg(ss, n)); n++)
		g_string_append_printf(legs, "%s%s", n ? " " : "", name);
}

void proc_sop(struct kernel *k, void (*fn)(void *arg, const struct proc_sop *row), void *arg) {
	GString *legs = g_string_new(NULL);
	struct sop_sock_info info;

	for (const struct sop_sock *ss = sop_sock_next(k, NULL); ss; ss = sop_sock_next(k, ss)) {
		sop_sock_get(ss, &info);
		list_legs(ss, legs);
		fn(arg, &(struct proc_sop){info.type, info.laddr, info.faddr, info.lport, info.fport,
		                           info.stack, info.why, legs->str});
	}
	g_string_free(legs, TRUE);
}
