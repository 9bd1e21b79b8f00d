/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sweeps: each combination of the varied values, in each experiment of the scenario (or the
 * scenario itself if it has none), as one set of parallel runs; one CSV, one figure.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/commands/commands.h"
#include "lab/base/interrupt.h"
#include "lab/figures/json.h"
#include "lab/campaign/plan.h"
#include "lab/scenario/reach.h"
#include "lab/figures/results.h"
#include "lab/campaign/sweep.h"
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

GArray *sweep_columns_new(const struct kind *const *kinds) {
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

static const struct sweep_column *column_nth(const struct sweep *sweep, guint i) {
	return i < sweep->columns->len ? &g_array_index(sweep->columns, struct sweep_column, i) : NULL;
}

/* --- what is varied ------------------------------------------------------------------------------ */

static void axis_clear(gpointer data) {
	struct sweep_axis *axis = data;

	g_free(axis->name);
	g_strfreev(axis->values);
}

static void plan_unref(gpointer plan) {
	plan_free(plan);
}
static void strv_unref(gpointer strv) {
	g_strfreev(strv);
}

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
			g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
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

/* The measures that the scenario wants to see in the figure must exist. */
static bool check_figure(const struct sweep *sweep, GError **error) {
	const struct plan *plan = sweep->plans->pdata[0];
	char **names = scenario_head(plan->sc)->figure;

	for (unsigned i = 0; names && names[i]; i++) {
		const struct sweep_column *c;
		guint n = 0;

		while ((c = column_nth(sweep, n)) && !(c->axis && g_str_equal(c->name, names[i])))
			n++;
		if (!c) {
			g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
				    "%s: [scenario] figure: no measure '%s'; allowed: names of columns "
				    "of sweep.csv, such as send_latency_us, throughput_rps, cpu_total_pct",
				    plan->text->file, names[i]);
			return false;
		}
	}
	return true;
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
		combinations *= g_strv_length(g_array_index(sweep->axes, struct sweep_axis, a).values);
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
			const struct sweep_axis *axis = &g_array_index(sweep->axes, struct sweep_axis, a);
			unsigned n = g_strv_length(axis->values);

			label[a] = g_strdup(axis->values[rest % n]);
			g_ptr_array_add(settings, g_strdup_printf("%s=%s", axis->name, label[a]));
			rest /= n;
		}
		g_ptr_array_add(settings, NULL);
		g_ptr_array_add(sweep->labels, label);
		g_ptr_array_add(sweep->settings, g_ptr_array_free(settings, FALSE));
		plan = plan_of_varied(text, sweep->settings->pdata[c], sets ? g_strv_length(sets) : 0,
				      origin, seed, error);
		if (!plan)
			return false;
		g_ptr_array_add(sweep->plans, plan);
		/* As many in each of them, unless an experiment is varied away. */
		if (c == 0 && plan->items->len * combinations > PLAN_MAX_RUNS)
			return too_many(error);
	}
	return true;
}

/* Of the first point: what varies is seldom who is where. */
static bool warn_sweep(const struct sweep *sweep) {
	reach_warn(((const struct plan *)sweep->plans->pdata[0])->sc);
	return true;
}

static bool run_sweep(struct sweep *sweep, unsigned jobs, GError **error) {
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

/* --- output --------------------------------------------------------------------------------------
 */

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

static bool point_failed(const struct plan *plan, guint item) {
	g_autoptr(GPtrArray) reasons =
	    verdict_reasons(plan->sc, g_array_index(plan->items, struct plan_item, item).m);

	return reasons->len > 0;
}

static bool any_failed(const struct sweep *sweep) {
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];

		for (guint i = 0; i < plan->items->len; i++)
			if (point_failed(plan, i))
				return true;
	}
	return false;
}

/* Of runs that measure what it is about. */
static void csv_law(const struct sweep *sweep, guint plan, guint item, const struct sweep_column *c,
		    const struct law *law, GString *csv) {
	g_string_append_c(csv, ',');
	if (!isnan(sweep_value(sweep, plan, item, c)))
		results_number(csv, sweep_law(sweep, plan, item, law), 3);
}

