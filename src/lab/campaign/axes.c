/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which points does a command line or [sweep NAME] ask for?  Each axis gives its values; they are
 * combined, and exceptions taken out.
 */
#include "lab/campaign/axes.h"

#include <string.h>

#include "lab/campaign/axes_parts.h"
#include "lab/kinds/kinds.h"

/* Combinations that are looked at, for exceptions to choose from. */
#define MOST_COMBINATIONS 1000000

/* --- configs and experiments ------------------------------------------------------------------- */

static bool no_such(const struct axes_asked *asked, const struct scenario *sc,
                    const struct kind *kind, const char *name, GError **error) {
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *all = NULL;
	const struct group *group;
	const char *near;

	for (unsigned i = 0; (group = scenario_nth(sc, kind, i)); i++)
		g_ptr_array_add(names, group->name);
	near = nearest_word(name, (const char *const *)names->pdata, names->len);
	g_ptr_array_add(names, NULL);
	all = g_strjoinv(", ", (char **)names->pdata);
	return axes_wrong(asked, kind->name, error, "there is no [%s %s]%s%s%s; allowed: %s",
	                  kind->name, name, near ? "; did you mean '" : "", near ? near : "",
	                  near ? "'?" : "", *all ? all : "none, as the scenario has none");
}

/* An axis of the groups of a kind that are named; none if no names are given. */
static bool add_chosen(struct axes *axes, const struct axes_asked *asked, const struct scenario *sc,
                       const struct kind *kind, char **names, GError **error) {
	struct dim *dim;

	if (!names)
		return true;
	dim = dim_new();
	dim_add_key(dim, kind->name, VALUE_TEXT);
	g_ptr_array_add(axes->dims, dim);
	for (unsigned i = 0; names[i]; i++) {
		if (!scenario_find(sc, kind, names[i]))
			return no_such(asked, sc, kind, names[i], error);
		dim_add_point(dim, NULL, (const char *const[]){names[i]});
	}
	return true;
}

/* --- keys -------------------------------------------------------------------------------------- */

static void open_clear(gpointer data) { g_free(((struct dim_open *)data)->key.name); }

static bool sample(struct axes_reader *r, const struct axes_asked *asked, GError **error) {
	if (!r->sample)
		return true;
	if (!r->open->len)
		return axes_wrong(asked, "sample", error,
		                  "there is no range to draw from; allowed: together with a vary "
		                  "of GROUP.KEY=LOW..HIGH");
	g_ptr_array_insert(r->axes->dims, (gint)r->open_at,
	                   axes_sample(r->open, r->sample, asked->words.seed));
	return true;
}

static bool add_varied(struct axes *axes, const struct text *text, const struct scenario *sc,
                       const struct axes_asked *asked, GError **error) {
	g_autofree char *word = axes_word(asked, "vary");
	struct axes_reader r = {
		.text = text, .sc = sc, .sample = asked->words.sample, .word = word, .axes = axes};
	char **vary = asked->words.vary;
	bool good = true;

	r.open = g_array_new(FALSE, FALSE, sizeof(struct dim_open));
	g_array_set_clear_func(r.open, open_clear);
	for (unsigned i = 0; good && vary && vary[i]; i++)
		good = axes_parse(&r, vary[i], error);
	good = good && sample(&r, asked, error);
	g_array_unref(r.open);
	return good;
}

/* --- combinations ------------------------------------------------------------------------------ */

/* Names of keys that set something have a dot. */
static bool sets(const struct dim *dim) { return strchr(dim_key(dim, 0)->name, '.'); }

static bool too_many(const struct axes_asked *asked, unsigned most, GError **error) {
	return axes_wrong(asked, "vary", error,
	                  "the values make more than %u runs; allowed: as many", most);
}

