/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a run did what its scenario asked for: a run of which something failed, or was cut short,
 * ends with status 1 and a line for each reason, whatever it measured.
 */
#ifndef LAB_VERDICT_H
#define LAB_VERDICT_H

#include "lab/scenario/scenario.h"
#include "lab/world/measures.h"

/* The reasons, a line of text each: "[fetch] 1 of 1 failed: Connection refused".  Empty: all went
 * well.  To be freed. */
GPtrArray *verdict_reasons(const struct scenario *sc, const struct measures *m);

/* Why what a run measured over its window is to be taken with care, though nothing failed: it had not
 * settled when the window opened, or an interval is too narrow.  To be freed; NULL: nothing. */
char *verdict_doubt(const struct scenario *sc, const struct measures *m);

/* Prints the doubt, as a warning, and the reasons on stderr, behind the command's name and `run`, a run's
 * (NULL: there is one).  How many reasons there were. */
unsigned verdict_print(const char *run, const struct scenario *sc, const struct measures *m);

/* --- for kinds (struct kind's `judge`) -------------------------------------------------------- */

/* What is looked at: one group of a run. */
struct look {
	const struct group *group;
	const struct measures *m;
	GPtrArray *reasons; /* char * */
};

/* A measure of the group; 0 if it has none of that name, as a program that is not enabled. */
double look_at(const struct look *look, const char *name);
bool look_has(const struct look *look, const char *name);
/* A reason why the run is none to rely on. */
void look_blame(const struct look *look, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
