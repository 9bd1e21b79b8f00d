/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened over time, as small charts: measures of one name share one. */
#include <math.h>
#include <string.h>

#include "lab/figures/labels.h"
#include "lab/figures/report_parts.h"
#include "lab/figures/svg.h"

#define WIDTH 560.0
#define HEIGHT 190.0
#define LEFT 62.0
#define RIGHT 14.0
#define TOP 46.0
#define BOTTOM 164.0
#define SMALL 11.0
#define LINES 6
#define CHARTS_MAX 24

/* Columns of series.csv that are drawn together. */
struct chart {
	char *name;      /* "busy_pct" */
	GArray *columns; /* guint */
};

/* By what a column is drawn with others: all modes of a processor together, else what it measures. */
static char *chart_name(const char *column) {
	const char *dot = strrchr(column, '.');
	const char *measure = dot ? dot + 1 : column;

	if (g_str_has_prefix(measure, "cpu_"))
		return g_strdup_printf("%.*s: processor, %%", (int)(measure - column - 1), column);
	return g_strdup(measure);
}

/* "toe0" of toe0.busy_pct, "user" of server.cpu_user_pct. */
static char *line_name(const char *column) {
	const char *dot = strrchr(column, '.');

	if (dot && g_str_has_prefix(dot + 1, "cpu_")) {
		const char *mode = dot + 1 + strlen("cpu_"), *end = strstr(mode, "_pct");

		return end ? g_strndup(mode, (gsize)(end - mode)) : g_strdup(mode);
	}
	return dot ? g_strndup(column, (gsize)(dot - column)) : g_strdup(column);
}

static void clear_chart(gpointer data) {
	struct chart *chart = data;

	g_free(chart->name);
	g_array_unref(chart->columns);
}

/* A chart of that name with room for another line. */
static struct chart *chart_called(GArray *charts, const char *name) {
	struct chart chart = {NULL, NULL};

	for (guint i = 0; i < charts->len; i++) {
		struct chart *c = &g_array_index(charts, struct chart, i);

		if (g_str_equal(c->name, name) && c->columns->len < LINES)
			return c;
	}
	chart.name = g_strdup(name);
	chart.columns = g_array_new(FALSE, FALSE, sizeof(guint));
	g_array_append_val(charts, chart);
	return &g_array_index(charts, struct chart, charts->len - 1);
}

/* What is always nothing says nothing. */
static double largest(const struct csv *csv, guint column) {
	double most = 0;

	for (guint i = 0; i < csv->rows->len; i++)
		most = fmax(most, csv_number(csv, i, column));
	return most;
}

static GArray *charts_of(const struct csv *csv) {
	GArray *charts = g_array_new(FALSE, FALSE, sizeof(struct chart));

	g_array_set_clear_func(charts, clear_chart);
	for (guint c = 1; csv->columns[c]; c++) {
		g_autofree char *name = chart_name(csv->columns[c]);

		if (strchr(csv->columns[c], '.') && largest(csv, c) > 0)
			g_array_append_val(chart_called(charts, name)->columns, c);
	}
	return charts;
}

/* --- drawing ---------------------------------------------------------------------------------- */

struct frame {
	const struct csv *csv;
	double first, last, high;
};

static double x_of(const struct frame *f, double t) {
	return LEFT + (WIDTH - LEFT - RIGHT) * (t - f->first) / fmax(f->last - f->first, 1e-12);
}

static double y_of(const struct frame *f, double value) {
	return BOTTOM - (BOTTOM - TOP) * value / f->high;
}

/* The bins before the window. */
static void draw_warmup(struct svg *svg, const struct frame *f) {
	int column = csv_column(f->csv, "warmup");
	double end = f->first;

	for (guint i = 0; column >= 0 && i < f->csv->rows->len; i++)
		if (csv_number(f->csv, i, (guint)column) > 0)
			end = csv_number(f->csv, MIN(i + 1, f->csv->rows->len - 1), 0);
	if (end > f->first)
		svg_rect(svg, LEFT, TOP, x_of(f, end) - LEFT, BOTTOM - TOP, "early",
		         "before the measuring window");
}

/* "33.9 M": no longer than there is room for. */
static char *axis_text(double value) {
	static const struct {
		double from;
		const char *unit;
	} scales[] = {{1e9, " G"}, {1e6, " M"}, {1e4, " k"}};

	for (size_t i = 0; i < G_N_ELEMENTS(scales); i++)
		if (value >= scales[i].from) {
			double by = i == 2 ? 1e3 : scales[i].from;

			return g_strdup_printf("%.3g%s", value / by, scales[i].unit);
		}
	return g_strdup_printf("%.4g", value);
}

static void draw_grid(struct svg *svg, const struct frame *f) {
	for (int i = 0; i <= 2; i++) {
		double y = y_of(f, f->high * i / 2);

		svg_line(svg, LEFT, y, WIDTH - RIGHT, y, i ? "grid" : "axis");
	}
}

/* Above the plot, which may be stretched beyond its frame. */
static void draw_scales(struct svg *svg, const struct frame *f) {
	svg_rect(svg, 0, TOP - 4, LEFT, HEIGHT - TOP + 4, "mask", NULL);
	svg_rect(svg, WIDTH - RIGHT, TOP - 4, RIGHT, HEIGHT - TOP + 4, "mask", NULL);
	for (int i = 0; i <= 2; i++) {
		double value = f->high * i / 2;
		g_autofree char *text = axis_text(value);

		svg_text(svg, LEFT - 6, y_of(f, value) + 4, 'e', "small", text);
	}
	for (int i = 0; i <= 4; i++) {
		double t = f->first + (f->last - f->first) * i / 4;
		g_autofree char *text = g_strdup_printf(i < 4 ? "%.3g" : "%.3g s", t);

		svg_text(svg, x_of(f, t), BOTTOM + 16,
		         i == 4 ? 'e'
		         : i    ? 'm'
		                : 's',
		         "small tick", text);
	}
}

