/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a connection's life look on a page? */
#include "lab/figures/follow_plot.h"

#include <math.h>
#include <string.h>

#include "lab/figures/labels.h"
#include "lab/figures/page.h"
#include "lab/figures/results.h"

/* Pixels: the page, and where its axes are. */
#define WIDTH 900
#define HEIGHT 580
#define LEFT 74
#define RIGHT 770
#define TITLE_FONT 14
#define NAME_FONT 11
#define NAME_HEIGHT 15.0
#define MARKS_Y 44

/* What is drawn with lines; `unit`: what a cell is worth. */
static const struct line {
	const char *column, *name;
	unsigned look;
	double unit;
} lines[] = {
	{"rwnd", "peer's window", 6, 1},     {"ssthresh", "threshold", 3, 1},
	{"cwnd", "congestion window", 1, 1}, {"in_flight", "in flight", 2, 1},
	{"srtt_us", "round trip", 1, 1e-3},  {"rto_us", "time-out", 2, 1e-3},
};
enum { RWND, SSTHRESH, CWND, IN_FLIGHT, SRTT, RTO, LINES };

struct panel {
	const char *title;
	double top, bottom;
	const char *scale; /* for gnuplot */
	guint begin, end;  /* its lines */
	bool logarithmic;
	double low, high;
};

/* Events that have a mark: on the window's curve. */
static const struct mark {
	const char *event, *name;
	unsigned point;
	const char *colour;
} marks[] = {
	{"fast retransmit", "fast retransmit", 9, "#d55e00"}, {"RTO", "time-out", 5, "black"},
	{"window reduced", "window reduced", 11, "#a14a7f"},  {"undo", "taken back", 13, "#007d5b"},
	{"zero window", "zero window", 7, "#966800"},
};

struct plot {
	const struct csv *rows;
	guint n;
	int event;                     /* the column of what happened; < 0: none */
	double *dates, *values[LINES]; /* NAN: not known */
	struct page page;
	double first, last;
};

/* The pixel across that a row falls into. */
static guint pixel(const struct plot *p, guint row) {
	return (guint)((RIGHT - LEFT) * (p->dates[row] - p->first) / (p->last - p->first));
}

static double *column_of(const struct csv *rows, const char *name, double unit) {
	double *values = g_new(double, rows->rows->len);
	int column = csv_column(rows, name);

	for (guint i = 0; i < rows->rows->len; i++)
		values[i] = column < 0 ? NAN : csv_number(rows, i, (guint)column) * unit;
	return values;
}

/* --- data ------------------------------------------------------------------------------------- */

static void put_point(const struct plot *p, double t, double v) {
	results_exact(p->page.script, t);
	g_string_append_c(p->page.script, ' ');
	results_exact(p->page.script, v);
	g_string_append_c(p->page.script, '\n');
}

/* In order, and none twice. */
static void put_rows(const struct plot *p, guint line, guint a, guint b, guint c, guint d) {
	guint at[] = {a, MIN(b, c), MAX(b, c), d};

	for (guint i = 0; i < G_N_ELEMENTS(at); i++)
		if (i == 0 || at[i] != at[i - 1])
			put_point(p, p->dates[at[i]], p->values[line][at[i]]);
}

/* The curve ends where the picture does. */
static void put_line(const struct plot *p, guint line) {
	const double *v = p->values[line];
	guint row = 0;

	g_string_append_printf(p->page.script, "$%s << EOD\n", lines[line].column);
	while (row < p->n && isnan(v[row]))
		row++;
	while (row < p->n) {
		guint begin = row, low = row, high = row;

		for (; row < p->n && pixel(p, row) == pixel(p, begin); row++) {
			low = v[row] < v[low] ? row : low;
			high = v[row] > v[high] ? row : high;
		}
		put_rows(p, line, begin, low, high, row - 1);
	}
	if (!isnan(v[p->n - 1]))
		put_point(p, p->last, v[p->n - 1]);
	g_string_append(p->page.script, "EOD\n");
}

/* --- panels ----------------------------------------------------------------------------------- */

static double largest(const struct plot *p, guint line) {
	double most = NAN;

	for (guint i = 0; i < p->n; i++)
		most = fmax(most, p->values[line][i]);
	return most;
}
static double smallest(const struct plot *p, guint line) {
	double least = NAN;

	for (guint i = 0; i < p->n; i++)
		least = fmin(least, p->values[line][i]);
	return least;
}

/* What the peer would take is drawn as far as it is near what is sent. */
static void choose_scale(const struct plot *p, struct panel *panel) {
	double low = NAN, high = NAN;

	for (guint i = panel->begin; i < panel->end; i++) {
		high = i == RWND ? high : fmax(high, largest(p, i));
		low = fmin(low, smallest(p, i));
	}
	panel->high = isnan(high) || high <= 0 ? 1 : high * (panel->logarithmic ? 2 : 1.1);
	panel->low = panel->logarithmic ? fmax(low, panel->high * 1e-9) / 2 : 0;
}

/* From 0 at the bottom to 1. */
static double part(const struct panel *panel, double v) {
	double to = panel->logarithmic
	                    ? log(fmax(v, panel->low) / panel->low) / log(panel->high / panel->low)
	                    : v / panel->high;

	return CLAMP(to, 0, 1);
}

static bool is_seen(const struct plot *p, const struct panel *panel, guint line) {
	return smallest(p, line) <= panel->high;
}

