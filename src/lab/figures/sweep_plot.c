/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep's figure: panels of at most six curves, each with its name at its end.  Everything that is text
 * has a place that is worked out here, so that none of it lies on another or on a curve: gnuplot is told
 * where the axes are, to the pixel.
 */
#include "lab/figures/sweep_plot.h"

#include <math.h>
#include <string.h>

#include "lab/figures/crossing.h"
#include "lab/figures/gnuplot.h"
#include "lab/figures/labels.h"
#include "lab/figures/page.h"
#include "lab/figures/results.h"
#include "lab/figures/sweep_axis.h"

/* A law's line, under points that are not joined. */
#define LAW_LOOK "dt 2 lw 1.5"
/* Points of a law between two of the sweep, which is drawn well with so many in all. */
#define LAW_POINTS 24
#define LAW_ENOUGH 100
/* Pixels: fonts, a panel's parts around its plot, and the page's above and below all panels. */
#define TITLE_FONT 14
#define NAME_FONT 12
#define LABEL_FONT 11
#define LABEL_HEIGHT 14.0
#define LABEL_LONGEST 240.0
#define LEADER 18
#define AXIS_GAP 10
#define AXIS_TITLE 24
#define TIC_SPACE 22
#define PANEL_TITLE 40
#define PANEL_GAP 16
#define PAGE_TITLE 50
#define PAGE_FOOT 26
#define FOOT_LINE 14
/* Crossings that are told below; all are marked. */
#define CROSSINGS_MOST 12
#define COLUMNS_MOST 4
#define A4_PANELS 8

struct panel {
	const struct column *column;
	guint facet;
	guint left, top; /* of its plot */
	struct span y;
};

struct figure {
	const struct space *space;
	GArray *panels;    /* struct panel */
	GArray *crossings; /* struct crossing */
	guint columns, rows;
	guint plot_width, plot_height;
	guint margin; /* left of a plot */
	guint gutter; /* right of it, with the curves' names */
	guint below;  /* with the x axis's labels */
	struct page page;
};

/* --- layout ----------------------------------------------------------------------------------- */

static const struct panel *panel_nth(const struct figure *f, guint i) {
	return &g_array_index(f->panels, struct panel, i);
}

static bool panel_has(const struct figure *f, const struct panel *p, const struct curve *curve) {
	return curve->facet == p->facet && curve_shows(f->space, curve, p->column);
}

static bool has_curves(const struct figure *f, const struct panel *p) {
	for (guint c = 0; c < f->space->curves->len; c++)
		if (panel_has(f, p, space_curve(f->space, c)))
			return true;
	return false;
}

/* Those of a column have one y axis. */
static void choose_panels(struct figure *f) {
	const struct space *s = f->space;
	double tics = 0, names = 0;

	for (guint i = 0; i < s->columns->len; i++) {
		struct panel p = {.column = s->columns->pdata[i]};

		p.y = axis_of_values(s, p.column);
		tics = MAX(tics, axis_tic_width(&p.y));
		for (p.facet = 0; p.facet < s->facets->len; p.facet++)
			if (has_curves(f, &p))
				g_array_append_val(f->panels, p);
	}
	for (guint c = 0; c < s->curves->len; c++)
		names = MAX(names, label_width(space_curve(s, c)->title, LABEL_FONT));
	f->margin = (guint)ceil(tics) + TIC_SPACE;
	f->gutter = names > 0 ? (guint)ceil(MIN(names, LABEL_LONGEST)) + LEADER + PANEL_GAP
	                      : PANEL_GAP + LEADER;
}

/* A crossing in words, whole: its numbers are what it is read for. */
static char **crossing_lines(const struct figure *f, guint crossing) {
	g_autofree char *text =
		crossing_text(f->space, &g_array_index(f->crossings, struct crossing, crossing));

	return label_lines(text, TIC_FONT, f->page.width - f->margin);
}

