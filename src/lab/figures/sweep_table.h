/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep's tables: results.csv has a row for each measure of each run, sweep.csv one for each point. */
#ifndef LAB_SWEEP_TABLE_H
#define LAB_SWEEP_TABLE_H

#include "lab/campaign/sweep.h"
#include "lab/figures/results.h"

/* Axes as numbers in SI units (the unit ends the column's name) or as words; then, of each measure that is
 * shown, NAME, NAME_ci95 (half its 95 % confidence interval), NAME_n (over how many runs); how many runs
 * failed, and why the first. */
GString *sweep_csv(const struct sweep *sweep);

/* The same numbers as sweep.csv, for machines. */
struct answer;
void sweep_answer(const struct sweep *sweep, struct answer *answer);
/* What it would run: in how many replications each row. */
void sweep_answer_list(const struct sweep *sweep, struct answer *answer);

/* Everything that every run measured.  False and *error: it cannot be written. */
bool sweep_stage_results(const struct sweep *sweep, struct results *results, GError **error);

#endif
