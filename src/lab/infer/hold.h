/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is no matter of course: for which share of the systems that agree with all other numbers one holds, too, and
 * how well each hypothesis explains those that test it.  By the closed form.
 */
#ifndef LAB_HOLD_H
#define LAB_HOLD_H

#include "lab/infer/infer.h"

struct hold {
	unsigned n;     /* of numbers */
	double *share;  /* of each; NAN: it is not used */
	double *median; /* of what those systems say */
};

/* As long as it takes to lead a population to all numbers but one, for each.  To be freed with hold_free(). */
struct hold *hold_new(const struct inference *in);
void hold_free(struct hold *hold);

/* Of one word of the unknown that numbers test. */
struct hypothesis {
	double before; /* share of the systems that agree with the numbers which test nothing */
	double both;   /* of those, that all numbers hold which test it ... */
	double *each;  /* ... and each of them; one for each number, NAN of others */
	double after;  /* share of the systems that agree with all */
};

/* To be freed with hypothesis_clear(). */
struct hypothesis hypothesis_of(const struct inference *in, unsigned unknown, unsigned word);
void hypothesis_clear(struct hypothesis *hypothesis);
/* Whether any number tests it. */
bool hypothesis_tested(const struct inference *in, unsigned unknown);

#endif
