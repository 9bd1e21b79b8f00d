/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the n-th copy of a group say?  Names, addresses and references move along with it. */
#include "lab/scenario/repeat.h"

#include <string.h>

#include "lab/scenario/kind_of.h"

/* A group that is copied. */
struct original {
	const struct text_group *text;
	const struct kind *kind;
	char *name;                 /* without the type */
	struct net_address address; /* prefix 0: none */
	unsigned machines;          /* that its addresses are for */
};

struct copying {
	struct scenario *sc;
	const struct group *repeat;
	GArray *originals; /* struct original */
	bool networks;     /* networks are copied: each copy has addresses in one of its own */
	unsigned count;
	GError **error;
};

static void original_clear(gpointer data) { g_free(((struct original *)data)->name); }

static const struct original *nth_original(const struct copying *c, guint i) {
	return &g_array_index(c->originals, struct original, i);
}

static const struct original *original_called(const struct copying *c, const char *name) {
	for (guint i = 0; i < c->originals->len; i++)
		if (g_str_equal(nth_original(c, i)->name, name))
			return nth_original(c, i);
	return NULL;
}

/* "toe1" of "toe0", "clients2" of "clients", for the first copy. */
static char *copy_name(const char *name, unsigned copy) {
	size_t length = strlen(name), stem = length;
	guint64 number = 1;

	while (stem > 0 && g_ascii_isdigit(name[stem - 1]))
		stem--;
	if (stem < length && length - stem < 10)
		number = g_ascii_strtoull(name + stem, NULL, 10);
	else
		stem = length;
	return g_strdup_printf("%.*s%" G_GUINT64_FORMAT, (int)stem, name, number + copy);
}

/* --- what is copied ---------------------------------------------------------------------------- */

/* A value, and from where its role and source begin. */
static char *value_of(const char *text, const char **rest) {
	const char *bar = strchr(text, '\n') ? NULL : strchr(text, '|');

	*rest = bar ? bar : "";
	return g_strstrip(bar ? g_strndup(text, (gsize)(bar - text)) : g_strdup(text));
}

static char *entry_value(const struct text_group *group, const char *key) {
	const struct text_entry *entry = text_entry_find(group, key);
	const char *rest;

	return entry ? value_of(entry->value, &rest) : g_strdup("");
}

static const struct text_group *text_called(const struct text *text, const char *name) {
	const struct text_group *found = text_group_find(text, name);

	for (guint i = 0; !found && i < text->groups->len; i++) {
		const struct text_group *group = text->groups->pdata[i];
		const char *space = strchr(group->name, ' ');

		if (space && g_str_equal(space + strspn(space, " "), name))
			found = group;
	}
	return found;
}

