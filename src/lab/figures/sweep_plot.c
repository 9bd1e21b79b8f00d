/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep's figure.
 *
 * Each run is a point in a space of dimensions: experiment, config, and the axes that were varied.
 * One dimension becomes the x axis: the one with the most numbers, or, if none is made of numbers,
 * the one with the most words.  What is left makes the curves: the config (or the first dimension
 * left) chooses the colour, the others together the dash.  One legend serves all panels.
 */
#include "lab/figures/sweep_plot.h"

#include <math.h>

#include "lab/figures/gnuplot.h"
#include "lab/figures/results.h"

#define COLOURS 6
#define MOST_TICS 14
#define SOME_TICS 5
/* A law's line, under points that are not joined. */
#define LAW_LOOK "dt 2 lw 1.5"
#define FAILED_LOOK "with points pt 2 ps 1.5 lw 2 lc rgb 'black'"
/* Points of a law between two of the sweep. */
#define LAW_POINTS 24
/* Pixels. */
#define LEGEND_COLUMN 250
#define LEGEND_ROW 20
#define TITLE 36

struct dim {
	const char *title;
	GPtrArray *labels;    /* const char * */
	double *numbers;      /* of the labels; NULL: they are words */
	enum value_type type; /* of the numbers */
	bool silent;          /* makes no curves: it follows another, or was drawn with others */
};

/* Where a row lies. */
struct spot {
	guint key; /* index over all dimensions that make curves */
	guint x;   /* of its label on the x axis */
};

struct curve {
	guint key; /* its rows' */
	GString *title;
	unsigned colour, dash;
};

struct figure {
	const struct sweep *sweep;
	GArray *dims;      /* struct dim: experiment, config, axes */
	GArray *spots;     /* struct spot, one a row */
	guint x;           /* the dimension of the x axis */
	GArray *curves;    /* struct curve */
	GPtrArray *panels; /* const struct column * */
};

static struct dim *dim_nth(const struct figure *f, guint i) {
	return &g_array_index(f->dims, struct dim, i);
}

/* --- dimensions ------------------------------------------------------------------------------- */

static guint label_index(const struct dim *dim, const char *label) {
	guint i = 0;

	while (i < dim->labels->len && !g_str_equal(dim->labels->pdata[i], label))
		i++;
	return i;
}

static void label_add(struct dim *dim, const char *label) {
	if (label_index(dim, label) == dim->labels->len)
		g_ptr_array_add(dim->labels, (gpointer)(uintptr_t)label);
}

/* The labels in base units, if all of them are quantities of one type. */
static double *read_numbers(const GPtrArray *labels, enum value_type *type) {
	static const enum value_type types[] = {VALUE_TIME,      VALUE_BYTES,      VALUE_RATE,
	                                        VALUE_FREQUENCY, VALUE_PER_SECOND, VALUE_FACTOR,
	                                        VALUE_SHARE};
	double *numbers = g_new(double, labels->len);
	const char *why;

	for (size_t k = 0; k < G_N_ELEMENTS(types); k++) {
		guint i = 0;

		while (i < labels->len &&
		       quantity_number(types[k], labels->pdata[i], &numbers[i], &why))
			i++;
		if (i == labels->len) {
			*type = types[k];
			return numbers;
		}
	}
	g_free(numbers);
	return NULL;
}

static void add_dim(struct figure *f, const char *title, enum axis_sort sort) {
	struct dim dim = {.title = title, .labels = g_ptr_array_new(), .silent = sort != AXIS_OWN};

	g_array_append_val(f->dims, dim);
}

static const char *row_label(const struct figure *f, guint row, guint dim) {
	const struct sweep_row *r = sweep_row(f->sweep, row);

	if (dim >= 2)
		return r->point->at[dim - 2].label;
	return dim ? r->config : r->experiment;
}

