/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run did in each of many short stretches of time: bins.
 *
 * They are exact, not sampled.  Of what only counts up (a processor's time, bytes, requests) a bin has the
 * difference of the running total at its two ends; of what goes up and down (a queue: the counters of
 * sim/trace.h) the mean over time and the maximum.  So the mean over the bins of the window, each
 * weighted by its length, is what the summary says.
 */
#ifndef LAB_BINS_H
#define LAB_BINS_H

#include "lab/world/world.h"

struct bins;

/* Bins of that length (> 0) from now on; the opening of the window ends one early.  To be made before
 * the world runs, and freed before it is. */
struct bins *bins_new(struct world *world, sim_time length);
void bins_free(struct bins *bins);

/* Ends the bin that is open, unless it has no length yet; the next one begins ... */
void bins_end(struct bins *bins);
/* ... here: the running totals may have been set back meanwhile. */
void bins_begin(struct bins *bins);

/* All bins so far, a line each: t_s (its start), length_s, warmup (1 before the window), a column for each
 * measure of a group that has a running total, and two for each queue. */
GString *bins_csv(const struct bins *bins);

#endif
