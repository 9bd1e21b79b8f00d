/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processor's time stamp counter, as programs with `tsc = simulated` read it. */
#ifndef EXEC_TSC_H
#define EXEC_TSC_H

#include "exec/internal.h"

/* Such a program's thread, which was seen first and whose call is held, is watched from now on. */
void tsc_watch(struct exec *exec, pid_t tid);
bool tsc_watches(const struct exec *exec, pid_t tid);
/* Sees to threads that read the counter, take a signal or have ended, and lets them go on. */
void tsc_attend(struct exec *exec);
/* A watched thread, which runs, stops (false: it has ended), and goes on. */
bool tsc_stop(struct exec *exec, pid_t tid);
void tsc_go_on(pid_t tid);

#endif