static void read_dims(struct figure *f) {
	add_dim(f, "experiment", AXIS_OWN);
	add_dim(f, "config", AXIS_OWN);
	for (guint a = 0; a < f->sweep->points->axes->len; a++)
		add_dim(f, points_axis(f->sweep->points, a)->name,
		        points_axis(f->sweep->points, a)->sort);
	for (guint row = 0; row < f->sweep->rows->len; row++)
		for (guint d = 0; d < f->dims->len; d++)
			label_add(dim_nth(f, d), row_label(f, row, d));
	for (guint d = 2; d < f->dims->len; d++)
		dim_nth(f, d)->numbers = read_numbers(dim_nth(f, d)->labels, &dim_nth(f, d)->type);
}

static bool follows(const struct figure *f, guint d) {
	return d >= 2 && points_axis(f->sweep->points, d - 2)->sort == AXIS_FOLLOWS;
}

static bool was_drawn(const struct figure *f, guint d) {
	return d >= 2 && points_axis(f->sweep->points, d - 2)->sort == AXIS_DRAWN;
}

/* Numbers before words, then the longest; experiments are compared, not followed. */
static void choose_x(struct figure *f) {
	guint best = 0;

	for (guint d = 1; d < f->dims->len; d++) {
		const struct dim *dim = dim_nth(f, d);
		guint rank =
			dim->labels->len > 1 ? dim->labels->len + (dim->numbers ? 1000 : 0) : 0;

		if (follows(f, d))
			continue;

		if (!f->x || rank > best) {
			best = rank;
			f->x = d;
		}
	}
}

/* What a person calls the i-th label: the title of an experiment, the label of a config, else the
 * word. */
static const char *spoken(const struct figure *f, guint d, guint i) {
	const char *word = dim_nth(f, d)->labels->pdata[i], *better = NULL;
	const struct scenario *sc = f->sweep->sc;
	const struct kind *kind = d ? &kind_config : &kind_experiment;
	const struct group *group = d > 1 ? NULL : scenario_find(sc, kind, word);

	if (group)
		better = group_text(group, d ? "label" : "title");
	return better ? better : word;
}

/* --- curves ----------------------------------------------------------------------------------- */

/* Whether a dimension tells curves apart. */
static bool makes_curves(const struct figure *f, guint d) {
	return d != f->x && !dim_nth(f, d)->silent;
}

/* The key is of mixed radix. */
static void find_spots(struct figure *f) {
	for (guint row = 0; row < f->sweep->rows->len; row++) {
		struct spot spot = {0};

		for (guint d = 0; d < f->dims->len; d++) {
			const struct dim *dim = dim_nth(f, d);

			if (d != f->x && !makes_curves(f, d))
				continue;
			guint i = label_index(dim, row_label(f, row, d));

			if (d == f->x)
				spot.x = i;
			else
				spot.key = spot.key * dim->labels->len + i;
		}
		g_array_append_val(f->spots, spot);
	}
}

static const struct spot *spot_of(const struct figure *f, guint row) {
	return &g_array_index(f->spots, struct spot, row);
}

static bool is_drawn(const struct figure *f, guint row) {
	for (guint i = 0; i < f->panels->len; i++)
		if (!isnan(sweep_value(f->sweep, row, f->panels->pdata[i])))
			return true;
	return false;
}

/* The dimension that chooses the colour. */
static guint colour_dim(const struct figure *f) {
	if (f->x != 1 && dim_nth(f, 1)->labels->len > 1)
		return 1;
	for (guint d = 2; d < f->dims->len; d++)
		if (makes_curves(f, d) && dim_nth(f, d)->labels->len > 1)
			return d;
	return 0;
}

static void curve_add(struct figure *f, guint key, guint row) {
	struct curve curve = {key, g_string_new(NULL), 0, 0};
	guint colour = colour_dim(f);

	for (guint d = 0; d < f->dims->len; d++) {
		const struct dim *dim = dim_nth(f, d);
		guint i = label_index(dim, row_label(f, row, d));

		if (!makes_curves(f, d) || dim->labels->len == 1)
			continue;
		g_string_append_printf(curve.title, "%s%s%s%s", curve.title->len ? ", " : "",
		                       d > 1 ? dim->title : "", d > 1 ? " " : "", spoken(f, d, i));
		if (d == colour)
			curve.colour = i % COLOURS;
		else
			curve.dash = curve.dash * dim->labels->len + i;
	}
	g_array_append_val(f->curves, curve);
}

