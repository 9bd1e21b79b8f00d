/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sweeps: each combination of the varied values, in each experiment of the scenario (or the
 * scenario itself if it has none), as one set of parallel runs; one CSV, one figure.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/commands.h"
#include "lab/json.h"
#include "lab/plan.h"
#include "lab/results.h"

/* What a sweep reports of a run: the first group of the type that has the measure. */
static const struct column {
	const char *name;
	enum type_id type;
	const char *measure;
	const char *axis; /* of a panel in the figure; NULL: not drawn */
} columns[] = {
    {"send_latency_us", TYPE_SENDBENCH, "latency_us", "send() latency (us)"},
    {"send_ci95_us", TYPE_SENDBENCH, "latency_us_ci95", NULL},
    {"throughput_rps", TYPE_SPECWEB, "requests", "throughput (requests/s)"},
    {"throughput_ci95_rps", TYPE_SPECWEB, "requests_ci95", NULL},
    {"cpu_user_pct", TYPE_HOST, "cpu_user", NULL},
    {"cpu_system_pct", TYPE_HOST, "cpu_system", NULL},
    {"cpu_total_pct", TYPE_HOST, "cpu_total", "host CPU (%)"},
    {"card_busy_pct", TYPE_TOE, "busy", NULL},
    {"pci_busy_pct", TYPE_PCI, "busy", NULL},
    {"fetch_us", TYPE_FETCH, "total_us", "fetch (us)"},
#define X(op) {#op "_us", TYPE_OPLAT, #op "_us", #op " (us)"},
    OPLAT_OPS(X)
#undef X
    {"accept_wake_us", TYPE_OPLAT, "accept_wake_us", "sleeping accept (us)"},
    {"exchange_us", TYPE_OPLAT, "exchange_us", "exchange (us)"},
    {"exchanges_per_s", TYPE_OPLAT, "exchanges", "exchanges per second"},
    {"exchange_cpu_pct", TYPE_OPLAT, "exchange_cpu", "CPU of exchanges (%)"},
    {"idle_cpu_pct", TYPE_OPLAT, "idle_cpu", "CPU of a receive in vain (%)"},
    {"oplat_error", TYPE_OPLAT, "error", NULL},
};
#define COLUMNS G_N_ELEMENTS(columns)

struct axis {
	char *name; /* GROUP.KEY */
	char **values;
};

struct sweep {
	GArray *axes;        /* struct axis */
	GPtrArray *plans;    /* struct plan, one a combination */
	GPtrArray *labels;   /* char **: the values of the combination */
	GPtrArray *settings; /* char **: what each plan was made with */
};

static void axis_clear(gpointer data) {
	struct axis *axis = data;

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
	struct axis axis;

	if (!equals || equals == text || !equals[1]) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			    "--vary: '%s' varies nothing; allowed: GROUP.KEY=A,B,C, such as "
			    "pci0.latency=100ns,1us",
			    text);
		return false;
	}
	axis.name = g_strstrip(g_strndup(text, (gsize)(equals - text)));
	axis.values = g_strsplit(equals + 1, separator, -1);
	for (unsigned i = 0; axis.values[i]; i++)
		g_strstrip(axis.values[i]);
	g_array_append_val(sweep->axes, axis);
	return true;
}