static guint told_lines(const struct figure *f) {
	guint n = 0;

	for (guint i = 0; i < MIN(f->crossings->len, CROSSINGS_MOST); i++) {
		g_auto(GStrv) lines = crossing_lines(f, i);

		n += g_strv_length(lines);
	}
	return n;
}

/* As many beside each other as leave text of six points on an A4 page; more where there are too many for a
 * page. */
static void lay_out(struct figure *f) {
	guint n = MAX(f->panels->len, 1);
	guint width, height;

	f->columns = n == 1 ? 1 : n <= A4_PANELS ? 2 : MIN((guint)ceil(sqrt(n)), COLUMNS_MOST);
	f->rows = (n + f->columns - 1) / f->columns;
	f->plot_width = f->columns == 1 ? 460 : f->columns > 3 ? 250 : 300;
	f->plot_height = f->columns > 3 ? 190 : 240;
	f->below = (guint)ceil(axis_height(f->space, f->plot_width)) + AXIS_GAP + AXIS_TITLE;
	width = f->margin + f->plot_width + f->gutter;
	height = PANEL_TITLE + f->plot_height + f->below;
	f->page.width = MAX(f->columns * width, 560);
	f->page.height = PAGE_TITLE + f->rows * height + PAGE_FOOT + FOOT_LINE * told_lines(f);
	for (guint i = 0; i < f->panels->len; i++) {
		struct panel *p = &g_array_index(f->panels, struct panel, i);

		p->left = i % f->columns * width + f->margin;
		p->top = PAGE_TITLE + i / f->columns * height + PANEL_TITLE;
	}
}

/* --- places ----------------------------------------------------------------------------------- */

static double pixel_x(const struct figure *f, const struct panel *p, double x) {
	struct span span = axis_of_x(f->space);

	return p->left + f->plot_width * span_part(&span, x);
}

static double pixel_y(const struct figure *f, const struct panel *p, double y) {
	return p->top + f->plot_height * (1 - span_part(&p->y, y));
}

/* --- curves ----------------------------------------------------------------------------------- */

static void put_point(GString *data, double x, double y) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(data, "%s ", g_ascii_dtostr(number, sizeof number, x));
	results_digits(data, y);
}

/* A number a part of the way from one to another, as it looks on the axis; of what is kept in whole base
 * units (picoseconds, bytes, bits per second, Hz) a whole one. */
static double between(const struct dim *dim, double from, double to, double part) {
	double x =
		dim_is_logarithmic(dim) ? from * pow(to / from, part) : from + (to - from) * part;
	bool whole = dim->type == VALUE_TIME || dim->type == VALUE_BYTES ||
	             dim->type == VALUE_RATE || dim->type == VALUE_FREQUENCY;

	return whole ? round(x) : x;
}

/* From a run on to the next one on the axis, in steps that look alike there.  Values that the key does
 * not take (half a card) are left out. */
static void write_law_between(const struct space *s, const struct law *law, guint row, double from,
                              double to, GString *data) {
	const struct dim *dim = space_dim(s, s->x);
	unsigned steps = MIN(LAW_POINTS, LAW_ENOUGH / dim->labels->len + 1);

	for (unsigned i = 1; s->x >= 2 && dim->numbers && i < steps; i++) {
		double x = between(dim, from, to, (double)i / steps);
		g_autofree char *value = quantity_format(dim->type, x);
		double y = sweep_law_at(s->sweep, row, law, dim->title, value);

		if (isnan(y))
			continue;
		put_point(data, x, y);
		g_string_append_c(data, '\n');
	}
}

/* The column's law; NULL where there is none.  Between points that differ in more than what the axis shows
 * there is no line. */
static const struct law *law_shown(const struct space *s, const struct column *column) {
	return space_is_cloud(s) ? NULL : sweep_column_law(s->sweep, column);
}

