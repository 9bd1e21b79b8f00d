/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of a student's answers are right, and what is said to those that are not? */
#ifndef LAB_MARKS_H
#define LAB_MARKS_H

#include "lab/course/truth.h"

/* A student's answers: name of a question -> text.  Where files are named, they are relative to `folder`. */
struct answers {
	char *source; /* "ana/3.ini", "--answer" */
	char *folder;
	GHashTable *given;
};

/* Reads a file with lines "q1 = 12.3us" in a group [answers]; NULL and *error: it is no such file, or answers
 * what the unit does not ask. */
struct answers *answers_read(const struct unit *unit, const char *path, GError **error);
/* None yet; of the present folder. */
struct answers *answers_new(void);
/* Takes "q1=12.3us"; false and *error. */
bool answers_take(struct answers *answers, const struct unit *unit, const char *pair,
                  GError **error);
void answers_free(struct answers *answers);

enum mark { MARK_RIGHT, MARK_WRONG, MARK_NONE };

/* Marks one answer.  *says: what a student is told, to be freed.  False and *error: the answer cannot be read ("12
 * bananas"), or the unit is wrong. */
bool mark_answer(struct truth *truth, const struct unit_question *question,
                 const struct answers *answers, enum mark *mark, char **says, GError **error);

/* A number as it is shown, with its unit; to be freed. */
char *mark_shown(const struct unit_question *question, double value);

#endif
