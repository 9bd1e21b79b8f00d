/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep: a run for each point, in each replication, and what they measured, for the tables and the figure
 * that show it.  docs/results.md has the way from a scenario to them.
 */
#ifndef LAB_SWEEP_H
#define LAB_SWEEP_H

#include "lab/base/stats.h"
#include "lab/campaign/axes.h"
#include "lab/campaign/chosen.h"
#include "lab/campaign/law.h"
#include "lab/campaign/plan.h"
#include "lab/campaign/record.h"

/* Of one command. */
#define SWEEP_MAX_RUNS 100000

/* What the user wants. */
struct sweep_wanted {
	struct axes_wanted axes;
	char **sets;     /* "GROUP.KEY=VALUE", stronger than the text; NULL: none */
	char **measures; /* patterns of names (chosen_new()); NULL: what the scenario's figure shows */
	uint64_t seed;   /* of the first replication; the others have those that follow */
	unsigned repeat; /* replications; 0: what [sweep NAME] says, or 1 (10 with a precision) */
	double precision; /* more of them, until half an interval is that share of its mean; 0: not */
	unsigned most;    /* of them then, but no fewer than without */
	double effect;    /* a difference that is less, as a share, is none worth naming */
	bool stop_failed; /* the first run that fails is the last that begins */
};

/* A run, which several rows may have. */
struct sweep_run {
	char *id;
	uint64_t seed;
	guint row, number;     /* the first that has it; of all runs of the sweep */
	double weight;         /* of its wall time, relative to other runs */
	struct record *record; /* NULL: not run yet */
};

/* A row of the table: a point, in a config of an experiment, at a load. */
struct sweep_row {
	const struct point *point;
	const char *experiment, *config; /* "-": the scenario has none; interned */
	unsigned offered;                /* requests per second; 0: no load points */
	GPtrArray *runs;                 /* struct sweep_run, by replication */
	char *hash;                      /* of its parameters */
	double weight;                   /* of its runs */
	double wall_s;                   /* of its runs, the longest until now; 0: not known */
};

struct sweep {
	struct text *text; /* the scenario as it was read */
	struct sweep_wanted wanted;
	struct points *points;
	struct scenario
		*sc;     /* as the first point has it: for titles, and what its figure is to show */
	GArray *rows;    /* struct sweep_row */
	GPtrArray *runs; /* struct sweep_run, all */
	GHashTable *by_id; /* the same */
	GHashTable *laws;  /* sweep_law()'s: what was worked out */
	struct chosen *chosen;
};

static inline const struct sweep_row *sweep_row(const struct sweep *sweep, guint row) {
	return &g_array_index(sweep->rows, struct sweep_row, row);
}

/* Plans the runs, but does none.  `wanted` is kept by reference.  NULL and *error. */
struct sweep *sweep_new(const struct text *text, const struct sweep_wanted *wanted, GError **error);
void sweep_free(struct sweep *sweep);

/* Gives a row so many replications, if it has fewer; how many it had less. */
unsigned sweep_extend(struct sweep *sweep, guint row, unsigned replications);

/* The text of a row's runs, which must be right; what was set in it besides the scenario; how a line for
 * people calls it ("pci0.latency=1us, fig5 offload_sop 700/s").  All to be freed. */
struct text *sweep_text(const struct sweep *sweep, guint row);
char **sweep_settings(const struct sweep *sweep, guint row);
char *sweep_name(const struct sweep *sweep, guint row);

/* --- what the runs measured ---------------------------------------------------------------------- */

/* A measure's mean over those of a row's runs that did not fail (of all if all did), and half its
 * confidence interval: over replications, or, of one, its own.  NAN: not measured. */
double sweep_value(const struct sweep *sweep, guint row, const struct column *column);
double sweep_ci95(const struct sweep *sweep, guint row, const struct column *column);
/* Both, and over how many runs. */
struct estimate sweep_estimate(const struct sweep *sweep, guint row, const struct column *column,
                               unsigned *n);
/* What it is the mean of: double, one a run.  To be released. */
GArray *sweep_values(const struct sweep *sweep, guint row, const struct column *column);
/* Whether any run measures it. */
bool sweep_measures(const struct sweep *sweep, const struct column *column);
/* Runs of a row that failed (those that are missing not among them), and the first of their reasons
 * (NULL: none). */
unsigned sweep_failed(const struct sweep *sweep, guint row, const char **reason);

/* A column's law, if it speaks of any run that measures the column; NULL. */
const struct law *sweep_column_law(const struct sweep *sweep, const struct column *column);
/* What a law says of a row, and of that row with another value of an axis ("1us"); NAN: nothing. */
double sweep_law(const struct sweep *sweep, guint row, const struct law *law);
double sweep_law_at(const struct sweep *sweep, guint row, const struct law *law, const char *axis,
                    const char *value);

#endif
