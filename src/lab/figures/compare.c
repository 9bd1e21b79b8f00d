/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a change do, seed by seed? */
#include "lab/figures/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/campaign/watch.h"
#include "lab/figures/cost_name.h"
#include "lab/figures/json.h"
#include "lab/world/verdict.h"

/* As it is, and changed. */
enum side { WAS, IS, SIDES };
static const char *const side_names[SIDES] = {"as it is", "changed"};

struct comparison {
	struct scenario *sc[SIDES];
	struct measures **m; /* pair by pair, both sides of each */
	unsigned pairs;
	uint64_t seed;
	char *title, *changes;
	const char *work;
	GArray *effects, *parts; /* struct effect */
};

static const struct measures *run_of(const struct comparison *c, unsigned pair, enum side side) {
	return c->m[pair * SIDES + side];
}

/* --- what is compared ------------------------------------------------------------------------- */

static char **joined(char **sets, char **what) {
	GPtrArray *all = g_ptr_array_new();

	for (unsigned i = 0; sets && sets[i]; i++)
		g_ptr_array_add(all, g_strdup(sets[i]));
	for (unsigned i = 0; what && what[i]; i++)
		g_ptr_array_add(all, g_strdup(what[i]));
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}

/* The text of one side, as `run` would run it.  NULL and *error. */
static struct text *text_of(const struct text *base, const struct compare_wanted *w, enum side side,
                            GError **error) {
	g_auto(GStrv) sets = joined(w->sets, side == IS ? w->what : NULL);

	return plan_point_text(base, sets, w->sets ? g_strv_length(w->sets) : 0, "--what",
	                       w->experiment ? w->experiment : "-", w->config ? w->config : "-",
	                       w->offered, error);
}

static void put_parameter(void *values, const struct parameter *p) {
	g_hash_table_insert(values, g_strdup_printf("%s.%s", p->group, p->key), g_strdup(p->value));
}

struct changed {
	GHashTable *before;
	GString *out;
};

static void put_change(void *arg, const struct parameter *p) {
	struct changed *changed = arg;
	g_autofree char *name = g_strdup_printf("%s.%s", p->group, p->key);
	const char *before = g_hash_table_lookup(changed->before, name);

	if (g_strcmp0(before, p->value) != 0)
		g_string_append_printf(changed->out, "%s%s %s -> %s", changed->out->len ? ", " : "",
		                       name, before ? before : "none", p->value);
}

static char *changes_of(const struct comparison *c) {
	struct changed changed = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	                          g_string_new(NULL)};

	scenario_parameters(c->sc[WAS], put_parameter, changed.before);
	scenario_parameters(c->sc[IS], put_change, &changed);
	g_hash_table_unref(changed.before);
	if (changed.out->len == 0)
		g_string_append(changed.out, "nothing: these values are in force as it is");
	return g_string_free(changed.out, FALSE);
}

static char *title_of(const struct comparison *c, const struct compare_wanted *w) {
	const char *title = scenario_head(c->sc[WAS])->title;

	return g_strdup_printf("%s%s%s%s%s: %s", c->sc[WAS]->text->file, w->experiment ? ", " : "",
	                       w->experiment ? w->experiment : "", w->config ? ", " : "",
	                       w->config ? w->config : "", title ? title : "");
}

GString *compare_json(const struct comparison *c) {
	const struct json_run runs[SIDES] = {{side_names[WAS], run_of(c, 0, WAS)},
	                                     {side_names[IS], run_of(c, 0, IS)}};

	return json_report(c->sc[WAS], c->sc[IS], "compare", c->seed, runs, SIDES);
}

/* --- running ---------------------------------------------------------------------------------- */

/* Whether single sends can be taken apart. */
static bool has_sends(const struct scenario *sc) {
	const struct group *group = scenario_nth(sc, &kind_sendbench, 0);

	return group && group_enabled(group);
}

static void unwatch(gpointer watch) { watch_free(watch); }

