/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machines that could have been the paper's say of its numbers: files that `sopsim infer` wrote and that are
 * kept beside the figures, results/reference/infer (docs/inference.md). */
#ifndef LAB_SHARES_H
#define LAB_SHARES_H

#include <stdbool.h>

#include "lab/figures/answer.h"

struct shares;

/* One of the kept files, such as "holds.csv"; to be freed. */
char *shares_kept(const char *name);

/* Reads such a file.  NULL: it is not there, or no table. */
struct shares *shares_read(const char *file);
void shares_free(struct shares *shares); /* NULL: nothing */

/* Of a holds.csv: for each number of the paper, for which share of the machines that agree with all others it holds,
 * printed or added to an answer.  Nothing if it is NULL or not whole. */
void shares_print(const struct shares *shares);
void shares_answer(const struct shares *shares, struct answer *answer);

/* Of a bands.csv: where nine of ten of the machines have a number.  False: it does not say. */
bool shares_band(const struct shares *shares, const char *number, double *low, double *high);

#endif
