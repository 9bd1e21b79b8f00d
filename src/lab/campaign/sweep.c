/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sweeps: each combination of the varied values, in each experiment of the scenario (or the
 * scenario itself if it has none), as one set of parallel runs.
 */
#include "lab/campaign/sweep.h"

#include <math.h>

#include "lab/base/interrupt.h"
#include "lab/world/total.h"
#include "lab/world/verdict.h"

/* --- columns ------------------------------------------------------------------------------------- */

static void add_columns(GArray *columns, const struct kind *kind) {
	for (size_t i = 0; i < kind->n_measures; i++) {
		const struct measured *m = &kind->measures[i];
		const struct sweep_column value = {m->column, kind, m, false, m->axis};
		const struct sweep_column ci95 = {m->column_ci, kind, m, true, NULL};

		if (m->column)
			g_array_append_val(columns, value);
		if (m->column_ci)
			g_array_append_val(columns, ci95);
	}
}

/* All columns that the kinds declare, in the order in which sweep.csv has them. */
static GArray *sweep_columns_new(const struct kind *const *kinds) {
	GArray *columns = g_array_new(FALSE, FALSE, sizeof(struct sweep_column));
	unsigned last = 0;

	for (unsigned i = 0; kinds[i]; i++)
		last = MAX(last, kinds[i]->columns_at);
	for (unsigned place = 1; place <= last; place++)
		for (unsigned i = 0; kinds[i]; i++)
			if (kinds[i]->columns_at == place)
				add_columns(columns, kinds[i]);
	for (unsigned i = 0; kinds[i]; i++)
		if (kinds[i]->columns_at == 0)
			add_columns(columns, kinds[i]);
	return columns;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void plan_unref(gpointer plan) { plan_free(plan); }
static void strv_unref(gpointer strv) { g_strfreev(strv); }

static bool too_many(GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--vary: the values make more than %d runs; allowed: as many", PLAN_MAX_RUNS);
	return false;
}

static char **joined(char **sets, char **settings) {
	GPtrArray *all = g_ptr_array_new();

	for (unsigned i = 0; sets && sets[i]; i++)
		g_ptr_array_add(all, g_strdup(sets[i]));
	for (unsigned i = 0; settings[i]; i++)
		g_ptr_array_add(all, g_strdup(settings[i]));
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}

static void add_rows(struct sweep *sweep, const struct point *point, const struct plan *plan) {
	for (guint i = 0; i < plan->items->len; i++) {
		const struct plan_item *item = &g_array_index(plan->items, struct plan_item, i);
		struct sweep_row row = {point, item->experiment, item->config, item->offered, plan,
		                        i};

		g_array_append_val(sweep->rows, row);
	}
}

/* One plan for each point. */
static bool add_plans(struct sweep *sweep, const struct text *text, char **sets, uint64_t seed,
                      GError **error) {
	const struct points *points = sweep->points;

	for (guint i = 0; i < points->list->len; i++) {
		const struct point *point = points_nth(points, i);
		char **settings = joined(sets, point->settings);
		struct plan *plan;

		if (!interrupt_check("nothing was written", error)) {
			g_strfreev(settings);
			return false;
		}
		g_ptr_array_add(sweep->settings, settings);
		plan = plan_of_point(text, settings, sets ? g_strv_length(sets) : 0, points, point,
		                     seed, error);
		if (!plan)
			return false;
		g_ptr_array_add(sweep->plans, plan);
		add_rows(sweep, point, plan);
		if (sweep->rows->len > PLAN_MAX_RUNS)
			return too_many(error);
	}
	return true;
}

static const struct measures *measures_of(const struct sweep_row *row) {
	return g_array_index(row->plan->items, struct plan_item, row->item).m;
}

double sweep_value(const struct sweep *sweep, guint row, const struct sweep_column *column) {
	const struct sweep_row *r = sweep_row(sweep, row);

	return (column->ci95 ? total_ci95 : total_value)(r->plan->sc, measures_of(r), column->kind,
	                                                 column->measure);
}

double sweep_ci95(const struct sweep *sweep, guint row, const struct sweep_column *column) {
	const struct sweep_row *r = sweep_row(sweep, row);

	return total_ci95(r->plan->sc, measures_of(r), column->kind, column->measure);
}

bool sweep_measures(const struct sweep *sweep, const struct sweep_column *column) {
	for (guint row = 0; row < sweep->rows->len; row++)
		if (!isnan(sweep_value(sweep, row, column)))
			return true;
	return false;
}

bool sweep_failed(const struct sweep *sweep, guint row) {
	const struct sweep_row *r = sweep_row(sweep, row);
	g_autoptr(GPtrArray) reasons = verdict_reasons(r->plan->sc, measures_of(r));

	return reasons->len > 0;
}

const struct scenario *sweep_scenario(const struct sweep *sweep) {
	return ((const struct plan *)sweep->plans->pdata[0])->sc;
}

/* --- life -------------------------------------------------------------------------------------- */

/* The measures that the scenario wants to see in the figure must exist. */
static bool check_figure(const struct sweep *sweep, GError **error) {
	const struct scenario *sc = sweep_scenario(sweep);
	char **names = scenario_head(sc)->figure;

	for (unsigned i = 0; names && names[i]; i++) {
		const struct sweep_column *c;
		guint n = 0;

		while ((c = sweep_column(sweep, n)) && !(c->axis && g_str_equal(c->name, names[i])))
			n++;
		if (!c) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"%s: [scenario] figure: no measure '%s'; allowed: names of columns "
				"of sweep.csv, such as send_latency_us, throughput_rps, cpu_total_pct",
				sc->text->file, names[i]);
			return false;
		}
	}
	return true;
}

