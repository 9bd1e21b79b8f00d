/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do the files of /proc/net say? */
#include "tools/proc.h"

#include <arpa/inet.h>
#include <string.h>

#include "host/dev/dev.h"
#include "host/dev/toedev.h"
#include "host/file/file.h"
#include "host/socket/socket.h"
#include "net/engine/route.h"
#include "net/engine/socket_state.h"
#include "sop/sop.h"

static bool cards_in_name_space(const struct kernel *k) { return module_find(k, "sop"); }

/* --- devices ---------------------------------------------------------------------------------- */

static struct proc_device stack_device(const struct net_if *ifp, unsigned tx_queue) {
	struct net_if_counters n;

	net_if_count(ifp, &n);
	return (struct proc_device){
		.tx_queue = tx_queue,
		.rx_packets = n.rx_packets,
		.rx_bytes = n.rx_bytes,
		.rx_errors = n.rx_too_long,
		.rx_dropped = n.rx_others,
		.tx_packets = n.tx_packets,
		.tx_bytes = n.tx_bytes,
	};
}

static struct proc_device nic_device(const struct net_device *nd) {
	struct net_if_counters n;

	net_if_count(nd->ifp, &n);
	return (struct proc_device){
		.tx_queue = nd->tx_queue_len,
		.rx_packets = nd->rx_packets,
		.rx_bytes = nd->rx_bytes,
		.rx_errors = n.rx_too_long,
		.rx_dropped = nd->rx_dropped + n.rx_others,
		.tx_packets = nd->tx_packets,
		.tx_bytes = nd->tx_bytes,
		.tx_dropped = nd->tx_dropped,
	};
}

static struct proc_device card_device(struct toedev *td) {
	struct net_stack *st = td->op.stack(td);
	const struct net_if *ifp = st ? net_if_find(st, td->name) : NULL;

	return ifp ? stack_device(ifp, DEV_TX_QUEUE_LEN) : (struct proc_device){0};
}

static void tell_device(struct proc_device dev, const char *name,
                        void (*fn)(void *arg, const struct proc_device *dev), void *arg) {
	g_strlcpy(dev.name, name, sizeof dev.name);
	fn(arg, &dev);
}

void proc_devices(struct kernel *k, void (*fn)(void *arg, const struct proc_device *dev),
                  void *arg) {
	for (struct net_if *i = net_if_next(k->stack, NULL); i; i = net_if_next(k->stack, i)) {
		const struct net_device *nd = dev_get(k, net_if_name(i));

		tell_device(nd ? nic_device(nd) : stack_device(i, 0), net_if_name(i), fn, arg);
	}
	for (struct toedev *td = toedev_first(k); td && cards_in_name_space(k); td = td->next)
		tell_device(card_device(td), td->name, fn, arg);
}

/* --- stacks ----------------------------------------------------------------------------------- */

/* The stack of the next card that can be looked into; *td NULL: of the first. */
static struct net_stack *next_card(const struct kernel *k, struct toedev **td) {
	struct net_stack *st = NULL;

	for (*td = *td ? (*td)->next : toedev_first(k); *td; *td = (*td)->next)
		if ((st = (*td)->op.stack(*td)))
			break;
	return st;
}

/* --- routes ----------------------------------------------------------------------------------- */

