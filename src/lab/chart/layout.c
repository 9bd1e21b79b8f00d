/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where does everything go, so that no text lies on another? */
#include "lab/chart/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/figures/labels.h"
#include "lab/figures/layers.h"

/* Pixels. */
#define LEFT 96.0 /* of the first column: dates stand before it */
#define TOP 104.0
#define COLUMN_LEAST 64.0
#define COLUMN_GAP 12.0
#define NAME_MOST 200.0
#define NAME_LEAST 122.0
#define PAGE_WANTED 1640.0 /* A4 across, with text of six points */
#define MESSAGE_ROOM 62.0  /* right of the bus, for names of messages to cards */
#define ARROW_LEAST 9.0 /* high, of one that takes time */
#define STEP_MOST 34.0  /* between two dates */
#define STEP_MEAN 9.0
#define CUT_FROM 2.5    /* so many times the most are cut */
#define PAGE_LEAST 640.0
#define FOOT 52.0
#define SCALE_ROWS 4
#define SCALE_ROOM 104.0
/* Dates that near are one. */
#define SAME (2 * SIM_NS)
#define RESTART SIM_MS

char *chart_time(sim_time time) {
	static const struct {
		double ps;
		const char *unit;
	} units[] = {{1e12, "s"}, {1e9, "ms"}, {1e6, "us"}, {1e3, "ns"}, {1, "ps"}};
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	size_t i = 0;

	while (i < G_N_ELEMENTS(units) - 1 && (double)time < units[i].ps)
		i++;
	double value = (double)time / units[i].ps;
	const char *format = value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";

	if (i >= 3)
		format = "%.0f";
	return g_strdup_printf("%s %s", g_ascii_formatd(number, sizeof number, format, value),
	                       units[i].unit);
}

/* --- dates ------------------------------------------------------------------------------------ */

static int by_time(const void *a, const void *b) {
	sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;

	return x < y ? -1 : x > y;
}

static sim_time date_nth(const struct layout *l, guint i) {
	return g_array_index(l->dates, sim_time, i);
}

static void collect_dates(struct layout *l) {
	const struct scene *s = l->scene;
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(sim_time));

	for (guint i = 0; i < s->bars->len; i++) {
		g_array_append_val(all, scene_bar_nth(s, i)->start);
		g_array_append_val(all, scene_bar_nth(s, i)->end);
	}
	for (guint i = 0; i < s->arrows->len; i++) {
		g_array_append_val(all, scene_arrow_nth(s, i)->left);
		g_array_append_val(all, scene_arrow_nth(s, i)->arrived);
	}
	g_array_append_val(all, s->from);
	qsort(all->data, all->len, sizeof(sim_time), by_time);
	l->dates = g_array_new(FALSE, FALSE, sizeof(sim_time));
	for (guint i = 0; i < all->len; i++) {
		sim_time when = g_array_index(all, sim_time, i);

		if (!l->dates->len || when - date_nth(l, l->dates->len - 1) > SAME)
			g_array_append_val(l->dates, when);
	}
}

