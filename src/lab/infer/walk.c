/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which systems agree, not far from one that does? */
#include "lab/infer/walk.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#define STEPS 1000

static double reflected(double x) {
	x = fabs(fmod(x, 2));
	x = x > 1 ? 2 - x : x;
	return fmin(x, 1 - 1e-12);
}

void step_along(const struct unknowns *unknowns, const double *from, const double *a,
                const double *b, gsl_rng *rng, double *to) {
	unsigned n = unknowns->n;
	double some = gsl_rng_uniform(rng) < 0.5 ? 1 : 0.3;
	double scale = gsl_rng_uniform(rng) < 0.1 ? 1 : 2.0 / sqrt(2 * n * some);

	scale *= 0.5 + gsl_rng_uniform(rng);
	memcpy(to, from, n * sizeof(double));
	for (unsigned u = 0; u < n; u++)
		if (some == 1 || gsl_rng_uniform(rng) < some)
			to[u] = reflected(to[u] + scale * (a[u] - b[u]) +
			                  gsl_ran_gaussian(rng, 1e-4));
	/* Words have no order: now and then one is drawn anew. */
	if (gsl_rng_uniform(rng) < 0.2)
		to[gsl_rng_uniform_int(rng, n)] = gsl_rng_uniform(rng);
}

static const struct trial *one_of(const GPtrArray *agree, gsl_rng *rng) {
	return agree->pdata[gsl_rng_uniform_int(rng, agree->len)];
}

static bool should_agree(const struct numbers *numbers, const double *y, const double *off) {
	for (unsigned k = 0; k < numbers->n; k++) {
		const struct number *number = &numbers->list[k];

		if (number_used(number) && !(fabs(y[k] + off[k] - number->paper) <= number->within))
			return false;
	}
	return true;
}

double *walk(struct emulator *emulator, const struct unknowns *unknowns,
             const struct numbers *numbers, const GPtrArray *agree, gsl_rng *rng) {
	const struct trial *start = one_of(agree, rng);
	g_autofree double *off = g_new(double, numbers->n), *y = g_new(double, numbers->n),
			  *to = g_new(double, unknowns->n);
	double *x = g_memdup2(start->x, unknowns->n * sizeof *x);
	bool moved = false;

	emulator_numbers(emulator, x, y);
	for (unsigned k = 0; k < numbers->n; k++)
		off[k] = start->y[k] - y[k];
	for (unsigned i = 0; i < STEPS; i++) {
		const struct trial *a = one_of(agree, rng), *b = one_of(agree, rng);

		step_along(unknowns, x, a->x, b->x, rng, to);
		emulator_numbers(emulator, to, y);
		if (!should_agree(numbers, y, off))
			continue;
		memcpy(x, to, unknowns->n * sizeof *x);
		moved = true;
	}
	if (!moved)
		g_clear_pointer(&x, g_free);
	return x;
}
