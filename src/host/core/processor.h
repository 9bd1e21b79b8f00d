/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the processor do at this moment, and for whom?  Its contexts (interrupts, softirqs, a
 * task), the work of each, and how they take it from one another.  Private to host/core, and to who
 * boots it.
 */
#ifndef HOST_PROCESSOR_H
#define HOST_PROCESSOR_H

#include "host/core/work.h"
#include "sim/watch.h"

#define IRQ_LINES 32

struct irq_action {
	irq_handler handler;
	const char *name;
	void *dev_id;
	struct irq_action *next;
};

struct irq_line {
	struct irq_action *actions;
	struct sim_event redeliver;
	struct kernel *kernel;
	unsigned nr;
	unsigned spurious; /* passes in a row that nobody claimed */
};

struct softirq_action {
	enum softirq nr;
	bool (*fn)(void *arg);
	void *arg;
	bool pending; /* raised */
	bool due;     /* in this pass */
};

/* In which context code executes at this moment. */
enum cpu_code { CODE_DEVICE, CODE_IRQ, CODE_SOFTIRQ, CODE_TASK };

struct cpu {
	struct sim_event event;    /* end of the stretch that is worked on, or an earlier look */
	struct work *running;      /* worked on since `since`; NULL: idle, or task code runs */
	struct task *running_task; /* whose work it is; NULL in interrupt contexts */
	sim_time since;
	bool dispatching, halted;
	bool idle;           /* nobody wants it */
	bool irq_due;        /* a pass goes on, or could begin */
	bool softirq_wanted; /* a pass is to begin */
	bool in_softirq;     /* one has begun */
	enum cpu_mode code_mode;
	enum cpu_code code;
	struct work *code_work; /* where charges go; NULL in CODE_DEVICE */
	struct work *effect_of; /* whose effect happens now; NULL: nobody's */

	struct work irq_work, softirq_work;
	struct work
		idle_work; /* the switch to the idle task, which nothing but interrupts interrupts */
	struct soft_timer *soft_due; /* waits for the kernel to be entered */

	struct cpu_usage usage; /* without .window */
	sim_time window_start;

	uint32_t irq_high, irq_enabled, irq_held; /* bit per line */
	uint32_t softirqs_ran;                    /* in this pass: bit per number */
	struct irq_line *pass;                    /* line being served */
	struct irq_action *action; /* whose turn comes next in the pass; NULL: its end */
	irq_handler rest;          /* of the handler before it; NULL: that is done */
	void *rest_of;             /* its dev_id */
	bool claimed;              /* by one of those before */

	struct softirq_action *softirqs; /* ordered by number */
	unsigned n_softirqs, pending_softirqs;
	unsigned softirq_next;  /* of those before it none is due */
	struct sim_event clock; /* the tick, when something is pending that waits for ksoftirqd */
	struct task *ksoftirqd; /* NULL until there was something for it to do */

	struct irq_line lines[IRQ_LINES];

	struct sim_payer payer; /* the rules that sim/watch.h watches */
	struct sim_duty duty;
};

/* Makes the processor look for better work now.  Harmless at any moment. */
void cpu_kick(struct kernel *k);
/* Task code: gives the processor to whatever is due, starting with the task's own steps, and
 * returns when sched_choose() has given it back to the task's code. */
void cpu_leave(struct kernel *k, struct task *task);
/* The same at a task's end: does not return to it. */
void cpu_leave_for_good(struct kernel *k);
/* A task's code begins to execute. */
void cpu_enter_task(struct kernel *k, struct task *task);
/* Works the accounts up to this instant. */
void cpu_sync(struct kernel *k);

/* Something that a processor would serve before any task. */
static inline bool irq_due(const struct cpu *cpu) { return cpu->irq_due; }
/* The pass whose steps are worked off goes on with the next handler, or ends; or the next begins. */
void irq_next(struct kernel *k);

static inline bool softirq_due(const struct cpu *cpu) {
	return cpu->in_softirq || cpu->softirq_wanted || !work_empty(&cpu->softirq_work);
}
/* The pass whose steps are worked off goes on, or ends; or one begins. */
void softirq_next(struct kernel *k);

/* Code of an interrupt context begins and ends to execute. */
static inline void cpu_begin_interrupt(struct cpu *cpu, enum cpu_code code) {
	cpu->code = code;
	cpu->code_work = code == CODE_IRQ ? &cpu->irq_work : &cpu->softirq_work;
	cpu->code_mode = code == CODE_IRQ ? CPU_IRQ : CPU_SOFTIRQ;
	work_rewind(cpu->code_work);
}
static inline void cpu_end_interrupt(struct cpu *cpu) {
	cpu->code = CODE_DEVICE;
	cpu->code_work = NULL;
}

#endif
