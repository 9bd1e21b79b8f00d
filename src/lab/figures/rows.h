/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures of several runs beside each other: a row a name, a column a configuration of the paper. */
#ifndef LAB_ROWS_H
#define LAB_ROWS_H

#include "lab/campaign/paper.h"

struct row {
	char *name;
	double value[PAPER_CASES];
};

/* struct row; to be unreffed. */
GArray *rows_new(void);
static inline const struct row *row_nth(const GArray *rows, guint i) {
	return &g_array_index(rows, struct row, i);
}

/* Adds what begins with `prefix` and ends with `suffix`, times `scale`, to the column of one run; what is
 * between both is the row's name. */
void rows_collect(GArray *rows, unsigned column, const struct measures *m, const char *prefix,
                  const char *suffix, double scale);

/* Those with the largest sums first. */
void rows_sort(GArray *rows);

#endif
