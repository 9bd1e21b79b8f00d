/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What difference is none: a tolerance for all that is compared, others for some of it, and whether
 * intervals count.  A baseline says so in a check.ini of its folder:
 *
 *   [check]
 *   tolerance = 1%
 *   [fig5.csv]
 *   throughput_rps = 2%
 */
#ifndef LAB_CHECK_RULES_H
#define LAB_CHECK_RULES_H

#include <stdbool.h>

#include "lab/base/error.h"

#define CHECK_RULES_FILE "check.ini"

struct tolerance {
	double relative; /* to the baseline's number */
	double absolute; /* in the number's own unit */
	bool ignored;    /* whatever it is, it is none */
};

struct check_rules;

/* 1 % for everything, intervals count. */
struct check_rules *check_rules_new(void);
void check_rules_free(struct check_rules *rules);
void check_rules_set(struct check_rules *rules, double tolerance);
void check_rules_set_intervals(struct check_rules *rules, bool count);
/* Takes what a baseline's check.ini says, if there is one.  False and *error: it says what it cannot. */
bool check_rules_read(struct check_rules *rules, const char *folder, GError **error);

bool check_rules_intervals(const struct check_rules *rules);
/* For a column of a file (or, where rows have names of measures, for a measure). */
struct tolerance check_rules_find(const struct check_rules *rules, const char *file,
                                  const char *name);
/* False and *error: a rule for the file has not been found until now, by any name: a slip of the pen. */
bool check_rules_all_found(const struct check_rules *rules, const char *file, GError **error);

#endif