static bool no_such(const struct copying *c, const char *name) {
	const GPtrArray *groups = c->sc->text->groups;
	g_autofree const char **words = g_new(const char *, groups->len);
	const char *near;

	for (guint i = 0; i < groups->len; i++)
		words[i] = ((const struct text_group *)groups->pdata[i])->name;
	near = nearest_word(name, words, groups->len);
	return group_wrong(c->repeat, "groups", c->error,
	                   "there is no '%s'%s%s%s; allowed: groups of the scenario", name,
	                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool add_original(struct copying *c, const char *name) {
	struct original o = {.text = text_called(c->sc->text, name), .machines = 1};
	g_autofree char *address = NULL, *machines = NULL;

	if (!o.text)
		return no_such(c, name);
	o.kind = kind_of(c->sc->text, c->sc->kinds, o.text, &o.name, c->error);
	if (o.kind &&
	    (g_str_equal(o.kind->name, "repeat") || g_str_equal(o.kind->name, "scenario"))) {
		g_free(o.name);
		return group_wrong(c->repeat, "groups", c->error,
		                   "'%s' cannot be there twice; allowed: machines, cards, wires, "
		                   "programs and what they need",
		                   name);
	}
	if (!o.kind || original_called(c, o.name)) {
		bool known = o.kind;

		g_free(o.name);
		return known && group_wrong(c->repeat, "groups", c->error,
		                            "'%s' stands there twice; allowed: once", name);
	}
	address = entry_value(o.text, "address");
	if (kind_key(o.kind, "address") && kind_key(o.kind, "address")->type == VALUE_NETWORK)
		quantity_network(address, &o.address);
	machines = entry_value(o.text, "count");
	if (kind_is(o.kind, "machine") && *machines)
		o.machines = (unsigned)MAX(g_ascii_strtoull(machines, NULL, 10), 1);
	c->networks |= kind_is(o.kind, "network");
	g_array_append_val(c->originals, o);
	return true;
}

/* --- values of a copy -------------------------------------------------------------------------- */

/* With what is copied renamed. */
static char *rename_words(const struct copying *c, const char *value, unsigned copy) {
	g_auto(GStrv) words = g_strsplit(value, ",", -1);

	for (unsigned i = 0; words[i]; i++) {
		const struct original *o = original_called(c, g_strstrip(words[i]));
		char *name = o ? copy_name(o->name, copy) : NULL;

		if (!name)
			continue;
		g_free(words[i]);
		words[i] = name;
	}
	return g_strjoinv(", ", words);
}

/* Those that there are, and the copies of each. */
static char *extend_words(const struct copying *c, const char *value) {
	g_auto(GStrv) words = g_strsplit(value, ",", -1);
	GString *list = g_string_new(NULL);

	for (unsigned i = 0; words[i]; i++) {
		const char *word = g_strstrip(words[i]);
		const struct original *o = original_called(c, word);

		g_string_append_printf(list, "%s%s", list->len ? ", " : "", word);
		for (unsigned copy = 1; o && copy < c->count; copy++) {
			g_autofree char *name = copy_name(word, copy);

			g_string_append_printf(list, ", %s", name);
		}
	}
	return g_string_free(list, FALSE);
}

/* Addresses from one copy to the next. */
static uint64_t stride(const struct copying *c, const struct original *o) {
	return c->networks ? UINT64_C(1) << (32 - o->address.prefix) : o->machines;
}

static char *shift_address(const struct copying *c, const struct original *o, unsigned copy) {
	uint64_t addr = o->address.addr + copy * stride(c, o);
	g_autofree char *text = quantity_format_address((uint32_t)addr);

	return g_strdup_printf("%s/%u", text, o->address.prefix);
}

/* An address without a network: it moves with the machines among which it is. */
static char *shift_neighbour(const struct copying *c, const char *value, unsigned copy) {
	uint32_t addr;

	for (guint i = 0; c->networks && i < c->originals->len; i++) {
		const struct original *o = nth_original(c, i);

		if (o->address.prefix && quantity_address(value, &addr) &&
		    ((addr ^ o->address.addr) & net_address_mask(&o->address)) == 0)
			return quantity_format_address(addr + copy * (uint32_t)stride(c, o));
	}
	return g_strdup(value);
}

static char *copy_value(const struct copying *c, const struct original *o,
                        const struct text_entry *entry, unsigned copy) {
	const struct key *key = kind_key(o->kind, entry->key);
	const char *rest;
	g_autofree char *value = value_of(entry->value, &rest), *other = NULL;

	if (key && key->to)
		other = rename_words(c, value, copy);
	else if (key && key->type == VALUE_NETWORK && o->address.prefix)
		other = shift_address(c, o, copy);
	else if (key && key->type == VALUE_ADDRESS)
		other = shift_neighbour(c, value, copy);
	else
		return g_strdup(entry->value);
	return g_strdup_printf("%s%s%s", other, *rest ? " " : "", rest);
}

/* --- making them ------------------------------------------------------------------------------- */

static bool copy_group(const struct copying *c, const struct original *o, unsigned copy) {
	const char *space = strchr(o->text->name, ' ');
	g_autofree char *name = copy_name(o->name, copy);
	g_autofree char *full = space ? g_strdup_printf("%.*s %s", (int)(space - o->text->name),
	                                                o->text->name, name)
	                              : g_strdup(name);

	if (text_group_find(c->sc->text, full))
		return group_wrong(
			c->repeat, "groups", c->error,
			"a copy of '%s' would be called '%s', as another group is; allowed: names "
			"whose successors are free",
			o->name, name);
	if (c->sc->text->groups->len >= TEXT_MAX_GROUPS)
		return group_wrong(c->repeat, "count", c->error,
		                   "more than %d groups with the copies; allowed: as many",
		                   TEXT_MAX_GROUPS);
	/* One that is of the type of its name has a copy of another name. */
	if (!space && !text_entry_find(o->text, "type"))
		text_set(c->sc->text, full, "type", o->kind->name, o->text->origin);
	for (guint i = 0; i < o->text->entries->len; i++) {
		const struct text_entry *entry = o->text->entries->pdata[i];
		g_autofree char *value = copy_value(c, o, entry, copy);

		text_set(c->sc->text, full, entry->key, value, entry->origin);
	}
	return true;
}

static bool is_original(const struct copying *c, const struct text_group *group) {
	for (guint i = 0; i < c->originals->len; i++)
		if (nth_original(c, i)->text == group)
			return true;
	return false;
}

/* Lists in other groups name the copies too.  What is wrong with such a group is told when it is read. */
static void extend_lists(const struct copying *c, const struct text_group *group) {
	g_autofree char *name = NULL;
	const struct kind *kind = kind_of(c->sc->text, c->sc->kinds, group, &name, NULL);

	for (guint i = 0; kind && i < group->entries->len; i++) {
		const struct text_entry *entry = group->entries->pdata[i];
		const struct key *key = kind_key(kind, entry->key);
		const char *rest;

		if (!key || !key->to || key->type != VALUE_NAMES)
			continue;
		g_autofree char *value = value_of(entry->value, &rest);
		g_autofree char *list = extend_words(c, value);
		g_autofree char *whole = g_strdup_printf("%s%s%s", list, *rest ? " " : "", rest);
		g_autofree char *origin = g_strdup(entry->origin);

		text_set(c->sc->text, group->name, entry->key, whole, origin);
	}
}

static bool make(struct copying *c) {
	const GPtrArray *groups = c->sc->text->groups;
	char **names = group_names(c->repeat, "groups");

	if (!names)
		return group_wrong(c->repeat, "groups", c->error,
		                   "missing; allowed: groups of the scenario");
	for (unsigned i = 0; names[i]; i++)
		if (!add_original(c, names[i]))
			return false;
	for (guint i = 0; i < groups->len; i++)
		if (!is_original(c, groups->pdata[i]) && groups->pdata[i] != c->repeat->text)
			extend_lists(c, groups->pdata[i]);
	for (unsigned copy = 1; copy < c->count; copy++)
		for (guint i = 0; i < c->originals->len; i++)
			if (!copy_group(c, nth_original(c, i), copy))
				return false;
	/* The text says them itself now, also to who reads it again. */
	text_set(c->sc->text, c->repeat->text->name, "count", "1", c->repeat->text->origin);
	return true;
}

bool repeat_make(struct scenario *sc, const struct group *repeat, GError **error) {
	struct copying c = {.sc = sc,
	                    .repeat = repeat,
	                    .count = (unsigned)group_number(repeat, "count"),
	                    .error = error};
	bool good;

	c.originals = g_array_new(FALSE, FALSE, sizeof(struct original));
	g_array_set_clear_func(c.originals, original_clear);
	good = make(&c);
	g_array_unref(c.originals);
	return good;
}
