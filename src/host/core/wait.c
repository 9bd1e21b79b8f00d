/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wait queues.
 *
 * When is a wake-up decided, and when is it in force?  Code on the processor that wakes a queue has
 * already changed the state that the sleepers wait for; the wake-up itself must cost time and be
 * seen later, as an effect behind its charge.  Until then the queue may change or even be freed (a
 * socket is closed).  So wake_up() chooses the tasks at once and defers their wake-ups, which hold
 * references to the tasks and none to the queue.
 *
 * Nothing is lost.  A sleeper sets its state, joins the queue and only then tests the condition.
 * If it did so before wake_up(), its state says that it sleeps and it is chosen.  If not, it will
 * find the condition true.  A chosen task that gets up for another reason before the effect tests
 * its condition as it leaves; should it sleep again by then, it is woken once for nothing, which
 * every sleeper must expect.
 *
 * A chosen task is marked (wake_pending).  A second wake_up() passes over it: for a common waiter
 * one wake-up under way is enough, as it comes after both changes of state; for exclusive ones the
 * second event (the second connection to accept) goes to the next waiter.
 */
#include "host/core/wait.h"

#include <glib.h>

#include "host/core/processor.h"
#include "host/core/task_internal.h"

void wait_queue_init(struct wait_queue *wq) { *wq = (struct wait_queue){0}; }

void wait_entry_init(struct wait_entry *entry, struct task *task) {
	*entry = (struct wait_entry){.task = task};
}

void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry) {
	entry->exclusive = false;
	list_add_first(&wq->entries, &entry->node);
}

void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry) {
	entry->exclusive = true;
	list_add_last(&wq->entries, &entry->node);
}

void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry) {
	list_remove(&wq->entries, &entry->node);
}

void wait_join(struct wait_place *w, struct kernel *k, struct wait_queue *wq, bool exclusive) {
	w->wq = wq;
	wait_entry_init(&w->entry, current_task(k));
	if (exclusive)
		add_wait_queue_exclusive(wq, &w->entry);
	else
		add_wait_queue(wq, &w->entry);
}

void wait_leave(struct wait_place *w) {
	if (w->wq)
		remove_wait_queue(w->wq, &w->entry);
	w->wq = NULL;
}

void task_wake_effect(void *task, void *unused) {
	struct task *sleeper = task;

	(void)unused;
	sleeper->wake_pending = false;
	wake_up_task(sleeper->kernel, sleeper);
	task_put(sleeper);
}

void task_wake_charged(struct kernel *k, struct task *task) {
	if (k->cpu->code == CODE_DEVICE) {
		wake_up_task(k, task);
		return;
	}
	task->wake_pending = true;
	task_get(task);
	charge(k, COST_WAKEUP, 0);
	cpu_defer(k, task_wake_effect, task, NULL);
}

static void wake(struct kernel *k, struct wait_queue *wq, bool all) {
	/* After the run the stacks of the sleepers are gone, and their entries with them. */
	if (k->cpu->halted)
		return;
	for (struct wait_entry *entry = LIST_FIRST(&wq->entries, struct wait_entry, node), *next;
	     entry; entry = next) {
		next = LIST_NEXT(entry, struct wait_entry, node);
		if (entry->func)
			entry->func(entry);
		else if (task_wakeable(entry->task))
			task_wake_charged(k, entry->task);
		else
			continue;
		if (entry->exclusive && !all)
			break;
	}
}

void wake_up(struct kernel *k, struct wait_queue *wq) { wake(k, wq, false); }
void wake_up_all(struct kernel *k, struct wait_queue *wq) { wake(k, wq, true); }
