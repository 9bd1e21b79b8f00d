/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures against a baseline, cell by cell. */
#ifndef LAB_CHECK_H
#define LAB_CHECK_H

#include <stdbool.h>

#include "lab/base/error.h"

struct check {
	double tolerance; /* a difference of so many times the baseline's number is none; 0 to 1 */
	unsigned cells, moved; /* numbers compared; what differs, rows included */
	/* Called for each difference; may be NULL. */
	void (*tell)(const struct check *check, const char *file, const char *row,
	             const char *column, const char *baseline, const char *now);
};

/* Compares two tables, the bytes of `file` of the baseline and of now.  Rows are known by their
 * first cells, up to the column `last_key`; their order does not matter.  False and *error, which
 * calls them `old_name` and `now_name`: they are no tables, have other columns than each other, no
 * rows, or a row twice. */
bool check_tables(struct check *check, const char *file, const char *last_key, const char *old_name,
                  const GString *old, const char *now_name, const GString *now, GError **error);

/* Compares every figure that one of two folders has.  False and *error: there are none, or they cannot be
 * compared. */
bool check_folders(struct check *check, const char *against, const char *dir, GError **error);

#endif
