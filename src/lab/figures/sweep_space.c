/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs as points of a space: which dimension is the x axis, which make curves, which make panels. */
#include "lab/figures/sweep_space.h"

#include <math.h>
#include <stdlib.h>

enum { EXPERIMENT, CONFIG, FIRST_AXIS };

static struct dim *dim_nth(const struct space *s, guint i) {
	return &g_array_index(s->dims, struct dim, i);
}

/* --- dimensions ------------------------------------------------------------------------------- */

static guint label_index(const struct dim *dim, const char *label) {
	return GPOINTER_TO_UINT(g_hash_table_lookup(dim->index, label)) - 1;
}

static void label_add(struct dim *dim, const char *label) {
	gpointer key = (gpointer)(uintptr_t)label;

	if (g_hash_table_contains(dim->index, label))
		return;
	g_ptr_array_add(dim->labels, key);
	g_hash_table_insert(dim->index, key, GUINT_TO_POINTER(dim->labels->len));
}

/* The labels in base units, if all of them are quantities of one type. */
static double *read_numbers(const GPtrArray *labels, enum value_type *type) {
	static const enum value_type types[] = {VALUE_TIME,      VALUE_BYTES,      VALUE_RATE,
	                                        VALUE_FREQUENCY, VALUE_PER_SECOND, VALUE_FACTOR,
	                                        VALUE_SHARE};
	double *numbers = g_new(double, labels->len);
	const char *why;

	for (size_t k = 0; k < G_N_ELEMENTS(types); k++) {
		guint i = 0;

		while (i < labels->len &&
		       quantity_number(types[k], labels->pdata[i], &numbers[i], &why))
			i++;
		if (i == labels->len) {
			*type = types[k];
			return numbers;
		}
	}
	g_free(numbers);
	return NULL;
}

static void add_dim(struct space *s, const char *title, const char *unit, enum axis_sort sort) {
	struct dim dim = {.title = title,
	                  .unit = unit,
	                  .labels = g_ptr_array_new(),
	                  .index = g_hash_table_new(g_str_hash, g_str_equal),
	                  .silent = sort != AXIS_OWN,
	                  .chunk = G_MAXUINT};

	g_array_append_val(s->dims, dim);
}

static const char *row_label(const struct space *s, guint row, guint dim) {
	const struct sweep_row *r = sweep_row(s->sweep, row);

	if (dim >= FIRST_AXIS)
		return r->point->at[dim - FIRST_AXIS].label;
	return dim == CONFIG ? r->config : r->experiment;
}

static void read_dims(struct space *s) {
	const struct points *points = s->sweep->points;

	add_dim(s, "experiment", NULL, AXIS_OWN);
	add_dim(s, "config", NULL, AXIS_OWN);
	for (guint a = 0; a < points->axes->len; a++)
		add_dim(s, points_axis(points, a)->name, points_axis(points, a)->unit,
		        points_axis(points, a)->sort);
	for (guint row = 0; row < s->sweep->rows->len; row++)
		for (guint d = 0; d < s->dims->len; d++)
			label_add(dim_nth(s, d), row_label(s, row, d));
	for (guint d = FIRST_AXIS; d < s->dims->len; d++)
		dim_nth(s, d)->numbers = read_numbers(dim_nth(s, d)->labels, &dim_nth(s, d)->type);
}

static bool has_sort(const struct space *s, guint d, enum axis_sort sort) {
	return d >= FIRST_AXIS && points_axis(s->sweep->points, d - FIRST_AXIS)->sort == sort;
}

bool space_is_cloud(const struct space *s) { return s->cloud; }

/* Numbers before words, then the longest; experiments are compared, not followed. */
static void choose_x(struct space *s) {
	guint best = 0;

	for (guint d = CONFIG; d < s->dims->len; d++) {
		const struct dim *dim = dim_nth(s, d);
		guint rank =
			dim->labels->len > 1 ? dim->labels->len + (dim->numbers ? 1000 : 0) : 0;

		if (has_sort(s, d, AXIS_FOLLOWS))
			continue;
		if (!s->x || rank > best) {
			best = rank;
			s->x = d;
		}
	}
	s->cloud = has_sort(s, s->x, AXIS_DRAWN);
}

