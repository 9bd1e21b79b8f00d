/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the parts of a scenario fit each other? */
#include "lab/scenario/validate.h"

/* --- references ------------------------------------------------------------------------------- */

static bool leads_somewhere(const struct scenario *sc, const struct group *from,
                            const struct key *key, const char *name, GError **error) {
	g_autoptr(GString) kinds = g_string_new(NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	const struct group *other = NULL; /* of that name, and of another kind */
	const char *near;

	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		if (kind_is(*kind, key->to))
			g_string_append_printf(kinds, "%s%s", kinds->len ? ", " : "",
			                       (*kind)->name);
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (!kind_is(group->kind, key->to)) {
			other = g_str_equal(group->name, name) ? group : other;
			continue;
		}
		if (g_str_equal(group->name, name))
			return true;
		g_ptr_array_add(words, group->name);
	}
	if (other)
		return group_wrong(from, key->name, error,
		                   "'%s' is of type %s; allowed: groups of type %s", name,
		                   other->kind->name, kinds->str);
	near = nearest_word(name, (const char *const *)words->pdata, words->len);
	return group_wrong(
		from, key->name, error, "there is no '%s'%s%s%s; allowed: groups of type %s", name,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", kinds->str);
}

static bool check_reference(const struct scenario *sc, const struct group *group,
                            const struct key *key, GError **error) {
	g_autofree char *text = key_get(key, group->conf);
	g_auto(GStrv) names = g_strsplit(text, ",", -1);

	if (!*text && key->needed)
		return group_wrong(group, key->name, error, "missing; allowed: %s", key->help);
	for (unsigned i = 0; names[i]; i++) {
		const char *name = g_strstrip(names[i]);
		bool given = group_given(group, key->name) || key->needed;

		if (*name && given && !leads_somewhere(sc, group, key, name, error))
			return false;
	}
	return true;
}

static bool check_references(const struct scenario *sc, GError **error) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		for (size_t j = 0; j < group->kind->n_keys; j++)
			if (group->kind->keys[j].to &&
			    !check_reference(sc, group, &group->kind->keys[j], error))
				return false;
	}
	return true;
}

/* --- addresses -------------------------------------------------------------------------------- */

/* Whether a machine may have the address: of class A, B or C, no loopback, and neither first nor
 * last of its network (RFC 1122, section 3.2.1.3). */
static bool check_address(const struct group *group, uint32_t addr, unsigned prefix,
                          GError **error) {
	uint32_t hosts = prefix < 32 ? UINT32_MAX >> prefix : 0;
	g_autofree char *text = quantity_format_address(addr);

	if (addr >> 24 != 0 && addr >> 24 != 127 && addr < 0xe0000000 &&
	    (prefix > 30 || ((addr & hosts) != 0 && (addr & hosts) != hosts)))
		return true;
	return group_wrong(
		group, "address", error,
		"%s/%u is no machine's address; allowed: neither loopback, multicast nor the first "
		"or last of its network",
		text, prefix);
}

static bool take_address(GHashTable *taken, const struct group *group, uint32_t addr,
                         GError **error) {
	g_autofree char *text = quantity_format_address(addr);
	const struct group *other = g_hash_table_lookup(taken, GUINT_TO_POINTER(addr));

	if (other)
		return group_wrong(group, "address", error,
		                   "%s is also the address of [%s]; allowed: an address of its own",
		                   text, other->name);
	g_hash_table_insert(taken, GUINT_TO_POINTER(addr), (gpointer)group);
	return true;
}

static bool check_addresses(const struct scenario *sc, GError **error) {
	g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];
		const struct key *key = kind_key(group->kind, "address");
		struct net_address a = group_address(group);
		unsigned n = MAX(group_machines(group), 1);

		if (key && key->needed && a.prefix == 0)
			return group_wrong(group, "address", error, "missing; allowed: %s",
			                   quantity_example(VALUE_NETWORK));
		for (unsigned j = 0; a.prefix && j < n; j++)
			if (!check_address(group, a.addr + j, a.prefix, error) ||
			    !take_address(taken, group, a.addr + j, error))
				return false;
	}
	return true;
}

/* --- networks --------------------------------------------------------------------------------- */

static unsigned count_members(const struct scenario *sc, char **members) {
	unsigned n = 0;

	for (unsigned i = 0; members[i]; i++)
		n += MAX(group_machines(scenario_machine(sc, members[i])), 1);
	return n;
}

static bool check_network(const struct scenario *sc, const struct group *group, GHashTable *plugged,
                          GError **error) {
	char **members = group_names(group, "members");

	if (count_members(sc, members) < 2)
		return group_wrong(group, "members", error,
		                   "a network of one; allowed: two or more");
	for (unsigned i = 0; members[i]; i++)
		if (!g_hash_table_add(plugged, members[i]))
			return group_wrong(
				group, "members", error,
				"'%s' is on a network already; allowed: one network each",
				members[i]);
	return true;
}

static bool check_networks(const struct scenario *sc, GError **error) {
	g_autoptr(GHashTable) plugged = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (kind_is(group->kind, "network") && !check_network(sc, group, plugged, error))
			return false;
	}
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (kind_is(group->kind, "machine") && !g_hash_table_contains(plugged, group->name))
			return group_wrong(
				group, "type", error,
				"no network has '%s' among its members; allowed: one network each",
				group->name);
	}
	return true;
}

/* --- what kinds ask for ----------------------------------------------------------------------- */

static void settle_kinds(const struct scenario *sc) {
	struct group *group;

	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		for (unsigned i = 0; (*kind)->settle && (group = scenario_nth(sc, *kind, i)); i++)
			(*kind)->settle(sc, group);
}

static bool check_kinds(const struct scenario *sc, GError **error) {
	const struct group *group;

	settle_kinds(sc);
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		for (unsigned i = 0; (*kind)->check && (group = scenario_nth(sc, *kind, i)); i++)
			if (!(*kind)->check(sc, group, error))
				return false;
	return true;
}

bool scenario_validate(const struct scenario *sc, GError **error) {
	return check_references(sc, error) && check_addresses(sc, error) &&
	       check_networks(sc, error) && check_kinds(sc, error);
}
