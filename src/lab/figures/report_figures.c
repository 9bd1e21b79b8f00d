/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do figures come into a report? */
#include <math.h>
#include <string.h>

#include "lab/figures/amount.h"
#include "lab/figures/cost_name.h"
#include "lab/figures/labels.h"
#include "lab/figures/layers.h"
#include "lab/figures/report_parts.h"
#include "lab/figures/svg.h"

/* --- figures of the folder ----------------------------------------------------------------------- */

/* A page may hold several figures, whose names within must differ: they get the figure's own in front. */
static char *renamed(const char *svg, const char *name) {
	static const char *const marks[] = {"id='", "id=\"", "href='#", "href=\"#", "url(#"};
	g_autoptr(GString) out = g_string_new(svg);

	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		g_autofree char *with = g_strdup_printf("%s%s-", marks[i], name);

		g_string_replace(out, marks[i], with, 0);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool is_well_formed(const char *svg) {
	static const GMarkupParser nothing = {0};
	GMarkupParseContext *context = g_markup_parse_context_new(&nothing, 0, NULL, NULL);
	bool good = g_markup_parse_context_parse(context, svg, -1, NULL) &&
	            g_markup_parse_context_end_parse(context, NULL);

	g_markup_parse_context_free(context);
	return good;
}

/* A figure that was drawn here says itself what there is to see, and the page has its rules. */
static void put_own(GString *out, const char *svg) {
	const char *style = strstr(svg, "<style>"), *end = style ? strstr(style, "</style>") : NULL;

	if (!end) {
		g_string_append(out, svg);
		return;
	}
	g_string_append_len(out, svg, style - svg);
	g_string_append(out, end + strlen("</style>"));
}

/* From <svg on: what gnuplot says of itself becomes what there is to see. */
static void put_svg(struct report *report, const char *svg, const char *name, const char *title,
                    const char *text) {
	g_autofree char *own = renamed(svg, name);
	g_autoptr(GString) out = g_string_new(NULL);
	const char *begin = strstr(own, "<svg"), *end = begin ? strchr(begin, '>') : NULL;
	const char *rest = end ? strstr(end, "</desc>") : NULL;

	if (!rest)
		return;
	if (strstr(begin, "role=\"img\"") && strstr(begin, "role=\"img\"") < end) {
		put_own(out, begin);
		report_sheet(report, title, out->str);
		return;
	}
	g_string_append_len(out, begin, end - begin);
	g_string_append(out, " role=\"img\">\n<title>");
	svg_escape(out, title);
	g_string_append(out, "</title>\n<desc>");
	svg_escape(out, text);
	g_string_append(out, rest);
	report_sheet(report, title, out->str);
}

static void put_numbers(struct report *report, const char *name, const char *title) {
	g_autofree char *file = g_strconcat(name, ".csv", NULL);
	g_autofree char *caption = g_strconcat("Numbers of ", title, NULL);
	/* Of these the page has a section of its own, or they are too many. */
	bool elsewhere = g_str_equal(name, "sweep") || g_str_equal(name, "compare") ||
	                 g_str_has_prefix(name, "tcp-");
	struct csv *csv = elsewhere ? NULL : report_csv(report, file);

	if (!csv)
		return;
	g_string_append(report->body, "<details><summary>The numbers</summary>\n");
	report_csv_table(report, csv, caption, false);
	g_string_append(report->body, "</details>\n");
	csv_free(csv);
}

void report_figure(struct report *report, const char *name, const char *title, const char *text) {
	g_autofree char *file = g_strconcat(name, ".svg", NULL);
	GString *svg = report_file(report, file);

	if (svg && is_well_formed(svg->str)) {
		report_text(report, "h3", NULL, title);
		g_string_append(report->body, "<figure><figcaption>");
		svg_escape(report->body, text);
		g_string_append(report->body, "</figcaption>");
		put_svg(report, svg->str, name, title, text);
		g_string_append(report->body, "</figure>\n");
		put_numbers(report, name, title);
	}
	if (svg)
		g_string_free(svg, TRUE);
}

/* --- charts ------------------------------------------------------------------------------------ */

/* What the picture says of itself, between two tags; NULL: nothing. */
static char *between(const char *svg, const char *begin, const char *end) {
	const char *at = strstr(svg, begin), *to = at ? strstr(at, end) : NULL;

	return to ? g_strndup(at + strlen(begin), (gsize)(to - at) - strlen(begin)) : NULL;
}

static void put_chart(struct report *report, const char *file) {
	GString *svg = report_file(report, file);
	g_autofree char *title = svg ? between(svg->str, "<title>", "</title>") : NULL;
	g_autofree char *text = svg ? between(svg->str, "<desc>", "</desc>") : NULL;
	g_autofree char *name = g_strndup(file, strlen(file) - strlen(".svg"));

	/* What a stranger wrote there may hold tags. */
	if (title && text && !strchr(title, '<') && !strchr(text, '<') &&
	    is_well_formed(svg->str) && strstr(svg->str, "role=\"img\"")) {
		/* Both are escaped already. */
		g_string_append_printf(report->body,
		                       "<h3>%s</h3>\n<figure><figcaption>%s</figcaption>", title,
		                       text);
		put_svg(report, svg->str, name, file, "");
		g_string_append(report->body, "</figure>\n");
	}
	if (svg)
		g_string_free(svg, TRUE);
}

static int by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void report_charts(struct report *report) {
	GDir *dir = g_dir_open(report->dir, 0, NULL);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	const char *file;

	while (dir && (file = g_dir_read_name(dir)))
		if (g_str_has_prefix(file, "chart") && g_str_has_suffix(file, ".svg"))
			g_ptr_array_add(files, g_strdup(file));
	g_clear_pointer(&dir, g_dir_close);
	if (files->len == 0)
		return;
	g_ptr_array_sort(files, by_name);
	report_begin(report, "charts", "Who did what when");
	for (guint i = 0; i < files->len; i++)
		put_chart(report, files->pdata[i]);
	report_end(report);
}

/* --- where the time went ------------------------------------------------------------------------- */

#define WIDTH 1000.0
#define NAMES 230.0
#define RIGHT 90.0
#define BAR 24.0
#define GAP 12.0
#define SMALL 11.0

/* A processor in one run: its time by layer, per request or of the whole. */
struct bar {
	char *name;
	double by[LAYER_LOOKS], total;
};

/* Costs of a card are of the card, whatever the layer in it. */
static size_t look_of(const char *cost) {
	g_autofree char *name = cost_name(cost);
	char *colon = strstr(name, ": ");

	if (colon)
		*colon = '\0';
	if (g_str_has_prefix(name, "card") || g_str_equal(name, "target"))
		return layer_look("card");
	return layer_look(name);
}

static double number_of(JsonObject *run, const char *name) {
	JsonNode *node = json_object_get_member(run, name);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node) : NAN;
}

