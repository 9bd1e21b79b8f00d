/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scheduler, after kernel/sched.c of Linux 2.4.
 *
 * Every runnable task is on the run queue, the running one too.  A task's goodness is what is left
 * of its slice, in ticks, as the tick is how 2.4 counts, one more if no address space need be loaded
 * for it, and 20 less what it is nice (goodness()); the best one runs, at equal goodness the first in
 * the queue.  Woken tasks join at the front (add_to_runqueue()).  When the runnable ones have used up
 * their slices, all tasks get half of the rest and a new slice, so sleepers come back with up to two.
 *
 * A new task takes half of its maker's slice (do_fork()); what a child leaves of it goes back to
 * the parent that reaps it (release_task()).
 *
 * There is no preemption in kernel mode: sched_choose() takes the processor from a task only where
 * its next step is one in user mode (or the marker that syscall_exit() leaves).
 */
#include <glib.h>

#include "host/core/cache.h"
#include "host/core/parts.h"
#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "host/core/task_internal.h"
#include "host/core/told.h"
#include "host/core/work.h"

/* --- run queue -------------------------------------------------------------------------------- */

/* What is left of the slice in ticks, parts counted as one; without ticks, in time. */
static sim_time ticks_left(const struct kernel *k, const struct task *task) {
	sim_time tick = k->conf.tick;

	if (task->counter <= 0)
		return 0;
	return tick > 0 ? (task->counter + tick - 1) / tick : task->counter;
}

/* Whether a switch to it must load an address space. */
static bool needs_mm(const struct sched *s, const struct task *task) {
	return task->files && task->group != s->mm_pid;
}

/* What a nice task lacks is more than what slices differ by: it has its turn when the others' are used
 * up, and then to the end of its own, as short as it is. */
static sim_time goodness(const struct kernel *k, const struct task *task) {
	sim_time weight = ticks_left(k, task), unit = k->conf.tick > 0 ? 1 : KERNEL_TICK;

	if (task->yields)
		return -1;
	if (!weight)
		return 0;
	return weight + !needs_mm(k->sched, task) + (20 - task->nice) * unit;
}

/* NICE_TO_TICKS(), for HZ = 100: 6 ticks for nice 0, and one for 19. */
static int nice_ticks(int nice) { return (20 - nice) / 4 + 1; }

sim_time sched_slice(const struct kernel *k, int nice) {
	return MAX(k->conf.time_slice * nice_ticks(nice) / nice_ticks(0), 1);
}

void sched_share_slice(struct kernel *k, struct task *maker, struct task *made) {
	sim_time unit = MAX(k->conf.tick, 1);

	made->counter = MIN((ticks_left(k, maker) + 1) / 2 * unit, MAX(maker->counter, 0));
	maker->counter -= made->counter;
	if (maker->counter <= 0)
		k->sched->need_resched = true;
}

/* MAX_COUNTER: 20 ticks of 10 ms. */
void sched_return_slice(struct kernel *k, struct task *parent, const struct task *child) {
	sim_time most = MAX(20 * k->conf.tick, k->conf.time_slice);

	parent->counter = MIN(parent->counter + MAX(child->counter, 0), most);
}

/* The queue has another length, as a task is in another state. */
static SIM_TELLS void tell_queue(const struct sched *s, struct task *task, const char *state) {
	sim_tell_count(s->length, s->n_runnable);
	tell_turn(task, state);
}

static void run_queue_add(struct sched *s, struct task *task) {
	task->runnable = true;
	list_add_first(&s->run_queue, &task->in_queue);
	s->n_runnable++;
	if (sim_heard(s->length))
		tell_queue(s, task, "ready");
}

void sched_remove(struct kernel *k, struct task *task) {
	struct sched *s = k->sched;

	if (s->current == task)
		s->current = NULL;
	if (!task->runnable)
		return;
	task->runnable = false;
	task->slept = true;
	list_remove(&s->run_queue, &task->in_queue);
	s->n_runnable--;
	if (sim_heard(s->length))
		tell_queue(s, task, "sleeps");
}

/* sys_sched_yield() and move_last_runqueue(). */
void sys_sched_yield(struct task *me) {
	struct sched *s = me->kernel->sched;

	syscall_enter(me);
	list_remove(&s->run_queue, &me->in_queue);
	list_add_last(&s->run_queue, &me->in_queue);
	me->yields = true;
	s->need_resched = true;
	syscall_exit(me);
	cpu_settle(me->kernel); /* the choice is made before the program goes on */
}

