/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep's runs, in a folder that keeps each the moment it ends: what is there need not run again. */
#ifndef LAB_SWEEP_RUN_H
#define LAB_SWEEP_RUN_H

#include "lab/campaign/store.h"
#include "lab/campaign/sweep.h"
#include "lab/campaign/sweep_child.h"

/* Takes what the folder has of the sweep's runs; `fresh`: nothing, it is emptied.  False and *error: its
 * runs are of another program version, of other parameters, or of none of the sweep's points. */
bool sweep_resume(struct sweep *sweep, const struct store *store, bool fresh, GError **error);

/* Does what is missing, `jobs` runs at a time, the longest first, in `children` of the same text and sets.  A run that fails is kept with its reason.
 * False and *error: interrupted, or the folder cannot be written; what has ended is kept all the same. */
bool sweep_run(struct sweep *sweep, const struct store *store,
               const struct sweep_children *children, unsigned jobs, GError **error);

/* All runs have ended: what is shown of them is complete, and about.json is written. */
bool sweep_complete(struct sweep *sweep, const struct store *store, GError **error);

/* The file of a run of that text (sweep_text()).  To be freed. */
GString *sweep_run_json(const struct sweep *sweep, const struct sweep_run *run,
                        const struct text *text, struct record *record);

/* sweep.json: what was asked for, and how many runs that takes.  False and *error. */
bool sweep_describe(const struct sweep *sweep, const struct store *store, GError **error);

/* about.json: date, machine, command line; how long runs took, and how much memory.  The only file that
 * is another each time. */
bool sweep_about(const struct sweep *sweep, const struct store *store, GError **error);

#endif