static void read_curves(struct figure *f) {
	for (guint row = 0; row < f->sweep->rows->len; row++) {
		guint key = spot_of(f, row)->key, c = 0;

		while (c < f->curves->len && g_array_index(f->curves, struct curve, c).key != key)
			c++;
		if (c == f->curves->len && is_drawn(f, row))
			curve_add(f, key, row);
	}
}

static void choose_panels(struct figure *f) {
	const struct column *c;

	for (guint i = 0; (c = chosen_column(f->sweep->chosen, i)); i++)
		if (c->axis && sweep_measures(f->sweep, c))
			g_ptr_array_add(f->panels, (gpointer)(uintptr_t)c);
}

/* --- the script ------------------------------------------------------------------------------- */

static double x_of(const struct dim *dim, guint i) { return dim->numbers ? dim->numbers[i] : i; }

static void bounds(const struct dim *dim, double *low, double *high) {
	*low = INFINITY;
	*high = -INFINITY;
	for (guint i = 0; i < dim->labels->len; i++) {
		*low = MIN(*low, x_of(dim, i));
		*high = MAX(*high, x_of(dim, i));
	}
}

/* Numbers that span more than a factor of 20. */
static bool is_logarithmic(const struct dim *dim) {
	double low, high;

	bounds(dim, &low, &high);
	return dim->numbers && low > 0 && high > 20 * low;
}

static void write_tic(const char *label, double x, bool first, GString *script) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(script, first ? "" : ", ");
	gnuplot_format(script, label);
	g_string_append_printf(script, " %s", g_ascii_dtostr(number, sizeof number, x));
}

/* Of numbers that are too many for a label each: some between the ends, of three digits. */
static void write_some_tics(const struct dim *dim, double low, double high, GString *script) {
	for (unsigned i = 0; i < SOME_TICS; i++) {
		double part = (double)i / (SOME_TICS - 1);
		double x = is_logarithmic(dim) ? low * pow(high / low, part)
		                               : low + (high - low) * part;
		char digits[G_ASCII_DTOSTR_BUF_SIZE];
		double shown =
			g_ascii_strtod(g_ascii_formatd(digits, sizeof digits, "%.3g", x), NULL);
		g_autofree char *label = quantity_format(dim->type, shown);

		write_tic(label, shown, i == 0, script);
	}
}

/* With a margin. */
static void write_x_axis(const struct figure *f, GString *script) {
	const struct dim *dim = dim_nth(f, f->x);
	char number[2][G_ASCII_DTOSTR_BUF_SIZE];
	bool logarithmic = is_logarithmic(dim);
	double low, high;

	bounds(dim, &low, &high);
	if (logarithmic)
		g_string_append(script, "set logscale x\n");
	double margin = logarithmic ? pow(high / low, 0.08)
	                            : MAX(0.08 * (high - low), 1e-9 + 0.08 * fabs(high));
	g_ascii_formatd(number[0], sizeof number[0], "%.9g",
	                logarithmic ? low / margin : low - margin);
	g_ascii_formatd(number[1], sizeof number[1], "%.9g",
	                logarithmic ? high * margin : high + margin);
	g_string_append_printf(script, "set xrange [%s:%s]\nset xtics (", number[0], number[1]);
	if (dim->numbers && dim->labels->len > MOST_TICS)
		write_some_tics(dim, low, high, script);
	for (guint i = 0; i < dim->labels->len && !(dim->numbers && dim->labels->len > MOST_TICS);
	     i++)
		write_tic(spoken(f, f->x, i), x_of(dim, i), i == 0, script);
	g_string_append(script, ")\n");
}

