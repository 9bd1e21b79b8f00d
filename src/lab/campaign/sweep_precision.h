/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep that repeats each row until its measures are known well enough, and no longer. */
#ifndef LAB_SWEEP_PRECISION_H
#define LAB_SWEEP_PRECISION_H

#include "lab/campaign/sweep.h"

/* Adds the replications that rows still need for the precision that is wanted (stats_wanted()), by what their
 * runs have measured; how many.  0: there is none wanted, all have it or as many as they may have, or runs
 * are missing or have failed.  The same runs lead to the same replications, so that a sweep goes on where it
 * was stopped. */
unsigned sweep_refine(struct sweep *sweep);

/* Whether it may yet want the run with that id, which has that seed. */
bool sweep_may_want(const struct sweep *sweep, const char *id, uint64_t seed);

/* A line for a row's measure that is not known so well with all its replications: "NAME is known to 2.3 %
 * ...".  To be freed; NULL: all are. */
char *sweep_imprecise(const struct sweep *sweep, guint row);

#endif
