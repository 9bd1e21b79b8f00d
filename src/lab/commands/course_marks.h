/* SPDX-License-Identifier: GPL-3.0-or-later */
/* course check, answers, class: what is right, and how many are. */
#ifndef LAB_COURSE_MARKS_H
#define LAB_COURSE_MARKS_H

#include "lab/course/marks.h"

/* Prints a line for each question.  EXIT_CHECK_FAILED: not all are right, *error: something cannot be read. */
int course_check(const struct unit *unit, const char *student, const char *file, char **pairs,
                 GError **error);
/* Prints a student's values and the right answers. */
int course_answers(const struct unit *unit, const char *student, GError **error);
/* Prints a table of marks, as CSV, of all students whose names stand in `list`, a line each: their answers are
 * FOLDER/NAME/UNIT.ini (`folder` NULL: that of the list). */
int course_class(GPtrArray *units, const char *list, const char *folder, GError **error);

#endif
