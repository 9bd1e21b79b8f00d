/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often does the region hold a system that is known? */
#include "lab/infer/coverage.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lab/infer/region.h"
#include "sim/rng.h"

/* Papers are like the paper: each number is within that share of it. */
#define LIKENESS 0.4
#define REGION 0.9
#define NARROWER (2.0 / 3)

/* --- papers ----------------------------------------------------------------------------------------- */

/* Systems that are like the paper's. */
static bool add_systems(struct inference *in, unsigned papers, unsigned jobs, gsl_rng *rng,
                        GError **error) {
	g_autofree double *paper = infer_paper(in->numbers),
			  *within = infer_within(in->numbers, true);
	const struct wanted wanted = {paper, within};
	guint from = in->trials->len;
	double *x;

	for (unsigned k = 0; k < in->numbers->n; k++)
		within[k] = number_used(&in->numbers->list[k]) ? LIKENESS * fabs(paper[k]) : 0;
	if (!infer_learn(in, in->trials, NULL, error))
		return false;
	x = propose(in->emulator, in->unknowns, in->numbers, &wanted, in->draws, rng);
	for (unsigned i = 0; i < papers; i++) {
		gulong which = gsl_rng_uniform_int(rng, in->draws);

		g_ptr_array_add(in->trials,
		                trial_new(in->unknowns, in->numbers, x + which * in->unknowns->n));
	}
	g_free(x);
	return trials_run_used(in->simulator, in->trials, from, true, jobs, error);
}

/* What a paper would print of it: to a last digit of twice what a number may be off. */
static double printed(const struct number *number, double y) {
	double unit = 2 * number->within;

	return number_used(number) ? round(y / unit) * unit : NAN;
}

/* --- one of them ------------------------------------------------------------------------------------ */

/* Coordinates of unknowns that are numbers. */
static unsigned numbers_at(const struct unknowns *unknowns, const double *x, double *z) {
	unsigned n = 0;

	for (unsigned u = 0; u < unknowns->n; u++)
		if (unknowns->list[u].law != UNKNOWN_WORDS)
			z[n++] = x[u];
	return n;
}

struct cloud {
	unsigned n; /* coordinates */
	double *mean;
	gsl_matrix *factor; /* of the covariance */
};

static struct cloud cloud_of(const struct inference *in, const double *x) {
	g_autofree double *z = g_new(double, in->unknowns->n);
	struct cloud c = {.mean = g_new0(double, in->unknowns->n)};

	c.n = numbers_at(in->unknowns, x, z);
	c.factor = gsl_matrix_calloc(c.n, c.n);
	for (unsigned i = 0; i < in->draws; i++) {
		numbers_at(in->unknowns, x + (size_t)i * in->unknowns->n, z);
		for (unsigned u = 0; u < c.n; u++)
			c.mean[u] += z[u] / in->draws;
	}
	for (unsigned i = 0; i < in->draws; i++) {
		numbers_at(in->unknowns, x + (size_t)i * in->unknowns->n, z);
		for (unsigned u = 0; u < c.n; u++)
			for (unsigned v = 0; v <= u; v++)
				*gsl_matrix_ptr(c.factor, u, v) +=
					(z[u] - c.mean[u]) * (z[v] - c.mean[v]) / in->draws;
	}
	for (unsigned u = 0; u < c.n; u++)
		*gsl_matrix_ptr(c.factor, u, u) += 1e-9;
	gsl_linalg_cholesky_decomp1(c.factor);
	return c;
}

/* How far a system is from the middle of the cloud, in its own measure. */
static double depth(const struct inference *in, const struct cloud *c, const double *x) {
	gsl_vector *v = gsl_vector_alloc(c->n);
	g_autofree double *z = g_new(double, in->unknowns->n);
	double length;

	numbers_at(in->unknowns, x, z);
	for (unsigned u = 0; u < c->n; u++)
		gsl_vector_set(v, u, z[u] - c->mean[u]);
	gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, c->factor, v);
	length = gsl_blas_dnrm2(v);
	gsl_vector_free(v);
	return length;
}

static bool lies_inside(const struct inference *in, const double *x, const double *truth) {
	struct cloud c = cloud_of(in, x);
	double own = depth(in, &c, truth);
	unsigned nearer = 0;

	for (unsigned i = 0; i < in->draws; i++)
		nearer += depth(in, &c, x + (size_t)i * in->unknowns->n) < own;
	g_free(c.mean);
	gsl_matrix_free(c.factor);
	return nearer < REGION * in->draws;
}

