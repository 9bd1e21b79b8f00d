/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means and their confidence intervals, over few values: Student's t. */
#ifndef LAB_STATS_H
#define LAB_STATS_H

#include <stddef.h>

/* Mean of n > 0 values. */
double stats_mean(const double *x, size_t n);

/* Half width of the 95 % confidence interval of the mean, from n independent values (batch means,
 * repetitions); NAN for fewer than two. */
double stats_ci95(const double *x, size_t n);

/* The same for what is left of n values when the largest and the smallest are dropped (the
 * paper's rule for Table 1); of all of them when n < 3. */
double stats_trimmed_ci95(const double *x, size_t n);

#endif