double dim_at(const struct dim *dim, guint label) {
	return dim->numbers ? dim->numbers[label] : label;
}

/* How the first of the columns goes with a range; NAN: it cannot be told. */
static double correlation(const struct space *s, guint d) {
	double n = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0, xy = 0;
	const struct dim *dim = space_dim(s, d);

	for (guint row = 0; dim->numbers && row < s->sweep->rows->len; row++) {
		double x = dim_at(dim, label_index(dim, row_label(s, row, d)));
		double y = sweep_value(s->sweep, row, s->columns->pdata[0]);

		if (isnan(y))
			continue;
		n++;
		x1 += x;
		y1 += y;
		x2 += x * x;
		y2 += y * y;
		xy += x * y;
	}
	return (n * xy - x1 * y1) / sqrt((n * x2 - x1 * x1) * (n * y2 - y1 * y1));
}

/* A cloud lies along the range that matters most. */
static void choose_range(struct space *s) {
	for (guint d = 0; s->cloud && s->columns->len && d < s->dims->len; d++) {
		double c = has_sort(s, d, AXIS_DRAWN) ? correlation(s, d) : NAN;

		s->ranges += has_sort(s, d, AXIS_DRAWN);
		if (isnan(c) || fabs(c) <= fabs(s->correlation))
			continue;
		s->correlation = c;
		s->x = d;
	}
}

void dim_bounds(const struct dim *dim, double *low, double *high) {
	*low = INFINITY;
	*high = -INFINITY;
	for (guint i = 0; i < dim->labels->len; i++) {
		*low = MIN(*low, dim_at(dim, i));
		*high = MAX(*high, dim_at(dim, i));
	}
}

bool dim_is_logarithmic(const struct dim *dim) {
	double low, high;

	dim_bounds(dim, &low, &high);
	return dim->numbers && low > 0 && high > 20 * low;
}

const char *space_spoken(const struct space *s, guint d, guint i) {
	const char *word = space_dim(s, d)->labels->pdata[i], *better = NULL;
	const struct kind *kind = d ? &kind_config : &kind_experiment;
	const struct group *group = d > CONFIG ? NULL : scenario_find(s->sweep->sc, kind, word);

	if (group)
		better = group_text(group, d ? "label" : "title");
	return better ? better : word;
}

/* --- curves ----------------------------------------------------------------------------------- */

/* Dimensions that tell curves apart, those first that had better do so within a panel. */
static guint curve_dims(const struct space *s, guint *found) {
	guint n = 0;

	for (guint i = CONFIG; i <= s->dims->len; i++) {
		guint d = i < s->dims->len ? i : EXPERIMENT;

		if (d != s->x && !dim_nth(s, d)->silent && dim_nth(s, d)->labels->len > 1)
			found[n++] = d;
	}
	return n;
}

bool curve_shows(const struct space *s, const struct curve *curve, const struct column *column) {
	for (guint i = 0; i < curve->spots->len; i++)
		if (!isnan(sweep_value(s->sweep, curve_spot(curve, i)->row, column)))
			return true;
	return false;
}

static bool shows_any(const struct space *s, const struct curve *curve) {
	for (guint i = 0; i < s->columns->len; i++)
		if (curve_shows(s, curve, s->columns->pdata[i]))
			return true;
	return false;
}

