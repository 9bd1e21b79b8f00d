/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Systems that, by the closed form, agree with numbers: a population that begins as the priors have it and is
 * led there step by step (sequential Monte Carlo; Del Moral, Doucet and Jasra, J. R. Statist. Soc. B 68, 2006),
 * moved at each step by differences of its own members (ter Braak, Statistics and Computing 16, 2006).
 */
#ifndef LAB_PROPOSE_H
#define LAB_PROPOSE_H

#include <gsl/gsl_rng.h>

#include "lab/infer/emulator.h"

/* What systems are to agree with. */
struct wanted {
	const double *y;      /* of each number, as the paper has it */
	const double *within; /* how far off; 0: the number is not asked for */
};

/* `n` systems after each other, unknowns->n coordinates each, at random: as the priors have them, given that the
 * numbers are within what is wanted, as far as the closed form knows.  To be freed with g_free(). */
double *propose(struct emulator *emulator, const struct unknowns *unknowns,
                const struct numbers *numbers, const struct wanted *wanted, unsigned n,
                gsl_rng *rng);

/* How likely a number is within what is wanted if the closed form says y and is off by `off`: a standard
 * deviation. */
double within_chance(double y, double paper, double within, double off);

#endif
