/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random_world.h"

#include <netinet/tcp.h>

#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "net/engine/iface.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "sop/threads.h"
#include "toe/card/internal.h"
#include "toe/driver/command.h"
#include "toe/driver/driver.h"

static GHashTable *ports_seen; /* number -> itself: that open sockets had */

static void see_port(uint16_t port) {
	if (!ports_seen)
		ports_seen = g_hash_table_new(NULL, NULL);
	g_hash_table_add(ports_seen, GUINT_TO_POINTER(port));
}

/* --- meanwhile -------------------------------------------------------------------------------- */

static uint16_t inner_port(const struct sop_leg *leg) {
	struct sockaddr_in sin = {0};
	int len = sizeof sin;

	if (leg->inner->ops->getname(leg->inner, (struct sockaddr *)&sin, &len, 0) < 0)
		return 0;
	return g_ntohs(sin.sin_port);
}

/* INET holds the port that the socket has.  (A card would have to be asked, which takes time.) */
static void check_port_held(const struct sop_sock *ss) {
	const struct sop_leg *inet = ss->legs;

	if (!ss->bound || ss->ps)
		return;
	see_port(ss->port);
	if (inet->inner && inner_port(inet) != ss->port)
		WRONG("a socket has port %u, but INET holds %u for it", ss->port, inner_port(inet));
}

/* How many memberships of that group SOP remembers to have on INET. */
static unsigned remembered(const struct sop_sock *ss, uint32_t group) {
	const struct sop_leg *inet = ss->legs;
	unsigned n = 0;

	for (guint i = 0; ss->groups && inet && inet->inner && i < ss->groups->len; i++) {
		const struct sop_membership *m =
			&g_array_index(ss->groups, struct sop_membership, i);

		if (m->stack == inet->stack && m->request.imr_multiaddr.s_addr == g_htonl(group))
			n++;
	}
	return n;
}

/* INET may have more: raw sockets are not SOP's. */
static void check_memberships(const struct kernel *k, const struct sop *sop, uint32_t group) {
	unsigned have = 0, should = 0;

	for (const struct sop_sock *ss = LIST_FIRST(&sop->socks, struct sop_sock, node); ss;
	     ss = LIST_NEXT(ss, struct sop_sock, node))
		should += remembered(ss, group);
	for (const struct net_if *ifp = NULL; (ifp = net_if_next(k->stack, ifp));)
		for (const struct net_group *g = NULL; (g = net_group_next(ifp, g));)
			have += g->addr == group ? g->users : 0;
	if (have < should)
		WRONG("INET is %u times in group %08x, sockets say %u times", have, group, should);
}

void random_check_sockets(const struct kernel *k) {
	const struct sop *sop = sop_of(k);
	bool rest = true;
	int socks = 0;

	if (!sop)
		return;
	for (const struct sop_sock *ss = LIST_FIRST(&sop->socks, struct sop_sock, node); ss;
	     ss = LIST_NEXT(ss, struct sop_sock, node)) {
		const char *wrong = sop_sock_check(ss);

		socks++;
		if (wrong)
			WRONG("a socket with port %u: %s", ss->port, wrong);
		if (sop_sock_rests(ss))
			check_port_held(ss);
		else
			rest = false;
	}
	if (rest && !sop->follower)
		check_memberships(k, sop, random_group(0));
	if (socks + (sop->follower != NULL) != sop->module->use_count)
		WRONG("%d sockets, but the module's use count is %d", socks,
		      sop->module->use_count);
}

/* --- afterwards ------------------------------------------------------------------------------- */

static void check_port(const char *name, struct net_stack *st, int type, uint16_t port) {
	struct net_sock *so;

	if (net_sock_open(st, type, 0, NULL, &so) < 0)
		return; /* the card is full of sockets in TIME_WAIT */
	if (net_bind(so, INADDR_ANY, port) < 0)
		WRONG("%s has port %u taken, and no socket", name, port);
	net_close(so, true);
}

/* No group but that of all hosts, which an interface joins by itself. */
static void check_groups(const char *name, const struct net_stack *st) {
	for (const struct net_if *ifp = NULL; (ifp = net_if_next(st, ifp));)
		for (const struct net_group *g = NULL; (g = net_group_next(ifp, g));)
			if (g->addr != INADDR_ALLHOSTS_GROUP || g->users != 1)
				WRONG("%s is left %u times in group %08x", name, g->users, g->addr);
}

/* Nothing but TIME_WAIT, and each port that was used can be used again. */
static void check_stack(const char *name, struct net_stack *st) {
	g_autoptr(GHashTable) waits = g_hash_table_new(NULL, NULL);
	GHashTableIter it;
	gpointer port;

	check_groups(name, st);
	for (struct net_sock *so = NULL; (so = net_sock_next(st, so));) {
		uint32_t addr = 0;
		uint16_t own = 0;

		net_sockname(so, &addr, &own);
		if (net_state(so) != TCP_TIME_WAIT)
			WRONG("%s has a socket left: port %u, state %d", name, own, net_state(so));
		g_hash_table_add(waits, GUINT_TO_POINTER(own));
	}
	if (!ports_seen)
		return;
	g_hash_table_iter_init(&it, ports_seen);
	while (g_hash_table_iter_next(&it, &port, NULL)) {
		check_port(name, st, SOCK_DGRAM, (uint16_t)GPOINTER_TO_UINT(port));
		if (!g_hash_table_contains(waits, port))
			check_port(name, st, SOCK_STREAM, (uint16_t)GPOINTER_TO_UINT(port));
	}
}

void random_check_card(const struct toe *toe) {
	unsigned live = 0, busy = 0;

	for (guint i = 0; i < toe->slots->len; i++)
		live += g_array_index(toe->slots, struct toe_slot, i).ts != NULL;
	for (guint i = 0; i < toe->cmds->len; i++)
		busy += ((struct toe_cmd *)g_ptr_array_index(toe->cmds, i))->state != TOE_CMD_FREE;
	if (live || busy || (toe->outstanding && !toe->td.dead))
		WRONG("%s: %u sockets, %u commands, %u outstanding are left", toe->td.name, live,
		      busy, toe->outstanding);
	if (!toe->card->silent)
		check_stack(toe->td.name, toe->card->stack);
}

void random_check_kernel(const struct kernel *k, const struct module *sop) {
	unsigned own = k->cpu->ksoftirqd != NULL; /* the kernel's, which stays */

	if (k->sched->n_tasks != own)
		WRONG("%u tasks are left", k->sched->n_tasks - own);
	if (sop->use_count)
		WRONG("the module's use count is %d", sop->use_count);
	check_stack("inet", k->stack);
}