static guint facet_of(struct space *s, const guint *dims, guint n, guint row) {
	struct facet facet = {0, NULL};
	GString *title = g_string_new(NULL);

	for (guint i = 0; i < n; i++) {
		const struct dim *dim = dim_nth(s, dims[i]);
		guint label = label_index(dim, row_label(s, row, dims[i]));
		guint chunk = MAX(dim->chunk, 1), part = label / chunk;

		facet.key = facet.key * dim->labels->len + part;
		if (dim->chunk >= dim->labels->len)
			continue;
		g_string_append_printf(title, "%s%s%s%s", title->len ? ", " : "",
		                       dims[i] > CONFIG ? dim->title : "",
		                       dims[i] > CONFIG ? " " : "",
		                       space_spoken(s, dims[i], part * chunk));
		if (chunk > 1)
			g_string_append_printf(
				title, " to %s",
				space_spoken(s, dims[i],
			                     MIN(part * chunk + chunk, dim->labels->len) - 1));
	}
	facet.title = g_string_free(title, FALSE);
	for (guint i = 0; i < s->facets->len; i++)
		if (g_array_index(s->facets, struct facet, i).key == facet.key) {
			g_free(facet.title);
			return i;
		}
	g_array_append_val(s->facets, facet);
	return s->facets->len - 1;
}

static struct curve curve_of(struct space *s, const guint *dims, guint n, guint row) {
	GString *title = g_string_new(NULL);
	struct curve curve = {.spots = g_array_new(FALSE, FALSE, sizeof(struct spot)),
	                      .facet = facet_of(s, dims, n, row)};

	for (guint i = 0; i < n; i++) {
		const struct dim *dim = dim_nth(s, dims[i]);
		guint label = label_index(dim, row_label(s, row, dims[i]));

		if (dim->chunk == 0)
			continue;
		g_string_append_printf(title, "%s%s", title->len ? ", " : "",
		                       space_spoken(s, dims[i], label));
		/* Experiments do not make colours: a config has the same in all of them. */
		if (dims[i] != EXPERIMENT)
			curve.look =
				curve.look * MIN(dim->chunk, dim->labels->len) + label % dim->chunk;
	}
	curve.title = g_string_free(title, FALSE);
	return curve;
}

