/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A Latin hypercube: n points over several ranges, so that each range, cut into n parts, has one
 * point in every part (McKay, Beckman and Conover, Technometrics 21, 1979).  A range's points do not
 * depend on which others there are: it draws from a stream of its own.
 */
#include <gsl/gsl_randist.h>

#include "lab/campaign/axes_parts.h"
#include "sim/rng.h"

/* The n values of one range, in an order of their own. */
static char **draw(const struct dim_open *open, unsigned n, uint64_t seed) {
	g_autofree char *purpose = g_strconcat("sample.", open->key.name, NULL);
	g_autofree unsigned *parts = g_new(unsigned, n);
	char **values = g_new0(char *, n + 1);
	gsl_rng *rng = sim_rng_from_seed(seed, purpose);

	for (unsigned i = 0; i < n; i++)
		parts[i] = i;
	gsl_ran_shuffle(rng, parts, n, sizeof *parts);
	for (unsigned i = 0; i < n; i++)
		values[i] = range_draw(&open->range, (parts[i] + gsl_rng_uniform(rng)) / n);
	gsl_rng_free(rng);
	return values;
}

struct dim *axes_sample(const GArray *open, unsigned n, uint64_t seed) {
	struct dim *dim = dim_new();
	g_autofree char ***values = g_new(char **, open->len);
	g_autofree const char **texts = g_new(const char *, open->len);

	dim->drawn = true;
	for (guint k = 0; k < open->len; k++) {
		const struct dim_open *o = &g_array_index(open, struct dim_open, k);

		dim_add_key(dim, o->key.name, o->key.type);
		values[k] = draw(o, n, seed);
	}
	for (unsigned i = 0; i < n; i++) {
		for (guint k = 0; k < open->len; k++)
			texts[k] = values[k][i];
		dim_add_point(dim, NULL, texts);
	}
	for (guint k = 0; k < open->len; k++)
		g_strfreev(values[k]);
	return dim;
}
