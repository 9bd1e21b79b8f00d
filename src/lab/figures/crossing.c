/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures/crossing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How much better (or, below 0, worse) one curve is than the other, at a place of the axis. */
struct gain {
	double x, value, ci95;
};

/* What is counted by the second had better be much; times and shares of a processor, little. */
static double better(const struct column *column) {
	return g_str_equal(column->unit, "1/s") || g_str_equal(column->unit, "bit/s") ? 1 : -1;
}

/* Runs with the same seed are compared with each other. */
static struct estimate difference(const struct sweep *sweep, guint row, guint base,
                                  const struct column *column) {
	g_autoptr(GArray) a = sweep_values(sweep, row, column),
			  b = sweep_values(sweep, base, column);
	struct estimate x, y;

	if (a->len == b->len && a->len > 1) {
		for (guint i = 0; i < a->len; i++)
			g_array_index(a, double, i) -= g_array_index(b, double, i);
		return stats_estimate((const double *)(void *)a->data, a->len);
	}
	x = sweep_estimate(sweep, row, column, NULL);
	y = sweep_estimate(sweep, base, column, NULL);
	return (struct estimate){x.value - y.value, hypot(x.ci95, y.ci95)};
}

/* struct gain, along the axis. */
static GArray *gains_of(const struct space *s, const struct crossing *c) {
	GArray *gains = g_array_new(FALSE, FALSE, sizeof(struct gain));
	const struct curve *curve = space_curve(s, c->curve), *base = space_curve(s, c->base);

	for (guint i = 0; i < curve->spots->len; i++)
		for (guint j = 0; j < base->spots->len; j++) {
			const struct spot *a = curve_spot(curve, i), *b = curve_spot(base, j);
			struct estimate e;

			if (a->x != b->x)
				continue;
			e = difference(s->sweep, a->row, b->row, c->column);
			struct gain gain = {dim_at(space_dim(s, s->x), a->x),
			                    better(c->column) * e.value,
			                    isnan(e.ci95) ? 0 : e.ci95};

			if (!isnan(gain.value))
				g_array_append_val(gains, gain);
		}
	return gains;
}

static const struct gain *gain_nth(const GArray *gains, guint i) {
	return &g_array_index(gains, struct gain, i);
}

/* Where gains, moved by so many intervals, change their sign first behind the first-th; NAN. */
static double zero_of(const GArray *gains, guint first, double intervals) {
	for (guint i = first + 1; i < gains->len; i++) {
		const struct gain *a = gain_nth(gains, i - 1), *b = gain_nth(gains, i);
		double from = a->value + intervals * a->ci95, to = b->value + intervals * b->ci95;

		if ((from < 0) != (to < 0))
			return a->x + (b->x - a->x) * from / (from - to);
	}
	return NAN;
}

/* 1 or -1: better or worse by more than its interval; 0: nobody can tell. */
static int sign_of(const struct gain *gain) {
	return gain->value > gain->ci95 ? 1 : gain->value < -gain->ci95 ? -1 : 0;
}

/* The last point before it is surely the other way round; false: it never is.  `*sign`: the first that is
 * sure, 0 if none is. */
static bool turn_of(const GArray *gains, guint *last, int *sign) {
	*sign = 0;
	for (guint i = 0; i < gains->len; i++) {
		int now = sign_of(gain_nth(gains, i));

		if (*sign && now == -*sign)
			return true;
		if (now) {
			*sign = now;
			*last = i;
		}
	}
	return false;
}

static void find(const struct space *s, struct crossing *c) {
	g_autoptr(GArray) gains = gains_of(s, c);
	double ends[2];
	guint last = 0;
	int sign;

	c->at = turn_of(gains, &last, &sign) ? zero_of(gains, last, 0) : NAN;
	c->differs = sign;
	c->pays_below = sign > 0;
	if (isnan(c->at))
		return;
	for (int i = 0; i < 2; i++)
		ends[i] = zero_of(gains, 0, i ? 1 : -1);
	/* Beyond the range nothing is known. */
	c->low = fmin(fmin(ends[0], ends[1]), c->at);
	c->high = fmax(fmax(ends[0], ends[1]), c->at);
	if (isnan(ends[0]) || isnan(ends[1])) {
		bool below = fmin(ends[0], ends[1]) < c->at;

		if (!below)
			c->low = gain_nth(gains, 0)->x;
		if (below || (isnan(ends[0]) && isnan(ends[1])))
			c->high = gain_nth(gains, gains->len - 1)->x;
	}
}

