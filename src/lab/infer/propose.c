/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which systems would agree with the paper? */
#include "lab/infer/propose.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "lab/infer/walk.h"

#define MOVES 6          /* of each member at each step */
#define LAST_MOVES 24    /* at the last */
#define STEPS 60         /* at most */
#define NARROW 0.02      /* a width, as a share of the numbers' range, from which on it is as good as none */
#define SMALLEST 1e-300

struct population {
	struct emulator *emulator;
	const struct unknowns *unknowns;
	const struct numbers *numbers;
	const struct wanted *wanted;
	gsl_rng *rng;
	unsigned n;
	double *x, *y; /* of all: places, and numbers by the closed form */
	double *tried_x, *tried_y;
	double width; /* what is added to the closed form's own error, of the numbers' range */
};

/* Of member i. */
static double *place_of(const struct population *p, unsigned i) {
	return p->x + (size_t)i * p->unknowns->n;
}

static double *numbers_at(const struct population *p, unsigned i) {
	return p->y + (size_t)i * p->numbers->n;
}

double within_chance(double y, double paper, double within, double off) {
	return gsl_cdf_ugaussian_P((paper + within - y) / off) -
	       gsl_cdf_ugaussian_P((paper - within - y) / off);
}

/* The logarithm of how likely all numbers are within, if that much is added. */
static double fit(const struct population *p, const double *y, double width) {
	const double *off = emulator_off(p->emulator), *range = emulator_range(p->emulator);
	double sum = 0;

	for (unsigned k = 0; k < p->numbers->n; k++) {
		double within = p->wanted->within[k];

		if (within > 0) {
			double all = hypot(off[k], width * range[k]);
			/* Of a flat kernel with tails: what is left of the chance for the width. */
			double chance = within_chance(y[k], p->wanted->y[k],
			                              within + width * range[k], all);

			sum += log(fmax(chance, SMALLEST));
		}
	}
	return sum;
}

/* --- moves ---------------------------------------------------------------------------------------- */

/* A member's place, one step on. */
static void try_place(struct population *p, unsigned i) {
	unsigned a = (unsigned)gsl_rng_uniform_int(p->rng, p->n),
		 b = (unsigned)gsl_rng_uniform_int(p->rng, p->n);

	step_along(p->unknowns, place_of(p, i), place_of(p, a), place_of(p, b), p->rng, p->tried_x);
}

static bool move(struct population *p, unsigned i) {
	double gained;

	try_place(p, i);
	emulator_numbers(p->emulator, p->tried_x, p->tried_y);
	gained = fit(p, p->tried_y, p->width) - fit(p, numbers_at(p, i), p->width);
	if (log(gsl_rng_uniform_pos(p->rng)) >= gained)
		return false;
	memcpy(place_of(p, i), p->tried_x, p->unknowns->n * sizeof(double));
	memcpy(numbers_at(p, i), p->tried_y, p->numbers->n * sizeof(double));
	return true;
}

static void move_all(struct population *p, unsigned times) {
	for (unsigned t = 0; t < times; t++)
		for (unsigned i = 0; i < p->n; i++)
			move(p, i);
}

/* --- steps ---------------------------------------------------------------------------------------- */

static void weigh(const struct population *p, double width, double *w) {
	double most = -INFINITY, sum = 0;

	for (unsigned i = 0; i < p->n; i++) {
		w[i] = fit(p, numbers_at(p, i), width) - fit(p, numbers_at(p, i), p->width);
		most = fmax(most, w[i]);
	}
	for (unsigned i = 0; i < p->n; i++)
		sum += w[i] = exp(w[i] - most);
	for (unsigned i = 0; i < p->n; i++)
		w[i] /= sum;
}

static double effective(const double *w, unsigned n) {
	double square = 0;

	for (unsigned i = 0; i < n; i++)
		square += w[i] * w[i];
	return 1 / square;
}

/* The least width at which half of the population still counts. */
static double next_width(const struct population *p, double *w) {
	double low = 0, high = p->width;

	weigh(p, 0, w);
	if (p->width <= NARROW * 1e-3 || effective(w, p->n) >= p->n / 2.0)
		return 0;
	for (unsigned i = 0; i < 30; i++) {
		double middle = (low + high) / 2;

		weigh(p, middle, w);
		*(effective(w, p->n) < p->n / 2.0 ? &low : &high) = middle;
	}
	weigh(p, high, w);
	return high;
}

/* Systematic resampling: each as often as its weight says, to the next whole number. */
static void resample(struct population *p, const double *w) {
	unsigned nx = p->unknowns->n, ny = p->numbers->n, from = 0;
	double *x = g_new(double, (size_t)p->n *nx), *y = g_new(double, (size_t)p->n *ny);
	double at = gsl_rng_uniform(p->rng), sum = w[0] * p->n;

	for (unsigned i = 0; i < p->n; i++, at++) {
		while (sum < at && from + 1 < p->n)
			sum += w[++from] * p->n;
		memcpy(x + (size_t)i * nx, place_of(p, from), nx * sizeof *x);
		memcpy(y + (size_t)i * ny, numbers_at(p, from), ny * sizeof *y);
	}
	memcpy(p->x, x, (size_t)p->n * nx * sizeof *x);
	memcpy(p->y, y, (size_t)p->n * ny * sizeof *y);
	g_free(x);
	g_free(y);
}

static void begin(struct population *p) {
	for (unsigned i = 0; i < p->n; i++) {
		for (unsigned u = 0; u < p->unknowns->n; u++)
			place_of(p, i)[u] = gsl_rng_uniform(p->rng);
		emulator_numbers(p->emulator, place_of(p, i), numbers_at(p, i));
	}
}

double *propose(struct emulator *emulator, const struct unknowns *unknowns,
                const struct numbers *numbers, const struct wanted *wanted, unsigned n,
                gsl_rng *rng) {
	g_autofree double *w = g_new0(double, n), *y = g_new(double, (size_t)n * numbers->n),
			  *tried_x = g_new(double, unknowns->n),
			  *tried_y = g_new(double, numbers->n);
	struct population p = {.emulator = emulator,
	                       .unknowns = unknowns,
	                       .numbers = numbers,
	                       .wanted = wanted,
	                       .rng = rng,
	                       .n = n,
	                       .x = g_new(double, (size_t)n * unknowns->n),
	                       .y = y,
	                       .tried_x = tried_x,
	                       .tried_y = tried_y,
	                       .width = 10};

	begin(&p);
	for (unsigned step = 0; step < STEPS && p.width > 0; step++) {
		double width = next_width(&p, w);

		resample(&p, w);
		p.width = width;
		move_all(&p, width > 0 ? MOVES : LAST_MOVES);
	}
	return p.x;
}
