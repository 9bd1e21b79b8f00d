/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleeping: wait queues, the state of a task that sleeps, and the loop between both.
 *
 * wait_event() and its like are how to wait for something: they set the state and join the queue before
 * they test, so that no wake-up is lost, and leave both as they found them, also when the task is
 * unwound at the end of a run.  Who waits on several queues, or leaves one meanwhile, joins them
 * himself and uses wait_until().
 */
#ifndef HOST_WAIT_H
#define HOST_WAIT_H

#include <errno.h>
#include <stdbool.h>

#include "sim/list.h"
#include "sim/sim.h"

struct kernel;
struct task;

/* --- wait queues ------------------------------------------------------------------------------ */

/* An entry lives on the waiter's stack, in a poll table or in who wants to hear of wake-ups. */
struct wait_entry {
	struct task *task;
	/* NULL: wakes the task.  Else called in its stead, from wherever the wake-up comes: it may wake
	 * others, and must neither block nor leave the queue. */
	void (*func)(struct wait_entry *entry);
	bool exclusive; /* wake-one: at most one exclusive waiter is woken per wake_up() */
	struct list_node node;
};

/* All zero (wait_queue_init) is empty. */
struct wait_queue {
	struct list entries;
};

void wait_queue_init(struct wait_queue *wq);
void wait_entry_init(struct wait_entry *entry, struct task *task);
void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry);           /* at the front */
void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry); /* at the end */
void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry);
static inline bool wait_queue_active(const struct wait_queue *wq) { return wq->entries.first; }

/* Wakes all non-exclusive waiters and one exclusive one.  From code on the processor the wake-up
 * is charged (COST_WAKEUP per task woken) and deferred behind the charges so far; from a device's
 * context it acts at once. */
void wake_up(struct kernel *k, struct wait_queue *wq);
/* Wakes everybody: for state changes that concern all (reset, shutdown). */
void wake_up_all(struct kernel *k, struct wait_queue *wq);

/* A place in a wait queue, left also when the task is unwound at the end of a run. */
struct wait_place {
	struct wait_queue *wq; /* NULL: in none */
	struct wait_entry entry;
};
#define WAIT_PLACE struct wait_place __attribute__((cleanup(wait_leave)))
/* The running task takes its place: at the end, to be woken alone, if `exclusive`. */
void wait_join(struct wait_place *w, struct kernel *k, struct wait_queue *wq, bool exclusive);
/* Nothing if it is in none. */
void wait_leave(struct wait_place *w);

/* --- blocking --------------------------------------------------------------------------------- */

enum task_state { TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_ZOMBIE };

struct task *current_task(const struct kernel *k); /* NULL in interrupt context */
void set_task_state(struct task *task, enum task_state state);
bool signal_pending(const struct task *task);

/* Works off the task's charges, then sleeps until woken if the state still says so.  As in Linux:
 * set the state, join the queue, test the condition, schedule(). */
void schedule(struct kernel *k);
/* The same with a limit (SIM_NEVER: none) in ticks, parts of one counted as one, from the last tick
 * on: so it lasts up to a tick less than it says.  Returns how many ticks' time is left, 0 when it
 * expired. */
sim_time schedule_timeout(struct kernel *k, sim_time timeout);
/* Makes a sleeping task runnable; nothing if it does not sleep. */
void wake_up_task(struct kernel *k, struct task *task);

/* --- waiting for something -------------------------------------------------------------------- */

/* Why a wait with a limit ends without what it was for: -EAGAIN when no time is left, as 2.4's
 * sockets look at that first, or -EINTR; 0: it goes on. */
static inline int wait_cut(const struct task *me, sim_time left) {
	return left == 0 ? -EAGAIN : signal_pending(me) ? -EINTR : 0;
}

/*
 * The loop itself: until `condition` holds, or `cut` (0: it goes on) says why not, executes `sleep`.
 * Its value is the cut's.  The caller is in the queues that count.  Arguments are evaluated each
 * time, `condition` first and not again once it has held: it may take what it waits for.
 */
#define wait_until(me, state, condition, cut, sleep)                                               \
	__extension__({                                                                            \
		struct task *const waiting_ = (me);                                                \
		int cut_ = 0;                                                                      \
		for (;;) {                                                                         \
			set_task_state(waiting_, (state));                                         \
			if (condition)                                                             \
				break;                                                             \
			cut_ = (cut);                                                              \
			if (cut_)                                                                  \
				break;                                                             \
			sleep;                                                                     \
		}                                                                                  \
		set_task_state(waiting_, TASK_RUNNING);                                            \
		cut_;                                                                              \
	})

/* The same in one queue, alone to be woken if `exclusive`. */
#define wait_until_on(k, queue, exclusive, state, condition, cut, sleep)                           \
	__extension__({                                                                            \
		WAIT_PLACE place_ = {.wq = NULL};                                                  \
		wait_join(&place_, (k), (queue), (exclusive));                                     \
		int ended_ = wait_until(place_.entry.task, state, condition, cut, sleep);          \
		wait_leave(&place_);                                                               \
		ended_;                                                                            \
	})

/* Whatever happens. */
#define wait_event(k, queue, exclusive, condition)                                                 \
	((void)wait_until_on(k, queue, exclusive, TASK_UNINTERRUPTIBLE, condition, 0, schedule(k)))

/* 0, or -EINTR when a signal came before. */
#define wait_event_interruptible(k, queue, exclusive, condition)                                   \
	wait_until_on(k, queue, exclusive, TASK_INTERRUPTIBLE, condition,                          \
	              signal_pending(current_task(k)) ? -EINTR : 0, schedule(k))

/* 0, -EINTR, or -EAGAIN when *timeout (SIM_NEVER: none; 0: at once) is over; it becomes what is left. */
#define wait_event_interruptible_timeout(k, queue, exclusive, condition, timeout)                  \
	wait_until_on(k, queue, exclusive, TASK_INTERRUPTIBLE, condition,                          \
	              wait_cut(current_task(k), *(timeout)),                                       \
	              *(timeout) = schedule_timeout(k, *(timeout)))

#endif
