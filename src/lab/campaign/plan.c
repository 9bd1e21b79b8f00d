/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which runs are to be made, with what set in each? */
#include "lab/campaign/plan.h"

#include "lab/base/interrupt.h"
#include "lab/world/verdict.h"

#define NONE "-" /* experiment and config of a scenario without */

static bool apply_sets(const struct plan *plan, struct text *text, GError **error) {
	for (unsigned i = 0; plan->sets && plan->sets[i]; i++)
		if (!text_override_pair(text, plan->sets[i],
		                        plan->varied && i >= plan->n_sets ? plan->varied : "--set",
		                        error))
			return false;
	return true;
}

static bool apply(const struct plan *plan, const struct kind *kind, const char *name,
                  struct text *text, GError **error) {
	return scenario_apply(plan->sc, kind, name, NULL, text, error) &&
	       (!plan->quick || scenario_apply(plan->sc, kind, name, "quick.", text, error));
}

struct text *plan_text(const struct plan *plan, const char *experiment, const char *config,
                       GError **error) {
	struct text *text = text_copy(plan->text);

	if (apply(plan, &kind_experiment, experiment, text, error) &&
	    apply(plan, &kind_config, config, text, error) && apply_sets(plan, text, error))
		return text;
	text_free(text);
	return NULL;
}

/* "clients.offered": what an experiment's load points set. */
static const char *load_key(const struct group *experiment) {
	const char *key = group_text(experiment, "load");

	return key ? key : "clients.offered";
}

/* Load points that an experiment lists under a key, by what is in force in the run's text: a config may have
 * lists of its own.  uint32_t; to be released. */
static GArray *points_in(const struct text *text, const struct group *experiment, const char *key) {
	GArray *points = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	const struct text_group *group = text_group_find(text, experiment->text->name);
	const struct text_entry *list = group ? text_entry_find(group, key) : NULL;
	g_auto(GStrv) words = g_strsplit(list ? list->value : "", ",", -1);

	for (unsigned i = 0; words[i]; i++) {
		uint32_t point = (uint32_t)g_ascii_strtoull(words[i], NULL, 10);

		/* What is no number is told when the run's text is understood. */
		if (point)
			g_array_append_val(points, point);
	}
	return points;
}

static bool is_among(const struct text *text, const struct group *experiment, const char *key,
                     unsigned offered) {
	g_autoptr(GArray) points = points_in(text, experiment, key);

	for (guint i = 0; i < points->len; i++)
		if (g_array_index(points, uint32_t, i) == offered)
			return true;
	return false;
}

/* What is easy needs less, and what sways more, unless --set says otherwise. */
static bool set_load(const struct plan *plan, struct text *text, const struct group *experiment,
                     unsigned offered, GError **error) {
	static const char *const sorts[] = {"easy", "long"};
	g_autofree char *load = g_strdup_printf("%u/s", offered);

	/* Short runs are alike, wherever they lie. */
	for (size_t i = 0; !plan->quick && i < G_N_ELEMENTS(sorts); i++) {
		g_autofree char *prefix = g_strconcat(sorts[i], ".", NULL);

		if (is_among(text, experiment, sorts[i], offered) &&
		    (!scenario_apply(plan->sc, &kind_experiment, experiment->name, prefix, text,
		                     error) ||
		     !apply_sets(plan, text, error)))
			return false;
	}
	return text_override(text, load_key(experiment), load, experiment->text->name, error);
}

static bool is_set(char **sets, const char *key) {
	g_autofree char *prefix = g_strconcat(key, "=", NULL);

	for (unsigned i = 0; sets && sets[i]; i++)
		if (g_str_has_prefix(sets[i], prefix))
			return true;
	return false;
}

static bool wrong_load(const struct plan *plan, const struct group *experiment,
                       const struct text *text, unsigned offered, GError **error) {
	const struct text_group *group = text_group_find(text, experiment->text->name);
	const char *points = text_entry_find(group, "offered")->value;
	g_autofree char *what = offered ? g_strdup_printf("no load point %u", offered)
	                                : g_strdup("several load points");

	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [experiment %s] offered: %s; allowed: --offered with one of %s",
	            plan->text->file, experiment->name, what, points);
	return false;
}

