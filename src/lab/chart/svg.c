/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart that is laid out, as a picture: text as text, no script, drawn alike by browsers and librsvg. */
#include <math.h>
#include <string.h>

#include "lab/chart/layout.h"
#include "lab/figures/layers.h"

static const char defs[] =
	"<defs><marker id=\"sc-a\" viewBox=\"0 0 8 8\" refX=\"7.2\" refY=\"4\" markerWidth=\"7\" "
	"markerHeight=\"7\" orient=\"auto\"><path d=\"M0 .6 8 4 0 7.4z\" fill=\"#222\"/></marker>"
	"<pattern id=\"sc-w\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"5\" fill=\"#fff\"/>"
	"<line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\" stroke=\"#9aa3ad\" stroke-width=\"1.6\"/></pattern></defs>\n";

static void put(GString *svg, const char *name, double value) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(svg, " %s=\"%s\"", name,
	                       g_ascii_formatd(number, sizeof number, "%.1f", value));
}

static void put_rect(GString *svg, double x, double y, double width, double height,
                     const char *fill, const char *more) {
	g_string_append(svg, "<rect");
	put(svg, "x", x);
	put(svg, "y", y);
	put(svg, "width", width);
	put(svg, "height", height);
	g_string_append_printf(svg, " fill=\"%s\"%s", fill, more);
}

static void put_line(GString *svg, double x1, double y1, double x2, double y2, const char *how) {
	g_string_append(svg, "<line");
	put(svg, "x1", x1);
	put(svg, "y1", y1);
	put(svg, "x2", x2);
	put(svg, "y2", y2);
	g_string_append_printf(svg, " %s/>\n", how);
}

static void put_escaped(GString *svg, const char *text) {
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	g_string_append(svg, escaped);
}

static void put_text(GString *svg, const struct chart_text *t) {
	if (t->look)
		put_rect(svg, t->x - 15, t->y - 5, 11, 10,
		         t->look == LAYER_LOOKS ? "url(#sc-w)" : layer_looks[t->look - 1].colour,
		         " stroke=\"#b8bfc7\" stroke-width=\"0.5\"/>\n");
	g_string_append(svg, "<text");
	put(svg, "x", t->ends ? t->x + t->width : t->x);
	put(svg, "y", t->y + t->font * 0.35);
	g_string_append_printf(svg, "%s class=\"%s\" font-size=\"%u\">",
	                       t->ends ? " text-anchor=\"end\"" : "", t->style, t->font);
	put_escaped(svg, t->text);
	g_string_append(svg, "</text>\n");
}

static void put_columns(GString *svg, const struct layout *l) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->columns->len; i++) {
		double left = l->x[i] - 4, width = l->x[i + 1] - l->x[i] - 4;
		const char *colour = layer_looks[scene_column_nth(s, i)->look].colour;
		double middle = l->bar[i] + CHART_BAR / 2;

		if (i % 2 == 0)
			put_rect(svg, left, 52, width, l->bottom - 52, "#f6f7f9", "/>\n");
		put_rect(svg, left, 54, width, 34, "#fff", " rx=\"3\" stroke=\"");
		g_string_append_printf(svg, "%s\" stroke-width=\"1.6\"/>\n", colour);
		put_line(svg, middle, 88, middle, l->bottom,
		         "stroke=\"#c3c8ce\" stroke-dasharray=\"2 3\"");
	}
}

/* What was put together keeps its colours, each as long as its part of the whole. */
static void put_stripes(GString *svg, const struct layout *l, const struct chart_bar *bar,
                        double top, double bottom) {
	double scale = (bottom - top) / (double)(bar->end - bar->start);

	for (guint i = 0; i < bar->stripes->len; i++) {
		const struct chart_stripe *stripe =
			&g_array_index(bar->stripes, struct chart_stripe, i);

		put_rect(svg, l->bar[bar->column],
		         top + (double)(stripe->start - bar->start) * scale, CHART_BAR,
		         (double)(stripe->end - stripe->start) * scale,
		         layer_looks[stripe->look].colour, "/>\n");
	}
}

static void put_bars(GString *svg, const struct layout *l, const struct chart_page *part) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->bars->len; i++) {
		const struct chart_bar *bar = scene_bar_nth(s, i);
		double top = layout_y(l, bar->start), bottom = layout_y(l, bar->end);
		double inset = bar->waits ? 2 : 0;

		if (bottom < part->from || top > part->to)
			continue;

		put_rect(svg, l->bar[bar->column] + inset, top, CHART_BAR - 2 * inset, bottom - top,
		         bar->waits ? "url(#sc-w)" : layer_looks[bar->look].colour, "");
		g_string_append_printf(
			svg,
			" stroke=\"%s\" stroke-width=\"0.8\" data-t0=\"%" G_GINT64_FORMAT
			"\" data-t1=\"%" G_GINT64_FORMAT "\" data-spans=\"%u\"><title>",
			bar->waits ? "#b8bfc7" : "#fff", (gint64)bar->start, (gint64)bar->end,
			bar->spans);
		put_escaped(svg, bar->name);
		g_string_append(svg, "</title></rect>\n");
		if (bar->stripes)
			put_stripes(svg, l, bar, top, bottom);
	}
}

