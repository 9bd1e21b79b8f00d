/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the system calls of a run's programs cost, real ones and those of the language alike: the spans that tasks
 * tell are added up by machine, program and call.
 */
#ifndef LAB_WATCH_CALLS_H
#define LAB_WATCH_CALLS_H

#include "lab/campaign/run.h"

/* Stands for a call's name where the program's own code is meant, outside of calls. */
#define WATCH_OWN_CODE "own code"
/* What its measures begin with: explain.call/MACHINE/PROGRAM/CALL/WHAT, where WHAT is `calls` (a number),
 * `took` or `cost/LAYER: NAME` (microseconds of all of them). */
#define WATCH_CALLS "explain.call/"

struct watch_calls;

/* Has the run add those measures, of all calls from its beginning on.  To be freed after the run. */
struct watch_calls *watch_calls(struct run_spec *spec);
void watch_calls_free(struct watch_calls *seen);

#endif
