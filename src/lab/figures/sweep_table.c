/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures/sweep_table.h"

#include <math.h>

#include "lab/figures/json.h"
#include "lab/figures/results.h"

static bool any_failed(const struct sweep *sweep) {
	for (guint row = 0; row < sweep->rows->len; row++)
		if (sweep_failed(sweep, row))
			return true;
	return false;
}

/* Of runs that measure what it is about. */
static void csv_law(const struct sweep *sweep, guint row, const struct sweep_column *c,
                    const struct law *law, GString *csv) {
	g_string_append_c(csv, ',');
	if (!isnan(sweep_value(sweep, row, c)))
		results_number(csv, sweep_law(sweep, row, law), 3);
}

/* laws[i]: of the i-th column. */
static void csv_row(const struct sweep *sweep, guint row, const struct law *const *laws,
                    GString *csv) {
	const struct sweep_row *r = sweep_row(sweep, row);
	const struct sweep_column *c;

	for (guint a = 0; a < sweep->points->axes->len; a++) {
		results_cell(csv, r->point->at[a].label);
		g_string_append_c(csv, ',');
	}
	g_string_append_printf(csv, "%s,%s,%u", r->experiment, r->config, r->offered);
	for (guint n = 0; (c = sweep_column(sweep, n)); n++)
		if (sweep_measures(sweep, c)) {
			g_string_append_c(csv, ',');
			results_number(csv, sweep_value(sweep, row, c), 3);
			if (laws[n])
				csv_law(sweep, row, c, laws[n], csv);
		}
}

GString *sweep_csv(const struct sweep *sweep) {
	g_autofree const struct law **laws = g_new0(const struct law *, sweep->columns->len);
	const struct sweep_column *c;
	bool failed = any_failed(sweep);
	GString *csv = g_string_new(NULL);

	for (guint a = 0; a < sweep->points->axes->len; a++) {
		results_cell(csv, points_axis(sweep->points, a)->name);
		g_string_append_c(csv, ',');
	}
	g_string_append(csv, "experiment,config,offered_rps");
	for (guint i = 0; (c = sweep_column(sweep, i)); i++)
		if (sweep_measures(sweep, c)) {
			const struct law *law = laws[i] = sweep_column_law(sweep, c);

			g_string_append_printf(csv, ",%s", c->name);
			if (law)
				g_string_append_printf(csv, ",%s", law->name);
		}
	g_string_append(csv, failed ? ",failed\n" : "\n");
	for (guint row = 0; row < sweep->rows->len; row++) {
		csv_row(sweep, row, laws, csv);
		if (failed)
			g_string_append(csv, sweep_failed(sweep, row) ? ",yes" : ",no");
		g_string_append_c(csv, '\n');
	}
	return csv;
}

GString *sweep_json(const struct sweep *sweep, uint64_t seed, double wall_s) {
	g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(struct json_run));
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint row = 0; row < sweep->rows->len; row++) {
		const struct sweep_row *r = sweep_row(sweep, row);
		const struct run_spec *spec = r->plan->specs->pdata[r->item];
		g_autofree char *label = point_label(sweep->points, r->point);
		char *name = g_strdup_printf("%s %s", label, spec->name);
		struct json_run run = {name,
		                       g_array_index(r->plan->items, struct plan_item, r->item).m};

		g_ptr_array_add(names, name);
		g_array_append_val(runs, run);
	}
	return json_report(sweep_scenario(sweep), "sweep", seed, wall_s,
	                   (const struct json_run *)(void *)runs->data, runs->len);
}