/* Beside its end, as far as the others leave room. */
static void put_names(const struct plot *p, const struct panel *panel) {
	struct label labels[LINES];
	const struct line *of[LINES];
	guint n = 0;

	for (guint i = panel->begin; i < panel->end; i++) {
		double v = p->values[i][p->n - 1];

		if (isnan(v) || !is_seen(p, panel, i))
			continue;
		labels[n].wanted = panel->bottom - (panel->bottom - panel->top) * part(panel, v);
		of[n++] = &lines[i];
	}
	labels_place(labels, n, NAME_HEIGHT, panel->top, panel->bottom);
	for (guint i = 0; i < n; i++) {
		g_autofree char *how = g_strdup_printf("left tc rgb t%u", of[i]->look);

		page_text(&p->page, of[i]->name, RIGHT + 8, labels[i].at, how, NAME_FONT,
		          WIDTH - RIGHT - 10);
	}
}

static void put_range(GString *script, const char *axis, double low, double high) {
	g_string_append_printf(script, "set %srange [", axis);
	results_exact(script, low);
	g_string_append_c(script, ':');
	results_exact(script, high);
	g_string_append(script, "]\n");
}

/* --- marks ------------------------------------------------------------------------------------ */

static bool has_event(const struct plot *p, guint row, const char *event) {
	const char *cell = p->event < 0 ? "" : ((char **)p->rows->rows->pdata[row])[p->event];
	g_auto(GStrv) words = *cell ? g_strsplit(cell, "; ", -1) : NULL;

	return words && g_strv_contains((const char *const *)words, event);
}

/* How often it happened.  Those within a pixel of another are not drawn. */
static guint put_mark(const struct plot *p, guint nr) {
	guint n = 0, before = G_MAXUINT;

	g_string_append_printf(p->page.script, "$mark%u << EOD\n", nr);
	for (guint row = 0; row < p->n; row++) {
		if (!has_event(p, row, marks[nr].event))
			continue;
		n++;
		if (pixel(p, row) == before)
			continue;
		before = pixel(p, row);
		put_point(p, p->dates[row], p->values[CWND][row]);
	}
	g_string_append(p->page.script, "EOD\n");
	return n;
}

/* The marks that there are, and what they mean above them; the plots for gnuplot. */
static GString *put_marks(const struct plot *p) {
	GString *plots = g_string_new(NULL);
	double x = LEFT;

	for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
		guint n = put_mark(p, i);
		g_autofree char *name = g_strdup_printf("%s (%u)", marks[i].name, n);
		g_autofree char *how =
			g_strdup_printf("left point pt %u ps 1 lc rgb '%s' offset 1,0",
		                        marks[i].point, marks[i].colour);

		if (!n)
			continue;
		g_string_append_printf(
			plots, ", $mark%u using 1:2 with points pt %u ps 0.9 lc rgb '%s' notitle",
			i, marks[i].point, marks[i].colour);
		page_text(&p->page, name, x, MARKS_Y, how, NAME_FONT, 0);
		x += label_width(name, NAME_FONT) + 34;
	}
	return plots;
}

static void put_panel(const struct plot *p, struct panel *panel, const char *more) {
	GString *script = p->page.script;
	const char *between = "plot ";

	choose_scale(p, panel);
	for (guint i = panel->begin; i < panel->end; i++)
		if (is_seen(p, panel, i))
			put_line(p, i);
	page_text(&p->page, panel->title, LEFT, panel->top - 10, "left", NAME_FONT, 0);
	put_names(p, panel);
	page_frame(&p->page, LEFT, panel->top, RIGHT, panel->bottom);
	g_string_append(script, panel->scale);
	put_range(script, "x", p->first, p->last);
	put_range(script, "y", panel->low, panel->high);
	for (guint i = panel->begin; i < panel->end; i++) {
		if (!is_seen(p, panel, i))
			continue;
		g_string_append_printf(script, "%s$%s using 1:2 with steps ls %u notitle", between,
		                       lines[i].column, lines[i].look);
		between = ", ";
	}
	g_string_append_printf(script, "%s\nunset label\n", more);
}

static void put_panels(const struct plot *p) {
	struct panel above = {.title = "bytes",
	                      .top = 78,
	                      .bottom = 340,
	                      .scale = "set format y '%.0s%c'\nset format x ''\n",
	                      .begin = RWND,
	                      .end = SRTT};
	struct panel below = {.title = "milliseconds",
	                      .top = 376,
	                      .bottom = 510,
	                      .scale = "set logscale y\nset format y '%g'\nset format x '%g'\n",
	                      .begin = SRTT,
	                      .end = LINES,
	                      .logarithmic = true};
	GString *plots = put_marks(p);

	g_string_append(p->page.script, "set multiplot\n");
	put_panel(p, &above, plots->str);
	page_text(&p->page, "seconds", RIGHT, HEIGHT - 16, "right", NAME_FONT, 0);
	put_panel(p, &below, "");
	g_string_append(p->page.script, "unset multiplot\n");
	g_string_free(plots, TRUE);
}

GString *follow_plot(const char *title, const struct csv *rows) {
	struct plot p = {.rows = rows, .n = rows->rows->len, .page = page_new(WIDTH, HEIGHT)};

	p.event = csv_column(rows, "event");
	p.dates = column_of(rows, "t_s", 1);
	for (guint i = 0; i < LINES; i++)
		p.values[i] = column_of(rows, lines[i].column, lines[i].unit);
	p.first = p.dates[0];
	p.last = MAX(p.dates[p.n - 1], p.first + 1e-6);
	page_text(&p.page, title, LEFT, 20, "left", TITLE_FONT, WIDTH - LEFT);
	put_panels(&p);
	g_free(p.dates);
	for (guint i = 0; i < LINES; i++)
		g_free(p.values[i]);
	return p.page.script;
}
