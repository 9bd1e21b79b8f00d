/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nearby would a system agree? */
#include "lab/infer/correct.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

#define STEPS 8
#define STEP 0.01 /* of a coordinate, for a slope */
/* How far, squared, a move of a whole range counts in tolerances: what nothing nearby can make up for is left. */
#define EASE 1
/* Of the way to the end of its prior, no unknown is moved further than that. */
#define FAR 0.8
/* A number that is so near, in tolerances, is left where it is: the longer a move, the less the closed form knows. */
#define NEAR 0.4

struct job {
	struct emulator *emulator;
	const struct unknowns *unknowns;
	const struct numbers *numbers;
	double *off; /* of each number: what the simulator said more than the closed form; NAN: not used */
	unsigned n, m; /* numbers that are used, unknowns that are numbers */
	double *y;
	const double *from;        /* where the trial was */
	gsl_matrix *slopes;        /* n x m, in tolerances */
	gsl_vector *missing, *way; /* numbers; unknowns: from there */
	bool *at_edge; /* of each unknown: it has come as far as it may, and stays there */
};

/* In tolerances, of each number that is used: how far the paper's is. */
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

/* What the end of a prior is near to moves less: a move is counted in ways to there. */
static double room(const struct job *job, unsigned u) {
	return fmax(fmin(job->from[u], 1 - job->from[u]), 1e-3);
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
		gsl_vector_sub(moved, job->missing);
		gsl_vector_scale(moved, job->at_edge[u] ? 0 : -room(job, u) / step);
		gsl_matrix_set_col(job->slopes, column++, moved);
	}
	gsl_vector_free(moved);
}

/* What is to be made up for. */
static void leave_near(gsl_vector *missing) {
	for (size_t i = 0; i < missing->size; i++) {
		double miss = gsl_vector_get(missing, i);

		gsl_vector_set(missing, i, miss - CLAMP(miss, -NEAR, NEAR));
	}
}

/* How far it has come, but for what is at an edge. */
static void measure_way(const struct job *job, const double *x) {
	unsigned column = 0;

	for (unsigned u = 0; u < job->unknowns->n; u++)
		if (job->unknowns->list[u].law != UNKNOWN_WORDS)
			gsl_vector_set(job->way, column++,
			               job->at_edge[u] ? 0 : (x[u] - job->from[u]) / room(job, u));
}

/* So many ways to the end of its prior from where it was. */
static double within_reach(const struct job *job, unsigned u, double way) {
	double from = job->from[u], x = from + way * room(job, u);
	double low = (1 - FAR) * from, high = from + FAR * (1 - from);

	job->at_edge[u] = x < low || x > high;
	return CLAMP(x, low, high);
}

/* The shortest way from where it was: slopes' (slopes slopes' + ease)^-1 (missing + slopes way). */
static void move(const struct job *job, double *x) {
	gsl_matrix *a = gsl_matrix_calloc(job->n, job->n);
	unsigned column = 0;

	measure_way(job, x);
	gsl_blas_dgemv(CblasNoTrans, 1, job->slopes, job->way, 1, job->missing);
	gsl_blas_dsyrk(CblasLower, CblasNoTrans, 1, job->slopes, 0, a);
	for (unsigned i = 0; i < job->n; i++)
		*gsl_matrix_ptr(a, i, i) += EASE;
	gsl_linalg_cholesky_decomp1(a);
	gsl_linalg_cholesky_svx(a, job->missing);
	gsl_blas_dgemv(CblasTrans, 1, job->slopes, job->missing, 0, job->way);
	for (unsigned u = 0; u < job->unknowns->n; u++) {
		if (job->unknowns->list[u].law == UNKNOWN_WORDS)
			continue;
		if (!job->at_edge[u])
			x[u] = within_reach(job, u, gsl_vector_get(job->way, column));
		column++;
	}
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
	g_autofree bool *at_edge = g_new0(bool, unknowns->n);
	struct job job = {.emulator = emulator,
	                  .unknowns = unknowns,
	                  .numbers = numbers,
	                  .off = off,
	                  .y = y,
	                  .from = trial->x,
	                  .at_edge = at_edge};
	double *x;

	take_off(&job, trial);
	if (job.n == 0 || job.m == 0)
		return NULL;
	x = g_memdup2(trial->x, unknowns->n * sizeof *x);
	job.slopes = gsl_matrix_alloc(job.n, job.m);
	job.missing = gsl_vector_alloc(job.n);
	job.way = gsl_vector_alloc(job.m);
	for (unsigned i = 0; i < STEPS; i++) {
		misses(&job, x, job.missing);
		find_slopes(&job, x);
		leave_near(job.missing);
		move(&job, x);
	}
	gsl_matrix_free(job.slopes);
	gsl_vector_free(job.missing);
	gsl_vector_free(job.way);
	return x;
}
