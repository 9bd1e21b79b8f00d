/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do outputs depend on inputs, by a straight line in each? */
#include "lab/infer/ridge.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

/* Shrinking, in rows: from hardly any to nothing but the constant. */
#define LEAST_SHRINK 0.05
#define SHRINKS 9
#define MORE_SHRINK 4

/* The Cholesky factor of phi' W phi + shrink. */
static gsl_matrix *factor_of(unsigned rows, unsigned inputs, const double *phi, const double *w,
                             double shrink) {
	gsl_matrix *a = gsl_matrix_calloc(inputs, inputs);

	for (unsigned i = 0; i < rows; i++) {
		gsl_vector_const_view row = gsl_vector_const_view_array(phi + i * inputs, inputs);

		gsl_blas_dsyr(CblasLower, w[i], &row.vector, a);
	}
	for (unsigned f = 0; f < inputs; f++)
		*gsl_matrix_ptr(a, f, f) += f ? shrink : 1e-9;
	gsl_linalg_cholesky_decomp1(a);
	return a;
}

static void solve(const gsl_matrix *factor, unsigned rows, unsigned outputs, const double *phi,
                  const double *w, const double *y, double *beta) {
	unsigned inputs = (unsigned)factor->size1;
	gsl_vector *b = gsl_vector_alloc(inputs);

	for (unsigned o = 0; o < outputs; o++) {
		gsl_vector_set_zero(b);
		for (unsigned i = 0; i < rows; i++)
			for (unsigned f = 0; f < inputs; f++)
				*gsl_vector_ptr(b, f) +=
					w[i] * phi[i * inputs + f] * y[i * outputs + o];
		gsl_linalg_cholesky_svx(factor, b);
		for (unsigned f = 0; f < inputs; f++)
			beta[f * outputs + o] = gsl_vector_get(b, f);
	}
	gsl_vector_free(b);
}

/* How much of row i's own value is in what is said of it. */
static double leverage(const gsl_matrix *factor, const double *phi, double w) {
	unsigned inputs = (unsigned)factor->size1;
	gsl_vector *v = gsl_vector_alloc(inputs);
	double sum;

	for (unsigned f = 0; f < inputs; f++)
		gsl_vector_set(v, f, phi[f]);
	gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, factor, v);
	gsl_blas_ddot(v, v, &sum);
	gsl_vector_free(v);
	return fmin(w * sum, 0.95);
}

static double missed(unsigned inputs, unsigned outputs, const double *phi, const double *beta,
                     unsigned o, double y) {
	for (unsigned f = 0; f < inputs; f++)
		y -= phi[f] * beta[f * outputs + o];
	return y;
}

static void spreads(const gsl_matrix *factor, unsigned rows, unsigned outputs, const double *phi,
                    const double *w, const double *y, const double *beta, double *spread) {
	unsigned inputs = (unsigned)factor->size1;
	double all = 0;

	for (unsigned o = 0; o < outputs; o++)
		spread[o] = 0;
	for (unsigned i = 0; i < rows; i++) {
		double own = leverage(factor, phi + i * inputs, w[i]);

		all += w[i];
		for (unsigned o = 0; o < outputs; o++) {
			double off = missed(inputs, outputs, phi + i * inputs, beta, o,
			                    y[i * outputs + o]) /
			             (1 - own);

			spread[o] += w[i] * off * off;
		}
	}
	for (unsigned o = 0; o < outputs; o++)
		spread[o] = sqrt(spread[o] / all);
}

void ridge_fit(unsigned rows, unsigned inputs, unsigned outputs, const double *phi, const double *w,
               const double *y, double *beta, double *spread) {
	g_autofree double *tried = g_new0(double, (size_t)inputs *outputs),
			  *off = g_new(double, outputs), *least = g_new0(double, outputs);
	double shrink = LEAST_SHRINK;

	for (unsigned o = 0; o < outputs; o++)
		least[o] = INFINITY;
	for (unsigned i = 0; i < SHRINKS; i++, shrink *= MORE_SHRINK) {
		gsl_matrix *factor = factor_of(rows, inputs, phi, w, shrink);

		solve(factor, rows, outputs, phi, w, y, tried);
		spreads(factor, rows, outputs, phi, w, y, tried, off);
		gsl_matrix_free(factor);
		for (unsigned o = 0; o < outputs; o++) {
			if (off[o] >= least[o])
				continue;
			least[o] = off[o];
			for (unsigned f = 0; f < inputs; f++)
				beta[f * outputs + o] = tried[f * outputs + o];
		}
	}
	for (unsigned o = 0; spread && o < outputs; o++)
		spread[o] = least[o];
}
