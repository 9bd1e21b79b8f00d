/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which measures does the user want to see, and how is a column headed?  Names, patterns and
 * totals, looked up in what the kinds declare.
 */
#include "lab/campaign/chosen.h"

#include <string.h>

#include "lab/campaign/record.h"
#include "lab/scenario/key.h"
#include "lab/world/total.h"
#include "lab/world/window.h"

static void column_clear(gpointer data) {
	struct column *column = data;

	g_free(column->name);
	g_free(column->axis);
}

char *unit_suffix(const char *unit) {
	static const struct {
		const char *unit, *suffix;
	} special[] = {{"1", ""}, {"%", "_pct"}, {"1/s", "_per_s"}, {"bit/s", "_bit_per_s"}};

	for (size_t i = 0; i < G_N_ELEMENTS(special); i++)
		if (g_str_equal(special[i].unit, unit))
			return g_strdup(special[i].suffix);
	return g_strconcat("_", unit, NULL);
}

/* --- one ----------------------------------------------------------------------------------------- */

static bool is_there(const struct chosen *chosen, const char *name) {
	const struct column *column;

	for (guint i = 0; (column = chosen_column(chosen, i)); i++)
		if (g_str_equal(column->name, name))
			return true;
	return false;
}

/* A column called `name`, of what records call `full`. */
static void add(struct chosen *chosen, const char *name, const char *full, const char *unit,
                const char *axis) {
	g_autofree char *ci95 = g_strconcat(full, "_ci95", NULL);
	struct column column = {g_strdup(name), g_quark_from_string(full),
	                        g_quark_from_string(ci95), unit, g_strdup(axis)};

	if (is_there(chosen, name))
		column_clear(&column);
	else
		g_array_append_val(chosen->columns, column);
}

/* By its full name, with the unit unless that is there already. */
static void add_full(struct chosen *chosen, const char *full, const struct measured *m) {
	g_autofree char *suffix = unit_suffix(m->unit), *axis = NULL, *name = NULL;
	/* "cost.irq.us" says it, as "latency_us" does. */
	bool said =
		g_str_has_suffix(full, suffix) || (*suffix && g_str_has_suffix(full, suffix + 1) &&
	                                           full[strlen(full) - strlen(suffix)] == '.');

	axis = g_strconcat(full, g_str_equal(m->unit, "1") ? NULL : ", ", m->unit, NULL);
	name = g_strconcat(full, said ? NULL : suffix, NULL);
	add(chosen, name, full, m->unit, axis);
}

static char *total_name(const struct kind *kind, const char *measure) {
	return g_strconcat(TOTAL_PREFIX, kind->name, ".", measure, NULL);
}

static void add_declared(struct chosen *chosen, const struct kind *kind, const struct measured *m) {
	g_autofree char *full = total_name(kind, m->name);

	add(chosen, m->column, full, m->unit, m->axis);
}

/* --- what kinds declare -------------------------------------------------------------------------- */

/* Calls fn for all columns that they do, in the order in which sweep.csv has them. */
static void each_declared(const struct scenario *sc,
                          void (*fn)(void *arg, const struct kind *kind, const struct measured *m),
                          void *arg) {
	unsigned last = 0;

	for (unsigned i = 0; sc->kinds[i]; i++)
		last = MAX(last, sc->kinds[i]->columns_at);
	/* Kinds without a place of their own come behind those that have one. */
	for (unsigned place = 1; place <= last + 1; place++)
		for (unsigned i = 0; sc->kinds[i]; i++) {
			const struct kind *kind = sc->kinds[i];

			if (kind->columns_at != (place <= last ? place : 0))
				continue;
			for (size_t j = 0; j < kind->n_measures; j++)
				if (kind->measures[j].column)
					fn(arg, kind, &kind->measures[j]);
		}
}

static void take_declared(void *arg, const struct kind *kind, const struct measured *m) {
	add_declared(arg, kind, m);
}

/* --- patterns ------------------------------------------------------------------------------------ */

/* One of the user's, while it is looked for. */
struct search {
	struct chosen *chosen;
	const char *pattern;
	GPatternSpec *spec;
	bool found, late;
	GPtrArray *names; /* char *: what a name without wild cards might have meant */
};

static void search_declared(void *arg, const struct kind *kind, const struct measured *m) {
	struct search *search = arg;

	g_ptr_array_add(search->names, g_strdup(m->column));
	if (!g_pattern_spec_match_string(search->spec, m->column))
		return;
	search->found = true;
	add_declared(search->chosen, kind, m);
}

static bool is_wild(const char *text) { return strpbrk(text, "*?"); }

/* A measure that a group, or all of a type together, may have.  Of "cost.*.us" only runs tell which there
 * are, unless the user says which one. */