bool plan_load(const struct plan *plan, const char *experiment, unsigned offered, struct text *text,
               GError **error) {
	const struct group *group =
		experiment ? scenario_find(plan->sc, &kind_experiment, experiment) : NULL;
	g_autoptr(GArray) points = group ? points_in(text, group, "offered") : NULL;

	if (!points || !points->len || is_set(plan->sets, load_key(group)))
		return true;
	if (offered ? !is_among(text, group, "offered", offered) : points->len > 1)
		return wrong_load(plan, group, text, offered, error);
	return set_load(plan, text, group, offered ? offered : g_array_index(points, uint32_t, 0),
	                error);
}

static const char *some(const char *name) { return g_str_equal(name, NONE) ? NULL : name; }

static struct text *item_text(const struct plan *plan, const char *experiment, const char *config,
                              unsigned offered, GError **error) {
	struct text *text = plan_text(plan, some(experiment), some(config), error);

	if (text && offered &&
	    !set_load(plan, text, scenario_find(plan->sc, &kind_experiment, experiment), offered,
	              error))
		g_clear_pointer(&text, text_free);
	return text;
}

/* What a run takes grows with simulated time and load. */
static double weigh(const struct scenario *sc, unsigned offered) {
	const struct scenario_head *head = scenario_head(sc);
	double length = sim_to_s(head->warmup + head->duration);

	return offered ? MIN(offered, 900) * length : 3000;
}

static bool add_item(struct plan *plan, const struct group *experiment, const char *config,
                     const struct text *text, unsigned offered, unsigned replication,
                     GError **error) {
	struct plan_item item = {experiment->name, config, offered, replication, NULL};
	uint64_t seed = plan->seed + replication;
	g_autofree char *load = offered ? g_strdup_printf(" %u/s", offered) : g_strdup("");
	g_autofree char *of =
		replication ? g_strdup_printf(", seed %" G_GUINT64_FORMAT, seed) : g_strdup("");
	g_autofree char *name = g_strconcat(experiment->name, " ", config, load, of, NULL);
	struct run_spec *spec = run_spec_new(name, text, seed);
	struct scenario *sc;

	if (!interrupt_check("nothing was written", error)) {
		run_spec_free(spec);
		return false;
	}
	if (plan->items->len >= PLAN_MAX_RUNS) {
		run_spec_free(spec);
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: its experiments are more than %d runs; allowed: as many",
		            plan->text->file, PLAN_MAX_RUNS);
		return false;
	}
	g_ptr_array_add(plan->specs, spec);
	g_array_append_val(plan->items, item);
	if (offered && !set_load(plan, spec->text, experiment, offered, error))
		return false;
	/* Every run's text is understood before the first run starts. */
	sc = text == plan->text ? plan->sc : scenario_new(spec->text, error);
	if (!sc)
		return false;
	spec->weight = weigh(sc, offered);
	spec->hash = scenario_hash(sc);
	if (sc != plan->sc)
		scenario_free(sc);
	return true;
}

/* A load point with all its seeds. */
static bool add_point(struct plan *plan, const struct group *experiment, const char *config,
                      const struct text *text, unsigned offered, GError **error) {
	unsigned seeds = plan->repeated ? (unsigned)group_number(experiment, "repeat") : 1;
	bool good = true;

	for (unsigned i = 0; good && i < seeds; i++)
		good = add_item(plan, experiment, config, text, offered, i, error);
	return good;
}

