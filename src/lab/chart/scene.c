/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown, in which columns, and what is put together where there is too much of it? */
#include "lab/chart/scene.h"

#include <stdlib.h>
#include <string.h>

#include "lab/figures/layers.h"

/* Names of what is put together, at most so many. */
#define NAMES 2

static void clear_column(gpointer data) {
	struct chart_column *column = data;

	g_free(column->title);
	g_free(column->note);
}

static void clear_bar(gpointer data) {
	struct chart_bar *bar = data;

	g_free(bar->name);
	g_clear_pointer(&bar->stripes, g_array_unref);
}

static void clear_arrow(gpointer data) { g_free(((struct chart_arrow *)data)->name); }

struct scene *scene_new(sim_time from, sim_time to) {
	struct scene *s = g_new0(struct scene, 1);

	s->from = from;
	s->to = to;
	s->columns = g_array_new(FALSE, FALSE, sizeof(struct chart_column));
	s->bars = g_array_new(FALSE, FALSE, sizeof(struct chart_bar));
	s->arrows = g_array_new(FALSE, FALSE, sizeof(struct chart_arrow));
	s->parts = g_array_new(FALSE, FALSE, sizeof(struct chart_part));
	g_array_set_clear_func(s->columns, clear_column);
	g_array_set_clear_func(s->bars, clear_bar);
	g_array_set_clear_func(s->arrows, clear_arrow);
	return s;
}

void scene_free(struct scene *s) {
	g_array_unref(s->columns);
	g_array_unref(s->bars);
	g_array_unref(s->arrows);
	g_array_unref(s->parts);
	g_free(s->title);
	g_free(s->note);
	g_free(s->foot);
	g_free(s);
}

guint scene_column(struct scene *s, unsigned order, const char *title, const char *note,
                   size_t look) {
	struct chart_column column = {g_strdup(title), g_strdup(note), look, order};

	g_array_append_val(s->columns, column);
	return s->columns->len - 1;
}

void scene_bar(struct scene *s, struct chart_bar bar, const char *name) {
	bar.start = MAX(bar.start, s->from);
	bar.end = MIN(bar.end, s->to);
	if (bar.start >= bar.end)
		return;
	bar.name = g_strdup(name);
	g_array_append_val(s->bars, bar);
}

void scene_arrow(struct scene *s, struct chart_arrow arrow, const char *name) {
	if (arrow.left < s->from || arrow.arrived > s->to || arrow.from == arrow.to)
		return;
	arrow.name = g_strdup(name);
	g_array_append_val(s->arrows, arrow);
}

/* --- order ------------------------------------------------------------------------------------ */

