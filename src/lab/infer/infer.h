/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A paper as a question: which systems, of those that the priors of a scenario allow, agree with its numbers?
 * docs/inference.md says how it is answered.
 */
#ifndef LAB_INFER_H
#define LAB_INFER_H

#include "lab/campaign/store.h"
#include "lab/infer/emulator.h"
#include "lab/infer/propose.h"

struct infer_options {
	char **sets;       /* "GROUP.KEY=VALUE", stronger than the scenario; NULL: none */
	unsigned draws;    /* systems that the closed form proposes from, at a time */
	unsigned accepted; /* systems that are wanted; 0: only the pilots run */
	uint64_t seed;     /* of the draws; the runs' own is always the same */
	unsigned jobs;
	const char *out;  /* where runs are kept and the answer is written; NULL: nowhere */
	bool resume;      /* runs that are there need not run again */
	const char *from; /* a region.csv, whose systems are tried first; NULL: none */
};

struct inference {
	struct text *text;
	struct scenario *sc; /* with what --set says */
	struct unknowns *unknowns;
	struct numbers *numbers;
	struct prices *prices;
	struct emulator *emulator;
	GPtrArray *trials;   /* struct trial: the pilots, then what was proposed */
	unsigned pilots;     /* of them */
	GPtrArray *accepted; /* those of the trials that agree */
	guint found;         /* of them without a walk from others */
	double *hypotheses; /* draws systems by the closed form, without the numbers that test a hypothesis */
	double *all; /* the same with them */
	unsigned draws;
	uint64_t seed;
	struct trials *simulator;
	struct store *store; /* NULL: runs are kept nowhere */
};

/* The scenario that asks about `path`: itself if it has priors, else infer/NAME beside it.  NULL and *error. */
struct text *infer_text(const char *path, GError **error);

/* All but a system: `text` is kept by reference.  NULL and *error: as unknowns_new() and the like, or the folder
 * has runs and is not to be resumed. */
struct inference *infer_open(struct text *text, const struct infer_options *o, GError **error);
/* Adds the pilots, of the seed alone, and tries them.  False and *error. */
bool infer_pilots(struct inference *in, unsigned jobs, GError **error);

/* Finds the systems.  `text` is kept by reference.  NULL and *error. */
struct inference *infer_run(struct text *text, const struct infer_options *o, GError **error);
void inference_free(struct inference *inference);

/* The paper's numbers and how far off they may be, as arrays with one for each number; to be freed with
 * g_free().  `all`: with those that test a hypothesis. */
double *infer_paper(const struct numbers *numbers);
double *infer_within(const struct numbers *numbers, bool all);

/* The closed form learns from the trials, most from those that are near to a paper's numbers (NULL: from all alike).
 * false and *error: too few of them ran. */
bool infer_learn(struct inference *in, const GPtrArray *trials, const double *near, GError **error);

#endif
