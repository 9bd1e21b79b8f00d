/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep runs: each point, in each experiment of the scenario (or the scenario itself if it has
 * none), in each replication. */
#include "lab/campaign/sweep.h"

#include "lab/base/interrupt.h"

/* --- texts --------------------------------------------------------------------------------------- */

static char **joined(char **sets, char **settings) {
	GPtrArray *all = g_ptr_array_new();

	for (unsigned i = 0; sets && sets[i]; i++)
		g_ptr_array_add(all, g_strdup(sets[i]));
	for (unsigned i = 0; settings[i]; i++)
		g_ptr_array_add(all, g_strdup(settings[i]));
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}

static unsigned n_sets(const struct sweep *sweep) {
	return sweep->wanted.sets ? g_strv_length(sweep->wanted.sets) : 0;
}

char **sweep_settings(const struct sweep *sweep, guint row) {
	return joined(sweep->wanted.sets, sweep_row(sweep, row)->point->settings);
}

struct text *sweep_text(const struct sweep *sweep, guint row) {
	const struct sweep_row *r = sweep_row(sweep, row);
	g_auto(GStrv) settings = sweep_settings(sweep, row);
	g_autoptr(GError) error = NULL;
	struct text *text =
		plan_point_text(sweep->text, settings, n_sets(sweep), sweep->points->origin,
	                        r->experiment, r->config, r->offered, &error);

	if (!text)
		g_error("defect: a run that was planned cannot be planned: %s", error->message);
	return text;
}

char *sweep_name(const struct sweep *sweep, guint row) {
	const struct sweep_row *r = sweep_row(sweep, row);
	GString *name = g_string_new(NULL);

	for (unsigned i = 0; r->point->settings[i]; i++)
		g_string_append_printf(name, "%s%s", i ? " " : "", r->point->settings[i]);
	if (!g_str_equal(r->experiment, "-"))
		g_string_append_printf(name, ", %s", r->experiment);
	if (!g_str_equal(r->config, "-"))
		g_string_append_printf(name, " %s", r->config);
	if (r->offered)
		g_string_append_printf(name, " %u/s", r->offered);
	return g_string_free(name, FALSE);
}

/* --- planning ------------------------------------------------------------------------------------ */

static bool too_many(const struct sweep *sweep, GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: the values make more than %d runs; allowed: as many",
	            sweep->wanted.repeat > 1 ? "--repeat" : "--vary", SWEEP_MAX_RUNS);
	return false;
}

/* Rows that mean the same share their runs. */
static struct sweep_run *run_of(struct sweep *sweep, guint row, unsigned replication) {
	const struct sweep_row *r = sweep_row(sweep, row);
	uint64_t seed = sweep->wanted.seed + replication;
	g_autofree char *id = record_id(r->hash, seed);
	struct sweep_run *run = g_hash_table_lookup(sweep->by_id, id);

	if (run)
		return run;
	run = g_new0(struct sweep_run, 1);
	run->id = g_steal_pointer(&id);
	run->seed = seed;
	run->row = row;
	run->number = sweep->runs->len;
	run->weight = r->weight;
	g_ptr_array_add(sweep->runs, run);
	g_hash_table_insert(sweep->by_id, run->id, run);
	return run;
}

unsigned sweep_extend(struct sweep *sweep, guint row, unsigned replications) {
	GPtrArray *runs = sweep_row(sweep, row)->runs;
	unsigned before = runs->len;

	while (runs->len < replications)
		g_ptr_array_add(runs, run_of(sweep, row, runs->len));
	return runs->len - before;
}

static void add_row(struct sweep *sweep, const struct point *point, const struct plan_item *item,
                    const struct run_spec *spec) {
	struct sweep_row row = {.point = point,
	                        .experiment = g_intern_string(item->experiment),
	                        .config = g_intern_string(item->config),
	                        .offered = item->offered,
	                        .hash = g_strdup(spec->hash),
	                        .weight = spec->weight,
	                        .runs = g_ptr_array_new()};

	g_array_append_val(sweep->rows, row);
	sweep_extend(sweep, sweep->rows->len - 1, sweep->wanted.repeat);
}

