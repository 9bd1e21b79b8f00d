/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a user want to read when a run is over? */
#include "lab/figures/summary.h"

#include <math.h>
#include <stdio.h>

#include "lab/figures/amount.h"
#include "lab/figures/grid.h"

static double value_of(const struct measures *m, const struct group *group, const char *measure,
                       const char *suffix) {
	g_autofree char *name = g_strconcat(group->name, ".", measure, suffix, NULL);

	return measures_get(m, name);
}

/* --- a table for each type -------------------------------------------------------------------- */

/* What a kind's groups measured under one name; false: none of them did. */
static bool read_column(const GPtrArray *groups, const struct measures *m,
                        const struct measured *measure, double *values) {
	bool any = false;

	for (guint i = 0; i < groups->len; i++) {
		values[i] = value_of(m, groups->pdata[i], measure->name, "");
		any |= !isnan(values[i]);
	}
	return any;
}

struct shown {
	const struct measured *measure;
	struct amount amount;
};

/* The kind's measures that have a heading and that were told, in the order in which they are shown. */
static GArray *shown_measures(const struct kind *kind, const GPtrArray *groups,
                              const struct measures *m) {
	GArray *shown = g_array_new(FALSE, FALSE, sizeof(struct shown));
	g_autofree double *values = g_new(double, groups->len);

	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < kind->n_measures; i++) {
			const struct measured *measure = &kind->measures[i];
			struct shown s = {measure, {0}};

			if (!measure->head || measure->stack || measure->first != first ||
			    !read_column(groups, m, measure, values))
				continue;
			s.amount = amount_of_all(measure->unit, values, groups->len);
			g_array_append_val(shown, s);
		}
	return shown;
}

static void add_row(struct grid *grid, const GArray *shown, const struct group *group,
                    const struct measures *m) {
	grid_row(grid, group->name);
	for (guint i = 0; i < shown->len; i++) {
		const struct shown *s = &g_array_index(shown, struct shown, i);
		double ci95 =
			s->measure->interval ? value_of(m, group, s->measure->name, "_ci95") : NAN;

		grid_cell(grid, amount_interval(&s->amount,
		                                value_of(m, group, s->measure->name, ""), ci95));
	}
}

/* Whether any of the columns has something for the group. */
static bool was_told(const GArray *shown, const struct group *group, const struct measures *m) {
	for (guint i = 0; i < shown->len; i++)
		if (!isnan(value_of(m, group, g_array_index(shown, struct shown, i).measure->name,
		                    "")))
			return true;
	return false;
}

/* Whether any number of the table is not 0: a card of which nobody wanted anything takes no lines. */
static bool was_used(const GArray *shown, const GPtrArray *groups, const struct measures *m) {
	for (guint i = 0; i < shown->len; i++)
		for (guint k = 0; k < groups->len; k++) {
			const char *name = g_array_index(shown, struct shown, i).measure->name;
			double value = value_of(m, groups->pdata[k], name, "");

			if (!isnan(value) && value != 0)
				return true;
		}
	return false;
}

/* `apart`: after an empty line.  Whether there was anything to print. */
static bool print_kind(const struct scenario *sc, const struct kind *kind, const struct measures *m,
                       bool apart) {
	const GPtrArray *groups = g_hash_table_lookup(sc->of_kind, kind);
	g_autoptr(GArray) shown = groups ? shown_measures(kind, groups, m) : NULL;
	struct grid *grid;

	if (!shown || shown->len == 0 ||
	    (kind_is(kind, "interface") && !was_used(shown, groups, m)))
		return false;
	grid = grid_new(kind->title ? kind->title : kind->name);
	for (guint i = 0; i < shown->len; i++) {
		const struct shown *s = &g_array_index(shown, struct shown, i);

		grid_amounts(grid, &s->amount, s->measure->head);
	}
	for (guint i = 0; i < groups->len; i++)
		if (was_told(shown, groups->pdata[i], m))
			add_row(grid, shown, groups->pdata[i], m);
	grid_print_short(grid, apart);
	grid_free(grid);
	return true;
}

/* Tables of one block are apart from what is before it, and not from each other. */
static void print_block(const struct scenario *sc, const enum stage *stages, size_t n,
                        const struct measures *m, bool one_block) {
	bool apart = true;

	for (size_t i = 0; i < n; i++)
		for (const struct kind *const *kind = sc->kinds; *kind; kind++)
			if ((*kind)->stage == stages[i] && print_kind(sc, *kind, m, apart))
				apart = !one_block;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* "10 s", "13.53 ms" */
static void print_time(const char *before, double s) {
	struct amount amount = amount_of("s", s);

	printf("%s%.4g %s", before, s * amount.factor, amount.unit);
}

/* "FILE: TITLE"; a title that is too long goes on below. */
static void print_title(const char *file, const char *title) {
	g_autofree char *first = g_strconcat(file, ":", NULL);
	g_auto(GStrv) words = g_strsplit(title ? title : "", " ", -1);
	glong at = g_utf8_strlen(first, -1);

	printf("%s", first);
	for (char **word = words; *word; word++) {
		glong width = g_utf8_strlen(*word, -1);
		bool full = at + 1 + width > GRID_WIDTH;

		printf("%s%s", full ? "\n  " : " ", *word);
		at = (full ? 2 : at + 1) + width;
	}
	printf("\n");
}

static void print_head(const struct scenario *sc, const struct measures *m) {
	const struct scenario_head *head = scenario_head(sc);
	const struct amount count = amount_of("1", 0);
	double window = measures_get(m, "sim.window_s");
	double warmup = measures_get(m, "sim.time_s") - window;
	g_autofree char *events = amount_text(&count, measures_get(m, "sim.events"));

	print_title(sc->text->file, head->title);
	print_time("  measured over ", window);
	printf(" of simulated time");
	if (warmup > 1e-12)
		print_time(", after ", warmup);
	printf("%s; %s events\n", warmup > 1e-12 ? " of warm-up" : "", events);
}

void summary_print(const struct scenario *sc, const struct measures *m) {
	static const enum stage before[] = {STAGE_CLIENT, STAGE_TOLD, STAGE_BENCH, STAGE_SERVER};
	/* STAGE_NONE: what is never made has nothing to say, but for TAP devices, which a command ties. */
	static const enum stage after[] = {STAGE_HOST, STAGE_CARD, STAGE_BUS,  STAGE_NETWORK,
	                                   STAGE_NONE, STAGE_PEER, STAGE_FILES};

	print_head(sc, m);
	print_block(sc, before, G_N_ELEMENTS(before), m, false);
	summary_stacks(sc, m);
	print_block(sc, after, G_N_ELEMENTS(after), m, true);
	summary_costs(sc, m);
}

GString *summary_csv(const struct measures *m) {
	GString *csv = g_string_new("measure,value\n");

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		char number[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_formatd(number, sizeof number, "%.9g", measure->value);
		g_string_append_printf(csv, "%s,%s\n", measure->name,
		                       isfinite(measure->value) ? number : "");
	}
	return csv;
}
