/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A student in a unit: a name, and the values that it draws.  They come from a hash of name and unit, so that the
 * same student has the same ones for ever and anywhere, and neighbours have others.
 */
#ifndef LAB_STUDENT_H
#define LAB_STUDENT_H

#include <stdbool.h>

#include "lab/course/unit.h"

struct student {
	const struct unit *unit;
	char *name;         /* as it was typed, without blanks around it */
	GHashTable *values; /* name of a value -> text */
};

/* Names that differ in capitals, in blanks or in how accents are coded only are one student.  What the environment
 * has as SOPSIM_COURSE_KEY is hashed too: who does not know it draws other values.  NULL and *error: no name, a
 * longer one than 200 bytes or one with signs that cannot be printed; a value of the unit that leads nowhere. */
struct student *student_new(const struct unit *unit, const char *name, GError **error);
/* Nobody: the first value of each list, which no student draws.  Pictures are of this one, so that they give
 * away nothing. */
struct student *student_sample(const struct unit *unit, GError **error);
void student_free(struct student *student);

/* The text with the student's values for each ${VALUE}, to be freed; "${student}" and "${unit}" are known too, and
 * what `more` has (name -> text; NULL).  `where`: "unit.ini: [run a] set", for the message.  NULL and *error. */
char *student_fill(const struct student *student, const char *text, GHashTable *more,
                   const char *where, GError **error);

#endif
