/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures, drawn by gnuplot.  Its scripts are written here and nowhere else: what comes from
 * outside, such as titles and values, enters them as text that gnuplot cannot take for a command.
 */
#ifndef LAB_GNUPLOT_H
#define LAB_GNUPLOT_H

#include <stdbool.h>

#include "lab/base/error.h"

/* Appends any text as a string constant.  Where it becomes the label of a tic, gnuplot prints it as
 * a format: `format` doubles the per cent signs. */
void gnuplot_text(GString *script, const char *text);
void gnuplot_format(GString *script, const char *text);

enum picture { PICTURE_SVG, PICTURE_PDF };

/* The picture that gnuplot makes of `script`, without a file on the way: the same bytes of the same script.
 * Styles of lines 1 to 6, of the colours c1 to c6, are set for it, and a page of 800 x 500 with a font of 14; another one by the
 * line `eval page(WIDTH,HEIGHT,FONT)` (pixels; points of 1/72 inch in a PDF).  NULL and *error if gnuplot
 * is missing or refuses (LAB_ERROR_PICTURE), or if a signal came (see interrupt.h; LAB_ERROR_INPUT). */
GString *gnuplot_draw(const char *script, enum picture picture, GError **error);

#endif