static void write_point(GString *data, double x, double y) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(data, "%s ", g_ascii_dtostr(number, sizeof number, x));
	results_number(data, y, 3);
	g_string_append_c(data, '\n');
}

/* A number a part of the way from one to another, as it looks on the axis; of what is kept in whole base
 * units (picoseconds, bytes, bits per second, Hz) a whole one. */
static double between(const struct dim *dim, double from, double to, double part) {
	double x = is_logarithmic(dim) ? from * pow(to / from, part) : from + (to - from) * part;
	bool whole = dim->type == VALUE_TIME || dim->type == VALUE_BYTES ||
	             dim->type == VALUE_RATE || dim->type == VALUE_FREQUENCY;

	return whole ? round(x) : x;
}

/* From a run on to the next one on the axis, in steps that look alike there.  Values that the key does
 * not take (half a card) are left out. */
static void write_law_between(const struct figure *f, const struct law *law, guint row, double from,
                              double to, GString *data) {
	const struct dim *dim = dim_nth(f, f->x);

	for (unsigned i = 1; f->x >= 2 && dim->numbers && i < LAW_POINTS; i++) {
		double x = between(dim, from, to, (double)i / LAW_POINTS);
		g_autofree char *value = quantity_format(dim->type, x);
		double y = sweep_law_at(f->sweep, row, law, dim->title, value);

		if (!isnan(y))
			write_point(data, x, y);
	}
}

/* The row of a curve at the want-th place of the axis; false: there is none. */
static bool find_row(const struct figure *f, guint c, guint want, guint *found) {
	for (guint row = 0; row < f->sweep->rows->len; row++) {
		const struct spot *spot = spot_of(f, row);

		if (spot->key == g_array_index(f->curves, struct curve, c).key && spot->x == want) {
			*found = row;
			return true;
		}
	}
	return false;
}

/* A law's curve, in the order of the labels; false if it does not speak of these runs. */
static bool write_law(const struct figure *f, const struct column *column, guint c, guint panel,
                      GString *script) {
	/* Between points that differ in more than what the axis shows there is no line. */
	const struct law *law = was_drawn(f, f->x) ? NULL : sweep_column_law(f->sweep, column);
	const struct dim *dim = dim_nth(f, f->x);
	g_autoptr(GString) data = g_string_new(NULL);

	for (guint want = 0; law && want < dim->labels->len; want++) {
		guint row;

		if (!find_row(f, c, want, &row) || isnan(sweep_value(f->sweep, row, column)) ||
		    isnan(sweep_law(f->sweep, row, law)))
			continue;
		write_point(data, x_of(dim, want), sweep_law(f->sweep, row, law));
		if (want + 1 < dim->labels->len)
			write_law_between(f, law, row, x_of(dim, want), x_of(dim, want + 1), data);
	}
	if (data->len)
		g_string_append_printf(script, "$l%u_%u << EOD\n%sEOD\n", panel, c, data->str);
	return data->len;
}

/* The points of one curve in one panel; false if there are none. */
static bool write_data(const struct figure *f, const struct column *column, guint c, guint panel,
                       GString *script) {
	g_autoptr(GString) data = g_string_new(NULL);
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	const struct dim *dim = dim_nth(f, f->x);

	for (guint want = 0; want < dim->labels->len; want++)
		for (guint row = 0; row < f->sweep->rows->len; row++) {
			const struct spot *spot = spot_of(f, row);

			if (spot->key != g_array_index(f->curves, struct curve, c).key ||
			    spot->x != want)
				continue;
			double value = sweep_value(f->sweep, row, column);
			double ci = sweep_ci95(f->sweep, row, column);

			if (isnan(value))
				continue;
			g_string_append_printf(
				data, "%s ",
				g_ascii_dtostr(number, sizeof number, x_of(dim, want)));
			results_number(data, value, 3);
			g_string_append_c(data, ' ');
			results_number(data, isnan(ci) ? 0 : ci, 3);
			g_string_append_c(data, '\n');
		}
	if (data->len)
		g_string_append_printf(script, "$d%u_%u << EOD\n%sEOD\n", panel, c, data->str);
	return data->len;
}

