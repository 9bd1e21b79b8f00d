/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals, between the simulated tasks and the real processes. */
#ifndef EXEC_SIGNALS_H
#define EXEC_SIGNALS_H

#include "exec/internal.h"

/* What is sent to a task of this room. */
void signal_sent(struct task *task, int sig);
/* Whether the thread would take a signal if it returned to user mode now. */
bool signal_due(const struct thread *t);
/* Whether a signal that is sent to it now does not end it: it handles, blocks or ignores it, or it is none. */
bool signal_is_survived(const struct thread *t, int sig);
/* A pid or thread of the thread's machine as the simulator sees it; 0: there is none. */
pid_t signals_outer(const struct thread *t, pid_t inner);
/* Signals were sent to a process for real: the first thread that would take one does. */
void signals_come(const struct process *process);
/* Signals were sent for real: those of all others that would be taken end calls. */
void signals_look(struct thread *t);

#endif