static bool add_config(struct plan *plan, const struct group *experiment, const char *config,
                       GError **error) {
	struct text *text = plan_text(plan, experiment->name, config, error);
	GArray *points;
	bool good = true;

	if (!text)
		return false;
	points = points_in(text, experiment, plan->quick ? "quick_offered" : "offered");
	if (!points->len && plan->quick) {
		g_array_unref(points);
		points = points_in(text, experiment, "offered");
	}
	/* What sets the load by its own key is stronger. */
	if (is_set(plan->sets, load_key(experiment)))
		g_array_set_size(points, 0);
	if (!points->len)
		good = add_point(plan, experiment, config, text, 0, error);
	for (guint i = 0; good && i < points->len; i++)
		good = add_point(plan, experiment, config, text, g_array_index(points, uint32_t, i),
		                 error);
	g_array_unref(points);
	text_free(text);
	return good;
}

static bool add_experiment(struct plan *plan, const struct group *experiment, const char *only,
                           GError **error) {
	char **configs = group_names(experiment, "configs");

	for (unsigned i = 0; group_enabled(experiment) && configs[i]; i++)
		if (!only || g_str_equal(only, configs[i]))
			if (!add_config(plan, experiment, configs[i], error))
				return false;
	return true;
}

/* One run, of no experiment: of the scenario itself, or of one of its configs. */
static bool add_whole(struct plan *plan, const char *config, GError **error) {
	static const struct group whole = {.name = (char *)NONE};
	struct text *text = config ? plan_text(plan, NULL, config, error) : plan->text;
	bool good = text && add_item(plan, &whole, config ? config : NONE, text, 0, 0, error);

	if (text && text != plan->text)
		text_free(text);
	return good;
}

/* A config that was asked for, and that no experiment runs. */
static bool add_config_alone(struct plan *plan, const char *experiment, const char *config,
                             GError **error) {
	const struct group *group = scenario_find(plan->sc, &kind_experiment, experiment);
	g_autofree char *configs = group ? g_strjoinv(", ", group_names(group, "configs")) : NULL;

	if (group && !group_enabled(group))
		return true;
	if (group)
		return group_wrong(group, "configs", error,
		                   "it does not run '%s'; allowed: --config with some of %s",
		                   config, configs);
	return add_whole(plan, config, error);
}

static bool build(struct plan *plan, const char *experiment, const char *config, GError **error) {
	const struct group *group;

	if (!apply_sets(plan, plan->text, error))
		return false;
	plan->sc = scenario_new(plan->text, error);
	if (!plan->sc)
		return false;
	if (!experiment && !scenario_nth(plan->sc, &kind_experiment, 0))
		return add_whole(plan, config, error);
	for (unsigned i = 0; (group = scenario_nth(plan->sc, &kind_experiment, i)); i++)
		if (!experiment || g_str_equal(experiment, group->name))
			if (!add_experiment(plan, group, config, error))
				return false;
	return !config || plan->items->len || add_config_alone(plan, experiment, config, error);
}

static void spec_free(gpointer spec) { run_spec_free(spec); }

static struct plan *plan_make(const struct text *text, char **sets, bool quick, uint64_t seed) {
	struct plan *plan = g_new0(struct plan, 1);

	plan->text = text_copy(text);
	plan->items = g_array_new(FALSE, FALSE, sizeof(struct plan_item));
	plan->specs = g_ptr_array_new_with_free_func(spec_free);
	plan->sets = sets;
	plan->seed = seed;
	plan->quick = quick;
	return plan;
}

struct plan *plan_of(const struct text *text, char **sets, const char *experiment,
                     const char *config, bool quick, uint64_t seed, GError **error) {
	struct plan *plan = plan_make(text, sets, quick, seed);

	if (build(plan, experiment, config, error))
		return plan;
	plan_free(plan);
	return NULL;
}

static struct plan *make_at_point(const struct text *text, char **sets, unsigned n_sets,
                                  const char *origin, uint64_t seed) {
	struct plan *plan = plan_make(text, sets, false, seed);

	plan->n_sets = n_sets;
	plan->varied = origin;
	return plan;
}

/* One of the points of a sweep; planned, or only understood. */
static struct plan *plan_point(const struct text *text, char **sets, unsigned n_sets,
                               const char *origin, const char *experiment, const char *config,
                               uint64_t seed, GError **error) {
	struct plan *plan = make_at_point(text, sets, n_sets, origin, seed);

	if (build(plan, experiment, config, error))
		return plan;
	plan_free(plan);
	return NULL;
}

