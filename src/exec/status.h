/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What /proc/PID/task/TID/status tells of a real thread.  Names of lines are given with the end of the line
 * before them, and their colon. */
#ifndef EXEC_STATUS_H
#define EXEC_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The whole text, to be freed; NULL: there is no such thread any more. */
char *status_text(pid_t pid, pid_t tid);
/* A mask of signals in it; 0: there is no such line. */
uint64_t status_mask(const char *text, const char *name);
/* Signals that are pending for the thread or its process; 0 also if it is no more. */
uint64_t status_pending(pid_t pid, pid_t tid);
/* Whether it is on its way out, or no more. */
bool status_exits(pid_t pid, pid_t tid);
/* The last number of a line; -1: none. */
int status_number(pid_t tid, const char *name);

#endif
