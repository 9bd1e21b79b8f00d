/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processor works off contexts' steps.
 *
 * It has one event.  When work begins, the event is set to the end of the *stretch*: the steps up
 * to the next effect, or to the point at which a task in user mode must be looked at again.  What
 * has been worked off is entered into the accounts when the event fires, when it is brought forward
 * (cpu_kick) because something better came up, or when somebody reads the accounts.  So there is no
 * special case for preemption: the event comes early, the accounts are brought up to date, and
 * cpu_dispatch() chooses anew.
 *
 * Code never runs inside another context's code: interrupts and wake-ups that come while code
 * executes are noted, and cpu_dispatch() sees them as soon as that code is done (in no time).
 */
#include "host/core/processor.h"

#include <glib.h>
#include <string.h>

#include "host/core/parts.h"
#include "host/core/run_queue.h"
#include "host/core/soft_timer.h"
#include "host/core/task_internal.h"
#include "host/core/told.h"
#include "host/core/work.h"

/* --- work ------------------------------------------------------------------------------------- */

/* Time until the next effect, the end, or a step in user mode that begins or lasts past `limit`. */
static sim_time work_stretch(const struct work *w, sim_time limit) {
	sim_time sum = 0;

	for (const struct step *step = w->head; step < w->end && !step->effect; step++) {
		if (step->mode == CPU_USER && limit != SIM_NEVER) {
			if (sum >= limit)
				break;
			if (step->left > limit - sum)
				return limit;
		}
		sum += step->left;
	}
	return sum;
}

/* --- accounts --------------------------------------------------------------------------------- */

/* Whether a system call ends with it. */
static bool step_done(struct kernel *k, struct work *w) {
	const struct step *step = work_head(w);

	w->head++;
	for (uint32_t along = step->along; along; along >>= 8)
		k->costs.account[(uint8_t)along - 1].charges++;
	if (step->id != COST_NONE && !step->part) {
		struct cost_account *account = &k->costs.account[step->id];
		account->charges++;
		account->bytes += step->bytes;
		return false;
	}
	return step->bytes;
}

/* Enters `time` of one step, from `start` on, into the accounts. */
static inline void step_account(struct kernel *k, struct work *w, sim_time time, sim_time start,
                                bool heard) {
	struct step *step = work_head(w);

	step->left -= time;
	k->cpu->usage.busy[step->mode] += time;
	if (step->id == COST_NONE)
		return;
	k->costs.account[step->id].time += time;
	if (heard)
		tell_step(k, w, start, start + time);
}

/* Once for those who are heard, once for all others: a call within the loop costs these even where it is
 * never made. */
static inline __attribute__((always_inline)) void cpu_account(struct kernel *k, bool heard) {
	struct cpu *cpu = k->cpu;
	sim_time now = sim_now(k->sim), elapsed = now - cpu->since;

	/* A tick counts against whoever is current, whatever it interrupts (update_process_times()). */
	if (k->sched->current)
		k->sched->current->counter -= elapsed;
	/* Steps without length at the end stay: the last of them may be a point of preemption. */
	while (elapsed > 0) {
		const struct step *step = work_head(cpu->running);
		sim_time part = MIN(step->left, elapsed);
		step_account(k, cpu->running, part, now - elapsed, heard);
		elapsed -= part;
		if (step->left == 0 && step_done(k, cpu->running))
			task_call_over(cpu->running_task, now - elapsed);
	}
	cpu->since = now;
}

static SIM_TELLS void cpu_account_heard(struct kernel *k) { cpu_account(k, true); }

inline void cpu_sync(struct kernel *k) {
	if (!k->cpu->running)
		return;
	if (sim_heard(k->track))
		cpu_account_heard(k);
	else
		cpu_account(k, false);
}

void cpu_usage_get(const struct kernel *k, struct cpu_usage *usage) {
	/* Reading brings the accounts up to date, which nobody can observe otherwise. */
	cpu_sync((struct kernel *)k);
	*usage = k->cpu->usage;
	usage->window = sim_now(k->sim) - k->cpu->window_start;
}

void cpu_usage_reset(struct kernel *k) {
	cpu_sync(k);
	k->cpu->usage = (struct cpu_usage){.window = 0};
	k->cpu->window_start = sim_now(k->sim);
	cost_reset(&k->costs);
}

/* --- dispatching ------------------------------------------------------------------------------ */

static void run_effect(struct cpu *cpu, struct work *of, void (*effect)(void *a, void *b), void *a,
                       void *b) {
	enum cpu_code code = cpu->code;
	struct work *work = cpu->code_work;

	cpu->code = CODE_DEVICE;
	cpu->code_work = NULL;
	cpu->effect_of = of;
	effect(a, b);
	cpu->effect_of = NULL;
	cpu->code = code;
	cpu->code_work = work;
}

static bool takes_no_time(const struct work *w) {
	return !work_empty(w) && !work_head(w)->effect && work_head(w)->left == 0;
}

/* Whether its next step would be chosen: no code has run since the last choice, and a task may not lose the
 * processor before that step. */
