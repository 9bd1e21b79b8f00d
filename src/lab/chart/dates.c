/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far down the page is a date? */
#include "lab/chart/dates.h"

#include <math.h>
#include <stdlib.h>

/* Pixels. */
#define ARROW_LEAST 9.0 /* high, of one that takes time */
#define STEP_MOST 34.0  /* between two dates */
#define STEP_MEAN 9.0
#define CUT_FROM 2.5    /* so many times the most are cut */
/* Dates that near are one. */
#define SAME (2 * SIM_NS)

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

void collect_dates(struct layout *l) {
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
		struct bound b = {date_at(l, bar->end), date_at(l, bar->start), l->row};

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
	struct chart_cut c = {l->at[i - 1] + l->row + 2, date_nth(l, i - 1), date_nth(l, i)};

	l->at[i] = c.y + CHART_CUT + 8;
	g_array_append_val(l->cuts, c);
}

void place_dates(struct layout *l) {
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
	l->bottom = l->at[l->dates->len - 1] + l->row;
}
