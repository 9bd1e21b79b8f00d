/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who works, calls and sleeps, for those who listen? */
#include "host/core/told.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "host/core/task_internal.h"

/* --- tracks ----------------------------------------------------------------------------------- */

void cpu_told(struct kernel *k) {
	const struct sim_track *cpu = sim_track(k->sim, k->track, "CPU", SIM_RANK_CPU);

	k->cpu->irq_work.track = sim_track(k->sim, cpu, "hardirq", 0);
	k->cpu->softirq_work.track = sim_track(k->sim, cpu, "softirq", 1);
	k->cpu->idle_work.track = sim_track(k->sim, cpu, "idle", 2);
}

/* Tasks come by the thousand: each has its tracks when something is told of it. */
static const struct sim_track *task_track(struct task *task) {
	struct kernel *k = task->kernel;
	g_autofree char *name = NULL;

	if (task->work.track)
		return task->work.track;
	name = g_strdup_printf("%s[%d]", task->name, (int)task->pid);
	task->work.track = sim_track(k->sim, k->sched->track, name, (unsigned)task->pid);
	task->told.states = sim_track(k->sim, task->work.track, "state", 0);
	return task->work.track;
}

static struct task *task_of(struct work *w) {
	return (struct task *)(void *)((char *)w - offsetof(struct task, work));
}

const struct sim_track *cpu_track(const struct kernel *k) {
	const struct cpu *cpu = k->cpu;
	struct work *w = cpu->code_work ? cpu->code_work : cpu->effect_of;

	if (!w)
		return k->track;
	return w->track ? w->track : task_track(task_of(w));
}

/* --- work ------------------------------------------------------------------------------------- */

void tell_step(struct kernel *k, struct work *w, sim_time start, sim_time end) {
	const struct cost_desc *desc = &k->costs.desc[work_head(w)->id];
	const struct sim_track *track = w->track;
	sim_flow call = 0;

	if (w == &k->cpu->irq_work || w == &k->cpu->softirq_work || w == &k->cpu->idle_work) {
		sim_tell_span(track, desc->layer, desc->name, start, end, 0);
		return;
	}
	track = task_track(task_of(w));
	call = task_of(w)->told.call;
	sim_tell_span(track, desc->layer, desc->name, start, end, call);
}

/* --- states and calls ------------------------------------------------------------------------- */

void tell_turn(struct task *task, const char *state) {
	sim_time now = sim_now(task->kernel->sim);
	struct told *told = &task->told;

	task_track(task);
	if (told->state)
		sim_tell_end(told->states, told->state, told->since, now, told->ran_for);
	/* A wake-up leads to the stretch that the task then runs. */
	told->ran_for = 0;
	if (state && g_str_equal(state, "runs")) {
		told->ran_for = told->wake;
		told->wake = 0;
	}
	told->state = state;
	told->since = now;
	if (state)
		sim_tell_begin(told->states, state, told->ran_for);
}

void tell_wake(struct kernel *k, struct task *task) {
	/* Who has not slept yet goes on with what he does. */
	sim_flow wake = task->runnable ? 0 : sim_flow_new(k->sim, SIM_FLOW_WAKE);

	sim_tell_mark(cpu_track(k), "wake-up", wake);
	if (wake)
		task->told.wake = wake;
}

void tell_call(struct task *task, const char *name) {
	task_track(task);
	task->told.name = g_str_has_prefix(name, "sys_") ? name + strlen("sys_") : name;
	task->told.call = sim_flow_new(task->kernel->sim, SIM_FLOW_CALL);
	task->told.entered = sim_now(task->kernel->sim);
	sim_tell_begin(task->work.track, task->told.name, task->told.call);
}

void task_call_over(struct task *task, sim_time when) {
	struct told *told = &task->told;

	if (!told->name)
		return;
	if (sim_heard(task->work.track))
		sim_tell_end(task->work.track, told->name, told->entered, when, told->call);
	told->name = NULL;
	told->call = 0;
}

void task_gone(struct task *task) {
	task_call_over(task, sim_now(task->kernel->sim));
	if (task->told.state && sim_heard(task->kernel->track))
		tell_turn(task, NULL);
	task->told.state = NULL;
}

void tasks_told(struct kernel *k) {
	for (struct task *task = LIST_FIRST(&k->sched->all, struct task, in_all); task;
	     task = LIST_NEXT(task, struct task, in_all))
		task_gone(task);
}
