/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a comparison told: printed, as JSON, as a table, as a picture? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/figures/amount.h"
#include "lab/figures/compare.h"
#include "lab/figures/grid.h"
#include "lab/figures/labels.h"
#include "lab/figures/svg.h"

/* Rows on a screen, bars in a picture. */
#define ROWS 16

static const struct effect *nth(const GArray *effects, guint i) {
	return &g_array_index(effects, struct effect, i);
}

static guint sure_of(const GArray *effects) {
	guint n = 0;

	for (guint i = 0; i < effects->len; i++)
		n += nth(effects, i)->sure;
	return n;
}

/* What has no sign of its own gets one, unless nothing is shown of it. */
static const char *plus(double value, const char *text) {
	return value > 0 && strcspn(text, "123456789") < strcspn(text, " ") ? "+" : "";
}

/* "-45.6 % +- 0.2"; of what was nothing before, "new", and "-" if it still is. */
static char *relative_text(const struct effect *e) {
	const struct amount amount = amount_of("%", 0);
	double change = 100 * (e->ratio.value - 1);
	g_autofree char *text = NULL, *half = NULL;

	if (!isfinite(change))
		return g_strdup(e->is.value == 0 ? "-" : "new");
	text = amount_text(&amount, change);
	if (!isfinite(e->ratio.ci95))
		return g_strdup_printf("%s%s %%", plus(change, text), text);
	half = amount_text(&amount, 100 * e->ratio.ci95);
	return g_strdup_printf("%s%s %% +- %s", plus(change, text), text, half);
}

/* --- printed ---------------------------------------------------------------------------------- */

/* As both are shown, but a difference has two digits of its own; to the fourth place, as more say nothing. */
static struct amount amount_of_effect(const struct effect *e) {
	const double values[] = {e->was.value, e->is.value};
	struct amount amount = amount_of_all(e->unit, values, 2);
	double shown = fabs(e->difference.value) * amount.factor;

	if (isfinite(shown) && shown > 0)
		amount.digits = MAX(amount.digits, MIN(1 - (int)floor(log10(shown)), 4));
	return amount;
}

static void add_row(struct grid *grid, const struct effect *e) {
	struct amount amount = amount_of_effect(e);
	g_autofree char *difference =
		amount_interval(&amount, e->difference.value, e->difference.ci95);

	grid_row(grid, e->name);
	grid_cell(grid, g_strdup(g_str_equal(amount.unit, "1") ? "" : amount.unit));
	grid_cell(grid, amount_text(&amount, e->was.value));
	grid_cell(grid, amount_text(&amount, e->is.value));
	grid_cell(grid, g_strconcat(plus(e->difference.value, difference), difference, NULL));
	grid_cell(grid, relative_text(e));
}

static void print_effects(const GArray *effects, const char *title, guint most) {
	struct grid *grid = grid_new(title);

	grid_words(grid, "unit");
	grid_column(grid, "as it is");
	grid_column(grid, "changed");
	grid_column(grid, "difference");
	grid_column(grid, "change");
	for (guint i = 0; i < MIN(effects->len, most); i++)
		add_row(grid, nth(effects, i));
	grid_print(grid);
	grid_free(grid);
}

static void print_rest(guint hidden, guint unsure, const char *what) {
	if (hidden)
		printf("  ... and %u more %s that changed; --all shows them\n", hidden, what);
	if (unsure)
		printf("  no sure difference in %u other %s\n", unsure, what);
}

