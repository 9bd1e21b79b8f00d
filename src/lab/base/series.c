/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the parts of one run depend on each other, and what does that leave of its interval? */
#include "lab/base/series.h"

#include <gsl/gsl_statistics.h>
#include <math.h>

/* Cosines of a series by itself, and beside a control, which takes one degree of freedom.  So slow that
 * what swings faster than in a fourth of the window does not count; more of them would see too much in
 * a closed loop (docs/figures.md has what was measured). */
#define COSINES 4
#define COSINES_CONTROL 6

/* The j-th cosine coefficient; of numbers that do not depend on each other its square is their variance, on
 * average. */
static double coefficient(const double *x, size_t n, unsigned j) {
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * cos(M_PI * j * ((double)i + 0.5) / (double)n);
	return sum * sqrt(2 / (double)n);
}

static struct estimate plain_mean(const double *x, size_t n) {
	double squares = 0;

	for (unsigned j = 1; j <= COSINES; j++)
		squares += pow(coefficient(x, n, j), 2);
	return (struct estimate){stats_mean(x, n),
	                         stats_student95(COSINES) * sqrt(squares / COSINES / (double)n)};
}

static struct estimate controlled_mean(const double *x, const double *control, size_t n) {
	double xx = 0, xc = 0, cc = 0, off = stats_mean(control, n), rest;

	for (unsigned j = 1; j <= COSINES_CONTROL; j++) {
		double a = coefficient(x, n, j), b = coefficient(control, n, j);

		xx += a * a;
		xc += a * b;
		cc += b * b;
	}
	if (!(cc > 0))
		return plain_mean(x, n); /* a control that never moves, or that cannot be told */
	/* Rounding can make it negative where the control explains all. */
	rest = fmax(0, xx - xc * xc / cc) / (COSINES_CONTROL - 1);
	return (struct estimate){stats_mean(x, n) - xc / cc * off,
	                         stats_student95(COSINES_CONTROL - 1) *
	                                 sqrt(rest * (1 / (double)n + off * off / cc))};
}

struct estimate series_mean(const double *x, const double *control, size_t n) {
	if (n < SERIES_LEAST)
		return stats_estimate(x, n);
	return control ? controlled_mean(x, control, n) : plain_mean(x, n);
}

bool series_dependent(const double *x, size_t n) {
	double squares = 0, steps = 0, sd, mean;

	if (n < SERIES_LEAST)
		return false;
	mean = stats_mean(x, n);
	for (size_t i = 0; i < n; i++) {
		squares += pow(x[i] - mean, 2);
		steps += i ? pow(x[i] - x[i - 1], 2) : 0;
	}
	/* About normal around 2; 2.326 of its deviations below it is one in a hundred. */
	sd = sqrt(4 * ((double)n - 2) / ((double)n * (double)n - 1));
	return squares > 0 && steps / squares < 2 - 2.326 * sd;
}

size_t series_unsettled(const double *x, size_t n) {
	double least = INFINITY, first, rest, sd;
	size_t cut = 0;

	if (n < SERIES_LEAST)
		return 0;
	for (size_t d = 0; d <= n / 2; d++) {
		double error = gsl_stats_variance(x + d, 1, n - d) / (double)(n - d);

		if (error < least) {
			least = error;
			cut = d;
		}
	}
	if (cut == 0)
		return 0;
	first = stats_mean(x, cut);
	rest = stats_mean(x + cut, n - cut);
	sd = gsl_stats_sd(x + cut, 1, n - cut) * sqrt(1 / (double)cut + 1 / (double)(n - cut));
	return fabs(first - rest) > 4 * sd ? cut : 0;
}