static void draw_line(struct svg *svg, const struct frame *f, guint column, const char *look) {
	guint n = f->csv->rows->len;
	g_autofree double *x = g_new(double, n), *y = g_new(double, n);

	for (guint i = 0; i < n; i++) {
		x[i] = x_of(f, csv_number(f->csv, i, 0));
		y[i] = y_of(f, csv_number(f->csv, i, column));
	}
	svg_path(svg, x, y, n, look);
}

/* The lines, and what the page's script needs to stretch them and to read their values. */
static void draw_plot(struct svg *svg, const struct frame *f, const struct chart *chart) {
	const double numbers[] = {f->first, f->last, f->high, LEFT, WIDTH - RIGHT, TOP, BOTTOM};
	static const char *const names[G_N_ELEMENTS(numbers)] = {"first", "last", "high",  "left",
	                                                         "right", "top",  "bottom"};
	g_autoptr(GString) more = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		char text[G_ASCII_DTOSTR_BUF_SIZE];

		g_string_append_printf(more, " data-%s=\"%s\"", names[i],
		                       g_ascii_formatd(text, sizeof text, "%.9g", numbers[i]));
	}
	svg_group(svg, "plot", more->str);
	draw_warmup(svg, f);
	for (guint i = 0; i < chart->columns->len; i++) {
		g_autofree char *look = g_strdup_printf("c%u", i);

		draw_line(svg, f, g_array_index(chart->columns, guint, i), look);
	}
	svg_ungroup(svg);
}

static void draw_chart(struct report *report, const struct csv *csv, const struct chart *chart) {
	struct frame f = {csv, csv_number(csv, 0, 0), csv_number(csv, csv->rows->len - 1, 0), 0};
	struct svg *svg = svg_new(WIDTH, HEIGHT, chart->name,
	                          "Lines over the simulated time in seconds.", FALSE);
	double x = LEFT;
	GString *drawn;

	for (guint i = 0; i < chart->columns->len; i++)
		f.high = fmax(f.high, largest(csv, g_array_index(chart->columns, guint, i)));
	svg_text(svg, LEFT, 16, 's', "strong", chart->name);
	draw_grid(svg, &f);
	draw_plot(svg, &f, chart);
	draw_scales(svg, &f);
	for (guint i = 0; i < chart->columns->len; i++) {
		guint column = g_array_index(chart->columns, guint, i);
		g_autofree char *look = g_strdup_printf("c%u", i),
				*name = line_name(csv->columns[column]);

		svg_line(svg, x, 32, x + 22, 32, look);
		svg_text(svg, x + 27, 36, 's', "small line", name);
		x += 27 + label_width(name, SMALL) + 16;
	}
	drawn = svg_end(svg);
	g_string_append(report->body, drawn->str);
	g_string_free(drawn, TRUE);
}

void report_series(struct report *report) {
	struct csv *csv = report_csv(report, "series.csv");
	g_autoptr(GArray) charts = NULL;

	if (csv && csv->rows->len > 1 && g_str_equal(csv->columns[0], "t_s")) {
		charts = charts_of(csv);
		report_begin(report, "series", "Over time");
		report_text(
			report, "p", "lead",
			"What each bin of the simulated time saw, exactly; grey: before the measuring "
			"window. What is always nothing is left out. series.csv has the numbers.");
		g_string_append(report->body,
		                "<div class=\"paper charts series\" tabindex=\"0\" "
		                "role=\"group\" aria-label=\"Over time: left and right "
		                "move along it, plus and minus zoom, 0 shows all\">\n");
		for (guint i = 0; i < MIN(charts->len, CHARTS_MAX); i++)
			draw_chart(report, csv, &g_array_index(charts, struct chart, i));
		g_string_append(report->body, "</div>\n");
		report_end(report);
	}
	g_clear_pointer(&csv, csv_free);
}

/* --- connections ------------------------------------------------------------------------------ */

static void put_connection(struct report *report, const struct csv *csv, guint row) {
	char *const *cells = csv->rows->pdata[row];
	int stack = csv_column(csv, "stack"), local = csv_column(csv, "local"),
	    remote = csv_column(csv, "remote");
	g_autofree char *name = g_strconcat("tcp-", cells[0], NULL);
	g_autofree char *title = NULL;

	if (stack < 0 || local < 0 || remote < 0 || strchr(cells[0], '/'))
		return;
	title = g_strdup_printf("%s, %s to %s", cells[stack], cells[local], cells[remote]);
	report_figure(report, name, title,
	              "What this end may send, what is under way, and when it would send again; "
	              "its file of the same number has each change.");
}

void report_connections(struct report *report) {
	struct csv *csv = report_csv(report, "connections.csv");
	int followed = csv ? csv_column(csv, "followed") : -1;

	if (followed >= 0 && largest(csv, (guint)followed) > 0) {
		report_begin(report, "connections", "Connections");
		for (guint i = 0; i < csv->rows->len; i++)
			if (csv_number(csv, i, (guint)followed) > 0)
				put_connection(report, csv, i);
		report_end(report);
	}
	g_clear_pointer(&csv, csv_free);
}
