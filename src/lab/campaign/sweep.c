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

/* --- what is varied ------------------------------------------------------------------------------ */

static void axis_clear(gpointer data) {
	struct sweep_axis *axis = data;

	g_free(axis->name);
	g_strfreev(axis->values);
}

static void plan_unref(gpointer plan) { plan_free(plan); }
static void strv_unref(gpointer strv) { g_strfreev(strv); }

static bool add_axis(struct sweep *sweep, const char *text, const char *separator, GError **error) {
	const char *equals = strchr(text, '=');
	struct sweep_axis axis;

	if (!equals || equals == text || !equals[1]) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--vary: '%s' varies nothing; allowed: GROUP.KEY=A,B,C, such as "
		            "pci0.latency=100ns,1us",
		            text);
		return false;
	}
	axis.name = g_strstrip(g_strndup(text, (gsize)(equals - text)));
	for (guint i = 0; i < sweep->axes->len; i++)
		if (g_str_equal(g_array_index(sweep->axes, struct sweep_axis, i).name, axis.name)) {
			g_set_error(
				error, LAB_ERROR, LAB_ERROR_INPUT,
				"--vary: '%s' is varied twice; allowed: all its values in one list",
				axis.name);
			g_free(axis.name);
			return false;
		}
	axis.values = g_strsplit(equals + 1, separator, -1);
	for (unsigned i = 0; axis.values[i]; i++)
		g_strstrip(axis.values[i]);
	g_array_append_val(sweep->axes, axis);
	return true;
}

static bool add_axes(struct sweep *sweep, const struct text *text, char **vary, GError **error) {
	struct plan *plan;
	char **own;
	bool good = true;

	for (unsigned i = 0; vary && vary[i]; i++)
		if (!add_axis(sweep, vary[i], ",", error))
			return false;
	if (vary)
		return true;
	plan = plan_of(text, NULL, "", NULL, false, 1, error);
	own = plan ? scenario_head(plan->sc)->sweep : NULL;
	for (unsigned i = 0; good && own && own[i]; i++)
		good = add_axis(sweep, own[i], ";", error);
	if (plan && !own)
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [scenario] sweep: missing; allowed: GROUP.KEY=A;B;C there, or --vary",
			plan->text->file);
	good = good && own;
	g_clear_pointer(&plan, plan_free);
	return good;
}

static bool too_many(GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--vary: the values make more than %d runs; allowed: as many", PLAN_MAX_RUNS);
	return false;
}

/* One plan for each combination, the last axis fastest. */
static bool add_plans(struct sweep *sweep, const struct text *text, char **sets, const char *origin,
                      uint64_t seed, GError **error) {
	guint64 combinations = 1;
	unsigned n_axes = sweep->axes->len;

	for (unsigned a = 0; a < n_axes; a++) {
		combinations *=
			g_strv_length(g_array_index(sweep->axes, struct sweep_axis, a).values);
		if (combinations > PLAN_MAX_RUNS)
			return too_many(error);
	}
	for (unsigned c = 0; c < combinations; c++) {
		if (!interrupt_check("nothing was written", error))
			return false;
		GPtrArray *settings = g_ptr_array_new();
		char **label = g_new0(char *, n_axes + 1);
		unsigned rest = c;
		struct plan *plan;

		for (unsigned i = 0; sets && sets[i]; i++)
			g_ptr_array_add(settings, g_strdup(sets[i]));
		for (unsigned a = n_axes; a-- > 0;) {
			const struct sweep_axis *axis =
				&g_array_index(sweep->axes, struct sweep_axis, a);
			unsigned n = g_strv_length(axis->values);

			label[a] = g_strdup(axis->values[rest % n]);
			g_ptr_array_add(settings, g_strdup_printf("%s=%s", axis->name, label[a]));
			rest /= n;
		}
		g_ptr_array_add(settings, NULL);
		g_ptr_array_add(sweep->labels, label);
		g_ptr_array_add(sweep->settings, g_ptr_array_free(settings, FALSE));
		plan = plan_of_varied(text, sweep->settings->pdata[c],
		                      sets ? g_strv_length(sets) : 0, origin, seed, error);
		if (!plan)
			return false;
		g_ptr_array_add(sweep->plans, plan);
		/* As many in each of them, unless an experiment is varied away. */
		if (c == 0 && plan->items->len * combinations > PLAN_MAX_RUNS)
			return too_many(error);
	}
	return true;
}

double sweep_value(const struct sweep *sweep, guint plan, guint item,
                   const struct sweep_column *column) {
	const struct plan *p = sweep->plans->pdata[plan];
	const struct measures *m = g_array_index(p->items, struct plan_item, item).m;

	return (column->ci95 ? total_ci95 : total_value)(p->sc, m, column->kind, column->measure);
}

double sweep_ci95(const struct sweep *sweep, guint plan, guint item,
                  const struct sweep_column *column) {
	const struct plan *p = sweep->plans->pdata[plan];

	return total_ci95(p->sc, g_array_index(p->items, struct plan_item, item).m, column->kind,
	                  column->measure);
}

bool sweep_measures(const struct sweep *sweep, const struct sweep_column *column) {
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];

		for (guint i = 0; i < plan->items->len; i++)
			if (!isnan(sweep_value(sweep, p, i, column)))
				return true;
	}
	return false;
}

bool sweep_failed(const struct sweep *sweep, guint plan, guint item) {
	const struct plan *p = sweep->plans->pdata[plan];
	g_autoptr(GPtrArray) reasons =
		verdict_reasons(p->sc, g_array_index(p->items, struct plan_item, item).m);

	return reasons->len > 0;
}

/* --- life -------------------------------------------------------------------------------------- */

/* The measures that the scenario wants to see in the figure must exist. */
static bool check_figure(const struct sweep *sweep, GError **error) {
	const struct plan *plan = sweep->plans->pdata[0];
	char **names = scenario_head(plan->sc)->figure;

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
				plan->text->file, names[i]);
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

struct sweep *sweep_new(const struct text *text, char **vary, char **sets, uint64_t seed,
                        GError **error) {
	struct sweep *sweep = g_new0(struct sweep, 1);

	sweep->axes = g_array_new(FALSE, FALSE, sizeof(struct sweep_axis));
	g_array_set_clear_func(sweep->axes, axis_clear);
	sweep->plans = g_ptr_array_new_with_free_func(plan_unref);
	sweep->labels = g_ptr_array_new_with_free_func(strv_unref);
	sweep->settings = g_ptr_array_new_with_free_func(strv_unref);
	sweep->laws = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	sweep->columns = sweep_columns_new(lab_kinds);
	if (add_axes(sweep, text, vary, error) &&
	    add_plans(sweep, text, sets, vary ? "--vary" : "scenario.sweep", seed, error) &&
	    check_figure(sweep, error))
		return sweep;
	sweep_free(sweep);
	return NULL;
}

void sweep_free(struct sweep *sweep) {
	g_array_unref(sweep->axes);
	g_ptr_array_unref(sweep->plans);
	g_ptr_array_unref(sweep->labels);
	g_ptr_array_unref(sweep->settings);
	g_hash_table_unref(sweep->laws);
	g_array_unref(sweep->columns);
	g_free(sweep);
}