/* The last date that is not after it. */
static guint date_at(const struct layout *l, sim_time when) {
	guint low = 0, high = l->dates->len;

	while (high - low > 1) {
		guint middle = (low + high) / 2;

		if (date_nth(l, middle) <= when)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double layout_y(const struct layout *l, sim_time when) {
	guint i = date_at(l, when);
	sim_time from = date_nth(l, i);

	if (when - from <= SAME || i + 1 == l->dates->len)
		return l->at[i];
	return l->at[i] + (l->at[i + 1] - l->at[i]) * (double)(when - from) /
	                          (double)(date_nth(l, i + 1) - from);
}

/* Pixels a picosecond at which the steps are of the mean that is wanted. */
static double scale_of(const struct layout *l) {
	double low = 1e-15, high = 1;

	for (int round = 0; round < 60; round++) {
		double scale = sqrt(low * high), sum = 0;

		for (guint i = 1; i < l->dates->len; i++)
			sum += fmin(scale * (double)(date_nth(l, i) - date_nth(l, i - 1)),
			            STEP_MOST);
		if (sum > STEP_MEAN * l->dates->len)
			high = scale;
		else
			low = scale;
	}
	return low;
}

/* What ends at a date keeps it so far below what began. */
struct bound {
	guint end, start;
	double least;
};

static gint by_end(gconstpointer a, gconstpointer b) {
	const struct bound *x = a, *y = b;

	return x->end < y->end ? -1 : x->end > y->end;
}

static GArray *bounds_of(const struct layout *l) {
	GArray *bounds = g_array_new(FALSE, FALSE, sizeof(struct bound));
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		struct bound b = {date_at(l, bar->end), date_at(l, bar->start), CHART_ROW};

		g_array_append_val(bounds, b);
	}
	for (guint i = 0; i < s->arrows->len; i++) {
		const struct chart_arrow *arrow = scene_arrow_nth(s, i);
		struct bound b = {date_at(l, arrow->arrived), date_at(l, arrow->left), ARROW_LEAST};

		g_array_append_val(bounds, b);
	}
	g_array_sort(bounds, by_end);
	return bounds;
}

static void cut(struct layout *l, guint i) {
	struct chart_cut c = {l->at[i - 1] + CHART_ROW + 2, date_nth(l, i - 1), date_nth(l, i)};

	l->at[i] = c.y + CHART_CUT + 8;
	g_array_append_val(l->cuts, c);
}

static void place_dates(struct layout *l) {
	g_autoptr(GArray) bounds = bounds_of(l);
	double scale = scale_of(l);
	guint b = 0;

	l->at = g_new0(double, l->dates->len);
	l->cuts = g_array_new(FALSE, FALSE, sizeof(struct chart_cut));
	l->at[0] = l->top;
	for (guint i = 1; i < l->dates->len; i++) {
		double step = scale * (double)(date_nth(l, i) - date_nth(l, i - 1));

		if (step > CUT_FROM * STEP_MOST)
			cut(l, i);
		else
			l->at[i] = l->at[i - 1] + fmin(step, STEP_MOST);
		for (; b < bounds->len && g_array_index(bounds, struct bound, b).end <= i; b++) {
			const struct bound *bound = &g_array_index(bounds, struct bound, b);

			if (bound->start < i)
				l->at[i] = fmax(l->at[i], l->at[bound->start] + bound->least);
		}
	}
	l->bottom = l->at[l->dates->len - 1] + CHART_ROW;
}

/* --- text ------------------------------------------------------------------------------------- */

static double height_of(const struct chart_text *t) { return t->font * 1.2; }

static bool touch(const struct chart_text *a, const struct chart_text *b) {
	double apart = (height_of(a) + height_of(b)) / 2;

	return a->x < b->x + b->width && b->x < a->x + a->width && fabs(a->y - b->y) < apart;
}

static bool fits(const struct layout *l, const struct chart_text *t) {
	if (t->x < 2 || t->x + t->width > l->width - 2)
		return false;
	for (guint i = 0; i < l->texts->len; i++)
		if (touch(t, &g_array_index(l->texts, struct chart_text, i)))
			return false;
	return true;
}

static double text_width(const char *text, unsigned font) { return label_width(text, font) * 1.02; }

/* Takes the text, in any case. */
static bool try_text(struct layout *l, struct chart_text t) {
	if (!fits(l, &t))
		return false;
	t.text = g_strdup(t.text);
	g_array_append_val(l->texts, t);
	return true;
}

static struct chart_text text_at(double x, double y, const char *text, const char *style,
                                 unsigned font) {
	return (struct chart_text){x, y, text_width(text, font), (char *)text, style, font, 0};
}

/* --- columns ---------------------------------------------------------------------------------- */

/* Names are cut where there are many columns. */
static char *bar_label(const struct scene *s, const struct chart_bar *bar) {
	double most = (PAGE_WANTED - LEFT) / MAX(s->columns->len, 1) - CHART_BAR - COLUMN_GAP;
	g_autofree char *took = chart_time(bar->end - bar->start);
	g_autofree char *name = label_cut(bar->name, CHART_LABEL,
	                                  CLAMP(most, NAME_LEAST, NAME_MOST) -
	                                          text_width(took, CHART_LABEL) - CHART_LABEL);

	return g_strconcat(name, " ", took, NULL);
}

/* From the bus, arrows go to the right: its names stand on the left. */
static bool is_bus(const struct scene *s, guint column) {
	return scene_column_nth(s, column)->look == layer_look("bus");
}

static void place_columns(struct layout *l) {
	const struct scene *s = l->scene;
	guint n = s->columns->len;
	g_autofree double *widths = g_new0(double, n + 1);

	l->x = g_new0(double, n + 1);
	l->bar = g_new0(double, n + 1);
	for (guint i = 0; i < n; i++)
		widths[i] = fmax(COLUMN_LEAST, fmax(text_width(scene_column_nth(s, i)->title, 12),
		                                    text_width(scene_column_nth(s, i)->note, 9)) +
		                                       12);
	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		g_autofree char *label = bar_label(s, bar);

		widths[bar->column] =
			fmax(widths[bar->column], CHART_BAR + 6 + text_width(label, CHART_LABEL));
	}
	l->x[0] = LEFT;
	for (guint i = 0; i < n; i++) {
		l->bar[i] = is_bus(s, i) ? l->x[i] + widths[i] - CHART_BAR : l->x[i];
		l->x[i + 1] = l->x[i] + widths[i] + COLUMN_GAP + (is_bus(s, i) ? MESSAGE_ROOM : 0);
	}
	l->width = fmax(fmax(l->x[n] + 8, PAGE_LEAST), 28 + text_width(s->title, 15));
	l->width = fmax(l->width, 28 + fmax(text_width(s->note, 10), text_width(s->foot, 9)));
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

/* Whether a message goes through it. */
static bool is_struck(const struct layout *l, const struct chart_text *t) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->arrows->len; i++) {
		const struct chart_arrow *arrow = scene_arrow_nth(s, i);
		double left = fmin(l->bar[arrow->from], l->bar[arrow->to]),
		       right = fmax(l->bar[arrow->from], l->bar[arrow->to]);

		if (arrow->line == CHART_MESSAGE && t->x < right && left < t->x + t->width &&
		    fabs(layout_y(l, arrow->left) - t->y) < t->font * 0.6)
			return true;
	}
	return false;
}

