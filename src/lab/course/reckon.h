/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reckoning with what runs measured: "card:bench.latency_us - nic:bench.latency_us", "1us / 700ns",
 * "half(a:web.requests - b:web.requests) <= 2".
 *
 * Numbers may have a unit, and are then in SI units; measures are as they are declared.  + - * /, comparisons (1
 * or 0), min, max, sqrt, abs, floor, ceil, round of numbers.  Of a run with several seeds a measure is the mean;
 * mean(E) and half(E) reckon E seed by seed, and give the mean and half of its 95 % interval.
 */
#ifndef LAB_RECKON_H
#define LAB_RECKON_H

#include <stdbool.h>

#include "lab/base/error.h"

/* A measure of a run: of its repetition from 0 on, or, -1, of all of them the mean.  *n: how many there are.
 * False and *error: there is no such run, or it measured nothing of that name. */
typedef bool (*reckon_look)(void *arg, const char *run, const char *measure, int repetition,
                            double *value, unsigned *n, GError **error);

/* False and *error, which begins with `where`: it is none of the above, or has no finite value. */
bool reckon(const char *text, const char *where, reckon_look look, void *arg, double *value,
            GError **error);

#endif
