/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a run did what its scenario asked for: a run of which something failed, or was cut short,
 * ends with status 1 and a line for each reason, whatever it measured.
 */
#ifndef LAB_VERDICT_H
#define LAB_VERDICT_H

#include "lab/world/measures.h"
#include "lab/scenario/scenario.h"

/* The reasons, a line of text each: "[fetch] 1 of 1 failed: Connection refused".  Empty: all went
 * well.  To be freed. */
GPtrArray *verdict_reasons(const struct scenario *sc, const struct measures *m);

/* Prints them on stderr, behind the command's name and `run`, a run's (NULL: there is one).  How
 * many there were. */
unsigned verdict_print(const char *run, const struct scenario *sc, const struct measures *m);

#endif