static void recalculate(struct kernel *k) {
	for (struct task *task = LIST_FIRST(&k->sched->all, struct task, in_all); task;
	     task = LIST_NEXT(task, struct task, in_all))
		task->counter = MAX(task->counter, 0) / 2 + sched_slice(k, task->nice);
}

static struct task *pick(struct kernel *k) {
	struct task *best = NULL;
	sim_time best_goodness = -2;

	for (struct task *task = LIST_FIRST(&k->sched->run_queue, struct task, in_queue); task;
	     task = LIST_NEXT(task, struct task, in_queue)) {
		sim_time weight = goodness(k, task);
		if (weight > best_goodness) {
			best = task;
			best_goodness = weight;
		}
	}
	if (best_goodness != 0)
		return best;
	recalculate(k);
	return pick(k);
}

bool sched_resched_due(const struct kernel *k, const struct task *task) {
	const struct sched *s = k->sched;

	return s->need_resched || (task->counter <= 0 && s->n_runnable > 1);
}

sim_time sched_user_limit(const struct kernel *k, const struct task *task) {
	const struct sched *s = k->sched;

	if (s->need_resched || signals_due(task))
		return 0;
	return s->n_runnable > 1 ? MAX(task->counter, 0) : SIM_NEVER;
}

/*
 * The idle task counts as a task: a process that slept while nobody ran is switched to again.  An
 * address space is changed only between processes: kernel threads and the idle task borrow the one
 * that is loaded (lazy TLB), and a process that comes back to it finds it still there.
 */
static void switch_to(struct kernel *k, struct task *task) {
	struct sched *s = k->sched;

	k->cpu->usage.context_switches++;
	if (k->conf.l2)
		cache_refill(k, task);
	if (needs_mm(s, task)) {
		s->mm_pid = task->group;
		work_prepend(&task->work, CPU_SYSTEM, COST_MM_SWITCH,
		             cost_of(&k->costs, COST_MM_SWITCH, 0));
	}
	work_prepend(&task->work, CPU_SYSTEM, COST_SCHEDULE, cost_of(&k->costs, COST_SCHEDULE, 0));
}

/* To the idle task: it needs no address space. */
static void switch_to_idle(struct kernel *k) {
	k->cpu->usage.context_switches++;
	work_add(&k->cpu->idle_work, CPU_SYSTEM, COST_SCHEDULE, 0,
	         cost_of(&k->costs, COST_SCHEDULE, 0));
}

/* schedule() looks at every runnable task before it knows; the one that is chosen pays. */
static void pay_for_choice(struct kernel *k, struct task *task) {
	sim_time cost = cost_of(&k->costs, COST_RUN_QUEUE, 0) * k->sched->n_runnable;

	if (cost && task)
		work_prepend(&task->work, CPU_SYSTEM, COST_RUN_QUEUE, cost);
}

/* The processor goes from one to the other; NULL: nobody. */
static SIM_TELLS void tell_choice(struct task *from, struct task *to) {
	if (from)
		tell_turn(from, "ready");
	if (to)
		tell_turn(to, "runs");
}

struct task *sched_choose(struct kernel *k) {
	struct sched *s = k->sched;
	struct task *task = s->current;

	if (task &&
	    (task->executing || !work_may_yield(&task->work) || !sched_resched_due(k, task)))
		return task;
	task = s->run_queue.first ? pick(k) : NULL;
	if (s->current)
		s->current->yields = false;
	s->need_resched = false;
	if (s->current != task && sim_heard(s->length))
		tell_choice(s->current, task);
	s->current = task;
	pay_for_choice(k, task);
	if (task && task != s->last)
		switch_to(k, task);
	else if (!task && s->last)
		switch_to_idle(k);
	s->last = task;
	return task;
}

/* --- blocking and waking ---------------------------------------------------------------------- */

struct task *task_self(const struct kernel *k, const char *who) {
	if (k->cpu->code != CODE_TASK)
		g_error("%s: %s() outside of a task", k->name, who);
	return k->sched->current;
}

struct task *current_task(const struct kernel *k) {
	return k->cpu->code == CODE_TASK ? k->sched->current : NULL;
}

void set_task_state(struct task *task, enum task_state state) { task->state = state; }

void sched_yield_if_due(struct kernel *k, struct task *task) {
	if (!sched_resched_due(k, task))
		return;
	work_add(&task->work, CPU_SYSTEM, COST_NONE, 0, 0);
	cpu_settle(k);
}

bool sched_falls_asleep(const struct task *task) {
	return task->blocking && task->state != TASK_RUNNING &&
	       !(task->state == TASK_INTERRUPTIBLE && signal_pending(task));
}

