/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Can the question be trusted?  Papers are made of systems that are known, by the simulator, and the question is
 * put to each: how often does the region that comes out hold the system?
 */
#ifndef LAB_COVERAGE_H
#define LAB_COVERAGE_H

#include "lab/infer/infer.h"

struct coverage {
	unsigned papers;
	unsigned
		inside; /* of them: the system lies in the region of all unknowns that are numbers together */
	/* Of each unknown that is a number: papers in which the system's value lies in its band, and in which that band
	 * is narrower than two thirds of what the prior has. */
	unsigned *bands, *known;
};

/* Makes so many papers of systems that are drawn at random from those that are like the paper's (each number within
 * two fifths of it), to the paper's digits.  A region has nine tenths of the systems that the closed form
 * finds, which learns from other systems.  NULL and *error. */
struct coverage *coverage_measure(struct inference *in, const struct infer_options *o,
                                  unsigned papers, GError **error);
void coverage_free(struct coverage *coverage);
void coverage_print(const struct coverage *coverage, const struct inference *in);

#endif
