/* SPDX-License-Identifier: GPL-3.0-or-later */
/* results.csv, a row for each run and measure, as a table that can be compared: a row for each point and
 * measure, with the mean over its runs. */
#ifndef LAB_CHECK_TIDY_H
#define LAB_CHECK_TIDY_H

#include "lab/figures/csv.h"

/* Rows are named by what stands before `replication` (but for the run's id), by group and measure; columns
 * are value and value_ci95, over the runs, or of a single run its own.  NULL and *why: columns are missing. */
struct csv *check_tidy(const struct csv *results, char **why);

#endif
