/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/base/stats.h"

#include <glib.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

double stats_mean(const double *x, size_t n) { return gsl_stats_mean(x, 1, n); }

double stats_ci95(const double *x, size_t n) {
	if (n < 2)
		return NAN;
	return gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * gsl_stats_sd(x, 1, n) / sqrt((double)n);
}

double stats_trimmed_ci95(const double *x, size_t n) {
	g_autofree double *sorted = NULL;

	if (n < 3)
		return stats_ci95(x, n);
	sorted = g_memdup2(x, n * sizeof *x);
	gsl_sort(sorted, 1, n);
	return stats_ci95(sorted + 1, n - 2);
}
