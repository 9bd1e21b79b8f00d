/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What do the words of a scenario mean?  Each group gets its kind's struct, each value its place.
 */
#include "lab/scenario/scenario.h"

#include <string.h>

#include "lab/base/digest.h"
#include "lab/scenario/bounds.h"
#include "lab/scenario/kind_of.h"
#include "lab/scenario/repeat.h"
#include "lab/scenario/validate.h"

static const char *const roles[] = {"assumed", "measured", "calibrated", NULL};

/* "12us | calibrated | Table 1 | 8us..20us" is value, role, source and range; all but the first may be missing. */
static char **split_value(const struct kind *kind, const struct text_entry *entry) {
	const struct key *key = kind_key(kind, entry->key);
	/* In a command, or in several lines, which are a program, | has a meaning of its own. */
	bool whole = strchr(entry->value, '\n') ||
	             (key && key->type == VALUE_TEXT && kind_is(kind, "acts"));
	char **parts = g_strsplit(entry->value, "|", whole ? 1 : 4);

	for (unsigned i = 0; parts[i]; i++)
		g_strstrip(parts[i]);
	return parts;
}

static void group_free(gpointer data) {
	struct group *group = data;

	for (size_t i = 0; i < group->kind->n_keys; i++)
		key_clear(&group->kind->keys[i], group->conf);
	g_ptr_array_unref(group->overrides);
	g_free(group->conf);
	g_free(group->name);
	g_free(group);
}

void scenario_free(struct scenario *sc) {
	g_hash_table_unref(sc->of_kind);
	g_hash_table_unref(sc->by_name);
	g_ptr_array_unref(sc->groups);
	text_free(sc->text);
	g_free(sc);
}

/* --- setting keys ------------------------------------------------------------------------------
 */

static bool bad_value(const struct text_entry *entry, const struct group *group, const char *why,
                      GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: [%s] %s: %s", entry->origin,
	            group->text->name, entry->key, why);
	return false;
}

static bool unknown_key(const struct text_entry *entry, const struct group *group, GError **error) {
	const struct kind *kind = group->kind;
	g_autofree const char **names = g_new(const char *, kind->n_keys + 1);
	g_autofree char *why = NULL, *all = NULL;
	GString *list = g_string_new(NULL);
	const char *near;

	for (size_t i = 0; i < kind->n_keys; i++) {
		names[i] = kind->keys[i].name;
		g_string_append_printf(list, "%s%s", i ? ", " : "", names[i]);
	}
	if (kind->net)
		g_string_append(list, ", tcp.PARAMETER");
	all = g_string_free(list, FALSE);
	near = nearest_word(entry->key, names, kind->n_keys);
	why = g_strdup_printf("unknown key of type %s%s%s%s; allowed: %s", kind->name,
	                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
	                      all);
	return bad_value(entry, group, why, error);
}

static bool set_net(struct group *group, const struct text_entry *entry, const char *value,
                    GError **error) {
	struct net_params *params = (void *)((char *)group->conf + group->kind->net);
	const char *name = entry->key + strlen("tcp.");
	g_autofree char *why = NULL;

	if (!key_net_find(name, NULL))
		return bad_value(entry, group,
		                 "unknown parameter of a TCP/IP stack; allowed: those that "
		                 "`sopsim params` lists as tcp.*",
		                 error);
	if (!key_set_net(params, name, value, &why))
		return bad_value(entry, group, why, error);
	return true;
}

static bool good_role(const struct group *group, const struct text_entry *entry, const char *role,
                      GError **error) {
	g_autofree char *why = NULL;

	if (!role || g_strv_contains(roles, role))
		return true;
	why = g_strdup_printf("unknown role '%s'; allowed: assumed, measured or calibrated", role);
	return bad_value(entry, group, why, error);
}

static bool good_range(const struct group *group, const struct text_entry *entry,
                       const struct key *key, const char *text, GError **error) {
	const char *what = "of a key that has none";
	g_autofree char *why = NULL;
	struct bounds range;

	if (!text || (key && bounds_read(key, text, &range, &what)))
		return true;
	why = g_strdup_printf("the range '%s': %s; allowed: LOW..HIGH, such as 8us..20us", text,
	                      what);
	return bad_value(entry, group, why, error);
}

/* What stands behind the value. */
static bool good_words(const struct group *group, const struct text_entry *entry,
                       char *const *parts, const struct key *key, GError **error) {
	if (!parts[0])
		return true;
	if (!good_role(group, entry, parts[1], error))
		return false;
	return !parts[1] || !parts[2] || good_range(group, entry, key, parts[3], error);
}

static bool set_entry(struct group *group, const struct text_entry *entry, GError **error) {
	g_auto(GStrv) parts = split_value(group->kind, entry);
	const struct key *key = kind_key(group->kind, entry->key);
	const char *value = parts[0] ? parts[0] : "";
	g_autofree char *why = NULL;

	if (g_str_equal(entry->key, "type") && !group->kind->named)
		return true;
	if (!good_words(group, entry, parts, key, error))
		return false;
	if (group->kind->named && strchr(entry->key, '.')) {
		g_ptr_array_add(group->overrides, (gpointer)entry);
		return true;
	}
	if (group->kind->net && g_str_has_prefix(entry->key, "tcp."))
		return set_net(group, entry, value, error);
	if (!key)
		return unknown_key(entry, group, error);
	if (!key_set(key, group->conf, value, &why))
		return bad_value(entry, group, why, error);
	return true;
}

