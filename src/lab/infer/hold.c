/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which numbers hold although nothing makes them? */
#include "lab/infer/hold.h"

#include <math.h>

#include "lab/infer/region.h"
#include "sim/rng.h"

/* How likely number k holds of a system, by the closed form. */
static double chance(const struct inference *in, const double *y, unsigned k) {
	const struct number *number = &in->numbers->list[k];

	return within_chance(y[k], number->paper, number->within, emulator_off(in->emulator)[k]);
}

static void without(const struct inference *in, unsigned k, gsl_rng *rng, struct hold *hold) {
	g_autofree double *paper = infer_paper(in->numbers),
			  *within = infer_within(in->numbers, true),
			  *y = g_new(double, in->numbers->n), *values = g_new(double, in->draws);
	unsigned draws = MAX(in->draws / 4, 100);
	g_autofree double *x = NULL;
	const struct wanted wanted = {paper, within};

	within[k] = 0;
	x = propose(in->emulator, in->unknowns, in->numbers, &wanted, draws, rng);
	hold->share[k] = 0;
	for (unsigned i = 0; i < draws; i++) {
		emulator_numbers(in->emulator, x + (size_t)i * in->unknowns->n, y);
		hold->share[k] += chance(in, y, k) / draws;
		values[i] = y[k];
	}
	hold->median[k] = region_band_of(values, draws).median;
}

struct hold *hold_new(const struct inference *in) {
	struct hold *hold = g_new0(struct hold, 1);
	gsl_rng *rng = sim_rng_from_seed(in->seed, "infer.hold");

	hold->n = in->numbers->n;
	hold->share = g_new(double, hold->n);
	hold->median = g_new(double, hold->n);
	for (unsigned k = 0; k < hold->n; k++) {
		hold->share[k] = hold->median[k] = NAN;
		if (number_used(&in->numbers->list[k]))
			without(in, k, rng, hold);
	}
	gsl_rng_free(rng);
	return hold;
}

void hold_free(struct hold *hold) {
	g_free(hold->share);
	g_free(hold->median);
	g_free(hold);
}

/* --- hypotheses -------------------------------------------------------------------------------------- */

bool hypothesis_tested(const struct inference *in, unsigned unknown) {
	for (unsigned k = 0; k < in->numbers->n; k++)
		if (in->numbers->list[k].tests == (int)unknown)
			return true;
	return false;
}

static bool tests(const struct inference *in, unsigned k, unsigned unknown) {
	return number_used(&in->numbers->list[k]) && in->numbers->list[k].tests == (int)unknown;
}

struct hypothesis hypothesis_of(const struct inference *in, unsigned unknown, unsigned word) {
	const struct unknown *u = &in->unknowns->list[unknown];
	struct hypothesis h = {.each = g_new0(double, in->numbers->n)};
	g_autofree double *y = g_new(double, in->numbers->n);
	unsigned n = in->unknowns->n, with = 0;

	for (unsigned i = 0; i < in->draws; i++) {
		const double *x = in->hypotheses + (size_t)i * n;
		double all = 1;

		h.after += (double)(unknown_word(u, in->all[(size_t)i * n + unknown]) == word) /
		           in->draws;
		if (unknown_word(u, x[unknown]) != word)
			continue;
		with++;
		emulator_numbers(in->emulator, x, y);
		for (unsigned k = 0; k < in->numbers->n; k++)
			if (tests(in, k, unknown)) {
				h.each[k] += chance(in, y, k);
				all *= chance(in, y, k);
			}
		h.both += all;
	}
	h.before = (double)with / in->draws;
	h.both /= MAX(with, 1);
	for (unsigned k = 0; k < in->numbers->n; k++)
		h.each[k] = tests(in, k, unknown) ? h.each[k] / MAX(with, 1) : NAN;
	return h;
}

void hypothesis_clear(struct hypothesis *hypothesis) { g_free(hypothesis->each); }
