/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slurm by its commands: sbatch, squeue, scancel, sinfo.  What they say is read in the forms that are made for
 * programs (--parsable, --noheader).
 */
#ifndef LAB_SLURM_H
#define LAB_SLURM_H

#include <stdbool.h>

#include "lab/base/error.h"

enum slurm_state {
	SLURM_ACTIVE,  /* some of its tasks wait or run */
	SLURM_OVER,    /* none does, or it is not known any more */
	SLURM_UNKNOWN, /* the controller does not answer */
};

/* Submits a script as an array of `tasks`, 0 and up, whose output goes to `log` ("%A_%a.log"); `options` are
 * for sbatch, NULL-terminated (NULL: none).  The job's id; NULL and *error: there is no sbatch, or what it
 * says. */
char *slurm_submit(const char *script, unsigned tasks, const char *log, char **options,
                   GError **error);
enum slurm_state slurm_look(const char *job);
void slurm_cancel(const char *job);
/* Of the cluster; 0: not known. */
unsigned slurm_processors(void);

#endif
