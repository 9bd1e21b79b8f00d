/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page that gnuplot draws, on which all that is not an axis has a place in pixels, from the top left corner. */
#ifndef LAB_PAGE_H
#define LAB_PAGE_H

#include <glib.h>

struct page {
	GString *script; /* for gnuplot_draw() */
	unsigned width, height;
};

/* A script that makes a page. */
struct page page_new(unsigned width, unsigned height);

/* `x`, `y`: where it begins, ends or has its middle ("left", "right", "center" and what gnuplot has besides in
 * `how`), in the middle of its height.  Cut where it would be wider than `width`; 0: it is not. */
void page_text(const struct page *page, const char *text, double x, double y, const char *how,
               unsigned font, double width);
/* `how`: "lw 1 lc rgb 'black'". */
void page_line(const struct page *page, double x1, double y1, double x2, double y2,
               const char *how);
/* Filled, before everything else; `colour`: "#rrggbb". */
void page_box(const struct page *page, double x1, double y1, double x2, double y2,
              const char *colour);

/* Where the axes are of what is plotted next. */
void page_frame(const struct page *page, double left, double top, double right, double bottom);
/* Draws texts, lines and boxes of a page that has no plot. */
void page_plot_nothing(const struct page *page);

#endif
