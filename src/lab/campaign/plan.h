/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runs that a scenario's experiments ask for: each [experiment], in each of its configs, at
 * each of its load points.
 */
#ifndef LAB_PLAN_H
#define LAB_PLAN_H

#include "lab/campaign/point.h"
#include "lab/campaign/run.h"

/* Of one command. */
#define PLAN_MAX_RUNS POINTS_MAX

struct plan_item {
	const char *experiment, *config;
	unsigned offered;     /* requests per second; 0: the experiment has no load points */
	unsigned replication; /* 0, 1 ...: the seeds from the plan's on */
	struct measures *m;   /* after plan_run() */
};

struct plan {
	struct text *text;
	struct scenario *sc;
	char **sets;        /* not owned */
	unsigned n_sets;    /* of them what --set gives: the rest ... */
	const char *varied; /* ... comes from there ("--vary"); NULL: there is no rest */
	GArray *items;      /* struct plan_item */
	GPtrArray *specs;   /* struct run_spec, index-parallel */
	uint64_t seed;
	bool quick;
	bool repeated; /* each load point in as many seeds as its experiment says */
};

/* Reads `file` and plans every experiment in it, or only `experiment` in `config` (NULL: all), in as many
 * seeds as each says; `quick`: in one.
 * `sets`: "GROUP.KEY=VALUE" texts, stronger than all else; kept by reference; may be NULL.  NULL
 * and *error. */
struct plan *plan_new(const char *file, char **sets, const char *experiment, const char *config,
                      bool quick, uint64_t seed, GError **error);
/* The same of a text that was read already (copied). */
struct plan *plan_of(const struct text *text, char **sets, const char *experiment,
                     const char *config, bool quick, uint64_t seed, GError **error);
/* The same for one of the points (kept by reference) of a sweep: from `n_sets` on, `sets` are its settings,
 * and a message about them names where they come from.  A config that no experiment runs is run alone. */
struct plan *plan_of_point(const struct text *text, char **sets, unsigned n_sets,
                           const struct points *points, const struct point *point, uint64_t seed,
                           GError **error);
/* The text of one of its runs, with points->origin, of which these are known ("-": none).  NULL and *error. */
struct text *plan_point_text(const struct text *text, char **sets, unsigned n_sets,
                             const char *origin, const char *experiment, const char *config,
                             unsigned offered, GError **error);
void plan_free(struct plan *plan);
bool plan_run(struct plan *plan, unsigned jobs, GError **error);

/* After plan_run(): prints why runs are none to rely on, a line each that begins with `prefix`
 * (NULL: none) and the run's name.  How many there were. */
unsigned plan_verdict(const struct plan *plan, const char *prefix);

/* The i-th load point of an experiment in a config, in its first seed; NULL past the end. */
const struct plan_item *plan_nth(const struct plan *plan, const char *experiment,
                                 const char *config, unsigned i);
/* The same point in another of its seeds; NULL past their end. */
const struct plan_item *plan_replica(const struct plan *plan, const struct plan_item *first,
                                     unsigned replication);

/* Puts an experiment's load point into a run's text: `offered`, or, 0, its only one; `sets` that name
 * the load's key are stronger.  Nothing without an experiment, or if that has no load points.  False
 * and *error: several to choose from, or one that there is none of. */
bool plan_load(const struct plan *plan, const char *experiment, unsigned offered, struct text *text,
               GError **error);

/* The text of a config in an experiment (NULL: none), without a load point.  NULL and *error. */
struct text *plan_text(const struct plan *plan, const char *experiment, const char *config,
                       GError **error);

#endif
