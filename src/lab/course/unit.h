/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A unit of the course: a folder with a sheet to read, scenarios to run, and unit.ini, which says what differs from
 * student to student, which runs answer the questions, and how near an answer must be.  docs/course.md has
 * the keys for those who write one.
 */
#ifndef LAB_COURSE_UNIT_H
#define LAB_COURSE_UNIT_H

#include <stdbool.h>

#include "lab/base/error.h"

/* What differs: one of a list, whose first is for the pictures of the sheet and is drawn by nobody. */
struct unit_value {
	char *name;
	char **of;
	char *by; /* NULL; else the value whose place in its list this one has in its own */
};

/* A run of a scenario.  All texts may have ${VALUE} in them. */
struct unit_run {
	char *name;
	char *scenario; /* beside unit.ini, or one that comes with the program; "x.ini.in": a template */
	char *experiment, *config, *seed; /* NULL: none, 1 */
	char *set;                        /* "GROUP.KEY=VALUE; ..."; NULL */
	unsigned offered;                 /* a load point; 0: none */
	unsigned repeat;                  /* with as many seeds, from `seed` on */
};

/* What is said if a reckoning is near an answer (a hint), or does not hold (a need). */
struct unit_rule {
	char *reckoning, *text;
};

struct unit_question {
	char *name;
	char *ask;              /* one line; may have ${VALUE} */
	char *answer;           /* a reckoning; NULL: a file is asked for */
	char *unit;             /* NULL: a plain number */
	char *because;          /* for teachers; NULL */
	char **choices;         /* the answer is one of these words; NULL: it is a number */
	double within;          /* share of the answer by which another may differ */
	double off;             /* and by how much in any case */
	bool file;              /* the student writes a scenario */
	char *set;              /* put into it; NULL */
	char *solution, *wrong; /* files beside unit.ini: one that is right, one that is not */
	GPtrArray *hints;       /* struct unit_rule */
	GPtrArray *needs;       /* struct unit_rule, whose reckoning is a comparison */
};

struct unit {
	char *folder; /* where it lies */
	char *name;   /* of the folder: "3-where-a-microsecond-goes" */
	char *title;
	char *about;          /* one line */
	char **lessons;       /* that belong to it; NULL */
	char **files;         /* handed out with the sheet; templates lose their ".in".  NULL */
	char *sheet;          /* the text of sheet.md */
	GPtrArray *values;    /* struct unit_value */
	GPtrArray *runs;      /* struct unit_run */
	GPtrArray *questions; /* struct unit_question */
};

/* Reads the unit of that folder; NULL and *error. */
struct unit *unit_read(const char *folder, GError **error);
void unit_free(struct unit *unit);

/* The unit called `name`: a number ("3"), the name of its folder, or the path of a folder of one's own.  NULL
 * and *error. */
struct unit *unit_called(const char *name, GError **error);
/* All that come with the program, in order (struct unit); NULL and *error. */
GPtrArray *unit_all(GError **error);

/* The path of a file of the unit; to be freed. */
char *unit_file(const struct unit *unit, const char *name);
/* Its text, NULL and *error. */
char *unit_file_text(const struct unit *unit, const char *name, GError **error);
/* Its name when it is handed out: without ".in". */
char *unit_file_given(const char *name);

const struct unit_question *unit_question_called(const struct unit *unit, const char *name);

/* "FOLDER/unit.ini: [GROUP] KEY: ..."; false. */
bool unit_wrong(const struct unit *unit, const char *group, const char *key, GError **error,
                const char *format, ...) G_GNUC_PRINTF(5, 6);

#endif
