/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures/sweep_table.h"

#include <math.h>

#include "lab/figures/json.h"
#include "lab/figures/results.h"

static bool any_failed(const struct sweep *sweep) {
	for (guint p = 0; p < sweep->plans->len; p++) {
		const struct plan *plan = sweep->plans->pdata[p];

		for (guint i = 0; i < plan->items->len; i++)
			if (sweep_failed(sweep, p, i))
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

GString *sweep_csv(const struct sweep *sweep) {
	g_autofree const struct law **laws = g_new0(const struct law *, sweep->columns->len);
	const struct sweep_column *c;
	bool failed = any_failed(sweep);
	GString *csv = g_string_new(NULL);

	for (guint a = 0; a < sweep->axes->len; a++) {
		results_cell(csv, g_array_index(sweep->axes, struct sweep_axis, a).name);
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
			for (guint n = 0; (c = sweep_column(sweep, n)); n++)
				if (sweep_measures(sweep, c)) {
					g_string_append_c(csv, ',');
					results_number(csv, sweep_value(sweep, p, i, c), 3);
					if (laws[n])
						csv_law(sweep, p, i, c, laws[n], csv);
				}
			if (failed)
				g_string_append(csv, sweep_failed(sweep, p, i) ? ",yes" : ",no");
			g_string_append_c(csv, '\n');
		}
	}
	return csv;
}

GString *sweep_json(const struct sweep *sweep, uint64_t seed, double wall_s) {
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
