/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures as SVG, drawn here: bars and labels for comparisons and reports.  Text is text, nothing is a
 * script, and a title and a description say what there is to see to who cannot see it.  Looks are classes,
 * with the picture's own class before each rule, so that a page may hold several.
 */
#ifndef LAB_SVG_H
#define LAB_SVG_H

#include <glib.h>

struct svg;

/* The class of each picture and its rules; for a page that holds pictures without their own rules. */
#define SVG_CLASS "sopsim-bars"
extern const char svg_rules[];

/* A page of so many pixels.  `rules`: it has its own, as a file needs them. */
struct svg *svg_new(double width, double height, const char *title, const char *text,
                    gboolean rules);
/* `look`: classes: "s0" and "s1", "l0" to "l6" as layer_looks has them, "c0" to "c5"
 * of lines, "axis".  `tip` is shown where the mouse rests; NULL: nothing. */
void svg_rect(struct svg *svg, double x, double y, double width, double height, const char *look,
              const char *tip);
void svg_line(struct svg *svg, double x1, double y1, double x2, double y2, const char *look);
/* A line through `n` points; where one is NAN it is broken. */
void svg_path(struct svg *svg, const double *x, const double *y, guint n, const char *look);
/* What follows belongs together, until svg_ungroup().  `more`: attributes, " name=\"value\""; "": none. */
void svg_group(struct svg *svg, const char *look, const char *more);
void svg_ungroup(struct svg *svg);
/* `anchor`: 's' it begins at x, 'm' its middle is there, 'e' it ends there.  `look`: "" as text is. */
void svg_text(struct svg *svg, double x, double y, char anchor, const char *look, const char *text);
/* The picture; frees it. */
GString *svg_end(struct svg *svg);

/* Text for XML: & < > " and what XML cannot say is replaced. */
void svg_escape(GString *out, const char *text);

#endif
