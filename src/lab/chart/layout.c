/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where does everything go, so that no text lies on another? */
#include "lab/chart/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/chart/dates.h"
#include "lab/chart/names.h"
#include "lab/figures/layers.h"

/* Pixels. */
#define LEFT 96.0 /* of the first column: dates stand before it */
#define TOP 104.0
#define COLUMN_LEAST 64.0
#define COLUMN_GAP 12.0
#define NAME_MOST 200.0
#define NAME_LINE 148.0 /* with what it took */
#define NAME_LEAST 80.0
#define TWO_LINES 25.0 /* a row of a name and what it took below */
#define MESSAGE_ROOM 62.0  /* right of the bus, for names of messages to cards */
#define PAGE_LEAST 640.0
#define FOOT 52.0
#define SCALE_ROWS 4
#define SCALE_ROOM 104.0
#define RESTART SIM_MS

/* --- columns ---------------------------------------------------------------------------------- */

static double *column_widths(const struct layout *l) {
	const struct scene *s = l->scene;
	double *widths = g_new0(double, s->columns->len + 1);

	for (guint i = 0; i < s->columns->len; i++)
		widths[i] = fmax(COLUMN_LEAST, fmax(text_width(scene_column_nth(s, i)->title, 12),
		                                    text_width(scene_column_nth(s, i)->note, 9)) +
		                                       12);
	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		struct names names = names_of(l, bar);

		widths[bar->column] =
			fmax(widths[bar->column], CHART_BAR + 6 + names_width(&names));
		names_clear(&names);
	}
	return widths;
}

static void place_columns(struct layout *l) {
	const struct scene *s = l->scene;
	guint n = s->columns->len;
	g_autofree double *widths = column_widths(l);

	l->x[0] = LEFT;
	for (guint i = 0; i < n; i++) {
		l->bar[i] = chart_is_bus(s, i) ? l->x[i] + widths[i] - CHART_BAR : l->x[i];
		l->x[i + 1] =
			l->x[i] + widths[i] + COLUMN_GAP + (chart_is_bus(s, i) ? MESSAGE_ROOM : 0);
	}
	l->width = fmax(fmax(l->x[n] + 8, PAGE_LEAST), 28 + text_width(s->title, 15));
	l->width = fmax(l->width, 28 + fmax(text_width(s->note, 10), text_width(s->foot, 9)));
}

static void narrow_columns(struct layout *l, double least) {
	while (l->width > CHART_WIDE && l->name_most > least) {
		l->name_most -= 4;
		place_columns(l);
	}
}

/* As wide as a page that can be read.  Where there are many columns, what took how long stands below its name;
 * then names are cut. */
static void choose_columns(struct layout *l) {
	l->x = g_new0(double, l->scene->columns->len + 1);
	l->bar = g_new0(double, l->scene->columns->len + 1);
	l->row = CHART_ROW;
	l->name_most = NAME_MOST;
	place_columns(l);
	narrow_columns(l, NAME_LINE);
	if (l->width <= CHART_WIDE)
		return;
	l->row = TWO_LINES;
	l->name_most = NAME_MOST;
	place_columns(l);
	narrow_columns(l, NAME_LEAST);
}

static void place_titles(struct layout *l) {
	const struct scene *s = l->scene;

	try_text(l, text_at(14, 22, s->title, "h1", 15));
	try_text(l, text_at(14, 42, s->note, "h2", 10));
	for (guint i = 0; i < s->columns->len; i++) {
		const struct chart_column *c = scene_column_nth(s, i);
		double middle = (l->x[i] + l->x[i + 1]) / 2 - 6;
		struct chart_text title = text_at(middle - text_width(c->title, 12) / 2,
		                                  *c->note ? 66 : 72, c->title, "n", 12);
		struct chart_text note =
			text_at(middle - text_width(c->note, 9) / 2, 80, c->note, "t", 9);

		try_text(l, title);
		if (*c->note)
			try_text(l, note);
	}
}

/* --- dates and cuts ----------------------------------------------------------------------------- */

/* From the window's beginning; behind a long cut from the date there, which is told in full. */
static void place_axis(struct layout *l) {
	sim_time base = l->scene->from;
	const char *sign = "";

	for (guint i = 0; i < l->dates->len; i++) {
		sim_time when = date_nth(l, i);
		bool anew = i && when - date_nth(l, i - 1) >= RESTART;
		g_autofree char *time = chart_time(anew ? when - l->scene->from : when - base);
		g_autofree char *label = !anew && when == base
		                                 ? g_strdup("0")
		                                 : g_strconcat(anew ? "" : sign, time, NULL);

		if (anew) {
			base = when;
			sign = "+";
		}
		struct chart_text t = text_at(LEFT - 14 - text_width(label, 9), l->at[i], label,
		                              anew ? "b" : "t", 9);

		t.ends = true;
		try_text(l, t);
	}
}

