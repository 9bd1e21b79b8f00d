/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is there a wire from each client to its server? */
#include "lab/scenario/reach.h"

#include <stdio.h>

static void add(GPtrArray *out, const struct group *group, const char *key, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

static void add(GPtrArray *out, const struct group *group, const char *key, const char *format,
                ...) {
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(out, g_strdup_printf("%s: [%s] %s: %s", group->text->origin,
	                                     group->text->name, key, why));
}

/* --- where things are ------------------------------------------------------------------------- */

static const struct group *network_of(const struct scenario *sc, const struct group *machine) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *net = sc->groups->pdata[i];

		if (kind_is(net->kind, "network") &&
		    g_strv_contains((const char *const *)group_names(net, "members"),
		                    machine->name))
			return net;
	}
	return NULL;
}

static bool share_subnet(const struct group *a, const struct group *b) {
	struct net_address x = group_address(a), y = group_address(b);
	unsigned prefix = MIN(x.prefix, y.prefix);

	return prefix == 0 || (x.addr ^ y.addr) >> (32 - prefix) == 0;
}

/* Nothing here forwards packets: who is to be reached must be on the same wire or switch.  An address
 * that comes later (prefix 0) is given the benefit of the doubt. */
static bool can_reach(const struct scenario *sc, const struct group *a, const struct group *b) {
	return network_of(sc, a) == network_of(sc, b) &&
	       (share_subnet(a, b) || (group_gateway(a) && group_gateway(b)));
}

/* --- clients and servers ---------------------------------------------------------------------- */

static void judge_pair(const struct scenario *sc, const struct group *client, const char *key,
                       const char *from, const char *to, GPtrArray *out) {
	const struct group *a = scenario_machine(sc, from), *b = scenario_machine(sc, to);

	if (!can_reach(sc, a, b))
		add(out, client, key, "'%s' cannot reach '%s': %s", from, to,
		    network_of(sc, a) != network_of(sc, b)
		            ? "no network has both among its members"
		            : "their addresses are of different subnets");
}

/* The machines of all the peers, one after the other, as clients are dealt out to them. */
static GPtrArray *machines_of(const struct scenario *sc, char **peers) {
	GPtrArray *names = g_ptr_array_new();

	for (unsigned i = 0; peers[i]; i++)
		for (unsigned j = 0; j < group_machines(scenario_machine(sc, peers[i])); j++)
			g_ptr_array_add(names, peers[i]);
	return names;
}

/* The n-th connection goes from the n-th machine to the n-th target, both taken in turn. */
static void judge_lists(const struct scenario *sc, const struct group *client, unsigned connections,
                        GPtrArray *out) {
	g_autoptr(GPtrArray) machines = machines_of(sc, group_names(client, "peers"));
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char **targets = group_names(client, "targets");
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
		if (network_of(sc, scenario_machine(sc, from)) ==
		    network_of(sc, scenario_machine(sc, to[i])))
			return true;
	return false;
}

/* A group's stream goes out by every target, to whoever is on its wire, of whatever subnet: each
 * viewer needs a target there, and each target a viewer. */
static void judge_group(const struct scenario *sc, const struct group *client, char **peers,
                        char **targets, GPtrArray *out) {
	for (unsigned i = 0; peers[i]; i++)
		if (!any_reachable(sc, peers[i], targets))
			add(out, client, "peers",
			    "nothing comes to '%s': no network has it and one of the targets "
			    "among its members",
			    peers[i]);
	for (unsigned i = 0; targets[i]; i++)
		if (!any_reachable(sc, targets[i], peers))
			add(out, client, "targets",
			    "nobody listens to '%s': no network has it and one of the peers "
			    "among its members",
			    targets[i]);
}

static void judge_client(const struct scenario *sc, const struct group *group, GPtrArray *out) {
	unsigned connections =
		group->kind->talks && group_enabled(group) ? group->kind->talks(group) : 0;

	if (connections == 0)
		return;
	if (connections == TALKS_TO_ALL)
		judge_group(sc, group, group_names(group, "peers"), group_names(group, "targets"),
		            out);
	else if (group_has(group, "peers"))
		judge_lists(sc, group, connections, out);
	else
		judge_pair(sc, group, "target", group_text(group, "peer"),
		           group_text(group, "target"), out);
}

/* --- addresses -------------------------------------------------------------------------------- */

static const char *host_of(const struct scenario *sc, const struct group *card) {
	const struct group *bus = scenario_named_by(sc, card, "bus");

	return bus ? group_text(bus, "host") : NULL;
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
			add(out, card, "address",
			    "'%s' of the same host is in this subnet too: one of them "
			    "sends for both",
			    other->name);
	}
}

/* A peer with neighbours, none of which is in its subnet. */
static void judge_peer(const struct scenario *sc, const struct group *peer, GPtrArray *out) {
	const struct group *net = network_of(sc, peer);
	char **members = group_names(net, "members");

	for (unsigned i = 0; members[i]; i++) {
		const struct group *other = scenario_machine(sc, members[i]);

		if (other != peer && (share_subnet(peer, other) || group_gateway(peer)))
			return;
	}
	if (group_machines(peer) == 1)
		add(out, peer, "address", "no other member of '%s' is in this subnet", net->name);
}

GPtrArray *reach_warnings(const struct scenario *sc) {
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		judge_client(sc, group, out);
		judge_interfaces(sc, i, out);
		if (group_machines(group))
			judge_peer(sc, group, out);
	}
	return out;
}

void reach_warn(const struct scenario *sc) {
	g_autoptr(GPtrArray) warnings = reach_warnings(sc);

	for (guint i = 0; i < warnings->len; i++)
		fprintf(stderr, "%s: warning: %s\n", g_get_prgname(), (char *)warnings->pdata[i]);
}
