/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From where on is one config better than the other, and is that sure? */
#include "lab/figures/crossing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How much better (or, below 0, worse) one curve is than the other, as a share of the other's value, at a
 * place of the axis. */
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
			double other = fabs(sweep_value(s->sweep, b->row, c->column));
			struct estimate e;

			if (a->x != b->x || !(other > 0))
				continue;
			e = difference(s->sweep, a->row, b->row, c->column);
			struct gain gain = {dim_at(space_dim(s, s->x), a->x),
			                    better(c->column) * e.value / other,
			                    isnan(e.ci95) ? 0 : e.ci95 / other};

			if (!isnan(gain.value))
				g_array_append_val(gains, gain);
		}
	return gains;
}

static const struct gain *gain_nth(const GArray *gains, guint i) {
	return &g_array_index(gains, struct gain, i);
}

/* Where gains, moved by so many intervals, come to a level first behind the first-th; NAN. */
static double place_of(const GArray *gains, guint first, double level, double intervals) {
	for (guint i = first + 1; i < gains->len; i++) {
		const struct gain *a = gain_nth(gains, i - 1), *b = gain_nth(gains, i);
		double from = a->value - level + intervals * a->ci95,
		       to = b->value - level + intervals * b->ci95;

		if ((from < 0) != (to < 0))
			return a->x + (b->x - a->x) * from / (from - to);
	}
	return NAN;
}

/* 1 or -1: better or worse by more than its interval, and by what is worth naming. */
static int sign_of(const struct gain *gain, double effect) {
	double off = fabs(gain->value);

	return off <= gain->ci95 || off < effect ? 0 : gain->value > 0 ? 1 : -1;
}

/* The last point before it is the other way round; false: it never is.  `*sign`: the first that there is,
 * 0 if none. */
static bool turn_of(const GArray *gains, double effect, guint *last, int *sign) {
	*sign = 0;
	for (guint i = 0; i < gains->len; i++) {
		int now = sign_of(gain_nth(gains, i), effect);

		if (*sign && now == -*sign)
			return true;
		if (now) {
			*sign = now;
			*last = i;
		}
	}
	return false;
}

/* The place where gains come to a level, and its interval; beyond the range nothing is known. */
static void find_place(struct crossing *c, const GArray *gains, guint first, double level) {
	double ends[2];

	c->at = place_of(gains, first, level, 0);
	if (isnan(c->at))
		return;
	for (int i = 0; i < 2; i++)
		ends[i] = place_of(gains, 0, level, i ? 1 : -1);
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

/* Differences of one sign: all along, or up to where none is worth naming. */
static void find_end(struct crossing *c, const GArray *gains, double effect, int sign) {
	int first = sign_of(gain_nth(gains, 0), effect),
	    last = sign_of(gain_nth(gains, gains->len - 1), effect);

	c->verdict = sign > 0 ? CROSSING_ALWAYS : CROSSING_NEVER;
	if ((first != 0) == (last != 0))
		return;
	find_place(c, gains, 0, sign * effect);
	c->below = first != 0;
	if (!isnan(c->at))
		c->verdict = sign > 0 ? CROSSING_PAYS_TO : CROSSING_COSTS_TO;
}

static void find(const struct space *s, struct crossing *c) {
	g_autoptr(GArray) gains = gains_of(s, c);
	double effect = s->sweep->wanted.effect;
	bool sure = false;
	guint last = 0;
	int sign;

	c->at = c->least = c->most = NAN;
	for (guint i = 0; i < gains->len; i++) {
		c->least = fmin(c->least, gain_nth(gains, i)->value);
		c->most = fmax(c->most, gain_nth(gains, i)->value);
		sure = sure || sign_of(gain_nth(gains, i), 0);
	}
	if (turn_of(gains, effect, &last, &sign)) {
		c->verdict = CROSSING_THERE;
		c->below = sign > 0;
		find_place(c, gains, last, 0);
	} else if (sign) {
		find_end(c, gains, effect, sign);
	} else {
		c->verdict = sure ? CROSSING_SMALL : CROSSING_UNSURE;
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

	return quantity_shown(
		dim->type, g_ascii_strtod(g_ascii_formatd(digits, sizeof digits, "%.3g", x), NULL));
}

/* "26.1 to 28.4 % better", from the side of zero. */
static char *how_much(double least, double most, const char *word) {
	double from = 100 * fmin(fabs(least), fabs(most)), to = 100 * fmax(fabs(least), fabs(most));
	g_autofree char *low = g_strdup_printf("%.3g", from), *high = g_strdup_printf("%.3g", to);

	return g_str_equal(low, high) ? g_strdup_printf("%s %% %s", low, word)
	                              : g_strdup_printf("%s to %s %% %s", low, high, word);
}

/* What is said where there is no place on the axis. */
static char *text_of_none(const struct crossing *c) {
	g_autofree char *much = NULL;

	switch (c->verdict) {
	case CROSSING_ALWAYS:
		much = how_much(fmax(c->least, 0), c->most, "better");
		return g_strconcat("always pays, ", much, ",", NULL);
	case CROSSING_NEVER:
		much = how_much(c->least, fmin(c->most, 0), "worse");
		return g_strconcat("never pays, ", much, ",", NULL);
	case CROSSING_SMALL:
		return g_strdup_printf("makes no difference worth naming (at most %.2g %%)",
		                       100 * fmax(fabs(c->least), fabs(c->most)));
	default:
		return g_strdup("makes no difference that is sure");
	}
}

static char *text_of_place(const struct space *s, const struct crossing *c) {
	g_autofree char *at = place(s, c->at), *low = place(s, c->low), *high = place(s, c->high);
	double effect = 100 * s->sweep->wanted.effect;
	g_autofree char *beyond =
		c->verdict == CROSSING_THERE
			? g_strdup("")
			: g_strdup_printf("; beyond, the difference is below %g %%", effect);

	return g_strdup_printf("%s %s %s = %s (95 %%: %s to %s) against %s%s",
	                       c->verdict == CROSSING_COSTS_TO ? "is worse" : "pays",
	                       c->below ? "below" : "above", space_dim(s, s->x)->title, at, low,
	                       high, space_curve(s, c->base)->title, beyond);
}

char *crossing_text(const struct space *s, const struct crossing *c) {
	const struct dim *dim = space_dim(s, s->x);
	const char *facet =
		g_array_index(s->facets, struct facet, space_curve(s, c->curve)->facet).title;
	g_autofree char *low = NULL, *high = NULL, *what = NULL;
	double from, to;

	if (isnan(c->at)) {
		g_autofree char *none = text_of_none(c);

		dim_bounds(dim, &from, &to);
		low = place(s, from);
		high = place(s, to);
		what = g_strdup_printf("%s against %s, %s = %s to %s", none,
		                       space_curve(s, c->base)->title, dim->title, low, high);
	} else {
		what = text_of_place(s, c);
	}
	return g_strdup_printf("%s: %s%s%s %s", c->column->name, facet, *facet ? ", " : "",
	                       space_curve(s, c->curve)->title, what);
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