void compare_print(const struct comparison *c, bool all) {
	const GArray *effects = compare_effects(c), *parts = compare_parts(c);
	guint sure = sure_of(effects), changed = sure_of(parts);
	guint rows = all ? effects->len : MIN(sure, ROWS);
	guint n = all ? changed : MIN(changed, ROWS / 2);
	g_autofree char *title = g_strdup_printf("Work of %s", compare_work(c));

	printf("%s\n  what if %s: %u pair%s of runs with the same seeds\n", compare_title(c),
	       compare_changes(c), compare_pairs(c), compare_pairs(c) == 1 ? "" : "s");
	if (sure == 0)
		printf("\nno difference in any of %u measures\n", effects->len);
	print_effects(effects, "What changed", rows);
	print_rest(sure > rows ? sure - rows : 0, sure && !all ? effects->len - sure : 0,
	           "measures");
	print_effects(parts, title, n);
	print_rest(changed - n, 0, "parts");
}

/* --- for programs ------------------------------------------------------------------------------- */

static void answer_number(struct answer *answer, const struct effect *e, const char *of,
                          const char *unit, struct estimate value, unsigned runs) {
	g_auto(GStrv) name = g_strsplit(e->name, ".", 2);
	bool part = !name[1];

	answer_add(answer, &(struct answer_row){.of = of,
	                                        .group = part ? NULL : name[0],
	                                        .measure = part ? e->name : name[1],
	                                        .unit = unit,
	                                        .value = value.value,
	                                        .ci95 = value.ci95,
	                                        .runs = runs});
}

static void answer_effects(const GArray *effects, struct answer *answer, unsigned runs) {
	for (guint i = 0; i < effects->len; i++) {
		const struct effect *e = nth(effects, i);

		answer_number(answer, e, "was", e->unit, e->was, runs);
		answer_number(answer, e, "is", e->unit, e->is, runs);
		answer_number(answer, e, "difference", e->unit, e->difference, runs);
		answer_number(answer, e, "ratio", "1", e->ratio, runs);
	}
}

void compare_answer(const struct comparison *c, struct answer *answer) {
	answer_effects(compare_effects(c), answer, compare_pairs(c));
	answer_effects(compare_parts(c), answer, compare_pairs(c));
}

static void put_effects(GString *csv, const GArray *effects, const char *of) {
	for (guint i = 0; i < effects->len; i++) {
		const struct effect *e = nth(effects, i);
		const double numbers[] = {e->was.value,   e->was.ci95,         e->is.value,
		                          e->is.ci95,     e->difference.value, e->difference.ci95,
		                          e->ratio.value, e->ratio.ci95};

		g_string_append_printf(csv, "%s,", of);
		results_cell(csv, e->name);
		g_string_append_printf(csv, ",%s", e->unit);
		for (size_t k = 0; k < G_N_ELEMENTS(numbers); k++) {
			g_string_append_c(csv, ',');
			results_digits(csv, numbers[k]);
		}
		g_string_append_printf(csv, ",%s\n", e->sure ? "yes" : "no");
	}
}

GString *compare_csv(const struct comparison *c) {
	GString *csv =
		g_string_new("of,name,unit,was,was_ci95,is,is_ci95,difference,difference_ci95,"
	                     "ratio,ratio_ci95,sure\n");

	put_effects(csv, compare_effects(c), "measure");
	put_effects(csv, compare_parts(c), compare_work(c));
	return csv;
}

/* --- as a picture ------------------------------------------------------------------------------- */

#define WIDTH 800.0
#define TOP 78.0
#define ROW 26.0
#define NAMES 250.0
#define VALUES 130.0
#define SMALL 11.0

/* The effects that have a bar, the largest change first. */
static GPtrArray *bars_of(const struct comparison *c) {
	GPtrArray *bars = g_ptr_array_new();
	const GArray *effects = compare_effects(c);

	for (guint i = 0; i < effects->len && bars->len < ROWS; i++)
		if (nth(effects, i)->sure && isfinite(nth(effects, i)->ratio.value))
			g_ptr_array_add(bars, (gpointer)(uintptr_t)nth(effects, i));
	return bars;
}

/* Per cent at a pixel: nothing is always in it. */
struct scale {
	double low, high;
};

static struct scale scale_of(const GPtrArray *bars) {
	struct scale s = {0, 0};