static bool count(const struct axes *axes, const struct axes_asked *asked, guint64 *n,
                  GError **error) {
	guint64 most = asked->words.except ? MOST_COMBINATIONS : POINTS_MAX;

	*n = 1;
	for (guint a = 0; a < axes->dims->len; a++) {
		*n *= axes_dim(axes, a)->points->len;
		if (*n > most)
			return too_many(asked, (unsigned)most, error);
	}
	return true;
}

static bool differ(const struct axes *axes, const struct axes_asked *asked, GError **error) {
	for (guint a = 0; a < axes->dims->len; a++) {
		const struct dim *dim = axes_dim(axes, a);
		g_autoptr(GHashTable) labels =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

		for (guint i = 0; !dim->drawn && i < dim->points->len; i++) {
			char *label = dim_label(dim_point(dim, i));

			if (g_hash_table_contains(labels, label)) {
				axes_wrong(asked, sets(dim) ? "vary" : dim_key(dim, 0)->name, error,
				           "%s has '%s' twice; allowed: each point once",
				           dim_key(dim, 0)->name, label);
				g_free(label);
				return false;
			}
			g_hash_table_add(labels, label);
		}
	}
	return true;
}

static void exception_unref(gpointer exception) { exception_free(exception); }

static GPtrArray *read_exceptions(const struct axes *axes, const struct axes_asked *asked,
                                  GError **error) {
	GPtrArray *exceptions = g_ptr_array_new_with_free_func(exception_unref);
	g_autofree char *word = axes_word(asked, "except");

	for (unsigned i = 0; asked->words.except && asked->words.except[i]; i++) {
		struct exception *exception =
			exception_new(axes, asked->words.except[i], word, error);

		if (!exception) {
			g_ptr_array_unref(exceptions);
			return NULL;
		}
		g_ptr_array_add(exceptions, exception);
	}
	return exceptions;
}

static bool is_left_out(const GPtrArray *exceptions, const struct axes *axes, const guint *at) {
	for (guint i = 0; i < exceptions->len; i++)
		if (exception_holds(exceptions->pdata[i], axes, at))
			return true;
	return false;
}

static void add_combinations(struct axes *axes, const GPtrArray *exceptions, guint64 n) {
	g_autofree guint *at = g_new(guint, axes->dims->len + 1);

	for (guint64 c = 0; c < n; c++) {
		guint64 rest = c;

		for (guint a = axes->dims->len; a-- > 0;) {
			guint points = axes_dim(axes, a)->points->len;

			at[a] = (guint)(rest % points);
			rest /= points;
		}
		if (is_left_out(exceptions, axes, at))
			continue;
		g_array_append_vals(axes->at, at, axes->dims->len);
		axes->n++;
	}
}

static bool combine(struct axes *axes, const struct axes_asked *asked, GError **error) {
	GPtrArray *exceptions;
	guint64 n;

	if (!count(axes, asked, &n, error) || !differ(axes, asked, error))
		return false;
	exceptions = read_exceptions(axes, asked, error);
	if (!exceptions)
		return false;
	add_combinations(axes, exceptions, n);
	g_ptr_array_unref(exceptions);
	if (axes->n > POINTS_MAX)
		return too_many(asked, POINTS_MAX, error);
	return axes->n || axes_wrong(asked, "except", error,
	                             "it leaves nothing to run; allowed: one combination or more");
}

/* --- points ------------------------------------------------------------------------------------ */

/* The group of all keys ("pci0"), or "point". */
static char *common_group(const struct dim *dim) {
	const char *first = dim_key(dim, 0)->name;
	size_t length = strcspn(first, ".");

	for (guint k = 1; k < dim->keys->len; k++)
		if (strncmp(dim_key(dim, k)->name, first, length + 1) != 0)
			return g_strdup("point");
	return g_strndup(first, length);
}

static bool has_names(const struct dim *dim) { return dim->points->len && dim_point(dim, 0)->name; }

/* Keys that are joined have an axis of what their points are called, and each its own besides. */
static bool is_called(const struct dim *dim) {
	return !dim->drawn && (dim->keys->len > 1 || has_names(dim));
}

