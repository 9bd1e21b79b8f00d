/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of all measures a table and a figure show. */
#ifndef LAB_CHOSEN_H
#define LAB_CHOSEN_H

#include "lab/kinds/kinds.h"

/* A measure that is shown: of a group, or of all groups of a type together. */
struct column {
	char *name;         /* heads it: "throughput_rps", "clients.requests_per_s" */
	GQuark value, ci95; /* in records: "type:specweb.requests", "type:specweb.requests_ci95" */
	const char *unit;
	char *axis; /* title of a panel in the figure; NULL: not drawn */
};

struct chosen {
	GArray *columns; /* struct column */
	char **patterns; /* that choose more of them once runs have told what there is; NULL: none do */
};

/* Those that `patterns` name: a column that a kind declares ("throughput_rps"), GROUP.MEASURE or
 * type:TYPE.MEASURE, with * and ? for what may be anything.  NULL: what [scenario] figure names; if that
 * says nothing either, all columns that kinds declare.  NULL and *error: there is none of that name. */
struct chosen *chosen_new(const struct scenario *sc, char **patterns, GError **error);
void chosen_free(struct chosen *chosen);
/* Adds what the patterns choose of what a run has told. */
struct record;
void chosen_complete(struct chosen *chosen, const struct scenario *sc, const struct record *record);

static inline const struct column *chosen_column(const struct chosen *chosen, guint i) {
	return i < chosen->columns->len ? &g_array_index(chosen->columns, struct column, i) : NULL;
}

/* "_us", "_per_s", "_pct": a unit as the end of a column's name; "" of a count.  To be freed. */
char *unit_suffix(const char *unit);

#endif
