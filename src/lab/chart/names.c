/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where do names stand, so that nothing lies on them? */
#include "lab/chart/names.h"

#include <math.h>

#include "lab/figures/labels.h"
#include "lab/figures/layers.h"

/* Pixels between two texts in a line. */
#define APART 6.0
#define LINE 11.0 /* from one line of a name to the next */
#define BESIDE 5.0

/* --- text ------------------------------------------------------------------------------------- */

static double height_of(const struct chart_text *t) { return t->font * 1.2; }

static bool touch(const struct chart_text *a, const struct chart_text *b) {
	double apart = (height_of(a) + height_of(b)) / 2;

	return a->x < b->x + b->width + APART && b->x < a->x + a->width + APART &&
	       fabs(a->y - b->y) < apart;
}

static bool fits(const struct layout *l, const struct chart_text *t) {
	if (t->x < 2 || t->x + t->width > l->width - 2)
		return false;
	for (guint i = 0; i < l->texts->len; i++)
		if (touch(t, &g_array_index(l->texts, struct chart_text, i)))
			return false;
	return true;
}

double text_width(const char *text, unsigned font) { return label_width(text, font) * 1.02; }

static void take_text(struct layout *l, struct chart_text t) {
	t.text = g_strdup(t.text);
	g_array_append_val(l->texts, t);
}

bool try_text(struct layout *l, struct chart_text t) {
	if (!fits(l, &t))
		return false;
	take_text(l, t);
	return true;
}

struct chart_text text_at(double x, double y, const char *text, const char *style, unsigned font) {
	return (struct chart_text){x, y,    text_width(text, font), (char *)text, style, font,
	                           0, false};
}

/* --- what lies in the way ---------------------------------------------------------------------- */

static struct chart_segment segment_of(const struct layout *l, const struct chart_arrow *arrow) {
	bool right = arrow->to > arrow->from;
	struct chart_segment s = {.x1 = l->bar[arrow->from] + (right ? CHART_BAR : 0),
	                          .x2 = l->bar[arrow->to] + (right ? 0 : CHART_BAR),
	                          .y1 = layout_y(l, arrow->left),
	                          .y2 = layout_y(l, arrow->arrived)};

	/* It ends on the way. */
	if (arrow->line == CHART_LOST) {
		s.x2 = s.x1 + 0.7 * (s.x2 - s.x1);
		s.y2 = s.y1 + 0.7 * (s.y2 - s.y1);
	}
	return s;
}

void place_arrows(struct layout *l) {
	guint n = l->scene->arrows->len;

	l->segments = g_new(struct chart_segment, n + 1);
	for (guint i = 0; i < n; i++)
		l->segments[i] = segment_of(l, scene_arrow_nth(l->scene, i));
}

static double height_at(const struct chart_segment *s, double x) {
	return s->y1 + (s->y2 - s->y1) * (x - s->x1) / (s->x2 - s->x1);
}

static bool is_struck_by(const struct chart_text *t, const struct chart_segment *s) {
	double left = fmax(fmin(s->x1, s->x2), t->x - 1),
	       right = fmin(fmax(s->x1, s->x2), t->x + t->width + 1);

	if (left >= right)
		return false;
	double a = height_at(s, left), b = height_at(s, right), room = t->font * 0.6;

	return fmin(a, b) < t->y + room && t->y - room < fmax(a, b);
}