	for (guint i = 0; i < bars->len; i++) {
		const struct effect *e = bars->pdata[i];
		double change = 100 * (e->ratio.value - 1);
		double half = isfinite(e->ratio.ci95) ? 100 * e->ratio.ci95 : 0;

		s.low = fmin(s.low, change - half);
		s.high = fmax(s.high, change + half);
	}
	return s;
}

static double pixel(const struct scale *s, double percent) {
	double room = WIDTH - NAMES - VALUES;

	return NAMES + room * (percent - s->low) / fmax(s->high - s->low, 1e-9);
}

/* 1, 2 or 5 times a power of ten: about five of them. */
static double step_of(const struct scale *s) {
	double raw = (s->high - s->low) / 5, power = pow(10, floor(log10(raw)));

	return raw / power < 1.5   ? power
	       : raw / power < 3.5 ? 2 * power
	       : raw / power < 7.5 ? 5 * power
	                           : 10 * power;
}

static void draw_axis(struct svg *svg, const struct scale *s, double bottom) {
	double step = step_of(s), at = step * ceil(s->low / step);

	while (at <= s->high + step * 1e-6) {
		g_autofree char *text = g_strdup_printf("%s%.4g %%", at > step / 2 ? "+" : "",
		                                        fabs(at) < step / 2 ? 0 : at);
		bool zero = fabs(at) < step / 2;

		svg_line(svg, pixel(s, at), TOP - 6, pixel(s, at), bottom, zero ? "axis" : "grid");
		svg_text(svg, pixel(s, at), bottom + 16, 'm', "small", text);
		at += step;
	}
}

static void draw_bar(struct svg *svg, const struct scale *s, const struct effect *e, double y) {
	double change = 100 * (e->ratio.value - 1), zero = pixel(s, 0), end = pixel(s, change);
	double half = isfinite(e->ratio.ci95) ? 100 * e->ratio.ci95 : 0;
	g_autofree char *name = label_cut(e->name, SMALL, NAMES - 20);
	g_autofree char *value = relative_text(e);

	svg_text(svg, NAMES - 12, y + 14, 'e', "small", name);
	svg_rect(svg, fmin(zero, end), y + 3, fmax(fabs(end - zero), 1), ROW - 10,
	         change < 0 ? "s1" : "s0", value);
	if (half > 0) {
		double low = pixel(s, change - half), high = pixel(s, change + half);

		svg_line(svg, low, y + 11, high, y + 11, "error");
		svg_line(svg, low, y + 7, low, y + 15, "error");
		svg_line(svg, high, y + 7, high, y + 15, "error");
	}
	svg_text(svg, WIDTH - VALUES + 12, y + 14, 's', "small", value);
}

GString *compare_svg(const struct comparison *c) {
	g_autoptr(GPtrArray) bars = bars_of(c);
	struct scale s = scale_of(bars);
	double bottom = TOP + ROW * MAX(bars->len, 1);
	g_autofree char *changes = label_cut(compare_changes(c), 13, WIDTH - 40);
	g_autofree char *title = label_cut(compare_title(c), 13, WIDTH - 40);
	g_autofree char *text =
		g_strdup_printf("Bars of how much each measure changed, in per cent, with 95 %% "
	                        "intervals over %u pairs of runs; the largest first.",
	                        compare_pairs(c));
	struct svg *svg = svg_new(WIDTH, bottom + 30, compare_changes(c), text, TRUE);

	svg_text(svg, 20, 26, 's', "strong", changes);
	svg_text(svg, 20, 46, 's', "small", title);
	if (bars->len == 0)
		svg_text(svg, 20, TOP + 14, 's', "", "no difference in any measure");
	else
		draw_axis(svg, &s, bottom);
	for (guint i = 0; i < bars->len; i++)
		draw_bar(svg, &s, bars->pdata[i], TOP + ROW * i);
	return svg_end(svg);
}