/* Crosses on the points of a curve that are none to rely on; false if there are none. */
static bool write_failed(const struct figure *f, const struct column *column, guint c, guint panel,
                         GString *script) {
	g_autoptr(GString) data = g_string_new(NULL);

	for (guint row = 0; row < f->sweep->rows->len; row++)
		if (spot_of(f, row)->key == g_array_index(f->curves, struct curve, c).key &&
		    sweep_failed(f->sweep, row, NULL) && !isnan(sweep_value(f->sweep, row, column)))
			write_point(data, x_of(dim_nth(f, f->x), spot_of(f, row)->x),
			            sweep_value(f->sweep, row, column));
	if (data->len)
		g_string_append_printf(script, "$f%u_%u << EOD\n%sEOD\n", panel, c, data->str);
	return data->len;
}

static void write_panel(const struct figure *f, guint panel, GString *script) {
	const struct column *column = f->panels->pdata[panel];
	g_autoptr(GString) plot = g_string_new("plot ");
	const char *separator = "";

	for (guint c = 0; c < f->curves->len; c++) {
		const struct curve *curve = &g_array_index(f->curves, struct curve, c);

		if (!write_data(f, column, c, panel, script))
			continue;
		bool law = write_law(f, column, c, panel, script);
		g_string_append_printf(
			plot,
			"%s$d%u_%u using 1:2 with %s ls %u dt %u, "
			"'' using 1:($2-$3):(0):(2*$3) with vectors nohead ls %u dt 1 lw 1",
			separator, panel, c, law || was_drawn(f, f->x) ? "points" : "linespoints",
			curve->colour + 1, curve->dash % 5 + 1, curve->colour + 1);
		if (law)
			g_string_append_printf(plot, ", $l%u_%u with lines ls %u " LAW_LOOK, panel,
			                       c, curve->colour + 1);
		if (write_failed(f, column, c, panel, script))
			g_string_append_printf(plot, ", $f%u_%u " FAILED_LOOK, panel, c);
		separator = ", ";
	}
	g_string_append_printf(script, "set title '%s'\n%s\n", column->axis, plot->str);
}

static bool any_law(const struct figure *f) {
	for (guint i = 0; i < f->panels->len; i++)
		if (sweep_column_law(f->sweep, f->panels->pdata[i]))
			return true;
	return false;
}

static void write_legend(const struct figure *f, GString *script) {
	g_string_append(script,
	                "unset title\nunset xtics\nunset ytics\nunset border\nunset xlabel\n"
	                "unset grid\nunset logscale\nset key center center horizontal Left reverse "
	                "samplen 3 font ',11'\n"
	                "set xrange [0:1]\nset yrange [0:1]\nplot ");
	for (guint c = 0; c < f->curves->len; c++) {
		const struct curve *curve = &g_array_index(f->curves, struct curve, c);

		g_string_append_printf(script, "%s1/0 with linespoints ls %u dt %u title ",
		                       c ? ", " : "", curve->colour + 1, curve->dash % 5 + 1);
		gnuplot_text(script, curve->title->str);
	}
	if (any_law(f))
		g_string_append(script, ", 1/0 with lines lc rgb 'black' " LAW_LOOK
		                        " title 'the law, by formula'");
	g_string_append_c(script, '\n');
}

/* Where things go, in pixels. */
struct layout {
	guint columns, rows, width, height; /* of a panel */
	guint page, legend;                 /* width of the page, height of the legend */
};

static struct layout lay_out(const struct figure *f) {
	guint n = MAX(f->panels->len, 1), entries = f->curves->len + any_law(f);
	struct layout l = {.columns = n};

