/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks beyond what a program in C of the simulated machine needs: threads, and tasks that stand for a
 * program elsewhere, a real process, which has pids, masks and handlers of its own.
 */
#ifndef HOST_CLONE_H
#define HOST_CLONE_H

#include "host/core/task.h"

/* What clone() makes: a child as fork() does, or a thread of the caller. */
struct clone_conf {
	bool files; /* CLONE_FILES: one table of descriptors for both */
	bool thread; /* CLONE_THREAD: in the caller's group and address space, and no child: it vanishes */
	pid_t pid; /* given from outside, free and not below task_pids_from_outside(); 0: the next */
};
/* As sys_fork(), with these. */
pid_t sys_clone(struct task *me, const struct clone_conf *conf, program main, void *arg);
/* process_start() with a pid from outside. */
struct task *process_start_as(struct kernel *k, pid_t pid, const char *name, program main,
                              void *arg);
/* From now on pids from `first` on (above 300) are given from outside, and the kernel's own stay below. */
void task_pids_from_outside(struct kernel *k, pid_t first);
/* Whether there is no room for one more: -EAGAIN to who asks. */
bool tasks_full(const struct kernel *k);
/* What its program was given. */
void *task_arg(const struct task *task);
/* The pid of the first task of its group: its own, but for threads. */
pid_t task_group(const struct task *task);
/* The caller is nobody's child any more: nobody waits for it. */
void task_disown(struct task *me);

/* A task may stand for a program elsewhere, which has masks and handlers of its own.  What is sent to it is
 * handed over to `sent`; then, and whenever a signal would be taken there, task_interrupt() ends its call
 * as a signal does: it sleeps no more, and is charged COST_SIGNAL on its way out. */
void task_signals_outside(struct task *task, void (*sent)(struct task *task, int sig));
void task_interrupt(struct task *task);

/* Whether it has the epoll calls of 2.6; children and threads inherit it.  Not unless set. */
bool task_has_epoll(const struct task *task);
void task_set_epoll(struct task *task, bool on);

#endif
