/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report while it is written: what the files of report*.c share. */
#ifndef LAB_REPORT_PARTS_H
#define LAB_REPORT_PARTS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "lab/base/error.h"
#include "lab/figures/csv.h"

struct report {
	const char *dir;
	JsonParser *parser;
	JsonObject *about; /* run.json, or sweep.json; NULL: neither */
	GString *nav, *body;
};

/* --- report_folder.c ---------------------------------------------------------------------------- */

/* A file of the folder; NULL: there is none. */
GString *report_file(const struct report *report, const char *name);
/* The same of a table; NULL: there is none, or it is no table. */
struct csv *report_csv(const struct report *report, const char *name);

/* --- report_page.c: the frame ------------------------------------------------------------------ */

/* A section begins; the one before it must have ended. */
void report_begin(struct report *report, const char *id, const char *title);
void report_end(struct report *report);
/* Text, escaped, with a tag around it ("p", "h3") that may have a class (NULL: none). */
void report_text(struct report *report, const char *tag, const char *look, const char *text);
/* The tiles at the top: a number and what it is. */
void report_tile(struct report *report, const char *number, const char *what, bool good);
/* A figure, from <svg on, on a sheet that can be zoomed into; `title` is what it is called. */
void report_sheet(struct report *report, const char *title, const char *svg);
/* The page's only script (report.js). */
extern const char report_script[];
/* The page around all sections. */
GString *report_page(const struct report *report, const char *title, const char *subtitle);

/* --- report_tables.c --------------------------------------------------------------------------- */

/* A whole table of the folder; `sorts`: its columns can be sorted. */
void report_csv_table(struct report *report, const struct csv *csv, const char *caption,
                      bool sorts);
void report_claims(struct report *report, const struct csv *claims);
/* Of a run: what it measured. */
void report_summary(struct report *report, const struct csv *summary);
/* Of a comparison: what differs between its sides. */
void report_changes(struct report *report);
void report_parameters(struct report *report);
void report_provenance(struct report *report);

/* --- report_figures.c -------------------------------------------------------------------------- */

/* The figure NAME.svg, with the numbers of NAME.csv behind it; nothing if there is no such figure. */
void report_figure(struct report *report, const char *name, const char *title, const char *text);
/* Charts of who did what when, chart*.svg. */
void report_charts(struct report *report);
/* Where the time of each processor went, of the runs in run.json. */
void report_time(struct report *report);

/* --- report_series.c --------------------------------------------------------------------------- */

/* What happened over time, if series.csv is there. */
void report_series(struct report *report);
/* How the connections fared that connections.csv says were followed. */
void report_connections(struct report *report);

#endif
