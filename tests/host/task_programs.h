/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of tasks and signals run: programs that note in date[] when they came where. */
#ifndef TESTS_HOST_TASK_PROGRAMS_H
#define TESTS_HOST_TASK_PROGRAMS_H

#include "core_machine.h"

static sim_time date[4];

/* The argument of a program that notes in date[i]. */
static inline void *slot(unsigned i) { return GUINT_TO_POINTER(i); }

/* Notes in date[i] when the work in user mode that user_work costs is done. */
static inline int hog(struct task *me, void *i) {
	user_charge(me, COST_USER_WORK, 0);
	date[GPOINTER_TO_UINT(i)] = sys_gettime(me);
	return 0;
}

#endif
