/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which TCP/IP stack served, and what did SOP do? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/figures/amount.h"
#include "lab/figures/grid.h"
#include "lab/figures/summary.h"

/* --- stacks ----------------------------------------------------------------------------------- */

/* What SOP counts for each stack, and how that is headed. */
static const struct {
	const char *counter, *head;
} sop_columns[] = {{"opened", "SOP sockets"}, {"chosen", "SOP calls"}, {"accepted", "accepts"}};

static bool has_stack(const struct kind *kind) {
	for (size_t i = 0; i < kind->n_measures; i++)
		if (kind->measures[i].stack)
			return true;
	return false;
}

/* Of those that were there: a card may be left out. */
static GPtrArray *groups_with_stacks(const struct scenario *sc, const struct measures *m) {
	GPtrArray *groups = g_ptr_array_new();

	for (guint i = 0; i < sc->groups->len; i++) {
		struct group *group = sc->groups->pdata[i];
		g_autofree char *name = g_strconcat(group->name, ".tcp_in", NULL);

		if (has_stack(group->kind) && !isnan(measures_get(m, name)))
			g_ptr_array_add(groups, group);
	}
	return groups;
}

static const struct group *sop_group(const struct scenario *sc) {
	for (guint i = 0; i < sc->groups->len; i++)
		if (kind_is(((const struct group *)sc->groups->pdata[i])->kind, "sop"))
			return sc->groups->pdata[i];
	return NULL;
}

/* What SOP calls the group's stack: the host's own one inet, a card's as the card; NULL: it has none of it. */
static const char *stack_of_sop(const struct group *sop, const struct group *group) {
	if (!sop)
		return NULL;
	if (!kind_is(group->kind, "host"))
		return group->name;
	return g_strcmp0(group_text(sop, "host"), group->name) == 0 ? "inet" : NULL;
}

/* A column of the table: a measure of the groups themselves, or a counter of SOP's. */
static void read_stacks(const GPtrArray *groups, const struct group *sop, const struct measures *m,
                        const char *measure, const char *counter, double *values) {
	for (guint i = 0; i < groups->len; i++) {
		const struct group *group = groups->pdata[i];
		const char *stack = counter ? stack_of_sop(sop, group) : NULL;
		g_autofree char *name = NULL;

		if (measure)
			name = g_strdup_printf("%s.%s", group->name, measure);
		else if (stack)
			name = g_strdup_printf("%s.%s.%s", sop->name, stack, counter);
		values[i] = name ? measures_get(m, name) : NAN;
	}
}

/* A column that says anything. */
static void add_column(struct grid *grid, GPtrArray *cells, const char *head, const double *values,
                       guint n) {
	struct amount amount = amount_of("1", 0);
	bool any = false;

	for (guint i = 0; i < n; i++)
		any |= values[i] > 0;
	if (!any)
		return;
	grid_column(grid, head);
	for (guint i = 0; i < n; i++)
		g_ptr_array_add(cells, amount_text(&amount, values[i]));
}

/* The columns: what the stacks count, which all kinds count alike, then SOP. */
static void add_columns(struct grid *grid, GPtrArray *cells, const GPtrArray *groups,
                        const struct group *sop, const struct measures *m) {
	const struct kind *kind = ((const struct group *)groups->pdata[0])->kind;
	g_autofree double *values = g_new(double, groups->len);

	for (size_t i = 0; i < kind->n_measures; i++) {
		const struct measured *measure = &kind->measures[i];

		if (!measure->stack)
			continue;
		read_stacks(groups, sop, m, measure->name, NULL, values);
		add_column(grid, cells, measure->head, values, groups->len);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(sop_columns); i++) {
		read_stacks(groups, sop, m, NULL, sop_columns[i].counter, values);
		add_column(grid, cells, sop_columns[i].head, values, groups->len);
	}
}

static void print_stacks(const GPtrArray *groups, const struct group *sop,
                         const struct measures *m) {
	struct grid *grid = grid_new("Served by");
	g_autoptr(GPtrArray) cells = g_ptr_array_new(); /* column by column */

	add_columns(grid, cells, groups, sop, m);
	for (guint i = 0; i < groups->len; i++) {
		const struct group *group = groups->pdata[i];
		g_autofree char *name = g_strconcat(
			group->name, kind_is(group->kind, "host") ? ": inet" : "", NULL);

		grid_row(grid, name);
		for (guint c = i; c < cells->len; c += groups->len)
			grid_cell(grid, cells->pdata[c]);
	}
	grid_print_short(grid, true);
	grid_free(grid);
}

/* --- SOP -------------------------------------------------------------------------------------- */

/* The counters are "calls.accept", "pins.bind", "twins_made", and "toe0.chosen" of a stack. */
static const struct {
	const char *prefix, *name;
} sop_rows[] = {{"calls.", "calls"}, {"pins.", "pinned by"}, {"", "other"}};

/* As wide as their names are. */
#define SOP_NAMES ((int)sizeof "pinned by" - 1)

/* The rest of a counter's name, if it is of the row; NULL. */
static const char *of_row(const char *counter, const char *prefix) {
	if (*prefix)
		return g_str_has_prefix(counter, prefix) ? counter + strlen(prefix) : NULL;
	return strchr(counter, '.') ? NULL : counter;
}

/* What was counted, as words that go on below where the line is full; of nothing, nothing. */
static void print_counters(const struct group *sop, const struct measures *m, const char *prefix,
                           const char *name) {
	g_autofree char *of_sop = g_strconcat(sop->name, ".", NULL);
	const struct amount amount = amount_of("1", 0);
	struct word_row row = {SOP_NAMES, name, 0};

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		g_autofree char *number = NULL, *word = NULL;
		const char *what;

		if (!g_str_has_prefix(measure->name, of_sop) || measure->value == 0)
			continue;
		what = of_row(measure->name + strlen(of_sop), prefix);
		if (!what)
			continue;
		number = amount_text(&amount, measure->value);
		word = g_strdup_printf("%s %s", what, number);
		word_row_add(&row, word);
	}
	word_row_end(&row);
}

static bool did_anything(const struct group *sop, const struct measures *m) {
	g_autofree char *of_sop = g_strconcat(sop->name, ".", NULL);

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);

		if (g_str_has_prefix(measure->name, of_sop) && measure->value != 0)
			return true;
	}
	return false;
}

void summary_stacks(const struct scenario *sc, const struct measures *m) {
	g_autoptr(GPtrArray) groups = groups_with_stacks(sc, m);
	const struct group *sop = sop_group(sc);

	if (groups->len)
		print_stacks(groups, sop, m);
	if (!sop || !did_anything(sop, m))
		return;
	printf("\n%s\n", sop->kind->title);
	for (size_t i = 0; i < G_N_ELEMENTS(sop_rows); i++)
		print_counters(sop, m, sop_rows[i].prefix, sop_rows[i].name);
}