bool sweep_run(struct sweep *sweep, unsigned jobs, GError **error) {
	g_autoptr(GPtrArray) specs = g_ptr_array_new();
	g_autofree struct measures **results = NULL;
	unsigned next = 0;

	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];

		for (guint i = 0; i < plan->specs->len; i++)
			g_ptr_array_add(specs, plan->specs->pdata[i]);
	}
	results = g_new0(struct measures *, specs->len);
	if (!run_all((struct run_spec *const *)specs->pdata, specs->len, jobs, results, error))
		return false;
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];

		for (guint i = 0; i < plan->items->len; i++)
			g_array_index(plan->items, struct plan_item, i).m = results[next++];
	}
	return true;
}

unsigned sweep_verdict(const struct sweep *sweep) {
	unsigned reasons = 0;

	for (guint p = 0; p < sweep->plans->len; p++) {
		g_autofree char *settings = g_strjoinv(" ", sweep->settings->pdata[p]);

		reasons += plan_verdict(sweep->plans->pdata[p], settings);
	}
	return reasons;
}

static struct points *points_of(const struct text *text, const struct axes_wanted *wanted,
                                char **sets, GError **error) {
	struct text *base = text_copy(text);
	struct points *points = NULL;
	bool good = true;

	for (unsigned i = 0; good && sets && sets[i]; i++)
		good = text_override_pair(base, sets[i], "--set", error);
	if (good)
		points = axes_points(base, wanted, error);
	text_free(base);
	return points;
}

struct sweep *sweep_new(const struct text *text, const struct axes_wanted *wanted, char **sets,
                        uint64_t seed, GError **error) {
	struct points *points = points_of(text, wanted, sets, error);
	struct sweep *sweep = points ? g_new0(struct sweep, 1) : NULL;

	if (!sweep)
		return NULL;
	sweep->points = points;
	sweep->plans = g_ptr_array_new_with_free_func(plan_unref);
	sweep->settings = g_ptr_array_new_with_free_func(strv_unref);
	sweep->rows = g_array_new(FALSE, FALSE, sizeof(struct sweep_row));
	sweep->laws = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	sweep->columns = sweep_columns_new(lab_kinds);
	if (add_plans(sweep, text, sets, seed, error) && check_figure(sweep, error))
		return sweep;
	sweep_free(sweep);
	return NULL;
}

void sweep_free(struct sweep *sweep) {
	g_array_unref(sweep->rows);
	g_ptr_array_unref(sweep->plans);
	g_ptr_array_unref(sweep->settings);
	g_hash_table_unref(sweep->laws);
	g_array_unref(sweep->columns);
	points_free(sweep->points);
	g_free(sweep);
}