static bool run_pairs(struct comparison *c, struct text *const text[SIDES], unsigned jobs,
                      GError **error) {
	unsigned n = c->pairs * SIDES;
	g_autofree struct run_spec **specs = g_new0(struct run_spec *, n);
	g_autoptr(GPtrArray) watches = g_ptr_array_new_with_free_func(unwatch);
	bool good;

	c->m = g_new0(struct measures *, n);
	for (unsigned i = 0; i < n; i++) {
		enum side side = i % SIDES;
		uint64_t seed = c->seed + i / SIDES;
		g_autofree char *name =
			g_strdup_printf("%s, seed %" G_GUINT64_FORMAT, side_names[side], seed);

		specs[i] = run_spec_new(name, text[side], seed);
		if (has_sends(c->sc[WAS]) && has_sends(c->sc[IS]))
			g_ptr_array_add(watches, watch_send(specs[i]));
	}
	good = run_all(specs, n, jobs, c->m, error);
	for (unsigned i = 0; i < n; i++)
		run_spec_free(specs[i]);
	return good;
}

unsigned compare_verdict(const struct comparison *c, struct answer *answer) {
	unsigned reasons = 0;

	for (unsigned i = 0; i < c->pairs * SIDES; i++) {
		enum side side = i % SIDES;
		g_autofree char *name = g_strdup_printf("%s, seed %" G_GUINT64_FORMAT,
		                                        side_names[side], c->seed + i / SIDES);

		if (answer)
			answer_judged(answer, name, c->sc[side], c->m[i]);
		reasons += verdict_print(name, c->sc[side], c->m[i]);
	}
	return reasons;
}

/* --- what is between them --------------------------------------------------------------------- */

/* Numbers of the pairs that have it on both sides. */
struct pairs {
	double *x[SIDES];
	unsigned n;
	double own_ci95[SIDES]; /* of the last pair, as the run itself told it */
};

static struct pairs pairs_new(unsigned most) {
	return (struct pairs){{g_new(double, most), g_new(double, most)}, 0, {NAN, NAN}};
}

static void pairs_clear(struct pairs *pairs) {
	g_free(pairs->x[WAS]);
	g_free(pairs->x[IS]);
}

static void pairs_add(struct pairs *pairs, double was, double is) {
	pairs->x[WAS][pairs->n] = was;
	pairs->x[IS][pairs->n++] = is;
}

/* Of one pair there is no spread over seeds: its interval is what the runs found themselves, as far as they
 * found any. */
static double difference_ci95(const struct pairs *p) {
	double was = p->own_ci95[WAS], is = p->own_ci95[IS];

	if (p->n > 1)
		return stats_difference(p->x[IS], p->x[WAS], p->n).ci95;
	return isnan(was) || isnan(is) ? NAN : hypot(was, is);
}

static struct effect effect_of(const char *name, const char *unit, const struct pairs *p) {
	struct effect e = {.name = g_intern_string(name), .unit = unit, .ratio = {NAN, NAN}};

	e.was = stats_estimate(p->x[WAS], p->n);
	e.is = stats_estimate(p->x[IS], p->n);
	e.difference = (struct estimate){e.is.value - e.was.value, difference_ci95(p)};
	if (e.was.value != 0 && p->n > 1)
		e.ratio = stats_ratio(p->x[IS], p->x[WAS], p->n);
	else if (e.was.value != 0)
		e.ratio = (struct estimate){e.is.value / e.was.value,
		                            fabs(e.difference.ci95 / e.was.value)};
	/* What differs in the last bits only is the same, and so is an interval of them. */
	if (e.ratio.ci95 < 1e-9 * fabs(e.ratio.value))
		e.ratio.ci95 = 0;
	e.sure = fabs(e.difference.value) > 1e-9 * fabs(e.was.value) &&
	         !(fabs(e.difference.value) <= e.difference.ci95);
	return e;
}

/* How much it changed, for its place in the list: what was nothing before changed most. */
static double size_of(const struct effect *e) {
	if (!e->sure)
		return -1;
	return isnan(e->ratio.value) ? INFINITY : fabs(e->ratio.value - 1);
}

