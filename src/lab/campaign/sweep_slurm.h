/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep's runs on a cluster: an array of tasks, each of which does its share of the runs that are missing
 * and keeps each in the folder the moment it ends, as the runs of one machine do.
 *
 * OUT/slurm/ has what tasks need, and is gone when no run is missing: todo/ID.json is a run without its
 * measures, tasks/N the ids of a task, job the job's id, log/ what tasks say.
 */
#ifndef LAB_SWEEP_SLURM_H
#define LAB_SWEEP_SLURM_H

#include "lab/campaign/sweep_run.h"

struct slurm_wanted {
	char **options; /* for sbatch; NULL: none */
	bool no_wait;   /* submit, and leave it */
};

/* Submits what is missing, or joins the job that is at it already, and waits until all runs have ended;
 * submits again what came to nothing.  `*left`: runs that are missing still, as nobody waits.  False and *error:
 * interrupted (the job is cancelled, what has ended is kept), Slurm refuses, or runs come to nothing. */
bool sweep_run_slurm(struct sweep *sweep, const struct store *store,
                     const struct slurm_wanted *wanted, guint *left, GError **error);
/* Cancels the job of a folder, if there is one, and removes what it left for it. */
void sweep_slurm_forget(const struct store *store);

/* A task of the array, of the folder `dir`: does what is missing of its share, `jobs` runs at a time.  False and
 * *error: there is no such share, or another program made it. */
bool slurm_task(const char *dir, unsigned task, unsigned jobs, GError **error);

#endif