void schedule(struct kernel *k) {
	struct task *task = task_self(k, "schedule");

	/* The machine is being torn down: nobody will wake anybody. */
	if (k->cpu->halted)
		longjmp(task->end, 1);
	/* The charges are worked off and the task falls asleep without its code being asked
	 * between: sched_falls_asleep() asks the state then, so a wake-up on the way counts. */
	task->slept = false;
	do {
		task->blocking = true;
		cpu_leave(k, task);
		task->blocking = false;
		if (!work_empty(&task->work))
			signals_deliver(task);
	} while (!work_empty(&task->work));
	task->state = TASK_RUNNING;
	/* Woken before it slept: schedule() chooses all the same, and of those that are as good the
	 * first in the queue, which is whoever was woken last. */
	if (!task->slept)
		k->sched->need_resched = true;
	sched_yield_if_due(k, task);
}

void wake_up_task(struct kernel *k, struct task *task) {
	struct sched *s = k->sched;
	struct task *current = s->current;

	if (task->state != TASK_INTERRUPTIBLE && task->state != TASK_UNINTERRUPTIBLE)
		return;
	sim_seen(k->sim, "a wake-up");
	task->state = TASK_RUNNING;
	task_woken(k, task);
	if (!task->runnable)
		run_queue_add(s, task);
	cpu_sync(k); /* what is left of the current one's slice */
	if (current && task != current && goodness(k, task) > goodness(k, current))
		s->need_resched = true;
	/* An idle processor begins; a task that had no rival so far gets an end of its slice. */
	if (!current || k->cpu->running_task)
		cpu_kick(k);
}

/* --- timers ----------------------------------------------------------------------------------- */

static void timer_fired(void *arg) {
	struct task *task = arg;

	add_wait_queue_exclusive(&task->kernel->sched->expired, &task->timer_entry);
	task->timer_expired = true;
	raise_softirq(task->kernel, SOFTIRQ_TIMER);
}

static bool timer_softirq(void *arg) {
	struct sched *s = arg;
	struct wait_entry *entry = LIST_FIRST(&s->expired.entries, struct wait_entry, node);
	struct kernel *k;

	if (!entry)
		return false;
	k = entry->task->kernel;
	remove_wait_queue(&s->expired, entry);
	entry->task->timer_expired = false;
	charge(k, COST_TIMER, 0);
	task_get(entry->task);
	cpu_defer(k, task_wake_effect, entry->task, NULL);
	return wait_queue_active(&s->expired);
}

static void sched_timer_cancel(struct task *task) {
	sim_cancel(task->kernel->sim, &task->timer);
	if (task->timer_expired)
		remove_wait_queue(&task->kernel->sched->expired, &task->timer_entry);
	task->timer_expired = false;
}

sim_time schedule_timeout(struct kernel *k, sim_time timeout) {
	struct task *task = task_self(k, "schedule_timeout");
	sim_time deadline;

	if (timeout == SIM_NEVER) {
		schedule(k);
		return SIM_NEVER;
	}
	timeout = kernel_ticks(k, MAX(timeout, 0));
	if (timeout >= SIM_NEVER - sim_now(k->sim)) {
		schedule(k);
		return timeout;
	}
	/* A timer for no ticks goes off at the next one, too (internal_add_timer()). */
	deadline = kernel_last_tick(k) + MAX(timeout, k->conf.tick);
	if (!k->cpu->halted) {
		sim_event_init(&task->timer, timer_fired, task);
		wait_entry_init(&task->timer_entry, task);
		sim_at(k->sim, &task->timer, deadline);
	}
	schedule(k);
	sched_timer_cancel(task);
	return MAX(deadline - kernel_last_tick(k), 0);
}

/* --- life ------------------------------------------------------------------------------------- */

void sched_init(struct kernel *k) {
	k->sched = g_new0(struct sched, 1);
	k->sched->track = sim_track(k->sim, k->track, "tasks", SIM_RANK_TASKS);
	k->sched->length = sim_counter(k->sim, k->track, "run queue", "tasks", SIM_RANK_QUEUES);
	open_softirq(k, SOFTIRQ_TIMER, timer_softirq, k->sched);
}

void sched_exit(struct kernel *k) {
	struct sched *s = k->sched;

	for (struct task *task; (task = LIST_FIRST(&s->all, struct task, in_all));) {
		task->refs = 1;
		sched_timer_cancel(task);
		task_put(task);
	}
	spares_clear(&s->spare_tasks, task_release);
	g_free(s);
	k->sched = NULL;
}
