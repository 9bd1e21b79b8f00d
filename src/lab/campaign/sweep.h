/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep: a run for each combination of the values that are varied, and what they measured, for the
 * table and the figure that show it.
 */
#ifndef LAB_SWEEP_H
#define LAB_SWEEP_H

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

struct sweep_axis {
	char *name; /* GROUP.KEY */
	char **values;
};

struct sweep {
	GArray *axes;        /* struct sweep_axis */
	GPtrArray *plans;    /* struct plan, one a combination, the last axis fastest */
	GPtrArray *labels;   /* char **: the values of the combination */
	GPtrArray *settings; /* char **: what each plan was made with */
	GHashTable *laws;    /* sweep_law()'s: what was worked out */
	GArray *columns;     /* struct sweep_column: all that kinds declare, in sweep.csv's order */
};

/* The i-th column; NULL past the end. */
static inline const struct sweep_column *sweep_column(const struct sweep *sweep, guint i) {
	return i < sweep->columns->len ? &g_array_index(sweep->columns, struct sweep_column, i)
	                               : NULL;
}

/* Plans the runs: `vary` ("GROUP.KEY=A,B"; NULL: what the scenario says), `sets` stronger than all else.
 * NULL and *error. */
struct sweep *sweep_new(const struct text *text, char **vary, char **sets, uint64_t seed,
                        GError **error);
void sweep_free(struct sweep *sweep);
bool sweep_run(struct sweep *sweep, unsigned jobs, GError **error);
/* Prints why points are none to rely on; how many reasons there were.  Whether one of them is such. */
unsigned sweep_verdict(const struct sweep *sweep);
bool sweep_failed(const struct sweep *sweep, guint plan, guint item);

/* A column of the item-th run of a combination, and half its confidence interval; NAN: not measured. */
double sweep_value(const struct sweep *sweep, guint plan, guint item,
                   const struct sweep_column *column);
double sweep_ci95(const struct sweep *sweep, guint plan, guint item,
                  const struct sweep_column *column);
/* Whether any run measures it. */
bool sweep_measures(const struct sweep *sweep, const struct sweep_column *column);

/* A column's law, if it speaks of any run that measures the column; NULL. */
const struct law *sweep_column_law(const struct sweep *sweep, const struct sweep_column *column);
/* What a law says of the item-th run of a combination, and of that run with another value of an axis
 * ("1us"); NAN: nothing. */
double sweep_law(const struct sweep *sweep, guint plan, guint item, const struct law *law);
double sweep_law_at(const struct sweep *sweep, guint plan, guint item, const struct law *law,
                    const char *axis, const char *value);

#endif
