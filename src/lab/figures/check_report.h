/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison found: for people, for programs, as JUnit's XML, and as annotations of GitHub's workflows. */
#ifndef LAB_CHECK_REPORT_H
#define LAB_CHECK_REPORT_H

#include "lab/figures/answer.h"
#include "lab/figures/check.h"

struct check_report;

struct check_report *check_report_new(void);
void check_report_free(struct check_report *report);
/* struct check's `tell`, with the report as its `arg`. */
void check_report_take(void *report, const struct check_cell *cell);
/* What check_about() gave, kept; NULL: nothing. */
void check_report_about(struct check_report *report, GPtrArray *about);

/* What moved, by how much, where the most; which parameters differ; the line of both numbers. */
GString *check_report_text(const struct check_report *report);
/* Every number that was compared, and what differs in what made them. */
void check_report_answer(const struct check_report *report, struct answer *answer);
/* A suite for each table, a case for each number. */
GString *check_report_junit(const struct check_report *report);
/* `::error` for what moved, the ten first of them, as GitHub shows no more; `dir`: of now's files. */
GString *check_report_github(const struct check_report *report, const char *dir);

#endif
