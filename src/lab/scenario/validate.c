/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scenario/validate.h"

#include <math.h>
#include <string.h>

#include "lab/world/lessons.h"

static bool wrong(const struct group *group, const char *key, GError **error, const char *format,
                  ...) G_GNUC_PRINTF(4, 5);

static bool wrong(const struct group *group, const char *key, GError **error, const char *format,
                  ...) {
	const struct text_entry *entry = text_entry_find(group->text, key);
	g_autofree char *why = NULL;
	va_list args;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	if (!entry && group->text->entries->len)
		entry = group->text->entries->pdata[0];
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: [%s] %s: %s",
	            entry ? entry->origin : "scenario", group->text->name, key, why);
	return false;
}

/* --- references -------------------------------------------------------------------------------- */

#define MACHINE (1U << TYPE_NIC | 1U << TYPE_TOE | 1U << TYPE_PEER | 1U << TYPE_TAP)
#define INTERFACE (1U << TYPE_NIC | 1U << TYPE_TOE)
#define SERVER (INTERFACE | 1U << TYPE_TAP)

static const struct reference {
	enum type_id from;
	const char *key;
	unsigned to; /* set of types */
	bool needed;
} references[] = {
	{TYPE_HOST, "costs", 1U << TYPE_COST, false},
	{TYPE_PCI, "host", 1U << TYPE_HOST, true},
	{TYPE_NIC, "bus", 1U << TYPE_PCI, true},
	{TYPE_TOE, "bus", 1U << TYPE_PCI, true},
	{TYPE_TOE, "costs", 1U << TYPE_TOECOST, false},
	{TYPE_NETWORK, "members", MACHINE, true},
	{TYPE_NETWORK, "faults_at", MACHINE, false},
	{TYPE_SOP, "host", 1U << TYPE_HOST, true},
	{TYPE_FILESET, "host", 1U << TYPE_HOST, true},
	{TYPE_WEB, "host", 1U << TYPE_HOST, true},
	{TYPE_SPECWEB, "peers", 1U << TYPE_PEER, true},
	{TYPE_SPECWEB, "targets", SERVER, true},
	{TYPE_SENDBENCH, "host", 1U << TYPE_HOST, true},
	{TYPE_SENDBENCH, "peer", 1U << TYPE_PEER, true},
	{TYPE_OPLAT, "host", 1U << TYPE_HOST, true},
	{TYPE_OPLAT, "peer", 1U << TYPE_PEER, true},
	{TYPE_OPLAT, "target", INTERFACE, true},
	{TYPE_STREAMING, "host", 1U << TYPE_HOST, true},
	{TYPE_STREAMING, "peers", 1U << TYPE_PEER, true},
	{TYPE_STREAMING, "targets", INTERFACE, true},
	{TYPE_PROGRAM, "machine", 1U << TYPE_HOST, true},
	{TYPE_RUN, "machine", 1U << TYPE_HOST, true},
	{TYPE_EVENT, "target", 1U << TYPE_SOP | 1U << TYPE_TOE, true},
	{TYPE_ECHO, "peer", 1U << TYPE_PEER, true},
	{TYPE_ECHO, "target", INTERFACE, false},
	{TYPE_FETCH, "peer", 1U << TYPE_PEER, true},
	{TYPE_FETCH, "target", SERVER, true},
	{TYPE_FETCH, "fileset", 1U << TYPE_FILESET, false},
	{TYPE_EXPERIMENT, "configs", 1U << TYPE_CONFIG, true},
	{TYPE_CALIBRATE, "experiment", 1U << TYPE_EXPERIMENT, true},
	{TYPE_CALIBRATE, "config", 1U << TYPE_CONFIG, true},
};

