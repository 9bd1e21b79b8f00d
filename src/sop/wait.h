/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sleeping. */
#ifndef SOP_WAIT_H
#define SOP_WAIT_H

#include "host/core/task.h"

/* A place in a wait queue, left also when the task is unwound at the end of a run. */
struct sop_waiter {
	struct wait_queue *wq; /* NULL: in none */
	struct wait_entry entry;
};
#define SOP_WAITER struct sop_waiter __attribute__((cleanup(sop_waiter_leave)))
void sop_waiter_join(struct sop_waiter *w, struct kernel *k, struct wait_queue *wq, bool exclusive);
void sop_waiter_leave(struct sop_waiter *w);

#endif
