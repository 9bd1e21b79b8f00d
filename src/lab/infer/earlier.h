/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems of an earlier answer, to go on from. */
#ifndef LAB_EARLIER_H
#define LAB_EARLIER_H

#include "lab/infer/infer.h"

/* Adds the systems of a region.csv, to be tried: one of each row, of which the columns that are named as the unknowns
 * are read.  False and *error: it cannot be read, lacks a column, or says what its prior does not allow. */
bool earlier_add(struct inference *in, const char *file, GError **error);

#endif