static void stack_routes(struct net_stack *st,
                         void (*fn)(void *arg, const struct proc_route *route), void *arg) {
	for (const struct net_route *rt = net_route_next(st, NULL); rt;
	     rt = net_route_next(st, rt)) {
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

/* --- groups ----------------------------------------------------------------------------------- */

/* A card's lo is its own affair. */
static void stack_groups(const struct net_stack *st, bool lo,
                         void (*fn)(void *arg, const struct proc_group *group), void *arg) {
	for (const struct net_if *i = net_if_next(st, NULL); i; i = net_if_next(st, i)) {
		const char *name = net_if_name(i);

		if (!lo && g_str_equal(name, "lo"))
			continue;
		for (const struct net_group *g = net_group_next(i, NULL); g;
		     g = net_group_next(i, g))
			fn(arg, &(struct proc_group){g->addr, g->users, name});
	}
}

void proc_groups(struct kernel *k, void (*fn)(void *arg, const struct proc_group *group),
                 void *arg) {
	struct toedev *td = NULL;
	struct net_stack *st;

	stack_groups(k->stack, true, fn, arg);
	while (cards_in_name_space(k) && (st = next_card(k, &td)))
		stack_groups(st, false, fn, arg);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static void stack_sockets(struct net_stack *st, const char *name,
                          void (*fn)(void *arg, const struct proc_socket *sock), void *arg) {
	for (struct net_sock *so = net_sock_next(st, NULL); so; so = net_sock_next(st, so)) {
		struct net_sock_info info;

		net_sock_get(so, &info);
		/* Not bound: not in the hash that /proc walks. */
		if (info.lport || info.type == SOCK_RAW)
			fn(arg, &(struct proc_socket){name, info.type, info.state, info.laddr,
			                              info.faddr, info.lport, info.fport,
			                              info.recv_q, info.send_q});
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

/* --- who holds them --------------------------------------------------------------------------- */

static void take_name(struct socket *sock, int peer, uint32_t *addr, uint16_t *port) {
	struct sockaddr_in in = {0};
	int len = sizeof in;

	if (sock->ops->getname(sock, (struct sockaddr *)&in, &len, peer))
		return;
	*addr = ntohl(in.sin_addr.s_addr);
	*port = ntohs(in.sin_port);
}

/* Asked without a system call, and SOP by its own list, so that nothing is counted. */
static void add_owner(GArray *owners, const struct task *task, struct socket *sock) {
	const struct sop_sock *ss = sop_sock_of(sock);
	struct proc_owner row = {
		.pid = task_pid(task), .name = task_name(task), .type = sock->type};
	struct sop_sock_info info;

	if (ss) {
		sop_sock_get(ss, &info);
		row.laddr = info.laddr;
		row.lport = info.lport;
		row.faddr = info.faddr;
		row.fport = info.fport;
	} else {
		take_name(sock, 0, &row.laddr, &row.lport);
		take_name(sock, 2, &row.faddr, &row.fport);
	}
	g_array_append_val(owners, row);
}

GArray *proc_owners(struct kernel *k) {
	GArray *owners = g_array_new(FALSE, FALSE, sizeof(struct proc_owner));

	for (struct task *task = task_after(k, 0); task; task = task_after(k, task_pid(task)))
		for (unsigned fd = 0; task_files(task) && fd < k->conf.max_files; fd++) {
			const struct file *file = fd_file(task, (int)fd);

			if (file && file->socket)
				add_owner(owners, task, file->socket);
		}
	return owners;
}

const struct proc_owner *proc_owner_of(const GArray *owners, const struct proc_socket *sock) {
	for (guint i = 0; i < owners->len; i++) {
		const struct proc_owner *row = &g_array_index(owners, struct proc_owner, i);

		/* The stack may know the address that bind() left open. */
		if (row->type == sock->type && row->lport == sock->lport &&
		    row->fport == sock->fport && row->faddr == sock->faddr &&
		    (!row->laddr || row->laddr == sock->laddr))
			return row;
	}
	return NULL;
}

/* --- sums ------------------------------------------------------------------------------------- */

static void add_counters(struct net_counters *sum, const struct net_stack *st) {
	const struct net_counters *n = net_stack_counters(st);

#define X(name) sum->name += n->name;
	NET_COUNTERS(X)
#undef X
}

void proc_snmp(struct kernel *k, struct net_counters *sum) {
	struct toedev *td = NULL;
	struct net_stack *st;

	*sum = (struct net_counters){0};
	add_counters(sum, k->stack);
	while (cards_in_name_space(k) && (st = next_card(k, &td)))
		add_counters(sum, st);
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
		fn(arg, &(struct proc_sop){info.type, info.laddr, info.faddr, info.lport,
		                           info.fport, info.stack, info.why, legs->str});
	}
	g_string_free(legs, TRUE);
}
