/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of programs as lines of text. */
#ifndef EXEC_LOG_H
#define EXEC_LOG_H

#include "exec/internal.h"
#include "exec/table.h"

/* A call was answered: its line, if calls are logged. */
void log_call(struct thread *t, const struct call_row *row, sim_time start, int64_t ret);
/* The text of a call's arguments is kept before it is served: what it reads may be changed. */
void log_begin(struct thread *t, const struct call_row *row);
/* Says once that a call was refused; that it was answered as if it did something. */
void log_refused(struct thread *t, const char *name);
void log_without_effect(struct thread *t, const char *name);
/* Says once that a program has printed, or written to a file, all that it may. */
void log_full(const struct exec_program *program);

#endif