static bool goes_on(const struct work *w, const struct task *task) {
	return !work_empty(w) && (!task || !work_may_yield(w));
}

/* Does what takes no time; then begins a stretch and returns true, unless code has run or it must be chosen anew. */
static bool begin_work(struct kernel *k, struct work *w, struct task *task) {
	struct cpu *cpu = k->cpu;
	const struct step *step;

	while (takes_no_time(w)) {
		if (step_done(k, w))
			task_call_over(task, sim_now(k->sim));
		if (!goes_on(w, task))
			return false;
	}
	step = work_head(w);
	if (step->effect) { /* no code executes while the processor dispatches */
		w->head++;
		cpu->effect_of = w;
		step->effect(step->a, step->b);
		cpu->effect_of = NULL;
		return false;
	}
	cpu->running = w;
	cpu->running_task = task;
	cpu->since = sim_now(k->sim);
	sim_after(k->sim, &cpu->event,
	          work_stretch(w, task ? sched_user_limit(k, task) : SIM_NEVER));
	return true;
}

static void resume_code(struct kernel *k, struct task *task) {
	if (task->executing)
		return;
	task->executing = true;
	if (!task->proc)
		task->proc = sim_spawn_on(k->machine, task_main, task);
	else if (task->proc != sim_self(k->sim))
		sim_wake(k->sim, task->proc);
}

/* No interrupt is served: whose steps are next?  NULL if nobody's are, and then what dispatch_one() says. */
static struct task *dispatch_task(struct kernel *k, bool *done) {
	struct cpu *cpu = k->cpu;
	struct task *task = sched_choose(k);

	cpu->idle = !task;
	if (!task) {
		*done = work_empty(&cpu->idle_work) && !soft_timers_run(k);
		return NULL;
	}
	if (work_empty(&task->work) && sched_falls_asleep(task)) {
		sched_remove(k, task);
		*done = false;
		return NULL;
	}
	if (task->executing || work_empty(&task->work) ||
	    (work_in_user(&task->work) && signals_due(task))) {
		resume_code(k, task);
		*done = true;
		return NULL;
	}
	return task;
}

/* One decision; true when there is nothing more to do until the event, or until a task's code. */
static inline bool dispatch_one(struct kernel *k) {
	struct cpu *cpu = k->cpu;
	struct task *task = NULL;
	struct work *w;

	if (!work_empty(&cpu->irq_work)) {
		w = &cpu->irq_work;
	} else if (irq_due(cpu)) {
		irq_next(k);
		return false;
	} else if (!work_empty(&cpu->softirq_work)) {
		w = &cpu->softirq_work;
	} else if (softirq_due(cpu)) {
		softirq_next(k);
		return false;
	} else if (!work_empty(&cpu->idle_work)) {
		w = &cpu->idle_work;
	} else {
		bool done;

		task = dispatch_task(k, &done);
		if (!task)
			return done;
		w = &task->work;
	}
	return begin_work(k, w, task);
}

static void cpu_dispatch(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	cpu->running = NULL;
	cpu->running_task = NULL;
	cpu->idle = false;
	cpu->dispatching = true;
	while (!dispatch_one(k))
		;
	cpu->dispatching = false;
	if (!cpu->running)
		sim_cancel(k->sim, &cpu->event);
}

static void cpu_event(void *arg) {
	struct kernel *k = arg;

	cpu_sync(k);
	cpu_dispatch(k);
}

void cpu_kick(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	/* Whoever is dispatching, or whose code executes now, will look anyway. */
	if (!cpu->dispatching && cpu->code == CODE_DEVICE && !cpu->halted)
		sim_at(k->sim, &cpu->event, sim_now(k->sim));
}

void cpu_enter_task(struct kernel *k, struct task *task) {
	k->cpu->code = CODE_TASK;
	k->cpu->code_work = &task->work;
	k->cpu->code_mode = CPU_SYSTEM;
	work_rewind(&task->work);
}

static void leave_code(struct cpu *cpu) {
	cpu->code = CODE_DEVICE;
	cpu->code_work = NULL;
}

void cpu_leave(struct kernel *k, struct task *task) {
	leave_code(k->cpu);
	task->executing = false;
	cpu_dispatch(k);
	while (!task->executing)
		sim_block(k->sim);
	cpu_enter_task(k, task);
}

void cpu_leave_for_good(struct kernel *k) {
	leave_code(k->cpu);
	cpu_dispatch(k);
}

void cpu_settle(struct kernel *k) {
	struct cpu *cpu = k->cpu;
	struct task *task;

	if (cpu->halted)
		return;
	task = task_self(k, "cpu_settle");
	while (!work_empty(&task->work) || irq_due(cpu) || softirq_due(cpu)) {
		cpu_leave(k, task);
		/* Back before the end: a signal cut into its work in user mode. */
		if (!work_empty(&task->work))
			signals_deliver(task);
	}
}

/* --- charges ---------------------------------------------------------------------------------- */

