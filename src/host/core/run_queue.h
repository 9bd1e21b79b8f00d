/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has the processor next, and for how long?  The run queue, the slices and who is in charge.
 * Private to host/core, and to who boots it.
 */
#ifndef HOST_RUN_QUEUE_H
#define HOST_RUN_QUEUE_H

#include "host/core/cache.h"
#include "host/core/kernel.h"
#include "net/engine/spare.h"
#include "sim/list.h"

#define PID_HASH 1024U /* 2.4's PIDHASH_SZ */

struct sched {
	struct task *current, *last; /* owner of the processor; the last one that ran, NULL: idle */
	pid_t mm_pid;                /* whose address space is loaded */
	bool need_resched;
	struct list run_queue;
	unsigned n_runnable;
	struct list all;
	struct task *by_pid[PID_HASH]; /* chained through pid_next */
	unsigned n_tasks;
	struct list footprints; /* struct footprint, the one used last first (cache.c) */
	struct footprint shared[HOST_FOOTPRINT_COUNT];
	struct copied copied; /* by all tasks together */
	struct spares spare_tasks;
	pid_t last_pid, outside_pids; /* 0: none are given from outside */
	struct sim_track *track;      /* of the tasks */
	struct sim_track *length;     /* of the run queue */
	struct wait_queue expired; /* tasks whose timer fired, until the TIMER softirq wakes them */
};

/* Who has the processor now; switches if that is due.  NULL: idle. */
struct task *sched_choose(struct kernel *k);
/* How long `task` may go on until the next step in user mode must wait for sched_choose(). */
sim_time sched_user_limit(const struct kernel *k, const struct task *task);
/* Whether the slice is over and somebody waits, or a better task was woken. */
bool sched_resched_due(const struct kernel *k, const struct task *task);
/* In a task's kernel code: lets the others have their turn if one is due; the task stays runnable. */
void sched_yield_if_due(struct kernel *k, struct task *task);
/* What a task gets when the slices are used up. */
sim_time sched_slice(const struct kernel *k, int nice);
/* Whether a task that has worked off its charges in schedule() goes to sleep now. */
bool sched_falls_asleep(const struct task *task);
/* A new task takes half of its maker's slice, the larger half of an odd number of ticks; the reaper
 * of a child gets back what that has left, up to 200 ms. */
void sched_share_slice(struct kernel *k, struct task *maker, struct task *made);
void sched_return_slice(struct kernel *k, struct task *parent, const struct task *child);
/* Off the run queue and the processor. */
void sched_remove(struct kernel *k, struct task *task);

#endif
