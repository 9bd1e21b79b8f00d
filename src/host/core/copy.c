/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the bytes that a call copies come from the L2 or from memory? */
#include "host/core/copy.h"

#include "host/core/cache.h"
#include "host/core/run_queue.h"
#include "host/core/task_internal.h"

void copy_begin(struct kernel *k) {
	struct sched *s = k->sched;
	struct task *me = s->current;

	if (!k->conf.l2 || !me)
		return;
	me->copy_missed = cache_missed(s->copied - me->last_copy, k->conf.l2);
	me->last_copy = s->copied;
}

/* Of so many bytes that the running task copies, those that it does not find. */
static size_t copy_missed(struct kernel *k, size_t bytes) {
	k->sched->copied += 2 * (uint64_t)bytes; /* read in one place, written in another */
	return (size_t)(k->sched->current->copy_missed * (double)bytes);
}

void copy_bytes(struct kernel *k, unsigned cost, size_t bytes) {
	size_t missed, both;

	if (!k->conf.l2) {
		charge(k, cost, bytes);
		return;
	}
	missed = copy_missed(k, bytes);
	both = (size_t)(k->sched->current->copy_missed * (double)missed);
	if (both < missed)
		charge(k, cost, missed - both);
	if (both)
		charge(k, COST_COPY_COLD, both);
	if (missed < bytes)
		charge(k, COST_COPY_HOT, bytes - missed);
}

void copy_read(struct kernel *k, size_t bytes) {
	size_t missed = k->conf.l2 ? copy_missed(k, bytes) : 0;

	charge(k, COST_FILE_READ, bytes - missed);
	if (missed)
		charge(k, COST_COPY_COLD, missed);
}