static void put_arrows(GString *svg, const struct layout *l, const struct chart_page *part) {
	static const char *const looks[] = {
		[CHART_MESSAGE] = "stroke=\"#222\" stroke-width=\"1\" marker-end=\"url(#sc-a)\"",
		[CHART_FRAME] = "stroke=\"#222\" stroke-width=\"1.8\" marker-end=\"url(#sc-a)\"",
		[CHART_LOST] = "stroke=\"#222\" stroke-width=\"1.8\"",
		[CHART_WAKE] = ("stroke=\"#222\" stroke-width=\"1\" stroke-dasharray=\"4 3\" "
	                        "marker-end=\"url(#sc-a)\""),
	};
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->arrows->len; i++) {
		const struct chart_arrow *arrow = scene_arrow_nth(s, i);
		struct chart_segment at = l->segments[i];

		if (fmax(at.y1, at.y2) < part->from - 8 || fmin(at.y1, at.y2) > part->to + 8)
			continue;
		if (arrow->line == CHART_LOST) {
			put_line(svg, at.x2 - 4, at.y2 - 4, at.x2 + 4, at.y2 + 4,
			         looks[CHART_LOST]);
			put_line(svg, at.x2 - 4, at.y2 + 4, at.x2 + 4, at.y2 - 4,
			         looks[CHART_LOST]);
		}
		put_line(svg, at.x1, at.y1, at.x2, at.y2, looks[arrow->line]);
	}
}

/* Both edges of a cut, across all columns. */
static void put_cuts(GString *svg, const struct layout *l) {
	for (guint i = 0; i < l->cuts->len; i++) {
		double y = g_array_index(l->cuts, struct chart_cut, i).y;

		put_rect(svg, l->x[0] - 8, y, l->width - l->x[0] + 4, CHART_CUT, "#fff", "/>\n");
		for (int edge = 0; edge < 2; edge++) {
			double x = l->x[0] - 8;

			g_string_append(svg,
			                "<polyline fill=\"none\" stroke=\"#aab2bb\" points=\"");
			while (x < l->width - 4) {
				g_string_append_printf(svg, "%.0f,%.0f ", x,
				                       y + edge * CHART_CUT +
				                               ((int)(x / 8) % 2 ? 2 : -2));
				x += 8;
			}
			g_string_append(svg, "\"/>\n");
		}
	}
}

static void put_scale(GString *svg, const struct layout *l) {
	const struct scene *s = l->scene;

	for (guint i = 0; i < s->parts->len; i++) {
		const struct chart_part *p = &g_array_index(s->parts, struct chart_part, i);
		double left = layout_scale_x(l, p->start), right = layout_scale_x(l, p->end);

		put_rect(svg, left, l->bottom + 26, right - left, 16,
		         p->name ? layer_looks[p->look].colour : "url(#sc-w)", "");
		g_string_append_printf(
			svg,
			" stroke=\"#fff\" stroke-width=\"0.5\" data-part=\"%" G_GINT64_FORMAT
			"\"/>\n",
			(gint64)(p->end - p->start));
	}
}

/* All but the sheet; of bars, arrows and text what touches the part. */
static void put_all(GString *svg, const struct layout *l, const struct chart_page *part) {
	put_columns(svg, l);
	put_bars(svg, l, part);
	put_arrows(svg, l, part);
	put_cuts(svg, l);
	put_scale(svg, l);
	for (guint i = 0; i < l->texts->len; i++) {
		const struct chart_text *t = &g_array_index(l->texts, struct chart_text, i);

		if (t->y >= part->from && t->y <= part->to)
			put_text(svg, t);
	}
}

static GString *begin_svg(const struct layout *l, double height) {
	GString *svg =
		g_string_new("<svg class=\"" CHART_CLASS "\" xmlns=\"http://www.w3.org/2000/svg\"");

	g_string_append_printf(svg,
	                       " viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
	                       "role=\"img\">\n<title>",
	                       l->width, height, l->width, height);
	put_escaped(svg, l->scene->title);
	g_string_append(svg, "</title><desc>");
	put_escaped(svg, l->scene->note);
	g_string_append(svg, "</desc>\n");
	g_string_append(svg, defs);
	g_string_append_printf(svg, "<style>%s</style>\n", chart_rules);
	put_rect(svg, 0, 0, l->width, height, "#fff", "/>\n");
	return svg;
}

GString *chart_svg(const struct layout *l) {
	GString *svg = begin_svg(l, l->height);

	put_all(svg, l, &(struct chart_page){0, l->height});
	g_string_append(svg, "</svg>\n");
	return svg;
}

static void put_part(GString *svg, const struct layout *l, double y,
                     const struct chart_page *part) {
	double height = part->to - part->from;

	g_string_append(svg, "<svg x=\"0\"");
	put(svg, "y", y);
	put(svg, "width", l->width);
	put(svg, "height", height);
	g_string_append_printf(svg, " viewBox=\"0 %.0f %.0f %.0f\">\n", part->from, l->width,
	                       height);
	put_all(svg, l, part);
	g_string_append(svg, "</svg>\n");
}

GString *chart_page_svg(const struct layout *l, const GArray *pages, guint nth, double height) {
	const struct chart_page *page = &g_array_index(pages, struct chart_page, nth);
	GString *svg = begin_svg(l, height);

	put_part(svg, l, 0, &(struct chart_page){0, CHART_HEAD});
	put_part(svg, l, CHART_HEAD, page);
	if (pages->len > 1)
		g_string_append_printf(svg,
		                       "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\" "
		                       "class=\"t\" font-size=\"9\">%u of %u</text>\n",
		                       l->width - 14, height - 4, nth + 1, pages->len);
	g_string_append(svg, "</svg>\n");
	return svg;
}