/* A law's curve; false if it does not speak of these runs. */
static bool write_law(const struct figure *f, guint panel, guint c) {
	const struct space *s = f->space;
	const struct column *column = panel_nth(f, panel)->column;
	const struct law *law = law_shown(s, column);
	const struct dim *dim = space_dim(s, s->x);
	const struct curve *curve = space_curve(s, c);
	g_autoptr(GString) data = g_string_new(NULL);

	for (guint i = 0; law && i < curve->spots->len; i++) {
		const struct spot *spot = curve_spot(curve, i);
		double x = dim_at(dim, spot->x);

		if (isnan(sweep_value(s->sweep, spot->row, column)) ||
		    isnan(sweep_law(s->sweep, spot->row, law)))
			continue;
		put_point(data, x, sweep_law(s->sweep, spot->row, law));
		g_string_append_c(data, '\n');
		if (i + 1 < curve->spots->len)
			write_law_between(s, law, spot->row, x,
			                  dim_at(dim, curve_spot(curve, i + 1)->x), data);
	}
	if (data->len)
		g_string_append_printf(f->page.script, "$l%u_%u << EOD\n%sEOD\n", panel, c,
		                       data->str);
	return data->len;
}

/* A curve's points, with the ends of their intervals, within what a logarithm can show. */
static void write_data(const struct figure *f, guint panel, guint c) {
	const struct space *s = f->space;
	const struct panel *p = panel_nth(f, panel);
	const struct curve *curve = space_curve(s, c);

	g_string_append_printf(f->page.script, "$d%u_%u << EOD\n", panel, c);
	for (guint i = 0; i < curve->spots->len; i++) {
		const struct spot *spot = curve_spot(curve, i);
		struct estimate e = sweep_estimate(s->sweep, spot->row, p->column, NULL);
		double ci = isnan(e.ci95) ? 0 : e.ci95;

		if (isnan(e.value))
			continue;
		put_point(f->page.script, dim_at(space_dim(s, s->x), spot->x), e.value);
		g_string_append_c(f->page.script, ' ');
		results_digits(f->page.script, MAX(e.value - ci, p->y.low));
		g_string_append_c(f->page.script, ' ');
		results_digits(f->page.script, e.value + ci);
		g_string_append_printf(f->page.script, " %u\n",
		                       sweep_failed(s->sweep, spot->row, NULL) > 0);
	}
	g_string_append(f->page.script, "EOD\n");
}

static void write_curves(const struct figure *f, guint panel) {
	const struct space *s = f->space;
	g_autoptr(GString) plot = g_string_new(NULL);
	/* Between words there is nothing. */
	bool alone = space_is_cloud(s) || !space_dim(s, s->x)->numbers;

	for (guint c = 0; c < s->curves->len; c++) {
		const struct curve *curve = space_curve(s, c);
		guint style = curve->look + 1;

		if (!panel_has(f, panel_nth(f, panel), curve))
			continue;
		write_data(f, panel, c);
		bool law = write_law(f, panel, c);
		g_string_append_printf(
			plot,
			"%s$d%u_%u using 1:3:(0):($4-$3) with vectors nohead ls %u dt 1 lw 1, "
			"'' using 1:2 with %s ls %u, "
			"'' using 1:($5 > 0 ? $2 : 1/0) with points pt 2 ps 1.1 lw 1.5 lc rgb 'black'",
			plot->len ? ", " : "plot ", panel, c, style,
			law || alone ? "points" : "linespoints", style);
		if (law)
			g_string_append_printf(plot, ", $l%u_%u with lines ls %u " LAW_LOOK, panel,
			                       c, style);
	}
	g_string_append_printf(f->page.script, "%s\n", plot->str);
}

/* --- names at the curves' ends ---------------------------------------------------------------- */

/* The last point of a curve, in pixels. */
static void end_of(const struct figure *f, const struct panel *p, const struct curve *curve,
                   double *x, double *y) {
	for (guint i = 0; i < curve->spots->len; i++) {
		const struct spot *spot = curve_spot(curve, i);
		double value = sweep_value(f->space->sweep, spot->row, p->column);

		if (isnan(value))
			continue;
		*x = pixel_x(f, p, dim_at(space_dim(f->space, f->space->x), spot->x));
		*y = pixel_y(f, p, value);
	}
}