static void search_measure(struct search *search, const char *group, const struct measured *m) {
	g_autofree char *full = g_strconcat(group, ".", m->name, NULL);

	/* Half an interval stands beside what it is of. */
	if (is_wild(search->pattern) && g_str_has_suffix(m->name, "_ci95"))
		return;
	if (!is_wild(m->name)) {
		g_ptr_array_add(search->names, g_strdup(full));
		if (!g_pattern_spec_match_string(search->spec, full))
			return;
		add_full(search->chosen, full, m);
	} else if (!is_wild(search->pattern)) {
		if (!g_pattern_match_simple(full, search->pattern))
			return;
		add_full(search->chosen, search->pattern, m);
	} else {
		const char *dot = strchr(search->pattern, '.');
		g_autofree char *first =
			dot ? g_strndup(search->pattern, (gsize)(dot - search->pattern)) : NULL;

		if (!first || !g_pattern_match_simple(first, group) ||
		    strncmp(dot + 1, m->name, strcspn(m->name, "*")) != 0)
			return;
		search->late = true;
	}
	search->found = true;
}

static void search_kind(struct search *search, const struct scenario *sc, const struct kind *kind) {
	g_autofree char *type = g_strconcat(TOTAL_PREFIX, kind->name, NULL);
	const struct group *group;

	for (size_t i = 0; i < kind->n_measures; i++) {
		const struct measured *m = &kind->measures[i];

		for (unsigned n = 0; (group = scenario_nth(sc, kind, n)); n++)
			search_measure(search, group->name, m);
		if (!is_wild(m->name) && scenario_nth(sc, kind, 0))
			search_measure(search, type, m);
	}
}

static void search_all(struct search *search, const struct scenario *sc) {
	each_declared(sc, search_declared, search);
	for (size_t i = 0; i < WINDOW_MEASURES; i++)
		search_measure(search, "sim", &window_measured[i]);
	for (const struct kind *const *kind = sc->kinds; *kind; kind++)
		search_kind(search, sc, *kind);
}

/* False and *error. */
static bool take_pattern(struct chosen *chosen, const struct scenario *sc, const char *pattern,
                         bool asked, GPtrArray *late, GError **error) {
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	struct search search = {chosen, pattern, g_pattern_spec_new(pattern), false, false, names};
	const char *near;

	search_all(&search, sc);
	g_pattern_spec_free(search.spec);
	if (search.late)
		g_ptr_array_add(late, g_strdup(pattern));
	if (search.found)
		return true;
	near = nearest_word(pattern, (const char *const *)names->pdata, names->len);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s%s no measure '%s'%s%s%s; allowed: columns such as throughput_rps, and "
	            "GROUP.MEASURE with * and ?, see sopsim params FILE --measures",
	            asked ? "--measure:" : sc->text->file,
	            asked ? "" : ": [scenario] figure:", pattern, near ? "; did you mean '" : "",
	            near ? near : "", near ? "'?" : "");
	return false;
}

static bool take_patterns(struct chosen *chosen, const struct scenario *sc, char **patterns,
                          bool asked, GError **error) {
	g_autoptr(GPtrArray) late = g_ptr_array_new();
	unsigned i = 0;

	while (patterns[i] && take_pattern(chosen, sc, patterns[i], asked, late, error))
		i++;
	g_ptr_array_add(late, NULL);
	chosen->patterns = g_strdupv((char **)late->pdata);
	g_ptr_array_set_free_func(late, g_free);
	return !patterns[i];
}

struct chosen *chosen_new(const struct scenario *sc, char **patterns, GError **error) {
	struct chosen *chosen = g_new0(struct chosen, 1);
	char **wanted = patterns ? patterns : scenario_head(sc)->figure;

	chosen->columns = g_array_new(FALSE, FALSE, sizeof(struct column));
	g_array_set_clear_func(chosen->columns, column_clear);
	if (!wanted)
		each_declared(sc, take_declared, chosen);
	else if (!take_patterns(chosen, sc, wanted, patterns, error))
		g_clear_pointer(&chosen, chosen_free);
	return chosen;
}

void chosen_free(struct chosen *chosen) {
	g_array_unref(chosen->columns);
	g_strfreev(chosen->patterns);
	g_free(chosen);
}

/* --- what runs told ------------------------------------------------------------------------------ */

static void take_late(struct chosen *chosen, const struct scenario *sc, const char *full) {
	const char *dot = strchr(full, '.');
	g_autofree char *name = dot ? g_strndup(full, (gsize)(dot - full)) : NULL;

	for (guint i = 0; name && i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];
		const struct measured *m =
			g_str_equal(group->name, name) ? kind_measured(group->kind, dot + 1) : NULL;

		if (m) {
			add_full(chosen, full, m);
			return;
		}
	}
}

void chosen_complete(struct chosen *chosen, const struct scenario *sc,
                     const struct record *record) {
	for (unsigned p = 0; chosen->patterns && chosen->patterns[p]; p++)
		for (guint i = 0; i < record->values->len; i++) {
			const char *full = g_quark_to_string(
				g_array_index(record->values, struct value, i).name);

			if (g_pattern_match_simple(chosen->patterns[p], full))
				take_late(chosen, sc, full);
		}
}
