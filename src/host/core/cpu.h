/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host processor: who has it, and what its time went to.
 *
 * Strict preemption: hardirq > softirq > task.  Within a level work runs first come, first served;
 * tasks share by time slices (task.h).  Kernel code of a task is interrupted by hardirq and softirq
 * but not by another task, as in Linux 2.4; user code is interrupted by both.
 *
 * Work is a list of steps.  Code that runs on the processor (a handler, a system call) is plain C:
 * it executes in no simulated time and *charges* named costs as it goes.  The charges line up as
 * steps in the current context; cpu_defer() puts an effect between them, such as "ring the
 * doorbell" or "wake that queue", which then happens when the processor has worked off the charges
 * before it, preemption included.  So one mechanism serves all contexts and no effect is seen by
 * the outside before its cause was paid for.  A task waits for its own steps in cpu_settle().
 *
 * Rule for authors: what others can see (doorbells, frames, wake-ups) goes through cpu_defer();
 * private state may change at once.
 */
#ifndef HOST_CPU_H
#define HOST_CPU_H

#include <stdbool.h>

#include "sim/cost.h"
#include "sim/trace.h"

struct kernel;

/* What the processor's time is accounted to; the first two are a task's. */
enum cpu_mode { CPU_USER, CPU_SYSTEM, CPU_SOFTIRQ, CPU_IRQ, CPU_MODES };

/* Charges cost `id` (enum host_cost, host/core/costs.h) for `bytes` to the running context. */
void charge(struct kernel *k, unsigned id, size_t bytes);

/* Adds `time` to a charge of cost `id`: a stall whose length a device says (an MMIO read).  No
 * charge of its own in the accounts. */
void charge_time(struct kernel *k, unsigned id, sim_time time);

/* Runs fn(a, b) when the running context's charges so far have been worked off; at once if there
 * are none.  The effect itself takes no time and must not charge or block. */
void cpu_defer(struct kernel *k, void (*fn)(void *a, void *b), void *a, void *b);

/* Task context only: blocks the task until all its charges are worked off. */
void cpu_settle(struct kernel *k);

/* The run is over: charges are ignored, and nobody waits for anything. */
bool cpu_halted(const struct kernel *k);

/* Whether code runs in hardirq or softirq context now (must not block). */
bool in_interrupt(const struct kernel *k);

/* Where to tell of what the running context does, code or effect of its (sim/trace.h). */
const struct sim_track *cpu_track(const struct kernel *k);

/* --- interrupts (irq.c) ------------------------------------------------------------------- */

/* A handler returns whether its device had asserted the line. */
typedef bool (*irq_handler)(void *dev_id);

/* Adds a handler to a (shared, level-triggered) line 0..31.  0 or -EINVAL. */
int request_irq(struct kernel *k, unsigned line, irq_handler handler, const char *name,
                void *dev_id);
void free_irq(struct kernel *k, unsigned line, void *dev_id);

/* From a handler, the last thing that it does: it goes on with rest(dev_id), still in hardirq context,
 * when its charges so far are worked off, and that says whether the device had asserted the line. */
void irq_then(struct kernel *k, irq_handler rest, void *dev_id);

/* The line's level as the bus drives it (connected to pci_bus_on_irq()).  While a line is high its
 * handlers run in hardirq context, one pass over all sharers, again and again until it is low.  Each
 * runs when the charges of the entry and of the handlers before it are worked off. */
void irq_level(struct kernel *k, unsigned line, bool high);

/* --- softirqs (softirq.c) -------------------------------------------------------------------- */

enum softirq { SOFTIRQ_TIMER, SOFTIRQ_NET_TX, SOFTIRQ_NET_RX, SOFTIRQ_TASKLET, SOFTIRQS };

/* Names the action of a softirq: a function that does a piece of work, charges for it and returns true
 * if it wants to go on when that is worked off.  Who may always have more to do must end after a while
 * and raise its softirq anew, as net_rx_action() does: else no task comes to run. */
void open_softirq(struct kernel *k, enum softirq nr, bool (*action)(void *arg), void *arg);
/* Marks it pending.  It runs when no hardirq is, before any task; if it has run since the last task did
 * (or interrupt came, softirq.c), it is left to ksoftirqd. */
void raise_softirq(struct kernel *k, enum softirq nr);
/* Whether an action of it is pending or at work, or the run is over. */
bool softirq_pending(const struct kernel *k, enum softirq nr);
/* A task, or an effect of its, has done what no softirq may run in the middle of (local_bh_enable() of
 * 2.4): those that are pending run now. */
void softirqs_let_in(struct kernel *k);

/* --- accounting --------------------------------------------------------------------------- */

struct cpu_usage {
	sim_time busy[CPU_MODES]; /* by mode, since the last reset */
	sim_time window;          /* wall time since the last reset; idle = window - sum(busy) */
	uint64_t context_switches, hardirqs, softirqs, syscalls;
};

/* Work in progress counts up to this instant. */
void cpu_usage_get(const struct kernel *k, struct cpu_usage *usage);
/* Starts a new window; also resets the cost accounts. */
void cpu_usage_reset(struct kernel *k);

#endif
