/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept of a run: everything that it measured, or why it is none to rely on.  OUT/runs/ID.json is
 * one, with all that it takes to repeat the run.
 */
#ifndef LAB_RECORD_H
#define LAB_RECORD_H

#include "lab/campaign/run.h"

struct value {
	GQuark name; /* "server.cpu_total", "type:specweb.requests" */
	double value;
};

struct record {
	GArray *values;     /* struct value, in the order in which they were told */
	GPtrArray *reasons; /* char *: why it failed; none: it did not */
	bool crashed;       /* it ended without an answer: worth another try */
	/* Of the machine, not of the run; 0: not known. */
	double wall_s, cpu_s;
	long peak_kib;
};

struct record *record_new(void);
/* Of a run that has only a reason. */
struct record *record_failed(const char *reason, bool crashed);
void record_free(struct record *record);

/* NAN: there is none of that name. */
double record_value(const struct record *record, GQuark name);

/* The id of a run: 16 hexadecimal digits that are a hash of its parameters in force (scenario_hash()), its
 * seed, and the version and commit of this program, or, with changes on top, the very program.  To be freed. */
char *record_id(const char *scenario_hash, uint64_t seed);

/* Runs it in this process and never fails: what is wrong is in the record. */
struct record *record_run(const struct text *text, uint64_t seed);

/* As bytes for a pipe, and back (NULL: they are none); `like`, which may be NULL, is a record that probably
 * has the same names. */
void record_write(const struct record *record, GString *out);
struct record *record_read(const char *bytes, gsize length, const struct record *like);

/* --- OUT/runs/ID.json ------------------------------------------------------------------------- */

struct run_file {
	char *version, *commit; /* of the program that made it */
	bool dirty;
	char *build; /* version_build(); NULL: it was not dirty */
	char *id;
	char *scenario, *text; /* name of the file, and what it says, with all that is set */
	uint64_t seed;
	char *experiment, *config; /* that it is of; "-": none */
	unsigned offered;
	char **settings; /* what was set besides, for people: "GROUP.KEY=VALUE" */
	struct record *record;
};

void run_file_free(struct run_file *file);
/* Whether this program made it; what it runs.  NULL and *error: it is no scenario. */
bool run_file_is_ours(const struct run_file *file);
struct text *run_file_text(const struct run_file *file, GError **error);
/* The same run gives the same bytes; version and commit are this program's. */
GString *run_file_write(const struct run_file *file);
/* The same of a run of that text, which names the scenario too. */
GString *run_file_of(struct run_file *file, const struct text *text);
/* NULL: it is no such file, or not whole. */
struct run_file *run_file_read(const char *json, gsize length);

#endif
