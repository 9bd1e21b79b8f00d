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

/* The SVG that gnuplot makes of `script` (terminal and styles are set for it), without a file on
 * the way.  NULL and *error if gnuplot is missing or refuses (LAB_ERROR_PICTURE), or if a signal
 * came (see interrupt.h; LAB_ERROR_INPUT). */
GString *gnuplot_draw(const char *script, GError **error);

#endif