static void clear_bar(gpointer bar) { g_free(((struct bar *)bar)->name); }

static struct bar *bar_called(GArray *bars, const char *run, const char *group) {
	g_autofree char *name = g_strdup_printf("%s%s%s", run, *run ? ": " : "", group);
	struct bar bar = {.name = NULL};

	for (guint i = 0; i < bars->len; i++)
		if (g_str_equal(g_array_index(bars, struct bar, i).name, name))
			return &g_array_index(bars, struct bar, i);
	bar.name = g_steal_pointer(&name);
	g_array_append_val(bars, bar);
	return &g_array_index(bars, struct bar, bars->len - 1);
}

/* All costs of one run, divided by `n`. */
static void add_run(GArray *bars, const char *name, JsonObject *run, double n) {
	g_autoptr(GList) members = json_object_get_members(run);

	for (GList *m = members; m; m = m->next) {
		const char *measure = m->data, *cost = strstr(measure, ".cost.");
		g_autofree char *group = NULL, *key = NULL;
		struct bar *bar;
		double us;

		if (!cost || !g_str_has_suffix(measure, ".us"))
			continue;
		group = g_strndup(measure, (gsize)(cost - measure));
		cost += strlen(".cost.");
		key = g_strndup(cost, strlen(cost) - strlen(".us"));
		us = number_of(run, measure) / n;
		if (!(us > 0))
			continue;
		bar = bar_called(bars, name, group);
		bar->by[look_of(key)] += us;
		bar->total += us;
	}
}

static void draw_legend(struct svg *svg, const GArray *bars, double y) {
	double x = NAMES;

	for (size_t l = 0; l < LAYER_LOOKS - 1; l++) {
		g_autofree char *look = g_strdup_printf("l%zu", l);
		double any = 0, width = label_width(layer_looks[l].title, SMALL);

		for (guint i = 0; i < bars->len; i++)
			any += g_array_index(bars, struct bar, i).by[l];
		if (any == 0)
			continue;
		svg_rect(svg, x, y - 10, 12, 12, look, NULL);
		svg_text(svg, x + 17, y, 's', "small", layer_looks[l].title);
		x += width + 36;
	}
}

