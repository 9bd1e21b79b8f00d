/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a command found, for machines: --json.  One form for all of them (docs/results.md): what ran, whether
 * it held, and a flat list of numbers, each of which says what it is of.
 */
#ifndef LAB_ANSWER_H
#define LAB_ANSWER_H

#include "lab/scenario/scenario.h"
#include "lab/world/measures.h"

struct answer;

/* A number.  NULL and NAN: it does not say. */
struct answer_row {
	const char *of;                  /* what sort of thing it is: "cost", "part", "effect" */
	const char *experiment, *config; /* of the run; "-" counts as not said */
	unsigned offered;                /* its load point, requests a second; 0: none */
	const struct
		answer_place { /* where it lies on the axes of a sweep; ends with a NULL name */
		const char *name, *label;
	} *at;
	const char *group, *type, *measure, *unit;
	double value, ci95;
	unsigned runs; /* that it is the mean of; 0: it is of one */
};

struct answer *answer_new(const char *command, const char *scenario, uint64_t seed);
/* Why it is none to rely on. */
void answer_failed(struct answer *answer, const char *reason);
void answer_add(struct answer *answer, const struct answer_row *row);
/* All that a run measured; `row` says of which. */
void answer_measures(struct answer *answer, const struct scenario *sc, const struct measures *m,
                     const struct answer_row *row);
/* Why a run, `name` (NULL: there is one), is none to rely on, or not quite. */
void answer_judged(struct answer *answer, const char *name, const struct scenario *sc,
                   const struct measures *m);
/* Prints it, and frees it. */
void answer_print(struct answer *answer);

#endif