static void add_axes(struct points *points, const struct axes *axes) {
	for (guint d = 0; d < axes->dims->len; d++) {
		const struct dim *dim = axes_dim(axes, d);
		g_autofree char *group = is_called(dim) ? common_group(dim) : NULL;

		if (!sets(dim)) /* rows have columns for them anyway */
			continue;
		if (group)
			points_add_axis(points, group, AXIS_OWN);
		for (guint k = 0; k < dim->keys->len; k++)
			points_add_axis(points, dim_key(dim, k)->name,
			                dim->drawn ? AXIS_DRAWN
			                : group    ? AXIS_FOLLOWS
			                           : AXIS_OWN);
	}
}

static void add_point(struct points *points, const struct axes *axes, guint i) {
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free),
			     settings = g_ptr_array_new_with_free_func(g_free);
	const char *experiment = NULL, *config = NULL;
	struct point *point;

	for (guint d = 0; d < axes->dims->len; d++) {
		const struct dim *dim = axes_dim(axes, d);
		const struct dim_point *at =
			dim_point(dim, g_array_index(axes->at, guint, i * axes->dims->len + d));

		if (is_called(dim))
			g_ptr_array_add(labels, dim_label(at));
		for (guint k = 0; k < dim->keys->len; k++) {
			const char *name = dim_key(dim, k)->name, *value = at->values[k];

			if (!sets(dim)) {
				*(g_str_equal(name, "config") ? &config : &experiment) = value;
				continue;
			}
			g_ptr_array_add(labels, g_strdup(value));
			g_ptr_array_add(settings, g_strdup_printf("%s=%s", name, value));
		}
	}
	g_ptr_array_add(settings, NULL);
	point = points_add(points, (const char *const *)labels->pdata,
	                   (const char *const *)settings->pdata);
	point->experiment = g_strdup(experiment);
	point->config = g_strdup(config);
}

static struct points *points_of(const struct axes *axes, const char *origin,
                                const struct scenario *sc) {
	struct points *points = points_new(origin);

	add_axes(points, axes);
	for (guint i = 0; i < axes->n; i++)
		add_point(points, axes, i);
	points_measure(points, sc);
	return points;
}

/* --- the whole --------------------------------------------------------------------------------- */

static void dim_unref(gpointer dim) { dim_free(dim); }

static void take_besides(struct points *points, const struct group *group) {
	if (group_given(group, "repeat"))
		points->repeat = (unsigned)group_number(group, "repeat");
	points->measures = g_strdupv(group_names(group, "measure"));
}

static struct points *make_points(const struct text *text, const struct scenario *sc,
                                  const struct axes_asked *asked, GError **error) {
	g_autofree char *origin = axes_word(asked, "vary");
	struct axes axes = {g_ptr_array_new_with_free_func(dim_unref),
	                    g_array_new(FALSE, FALSE, sizeof(guint)), 0};
	struct points *points = NULL;

	if (add_chosen(&axes, asked, sc, &kind_experiment, asked->words.experiments, error) &&
	    add_chosen(&axes, asked, sc, &kind_config, asked->words.configs, error) &&
	    add_varied(&axes, text, sc, asked, error) && combine(&axes, asked, error))
		points = points_of(&axes, origin, sc);
	if (points && asked->group)
		take_besides(points, asked->group);
	g_ptr_array_unref(axes.dims);
	g_array_unref(axes.at);
	return points;
}

struct points *axes_points(const struct text *text, const struct axes_wanted *wanted,
                           GError **error) {
	struct scenario *sc = scenario_new(text, error);
	struct axes_asked asked = {0};
	struct points *points = NULL;

	if (sc && axes_ask(&asked, sc, wanted, error))
		points = make_points(text, sc, &asked, error);
	axes_asked_clear(&asked);
	g_clear_pointer(&sc, scenario_free);
	return points;
}
