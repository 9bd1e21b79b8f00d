/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machines that could have been the paper's say of its numbers: files that `sopsim infer` wrote and that are
 * kept beside the figures, results/reference/infer (docs/inference.md). */
#ifndef LAB_SHARES_H
#define LAB_SHARES_H

#include <stdbool.h>

/* One of the kept files, such as "holds.csv"; to be freed. */
char *shares_kept(const char *name);

/* Prints, for each number of the paper, for which share of the machines that agree with all others it holds: of a
 * holds.csv.  Nothing if the file is not there, or not whole. */
void shares_print(const char *file);

/* Where nine of ten of the machines have a number, of a bands.csv.  False: it does not say. */
bool shares_band(const char *file, const char *number, double *low, double *high);

#endif
