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
	/* Its own bytes are among what was copied since. */
	me->last_copy.bytes += me->copied_bytes;
	me->copy_missed = cache_missed_since(k, me->copied_bytes, 0, &me->last_copy);
	me->last_copy = s->copied;
	me->copied_bytes = 0;
}

/* Of so many bytes that the running task copies, those that it does not find. */
static size_t copy_missed(struct kernel *k, size_t bytes) {
	struct task *me = k->sched->current;

	me->copied_bytes += bytes;
	k->sched->copied.bytes += bytes;
	return (size_t)(me->copy_missed * (double)bytes);
}

void copy_bytes(struct kernel *k, unsigned cost, size_t bytes) {
	size_t missed, both;

	if (!k->conf.l2) {
		charge(k, cost, bytes);
		return;
	}
	k->sched->copied.by_socket += bytes;
	missed = copy_missed(k, bytes);
	if (k->sched->current->copies_file) {
		missed = bytes;
		cost = COST_COPY_FILE;
	}
	both = (size_t)(k->sched->current->copy_missed * (double)missed);
	if (both < missed)
		charge(k, cost, missed - both);
	if (both)
		charge(k, COST_COPY_COLD, both);
	if (missed < bytes)
		charge(k, COST_COPY_HOT, bytes - missed);
}

void copy_from_file(struct kernel *k, bool yes) { k->sched->current->copies_file = yes; }

void copy_read(struct kernel *k, size_t bytes) {
	size_t missed = k->conf.l2 ? copy_missed(k, bytes) : 0;

	if (k->conf.l2)
		k->sched->copied.bytes += bytes; /* the page, besides the buffer */
	charge(k, COST_FILE_READ, bytes - missed);
	if (missed)
		charge(k, COST_COPY_COLD, missed);
}