static int by_x(const void *a, const void *b, void *arg) {
	const struct dim *dim = arg;
	const struct spot *x = a, *y = b;
	double xs = dim_at(dim, x->x), ys = dim_at(dim, y->x);

	if (xs != ys)
		return xs < ys ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* A curve for each combination of labels that some run has and measures. */
static void read_curves(struct space *s, const guint *dims, guint n) {
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct dim *along = dim_nth(s, s->x);

	for (guint row = 0; row < s->sweep->rows->len; row++) {
		GString *key = g_string_new(NULL);
		struct spot spot = {row, label_index(along, row_label(s, row, s->x))};
		guint at;

		for (guint i = 0; i < n; i++)
			g_string_append_printf(
				key, "%u,",
				label_index(dim_nth(s, dims[i]), row_label(s, row, dims[i])));
		at = GPOINTER_TO_UINT(g_hash_table_lookup(known, key->str));
		if (!at) {
			struct curve curve = curve_of(s, dims, n, row);

			g_array_append_val(s->curves, curve);
			at = s->curves->len;
			g_hash_table_insert(known, g_strdup(key->str), GUINT_TO_POINTER(at));
		}
		g_array_append_val(space_curve(s, at - 1)->spots, spot);
		g_string_free(key, TRUE);
	}
	for (guint c = s->curves->len; c-- > 0;) {
		g_array_sort_with_data(space_curve(s, c)->spots, by_x, along);
		if (!shows_any(s, space_curve(s, c)))
			g_array_remove_index(s->curves, c);
	}
}

static bool meet(const struct space *s, const struct curve *a, const struct curve *b) {
	for (guint i = 0; a->facet == b->facet && i < s->columns->len; i++)
		if (curve_shows(s, a, s->columns->pdata[i]) &&
		    curve_shows(s, b, s->columns->pdata[i]))
			return true;
	return false;
}

/* The most curves in one panel. */
static guint most_together(const struct space *s) {
	guint most = 0;

	for (guint i = 0; i < s->columns->len; i++) {
		guint n = 0;

		for (guint c = 0; c < s->curves->len; c++)
			n += curve_shows(s, space_curve(s, c), s->columns->pdata[i]);
		most = MAX(most, n);
	}
	return most;
}

/* Which dimensions make panels: the last ones, and parts of the first if it alone is too much. */
static void choose_facets(const struct space *s, const guint *dims, guint n) {
	guint together = 1;

	for (guint i = 0; i < n; i++) {
		struct dim *dim = dim_nth(s, dims[i]);
		guint labels = dim->labels->len, parts = (labels + CURVES_MOST - 1) / CURVES_MOST;

		if (together * labels <= CURVES_MOST)
			dim->chunk = labels;
		else
			dim->chunk = i ? 0 : (labels + parts - 1) / parts;
		together = i && !dim->chunk ? CURVES_MOST : together * dim->chunk;
	}
}

/* Curves that meet look different. */
static void choose_looks(const struct space *s) {
	for (guint c = 0; c < s->curves->len; c++) {
		struct curve *curve = &g_array_index(s->curves, struct curve, c);
		unsigned taken = 0, look = curve->look % CURVES_MOST;

		for (guint other = 0; other < c; other++)
			if (meet(s, curve, space_curve(s, other)))
				taken |= 1u << space_curve(s, other)->look;
		for (unsigned i = 0; i < CURVES_MOST && taken >> look & 1; i++)
			look = (look + 1) % CURVES_MOST;
		curve->look = look;
	}
}

static void choose_columns(struct space *s) {
	const struct column *c;

	for (guint i = 0; (c = chosen_column(s->sweep->chosen, i)); i++)
		if (c->axis && sweep_measures(s->sweep, c))
			g_ptr_array_add(s->columns, (gpointer)(uintptr_t)c);
}

static void make_curves(struct space *s) {
	g_autofree guint *dims = g_new(guint, s->dims->len);
	guint n = curve_dims(s, dims);

	read_curves(s, dims, n);
	if (most_together(s) > CURVES_MOST) {
		choose_facets(s, dims, n);
		g_array_set_size(s->curves, 0);
		g_array_set_size(s->facets, 0);
		read_curves(s, dims, n);
	}
	choose_looks(s);
	for (guint i = 0; i < n; i++)
		if (dim_nth(s, dims[i])->chunk)
			g_string_append_printf(s->told, "%s%s", s->told->len ? ", " : "",
			                       dim_nth(s, dims[i])->title);
}

/* --- all -------------------------------------------------------------------------------------- */

static void dim_clear(gpointer data) {
	struct dim *dim = data;

	g_ptr_array_unref(dim->labels);
	g_hash_table_unref(dim->index);
	g_free(dim->numbers);
}

static void curve_clear(gpointer data) {
	g_free(((struct curve *)data)->title);
	g_array_unref(((struct curve *)data)->spots);
}

static void facet_clear(gpointer data) { g_free(((struct facet *)data)->title); }

struct space *space_new(const struct sweep *sweep) {
	struct space *s = g_new0(struct space, 1);

	s->sweep = sweep;
	s->dims = g_array_new(FALSE, FALSE, sizeof(struct dim));
	s->curves = g_array_new(FALSE, FALSE, sizeof(struct curve));
	s->facets = g_array_new(FALSE, FALSE, sizeof(struct facet));
	s->columns = g_ptr_array_new();
	s->told = g_string_new(NULL);
	g_array_set_clear_func(s->dims, dim_clear);
	g_array_set_clear_func(s->curves, curve_clear);
	g_array_set_clear_func(s->facets, facet_clear);
	read_dims(s);
	choose_x(s);
	choose_columns(s);
	choose_range(s);
	make_curves(s);
	return s;
}

void space_free(struct space *s) {
	g_array_unref(s->dims);
	g_array_unref(s->curves);
	g_array_unref(s->facets);
	g_ptr_array_unref(s->columns);
	g_string_free(s->told, TRUE);
	g_free(s);
}