/* The preset of the stack comes before the parameters that change it. */
static void set_stack(struct group *group) {
	const struct key *key = kind_key(group->kind, "stack");
	g_autofree char *preset = NULL;

	if (!group->kind->net || !key)
		return;
	preset = key_get(key, group->conf);
	net_params_preset((void *)((char *)group->conf + group->kind->net), preset);
}

static bool set_group(struct group *group, GError **error) {
	const struct text_entry *stack = text_entry_find(group->text, "stack");

	if (group->kind->init)
		group->kind->init(group->conf);
	if (stack && !set_entry(group, stack, error))
		return false;
	if (stack)
		set_stack(group);
	for (guint i = 0; i < group->text->entries->len; i++)
		if (!set_entry(group, group->text->entries->pdata[i], error))
			return false;
	return true;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

/* Enters it among those of its kind; the first of a name is found by it. */
static void enter_group(struct scenario *sc, struct group *group) {
	GPtrArray *groups = g_hash_table_lookup(sc->of_kind, group->kind);
	GHashTable *names = g_hash_table_lookup(sc->by_name, group->kind);

	if (!groups) {
		groups = g_ptr_array_new();
		names = g_hash_table_new(g_str_hash, g_str_equal);
		g_hash_table_insert(sc->of_kind, (gpointer)(uintptr_t)group->kind, groups);
		g_hash_table_insert(sc->by_name, (gpointer)(uintptr_t)group->kind, names);
	}
	g_ptr_array_add(sc->groups, group);
	g_ptr_array_add(groups, group);
	if (!g_hash_table_contains(names, group->name))
		g_hash_table_insert(names, group->name, group);
}

/* Those that make copies of others come first: what they make is text too. */
static bool is_first(const struct scenario *sc, const struct text_group *tg) {
	return kind_find(sc->kinds, "repeat") && g_str_has_prefix(tg->name, "repeat ");
}

static bool add_group(struct scenario *sc, const struct text_group *tg, GError **error) {
	g_autofree char *name = NULL;
	const struct kind *kind = kind_of(sc->text, sc->kinds, tg, &name, error);
	struct group *group;

	if (!kind)
		return false;
	group = g_new0(struct group, 1);
	group->name = g_steal_pointer(&name);
	group->kind = kind;
	group->text = tg;
	group->conf = g_malloc0(kind->size);
	group->overrides = g_ptr_array_new();
	enter_group(sc, group);
	return set_group(group, error);
}

static bool make_copies(struct scenario *sc, GError **error) {
	bool good = true;

	for (guint i = 0; good && i < sc->text->groups->len; i++)
		if (is_first(sc, sc->text->groups->pdata[i]))
			good = add_group(sc, sc->text->groups->pdata[i], error);
	for (guint i = 0, n = sc->groups->len; good && i < n; i++)
		good = repeat_make(sc, sc->groups->pdata[i], error);
	return good;
}

/* [scenario] is there, but may have been given another type. */
static bool find_head(struct scenario *sc, GError **error) {
	const struct group *group = scenario_nth(sc, kind_find(sc->kinds, "scenario"), 0);

	if (group)
		sc->head = group->conf;
	else
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [scenario] type: it is of another type; allowed: scenario, or no type",
			sc->text->file);
	return group;
}

static void array_unref(gpointer array) { g_ptr_array_unref(array); }
static void table_unref(gpointer table) { g_hash_table_unref(table); }

struct scenario *scenario_read(const struct text *text, const struct kind *const *kinds,
                               GError **error) {
	struct scenario *sc = g_new0(struct scenario, 1);
	bool good;

	sc->text = text_copy(text);
	sc->kinds = kinds;
	sc->groups = g_ptr_array_new_with_free_func(group_free);
	sc->of_kind = g_hash_table_new_full(NULL, NULL, NULL, array_unref);
	sc->by_name = g_hash_table_new_full(NULL, NULL, NULL, table_unref);
	if (!text_group_find(sc->text, "scenario"))
		text_set(sc->text, "scenario", "title", text->file, text->file);
	good = make_copies(sc, error);
	for (guint i = 0; good && i < sc->text->groups->len; i++)
		if (!is_first(sc, sc->text->groups->pdata[i]))
			good = add_group(sc, sc->text->groups->pdata[i], error);
	if (good && find_head(sc, error) && scenario_validate(sc, error))
		return sc;
	scenario_free(sc);
	return NULL;
}

