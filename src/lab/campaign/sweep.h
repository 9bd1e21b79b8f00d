/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep: a run for each combination of the values that are varied, and what they measured, for the
 * table and the figure that show it.
 */
#ifndef LAB_SWEEP_H
#define LAB_SWEEP_H

#include "lab/campaign/axes.h"
#include "lab/campaign/law.h"
#include "lab/campaign/plan.h"

/* What a sweep reports of a run: a measure that a kind of group declares with a column, of all groups of
 * the kind together. */
struct sweep_column {
	const char *name; /* in sweep.csv */
	const struct kind *kind;
	const struct measured *measure;
	bool ci95;        /* half of its confidence interval */
	const char *axis; /* title of a panel in the figure; NULL: not drawn */
};

/* A row of the table: a point, in a config of an experiment, at a load. */
struct sweep_row {
	const struct point *point;
	const char *experiment, *config; /* "-": the scenario has none */
	unsigned offered;                /* requests per second; 0: no load points */
	const struct plan *plan;         /* which made it ... */
	guint item;                      /* ... of this number */
};

struct sweep {
	struct points *points;
	GPtrArray *plans;    /* struct plan, one a point */
	GPtrArray *settings; /* char **: what each plan was made with */
	GArray *rows;        /* struct sweep_row */
	GHashTable *laws;    /* sweep_law()'s: what was worked out */
	GArray *columns;     /* struct sweep_column: all that kinds declare, in sweep.csv's order */
};

static inline const struct sweep_row *sweep_row(const struct sweep *sweep, guint row) {
	return &g_array_index(sweep->rows, struct sweep_row, row);
}

/* The i-th column; NULL past the end. */
static inline const struct sweep_column *sweep_column(const struct sweep *sweep, guint i) {
	return i < sweep->columns->len ? &g_array_index(sweep->columns, struct sweep_column, i)
	                               : NULL;
}

/* Plans the runs: `sets` are stronger than the text, and what varies stronger than they are.  NULL and
 * *error. */
struct sweep *sweep_new(const struct text *text, const struct axes_wanted *wanted, char **sets,
                        uint64_t seed, GError **error);
void sweep_free(struct sweep *sweep);
bool sweep_run(struct sweep *sweep, unsigned jobs, GError **error);
/* The scenario as the first point has it: for titles, and what its figure is to show. */
const struct scenario *sweep_scenario(const struct sweep *sweep);

/* Prints why points are none to rely on; how many reasons there were.  Whether one of them is such. */
unsigned sweep_verdict(const struct sweep *sweep);
bool sweep_failed(const struct sweep *sweep, guint row);

/* A column of a row, and half its confidence interval; NAN: not measured. */
double sweep_value(const struct sweep *sweep, guint row, const struct sweep_column *column);
double sweep_ci95(const struct sweep *sweep, guint row, const struct sweep_column *column);
/* Whether any run measures it. */
bool sweep_measures(const struct sweep *sweep, const struct sweep_column *column);

/* A column's law, if it speaks of any run that measures the column; NULL. */
const struct law *sweep_column_law(const struct sweep *sweep, const struct sweep_column *column);
/* What a law says of a row, and of that row with another value of an axis ("1us"); NAN: nothing. */
double sweep_law(const struct sweep *sweep, guint row, const struct law *law);
double sweep_law_at(const struct sweep *sweep, guint row, const struct law *law, const char *axis,
                    const char *value);

#endif
