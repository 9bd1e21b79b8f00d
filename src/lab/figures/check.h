/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures against a baseline, cell by cell. */
#ifndef LAB_CHECK_H
#define LAB_CHECK_H

#include "lab/figures/check_rules.h"
#include "lab/figures/csv.h"

/* A number of a table, or a word, in the baseline and now. */
struct check_cell {
	const char *file, *row, *column; /* column "(row)": a row that only one of them has */
	const char *baseline, *now;
	double baseline_ci95, now_ci95; /* half widths of their intervals; NAN: none */
	double by;     /* the difference over the baseline's; NAN: no such number */
	unsigned line; /* of now's file; 0: it has no such row */
	bool moved;
};

struct check {
	const struct check_rules *rules;
	bool all;              /* results.csv too, that is every measure of every group */
	unsigned cells, moved; /* numbers compared; what differs, rows included */
	/* Called for each cell that is compared, and each row that only one has; may be NULL. */
	void (*tell)(void *arg, const struct check_cell *cell);
	void *arg;
};

/* How a table is laid out. */
struct check_layout {
	const char *file;
	const char *last_key; /* the last column that names a row */
	const char *value,
		*interval; /* this column has its interval in that one; NULL: none has so */
	/* So many of a row's last names call what is measured, joined by a dot, for rules; 0: columns do.
	 * Without a column for intervals, NAME_ci95 is a row then. */
	unsigned measure_names;
	/* Makes the table of what the file has (check_tidy()); NULL: the file has it. */
	struct csv *(*digest)(const struct csv *csv, char **why);
};

/* For check_folders(), and for tests: compares two tables, the bytes of a file of the baseline and of now.  Rows are known by their
 * first cells, up to the last key; their order does not matter.  A column NAME_ci95 is the interval of
 * NAME; intervals themselves, and how many runs NAME_n they are of, are not compared.  False and *error,
 * which calls them `old_name` and `now_name`: they are no tables, have other columns than each other, no
 * rows, or a row twice; or a rule is for what they do not have. */
bool check_tables(struct check *check, const struct check_layout *layout, const char *old_name,
                  const GString *old, const char *now_name, const GString *now, GError **error);

/* Compares every figure that one of two folders has.  False and *error: there are none, or they cannot be
 * compared. */
bool check_folders(struct check *check, const char *against, const char *dir, GError **error);

#endif