static void place_cuts(struct layout *l) {
	for (guint i = 0; i < l->cuts->len; i++) {
		const struct chart_cut *c = &g_array_index(l->cuts, struct chart_cut, i);
		g_autofree char *time = chart_time(c->end - c->start);
		g_autofree char *label = g_strconcat(time, " not to scale", NULL);
		double y = c->y + CHART_CUT / 2;

		double share = 0.5;

		while (share < 1.5 &&
		       !try_text(l, text_at(LEFT + fmod(share, 1) * (l->width - LEFT - 140), y,
		                            label, "m", 9)))
			share += 0.04;
	}
}

/* --- the bar to scale ------------------------------------------------------------------------- */

double layout_scale_x(const struct layout *l, sim_time when) {
	const struct scene *s = l->scene;

	return 20 + (l->width - 40) * (double)(when - s->from) / (double)(s->to - s->from);
}

static void place_scale(struct layout *l) {
	const struct scene *s = l->scene;
	g_autofree char *time = chart_time(s->to - s->from);
	g_autofree char *title = g_strdup_printf("The same %s to scale", time);
	double top = l->bottom + 26;

	if (!s->parts->len)
		return;
	try_text(l, text_at(20, l->bottom + 12, title, "b", 10));
	for (guint i = 0; i < s->parts->len; i++) {
		const struct chart_part *p = &g_array_index(s->parts, struct chart_part, i);
		g_autofree char *took = chart_time(p->end - p->start);
		g_autofree char *label = g_strconcat(p->name ? p->name : "nobody", " ", took, NULL);
		double width = text_width(label, 9),
		       middle = (layout_scale_x(l, p->start) + layout_scale_x(l, p->end)) / 2;
		double x = fmin(fmax(middle - width / 2, 4), l->width - 4 - width);

		for (int row = 0; row < SCALE_ROWS; row++)
			if (try_text(l, text_at(x, top + 26 + row * 12, label, "t", 9)))
				break;
	}
}

/* --- what the colours mean --------------------------------------------------------------------- */

static bool is_seen(const struct scene *s, size_t look) {
	for (guint i = 0; i < s->bars->len; i++) {
		const GArray *stripes = scene_bar_nth(s, i)->stripes;

		if (scene_bar_nth(s, i)->look == look)
			return true;
		for (guint k = 0; stripes && k < stripes->len; k++)
			if (g_array_index(stripes, struct chart_stripe, k).look == look)
				return true;
	}
	for (guint i = 0; i < s->parts->len; i++)
		if (g_array_index(s->parts, struct chart_part, i).look == look)
			return true;
	return false;
}

static void place_legend(struct layout *l) {
	double x = 14;

	for (size_t look = 0; look < LAYER_LOOKS; look++) {
		struct chart_text t =
			text_at(x + 16, l->height - 32, layer_looks[look].title, "t", 9);

		if (!is_seen(l->scene, look))
			continue;
		t.look = look + 1;
		if (try_text(l, t))
			x = t.x + t.width + 12;
	}
}

/* --- all -------------------------------------------------------------------------------------- */

static void clear_text(gpointer text) { g_free(((struct chart_text *)text)->text); }

struct layout *layout_new(const struct scene *scene) {
	struct layout *l = g_new0(struct layout, 1);

	l->scene = scene;
	l->top = TOP;
	l->texts = g_array_new(FALSE, FALSE, sizeof(struct chart_text));
	g_array_set_clear_func(l->texts, clear_text);
	choose_columns(l);
	collect_dates(l);
	place_dates(l);
	place_titles(l);
	place_arrows(l);
	place_labels(l);
	place_axis(l);
	place_cuts(l);
	place_arrow_names(l);
	place_scale(l);
	l->height = l->bottom + (scene->parts->len ? SCALE_ROOM : 0) + FOOT;
	place_legend(l);
	try_text(l, text_at(14, l->height - 12, scene->foot, "t", 9));
	return l;
}

void layout_free(struct layout *l) {
	g_array_unref(l->dates);
	g_array_unref(l->cuts);
	g_array_unref(l->texts);
	g_free(l->segments);
	g_free(l->at);
	g_free(l->x);
	g_free(l->bar);
	g_free(l);
}
