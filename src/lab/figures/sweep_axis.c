/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends, steps and tics of an axis, from the numbers that lie on it. */
#include "lab/figures/sweep_axis.h"

#include <math.h>

#include "lab/figures/gnuplot.h"
#include "lab/figures/labels.h"

/* Numbers have a label each up to so many; then decades, if they span some, have one; then, of too many
 * values, some places between the ends. */
#define EACH_TICS 7
#define MOST_TICS 14
#define SOME_TICS 5
/* Between labels; a line of them when they stand upright; the longest of those. */
#define TIC_GAP 8.0
#define TIC_LINE 13.0
#define TIC_LONGEST 130.0
#define VALUES_SPREAD 100
/* Of the x axis, beyond its ends. */
#define MARGIN 0.04

static void put(GString *script, double number) {
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(script, g_ascii_formatd(text, sizeof text, "%.9g", number));
}

static void put_range(GString *script, char axis, const struct span *span) {
	g_string_append_printf(script, "%sset logscale %c\nset %crange [",
	                       span->logarithmic ? "" : "un", axis, axis);
	put(script, span->low);
	g_string_append_c(script, ':');
	put(script, span->high);
	g_string_append(script, "]\n");
}

double span_part(const struct span *span, double value) {
	if (span->logarithmic)
		return log(value / span->low) / log(span->high / span->low);
	return (value - span->low) / (span->high - span->low);
}

/* --- values ----------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten, at least so much. */
static double round_step(double least) {
	static const double steps[] = {1, 2, 5, 10};
	double power = pow(10, floor(log10(least)));

	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		if (steps[i] * power >= least * (1 - 1e-9))
			return steps[i] * power;
	return 10 * power;
}

static struct span decades(double low, double high) {
	struct span span = {pow(10, floor(log10(low) + 1e-9)), pow(10, ceil(log10(high) - 1e-9)),
	                    10, true};

	while (pow(span.step, 6) < span.high / span.low)
		span.step *= 10;
	return span;
}

struct span axis_of_values(const struct space *s, const struct column *column) {
	const struct law *law = space_is_cloud(s) ? NULL : sweep_column_law(s->sweep, column);
	double low = INFINITY, high = -INFINITY, least = INFINITY, most = -INFINITY;

	for (guint row = 0; row < s->sweep->rows->len; row++) {
		struct estimate e = sweep_estimate(s->sweep, row, column, NULL);
		double ci = isnan(e.ci95) ? 0 : e.ci95;
		double by_law = law && !isnan(e.value) ? sweep_law(s->sweep, row, law) : NAN;

		if (isnan(e.value))
			continue;
		/* fmin() and fmax() pass over what is not a number. */
		least = fmin(least, by_law);
		most = fmax(most, by_law);
		low = MIN(low, e.value);
		high = MAX(high, e.value);
		least = MIN(least, e.value - ci);
		most = MAX(most, e.value + ci);
	}
	if (low > 0 && high > VALUES_SPREAD * low)
		return decades(least > 0 ? least : low, most);
	low = MIN(least, 0);
	high = MAX(most, 0);
	double step = round_step((high > low ? high - low : 1) / 5);

	return (struct span){floor(low / step + 1e-9) * step,
	                     MAX(ceil(high / step * 1.02 - 1e-9), 1) * step, step, false};
}

static double tic_of(const struct span *span, guint i) {
	double tic =
		span->logarithmic ? span->low * pow(span->step, i) : span->low + i * span->step;

	return fabs(tic) < 1e-9 * span->step ? 0 : tic;
}

static char *tic_label(const struct span *span, guint i) {
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	double tic = tic_of(span, i);

	/* Millions in full. */
	return g_strdup(g_ascii_formatd(
		text, sizeof text, fabs(tic) >= 1e6 && fabs(tic) < 1e9 ? "%.0f" : "%.6g", tic));
}

static bool has_tic(const struct span *span, guint i) {
	return tic_of(span, i) <= span->high + 1e-6 * fabs(span->high);
}

double axis_tic_width(const struct span *span) {
	double width = 0;

	for (guint i = 0; has_tic(span, i); i++) {
		g_autofree char *label = tic_label(span, i);

		width = MAX(width, label_width(label, TIC_FONT));
	}
	return width;
}

void axis_write_values(const struct span *span, GString *script) {
	put_range(script, 'y', span);
	g_string_append(script, "set ytics (");
	for (guint i = 0; has_tic(span, i); i++) {
		g_autofree char *label = tic_label(span, i);

		g_string_append(script, i ? ", " : "");
		gnuplot_format(script, label);
		g_string_append_c(script, ' ');
		put(script, tic_of(span, i));
	}
	g_string_append(script, ")\n");
}

/* --- x ---------------------------------------------------------------------------------------- */

struct span axis_of_x(const struct space *s) {
	const struct dim *dim = space_dim(s, s->x);
	struct span span = {.logarithmic = dim_is_logarithmic(dim)};
	double low, high;

	dim_bounds(dim, &low, &high);
	if (span.logarithmic) {
		double margin = pow(high / low, MARGIN);

		span.low = low / margin;
		span.high = high * margin;
	} else {
		double margin = MAX(MARGIN * (high - low), 1e-9 + MARGIN * fabs(high));

		span.low = low - margin;
		span.high = high + margin;
	}
	return span;
}

