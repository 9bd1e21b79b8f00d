/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run: a scenario's text with a seed goes in, measures come out.
 */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "lab/campaign/jobs.h"
#include "lab/kinds/kinds.h"
#include "lab/world/measures.h"
#include "lab/world/world.h"
#include "trace/file.h"

struct run_spec {
	char *name;        /* for people: "fig5 offload_sop 700/s" */
	char *hash;        /* scenario_hash() of the text; NULL: nobody has worked it out */
	struct text *text; /* with all overrides applied */
	uint64_t seed;
	double weight;    /* of its wall time, relative to other runs: for the progress bar */
	const char *pcap; /* folder for captures, or NULL */
	struct trace_file *trace;          /* to be written when the run is over, or NULL */
	sim_time bin;                      /* of a series, > 0; 0: none */
	int series_fd;                     /* where its lines are written when the run is over */
	const struct follow_which *follow; /* connections, or NULL */
	int follow_fd;                     /* where their files are written when the run is over */
	/* Called with the world before it runs and after (while it still exists): what explain adds. */
	void (*before)(struct world *world, void *arg);
	void (*after)(struct world *world, struct measures *m, void *arg);
	void *arg;
	/* NULL; else: why the run is none to rely on is added there, and what all groups of a type measured
	 * together to the measures ("type:specweb.requests"). */
	GPtrArray *reasons;
};

struct run_spec *run_spec_new(const char *name, const struct text *text, uint64_t seed);
void run_spec_free(struct run_spec *spec);

/* In a process that many runs are forked from: has SimGrid ready.  False and *error. */
bool run_prepare(GError **error);

/* Runs it in this process (at most once per process: one engine).  NULL and *error. */
struct measures *run_here(const struct run_spec *spec, GError **error);

/* Runs all of them in child processes, `jobs` at a time; results[i] belongs to specs[i] (free each
 * with measures_free()).  Shows a progress bar if stderr is a terminal.  On the first failure the
 * others are stopped, and false and *error returned: LAB_ERROR_DEFECT if a child crashed. */
bool run_all(struct run_spec *const *specs, unsigned n, unsigned jobs, struct measures **results,
             GError **error);

/* Why a child process ended without an answer, its waitpid() status says; false. */
bool run_crashed(const char *name, int status, GError **error);

#endif