/* The prefix of an override that is not always in force; NULL. */
static const char *condition(const char *key) {
	static const char *const prefixes[] = {"quick.", "easy.", "long."};

	for (unsigned i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if (g_str_has_prefix(key, prefixes[i]))
			return prefixes[i];
	return NULL;
}

bool scenario_apply(const struct scenario *sc, const struct kind *kind, const char *name,
                    const char *only, struct text *text, GError **error) {
	const struct group *group = scenario_find(sc, kind, name);

	if (name && !group) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [%s %s] type: there is no such group; allowed: those of the scenario",
			sc->text->file, kind->name, name);
		return false;
	}
	for (guint i = 0; group && i < group->overrides->len; i++) {
		const struct text_entry *entry = group->overrides->pdata[i];
		g_autofree char *origin =
			g_strdup_printf("%s: [%s]", entry->origin, group->text->name);
		const char *when = condition(entry->key);
		const char *key = entry->key + (when ? strlen(when) : 0);

		if (g_strcmp0(when, only) != 0)
			continue;
		if (!text_override(text, key, entry->value, origin, error))
			return false;
	}
	return true;
}

/* --- parameters in force -----------------------------------------------------------------------
 */

/* A value in force, and what its key is about. */
typedef void value_fn(void *arg, const struct group *group, const char *key, const char *value,
                      const char *help);

static void visit_keys(const struct group *group, value_fn *fn, void *arg) {
	for (size_t i = 0; i < group->kind->n_keys; i++) {
		const struct key *key = &group->kind->keys[i];
		g_autofree char *value = key_get(key, group->conf);

		fn(arg, group, key->name, value, key->help);
	}
}

static void visit_net(const struct group *group, value_fn *fn, void *arg) {
	const struct net_params *params = (void *)((char *)group->conf + group->kind->net);
	const char *name, *unit;
	int64_t number;

	for (size_t i = 0; net_params_get(params, i, &name, &unit, &number); i++) {
		struct key key = {.type = key_net_type(unit), .size = sizeof number};
		g_autofree char *full = g_strconcat("tcp.", name, NULL);
		g_autofree char *value = key_get(&key, &number);

		fn(arg, group, full, value, "preset of the stack");
	}
}

static void visit(const struct scenario *sc, value_fn *fn, void *arg) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group->kind->named)
			continue;
		visit_keys(group, fn, arg);
		if (group->kind->net)
			visit_net(group, fn, arg);
	}
}

char *group_range(const struct group *group, const char *key) {
	const struct text_entry *entry = text_entry_find(group->text, key);
	g_auto(GStrv) parts = entry ? split_value(group->kind, entry) : NULL;

	return parts && g_strv_length(parts) > 3 ? g_strdup(parts[3]) : NULL;
}

struct teller {
	void (*fn)(void *arg, const struct parameter *p);
	void *arg;
};

static void tell(void *arg, const struct group *group, const char *key, const char *value,
                 const char *help) {
	const struct teller *teller = arg;
	const struct text_entry *entry = text_entry_find(group->text, key);
	g_auto(GStrv) parts = entry ? split_value(group->kind, entry) : NULL;
	bool known = parts && parts[0] && parts[1];
	g_autofree char *given = entry ? g_strdup_printf("%s: %s", entry->origin, help) : NULL;
	struct parameter p = {
		.group = group->name,
		.key = key,
		.value = value,
		.role = known   ? parts[1]
	                : entry ? "assumed"
	                        : "default",
		.source = known && parts[2] ? parts[2]
	                  : entry           ? given
	                                    : help,
		.range = known && parts[2] && parts[3] ? parts[3] : "",
	};
	const struct key *typed = kind_key(group->kind, key);
	struct bounds range;
	const char *why;

	if (*p.range && typed && bounds_read(typed, p.range, &range, &why))
		p.outside = bounds_have(typed, &range, value) == BOUNDS_OUTSIDE;

	teller->fn(teller->arg, &p);
}

void scenario_parameters(const struct scenario *sc,
                         void (*fn)(void *arg, const struct parameter *p), void *arg) {
	struct teller teller = {fn, arg};

	visit(sc, tell, &teller);
}

/* "GROUP.KEY=VALUE", a line each. */
static void hash_value(void *sum, const struct group *group, const char *key, const char *value,
                       const char *help) {
	const char *const words[] = {group->name, ".", key, "=", value, "\n"};

	(void)help;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		g_checksum_update(sum, (const guchar *)words[i], (gssize)strlen(words[i]));
}

/* What programs do is no parameter, but part of what a scenario means. */
static void hash_acts(const struct scenario *sc, GChecksum *sum) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (kind_is(group->kind, "acts"))
			visit_keys(group, hash_value, sum);
	}
}

void scenario_takes(const struct scenario *sc, void (*fn)(void *arg, const char *path), void *arg) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group->kind->takes && group_enabled(group))
			group->kind->takes(group, fn, arg);
	}
}

static void hash_files(void *arg, const char *path) {
	const char *digest = digest_of(path);

	g_checksum_update(arg, (const guchar *)digest, (gssize)strlen(digest));
}

char *scenario_hash(const struct scenario *sc) {
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	visit(sc, hash_value, sum);
	hash_acts(sc, sum);
	scenario_takes(sc, hash_files, sum);
	return g_strdup(g_checksum_get_string(sum));
}