static int largest_first(gconstpointer a, gconstpointer b) {
	const struct effect *x = a, *y = b;
	double xs = size_of(x), ys = size_of(y);

	return xs < ys ? 1 : xs > ys ? -1 : strcmp(x->name, y->name);
}

static int longest_first(gconstpointer a, gconstpointer b) {
	const struct effect *x = a, *y = b;
	double xs = x->sure ? fabs(x->difference.value) : -1;
	double ys = y->sure ? fabs(y->difference.value) : -1;

	return xs < ys ? 1 : xs > ys ? -1 : strcmp(x->name, y->name);
}

/* --- measures --------------------------------------------------------------------------------- */

static void add_measure(struct comparison *c, const struct group *group,
                        const struct measured *measure) {
	g_autofree char *name = g_strconcat(group->name, ".", measure->name, NULL);
	g_autofree char *ci95 = g_strconcat(name, "_ci95", NULL);
	struct pairs pairs = pairs_new(c->pairs);

	for (unsigned i = 0; i < c->pairs; i++) {
		double was = measures_get(run_of(c, i, WAS), name);
		double is = measures_get(run_of(c, i, IS), name);

		if (isnan(was) || isnan(is))
			continue;
		pairs_add(&pairs, was, is);
		for (enum side side = WAS; side < SIDES; side++)
			pairs.own_ci95[side] = measures_get(run_of(c, i, side), ci95);
	}
	if (pairs.n) {
		struct effect e = effect_of(name, measure->unit, &pairs);

		g_array_append_val(c->effects, e);
	}
	pairs_clear(&pairs);
}

static void find_effects(struct comparison *c) {
	for (guint i = 0; i < c->sc[WAS]->groups->len; i++) {
		const struct group *group = c->sc[WAS]->groups->pdata[i];

		for (size_t k = 0; k < group->kind->n_measures; k++)
			if (group->kind->measures[k].head || group->kind->measures[k].column)
				add_measure(c, group, &group->kind->measures[k]);
	}
	g_array_sort(c->effects, largest_first);
}

/* --- where the time went ---------------------------------------------------------------------- */

/* Pieces of work that are counted, and what one is called. */
static const struct {
	const struct kind *kind;
	const char *measure, *name;
} works[] = {{&kind_specweb, "completed", "a request"},
             {&kind_poisson, "answered", "a request"},
             {&kind_fetch, "done", "a fetch"}};

static double count_of(const struct scenario *sc, const struct measures *m, size_t work) {
	const struct group *group;
	double sum = 0;

	for (unsigned i = 0; (group = scenario_nth(sc, works[work].kind, i)); i++) {
		g_autofree char *name = g_strconcat(group->name, ".", works[work].measure, NULL);
		double n = measures_get(m, name);

		sum += isnan(n) ? 0 : n;
	}
	return sum;
}

/* How much work a run did; `*name`: what a piece is called. */
static double work_of(const struct scenario *sc, const struct measures *m, const char **name) {
	for (size_t i = 0; i < G_N_ELEMENTS(works); i++) {
		double n = count_of(sc, m, i);

		*name = works[i].name;
		if (n > 0)
			return n;
	}
	*name = "a second";
	return measures_get(m, "sim.window_s");
}

/* What a measure is part of: "server tcp: copy_tx" of server.cost.copy_tx.us, and of explain.part.tcp: copy_tx
 * the rest of its name, which is per send() already.  NULL: it is no part. */
static char *part_of(const char *measure, bool sends) {
	const char *cost = strstr(measure, ".cost.");
	g_autofree char *group = NULL, *key = NULL, *layer = NULL;

	if (sends)
		return g_str_has_prefix(measure, "explain.part.")
		               ? g_strdup(measure + strlen("explain.part."))
		               : NULL;
	if (!cost || !g_str_has_suffix(measure, ".us"))
		return NULL;
	cost += strlen(".cost.");
	group = g_strndup(measure, (gsize)(cost - measure) - strlen(".cost."));
	key = g_strndup(cost, strlen(cost) - strlen(".us"));
	layer = cost_name(key);
	return g_strconcat(group, " ", layer, NULL);
}

