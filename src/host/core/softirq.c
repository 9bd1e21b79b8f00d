/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Softirqs, after kernel/softirq.c of Linux 2.4.
 *
 * They run in *passes* (do_softirq()).  A pass runs each softirq that is pending, to the end of its
 * action; if others have been raised meanwhile, all that are pending then run too.  What has run and
 * is raised again stays pending: it is left to ksoftirqd, a task with the lowest priority there is,
 * so that whoever computes is not shut out by a device that always has more.
 *
 * A pass begins when an interrupt ends, if something is pending; when a task has done what no
 * softirq may run in the middle of (softirqs_let_in()); and when ksoftirqd has the processor.  The
 * clock interrupts, too: where something is left, its next tick begins a pass.
 */
#include <glib.h>
#include <string.h>

#include "host/core/parts.h"
#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "host/core/task_internal.h"

/* --- the table -------------------------------------------------------------------------------- */

static void softirq_remove(struct cpu *cpu, unsigned at) {
	if (cpu->softirqs[at].pending)
		cpu->pending_softirqs--;
	cpu->n_softirqs--;
	memmove(&cpu->softirqs[at], &cpu->softirqs[at + 1],
	        (cpu->n_softirqs - at) * sizeof *cpu->softirqs);
	cpu->softirq_next = 0;
}

/* A softirq may have several actions (timers of tasks and of INET, a tasklet per driver): raising
 * it makes all of them pending.  The same action and `arg` again change nothing; `action` NULL
 * takes the actions of `arg` away. */
void open_softirq(struct kernel *k, enum softirq nr, bool (*action)(void *arg), void *arg) {
	struct cpu *cpu = k->cpu;
	unsigned at = 0;

	for (unsigned i = cpu->n_softirqs; i-- > 0;) {
		if (cpu->softirqs[i].nr != nr || cpu->softirqs[i].arg != arg)
			continue;
		if (cpu->softirqs[i].fn == action)
			return;
		if (!action)
			softirq_remove(cpu, i);
	}
	if (!action)
		return;
	while (at < cpu->n_softirqs && cpu->softirqs[at].nr <= nr)
		at++;
	cpu->softirqs = g_renew(struct softirq_action, cpu->softirqs, cpu->n_softirqs + 1);
	memmove(&cpu->softirqs[at + 1], &cpu->softirqs[at],
	        (cpu->n_softirqs - at) * sizeof *cpu->softirqs);
	cpu->softirqs[at] = (struct softirq_action){.nr = nr, .fn = action, .arg = arg};
	cpu->n_softirqs++;
	cpu->softirq_next = 0;
}

/* --- raising ---------------------------------------------------------------------------------- */

void softirqs_let_in(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	/* An interrupt's end will look; so will the pass that it interrupted. */
	if (!cpu->pending_softirqs || cpu->pass || cpu->in_softirq)
		return;
	cpu->softirq_wanted = true;
	cpu_kick(k);
}

void raise_softirq(struct kernel *k, enum softirq nr) {
	struct cpu *cpu = k->cpu;

	for (unsigned i = 0; i < cpu->n_softirqs; i++) {
		if (cpu->softirqs[i].nr != nr || cpu->softirqs[i].pending)
			continue;
		cpu->softirqs[i].pending = true;
		cpu->pending_softirqs++;
	}
	softirqs_let_in(k);
}

bool softirq_pending(const struct kernel *k, enum softirq nr) {
	const struct cpu *cpu = k->cpu;

	for (unsigned i = 0; i < cpu->n_softirqs; i++)
		if (cpu->softirqs[i].nr == nr && (cpu->softirqs[i].pending || cpu->softirqs[i].due))
			return true;
	return cpu->halted;
}

/* --- ksoftirqd -------------------------------------------------------------------------------- */

static int ksoftirqd(struct task *me, void *arg) {
	struct kernel *k = arg;
	struct cpu *cpu = k->cpu;

	for (;;) {
		set_task_state(me, TASK_INTERRUPTIBLE);
		if (!cpu->pending_softirqs || cpu->halted)
			schedule(k);
		set_task_state(me, TASK_RUNNING);
		while (cpu->pending_softirqs && !cpu->halted) {
			softirqs_let_in(k);
			cpu_settle(k);
			sched_yield_if_due(k, me);
		}
	}
	return 0;
}

static void clock_interrupts(void *arg) { softirqs_let_in(arg); }

/* The kernel has started the task long ago, but nobody could tell until now. */
static void leave_to_ksoftirqd(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	sim_at(k->sim, &cpu->clock, kernel_next_tick(k));
	if (!cpu->ksoftirqd)
		cpu->ksoftirqd = task_new_dormant(k, "ksoftirqd_CPU0", 19, ksoftirqd, k);
	if (task_wakeable(cpu->ksoftirqd))
		task_wake_charged(k, cpu->ksoftirqd);
}

/* --- passes ----------------------------------------------------------------------------------- */

/* What is pending shall run in this pass, if it has anything that has not yet. */
static bool take_pending(struct cpu *cpu) {
	uint32_t pending = 0;

	for (unsigned i = 0; i < cpu->n_softirqs; i++)
		if (cpu->softirqs[i].pending)
			pending |= 1U << cpu->softirqs[i].nr;
	if (!(pending & ~cpu->softirqs_ran))
		return false;
	cpu->softirqs_ran |= pending;
	for (unsigned i = 0; i < cpu->n_softirqs; i++) {
		cpu->softirqs[i].due |= cpu->softirqs[i].pending;
		cpu->softirqs[i].pending = false;
	}
	cpu->pending_softirqs = 0;
	cpu->softirq_next = 0;
	return true;
}

static struct softirq_action *first_due(struct cpu *cpu) {
	for (; cpu->softirq_next < cpu->n_softirqs; cpu->softirq_next++)
		if (cpu->softirqs[cpu->softirq_next].due)
			return &cpu->softirqs[cpu->softirq_next];
	return NULL;
}

static void run_action(struct cpu *cpu, const struct softirq_action *action) {
	struct softirq_action call = *action; /* the table may move while it runs */

	if (call.fn(call.arg))
		return;
	for (unsigned i = 0; i < cpu->n_softirqs; i++)
		if (cpu->softirqs[i].fn == call.fn && cpu->softirqs[i].arg == call.arg)
			cpu->softirqs[i].due = false;
}

static void begin_pass(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	cpu->in_softirq = true;
	cpu->softirqs_ran = 0;
	sim_cancel(k->sim, &cpu->clock);
	cpu->usage.softirqs++;
	charge(k, COST_SOFTIRQ, 0);
	take_pending(cpu);
}

void softirq_next(struct kernel *k) {
	struct cpu *cpu = k->cpu;
	const struct softirq_action *action;

	cpu_begin_interrupt(cpu, CODE_SOFTIRQ);
	if (!cpu->in_softirq && cpu->pending_softirqs)
		begin_pass(k);
	cpu->softirq_wanted = false;
	action = first_due(cpu);
	if (action) {
		run_action(cpu, action);
	} else if (cpu->in_softirq && !take_pending(cpu)) {
		cpu->in_softirq = false;
		if (cpu->pending_softirqs)
			leave_to_ksoftirqd(k);
	}
	cpu_end_interrupt(cpu);
}

/* --- life ------------------------------------------------------------------------------------- */

void softirq_init(struct kernel *k) { sim_event_init(&k->cpu->clock, clock_interrupts, k); }

void softirq_exit(struct kernel *k) {
	sim_cancel(k->sim, &k->cpu->clock);
	g_free(k->cpu->softirqs);
}
