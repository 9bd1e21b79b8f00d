/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as results_cell() and results_number() write them: a line of column names, then rows. */
#ifndef LAB_CSV_H
#define LAB_CSV_H

#include <glib.h>

struct csv {
	char **columns;
	GPtrArray *rows; /* char **: as many cells as there are columns */
};

/* Reads a whole table: every row has a cell for every column, columns have different names, and the
 * last line has an end.  NULL and *why: the line, and what is wrong with it, but nothing of what it
 * says. */
struct csv *csv_parse(const GString *bytes, char **why);
void csv_free(struct csv *csv);

/* Index of a column, -1: there is none of that name. */
int csv_column(const struct csv *csv, const char *name);
/* A cell as a number; NAN: it is none. */
double csv_number(const struct csv *csv, guint row, guint column);

#endif