static void count_bands(struct coverage *coverage, const struct inference *in, const double *x,
                        const double *truth) {
	g_autofree const double **places = g_new(const double *, in->draws);

	for (unsigned i = 0; i < in->draws; i++)
		places[i] = x + (size_t)i * in->unknowns->n;
	for (unsigned u = 0; u < in->unknowns->n; u++) {
		const struct unknown *unknown = &in->unknowns->list[u];
		double value = unknown_value(unknown, truth[u]);
		struct band band;

		if (unknown->law == UNKNOWN_WORDS)
			continue;
		band = region_band(unknown, places, u, NULL, in->draws);
		coverage->bands[u] += value >= band.p05 && value <= band.p95;
		coverage->known[u] +=
			unknown_at(unknown, band.p95) - unknown_at(unknown, band.p05) <
			NARROWER * REGION;
	}
}

static bool invert(struct inference *in, struct coverage *coverage, guint which, gsl_rng *rng,
                   GError **error) {
	const struct trial *truth = in->trials->pdata[which];
	g_autoptr(GPtrArray) others = g_ptr_array_new();
	g_autofree double *paper = g_new(double, in->numbers->n),
			  *within = infer_within(in->numbers, true), *x = NULL;
	const struct wanted wanted = {paper, within};

	for (unsigned k = 0; k < in->numbers->n; k++) {
		const struct number *number = &in->numbers->list[k];

		paper[k] = printed(number, truth->y[k]);
		if (number_used(number) && isnan(paper[k]))
			return true; /* a system that cannot serve makes no paper */
	}
	for (guint t = 0; t < in->trials->len; t++)
		if (t != which)
			g_ptr_array_add(others, in->trials->pdata[t]);
	if (!infer_learn(in, others, paper, error))
		return false;
	x = propose(in->emulator, in->unknowns, in->numbers, &wanted, in->draws, rng);
	coverage->papers++;
	coverage->inside += lies_inside(in, x, truth->x);
	count_bands(coverage, in, x, truth->x);
	return true;
}

/* --- all of them ------------------------------------------------------------------------------------ */

static bool measure(struct inference *in, struct coverage *coverage, unsigned papers, unsigned jobs,
                    gsl_rng *rng, GError **error) {
	guint from;

	if (!infer_pilots(in, jobs, error) || !add_systems(in, papers, jobs, rng, error))
		return false;
	from = in->trials->len - papers;
	for (guint i = from; i < in->trials->len; i++)
		if (!invert(in, coverage, i, rng, error))
			return false;
	return true;
}

struct coverage *coverage_measure(struct inference *in, const struct infer_options *o,
                                  unsigned papers, GError **error) {
	struct coverage *coverage = g_new0(struct coverage, 1);
	gsl_rng *rng = sim_rng_from_seed(o->seed, "infer.coverage");

	coverage->bands = g_new0(unsigned, in->unknowns->n);
	coverage->known = g_new0(unsigned, in->unknowns->n);
	if (!measure(in, coverage, papers, o->jobs, rng, error))
		g_clear_pointer(&coverage, coverage_free);
	gsl_rng_free(rng);
	return coverage;
}

void coverage_free(struct coverage *coverage) {
	g_free(coverage->bands);
	g_free(coverage->known);
	g_free(coverage);
}

void coverage_print(const struct coverage *coverage, const struct inference *in) {
	unsigned in_band = 0, bands = 0, n = MAX(coverage->papers, 1);

	printf("%u papers were made of systems that are known; %u of them (%.0f %%) lie in the region of "
	       "90 %%\n\n  %-44s %12s %24s\n",
	       coverage->papers, coverage->inside, 100.0 * coverage->inside / n, "unknown",
	       "in its band", "band under 2/3 of prior");
	for (unsigned u = 0; u < in->unknowns->n; u++) {
		if (in->unknowns->list[u].law == UNKNOWN_WORDS)
			continue;
		printf("  %-44s %10.0f %% %22.0f %%\n", in->unknowns->list[u].label,
		       100.0 * coverage->bands[u] / n, 100.0 * coverage->known[u] / n);
		in_band += coverage->bands[u];
		bands += coverage->papers;
	}
	printf("  %-44s %10.0f %%\n", "all of them", 100.0 * in_band / MAX(bands, 1));
}