static int by_start(const void *a, const void *b) {
	const struct chart_bar *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Where a column goes: behind those that are used and of a lower order, or of the same and an earlier name. */
static guint place_of(const struct scene *s, const bool *used, guint column) {
	guint place = 0;

	for (guint i = 0; i < s->columns->len; i++) {
		unsigned mine = scene_column_nth(s, column)->order,
			 other = scene_column_nth(s, i)->order;

		int by_title = strverscmp(scene_column_nth(s, i)->title,
		                          scene_column_nth(s, column)->title);

		place += used[i] && (other < mine || (other == mine && by_title < 0) ||
		                     (other == mine && by_title == 0 && i < column));
	}
	return place;
}

static void find_used(const struct scene *s, bool *used) {
	for (guint i = 0; i < s->bars->len; i++)
		used[scene_bar_nth(s, i)->column] |= !scene_bar_nth(s, i)->waits;
	for (guint i = 0; i < s->arrows->len; i++)
		used[scene_arrow_nth(s, i)->from] = used[scene_arrow_nth(s, i)->to] = true;
}

/* What points to columns points to where they are now. */
static void move_columns(struct scene *s, const guint *place, const bool *used) {
	for (guint i = s->bars->len; i-- > 0;) {
		struct chart_bar *bar = &g_array_index(s->bars, struct chart_bar, i);

		if (used[bar->column])
			bar->column = place[bar->column];
		else
			g_array_remove_index(s->bars, i);
	}
	for (guint i = 0; i < s->arrows->len; i++) {
		struct chart_arrow *arrow = &g_array_index(s->arrows, struct chart_arrow, i);

		arrow->from = place[arrow->from];
		arrow->to = place[arrow->to];
	}
}

static void order_columns(struct scene *s) {
	g_autofree guint *place = g_new0(guint, s->columns->len + 1);
	g_autofree bool *used = g_new0(bool, s->columns->len + 1);
	GArray *columns = g_array_new(FALSE, TRUE, sizeof(struct chart_column));
	guint left = 0;

	find_used(s, used);
	for (guint i = 0; i < s->columns->len; i++) {
		place[i] = place_of(s, used, i);
		left += used[i];
	}
	g_array_set_size(columns, left);
	for (guint i = 0; i < s->columns->len; i++)
		if (used[i])
			g_array_index(columns, struct chart_column, place[i]) =
				*scene_column_nth(s, i);
		else
			clear_column(&g_array_index(s->columns, struct chart_column, i));
	g_array_set_clear_func(columns, clear_column);
	g_array_set_clear_func(s->columns, NULL);
	g_array_unref(s->columns);
	s->columns = columns;
	move_columns(s, place, used);
}

/* --- fewer bars ------------------------------------------------------------------------------- */

static guint names_in(const char *text) {
	guint n = 1;

	for (const char *at = text; (at = strstr(at, ", ")); at += 2)
		n++;
	return n;
}

/* "syscall, dispatch ..." */
static void name_both(struct chart_bar *bar, const struct chart_bar *next) {
	g_auto(GStrv) names = g_strsplit(bar->name, ", ", -1);
	char *name;

	if (g_strv_contains((const char *const *)names, next->name) ||
	    g_str_has_suffix(bar->name, "\u2026"))
		return;
	name = names_in(bar->name) < NAMES ? g_strconcat(bar->name, ", ", next->name, NULL)
	                                   : g_strconcat(bar->name, " \u2026", NULL);
	g_free(bar->name);
	bar->name = name;
}

static void add_stripe(struct chart_bar *bar, const struct chart_bar *next) {
	struct chart_stripe first = {bar->start, bar->end, bar->look},
			    more = {next->start, next->end, next->look};

	if (!bar->stripes && bar->look == next->look)
		return;
	if (!bar->stripes) {
		bar->stripes = g_array_new(FALSE, FALSE, sizeof(struct chart_stripe));
		g_array_append_val(bar->stripes, first);
	}
	g_array_append_val(bar->stripes, more);
}

/* Bursts of one transfer on the bus are as good as one. */
static bool follows(const struct chart_bar *old, const struct chart_bar *bar) {
	bool burst = old->look == layer_look("bus") && bar->start - old->end < 3 * SIM_US &&
	             g_str_equal(old->name, bar->name);

	return !old->waits && !bar->waits && (old->end == bar->start || burst);
}

enum alike { OF_ONE_NAME, OF_ONE_LAYER, OF_ANY };

static bool is_like(const struct chart_bar *old, const struct chart_bar *bar, enum alike alike) {
	return alike == OF_ANY || (old->look == bar->look &&
	                           (alike == OF_ONE_LAYER || g_str_equal(old->name, bar->name)));
}

/* Bars of a column that touch become one, if they are that much alike. */
static void put_together(struct scene *s, enum alike alike) {
	g_autofree guint *last = g_new(guint, s->columns->len + 1);
	GArray *bars = g_array_new(FALSE, FALSE, sizeof(struct chart_bar));

	for (guint i = 0; i < s->columns->len; i++)
		last[i] = G_MAXUINT;
	for (guint i = 0; i < s->bars->len; i++) {
		struct chart_bar *bar = &g_array_index(s->bars, struct chart_bar, i), *old;

		old = last[bar->column] == G_MAXUINT
		              ? NULL
		              : &g_array_index(bars, struct chart_bar, last[bar->column]);
		if (old && follows(old, bar) && is_like(old, bar, alike)) {
			name_both(old, bar);
			add_stripe(old, bar);
			old->end = bar->end;
			old->spans += bar->spans;
			g_free(bar->name);
			continue;
		}
		last[bar->column] = bars->len;
		g_array_append_val(bars, *bar);
	}
	g_array_set_clear_func(s->bars, NULL);
	g_array_unref(s->bars);
	g_array_set_clear_func(bars, clear_bar);
	s->bars = bars;
}

void scene_finish(struct scene *s, guint rows) {
	qsort(s->bars->data, s->bars->len, sizeof(struct chart_bar), by_start);
	order_columns(s);
	put_together(s, OF_ONE_NAME);
	for (enum alike alike = OF_ONE_LAYER; alike <= OF_ANY && s->bars->len > rows; alike++)
		put_together(s, alike);
}
