/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nearby would a system agree? */
#include "lab/infer/correct.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

#define STEPS 4
#define STEP 0.01 /* of a coordinate, for a slope */
/* Near enough is near enough: what a miss of one tolerance counts against a move. */
#define EASE 0.02
#define EDGE 1e-3

struct job {
	struct emulator *emulator;
	const struct unknowns *unknowns;
	const struct numbers *numbers;
	double *off; /* of each number: what the simulator said more than the closed form; NAN: not used */
	unsigned n, m; /* numbers that are used, unknowns that are numbers */
	double *y;
	gsl_matrix *slopes; /* n x m, in tolerances */
	gsl_vector *missing;
};

/* In tolerances, of each number that is used. */
static void misses(const struct job *job, const double *x, gsl_vector *missing) {
	unsigned row = 0;

	emulator_numbers(job->emulator, x, job->y);
	for (unsigned k = 0; k < job->numbers->n; k++) {
		const struct number *number = &job->numbers->list[k];

		if (!isnan(job->off[k]))
			gsl_vector_set(missing, row++,
			               (number->paper - job->y[k] - job->off[k]) / number->within);
	}
}

static void find_slopes(const struct job *job, double *x) {
	gsl_vector *moved = gsl_vector_alloc(job->n);
	unsigned column = 0;

	for (unsigned u = 0; u < job->unknowns->n; u++) {
		double at = x[u], step = at < 0.5 ? STEP : -STEP;

		if (job->unknowns->list[u].law == UNKNOWN_WORDS)
			continue;
		x[u] = at + step;
		misses(job, x, moved);
		x[u] = at;
		for (unsigned i = 0; i < job->n; i++)
			gsl_matrix_set(
				job->slopes, i, column,
				(gsl_vector_get(job->missing, i) - gsl_vector_get(moved, i)) /
					step);
		column++;
	}
	gsl_vector_free(moved);
}

/* The shortest move: slopes' (slopes slopes' + ease)^-1 missing. */
static void move(const struct job *job, double *x) {
	gsl_matrix *a = gsl_matrix_calloc(job->n, job->n);
	gsl_vector *step = gsl_vector_calloc(job->m);
	unsigned column = 0;

	gsl_blas_dsyrk(CblasLower, CblasNoTrans, 1, job->slopes, 0, a);
	for (unsigned i = 0; i < job->n; i++)
		*gsl_matrix_ptr(a, i, i) += EASE;
	gsl_linalg_cholesky_decomp1(a);
	gsl_linalg_cholesky_svx(a, job->missing);
	gsl_blas_dgemv(CblasTrans, 1, job->slopes, job->missing, 0, step);
	for (unsigned u = 0; u < job->unknowns->n; u++) {
		if (job->unknowns->list[u].law == UNKNOWN_WORDS)
			continue;
		x[u] += gsl_vector_get(step, column++);
		x[u] = CLAMP(x[u], EDGE, 1 - EDGE);
	}
	gsl_vector_free(step);
	gsl_matrix_free(a);
}

/* A number that the trial has not come to is where the closed form says: a move that forgot it would lose it. */
static void take_off(struct job *job, const struct trial *trial) {
	emulator_numbers(job->emulator, trial->x, job->y);
	for (unsigned k = 0; k < job->numbers->n; k++) {
		bool used = number_used(&job->numbers->list[k]);
		double said = isnan(trial->y[k]) ? job->y[k] : trial->y[k];

		job->off[k] = used ? said - job->y[k] : NAN;
		job->n += used;
	}
	for (unsigned u = 0; u < job->unknowns->n; u++)
		job->m += job->unknowns->list[u].law != UNKNOWN_WORDS;
}

double *correct(struct emulator *emulator, const struct unknowns *unknowns,
                const struct numbers *numbers, const struct trial *trial) {
	g_autofree double *off = g_new(double, numbers->n), *y = g_new(double, numbers->n);
	struct job job = {emulator, unknowns, numbers, off, 0, 0, y, NULL, NULL};
	double *x;

	take_off(&job, trial);
	if (job.n == 0 || job.m == 0)
		return NULL;
	x = g_memdup2(trial->x, unknowns->n * sizeof *x);
	job.slopes = gsl_matrix_alloc(job.n, job.m);
	job.missing = gsl_vector_alloc(job.n);
	for (unsigned i = 0; i < STEPS; i++) {
		misses(&job, x, job.missing);
		find_slopes(&job, x);
		move(&job, x);
	}
	gsl_matrix_free(job.slopes);
	gsl_vector_free(job.missing);
	return x;
}
