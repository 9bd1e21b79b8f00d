/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which soft timers are due when the kernel is entered, and what if it is not entered? */
#include "host/core/soft_timer.h"

#include "host/core/processor.h"

static void leave(struct soft_timer *t) {
	struct soft_timer **at = &t->k->cpu->soft_due;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->due = false;
}

bool soft_timers_run(struct kernel *k) {
	struct soft_timer *t;
	bool any = false;

	/* One that is set again by its own work is not due before later. */
	while ((t = k->cpu->soft_due)) {
		sim_cancel(k->sim, &t->date);
		leave(t);
		t->fn(t->arg);
		any = true;
	}
	return any;
}

static void date_reached(void *arg) {
	struct soft_timer *t = arg, **end = &t->k->cpu->soft_due;

	if (!t->due) {
		t->due = true;
		t->next = NULL;
		while (*end)
			end = &(*end)->next;
		*end = t;
		if (!t->k->cpu->idle) {
			sim_at(t->k->sim, &t->date, kernel_next_tick(t->k));
			return;
		}
	}
	soft_timers_run(t->k);
}

void soft_timer_init(struct kernel *k, struct soft_timer *t, void (*fn)(void *arg), void *arg) {
	*t = (struct soft_timer){.k = k, .fn = fn, .arg = arg};
	sim_event_init(&t->date, date_reached, t);
}

void soft_timer_cancel(struct soft_timer *t) {
	if (t->due)
		leave(t);
	sim_cancel(t->k->sim, &t->date);
}

void soft_timer_after(struct soft_timer *t, sim_time delay) {
	soft_timer_cancel(t);
	sim_after(t->k->sim, &t->date, delay);
}
