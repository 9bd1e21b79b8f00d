/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is told of a machine's processor and tasks (sim/trace.h): work by context, each task's system
 * calls and states, wake-ups.  Private to host/core.
 */
#ifndef HOST_TOLD_H
#define HOST_TOLD_H

#include "host/core/work.h"

struct task;

/* What is told of one task; all zero: nobody has listened yet. */
struct told {
	const struct sim_track *states; /* beside its work's track */
	const char *state;              /* "runs", "ready", "sleeps"; NULL: not known */
	sim_time since;
	sim_flow wake;    /* that made it ready */
	sim_flow ran_for; /* the wake-up that it runs for */
	const char *name; /* of its system call; NULL: it is in none */
	sim_flow call;
	sim_time entered;
};

/* The tracks of the processor's contexts. */
void cpu_told(struct kernel *k);
/* The first step of `w` was worked at. */
SIM_TELLS void tell_step(struct kernel *k, struct work *w, sim_time start, sim_time end);

/* A task is in another state now: a static string; NULL: nobody knows. */
SIM_TELLS void tell_turn(struct task *task, const char *state);
SIM_TELLS void tell_wake(struct kernel *k, struct task *task);
SIM_TELLS void tell_call(struct task *task, const char *name);

/* It is being woken by whoever has the processor. */
#define task_woken(k, task) ((void)(sim_heard((k)->track) ? tell_wake((k), (task)) : (void)0))
/* It enters the kernel. */
#define task_calls(task, name)                                                                     \
	((void)(sim_heard((task)->kernel->track) ? tell_call((task), (name)) : (void)0))
/* It is back in its program. */
void task_call_over(struct task *task, sim_time when);
/* It has ended. */
void task_gone(struct task *task);
/* The run is over, and somebody listens: how far all tasks have come is told. */
void tasks_told(struct kernel *k);

#endif
