/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is true: the runs of a unit with a student's values, made when an answer is needed.  Nothing is stored, so
 * that a changed model cannot make the course wrong.
 *
 * A program of a scenario may say something to the course: what it prints as "NAME: WORD" is the measure says.NAME of its
 * run, a number if WORD is one (times in us), else a word.
 */
#ifndef LAB_TRUTH_H
#define LAB_TRUTH_H

#include "lab/course/student.h"

struct truth;

/* Runs all that the unit names.  NULL and *error. */
struct truth *truth_new(const struct student *student, GError **error);
void truth_free(struct truth *truth);

/* What a question's answer is: a number, or, *word, one of its choices (the truth's own).  False and *error: the unit
 * is wrong. */
bool truth_answer(struct truth *truth, const struct unit_question *question, double *number,
                  const char **word, GError **error);
/* A hint's reckoning; false and *error. */
bool truth_reckon(struct truth *truth, const struct unit_question *question, const char *reckoning,
                  double *value, GError **error);

/* Runs a scenario that a student wrote, of which nothing outside its folder is taken, and judges it: *why is NULL, or
 * what is wrong, in a line to be freed.  False and *error: it is no scenario, or cannot be read. */
bool truth_judge(struct truth *truth, const struct unit_question *question, const char *path,
                 char **why, GError **error);
/* The same of a file of the unit, with the student's values in it. */
bool truth_judge_own(struct truth *truth, const struct unit_question *question, const char *name,
                     char **why, GError **error);

#endif
