/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a place in pixels become words of gnuplot? */
#include "lab/figures/page.h"

#include "lab/figures/gnuplot.h"
#include "lab/figures/labels.h"

struct page page_new(unsigned width, unsigned height) {
	struct page page = {g_string_new(NULL), width, height};

	g_string_append_printf(page.script, "eval page(%u,%u,12)\nunset key\n", width, height);
	return page;
}

/* Whatever the locale. */
static void page_number(const struct page *page, const char *format, double number) {
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(page->script, g_ascii_formatd(text, sizeof text, format, number));
}

/* As gnuplot names it. */
static void page_place(const struct page *page, double x, double y) {
	g_string_append(page->script, "screen ");
	page_number(page, "%.5f", x / page->width);
	g_string_append(page->script, ",screen ");
	page_number(page, "%.5f", 1 - y / page->height);
}

void page_text(const struct page *page, const char *text, double x, double y, const char *how,
               unsigned font, double width) {
	g_autofree char *cut = width > 0 ? label_cut(text, font, width) : g_strdup(text);

	if (!*cut)
		return;
	g_string_append(page->script, "set label ");
	gnuplot_text(page->script, cut);
	g_string_append(page->script, " at ");
	page_place(page, x, y);
	g_string_append_printf(page->script, " %s font ',%u' front\n", how, font);
}

static void from_to(const struct page *page, double x1, double y1, double x2, double y2) {
	g_string_append(page->script, " from ");
	page_place(page, x1, y1);
	g_string_append(page->script, " to ");
	page_place(page, x2, y2);
}

void page_line(const struct page *page, double x1, double y1, double x2, double y2,
               const char *how) {
	g_string_append(page->script, "set arrow");
	from_to(page, x1, y1, x2, y2);
	g_string_append_printf(page->script, " nohead %s\n", how);
}

void page_box(const struct page *page, double x1, double y1, double x2, double y2,
              const char *colour) {
	g_string_append(page->script, "set object rectangle");
	from_to(page, x1, y1, x2, y2);
	g_string_append_printf(page->script, " fc rgb '%s' fs solid 1 border lc rgb 'white'\n",
	                       colour);
}

void page_frame(const struct page *page, double left, double top, double right, double bottom) {
	const struct {
		char side;
		double part;
	} sides[] = {
		{'l', left / page->width},
		{'r', right / page->width},
		{'t', 1 - top / page->height},
		{'b', 1 - bottom / page->height},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
		g_string_append_printf(page->script, "set %cmargin at screen ", sides[i].side);
		page_number(page, "%.5f", sides[i].part);
		g_string_append_c(page->script, '\n');
	}
}

void page_plot_nothing(const struct page *page) {
	g_string_append(page->script, "unset border\nunset tics\nunset grid\n");
	page_frame(page, 0, 0, page->width, page->height);
	g_string_append(page->script, "plot [0:1] [0:1] NaN\n");
}