static bool leads_somewhere(const struct scenario *sc, const struct group *from,
                            const struct reference *ref, const char *name, GError **error) {
	g_autoptr(GString) kinds = g_string_new(NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	const struct group *other = NULL; /* of that name, and of another type */
	const char *near;

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (ref->to & 1U << i)
			g_string_append_printf(kinds, "%s%s", kinds->len ? ", " : "", lab_types[i].name);
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (!(ref->to & 1U << type_id(group->type))) {
			other = g_str_equal(group->name, name) ? group : other;
			continue;
		}
		if (g_str_equal(group->name, name))
			return true;
		g_ptr_array_add(words, group->name);
	}
	if (other)
		return wrong(from, ref->key, error, "'%s' is of type %s; allowed: groups of type %s", name,
		             other->type->name, kinds->str);
	near = nearest_word(name, (const char *const *)words->pdata, words->len);
	return wrong(from, ref->key, error, "there is no '%s'%s%s%s; allowed: groups of type %s", name,
	             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", kinds->str);
}

static bool check_reference(const struct scenario *sc, const struct group *group,
                            const struct reference *ref, GError **error) {
	const struct key *key = type_key(group->type, ref->key);
	g_autofree char *text = key_get(key, group->conf);
	g_auto(GStrv) names = g_strsplit(text, ",", -1);

	if (!*text && ref->needed)
		return wrong(group, ref->key, error, "missing; allowed: %s", key->help);
	for (unsigned i = 0; names[i]; i++) {
		const char *name = g_strstrip(names[i]);
		bool given = group_given(group, ref->key) || ref->needed;

		if (*name && given && !leads_somewhere(sc, group, ref, name, error))
			return false;
	}
	return true;
}

static bool check_references(const struct scenario *sc, GError **error) {
	for (guint i = 0; i < sc->groups->len; i++)
		for (size_t j = 0; j < G_N_ELEMENTS(references); j++) {
			const struct group *group = sc->groups->pdata[i];

			if (type_id(group->type) == references[j].from &&
			    !check_reference(sc, group, &references[j], error))
				return false;
		}
	return true;
}

/* --- addresses and networks ---------------------------------------------------------------------- */

struct net_address group_address(const struct group *group) {
	switch (type_id(group->type)) {
	case TYPE_NIC:
		return ((const struct nic_group *)group->conf)->address;
	case TYPE_TOE:
		return ((const struct toe_group *)group->conf)->address;
	case TYPE_PEER:
		return ((const struct peer_group *)group->conf)->address;
	case TYPE_TAP:
		return ((const struct tap_group *)group->conf)->address;
	default:
		return (struct net_address){0};
	}
}

struct group *scenario_machine(const struct scenario *sc, const char *name) {
	static const enum type_id types[] = {TYPE_NIC, TYPE_TOE, TYPE_PEER, TYPE_TAP};
	struct group *group = NULL;

	for (size_t i = 0; !group && i < G_N_ELEMENTS(types); i++)
		group = scenario_find(sc, types[i], name);
	return group;
}

/* Whether a machine may have the address: of class A, B or C, no loopback, and neither first nor
 * last of its network (RFC 1122, section 3.2.1.3). */
static bool check_address(const struct group *group, uint32_t addr, unsigned prefix, GError **error) {
	uint32_t hosts = prefix < 32 ? UINT32_MAX >> prefix : 0;
	g_autofree char *text = quantity_format_address(addr);

	if (addr >> 24 != 0 && addr >> 24 != 127 && addr < 0xe0000000 &&
	    (prefix > 30 || ((addr & hosts) != 0 && (addr & hosts) != hosts)))
		return true;
	return wrong(group, "address", error,
	             "%s/%u is no machine's address; allowed: neither loopback, multicast nor the first "
	             "or last of its network", text, prefix);
}

static bool take_address(GHashTable *taken, const struct group *group, uint32_t addr,
                         GError **error) {
	g_autofree char *text = quantity_format_address(addr);
	const struct group *other = g_hash_table_lookup(taken, GUINT_TO_POINTER(addr));

	if (other)
		return wrong(group, "address", error,
		             "%s is also the address of [%s]; allowed: an address of its own", text,
		             other->name);
	g_hash_table_insert(taken, GUINT_TO_POINTER(addr), (gpointer)group);
	return true;
}

static bool check_addresses(const struct scenario *sc, GError **error) {
	g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];
		struct net_address a = group_address(group);
		unsigned n = 1;

		if (type_id(group->type) == TYPE_PEER) {
			n = ((const struct peer_group *)group->conf)->count;
			if (a.prefix == 0)
				return wrong(group, "address", error, "missing; allowed: %s",
				             quantity_example(KIND_NETWORK));
		}
		for (unsigned j = 0; a.prefix && j < n; j++)
			if (!check_address(group, a.addr + j, a.prefix, error) ||
			    !take_address(taken, group, a.addr + j, error))
				return false;
	}
	return true;
}

static unsigned count_members(const struct scenario *sc, const struct network_group *net) {
	unsigned n = 0;

	for (unsigned i = 0; net->members[i]; i++) {
		const struct group *m = scenario_machine(sc, net->members[i]);

		n += type_id(m->type) == TYPE_PEER ? ((const struct peer_group *)m->conf)->count : 1;
	}
	return n;
}

