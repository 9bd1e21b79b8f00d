/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that a command leaves: all of them whole, or none.
 *
 * Files are staged under temporary names in their folder, flushed to the disk, and renamed
 * together at the end; whatever fails before leaves earlier results as they were.
 */
#ifndef LAB_RESULTS_H
#define LAB_RESULTS_H

#include <stdbool.h>

#include "lab/error.h"

struct results;

/* Prepares `dir` (made with its parents if need be), which `option` ("--out") named.  NULL and *error if it cannot be written or its
 * disk is full: asked before a long run, not after it. */
struct results *results_open(const char *option, const char *dir, GError **error);

/* Stages a file of the folder. */
bool results_stage(struct results *results, const char *name, const char *data, gsize length,
                   GError **error);
/* The same, and frees the string. */
bool results_stage_string(struct results *results, const char *name, GString *data,
                          GError **error);
/* Runs gnuplot on `script` (terminal and output are set for it) and stages the SVG. */
bool results_stage_plot(struct results *results, const char *name, const char *script,
                        GError **error);

/* Renames all staged files to their names. */
bool results_commit(struct results *results, GError **error);
/* Drops what was not committed. */
void results_close(struct results *results);

/* A number for a CSV: up to `digits` after the point, the same on any machine. */
void results_number(GString *csv, double value, int digits);

#endif