static bool is_struck(const struct layout *l, const struct chart_text *t) {
	for (guint i = 0; i < l->scene->arrows->len; i++)
		if (is_struck_by(t, &l->segments[i]))
			return true;
	return false;
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

/* --- bars ------------------------------------------------------------------------------------- */

struct names names_of(const struct layout *l, const struct chart_bar *bar) {
	g_autofree char *took = chart_time(bar->end - bar->start), *name = NULL;
	double most = l->name_most;

	if (l->row > CHART_ROW) {
		name = label_cut(bar->name, CHART_LABEL, most);
		return (struct names){{g_steal_pointer(&name), g_steal_pointer(&took)}};
	}
	name = label_cut(bar->name, CHART_LABEL,
	                 most - text_width(took, CHART_LABEL) - CHART_LABEL);
	return (struct names){{g_strconcat(name, " ", took, NULL), NULL}};
}

void names_clear(struct names *n) {
	g_free(n->line[0]);
	g_free(n->line[1]);
}

double names_width(const struct names *n) {
	return fmax(text_width(n->line[0], CHART_LABEL),
	            n->line[1] ? text_width(n->line[1], CHART_LABEL) : 0);
}

bool chart_is_bus(const struct scene *s, guint column) {
	return scene_column_nth(s, column)->look == layer_look("bus");
}

/* A name's lines, the first at y. */
struct block {
	struct chart_text line[2];
	unsigned lines;
};

static struct block block_at(const struct layout *l, const struct chart_bar *bar,
                             const struct names *names, double y) {
	double x = l->bar[bar->column];
	struct block b = {.lines = names->line[1] ? 2 : 1};

	for (unsigned i = 0; i < b.lines; i++) {
		struct chart_text *t = &b.line[i];

		*t = text_at(x + CHART_BAR + BESIDE, y + i * LINE, names->line[i], "l",
		             CHART_LABEL);
		if (chart_is_bus(l->scene, bar->column)) {
			t->x = x - BESIDE - t->width;
			t->ends = true;
		}
	}
	return b;
}

static bool block_fits(const struct layout *l, const struct block *b) {
	return fits(l, &b->line[0]) && (b->lines == 1 || fits(l, &b->line[1]));
}

static bool block_is_struck(const struct layout *l, const struct block *b) {
	return is_struck(l, &b->line[0]) || (b->lines == 2 && is_struck(l, &b->line[1]));
}

/* Somewhat above or below, where no arrow goes through it; else where there is room. */
static struct block block_place(const struct layout *l, const struct chart_bar *bar,
                                const struct names *names) {
	double y = layout_y(l, bar->start) + CHART_ROW / 2;

	for (int nudge = 0; nudge < 20; nudge++) {
		int steps = (nudge + 1) / 2;
		struct block b = block_at(l, bar, names, y + (nudge % 2 ? -2 : 2) * steps);

		/* Not higher than its bar's beginning. */
		if (steps <= (nudge % 2 ? 5 : 10) && block_fits(l, &b) && !block_is_struck(l, &b))
			return b;
	}
	for (;; y += 2) {
		struct block b = block_at(l, bar, names, y);

		if (block_fits(l, &b))
			return b;
	}
}

void place_labels(struct layout *l) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		struct names names = names_of(l, bar);
		struct block b = block_place(l, bar, &names);

		for (unsigned k = 0; k < b.lines; k++)
			take_text(l, b.line[k]);
		l->bottom = fmax(l->bottom, b.line[b.lines - 1].y + CHART_ROW);
		names_clear(&names);
	}
}

/* --- arrows ----------------------------------------------------------------------------------- */

/* In one of two dozen places along the arrow, where there is room; `strict`: and where no arrow goes. */
static bool place_arrow_name(struct layout *l, guint nr, bool strict) {
	const struct chart_arrow *arrow = scene_arrow_nth(l->scene, nr);
	const struct chart_segment s = l->segments[nr];
	double width = text_width(arrow->name, 9);
	double slope = fabs((s.y2 - s.y1) / (s.x2 - s.x1));
	double away = 7 + fmin(slope * (width / 2 + 1), 14);

	for (int i = 0; i < 24; i++) {
		int side = i % 2 ? 1 : -1, steps = (i / 2 + 1) / 2;
		double x = (s.x1 + s.x2) / 2 + (s.x2 - s.x1) * (i / 2 % 2 ? 1 : -1) * steps * 0.08;
		struct chart_text t =
			text_at(x - width / 2, height_at(&s, x) + side * away, arrow->name, "m", 9);

		if (!covers_bar(l, &t) && !(strict && is_struck(l, &t)) && try_text(l, t))
			return true;
	}
	return false;
}

void place_arrow_names(struct layout *l) {
	for (guint i = 0; i < l->scene->arrows->len; i++)
		if (*scene_arrow_nth(l->scene, i)->name && !place_arrow_name(l, i, true))
			place_arrow_name(l, i, false);
}
