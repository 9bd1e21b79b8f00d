/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well is a mean known, and how many runs more would make it known well enough? */
#include "lab/base/stats.h"

#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

double stats_mean(const double *x, size_t n) { return gsl_stats_mean(x, 1, n); }

double stats_student95(double freedom) { return gsl_cdf_tdist_Pinv(0.975, freedom); }

double stats_ci95(const double *x, size_t n) {
	if (n < 2)
		return NAN;
	return stats_student95((double)(n - 1)) * gsl_stats_sd(x, 1, n) / sqrt((double)n);
}

double stats_trimmed_ci95(const double *x, size_t n) {
	g_autofree double *sorted = NULL;

	if (n < 3)
		return stats_ci95(x, n);
	sorted = g_memdup2(x, n * sizeof *x);
	gsl_sort(sorted, 1, n);
	return stats_ci95(sorted + 1, n - 2);
}

struct estimate stats_estimate(const double *x, size_t n) {
	return (struct estimate){n ? stats_mean(x, n) : NAN, stats_ci95(x, n)};
}

/* --- pairs --------------------------------------------------------------------------------------- */

struct estimate stats_difference(const double *a, const double *b, size_t n) {
	g_autofree double *d = g_new(double, n);

	for (size_t i = 0; i < n; i++)
		d[i] = a[i] - b[i];
	return stats_estimate(d, n);
}

/* The ratios r that t does not tell from the true one: (A - rB)^2 <= k (aa - 2r ab + r^2 bb), with the
 * means A and B, variances and covariance of the pairs and k = t^2 / n. */
struct estimate stats_ratio(const double *a, const double *b, size_t n) {
	struct estimate ratio = {NAN, NAN};
	double A, B, k, t, square, middle, rest, root;

	if (n == 0)
		return ratio;
	A = stats_mean(a, n);
	B = stats_mean(b, n);
	ratio.value = A / B;
	if (n < 2)
		return ratio;
	t = stats_student95((double)(n - 1));
	k = t * t / (double)n;
	square = B * B - k * gsl_stats_variance(b, 1, n);
	middle = A * B - k * gsl_stats_covariance(a, 1, b, 1, n);
	rest = A * A - k * gsl_stats_variance(a, 1, n);
	if (square <= 0) {
		ratio.ci95 = INFINITY;
		return ratio;
	}
	/* Rounding can make it negative where a and b are proportional. */
	root = sqrt(fmax(0, middle * middle - square * rest));
	ratio.ci95 = fmax(fabs((middle + root) / square - ratio.value),
	                  fabs((middle - root) / square - ratio.value));
	return ratio;
}

struct estimate stats_controlled(const double *a, const double *b, size_t n) {
	struct estimate zero;
	double slope, cov00, cov01, cov11, squares;

	if (n < 4 || !(gsl_stats_variance(b, 1, n) > 0))
		return stats_estimate(a, n);
	/* The intercept's variance is that of the residuals, from n - 2 degrees of freedom. */
	gsl_fit_linear(b, 1, a, 1, n, &zero.value, &slope, &cov00, &cov01, &cov11, &squares);
	zero.ci95 = stats_student95((double)(n - 2)) * sqrt(cov00);
	return zero;
}

/* --- as many as it takes ------------------------------------------------------------------------- */

unsigned stats_wanted(const struct stats_goal *goal, const double *x, unsigned n) {
	struct estimate now = stats_estimate(x, n);
	double most = goal->precision * fabs(now.value), more;

	if (n < goal->least)
		return goal->least < goal->most ? goal->least : goal->most;
	if (n >= goal->most || now.ci95 <= most)
		return n;
	more = n < 2 || most <= 0 ? n : ceil(n * (pow(now.ci95 / most, 2) - 1));
	more = fmax(1, fmin(more, ceil(n / 2.0)));
	return n + more < goal->most ? n + (unsigned)more : goal->most;
}
