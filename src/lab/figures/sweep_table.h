/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep as numbers. */
#ifndef LAB_SWEEP_TABLE_H
#define LAB_SWEEP_TABLE_H

#include "lab/campaign/sweep.h"

/* A row a run.  Points that failed are marked, in a column that is there if one did. */
GString *sweep_csv(const struct sweep *sweep);
/* The parameters are those of the first combination; the runs say what varied. */
GString *sweep_json(const struct sweep *sweep, uint64_t seed, double wall_s);

#endif
