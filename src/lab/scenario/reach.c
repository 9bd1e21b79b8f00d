/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scenario/reach.h"

#include <stdio.h>

#include "lab/scenario/validate.h"
#include "lab/world/world.h"

static void add(GPtrArray *out, const struct group *group, const char *key, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

static void add(GPtrArray *out, const struct group *group, const char *key, const char *format,
                ...) {
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(out, g_strdup_printf("%s: [%s] %s: %s", group->text->origin, group->text->name,
	                                     key, why));
}

/* --- where things are -------------------------------------------------------------------------- */

static const struct group *network_of(const struct scenario *sc, const struct group *machine) {
	const struct group *net;

	for (unsigned i = 0; (net = scenario_nth(sc, TYPE_NETWORK, i)); i++)
		if (g_strv_contains((const char *const *)((struct network_group *)net->conf)->members,
		                    machine->name))
			return net;
	return NULL;
}

static bool share_subnet(const struct group *a, const struct group *b) {
	struct net_address x = group_address(a), y = group_address(b);
	unsigned prefix = MIN(x.prefix, y.prefix);

	return prefix == 0 || (x.addr ^ y.addr) >> (32 - prefix) == 0;
}

static uint32_t gateway_of(const struct group *machine) {
	switch (type_id(machine->type)) {
	case TYPE_NIC:
		return ((const struct nic_group *)machine->conf)->gateway;
	case TYPE_TOE:
		return ((const struct toe_group *)machine->conf)->gateway;
	case TYPE_PEER:
		return ((const struct peer_group *)machine->conf)->gateway;
	default:
		return 0;
	}
}

/* Nothing here forwards packets: who is to be reached must be on the same wire or switch.  An address
 * that comes later (prefix 0) is given the benefit of the doubt. */
static bool can_reach(const struct scenario *sc, const struct group *a, const struct group *b) {
	return network_of(sc, a) == network_of(sc, b) &&
	       (share_subnet(a, b) || (gateway_of(a) && gateway_of(b)));
}

/* --- clients and servers ----------------------------------------------------------------------- */

static void judge_pair(const struct scenario *sc, const struct group *client, const char *key,
                       const char *from, const char *to, GPtrArray *out) {
	const struct group *a = scenario_machine(sc, from), *b = scenario_machine(sc, to);

	if (!can_reach(sc, a, b))
		add(out, client, key, "'%s' cannot reach '%s': %s", from, to,
		    network_of(sc, a) != network_of(sc, b) ? "no network has both among its members"
		                                           : "their addresses are of different subnets");
}

/* The machines of all the peers, one after the other, as clients are dealt out to them. */
static GPtrArray *machines_of(const struct scenario *sc, char **peers) {
	GPtrArray *names = g_ptr_array_new();

	for (unsigned i = 0; peers[i]; i++) {
		const struct group *peer = scenario_find(sc, TYPE_PEER, peers[i]);

		for (unsigned j = 0; j < ((const struct peer_group *)peer->conf)->count; j++)
			g_ptr_array_add(names, peers[i]);
	}
	return names;
}

/* The n-th connection goes from the n-th machine to the n-th target, both taken in turn. */
static void judge_lists(const struct scenario *sc, const struct group *client, char **peers,
                        char **targets, unsigned connections, GPtrArray *out) {
	g_autoptr(GPtrArray) machines = machines_of(sc, peers);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	unsigned n = g_strv_length(targets);

	/* All pairs have come up by then. */
	for (unsigned i = 0; i < MIN(connections, machines->len * n); i++) {
		const char *from = machines->pdata[i % machines->len], *to = targets[i % n];

		if (g_hash_table_add(seen, g_strdup_printf("%s %s", from, to)))
			judge_pair(sc, client, "targets", from, to, out);
	}
}

static bool any_reachable(const struct scenario *sc, const char *from, char **to) {
	for (unsigned i = 0; to[i]; i++)
		if (network_of(sc, scenario_machine(sc, from)) == network_of(sc, scenario_machine(sc, to[i])))
			return true;
	return false;
}

/* A group's stream goes out by every target, to whoever is on its wire, of whatever subnet: each
 * viewer needs a target there, and each target a viewer. */
static void judge_group(const struct scenario *sc, const struct group *client, char **peers,
                        char **targets, GPtrArray *out) {
	for (unsigned i = 0; peers[i]; i++)
		if (!any_reachable(sc, peers[i], targets))
			add(out, client, "peers", "nothing comes to '%s': no network has it and one of the targets "
			    "among its members", peers[i]);
	for (unsigned i = 0; targets[i]; i++)
		if (!any_reachable(sc, targets[i], peers))
			add(out, client, "targets", "nobody listens to '%s': no network has it and one of the peers "
			    "among its members", targets[i]);
}

static void judge_client(const struct scenario *sc, const struct group *group, GPtrArray *out) {
	const struct fetch_group *fetch = group->conf;
	const struct echo_group *echo = group->conf;
	const struct specweb_group *web = group->conf;
	const struct streaming_group *st = group->conf;

	switch (type_id(group->type)) {
	case TYPE_FETCH:
		if (fetch->enabled)
			judge_pair(sc, group, "target", fetch->peer, fetch->target, out);
		break;
	case TYPE_ECHO:
		if (echo->enabled && echo->target)
			judge_pair(sc, group, "target", echo->peer, echo->target, out);
		break;
	case TYPE_SPECWEB:
		if (web->enabled)
			judge_lists(sc, group, web->peers, web->targets, specweb_group_connections(web), out);
		break;
	case TYPE_STREAMING:
		if (st->enabled && st->conf.group)
			judge_group(sc, group, st->peers, st->targets, out);
		else if (st->enabled)
			judge_lists(sc, group, st->peers, st->targets, st->conf.viewers, out);
		break;
	default:
		break;
	}
}

/* --- addresses --------------------------------------------------------------------------------- */

static const char *host_of(const struct scenario *sc, const struct group *card) {
	const char *bus = type_id(card->type) == TYPE_NIC ? ((struct nic_group *)card->conf)->bus
	                  : type_id(card->type) == TYPE_TOE ? ((struct toe_group *)card->conf)->bus
	                                                     : NULL;

	return bus ? ((struct pci_group *)scenario_find(sc, TYPE_PCI, bus)->conf)->host : NULL;
}

/* Of two interfaces of one machine in one subnet, routes can only ever take one. */
static void judge_interfaces(const struct scenario *sc, guint i, GPtrArray *out) {
	const struct group *card = sc->groups->pdata[i];
	const char *host = host_of(sc, card);

	for (guint j = 0; host && j < i && group_address(card).prefix; j++) {
		const struct group *other = sc->groups->pdata[j];
		const char *its = host_of(sc, other);

		if (its && g_str_equal(host, its) && group_address(other).prefix &&
		    share_subnet(card, other))
			add(out, card, "address", "'%s' of the same host is in this subnet too: one of them "
			    "sends for both", other->name);
	}
}

/* A peer with neighbours, none of which is in its subnet. */
static void judge_peer(const struct scenario *sc, const struct group *peer, GPtrArray *out) {
	const struct group *net = network_of(sc, peer);
	char **members = ((struct network_group *)net->conf)->members;
	bool alone = ((struct peer_group *)peer->conf)->count == 1;

	for (unsigned i = 0; members[i]; i++) {
		const struct group *other = scenario_machine(sc, members[i]);

		if (other != peer && (share_subnet(peer, other) || gateway_of(peer)))
			return;
	}
	if (alone)
		add(out, peer, "address", "no other member of '%s' is in this subnet", net->name);
}

GPtrArray *reach_warnings(const struct scenario *sc) {
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		judge_client(sc, group, out);
		judge_interfaces(sc, i, out);
		if (type_id(group->type) == TYPE_PEER)
			judge_peer(sc, group, out);
	}
	return out;
}

void reach_warn(const struct scenario *sc) {
	g_autoptr(GPtrArray) warnings = reach_warnings(sc);

	for (guint i = 0; i < warnings->len; i++)
		fprintf(stderr, "%s: warning: %s\n", g_get_prgname(), (char *)warnings->pdata[i]);
}
