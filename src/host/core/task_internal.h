/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is a task made of?  Its work, its place in the tables, how it is woken and how signals reach
 * it.  Private to host/core, and to who boots it; host/core/task.h is for all others.
 */
#ifndef HOST_TASK_INTERNAL_H
#define HOST_TASK_INTERNAL_H

#include <setjmp.h>

#include "host/core/cache.h"
#include "host/core/told.h"
#include "host/core/work.h"
#include "sim/list.h"

struct task {
	struct kernel *kernel;
	pid_t pid, group; /* the same, but for threads */
	char *name, short_name[16];
	program main;
	void *arg;
	struct files *files;   /* NULL: a kernel thread */
	struct sim_proc *proc; /* NULL until it first runs */
	int refs;              /* table or parent, own code, wake-ups under way */
	enum task_state state;
	bool executing;    /* its code has the processor */
	bool blocking;     /* its code is in schedule() */
	bool runnable;     /* on the run queue, also while it runs */
	bool slept;        /* was off it since schedule() was called */
	bool wake_pending; /* a wake-up is charged and not yet in force */
	bool exiting, root, epoll;
	bool yields; /* until the next choice */
	unsigned syscall_depth;
	struct told told;
	sim_time counter; /* what is left of its slice */
	int nice;         /* 0; 19: the last to run */
	size_t touches;   /* bytes that its program touches whenever it runs (cache.c) ... */
	struct footprint footprint; /* ... and with what the kernel has of it */
	struct copied last_copy;    /* when its last call began that copies ... */
	size_t copied_bytes;        /* ... so much ... */
	double copy_missed;         /* ... of which so much (0 to 1) comes from memory */
	bool copies_file;           /* what it copies are bytes of a file */
	struct work work;
	struct list_node in_queue, in_all;
	struct task *pid_next;
	struct task *parent, *children, *sibling; /* single list of children */
	struct wait_queue child_exit;
	int status;  /* as waitpid() gives it */
	jmp_buf end; /* the task's trampoline: see task.c */
	struct sim_event timer;
	struct wait_entry timer_entry; /* on sched->expired when the timer has fired */
	bool timer_expired;
	uint32_t signals; /* pending: bit per signal */
	signal_handler handlers[32];
	void (*signal_outside)(struct task *task, int sig); /* NULL: they are its own affair */
};

/* The caller must be a task's code: that task. */
struct task *task_self(const struct kernel *k, const char *who);

void task_get(struct task *task);
void task_put(struct task *task);
void task_main(void *task);
void task_release(void *task);
/* Closes the files of the tasks that a run left behind. */
void tasks_halt(struct kernel *k);

/* A kernel thread that sleeps until it is woken for the first time. */
struct task *task_new_dormant(struct kernel *k, const char *name, int nice, program main,
                              void *arg);
/* Effect of a wake-up (a: the task, with a reference). */
void task_wake_effect(void *task, void *unused);
/* Whether it sleeps and nobody is about to wake it. */
static inline bool task_wakeable(const struct task *task) {
	return (task->state == TASK_INTERRUPTIBLE || task->state == TASK_UNINTERRUPTIBLE) &&
	       !task->wake_pending;
}
/* Wakes a sleeping task as wake_up() does. */
void task_wake_charged(struct kernel *k, struct task *task);

/* Whether a return to user mode would do anything about signals. */
static inline bool signals_due(const struct task *task) {
	return task->signals != 0 && task->files && task->syscall_depth == 0;
}
/* On the way to user mode: runs handlers, or ends the task. */
void signals_deliver(struct task *task);

#endif