static double part_value(const struct comparison *c, unsigned pair, enum side side,
                         const char *measure, bool sends) {
	const struct measures *m = run_of(c, pair, side);
	double value = measures_get(m, measure);
	const char *name;

	if (isnan(value))
		return 0;
	return sends ? value : value / work_of(c->sc[side], m, &name);
}

static void add_part(struct comparison *c, const char *measure, const char *part, bool sends) {
	struct pairs pairs = pairs_new(c->pairs);
	struct effect e;

	for (unsigned i = 0; i < c->pairs; i++)
		pairs_add(&pairs, part_value(c, i, WAS, measure, sends),
		          part_value(c, i, IS, measure, sends));
	e = effect_of(part, "us", &pairs);
	g_array_append_val(c->parts, e);
	pairs_clear(&pairs);
}

static void find_parts(struct comparison *c) {
	bool sends = has_sends(c->sc[WAS]) && has_sends(c->sc[IS]);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	work_of(c->sc[WAS], run_of(c, 0, WAS), &c->work);
	if (sends)
		c->work = "a send()";
	for (enum side side = WAS; side < SIDES; side++) {
		const struct measures *m = run_of(c, 0, side);

		for (guint i = 0; i < m->list->len; i++) {
			const char *name = g_array_index(m->list, struct measure, i).name;
			g_autofree char *part = part_of(name, sends);

			if (part && g_hash_table_add(seen, g_strdup(name)))
				add_part(c, name, part, sends);
		}
	}
	g_array_sort(c->parts, longest_first);
}

/* --- the whole -------------------------------------------------------------------------------- */

static struct comparison *comparison_new(const struct compare_wanted *wanted) {
	struct comparison *c = g_new0(struct comparison, 1);

	c->pairs = wanted->repeat;
	c->seed = wanted->seed;
	c->effects = g_array_new(FALSE, FALSE, sizeof(struct effect));
	c->parts = g_array_new(FALSE, FALSE, sizeof(struct effect));
	return c;
}

struct comparison *compare_new(const char *file, const struct compare_wanted *wanted, unsigned jobs,
                               GError **error) {
	struct text *base = text_load_from(file, wanted->untrusted, error), *text[SIDES] = {NULL};
	struct comparison *c = comparison_new(wanted);
	bool good = base;

	for (enum side side = WAS; good && side < SIDES; side++)
		good = (text[side] = text_of(base, wanted, side, error)) &&
		       (c->sc[side] = scenario_new(text[side], error));
	if (good) {
		c->title = title_of(c, wanted);
		c->changes = changes_of(c);
		good = run_pairs(c, text, jobs, error);
	}
	for (enum side side = WAS; side < SIDES; side++)
		g_clear_pointer(&text[side], text_free);
	g_clear_pointer(&base, text_free);
	if (good) {
		find_effects(c);
		find_parts(c);
		return c;
	}
	compare_free(c);
	return NULL;
}

void compare_free(struct comparison *c) {
	for (unsigned i = 0; c->m && i < c->pairs * SIDES; i++)
		g_clear_pointer(&c->m[i], measures_free);
	for (enum side side = WAS; side < SIDES; side++)
		g_clear_pointer(&c->sc[side], scenario_free);
	g_array_unref(c->effects);
	g_array_unref(c->parts);
	g_free(c->m);
	g_free(c->title);
	g_free(c->changes);
	g_free(c);
}

const char *compare_title(const struct comparison *c) { return c->title; }
const char *compare_changes(const struct comparison *c) { return c->changes; }
unsigned compare_pairs(const struct comparison *c) { return c->pairs; }
const GArray *compare_effects(const struct comparison *c) { return c->effects; }
const GArray *compare_parts(const struct comparison *c) { return c->parts; }
const char *compare_work(const struct comparison *c) { return c->work; }
