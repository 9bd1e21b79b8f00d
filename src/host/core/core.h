/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel's core (cpu.c, irq.c, sched.c, task.c, wait.c, signal.c) shares: the processor,
 * its contexts, tasks and the run queue.  Private to these files, and to who boots them.
 */
#ifndef HOST_CORE_H
#define HOST_CORE_H

#include <glib.h>
#include <setjmp.h>

#include "host/core/kernel.h"
#include "sim/watch.h"

/* --- work: what a context has charged and not yet worked off ---------------------------------- */

/* `id` of a step that is only a point where another task may get the processor, such as the return
 * to user mode: it takes no time and is in no account. */
#define COST_NONE HOST_COST_COUNT

struct step {
	void (*effect)(void *a, void *b); /* NULL: time to work off */
	union {
		struct {
			sim_time left;
			size_t bytes;
		};
		struct {
			void *a, *b;
		};
	};
	uint16_t id;
	uint8_t mode; /* enum cpu_mode */
	bool part;    /* of the charge before it: none of its own */
};

struct work {
	struct step *steps;
	unsigned head, end, size; /* steps[head .. end - 1] are left */
};

static inline bool work_empty(const struct work *w) { return w->head == w->end; }
static inline struct step *work_head(const struct work *w) { return &w->steps[w->head]; }

/* Whether a task's next step is one in user mode. */
static inline bool work_in_user(const struct work *w) {
	return !work_empty(w) && !work_head(w)->effect && work_head(w)->mode == CPU_USER;
}

/* Whether it may lose the processor to another task before that step. */
static inline bool work_may_yield(const struct work *w) {
	return work_in_user(w) ||
	       (!work_empty(w) && !work_head(w)->effect && work_head(w)->id == COST_NONE);
}

void work_add(struct work *w, enum cpu_mode mode, unsigned id, size_t bytes, sim_time time);
/* The same in front of what is left. */
void work_prepend(struct work *w, enum cpu_mode mode, unsigned id, sim_time time);

/* --- the processor ---------------------------------------------------------------------------- */

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
	bool idle;                 /* nobody wants it */
	struct soft_timer *soft_due; /* waits for the kernel to be entered */

	enum cpu_code code;
	struct work *code_work;    /* where charges go; NULL in CODE_DEVICE */
	enum cpu_mode code_mode;

	struct cpu_usage usage;    /* without .window */
	sim_time window_start;

	struct irq_line lines[IRQ_LINES];
	uint32_t irq_high, irq_enabled, irq_held; /* bit per line */
	struct irq_line *pass;     /* line being served */
	struct irq_action *action; /* whose turn comes next in the pass; NULL: its end */
	irq_handler rest;          /* of the handler before it; NULL: that is done */
	void *rest_of;             /* its dev_id */
	bool claimed;              /* by one of those before */
	struct work irq_work;

	struct softirq_action *softirqs; /* ordered by number */
	unsigned n_softirqs, pending_softirqs;
	uint32_t softirqs_ran; /* in this pass: bit per number */
	bool softirq_wanted;   /* a pass is to begin */
	bool in_softirq;       /* one has begun */
	struct work softirq_work;
	struct sim_event clock;  /* the tick, when something is pending that waits for ksoftirqd */
	struct task *ksoftirqd;  /* NULL until there was something for it to do */

	struct work idle_work; /* the switch to the idle task, which nothing but interrupts interrupts */

	struct sim_payer payer; /* the rules that sim/watch.h watches */
	struct sim_duty duty;
};

/* Cost `id` in kernel mode: the table's value times the cold factor. */
sim_time cpu_kernel_cost(const struct kernel *k, unsigned id, size_t bytes);
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

void irq_init(struct kernel *k);
void irq_exit(struct kernel *k);
/* Something that a processor would serve before any task. */
static inline bool irq_due(const struct cpu *cpu) {
	return cpu->pass || (cpu->irq_high & cpu->irq_enabled & ~cpu->irq_held) != 0;
}
/* The pass whose steps are worked off goes on with the next handler, or ends; or the next begins. */
void irq_next(struct kernel *k);

void softirq_init(struct kernel *k);
void softirq_exit(struct kernel *k);
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
}
static inline void cpu_end_interrupt(struct cpu *cpu) {
	cpu->code = CODE_DEVICE;
	cpu->code_work = NULL;
}

/* --- tasks ------------------------------------------------------------------------------------ */

struct task {
	struct kernel *kernel;
	pid_t pid;
	char *name;
	program main;
	void *arg;
	struct files *files;       /* NULL: a kernel thread */
	struct sim_proc *proc;     /* NULL until it first runs */
	int refs;                  /* table or parent, own code, wake-ups under way */
	enum task_state state;
	bool executing;            /* its code has the processor */
	bool blocking;             /* its code is in schedule() */
	bool runnable;             /* on the run queue, also while it runs */
	bool slept;                /* was off it since schedule() was called */
	bool wake_pending;         /* a wake-up is charged and not yet in force */
	bool exiting, root;
	unsigned syscall_depth;
	sim_time counter;          /* what is left of its slice */
	int nice;                  /* 0; 19: the last to run */
	struct work work;
	struct task *run_next, *run_prev;
	struct task *all_next, *all_prev;
	struct task *parent, *children, *sibling; /* single list of children */
	struct wait_queue child_exit;
	int status;                /* as waitpid() gives it */
	jmp_buf end;               /* the task's trampoline: see task.c */
	struct sim_event timer;
	struct wait_entry timer_entry; /* on sched->expired when the timer has fired */
	bool timer_expired;
	uint32_t signals;          /* pending: bit per signal */
	signal_handler handlers[32];
};

struct sched {
	struct task *current, *last; /* owner of the processor; the last one that ran, NULL: idle */
	pid_t mm_pid;                /* whose address space is loaded */
	bool need_resched;
	struct task *run_head, *run_tail;
	unsigned n_runnable;
	struct task *all;
	GHashTable *by_pid;
	unsigned n_tasks;
	pid_t last_pid;
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
void sched_timer_cancel(struct task *task);
/* The caller must be a task's code: that task. */
struct task *task_self(const struct kernel *k, const char *who);

void task_get(struct task *task);
void task_put(struct task *task);
void task_main(void *task);
/* Closes the files of the tasks that a run left behind. */
void tasks_halt(struct kernel *k);

/* A kernel thread that sleeps until it is woken for the first time. */
struct task *task_new_dormant(struct kernel *k, const char *name, int nice, program main, void *arg);
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

/* --- life (host/boot) ------------------------------------------------------------------------- */

/* A kernel without parts, and its end. */
struct kernel *kernel_alloc(struct sim *sim, const struct kernel_conf *conf);
void kernel_release(struct kernel *k);

void cpu_init(struct kernel *k);
void cpu_exit(struct kernel *k);
void sched_init(struct kernel *k);
void sched_exit(struct kernel *k);
void modules_init(struct kernel *k);
void modules_exit(struct kernel *k);

#endif
