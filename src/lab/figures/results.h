/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that a command leaves: all of them whole, or none.
 *
 * Files are staged under temporary names in their folder, flushed to the disk, and renamed
 * together at the end; whatever fails before leaves earlier results as they were.  Numbers are
 * written before figures are drawn: a figure that fails loses nothing else.
 */
#ifndef LAB_RESULTS_H
#define LAB_RESULTS_H

#include <stdbool.h>

#include "lab/base/error.h"

struct results;

/* Opens `dir`, which `option` ("--out") named, as folder_open() does.  NULL and *error. */
struct results *results_open(const char *option, const char *dir, GError **error);

/* Stages a file of the folder.  For the next one, and for tests. */
bool results_stage(struct results *results, const char *name, const char *data, gsize length,
                   GError **error);
/* The same, and frees the string. */
bool results_stage_string(struct results *results, const char *name, GString *data, GError **error);
/* The same of a file that is too large to be held: `more` appends its next part to a string, and says
 * whether there is another. */
bool results_pour(struct results *results, const char *name, bool (*more)(void *arg, GString *part),
                  void *arg, GError **error);
/* A file of an earlier run, which does not fit to what is staged: removed with the next commit. */
void results_outdate(struct results *results, const char *name);
/* Both files of an earlier run's figure ("sweep"), which do not fit to what is staged: removed with the next
 * commit. */
void results_outdate_figure(struct results *results, const char *name);

/* Renames all staged files to their names.  False and *error, and none of them is: a signal came, the
 * folder is gone, or a name is taken by a folder. */
bool results_commit(struct results *results, GError **error);

/* After the commit: draws a figure of a script for gnuplot_draw(), "sweep", and writes sweep.svg and
 * sweep.pdf.  What gnuplot cannot draw is a warning on stderr, and counted.  False and *error: a signal came, or it cannot be written. */
bool results_draw(struct results *results, const char *name, const char *script, GError **error);
unsigned results_undrawn(const struct results *results);

/* Drops what was not committed. */
void results_close(struct results *results);

/* A number for a CSV: up to `digits` after the point, the same on any machine. */
void results_number(GString *csv, double value, int digits);

/* The same with seven digits, wherever its point is. */
void results_digits(GString *csv, double value);
/* With all its digits, and no more than it takes. */
void results_exact(GString *csv, double value);

/* A word for a CSV: quoted if it must be. */
void results_cell(GString *csv, const char *text);

#endif
