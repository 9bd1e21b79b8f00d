/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runs that a scenario's experiments ask for: each [experiment], in each of its configs, at
 * each of its load points.
 */
#ifndef LAB_PLAN_H
#define LAB_PLAN_H

#include "lab/run.h"

/* Of one command. */
#define PLAN_MAX_RUNS 10000

struct plan_item {
	const char *experiment, *config;
	unsigned offered;   /* requests per second; 0: the experiment has no load points */
	struct measures *m; /* after plan_run() */
};

struct plan {
	struct text *text;
	struct scenario *sc;
	char **sets;      /* not owned */
	GArray *items;    /* struct plan_item */
	GPtrArray *specs; /* struct run_spec, index-parallel */
	uint64_t seed;
	bool quick;
};

/* Reads `file` and plans every experiment in it, or only `experiment` in `config` (NULL: all).
 * `sets`: "GROUP.KEY=VALUE" texts, stronger than all else; kept by reference; may be NULL.  NULL
 * and *error. */
struct plan *plan_new(const char *file, char **sets, const char *experiment, const char *config,
		      bool quick, uint64_t seed, GError **error);
/* The same of a text that was read already (copied). */
struct plan *plan_of(const struct text *text, char **sets, const char *experiment, const char *config,
		     bool quick, uint64_t seed, GError **error);
void plan_free(struct plan *plan);
bool plan_run(struct plan *plan, unsigned jobs, GError **error);

/* After plan_run(): prints why runs are none to rely on, a line each that begins with `prefix`
 * (NULL: none) and the run's name.  How many there were. */
unsigned plan_verdict(const struct plan *plan, const char *prefix);

/* The i-th item of an experiment in a config, NULL past the end. */
const struct plan_item *plan_nth(const struct plan *plan, const char *experiment,
				 const char *config, unsigned i);

/* The text of a config in an experiment (NULL: none), without a load point.  NULL and *error. */
struct text *plan_text(const struct plan *plan, const char *experiment, const char *config,
		       GError **error);

#endif
