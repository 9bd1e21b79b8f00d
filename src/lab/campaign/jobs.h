/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work in parallel, each piece in a child process of its own, since a process holds one SimGrid
 * engine.  A child answers through a pipe; what it does after its answer (bringing a file to the
 * disk) holds nobody up.
 */
#ifndef LAB_JOBS_H
#define LAB_JOBS_H

#include <stdbool.h>

#include "lab/base/error.h"
#include "lab/campaign/nursery.h"

/* What came of a job. */
struct jobs_outcome {
	const char *answer; /* what the child wrote; NULL: it ended without an answer ... */
	gsize length;
	int status; /* ... as waitpid() told it */
};

struct jobs_work {
	void *arg;
	/* Once, in the process from which all children are forked (nursery.h); NULL: nothing.  False and
	 * *error. */
	bool (*prepare)(GError **error);
	/* The number of the next job; false: none for now.  When none runs either, all is done. */
	bool (*next)(void *arg, unsigned *job);
	/* What the child is told of the job; NULL: nothing but its number. */
	void (*order)(void *arg, unsigned job, GString *order);
	/* In the child, which has what there was when jobs_run() began (or the nursery was made): does it, and
	 * writes the answer, which is never empty. */
	void (*child)(void *arg, unsigned job, const GString *order, GString *answer);
	/* In the child, when the answer is on its way; may be NULL.  False: it is worth nothing. */
	bool (*keep)(void *arg, unsigned job, const GString *order);
	/* In the parent.  False and *error: all others are stopped. */
	bool (*done)(void *arg, unsigned job, const struct jobs_outcome *outcome, GError **error);
	/* Now and then, for those who watch. */
	void (*show)(void *arg);
	/* A signal that interrupts came: what becomes of the work ("nothing was written"). */
	const char *interrupted;
	/* What is wrong if `keep` failed; NULL without that. */
	const char *not_kept;
	/* Where the children come from (jobs_nursery()); NULL: from one of their own. */
	struct nursery *nursery;
};

/* The children of several jobs_run() come from a process that is split off now: `prepare`, `child` and `keep`,
 * with the `arg` that they get, are those of `work`, which must stay.  NULL and *error. */
struct nursery *jobs_nursery(const struct jobs_work *work, GError **error);

/* Does all of it, `jobs` at a time; no child outlives it.  On the first trouble the others are
 * stopped, and false and *error returned. */
bool jobs_run(const struct jobs_work *work, unsigned jobs, GError **error);

/* Processors of this machine. */
unsigned run_default_jobs(void);

#endif