/* Points that failed are marked, in a column that is there if one did. */
static GString *sweep_csv(const struct sweep *sweep) {
	g_autofree const struct law **laws = g_new0(const struct law *, sweep->columns->len);
	bool failed = any_failed(sweep);
	GString *csv = g_string_new(NULL);
	const struct sweep_column *c;

	for (guint a = 0; a < sweep->axes->len; a++) {
		results_cell(csv, g_array_index(sweep->axes, struct sweep_axis, a).name);
		g_string_append_c(csv, ',');
	}
	g_string_append(csv, "experiment,config,offered_rps");
	for (guint i = 0; (c = column_nth(sweep, i)); i++)
		if (sweep_measures(sweep, c)) {
			const struct law *law = laws[i] = sweep_column_law(sweep, c);

			g_string_append_printf(csv, ",%s", c->name);
			if (law)
				g_string_append_printf(csv, ",%s", law->name);
		}
	g_string_append(csv, failed ? ",failed\n" : "\n");
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];
		char **label = sweep->labels->pdata[p];

		for (guint i = 0; i < plan->items->len; i++) {
			const struct plan_item *item =
			    &g_array_index(plan->items, struct plan_item, i);

			for (guint a = 0; label[a]; a++) {
				results_cell(csv, label[a]);
				g_string_append_c(csv, ',');
			}
			g_string_append_printf(csv, "%s,%s,%u", item->experiment, item->config,
					       item->offered);
			for (guint n = 0; (c = column_nth(sweep, n)); n++)
				if (sweep_measures(sweep, c)) {
					g_string_append_c(csv, ',');
					results_number(csv, sweep_value(sweep, p, i, c), 3);
					if (laws[n])
						csv_law(sweep, p, i, c, laws[n], csv);
				}
			if (failed)
				g_string_append(csv, point_failed(plan, i) ? ",yes" : ",no");
			g_string_append_c(csv, '\n');
		}
	}
	return csv;
}

/* The parameters are those of the first combination; the runs say what varied. */
static GString *sweep_json(const struct sweep *sweep, uint64_t seed, double wall_s) {
	g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(struct json_run));
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];
		g_autofree char *label = g_strjoinv(" ", sweep->labels->pdata[p]);

		for (guint i = 0; i < plan->items->len; i++) {
			const struct run_spec *spec = plan->specs->pdata[i];
			char *name = g_strdup_printf("%s %s", label, spec->name);
			struct json_run run = {name,
					       g_array_index(plan->items, struct plan_item, i).m};

			g_ptr_array_add(names, name);
			g_array_append_val(runs, run);
		}
	}
	return json_report(((struct plan *)sweep->plans->pdata[0])->sc, "sweep", seed, wall_s,
			   (const struct json_run *)(void *)runs->data, runs->len);
}

static bool is_untrusted(const struct sweep *sweep) {
	return ((const struct plan *)sweep->plans->pdata[0])->text->untrusted;
}

static bool write_sweep(const struct sweep *sweep, struct results *results, uint64_t seed,
			double wall_s, GError **error) {
	GString *script = sweep_plot(sweep);
	bool good;

	results_outdate(results, "sweep.svg");
	good = results_stage_string(results, "sweep.csv", sweep_csv(sweep), error) &&
	       results_stage_string(results, "run.json", sweep_json(sweep, seed, wall_s), error) &&
	       results_commit(results, error);
	/* Drawing runs another program: not on behalf of a stranger. */
	if (good && !is_untrusted(sweep))
		good = results_draw(results, "sweep.svg", script->str, error);
	g_string_free(script, TRUE);
	return good;
}

static void print_sweep(const struct sweep *sweep, const char *out, double wall_s) {
	GString *csv = sweep_csv(sweep);

	printf("%s\n%.1f s; files in %s%s\n", csv->str, wall_s, out,
	       is_untrusted(sweep) ? "; no figure, --untrusted runs no gnuplot" : "");
	g_string_free(csv, TRUE);
}

