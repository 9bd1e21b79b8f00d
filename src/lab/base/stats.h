/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Means, differences and ratios with their 95 % confidence intervals, over few independent values:
 * repetitions, runs of other seeds.  Student's t.
 */
#ifndef LAB_STATS_H
#define LAB_STATS_H

#include <stddef.h>

/* A number with the half width of its 95 % confidence interval (NAN: it has none). */
struct estimate {
	double value, ci95;
};

/* Mean of n > 0 values. */
double stats_mean(const double *x, size_t n);

/* For the estimates below, and for tests: half width of the 95 % confidence interval of the mean, from n
 * independent values; NAN for fewer than two. */
double stats_ci95(const double *x, size_t n);

/* The same for what is left of n values when the largest and the smallest are dropped (the
 * paper's rule for Table 1); of all of them when n < 3. */
double stats_trimmed_ci95(const double *x, size_t n);

/* Both; NAN for no value at all. */
struct estimate stats_estimate(const double *x, size_t n);

/* The factor of Student's distribution for a 95 % interval with that many degrees of freedom. */
double stats_student95(double freedom);

/* --- pairs: a[i] and b[i] have the i-th seed in common -------------------------------------------
 *
 * What a seed does to both falls out of what is between them: runs that see the same requests are
 * compared with far fewer of them than runs that do not. */

/* Of a less b. */
struct estimate stats_difference(const double *a, const double *b, size_t n);

/* Of the mean of a over that of b, by Fieller's theorem (1954), which is exact where the pairs are
 * normal.  Its interval has two unequal halves: the wider one is told.  Where b hardly varies, as here,
 * it is what the delta method gives; INFINITY where b might be zero. */
struct estimate stats_ratio(const double *a, const double *b, size_t n);

/* Of a where b is zero, by the straight line through at least four pairs: with a control b, known to be
 * zero in the long run, what it did to a is taken off.  Fewer, or a b that is always the same, say nothing
 * of the line: the mean of a. */
struct estimate stats_controlled(const double *a, const double *b, size_t n);

/* --- as many as it takes ------------------------------------------------------------------------- */

/* When a number is known well enough. */
struct stats_goal {
	double precision;     /* half the interval is at most this share of the mean */
	unsigned least, most; /* values, whatever the precision */
};

/* A least number with which looking again and again costs little: intervals that were looked at until they
 * were narrow enough hold the mean in 93 to 95 % of cases (test `sequential` of lab_stats). */
#define STATS_LEAST 10

/* How many values there should be, n of which are there; n: no more.  Grows by half at most, since
 * what is expected of few values is not to be relied on. */
unsigned stats_wanted(const struct stats_goal *goal, const double *x, unsigned n);

#endif