static bool add_axes(struct sweep *sweep, const char *file, char **vary, GError **error) {
	struct plan *plan;
	char **own;
	bool good = true;

	for (unsigned i = 0; vary && vary[i]; i++)
		if (!add_axis(sweep, vary[i], ",", error))
			return false;
	if (vary)
		return true;
	plan = plan_new(file, NULL, "", NULL, false, 1, error);
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

/* One plan for each combination, the last axis fastest. */
static bool add_plans(struct sweep *sweep, const char *file, char **sets, uint64_t seed,
		      GError **error) {
	unsigned combinations = 1, n_axes = sweep->axes->len;

	for (unsigned a = 0; a < n_axes; a++)
		combinations *= g_strv_length(g_array_index(sweep->axes, struct axis, a).values);
	for (unsigned c = 0; c < combinations; c++) {
		GPtrArray *settings = g_ptr_array_new();
		char **label = g_new0(char *, n_axes + 1);
		unsigned rest = c;
		struct plan *plan;

		for (unsigned i = 0; sets && sets[i]; i++)
			g_ptr_array_add(settings, g_strdup(sets[i]));
		for (unsigned a = n_axes; a-- > 0;) {
			const struct axis *axis = &g_array_index(sweep->axes, struct axis, a);
			unsigned n = g_strv_length(axis->values);

			label[a] = g_strdup(axis->values[rest % n]);
			g_ptr_array_add(settings, g_strdup_printf("%s=%s", axis->name, label[a]));
			rest /= n;
		}
		g_ptr_array_add(settings, NULL);
		g_ptr_array_add(sweep->labels, label);
		g_ptr_array_add(sweep->settings, g_ptr_array_free(settings, FALSE));
		plan = plan_new(file, sweep->settings->pdata[c], NULL, NULL, false, seed, error);
		if (!plan)
			return false;
		g_ptr_array_add(sweep->plans, plan);
	}
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

static double column_value(const struct plan *plan, const struct plan_item *item,
			   const struct column *column) {
	const struct group *group;
	double value = NAN;

	for (unsigned i = 0; isnan(value) && (group = scenario_nth(plan->sc, column->type, i));
	     i++) {
		g_autofree char *name = g_strdup_printf("%s.%s", group->name, column->measure);

		value = measures_get(item->m, name);
	}
	return value;
}

static bool column_used(const struct sweep *sweep, const struct column *column) {
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];

		for (guint i = 0; i < plan->items->len; i++)
			if (!isnan(column_value(
				plan, &g_array_index(plan->items, struct plan_item, i), column)))
				return true;
	}
	return false;
}

static GString *sweep_csv(const struct sweep *sweep) {
	GString *csv = g_string_new(NULL);

	for (guint a = 0; a < sweep->axes->len; a++)
		g_string_append_printf(csv, "%s,", g_array_index(sweep->axes, struct axis, a).name);
	g_string_append(csv, "experiment,config,offered_rps");
	for (size_t c = 0; c < COLUMNS; c++)
		if (column_used(sweep, &columns[c]))
			g_string_append_printf(csv, ",%s", columns[c].name);
	g_string_append_c(csv, '\n');
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];
		g_autofree char *label = g_strjoinv(",", sweep->labels->pdata[p]);

		for (guint i = 0; i < plan->items->len; i++) {
			const struct plan_item *item =
			    &g_array_index(plan->items, struct plan_item, i);

			g_string_append_printf(csv, "%s,%s,%s,%u", label, item->experiment,
					       item->config, item->offered);
			for (size_t c = 0; c < COLUMNS; c++)
				if (column_used(sweep, &columns[c])) {
					g_string_append_c(csv, ',');
					results_number(csv, column_value(plan, item, &columns[c]),
						       3);
				}
			g_string_append_c(csv, '\n');
		}
	}
	return csv;
}

/* Whether the i-th run of a combination measures the column. */
static bool draws(const struct sweep *sweep, guint i, const struct column *column) {
	const struct plan *plan = sweep->plans->pdata[0];

	return !isnan(column_value(plan, &g_array_index(plan->items, struct plan_item, i), column));
}

/* How many configs (or experiments) the runs before the i-th name that are not its own: curves of
 * one config share a colour, those of one experiment a dash. */
static unsigned others_before(const struct plan *plan, guint i, bool experiment) {
	const struct plan_item *items = (const struct plan_item *)(void *)plan->items->data;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char *own = experiment ? items[i].experiment : items[i].config;

	for (guint k = 0; k < i; k++) {
		const char *name = experiment ? items[k].experiment : items[k].config;

		if (g_str_equal(name, own))
			break;
		g_hash_table_add(seen, (gpointer)(uintptr_t)name);
	}
	return g_hash_table_size(seen);
}

/* A panel: one curve for each run that measures the column, over the first axis. */
static void panel(const struct sweep *sweep, const struct column *column, unsigned number,
		  GString *script) {
	const struct plan *first = sweep->plans->pdata[0];
	const char *separator = "";

	for (guint i = 0; i < first->items->len; i++) {
		if (!draws(sweep, i, column))
			continue;
		g_string_append_printf(script, "$d%u_%u << EOD\n", number, i);
		for (guint p = 0; p < sweep->plans->len; p++) {
			const struct plan *plan = sweep->plans->pdata[p];
			g_autofree char *label = g_strjoinv("\\n", sweep->labels->pdata[p]);

			g_string_append_printf(script, "%u \"%s\" ", p, label);
			results_number(
			    script,
			    column_value(plan, &g_array_index(plan->items, struct plan_item, i),
					 column),
			    3);
			g_string_append_c(script, '\n');
		}
		g_string_append(script, "EOD\n");
	}
	g_string_append_printf(script, "set ylabel '%s'\nset yrange [0:*]\nplot ", column->axis);
	for (guint i = 0; i < first->items->len; i++) {
		const struct plan_item *item = &g_array_index(first->items, struct plan_item, i);

		if (!draws(sweep, i, column))
			continue;
		g_string_append_printf(script,
				       "%s$d%u_%u using 1:3:xtic(2) with linespoints ls %u dt %u "
				       "title '%s %s'",
				       separator, number, i, 1 + others_before(first, i, false) % 4,
				       1 + others_before(first, i, true),
				       g_str_equal(item->experiment, "-") ? "" : item->experiment,
				       item->config);
		separator = ", ";
	}
	g_string_append_c(script, '\n');
}

