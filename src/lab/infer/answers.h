/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to the question: as a page for people, as a table of systems, as JSON. */
#ifndef LAB_ANSWERS_H
#define LAB_ANSWERS_H

#include "lab/infer/hold.h"
#include "lab/infer/infer.h"
#include "lab/infer/region.h"

/* To be freed. */
GString *answers_page(const struct inference *in, const struct hold *hold);
/* A line for each system that agrees: its unknowns, then its numbers. */
GString *answers_systems(const struct inference *in);
/* A line for each number: where nine of ten of the systems that agree have it. */
GString *answers_bands(const struct inference *in);
/* A line for each number: what the paper says, and for which share of the systems that agree with all others it
 * holds. */
GString *answers_shares(const struct inference *in, const struct hold *hold);
/* The --set lines of the system that stands for all. */
GString *answers_member(const struct inference *in);
/* On standard output. */
void answers_json(const struct inference *in, const struct hold *hold);

#endif