/* Only a processor that was halted may be charged nothing. */
static __attribute__((noinline)) void nobody_pays(const struct kernel *k, unsigned id) {
	if (!k->cpu->halted)
		g_error("%s: cost %s charged outside of any context", k->name,
		        k->costs.desc[id].name);
}

static inline struct work *charged_work(const struct kernel *k, unsigned id) {
	if (G_UNLIKELY(!k->cpu->code_work))
		nobody_pays(k, id);
	return k->cpu->code_work;
}

/* What is unusual stands apart, so that what is usual calls nobody and keeps nothing. */
static __attribute__((noinline)) void charge_unusual(const struct kernel *k, unsigned id,
                                                     size_t bytes) {
	struct work *w = charged_work(k, id);

	if (w)
		work_add(w, k->cpu->code_mode, id, bytes, cost_of(&k->costs, id, bytes));
}

inline void charge(struct kernel *k, unsigned id, size_t bytes) {
	const struct cpu *cpu = k->cpu;
	struct work *w = cpu->code_work;

	if (G_UNLIKELY(!w || w->end == w->limit)) {
		charge_unusual(k, id, bytes);
		return;
	}
	sim_time time = cost_of(&k->costs, id, bytes);

	if (time || bytes || !work_add_along(w, cpu->code_mode, id))
		work_add(w, cpu->code_mode, id, bytes, time);
}

void charge_time(struct kernel *k, unsigned id, sim_time time) {
	struct work *w = charged_work(k, id);

	if (!w)
		return;
	work_add(w, k->cpu->code_mode, id, 0, time);
	w->end[-1].part = true;
}

void user_charge(struct task *me, unsigned id, size_t bytes) {
	struct kernel *k = me->kernel;

	if (k->cpu->halted)
		return;
	if (k->cpu->code_work != &me->work)
		g_error("%s: user_charge() for a task that does not run", k->name);
	work_add(&me->work, CPU_USER, id, bytes, cost_of(&k->costs, id, bytes));
}

void user_charge_time(struct task *me, unsigned id, sim_time time) {
	if (!me->kernel->cpu->halted)
		work_add(&me->work, CPU_USER, id, 0, time);
}

inline void cpu_defer(struct kernel *k, void (*fn)(void *a, void *b), void *a, void *b) {
	struct cpu *cpu = k->cpu;
	struct work *w = cpu->code_work;

	if (!w || work_empty(w))
		run_effect(cpu, w, fn, a, b);
	else
		*work_slot(w) = (struct step){.effect = fn, .a = a, .b = b};
}

bool cpu_halted(const struct kernel *k) { return k->cpu->halted; }

bool in_interrupt(const struct kernel *k) {
	return k->cpu->code == CODE_IRQ || k->cpu->code == CODE_SOFTIRQ;
}

/* --- what the watch asks ------------------------------------------------------------------------ */

static const char *cpu_owes(const void *arg) {
	const struct kernel *k = arg;
	const struct work *w = k->cpu->code_work;
	const char *owed = NULL;

	for (const struct step *step = w ? w->head : NULL; w && step < w->end; step++)
		if (!step->effect && step->left > 0)
			owed = step->id == COST_NONE ? "a point of preemption"
			                             : k->costs.desc[step->id].name;
	return k->cpu->halted ? NULL : owed;
}

/* A processor with work to do has a date for it. */
static sim_time cpu_due(const void *arg) {
	const struct kernel *k = arg;
	const struct cpu *cpu = k->cpu;

	if (cpu->halted || sim_pending(&cpu->event))
		return SIM_NEVER;
	return irq_due(cpu) || softirq_due(cpu) || !work_empty(&cpu->irq_work) ||
	                       !work_empty(&cpu->idle_work) || k->sched->n_runnable
	               ? 0
	               : SIM_NEVER;
}

static void watch_begin(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	cpu->payer = (struct sim_payer){.owes = cpu_owes, .arg = k};
	cpu->duty = (struct sim_duty){.name = k->name, .due = cpu_due, .arg = k};
	sim_payer_add(k->sim, &cpu->payer);
	sim_duty_add(k->sim, &cpu->duty);
}

/* --- life ------------------------------------------------------------------------------------- */

void cpu_init(struct kernel *k) {
	k->cpu = g_new0(struct cpu, 1);
	k->cpu->window_start = sim_now(k->sim);
	k->cpu->idle = true;
	sim_event_init(&k->cpu->event, cpu_event, k);
	watch_begin(k);
	cpu_told(k);
	irq_init(k);
	softirq_init(k);
}

void cpu_exit(struct kernel *k) {
	struct cpu *cpu = k->cpu;

	sim_cancel(k->sim, &cpu->event);
	sim_payer_remove(k->sim, &cpu->payer);
	sim_duty_remove(k->sim, &cpu->duty);
	softirq_exit(k);
	irq_exit(k);
	g_free(cpu->irq_work.steps);
	g_free(cpu->softirq_work.steps);
	g_free(cpu->idle_work.steps);
	g_free(cpu);
	k->cpu = NULL;
}