static bool check_networks(const struct scenario *sc, GError **error) {
	g_autoptr(GHashTable) plugged = g_hash_table_new(g_str_hash, g_str_equal);
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_NETWORK, i)); i++) {
		const struct network_group *net = group->conf;

		if (count_members(sc, net) < 2)
			return wrong(group, "members", error, "a network of one; allowed: two or more");
		for (unsigned j = 0; net->members[j]; j++)
			if (!g_hash_table_add(plugged, net->members[j]))
				return wrong(group, "members", error,
				             "'%s' is on a network already; allowed: one network each",
				             net->members[j]);
		for (unsigned j = 0; net->faults_at && net->faults_at[j]; j++)
			if (!g_strv_contains((const char *const *)net->members, net->faults_at[j]))
				return wrong(group, "faults_at", error, "'%s' is not on it; allowed: its members",
				             net->faults_at[j]);
	}
	for (guint i = 0; i < sc->groups->len; i++) {
		group = sc->groups->pdata[i];
		if (1U << type_id(group->type) & MACHINE && !g_hash_table_contains(plugged, group->name))
			return wrong(group, "type", error,
			             "no network has '%s' among its members; allowed: one network each",
			             group->name);
	}
	return true;
}

/* --- numbers that belong together ------------------------------------------------------------------ */

static bool check_numbers(const struct scenario *sc, GError **error) {
	const struct scenario_group *head = scenario_head(sc);
	struct group *group;

	if (head->duration && head->batch > head->duration / 2)
		return wrong(scenario_nth(sc, TYPE_SCENARIO, 0), "batch", error,
		             "longer than half of the window, so that there is no interval; allowed: up to "
		             "half of scenario.duration");
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_PCI, i)); i++) {
		unsigned width = ((const struct pci_group *)group->conf)->conf.width_bits;

		if (width != 32 && width != 64)
			return wrong(group, "width", error, "%u; allowed: 32 or 64", width);
	}
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_SPECWEB, i)); i++) {
		const double *share = ((const struct specweb_group *)group->conf)->class_share;

		if (fabs(share[0] + share[1] + share[2] + share[3] - 1) > 1e-9)
			return wrong(group, "class0", error,
			             "the shares of the four classes add up to %g; allowed: 1",
			             share[0] + share[1] + share[2] + share[3]);
	}
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_FETCH, i)); i++) {
		const struct fetch_group *fetch = group->conf;

		bool fileset = fetch->fileset && *fetch->fileset, path = fetch->path && *fetch->path;

		if (fileset == path)
			return wrong(group, "fileset", error, "%s; allowed: either fileset or path",
			             path ? "path is given too" : "neither it nor path is given");
	}
	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_FILESET, i)); i++) {
		const struct fileset_group *files = group->conf;

		if (files->path && files->path[0] != '/')
			return wrong(group, "path", error, "'%s'; allowed: a path that begins with /",
			             files->path);
		if (files->folder && sc->text->untrusted)
			return wrong(group, "folder", error, "a folder of this machine, which --untrusted "
			             "refuses; allowed: files that are made up, of path and size");
	}
	return true;
}

/* The n-th card of a machine; NULL. */
static const struct group *nth_card(const struct scenario *sc, const char *host, unsigned n) {
	struct group *card;

	for (unsigned i = 0; (card = scenario_nth(sc, TYPE_TOE, i)); i++) {
		const struct group *bus =
			scenario_find(sc, TYPE_PCI, ((const struct toe_group *)card->conf)->bus);

		if (g_str_equal(((const struct pci_group *)bus->conf)->host, host) && !n--)
			return card;
	}
	return NULL;
}

static bool check_stacks(const struct scenario *sc, GError **error) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(sc, TYPE_SOP, i)); i++) {
		const char *host = ((const struct sop_group *)group->conf)->host;
		const struct group *card = nth_card(sc, host, SOP_STACKS_MAX - 1);

		if (card)
			return wrong(card, "type", error,
			             "one card too many for [%s]; allowed: up to %d cards in '%s', since SOP "
			             "has %d stacks and INET is one of them", group->name, SOP_STACKS_MAX - 1,
			             host, SOP_STACKS_MAX);
	}
	return true;
}

bool scenario_validate(const struct scenario *sc, GError **error) {
	return check_references(sc, error) && check_addresses(sc, error) &&
	       check_networks(sc, error) && check_numbers(sc, error) && check_stacks(sc, error) &&
	       lessons_validate(sc, error);
}
