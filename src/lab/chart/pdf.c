/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a chart come on paper? */
#include "lab/chart/pdf.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "lab/base/error.h"
#include "lab/base/folder.h"
#include "lab/base/interrupt.h"

/* Millimetres, across: A4 to A0. */
static const struct paper {
	int width, height;
} papers[] = {{297, 210}, {420, 297}, {594, 420}, {841, 594}, {1189, 841}};
#define MARGIN 8
#define PIXEL 0.2469 /* of letters of seven points */

/* The child's date is that of all charts: the same chart is the same file. */
static char **words_of(const char *dir, guint pages, const struct paper *paper, double width,
                       double height, const char *path) {
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_ptr_array_add(words, g_strdup("rsvg-convert"));
	g_ptr_array_add(words, g_strdup("--format=pdf"));
	g_ptr_array_add(words, g_strdup_printf("--page-width=%dmm", paper->width));
	g_ptr_array_add(words, g_strdup_printf("--page-height=%dmm", paper->height));
	g_ptr_array_add(words, g_strdup_printf("--left=%dmm", MARGIN));
	g_ptr_array_add(words, g_strdup_printf("--top=%dmm", MARGIN));
	g_ascii_formatd(number, sizeof number, "%.3f", width);
	g_ptr_array_add(words, g_strdup_printf("--width=%smm", number));
	g_ascii_formatd(number, sizeof number, "%.3f", height);
	g_ptr_array_add(words, g_strdup_printf("--height=%smm", number));
	g_ptr_array_add(words, g_strdup_printf("--output=%s", path));
	for (guint i = 0; i < pages; i++)
		g_ptr_array_add(words, g_strdup_printf("%s/%u.svg", dir, i));
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

static bool write_pages(const struct layout *l, const GArray *pages, double height, const char *dir,
                        GError **error) {
	bool good = true;

	for (guint i = 0; i < pages->len && good; i++) {
		g_autofree char *path = g_strdup_printf("%s/%u.svg", dir, i);
		GString *svg = chart_page_svg(l, pages, i, height);

		good = g_file_set_contents(path, svg->str, (gssize)svg->len, error);
		g_string_free(svg, TRUE);
	}
	return good;
}

static void in_child(gpointer none) {
	(void)none;
	interrupt_unblock();
}

static bool convert(char **words, GError **error) {
	g_auto(GStrv) environ = g_environ_setenv(g_get_environ(), "SOURCE_DATE_EPOCH", "0", TRUE);
	g_autofree char *said = NULL;
	int status = 0;

	if (!g_spawn_sync(NULL, words, environ, G_SPAWN_SEARCH_PATH, in_child, NULL, NULL, &said,
	                  &status, NULL)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--out: a PDF is made by rsvg-convert (librsvg2-bin), which is not "
		            "here; allowed: a name that ends in .svg");
		return false;
	}
	if (g_spawn_check_wait_status(status, NULL))
		return true;
	g_strdelimit(g_strstrip(said), "\n", ' ');
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--out: rsvg-convert: %s; allowed: a file in a folder that there is", said);
	return false;
}

/* The smallest on which it can be read. */
static const struct paper *paper_for(const struct layout *l) {
	const double pixel = (papers[0].width - 2 * MARGIN) / CHART_WIDE;
	const struct paper *paper = papers;

	while (paper < papers + G_N_ELEMENTS(papers) - 1 &&
	       l->width * pixel > paper->width - 2 * MARGIN)
		paper++;
	return paper;
}

bool chart_pdf(const struct layout *l, const char *path, GError **error) {
	const struct paper *paper = paper_for(l);
	double pixel = fmin((paper->width - 2 * MARGIN) / l->width, PIXEL);
	double height = floor((paper->height - 2 * MARGIN) / pixel);
	g_autofree char *dir = g_dir_make_tmp("sopsim-chart-XXXXXX", error);
	g_autoptr(GArray) pages = layout_pages(l, height);
	bool good = dir && write_pages(l, pages, height, dir, error);

	if (good) {
		g_auto(GStrv) words =
			words_of(dir, pages->len, paper, l->width * pixel, height * pixel, path);

		good = convert(words, error);
	}
	if (dir)
		folder_remove(dir);
	return good;
}