/* A label on the axis. */
struct tic {
	char *label;
	double x;
};

static void tic_clear(gpointer data) { g_free(((struct tic *)data)->label); }

static int by_place(const void *a, const void *b) {
	const struct tic *x = a, *y = b;

	return x->x < y->x ? -1 : x->x > y->x;
}

/* Of numbers over two decades or more, the decades; how many. */
static guint add_decades(const struct dim *dim, GArray *tics) {
	double low, high, x;

	dim_bounds(dim, &low, &high);
	if (!dim_is_logarithmic(dim) || high < 100 * low)
		return 0;
	x = pow(10, ceil(log10(low) - 1e-9));
	while (x <= high * (1 + 1e-9)) {
		struct tic tic = {quantity_shown(dim->type, x), x};

		g_array_append_val(tics, tic);
		x *= 10;
	}
	return tics->len;
}

/* Of numbers that are too many for a label each: some between the ends, of three digits. */
static void add_some(const struct dim *dim, GArray *tics) {
	double low, high;

	dim_bounds(dim, &low, &high);
	for (unsigned i = 0; i < SOME_TICS; i++) {
		double part = (double)i / (SOME_TICS - 1);
		double x = dim_is_logarithmic(dim) ? low * pow(high / low, part)
		                                   : low + (high - low) * part;
		char digits[G_ASCII_DTOSTR_BUF_SIZE];
		double shown =
			g_ascii_strtod(g_ascii_formatd(digits, sizeof digits, "%.3g", x), NULL);
		struct tic tic = {quantity_shown(dim->type, shown), shown};

		g_array_append_val(tics, tic);
	}
}

static GArray *tics_of(const struct space *s) {
	const struct dim *dim = space_dim(s, s->x);
	GArray *tics = g_array_new(FALSE, FALSE, sizeof(struct tic));

	g_array_set_clear_func(tics, tic_clear);
	if (dim->numbers && dim->labels->len > EACH_TICS && add_decades(dim, tics))
		return tics;
	if (dim->numbers && dim->labels->len > MOST_TICS) {
		add_some(dim, tics);
		return tics;
	}
	for (guint i = 0; i < dim->labels->len; i++) {
		struct tic tic = {label_cut(space_spoken(s, s->x, i), TIC_FONT, TIC_LONGEST),
		                  dim_at(dim, i)};

		g_array_append_val(tics, tic);
	}
	g_array_sort(tics, by_place);
	return tics;
}

/* Half of what a label takes along the axis. */
static double half_of(const struct tic *tic, bool upright) {
	return upright ? TIC_LINE / 2 : (label_width(tic->label, TIC_FONT) + TIC_GAP) / 2;
}

/* Removes labels for which there is no room behind those before them, but not the last one; how many. */
static guint thin_out(GArray *tics, const struct span *span, double width, bool upright) {
	guint n = tics->len;
	double end = -INFINITY, last = INFINITY;

	if (n > 1) {
		const struct tic *tic = &g_array_index(tics, struct tic, n - 1);

		last = width * span_part(span, tic->x) - half_of(tic, upright);
	}
	for (guint i = 0; i < tics->len;) {
		struct tic *tic = &g_array_index(tics, struct tic, i);
		double at = width * span_part(span, tic->x), half = half_of(tic, upright);

		if (i + 1 < tics->len && (at - half < end || at + half > last)) {
			g_array_remove_index(tics, i);
		} else {
			end = at + half;
			i++;
		}
	}
	return n - tics->len;
}

/* The labels that are shown; words that have no room beside each other stand upright. */
static GArray *shown_of(const struct space *s, double width, bool *upright) {
	struct span span = axis_of_x(s);
	GArray *tics = tics_of(s);

	*upright = false;
	if (!thin_out(tics, &span, width, false) || space_dim(s, s->x)->numbers)
		return tics;
	*upright = true;
	g_array_unref(tics);
	tics = tics_of(s);
	thin_out(tics, &span, width, true);
	return tics;
}

double axis_height(const struct space *s, double width) {
	bool upright;
	g_autoptr(GArray) tics = shown_of(s, width, &upright);
	double height = TIC_LINE;

	for (guint i = 0; upright && i < tics->len; i++)
		height = MAX(height,
		             label_width(g_array_index(tics, struct tic, i).label, TIC_FONT));
	return height;
}

void axis_write_x(const struct space *s, double width, GString *script) {
	struct span span = axis_of_x(s);
	bool upright;
	g_autoptr(GArray) tics = shown_of(s, width, &upright);

	put_range(script, 'x', &span);
	g_string_append_printf(script, "set xtics %s offset 0,%s (",
	                       upright ? "rotate by 90 right" : "norotate", upright ? "0" : "0.7");
	for (guint i = 0; i < tics->len; i++) {
		const struct tic *tic = &g_array_index(tics, struct tic, i);

		g_string_append(script, i ? ", " : "");
		gnuplot_format(script, tic->label);
		g_string_append_c(script, ' ');
		put(script, tic->x);
	}
	g_string_append(script, ")\n");
}