static void write_name(const struct figure *f, const struct panel *p, const struct curve *curve,
                       double end, const struct label *label) {
	double left = p->left + f->plot_width + LEADER;
	g_autofree char *how = g_strdup_printf("left tc rgb t%u", curve->look + 1);
	g_autofree char *line = g_strdup_printf("lc rgb c%u dt 3 lw 0.7 back", curve->look + 1);

	page_line(&f->page, end + 4, label->wanted, left - 3, label->at, line);
	page_text(&f->page, curve->title, left, label->at, how, LABEL_FONT, LABEL_LONGEST);
}

static void write_names(const struct figure *f, const struct panel *p) {
	const struct space *s = f->space;
	g_autofree struct label *labels = g_new0(struct label, s->curves->len + 1);
	g_autofree double *ends = g_new0(double, s->curves->len + 1);
	guint n = 0;

	for (guint c = 0; c < s->curves->len; c++) {
		const struct curve *curve = space_curve(s, c);

		if (!panel_has(f, p, curve) || !*curve->title)
			continue;
		end_of(f, p, curve, &ends[n], &labels[n].wanted);
		n++;
	}
	labels_place(labels, n, LABEL_HEIGHT, p->top - LABEL_HEIGHT / 2,
	             p->top + f->plot_height + LABEL_HEIGHT / 2);
	n = 0;
	for (guint c = 0; c < s->curves->len; c++)
		if (panel_has(f, p, space_curve(s, c)) && *space_curve(s, c)->title) {
			write_name(f, p, space_curve(s, c), ends[n], &labels[n]);
			n++;
		}
}

/* --- where curves cross ----------------------------------------------------------------------- */

/* A line of the curve's colour at the place. */
static void write_crossings(const struct figure *f, const struct panel *p) {
	for (guint i = 0; i < f->crossings->len; i++) {
		const struct crossing *c = &g_array_index(f->crossings, struct crossing, i);
		const struct curve *curve = space_curve(f->space, c->curve);
		g_autofree char *line = NULL;

		if (c->column != p->column || curve->facet != p->facet || isnan(c->at))
			continue;
		line = g_strdup_printf("lc rgb c%u lw 1 back", curve->look + 1);
		page_line(&f->page, pixel_x(f, p, c->at), p->top, pixel_x(f, p, c->at),
		          p->top + f->plot_height, line);
	}
}

/* Below all panels, in words. */
static void write_crossing_texts(const struct figure *f) {
	double y = f->page.height - PAGE_FOOT - (told_lines(f) - 0.5) * FOOT_LINE;

	for (guint i = 0; i < MIN(f->crossings->len, CROSSINGS_MOST); i++) {
		const struct crossing *c = &g_array_index(f->crossings, struct crossing, i);
		g_auto(GStrv) lines = crossing_lines(f, i);
		g_autofree char *how = g_strdup_printf("left tc rgb t%u",
		                                       space_curve(f->space, c->curve)->look + 1);

		for (char **line = lines; *line; line++, y += FOOT_LINE)
			page_text(&f->page, *line, f->margin, y, how, TIC_FONT,
			          f->page.width - f->margin);
	}
}

/* --- panels ----------------------------------------------------------------------------------- */

/* With the unit, where the labels of the axis do not say it. */
static char *x_title(const struct space *s) {
	const struct dim *dim = space_dim(s, s->x);
	const char *label = dim->labels->pdata[0];
	bool bare = dim->unit && !g_str_equal(dim->unit, "1") && *label &&
	            g_ascii_isdigit(label[strlen(label) - 1]);

	if (s->x == 1) /* configs speak for themselves */
		return g_strdup("");
	return g_strconcat(dim->title, bare ? ", " : NULL, dim->unit, NULL);
}

