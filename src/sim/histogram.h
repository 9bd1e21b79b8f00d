/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long things took, so that percentiles can be told of any number of them.
 *
 * Counts in buckets whose width grows with what they hold, 128 to each factor of two (as in G. Tene's
 * HdrHistogram): a percentile is at most 1/256, 0.4 %, from the true one, and below 256 ps exact.  Two of
 * them can be added, which percentiles themselves cannot.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include "sim/units.h"

struct histogram;

struct histogram *histogram_new(void);
void histogram_free(struct histogram *h);
void histogram_reset(struct histogram *h);

/* A duration; one below 0 counts as 0. */
void histogram_add(struct histogram *h, sim_time duration);
/* All that another one has. */
void histogram_merge(struct histogram *h, const struct histogram *other);

uint64_t histogram_count(const struct histogram *h);
/* The smallest duration that a share (0 to 1) of all does not exceed, in picoseconds; NAN: there is none. */
double histogram_quantile(const struct histogram *h, double share);

#endif
