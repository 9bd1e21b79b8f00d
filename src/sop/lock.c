/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One process at a time changes which legs a socket has and what they are bound to.
 */
#include "sop/sock.h"

#include "sop/wait.h"

struct sop_sock *sop_lock(struct sop_sock *ss) {
	struct kernel *k = sop_kernel(ss);
	SOP_WAITER waiter = {.wq = NULL};

	if (ss->locker == current_task(k))
		return NULL;
	sop_waiter_join(&waiter, k, &ss->lock_wait, true);
	for (;;) {
		set_task_state(current_task(k), TASK_UNINTERRUPTIBLE);
		if (!ss->locker)
			break;
		schedule(k);
	}
	set_task_state(current_task(k), TASK_RUNNING);
	ss->locker = current_task(k);
	return ss;
}

void sop_unlock(struct sop_sock **ss) {
	if (!*ss)
		return;
	(*ss)->locker = NULL;
	if (wait_queue_active(&(*ss)->lock_wait))
		wake_up(sop_kernel(*ss), &(*ss)->lock_wait);
}