static void write_panel(const struct figure *f, guint panel) {
	const struct panel *p = panel_nth(f, panel);
	g_autofree char *x = x_title(f->space);
	double middle = p->left + f->plot_width / 2.0,
	       width = f->plot_width + f->gutter - PANEL_GAP;

	page_frame(&f->page, p->left, p->top, p->left + f->plot_width, p->top + f->plot_height);
	axis_write_values(&p->y, f->page.script);
	page_text(&f->page, p->column->axis, p->left, p->top - 30, "left", NAME_FONT, width);
	page_text(&f->page, g_array_index(f->space->facets, struct facet, p->facet).title, p->left,
	          p->top - 14, "left", LABEL_FONT, width);
	page_text(&f->page, x, middle, p->top + f->plot_height + f->below - AXIS_TITLE + 6,
	          "center", LABEL_FONT, f->plot_width);
	write_names(f, p);
	write_crossings(f, p);
	write_curves(f, panel);
	g_string_append(f->page.script, "unset label\nunset arrow\n");
}

/* --- the page --------------------------------------------------------------------------------- */

/* Whether any row of a column that is drawn... */
static void look_for(const struct space *s, bool *intervals, bool *failed, bool *law) {
	*intervals = *failed = *law = false;
	for (guint i = 0; i < s->columns->len; i++) {
		*law = *law || law_shown(s, s->columns->pdata[i]);
		for (guint row = 0; row < s->sweep->rows->len; row++) {
			*intervals =
				*intervals || sweep_ci95(s->sweep, row, s->columns->pdata[i]) > 0;
			*failed = *failed || sweep_failed(s->sweep, row, NULL) > 0;
		}
	}
}

/* What marks mean that have no name beside them. */
static void write_foot(const struct figure *f) {
	g_autoptr(GString) foot = g_string_new(NULL);
	bool intervals, failed, law;

	look_for(f->space, &intervals, &failed, &law);
	if (intervals)
		g_string_append(foot, "bars: 95 % intervals");
	if (law)
		g_string_append_printf(foot, "%sdashes: the law, by formula",
		                       foot->len ? "; " : "");
	if (failed)
		g_string_append_printf(foot, "%scross: runs that failed", foot->len ? "; " : "");
	page_text(&f->page, foot->str, f->margin, f->page.height - PAGE_FOOT / 2.0, "left",
	          TIC_FONT, f->page.width - f->margin);
}

static void write_head(const struct figure *f) {
	const struct scenario *sc = f->space->sweep->sc;
	const char *title = scenario_head(sc)->title;
	g_autofree char *curves = g_strconcat("curves: ", f->space->told->str, NULL);
	double width = f->page.width - f->margin - PANEL_GAP;

	page_text(&f->page, title ? title : sc->text->file, f->margin, 18, "left", TITLE_FONT,
	          width);
	if (f->space->ranges > 1) {
		g_autofree char *most = g_strdup_printf(
			"of %u ranges %s matters most (correlation %.2f)", f->space->ranges,
			space_dim(f->space, f->space->x)->title, f->space->correlation);

		page_text(&f->page, most, f->margin, 38, "left", LABEL_FONT, width);
	}
	if (f->space->told->len)
		page_text(&f->page, curves, f->margin, 38, "left", LABEL_FONT, width);
}

static void write_script(struct figure *f) {
	f->page = page_new(f->page.width, f->page.height);
	g_string_append_printf(f->page.script, "set multiplot\nset tics font ',%u' scale 0.5\n",
	                       TIC_FONT);
	axis_write_x(f->space, f->plot_width, f->page.script);
	write_head(f);
	write_crossing_texts(f);
	write_foot(f);
	for (guint i = 0; i < f->panels->len; i++)
		write_panel(f, i);
	g_string_append(f->page.script, "unset multiplot\n");
}

GString *sweep_plot(const struct sweep *sweep) {
	struct space *space = space_new(sweep);
	struct figure f = {
		.space = space,
		.panels = g_array_new(FALSE, FALSE, sizeof(struct panel)),
		.crossings = crossings_new(space),
	};

	choose_panels(&f);
	lay_out(&f);
	write_script(&f);
	g_array_unref(f.panels);
	g_array_unref(f.crossings);
	space_free(space);
	return f.page.script;
}
