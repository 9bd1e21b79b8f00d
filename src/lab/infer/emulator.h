/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A closed form of the simulator, which costs microseconds: the paper's numbers of a system as sums of named
 * costs (docs/inference.md).  What each cost comes to follows from the system (prices.h); how often it is charged
 * for a request or a send, and what is left, is learnt from systems that the simulator tried.
 */
#ifndef LAB_EMULATOR_H
#define LAB_EMULATOR_H

#include "lab/infer/prices.h"
#include "lab/infer/trials.h"

struct emulator;

/* Of nothing yet; all are kept by reference.  `sends`: of a run of the send benchmark.  NULL and *error: a number
 * that is used is of a measure that it does not know. */
struct emulator *emulator_new(const struct prices *prices, const struct unknowns *unknowns,
                              const struct numbers *numbers, double sends, GError **error);
void emulator_free(struct emulator *emulator);

/* Learns from all trials (struct trial) that came to numbers, from those near `near` (an array as trials have;
 * NULL: all alike) most.  False: they are too few. */
bool emulator_learn(struct emulator *emulator, const GPtrArray *trials, const double *near);

/* The numbers that are used, at a place; others NAN.  Not by two threads at a time. */
void emulator_numbers(struct emulator *emulator, const double *x, double *y);
/* How far it is off, of each number: a standard deviation, of systems that it did not learn from; and by how
 * much the systems differ that it learnt from. */
const double *emulator_off(const struct emulator *emulator);
const double *emulator_range(const struct emulator *emulator);

#endif
