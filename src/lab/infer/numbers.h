/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The paper's numbers, as [number NAME] groups say them, and the runs that it takes to know them of a
 * system.
 */
#ifndef LAB_NUMBERS_H
#define LAB_NUMBERS_H

#include "lab/campaign/plan.h"
#include "lab/kinds/kinds.h"

/* A run, which several numbers may be of. */
struct numbers_run {
	const char *experiment, *config;
	unsigned offered; /* requests per second; 0: the experiment has no load point */
	bool used;        /* by a number that is used; else only systems that agree have it */
};

struct number {
	const char *name, *label;
	unsigned run, over_run; /* indices of runs */
	GQuark measure, over;   /* over: 0: it is divided by nothing */
	double times, less;
	int minus;            /* a number before it, which is taken off; -1: none */
	double paper, within; /* within 0: it is not used; paper NAN: it does not say */
	int tests; /* of the priors, that whose words are hypotheses about it; -1: none */
};

struct numbers {
	unsigned n, n_runs;
	struct number *list; /* texts are the scenario's */
	struct numbers_run *runs;
};

/* The scenario must stay.  NULL and *error: none is used, an experiment has several load points, or a
 * number takes off one that stands behind it. */
struct numbers *numbers_new(const struct scenario *sc, GError **error);
void numbers_free(struct numbers *numbers);

/* All of them, of what `value` says of a run's measure; NAN if it was not measured. */
void numbers_of(const struct numbers *numbers,
                double (*value)(const void *arg, unsigned run, GQuark measure), const void *arg,
                double *y);

/* The text of a run of a system: what is `drawn` of it goes into the scenario's groups, over which the experiment and
 * the config put what is their own, and `sets` (NULL: none), as --set has them, are stronger than all.  NULL and
 * *error: "a prior" sets what cannot be set, or to what it may not be. */
struct text *numbers_run_text(const struct numbers_run *run, const struct text *text, char **sets,
                              char **drawn, GError **error);

static inline bool number_used(const struct number *number) { return number->within > 0; }

#endif
