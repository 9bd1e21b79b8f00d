/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Soft timers (Aron and Druschel, SOSP 1999): timers finer than the tick without interrupts of their
 * own.  A timer that is due runs when the kernel is entered for another reason: at a system call, at
 * the end of an interrupt, in the idle loop, which looks all the time; at the latest at the clock's
 * next tick.  So it may be late by as long as a task computes in user mode, and costs nothing but
 * what its work takes.
 */
#ifndef HOST_SOFT_TIMER_H
#define HOST_SOFT_TIMER_H

#include "sim/sim.h"

struct kernel;

/* Embed it; it must stay put until it has run or was cancelled. */
struct soft_timer {
	struct kernel *k;
	void (*fn)(void *arg); /* in no context: it raises a softirq for what it has to do */
	void *arg;
	struct sim_event date; /* when it is due; then, the tick that runs it at the latest */
	bool due;
	struct soft_timer *next; /* of those that are due */
};

void soft_timer_init(struct kernel *k, struct soft_timer *t, void (*fn)(void *arg), void *arg);
/* Due after `delay` (>= 0); one that is set already moves. */
void soft_timer_after(struct soft_timer *t, sim_time delay);
void soft_timer_cancel(struct soft_timer *t);
/* Set, or due and not run yet. */
static inline bool soft_timer_pending(const struct soft_timer *t) {
	return t->due || sim_pending(&t->date);
}

/* The kernel was entered (cpu.c, irq.c, task.c): runs what is due; whether there was any. */
bool soft_timers_run(struct kernel *k);

#endif
