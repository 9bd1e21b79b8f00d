/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ctrl-C and its kin.  A command that leaves files takes SIGINT, SIGTERM and SIGHUP at its start,
 * asks for them where it can stop without leaving anything half-written, and gives them back when
 * its files are written.
 */
#ifndef LAB_INTERRUPT_H
#define LAB_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

#include "lab/base/error.h"

/* From now on the signals end nothing by themselves.  SIGHUP that is ignored (nohup) stays so.
 * Calls nest.  Child processes start with the signals blocked: their parent ends them. */
void interrupt_take(void);
/* The last one: what came too late is forgotten, and the signals act as before. */
void interrupt_release(void);

/* Readable when one has come; -1 while none are taken. */
int interrupt_fd(void);
/* False and *error, "interrupted; WHAT", if one has come. */
bool interrupt_check(const char *what, GError **error);
/* For a child process that becomes another program. */
void interrupt_unblock(void);

#endif
