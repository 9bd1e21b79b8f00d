/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Independent random streams, one per purpose.
 *
 * A stream is rooted in the world's seed and in a name ("specweb.files", "link.client0.loss").
 * Streams do not disturb each other: whatever one purpose draws, another purpose sees the same
 * numbers.  That is what lets two configurations be fed the same requests.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <gsl/gsl_rng.h>

#include "sim/sim.h"

/* A new stream (GSL's MT19937) for `purpose`; the caller frees it with gsl_rng_free().  The same
 * seed and purpose give the same numbers on any machine. */
gsl_rng *sim_rng_new(const struct sim *sim, const char *purpose);

/* The same from a bare seed, for code that has no world (the engine's tests). */
gsl_rng *sim_rng_from_seed(uint64_t seed, const char *purpose);

#endif