/* Prints why points are none to rely on; how many reasons there were. */
static unsigned judge_sweep(const struct sweep *sweep) {
	unsigned reasons = 0;

	for (guint p = 0; p < sweep->plans->len; p++) {
		g_autofree char *settings = g_strjoinv(" ", sweep->settings->pdata[p]);

		reasons += plan_verdict(sweep->plans->pdata[p], settings);
	}
	return reasons;
}

/* EXIT_CHECK_FAILED: all is written but the figure, or a point is none to rely on. */
static int do_sweep(const struct text *text, char **vary, char **sets, const char *out, unsigned jobs,
		    uint64_t seed, GError **error) {
	gint64 start = g_get_monotonic_time();
	struct sweep sweep = {
	    g_array_new(FALSE, FALSE, sizeof(struct sweep_axis)),
	    g_ptr_array_new_with_free_func(plan_unref),
	    g_ptr_array_new_with_free_func(strv_unref),
	    g_ptr_array_new_with_free_func(strv_unref),
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	    sweep_columns_new(lab_kinds),
	};
	struct results *results = NULL;
	int status = EXIT_DONE;
	bool good;

	g_array_set_clear_func(sweep.axes, axis_clear);
	good = text && add_axes(&sweep, text, vary, error) &&
	       add_plans(&sweep, text, sets, vary ? "--vary" : "scenario.sweep", seed, error) &&
	       check_figure(&sweep, error) && (results = results_open("--out", out, error)) &&
	       warn_sweep(&sweep) && run_sweep(&sweep, jobs, error) &&
	       write_sweep(&sweep, results, seed, (double)(g_get_monotonic_time() - start) / 1e6,
			   error);
	if (good && results_undrawn(results))
		status = EXIT_CHECK_FAILED;
	g_clear_pointer(&results, results_close);
	interrupt_release();
	if (good) {
		print_sweep(&sweep, out, (double)(g_get_monotonic_time() - start) / 1e6);
		if (judge_sweep(&sweep))
			status = EXIT_CHECK_FAILED;
	} else {
		status = lab_error_report(*error);
	}
	g_array_unref(sweep.axes);
	g_ptr_array_unref(sweep.plans);
	g_ptr_array_unref(sweep.labels);
	g_ptr_array_unref(sweep.settings);
	g_hash_table_unref(sweep.laws);
	g_array_unref(sweep.columns);
	return status;
}

int command_sweep(int argc, char **argv) {
	int jobs = (int)run_default_jobs();
	gint64 seed = 1;
	char **vary = NULL, **sets = NULL;
	gboolean untrusted = FALSE;
	g_autofree char *out = NULL;
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
	    {"vary", 0, 0, G_OPTION_ARG_STRING_ARRAY, &vary, "Values to run; again for another key",
	     "GROUP.KEY=A,B,C"},
	    {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets, "Change a value of the scenario",
	     "GROUP.KEY=VALUE"},
	    {"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "Runs at a time (default: processors)", "N"},
	    {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Root of all random streams (1)", "S"},
	    {"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder of the files (results/sweep)",
	     "DIR"},
	    COMMAND_UNTRUSTED(&untrusted),
	    G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(&argc, &argv, entries, "FILE [OPTION...]",
			    "Runs every combination of the varied values, in parallel; writes "
			    "sweep.csv, sweep.svg and run.json.\nExample: sopsim sweep "
			    "scenarios/pci-latency.ini --vary pci0.latency=10ns,100ns,1us,10us",
			    1, 1) &&
	    command_seed(seed) && command_jobs(jobs)) {
		struct text *text;

		interrupt_take();
		text = text_load_from(argv[1], untrusted, &error);
		status = do_sweep(text, vary, sets, out ? out : "results/sweep",
				  (unsigned)jobs, (uint64_t)seed, &error);
		g_clear_pointer(&text, text_free);
	}
	g_strfreev(vary);
	g_strfreev(sets);
	return status;
}
