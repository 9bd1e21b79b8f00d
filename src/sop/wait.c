/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place in a wait queue. */
#include "sop/wait.h"

void sop_waiter_join(struct sop_waiter *w, struct kernel *k, struct wait_queue *wq,
		     bool exclusive) {
	w->wq = wq;
	wait_entry_init(&w->entry, current_task(k));
	if (exclusive)
		add_wait_queue_exclusive(wq, &w->entry);
	else
		add_wait_queue(wq, &w->entry);
}

void sop_waiter_leave(struct sop_waiter *w) {
	if (w->wq)
		remove_wait_queue(w->wq, &w->entry);
	w->wq = NULL;
}