static void draw_bar(struct svg *svg, const struct bar *bar, double y, double scale,
                     const struct amount *amount) {
	g_autofree char *name = label_cut(bar->name, SMALL, NAMES - 20);
	g_autofree char *total = amount_text(amount, bar->total);
	double x = NAMES;

	svg_text(svg, NAMES - 10, y + BAR / 2 + 4, 'e', "small", name);
	for (size_t l = 0; l < LAYER_LOOKS; l++) {
		double width = bar->by[l] * scale;
		g_autofree char *text = amount_text(amount, bar->by[l]);
		g_autofree char *tip =
			g_strdup_printf("%s: %s %s", layer_looks[l].title, text, amount->unit);
		g_autofree char *look = g_strdup_printf("l%zu", l);

		if (bar->by[l] <= 0)
			continue;
		svg_rect(svg, x, y, width, BAR, look, tip);
		if (label_width(text, SMALL) + 8 < width)
			svg_text(svg, x + width / 2, y + BAR / 2 + 4, 'm', "on", text);
		x += width;
	}
	svg_text(svg, x + 8, y + BAR / 2 + 4, 's', "small", total);
}

static void put_bars(struct report *report, const GArray *bars, const char *what) {
	double longest = 0, height = 40 + (BAR + GAP) * bars->len;
	struct amount amount;
	g_autofree char *text = NULL;
	struct svg *svg;
	GString *drawn;

	for (guint i = 0; i < bars->len; i++)
		longest = fmax(longest, g_array_index(bars, struct bar, i).total);
	amount = amount_of("us", longest);
	text = g_strdup_printf("A bar for each processor, of its time in %s by layer; %s.",
	                       amount.unit, what);
	svg = svg_new(WIDTH, height, "Where the time went", text, FALSE);
	draw_legend(svg, bars, 18);
	for (guint i = 0; i < bars->len; i++)
		draw_bar(svg, &g_array_index(bars, struct bar, i), 34 + (BAR + GAP) * i,
		         (WIDTH - NAMES - RIGHT) / longest, &amount);
	drawn = svg_end(svg);
	g_string_append(report->body, "<figure><figcaption>");
	svg_escape(report->body, text);
	g_string_append(report->body, "</figcaption>");
	report_sheet(report, "Where the time went", drawn->str);
	g_string_append(report->body, "</figure>\n");
	g_string_free(drawn, TRUE);
}

static void put_bar_numbers(struct report *report, const GArray *bars) {
	g_string_append(report->body,
	                "<details><summary>The numbers</summary>\n<div class=\"wide\">"
	                "<table class=\"plain\"><caption>Microseconds by layer</caption>"
	                "<thead><tr><th scope=\"col\">processor</th>");
	for (size_t l = 0; l < LAYER_LOOKS - 1; l++)
		g_string_append_printf(report->body, "<th scope=\"col\" class=\"n\">%s</th>",
		                       layer_looks[l].title);
	g_string_append(report->body, "</tr></thead><tbody>\n");
	for (guint i = 0; i < bars->len; i++) {
		const struct bar *bar = &g_array_index(bars, struct bar, i);

		g_string_append(report->body, "<tr><th scope=\"row\">");
		svg_escape(report->body, bar->name);
		g_string_append(report->body, "</th>");
		for (size_t l = 0; l < LAYER_LOOKS - 1; l++) {
			char text[G_ASCII_DTOSTR_BUF_SIZE];

			g_string_append_printf(
				report->body, "<td class=\"n\">%s</td>",
				g_ascii_formatd(text, sizeof text, "%.3f", bar->by[l]));
		}
		g_string_append(report->body, "</tr>\n");
	}
	g_string_append(report->body, "</tbody></table></div></details>\n");
}

/* What a run is called beside its bar: those of Fig. 6 in their first seed, the only run there is, the sides of a
 * comparison; NULL: it is not shown. */
static const char *shown_as(const char *run) {
	if (g_str_equal(run, "run"))
		return "";
	if (g_str_equal(run, "as it is") || g_str_equal(run, "changed"))
		return run;
	return g_str_has_prefix(run, "fig6 ") && !strstr(run, ", seed ") ? run + strlen("fig6 ")
	                                                                 : NULL;
}

void report_time(struct report *report) {
	JsonNode *node = report->about ? json_object_get_member(report->about, "runs") : NULL;
	JsonObject *runs = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	g_autoptr(GList) names = runs ? json_object_get_members(runs) : NULL;
	g_autoptr(GArray) bars = g_array_new(FALSE, FALSE, sizeof(struct bar));
	bool requests = false;

	g_array_set_clear_func(bars, clear_bar);
	for (GList *name = names; name; name = name->next) {
		JsonNode *run = json_object_get_member(runs, name->data);
		double n = run && JSON_NODE_HOLDS_OBJECT(run)
		                   ? number_of(json_node_get_object(run), "clients.completed")
		                   : NAN;

		if (!shown_as(name->data) || !run || !JSON_NODE_HOLDS_OBJECT(run))
			continue;
		requests |= n > 0;
		add_run(bars, shown_as(name->data), json_node_get_object(run), n > 0 ? n : 1);
	}
	if (bars->len == 0)
		return;
	report_begin(report, "time", "Where the time goes");
	put_bars(report, bars, requests ? "per request" : "over the whole window");
	put_bar_numbers(report, bars);
	report_end(report);
}
