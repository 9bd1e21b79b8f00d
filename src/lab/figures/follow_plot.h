/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a connection fared, as a picture. */
#ifndef LAB_FOLLOW_PLOT_H
#define LAB_FOLLOW_PLOT_H

#include "lab/figures/csv.h"

/* A script for gnuplot_draw(): window, flight and threshold above, round-trip time and time-out below, with what
 * happened.  `rows`: of a tcp-N.csv, at least one.  Of each curve what can be seen is kept: of all rows within a
 * pixel the first, the lowest, the highest and the last. */
GString *follow_plot(const char *title, const struct csv *rows);

#endif