	if (n > 3)
		l.columns = n == 4 ? 2 : MIN((guint)ceil(sqrt(n * 1.2)), 5);
	l.rows = (n + l.columns - 1) / l.columns;
	l.width = l.columns > 3 ? 290 : 380;
	l.height = l.columns > 3 ? 220 : 300;
	l.page = MAX(l.columns * l.width, 640);
	if (entries > 1)
		l.legend = LEGEND_ROW + LEGEND_ROW * (entries / (l.page / LEGEND_COLUMN) + 1);
	return l;
}

/* An area of the page, from its top left corner, for the next plot. */
static void place(GString *script, guint left, guint top, guint width, guint height,
                  guint page_width, guint page_height) {
	char number[4][G_ASCII_DTOSTR_BUF_SIZE];
	const double part[4] = {(double)left / page_width, 1 - (double)(top + height) / page_height,
	                        (double)width / page_width, (double)height / page_height};

	for (guint i = 0; i < 4; i++)
		g_ascii_formatd(number[i], sizeof number[i], "%.5f", part[i]);
	g_string_append_printf(script, "set origin %s,%s\nset size %s,%s\n", number[0], number[1],
	                       number[2], number[3]);
}

static void write_script(const struct figure *f, GString *script) {
	struct layout l = lay_out(f);
	guint width = l.page, height = TITLE + l.rows * l.height + l.legend;
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	const struct scenario *sc = f->sweep->sc;
	const char *title = scenario_head(sc)->title;

	g_string_append_printf(script,
	                       "set terminal svg size %u,%u font 'Helvetica,12' noenhanced "
	                       "background rgb 'white'\nset multiplot\nset label 1 ",
	                       width, height);
	gnuplot_text(script, title ? title : sc->text->file);
	g_string_append_printf(
		script,
		" at screen 0.5,%s center font ',14'\n"
		"unset key\nset yrange [0:*]\nset tics font ',10'\n"
		"set ytics autofreq\nset format y '%%g'\nset xlabel font ',11' offset 0,0.5\n",
		g_ascii_formatd(number, sizeof number, "%.5f", 1 - 18.0 / height));
	if (f->x != 1) { /* configs speak for themselves */
		g_string_append(script, "set xlabel ");
		gnuplot_text(script, dim_nth(f, f->x)->title);
		g_string_append_c(script, '\n');
	}
	write_x_axis(f, script);
	for (guint i = 0; i < f->panels->len; i++) {
		place(script, i % l.columns * l.width, TITLE + i / l.columns * l.height, l.width,
		      l.height, width, height);
		write_panel(f, i, script);
		if (i == 0)
			g_string_append(script, "unset label 1\n");
	}
	if (l.legend) {
		place(script, 0, height - l.legend, width, l.legend, width, height);
		write_legend(f, script);
	}
	g_string_append(script, "unset multiplot\n");
}

static void dim_clear(gpointer data) {
	struct dim *dim = data;

	g_ptr_array_unref(dim->labels);
	g_free(dim->numbers);
}

static void curve_clear(gpointer data) { g_string_free(((struct curve *)data)->title, TRUE); }

GString *sweep_plot(const struct sweep *sweep) {
	GString *script = g_string_new(NULL);
	struct figure f = {
		.sweep = sweep,
		.dims = g_array_new(FALSE, FALSE, sizeof(struct dim)),
		.spots = g_array_new(FALSE, FALSE, sizeof(struct spot)),
		.curves = g_array_new(FALSE, FALSE, sizeof(struct curve)),
		.panels = g_ptr_array_new(),
	};

	g_array_set_clear_func(f.dims, dim_clear);
	g_array_set_clear_func(f.curves, curve_clear);
	read_dims(&f);
	choose_x(&f);
	find_spots(&f);
	choose_panels(&f);
	read_curves(&f);
	write_script(&f, script);
	g_array_unref(f.dims);
	g_array_unref(f.spots);
	g_array_unref(f.curves);
	g_ptr_array_unref(f.panels);
	return script;
}
