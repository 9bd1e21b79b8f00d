/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding groups, and reading what they say, by the keys that their kinds have. */
#include <string.h>

#include "lab/scenario/scenario.h"

/* --- finding ---------------------------------------------------------------------------------- */

struct group *scenario_nth(const struct scenario *sc, const struct kind *kind, unsigned n) {
	const GPtrArray *groups = g_hash_table_lookup(sc->of_kind, kind);

	return groups && n < groups->len ? groups->pdata[n] : NULL;
}

struct group *scenario_find(const struct scenario *sc, const struct kind *kind, const char *name) {
	GHashTable *groups = g_hash_table_lookup(sc->by_name, kind);

	return name && groups ? g_hash_table_lookup(groups, name) : NULL;
}

struct group *scenario_called(const struct scenario *sc, const char *word, const char *name) {
	struct group *group = NULL;

	for (const struct kind *const *kind = sc->kinds; !group && *kind; kind++)
		if (kind_is(*kind, word))
			group = scenario_find(sc, *kind, name);
	return group;
}

struct group *scenario_machine(const struct scenario *sc, const char *name) {
	return scenario_called(sc, "machine", name);
}

struct group *scenario_named_by(const struct scenario *sc, const struct group *group,
                                const char *key) {
	const struct key *k = kind_key(group->kind, key);

	return k && k->to ? scenario_called(sc, k->to, group_text(group, key)) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

bool group_has(const struct group *group, const char *key) { return kind_key(group->kind, key); }

bool group_given(const struct group *group, const char *key) {
	return group->text && text_entry_find(group->text, key);
}

bool group_key_type(const struct group *group, const char *name, enum value_type *type) {
	const struct key *key = kind_key(group->kind, name);

	if (!key)
		return group->kind->net && g_str_has_prefix(name, "tcp.") &&
		       key_net_find(name + strlen("tcp."), type);
	/* For who varies it, a cost by kind is a cost. */
	*type = key->type == VALUE_WORK ? VALUE_COST : key->type;
	return true;
}

/* Where the value of a key is. */
static const void *value_at(const struct group *group, const char *name, enum value_type type) {
	const struct key *key = kind_key(group->kind, name);

	if (!key || key->type != type)
		g_error("defect: groups of type %s have no such key %s", group->kind->name, name);
	return (const char *)group->conf + key->offset;
}

const char *group_text(const struct group *group, const char *key) {
	return *(char *const *)value_at(group, key, VALUE_TEXT);
}

char **group_names(const struct group *group, const char *key) {
	return *(char **const *)value_at(group, key, VALUE_NAMES);
}

const uint32_t *group_numbers(const struct group *group, const char *key) {
	return *(uint32_t *const *)value_at(group, key, VALUE_NUMBERS);
}

bool group_flag(const struct group *group, const char *key) {
	return *(const bool *)value_at(group, key, VALUE_BOOL);
}

double group_number(const struct group *group, const char *name) {
	const struct key *key = kind_key(group->kind, name);

	if (!key || (key->type > VALUE_SHARE && key->type != VALUE_CHOICE))
		g_error("defect: groups of type %s have no number %s", group->kind->name, name);
	return key_number(key, group->conf);
}

struct cost_value group_cost(const struct group *group, const char *name,
                             const struct machine *machine) {
	const struct key *key = kind_key(group->kind, name);

	if (key && key->type == VALUE_WORK)
		return terms_on(value_at(group, name, VALUE_WORK), machine);
	return *(const struct cost_value *)value_at(group, name, VALUE_COST);
}

bool group_enabled(const struct group *group) {
	return !group_has(group, "enabled") || group_flag(group, "enabled");
}

struct net_address group_address(const struct group *group) {
	const struct key *key = kind_key(group->kind, "address");

	if (!key || key->type != VALUE_NETWORK)
		return (struct net_address){0};
	return *(const struct net_address *)value_at(group, "address", VALUE_NETWORK);
}

uint32_t group_gateway(const struct group *group) {
	return group_has(group, "gateway")
	               ? *(const uint32_t *)value_at(group, "gateway", VALUE_ADDRESS)
	               : 0;
}

unsigned group_machines(const struct group *group) {
	return kind_is(group->kind, "machine") && group_has(group, "count")
	               ? (unsigned)group_number(group, "count")
	               : 0;
}

/* --- complaining ------------------------------------------------------------------------------ */

bool group_wrong(const struct group *group, const char *key, GError **error, const char *format,
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
