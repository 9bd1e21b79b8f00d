/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scenario/scenario.h"

#include <string.h>

#include "lab/scenario/validate.h"

#define GROUP_NAME_MAX 64

static const char *const roles[] = {"assumed", "measured", "calibrated", NULL};

/* "12us | calibrated | Table 1" is value, role and source; the latter two may be missing. */
static char **split_value(const char *text) {
	/* Several lines are a program, in which | has a meaning of its own. */
	char **parts = g_strsplit(text, "|", strchr(text, '\n') ? 1 : 3);

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

/* --- which kind a group is of --------------------------------------------------------------------
 */

static void unknown_type(const struct kind *const *kinds, const char *origin,
                         const struct text_group *tg, const char *word, GError **error) {
	const char *near = kind_nearest(kinds, word);
	g_autoptr(GString) all = g_string_new(NULL);

	for (; *kinds; kinds++)
		g_string_append_printf(all, "%s%s", all->len ? ", " : "", (*kinds)->name);
	/* A group without the key has its name for a type. */
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [%s] type: %sunknown type '%s'%s%s%s; allowed: %s", origin, tg->name,
	            text_entry_find(tg, "type") || strchr(tg->name, ' ')
	                    ? ""
	                    : "there is no such key, and an ",
	            word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
	            all->str);
}

/* A type that is written as the others are: [echo] or type = echo for [echo ask], [toe card0] for
 * [card0] with type = toe. */
static void miswritten_type(const char *origin, const struct text_group *tg,
                            const struct kind *kind, const char *name, GError **error) {
	bool bare = g_str_equal(name, kind->name);

	if (kind->named)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: [%s] type: %s stands before the name of a group; allowed: [%s %s]",
		            origin, tg->name, kind->name, kind->name, bare ? "NAME" : name);
	else
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [%s] type: %s stands in no group's name; allowed: [%s] with type = %s",
			origin, tg->name, kind->name, name, kind->name);
}

/* Names become files (--pcap), words of GROUP.KEY and of CSVs: letters, digits, _ and -. */
static bool good_name(const struct text_group *tg, const char *name, const char *file,
                      GError **error) {
	size_t length = strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-");
	g_autofree char *shown = NULL;

	if (length > 0 && length <= GROUP_NAME_MAX && !name[length] && *name != '-')
		return true;
	shown = g_utf8_substring(tg->name, 0, MIN(g_utf8_strlen(tg->name, -1), GROUP_NAME_MAX));
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: [%s]: no name of a group; allowed: up to %d letters, digits, _ and -, the first "
		"of them no -",
		file, shown, GROUP_NAME_MAX);
	return false;
}

/* [config leg_tcpip] is of a named kind; [pci0] has a key `type`; [cost] is its own kind. */
static const struct kind *find_kind(const struct scenario *sc, const struct text_group *tg,
                                    char **name, GError **error) {
	const struct text_entry *entry = text_entry_find(tg, "type");
	const char *space = strchr(tg->name, ' ');
	g_autofree char *word = space ? g_strndup(tg->name, (gsize)(space - tg->name))
	                              : g_strdup(entry ? entry->value : tg->name);
	const struct kind *kind = kind_find(sc->kinds, word);

	*name = g_strstrip(g_strdup(space ? space + 1 : tg->name));
	if (!text_is_scenario(sc->text, tg->origin) && (!kind || kind->named != !!space)) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: none of its groups has a type that exists; allowed: a scenario, see sopsim "
			"params --types",
			tg->origin);
		return NULL;
	}
	if (!good_name(tg, *name, tg->origin, error))
		return NULL;
	if (!kind) {
		unknown_type(sc->kinds, entry ? entry->origin : tg->origin, tg, word, error);
		return NULL;
	}
	if (kind->named != !!space) {
		miswritten_type(entry ? entry->origin : tg->origin, tg, kind, *name, error);
		return NULL;
	}
	return kind;
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

	if (!key_has_net(name))
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