/* Beside its bar's beginning; below the one before, if that is there. */
static void place_labels(struct layout *l) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		g_autofree char *label = bar_label(s, bar);
		double y = layout_y(l, bar->start) + CHART_ROW / 2;
		struct chart_text t =
			text_at(l->bar[bar->column] + CHART_BAR + 5, y, label, "l", CHART_LABEL);

		if (is_bus(s, bar->column))
			t.x = l->bar[bar->column] - 5 - t.width;
		for (int nudge = 0; nudge < 6 && is_struck(l, &t); nudge++) {
			int steps = nudge / 2 + 1;

			t.y = y + (nudge % 2 ? 3 : -3) * steps;
		}
		while (!try_text(l, t))
			t.y += 2;
		l->bottom = fmax(l->bottom, t.y + CHART_ROW);
	}
}

/* --- dates, cuts and arrows ------------------------------------------------------------------- */

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

static bool covers_bar(const struct layout *l, const struct chart_text *t) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		double x = l->bar[bar->column];

		if (t->x < x + CHART_BAR && x < t->x + t->width &&
		    layout_y(l, bar->start) < t->y + 5 && t->y - 5 < layout_y(l, bar->end))
			return true;
	}
	return false;
}

/* In one of two dozen places along the arrow, where there is room. */
static void place_arrow_name(struct layout *l, const struct chart_arrow *arrow) {
	double x1 = l->bar[arrow->from] + CHART_BAR / 2, x2 = l->bar[arrow->to] + CHART_BAR / 2;
	double y1 = layout_y(l, arrow->left), y2 = layout_y(l, arrow->arrived);
	double width = text_width(arrow->name, 9);

	for (int side = -1; side <= 1; side += 2)
		for (int i = 0; i < 12; i++) {
			int steps = (i + 1) / 2;
			double share = 0.5 + (i % 2 ? 1 : -1) * steps * 0.08;
			double x = x1 + (x2 - x1) * share, y = y1 + (y2 - y1) * share;

			struct chart_text t =
				text_at(x - width / 2, y + side * 7, arrow->name, "m", 9);

			if (!covers_bar(l, &t) && try_text(l, t))
				return;
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
	collect_dates(l);
	place_dates(l);
	place_columns(l);
	place_titles(l);
	place_labels(l);
	place_axis(l);
	place_cuts(l);
	for (guint i = 0; i < scene->arrows->len; i++)
		if (*scene_arrow_nth(scene, i)->name)
			place_arrow_name(l, scene_arrow_nth(scene, i));
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
	g_free(l->at);
	g_free(l->x);
	g_free(l->bar);
	g_free(l);
}