/* Whether two curves differ in their config alone. */
static bool are_beside(const struct space *s, const struct curve *a, const struct curve *b) {
	const struct sweep_row *x = sweep_row(s->sweep, curve_spot(a, 0)->row),
			       *y = sweep_row(s->sweep, curve_spot(b, 0)->row);

	if (!g_str_equal(x->experiment, y->experiment) || x->offered != y->offered ||
	    g_str_equal(x->config, y->config))
		return false;
	for (guint d = 2; d < s->dims->len; d++)
		if (d != s->x && !space_dim(s, d)->silent &&
		    !g_str_equal(x->point->at[d - 2].label, y->point->at[d - 2].label))
			return false;
	return true;
}

/* The curve that another is compared with: of the config that its own names.  s->curves->len: there is none. */
static guint base_of(const struct space *s, guint curve, const struct column *column) {
	const struct curve *c = space_curve(s, curve);
	const char *config = sweep_row(s->sweep, curve_spot(c, 0)->row)->config, *against;
	const struct group *group = scenario_find(s->sweep->sc, &kind_config, config);
	guint base = s->curves->len;

	against = group ? group_text(group, "against") : NULL;
	for (guint i = 0; against && i < s->curves->len && base == s->curves->len; i++) {
		const struct curve *other = space_curve(s, i);

		if (g_str_equal(sweep_row(s->sweep, curve_spot(other, 0)->row)->config, against) &&
		    are_beside(s, c, other) && curve_shows(s, other, column))
			base = i;
	}
	return base;
}

GArray *crossings_new(const struct space *s) {
	GArray *crossings = g_array_new(FALSE, FALSE, sizeof(struct crossing));

	for (guint i = 0; space_dim(s, s->x)->numbers && i < s->columns->len; i++)
		for (guint c = 0; c < s->curves->len; c++) {
			struct crossing crossing = {.column = s->columns->pdata[i], .curve = c};

			if (!curve_shows(s, space_curve(s, c), crossing.column))
				continue;
			crossing.base = base_of(s, c, crossing.column);
			if (crossing.base == s->curves->len)
				continue;
			find(s, &crossing);
			g_array_append_val(crossings, crossing);
		}
	return crossings;
}

/* With three digits. */
static char *place(const struct space *s, double x) {
	const struct dim *dim = space_dim(s, s->x);
	char digits[G_ASCII_DTOSTR_BUF_SIZE];

	return quantity_format(
		dim->type, g_ascii_strtod(g_ascii_formatd(digits, sizeof digits, "%.3g", x), NULL));
}

char *crossing_text(const struct space *s, const struct crossing *c) {
	const struct dim *dim = space_dim(s, s->x);
	const char *facet =
		g_array_index(s->facets, struct facet, space_curve(s, c->curve)->facet).title;
	g_autofree char *at = NULL, *low = NULL, *high = NULL, *who = NULL;
	double from, to;

	who = g_strdup_printf("%s: %s%s%s", c->column->name, facet, *facet ? ", " : "",
	                      space_curve(s, c->curve)->title);
	dim_bounds(dim, &from, &to);
	if (isnan(c->at)) {
		low = place(s, from);
		high = place(s, to);
		return g_strdup_printf("%s %s against %s; no crossing in the range, %s = %s to %s",
		                       who,
		                       !c->differs     ? "makes no difference that is sure"
		                       : c->pays_below ? "always pays"
		                                       : "never pays",
		                       space_curve(s, c->base)->title, dim->title, low, high);
	}
	at = place(s, c->at);
	low = place(s, c->low);
	high = place(s, c->high);
	return g_strdup_printf("%s pays %s %s = %s (95 %%: %s to %s) against %s", who,
	                       c->pays_below ? "below" : "above", dim->title, at, low, high,
	                       space_curve(s, c->base)->title);
}

void crossings_print(const struct sweep *sweep) {
	struct space *space = space_new(sweep);
	g_autoptr(GArray) crossings = crossings_new(space);

	for (guint i = 0; i < crossings->len; i++) {
		g_autofree char *text =
			crossing_text(space, &g_array_index(crossings, struct crossing, i));

		printf("%s\n", text);
	}
	space_free(space);
}
