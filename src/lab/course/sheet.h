/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unit's sheet with a student's values: what is read, and the files that are handed out with it. */
#ifndef LAB_SHEET_H
#define LAB_SHEET_H

#include "lab/course/student.h"

/* The sheet as Markdown, whose files are called STEM-NAME.  Pictures are still commands: ![text](sopsim chart ...).
 * `alone`: for a terminal, without its files, and it says how to get them.  NULL and *error. */
GString *sheet_text(const struct student *student, const char *stem, bool alone, GError **error);

/* The file in which answers are written down, empty. */
GString *sheet_answers(const struct student *student);

/* The files that are handed out: "NAME" -> text (GString), the student's values in them; NULL and *error. */
GHashTable *sheet_files(const struct student *student, GError **error);

/* The commands of the sheet's pictures, in order (char *). */
GPtrArray *sheet_pictures(const GString *sheet);
/* Runs one, with the files of student_sample(): an SVG; NULL and *error. */
char *sheet_draw(const struct unit *unit, const char *command, GError **error);

/* The sheet with "STEM-1.svg" and so on in the place of the commands. */
GString *sheet_with_files(const GString *sheet, const char *stem);

#endif
