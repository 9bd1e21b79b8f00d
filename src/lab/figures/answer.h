/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a command found, for machines: --json.  One form for all of them (docs/results.md): what ran, whether
 * it held, and a flat list of numbers, each of which says what it is of.
 */
#ifndef LAB_ANSWER_H
#define LAB_ANSWER_H

#include "lab/campaign/plan.h"

struct answer;

/* What one command tells of a number besides: a word, or, with a NULL text, another number. */
struct answer_more {
	const char *name, *text;
	double number;
};

/* A number.  NULL and NAN: it does not say; a row without a unit has no number. */
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
	unsigned runs;                  /* that it is the mean of; 0: it is of one */
	const struct answer_more *more; /* ends with a NULL name; NULL: nothing */
};

/* Of a command that runs nothing. */
#define ANSWER_NO_SEED UINT64_MAX

/* `scenario` NULL: it is about none. */
struct answer *answer_new(const char *command, const char *scenario, uint64_t seed);
/* Why it is none to rely on. */
void answer_failed(struct answer *answer, const char *reason);
/* What is to be taken with care. */
void answer_warned(struct answer *answer, const char *warning);
void answer_add(struct answer *answer, const struct answer_row *row);
/* All that a run measured; `row` says of which. */
void answer_measures(struct answer *answer, const struct scenario *sc, const struct measures *m,
                     const struct answer_row *row);
/* Why a run, `name` (NULL: there is one), is none to rely on, or not quite. */
void answer_judged(struct answer *answer, const char *name, const struct scenario *sc,
                   const struct measures *m);
/* And why runs of a plan are. */
void answer_judged_plan(struct answer *answer, const struct plan *plan);
/* Prints it, and frees it. */
void answer_print(struct answer *answer);
/* The same if all went `well`: what there is none of is not printed.  NULL: nothing. */
void answer_end(struct answer *answer, bool well);

#endif