static bool add_point(struct sweep *sweep, const struct point *point, GError **error) {
	g_auto(GStrv) settings = joined(sweep->wanted.sets, point->settings);
	struct plan *plan = plan_of_point(sweep->text, settings, n_sets(sweep), sweep->points,
	                                  point, sweep->wanted.seed, error);
	bool good = plan;

	for (guint i = 0; plan && i < plan->items->len; i++)
		add_row(sweep, point, &g_array_index(plan->items, struct plan_item, i),
		        plan->specs->pdata[i]);
	if (plan && !sweep->sc)
		sweep->sc = g_steal_pointer(&plan->sc);
	/* Before the next point is planned, which takes a while: how many they will be. */
	if (good && (guint64)sweep->rows->len * sweep->wanted.repeat > SWEEP_MAX_RUNS)
		good = too_many(sweep, error);
	g_clear_pointer(&plan, plan_free);
	return good;
}

static bool add_points(struct sweep *sweep, GError **error) {
	const struct points *points = sweep->points;

	for (guint i = 0; i < points->list->len; i++) {
		if (!interrupt_check("nothing was written", error) ||
		    !add_point(sweep, points_nth(points, i), error))
			return false;
		/* As many in each of them, unless an experiment is varied away. */
		if (i == 0 && (guint64)sweep->rows->len * points->list->len * sweep->wanted.repeat >
		                      SWEEP_MAX_RUNS)
			return too_many(sweep, error);
	}
	if (sweep->rows->len == 0)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: no experiment runs what is asked for; allowed: a config that an "
		            "experiment has",
		            sweep->text->file);
	return sweep->rows->len;
}

/* --- life ---------------------------------------------------------------------------------------- */

static struct points *points_of(const struct text *text, const struct sweep_wanted *wanted,
                                GError **error) {
	struct text *base = text_copy(text);
	struct points *points = NULL;
	bool good = true;

	for (unsigned i = 0; good && wanted->sets && wanted->sets[i]; i++)
		good = text_override_pair(base, wanted->sets[i], "--set", error);
	if (good)
		points = axes_points(base, &wanted->axes, error);
	text_free(base);
	return points;
}

static void row_clear(gpointer data) {
	struct sweep_row *row = data;

	g_ptr_array_unref(row->runs);
	g_free(row->hash);
}

static void run_free(gpointer data) {
	struct sweep_run *run = data;

	g_free(run->id);
	g_clear_pointer(&run->record, record_free);
	g_free(run);
}

/* What the command line does not say, the [sweep] group may. */
static void take_besides(struct sweep_wanted *wanted, const struct points *points) {
	if (!wanted->repeat)
		wanted->repeat = points->repeat          ? points->repeat
		                 : wanted->precision > 0 ? STATS_LEAST
		                                         : 1;
	if (!wanted->measures)
		wanted->measures = points->measures;
}

struct sweep *sweep_new(const struct text *text, const struct sweep_wanted *wanted,
                        GError **error) {
	struct points *points = points_of(text, wanted, error);
	struct sweep *sweep = points ? g_new0(struct sweep, 1) : NULL;

	if (!sweep)
		return NULL;
	sweep->text = text_copy(text);
	sweep->wanted = *wanted;
	take_besides(&sweep->wanted, points);
	sweep->points = points;
	sweep->rows = g_array_new(FALSE, FALSE, sizeof(struct sweep_row));
	g_array_set_clear_func(sweep->rows, row_clear);
	sweep->runs = g_ptr_array_new_with_free_func(run_free);
	sweep->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	sweep->laws = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (add_points(sweep, error) &&
	    (sweep->chosen = chosen_new(sweep->sc, sweep->wanted.measures, error)))
		return sweep;
	sweep_free(sweep);
	return NULL;
}

void sweep_free(struct sweep *sweep) {
	g_clear_pointer(&sweep->chosen, chosen_free);
	g_array_unref(sweep->rows);
	g_hash_table_unref(sweep->by_id);
	g_ptr_array_unref(sweep->runs);
	g_hash_table_unref(sweep->laws);
	g_clear_pointer(&sweep->sc, scenario_free);
	points_free(sweep->points);
	text_free(sweep->text);
	g_free(sweep);
}