static bool set_entry(struct group *group, const struct text_entry *entry, GError **error) {
	g_auto(GStrv) parts = split_value(entry->value);
	const struct key *key = kind_key(group->kind, entry->key);
	const char *value = parts[0] ? parts[0] : "";
	g_autofree char *why = NULL;

	if (g_str_equal(entry->key, "type") && !group->kind->named)
		return true;
	if (!good_role(group, entry, parts[0] ? parts[1] : NULL, error))
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

static bool add_group(struct scenario *sc, const struct text_group *tg, GError **error) {
	g_autofree char *name = NULL;
	const struct kind *kind = find_kind(sc, tg, &name, error);
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
	bool good = true;

	sc->text = text_copy(text);
	sc->kinds = kinds;
	sc->groups = g_ptr_array_new_with_free_func(group_free);
	sc->of_kind = g_hash_table_new_full(NULL, NULL, NULL, array_unref);
	sc->by_name = g_hash_table_new_full(NULL, NULL, NULL, table_unref);
	if (!text_group_find(sc->text, "scenario"))
		text_set(sc->text, "scenario", "title", text->file, text->file);
	for (guint i = 0; good && i < sc->text->groups->len; i++)
		good = add_group(sc, sc->text->groups->pdata[i], error);
	if (good && find_head(sc, error) && scenario_validate(sc, error))
		return sc;
	scenario_free(sc);
	return NULL;
}

bool scenario_apply(const struct scenario *sc, const struct kind *kind, const char *name,
                    bool quick, struct text *text, GError **error) {
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
		bool only_quick = g_str_has_prefix(entry->key, "quick.");
		const char *key = entry->key + (only_quick ? strlen("quick.") : 0);

		if (only_quick && !quick)
			continue;
		if (!text_override(text, key, entry->value, origin, error))
			return false;
	}
	return true;
}

/* --- parameters in force -----------------------------------------------------------------------
 */

static void tell(const struct group *group, const char *key, char *value, const char *help,
                 void (*fn)(void *arg, const struct parameter *p), void *arg) {
	const struct text_entry *entry = text_entry_find(group->text, key);
	g_auto(GStrv) parts = entry ? split_value(entry->value) : NULL;
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
	};

	fn(arg, &p);
	g_free(value);
}

static void tell_net(const struct group *group, void (*fn)(void *arg, const struct parameter *p),
                     void *arg) {
	const struct net_params *params = (void *)((char *)group->conf + group->kind->net);
	const char *name, *unit;
	int64_t value;

	for (size_t i = 0; net_params_get(params, i, &name, &unit, &value); i++) {
		struct key key = {.type = key_net_type(unit), .size = sizeof value};
		g_autofree char *full = g_strconcat("tcp.", name, NULL);

		tell(group, full, key_get(&key, &value), "preset of the stack", fn, arg);
	}
}

void scenario_parameters(const struct scenario *sc,
                         void (*fn)(void *arg, const struct parameter *p), void *arg) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		if (group->kind->named)
			continue;
		for (size_t j = 0; j < group->kind->n_keys; j++) {
			const struct key *key = &group->kind->keys[j];

			tell(group, key->name, key_get(key, group->conf), key->help, fn, arg);
		}
		if (group->kind->net)
			tell_net(group, fn, arg);
	}
}

static void hash_parameter(void *arg, const struct parameter *p) {
	g_autofree char *line = g_strdup_printf("%s.%s=%s\n", p->group, p->key, p->value);

	g_checksum_update(arg, (const guchar *)line, (gssize)strlen(line));
}

/* What programs do is no parameter, but part of what a scenario means. */
static void hash_acts(const struct scenario *sc, GChecksum *sum) {
	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];

		for (size_t j = 0; kind_is(group->kind, "acts") && j < group->kind->n_keys; j++) {
			const struct key *key = &group->kind->keys[j];

			tell(group, key->name, key_get(key, group->conf), key->help, hash_parameter,
			     sum);
		}
	}
}

char *scenario_hash(const struct scenario *sc) {
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	scenario_parameters(sc, hash_parameter, sum);
	hash_acts(sc, sum);
	return g_strdup(g_checksum_get_string(sum));
}