static GString *sweep_plot(const struct sweep *sweep) {
	GString *script = g_string_new(NULL);
	unsigned panels = 0, number = 0;

	for (size_t c = 0; c < COLUMNS; c++)
		panels += columns[c].axis && column_used(sweep, &columns[c]);
	g_string_append_printf(
	    script,
	    "set terminal svg size %u,560 font 'Helvetica,12' noenhanced "
	    "background rgb 'white'\nset multiplot layout 1,%u\n"
	    "set xlabel '%s'\nset key below maxcols 2 font ',10'\nset offsets 0.3,0.3,0,0\n",
	    420 * MAX(panels, 1), MAX(panels, 1), g_array_index(sweep->axes, struct axis, 0).name);
	for (size_t c = 0; c < COLUMNS; c++)
		if (columns[c].axis && column_used(sweep, &columns[c]))
			panel(sweep, &columns[c], number++, script);
	g_string_append(script, "unset multiplot\n");
	return script;
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

static bool write_sweep(const struct sweep *sweep, struct results *results, uint64_t seed,
			double wall_s, GError **error) {
	GString *script = sweep_plot(sweep);
	bool good =
	    results_stage_string(results, "sweep.csv", sweep_csv(sweep), error) &&
	    results_stage_plot(results, "sweep.svg", script->str, error) &&
	    results_stage_string(results, "run.json", sweep_json(sweep, seed, wall_s), error) &&
	    results_commit(results, error);

	g_string_free(script, TRUE);
	return good;
}

static bool do_sweep(const char *file, char **vary, char **sets, const char *out, unsigned jobs,
		     uint64_t seed, GError **error) {
	gint64 start = g_get_monotonic_time();
	struct sweep sweep = {
	    g_array_new(FALSE, FALSE, sizeof(struct axis)),
	    g_ptr_array_new_with_free_func(plan_unref),
	    g_ptr_array_new_with_free_func(strv_unref),
	    g_ptr_array_new_with_free_func(strv_unref),
	};
	struct results *results = NULL;
	bool good;

	g_array_set_clear_func(sweep.axes, axis_clear);
	good = add_axes(&sweep, file, vary, error) && add_plans(&sweep, file, sets, seed, error) &&
	       (results = results_open(out, error)) && run_sweep(&sweep, jobs, error) &&
	       write_sweep(&sweep, results, seed, (double)(g_get_monotonic_time() - start) / 1e6,
			   error);
	if (good) {
		GString *csv = sweep_csv(&sweep);

		printf("%s\n%.1f s; files in %s\n", csv->str,
		       (double)(g_get_monotonic_time() - start) / 1e6, out);
		g_string_free(csv, TRUE);
	}
	g_clear_pointer(&results, results_close);
	g_array_unref(sweep.axes);
	g_ptr_array_unref(sweep.plans);
	g_ptr_array_unref(sweep.labels);
	g_ptr_array_unref(sweep.settings);
	return good;
}

int command_sweep(int argc, char **argv) {
	int jobs = (int)run_default_jobs();
	gint64 seed = 1;
	char **vary = NULL, **sets = NULL;
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
	    G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(&argc, &argv, entries, "FILE [OPTION...]",
			    "Runs every combination of the varied values, in parallel; writes "
			    "sweep.csv, sweep.svg and run.json.\nExample: sopsim sweep "
			    "scenarios/pci-latency.ini --vary pci0.latency=10ns,100ns,1us,10us",
			    1, 1))
		status = do_sweep(argv[1], vary, sets, out ? out : "results/sweep",
				  (unsigned)MAX(1, jobs), (uint64_t)seed, &error)
			     ? EXIT_DONE
			     : lab_error_report(error);
	g_strfreev(vary);
	g_strfreev(sets);
	return status;
}
