/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done with each system call: a row per number, and what its handler may answer. */
#ifndef EXEC_TABLE_H
#define EXEC_TABLE_H

#include "exec/internal.h"

/* What handlers return besides a value or a negative errno: the real kernel does it. */
#define PASS (INT64_MIN + 1)
/* The call is begun anew after a signal's handler, or gives EINTR: its action says. */
#define RESTART (-512)

typedef int64_t (*handler)(struct thread *t, const uint64_t *arg);

enum call_class {
	CLASS_ALLOWED,
	CLASS_LOOKED_AT,
	CLASS_PASSED,
	CLASS_SIMULATED,
	CLASS_ANSWERED,
	CLASS_REFUSED
};

struct call_row {
	int nr;
	const char *name;
	enum call_class class;
	handler handler;    /* NULL: passed, or `answer` */
	int answer;         /* of those answered or refused: 0 or a negative errno */
	const char *format; /* a letter per argument: log.c */
};

/* Puts the table (table.c) in place for the following. */
void table_install(void);

/* rows.c, which knows no handler.  The rows from now on, one for a number at most; they must stay. */
void rows_install(const struct call_row *rows, size_t n);
/* The row of a number, which is below NUMBERS_MOST; NULL: none. */
#define NUMBERS_MOST 512
const struct call_row *call_row(int nr);

#endif
