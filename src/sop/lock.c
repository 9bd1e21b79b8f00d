/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One process at a time changes which legs a socket has and what they are bound to.
 */
#include "sop/sock.h"

struct sop_sock *sop_lock(struct sop_sock *ss) {
	struct kernel *k = sop_kernel(ss);

	if (ss->locker == current_task(k))
		return NULL;
	wait_event(k, &ss->lock_wait, true, !ss->locker);
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
