/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The axes of a sweep's figure: from where to where, and which of their numbers have room for a label. */
#ifndef LAB_SWEEP_AXIS_H
#define LAB_SWEEP_AXIS_H

#include "lab/figures/sweep_space.h"

/* In the unit of what is measured. */
struct span {
	double low, high, step; /* step: between two tics; a factor if it is logarithmic */
	bool logarithmic;
};

/* Font of tics, pixels. */
#define TIC_FONT 10

/* What holds a column's values, with their intervals, in all panels; from zero, unless they span more than
 * a factor of 100. */
struct span axis_of_values(const struct space *space, const struct column *column);
/* Where a value is, from 0 at the low end to 1. */
double span_part(const struct span *span, double value);
/* Pixels that its labels take to the left of the axis. */
double axis_tic_width(const struct span *span);
void axis_write_values(const struct span *span, GString *script);

/* The x axis of a panel so many pixels wide. */
struct span axis_of_x(const struct space *space);
/* Pixels that its labels take below the axis. */
double axis_height(const struct space *space, double width);
void axis_write_x(const struct space *space, double width, GString *script);

#endif
