/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Systems that the simulator tries: each in all the runs that the paper's numbers are of, in processes of
 * their own.
 */
#ifndef LAB_TRIALS_H
#define LAB_TRIALS_H

#include "lab/campaign/record.h"
#include "lab/infer/numbers.h"
#include "lab/infer/unknowns.h"

/* A system, and what came of it. */
struct trial {
	double *x; /* of the unknowns */
	unsigned n_runs;
	struct record **records; /* of the runs, as numbers have them; NULL: it has not run */
	double *y;        /* the numbers; NAN: not known, or of a run that is none to rely on */
	double **account; /* for emulator.c: what it has read from the records; NULL: not yet */
};

struct trials;

/* `dir`: where runs are kept, and those that are there need not run again; NULL: nowhere.  All are kept by
 * reference.  NULL and *error. */
struct trials *trials_new(const struct text *text, char **sets, uint64_t seed, const char *dir,
                          const struct unknowns *unknowns, const struct numbers *numbers,
                          GError **error);
void trials_free(struct trials *trials);

/* A system to be tried, at a place that is copied; to be freed with trial_free(), a gpointer for arrays. */
struct trial *trial_new(const struct unknowns *unknowns, const struct numbers *numbers,
                        const double *x);
void trial_free(gpointer trial);

/* Does the runs that are used, one after the other, of those trials (struct trial) in the list, from `first` on, that do
 * not disagree yet, or, `whatever`, of all of them; those without a load, which are short, whatever was before.  `jobs`
 * at a time.  False and *error. */
bool trials_run_used(struct trials *trials, GPtrArray *list, guint first, bool whatever,
                     unsigned jobs, GError **error);
/* The same of all runs that no number that is used is of. */
bool trials_run_rest(struct trials *trials, GPtrArray *list, unsigned jobs, GError **error);

/* A measure of one of a trial's runs, for numbers_of(); NAN: it has not run. */
double trial_value(const void *trial, unsigned run, GQuark measure);
/* Whether all that are used are as the paper says. */
bool trial_agrees(const struct trial *trial, const struct numbers *numbers);

#endif
