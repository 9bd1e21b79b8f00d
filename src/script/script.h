/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Short programs as text: a line per system call, with the result that is expected.
 *
 *     s = socket(stream)
 *     bind(s, 0.0.0.0:80) = 0
 *     listen(s, 5)
 *     c = accept(s)
 *     expect stack(c) = toe0
 *
 * A text is read once (script_read(), which refuses what it does not understand) and run by a
 * process of a simulated machine, or several.  Each call is told when it has returned: date,
 * process, the call with its arguments, its result, the stack that served, how long it took.  The
 * language is described in docs/programs.md.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <glib.h>

#include "host/core/kernel.h"

struct script;
struct script_run;

/* Reads a program.  NULL and *error: one line, "line 3: what is wrong; allowed: ...". */
struct script *script_read(const char *text, GError **error);
void script_drop(struct script *script);

enum script_event_kind {
	SCRIPT_CALL,     /* a system call returned */
	SCRIPT_PRINT,    /* print */
	SCRIPT_OUTPUT,   /* a line that a tool printed */
	SCRIPT_MISMATCH, /* a result was not the expected one */
	SCRIPT_END,      /* a process was killed */
};

struct script_event {
	enum script_event_kind kind;
	sim_time when;       /* now: when the call returned */
	sim_time took;       /* of a call */
	const char *process; /* its name */
	const char *text;    /* "bind(3, 0.0.0.0:80) = 0" */
	const char *stack;   /* "inet", a card's name, "any"; NULL: no socket is concerned */
};

/* Told of everything that happens, in order.  The event lasts for the call only. */
typedef void (*script_log)(void *arg, const struct script_event *event);

/* An event as a line (without newline): columns that a person can read. */
void script_event_format(const struct script_event *event, GString *line);

/* Starts `script`, which must outlive the run, as a process called `name` (copied) at date `at`.
 * `done` (may be NULL) is called when the process and all that it forked have ended. */
struct script_run *script_start(struct kernel *k, const struct script *script, const char *name,
                                sim_time at, script_log log, void (*done)(void *arg), void *arg);
/* The same with a single command of tools.h as the program, which is expected to end with 0. */
struct script_run *script_start_command(struct kernel *k, const char *command, const char *name,
                                        sim_time at, script_log log, void (*done)(void *arg),
                                        void *arg);
void script_run_free(struct script_run *run);

struct script_result {
	uint64_t calls, checks,
		failed;            /* system calls; expectations, and those that did not hold */
	bool finished;             /* the program has come to its end */
	const char *first_failure; /* the first that did not hold; NULL: none.  The run's. */
};
void script_result(const struct script_run *run, struct script_result *result);
/* Where processes stand that have not ended: the name of each, the line and what it does there. */
void script_standing(const struct script_run *run,
                     void (*fn)(void *arg, const char *process, unsigned line, const char *what),
                     void *arg);

#endif