struct plan *plan_of_point(const struct text *text, char **sets, unsigned n_sets,
                           const struct points *points, const struct point *point, uint64_t seed,
                           GError **error) {
	return plan_point(text, sets, n_sets, points->origin, point->experiment, point->config,
	                  seed, error);
}

struct text *plan_point_text(const struct text *text, char **sets, unsigned n_sets,
                             const char *origin, const char *experiment, const char *config,
                             unsigned offered, GError **error) {
	struct plan *plan;
	struct text *made = NULL;

	/* Nothing of the scenario's own is to be put into force: it need not be understood. */
	if (!some(experiment) && !some(config)) {
		plan = make_at_point(text, sets, n_sets, origin, 0);
		if (apply_sets(plan, plan->text, error))
			made = g_steal_pointer(&plan->text);
		plan_free(plan);
		return made;
	}
	plan = plan_point(text, sets, n_sets, origin, "", NULL, 0, error);
	if (plan)
		made = item_text(plan, experiment, config, offered, error);
	g_clear_pointer(&plan, plan_free);
	return made;
}

struct plan *plan_new(const char *file, char **sets, const char *experiment, const char *config,
                      bool quick, uint64_t seed, GError **error) {
	struct text *text = text_load(file, error);
	struct plan *plan = text ? plan_make(text, sets, quick, seed) : NULL;

	g_clear_pointer(&text, text_free);
	if (!plan)
		return NULL;
	plan->repeated = !quick;
	if (build(plan, experiment, config, error))
		return plan;
	plan_free(plan);
	return NULL;
}

void plan_free(struct plan *plan) {
	for (guint i = 0; i < plan->items->len; i++)
		g_clear_pointer(&g_array_index(plan->items, struct plan_item, i).m, measures_free);
	g_array_unref(plan->items);
	g_ptr_array_unref(plan->specs);
	g_clear_pointer(&plan->sc, scenario_free);
	g_clear_pointer(&plan->text, text_free);
	g_free(plan);
}

bool plan_run(struct plan *plan, unsigned jobs, GError **error) {
	g_autofree struct measures **results = g_new0(struct measures *, plan->items->len);

	if (!run_all((struct run_spec *const *)plan->specs->pdata, plan->specs->len, jobs, results,
	             error))
		return false;
	for (guint i = 0; i < plan->items->len; i++)
		g_array_index(plan->items, struct plan_item, i).m = results[i];
	return true;
}

unsigned plan_verdict(const struct plan *plan, const char *prefix) {
	unsigned reasons = 0;

	for (guint i = 0; i < plan->items->len; i++) {
		const struct plan_item *item = &g_array_index(plan->items, struct plan_item, i);
		const struct run_spec *spec = plan->specs->pdata[i];

		if (!item->m) /* not run */
			continue;
		bool whole = g_str_equal(item->experiment, NONE);
		g_autofree char *name =
			g_strconcat(prefix ? prefix : "", prefix && !whole ? ", " : "",
		                    whole ? "" : spec->name, NULL);

		reasons += verdict_print(*name ? name : NULL, plan->sc, item->m);
	}
	return reasons;
}

const struct plan_item *plan_nth(const struct plan *plan, const char *experiment,
                                 const char *config, unsigned n) {
	for (guint i = 0; i < plan->items->len; i++) {
		const struct plan_item *item = &g_array_index(plan->items, struct plan_item, i);

		if (item->replication == 0 && g_str_equal(item->experiment, experiment) &&
		    g_str_equal(item->config, config) && n-- == 0)
			return item;
	}
	return NULL;
}

const struct plan_item *plan_replica(const struct plan *plan, const struct plan_item *first,
                                     unsigned replication) {
	const struct plan_item *item = first + replication;
	const struct plan_item *end =
		&g_array_index(plan->items, struct plan_item, 0) + plan->items->len;

	/* They follow each other. */
	return item < end && item->replication == replication ? item : NULL;
}
