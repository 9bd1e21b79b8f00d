/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a task find of its own in the caches when it has the processor again? */
#include "host/core/cache.h"

#include <glib.h>

#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "host/core/task_internal.h"

/* Of each task, besides its program's: stack, task_struct and what a call touches. */
#define TASK_BYTES 4096U

/* Where lines begin to be lost, and over how much more it goes on until all are, in parts of the L2: lmbench's
 * context switches on one machine with 256 KB, a PIII of 847 MHz (8p/16K: 6.3 us, 16p/16K: 30.8 us). */
#define LOST_FROM 0.55
#define LOST_OVER 1.1

double cache_missed(size_t competing, size_t l2) {
	return CLAMP(((double)competing / (double)l2 - LOST_FROM) / LOST_OVER, 0, 1);
}

void cache_refill(struct kernel *k, struct task *task) {
	struct sched *s = k->sched;
	size_t all = task->footprint + TASK_BYTES, missed;
	uint64_t there = s->footprints + (uint64_t)s->n_tasks * TASK_BYTES;
	uint64_t competing =
		MIN(s->touched - task->touched + all, there) + s->copied - task->copied;

	s->touched += all;
	task->touched = s->touched;
	task->copied = s->copied;
	if (!task->footprint)
		return;
	missed = (size_t)((double)task->footprint * cache_missed(competing, k->conf.l2));
	work_prepend(&task->work, CPU_SYSTEM, COST_REFILL_MEMORY,
	             cost_of(&k->costs, COST_REFILL_MEMORY, missed));
	work_prepend(&task->work, CPU_SYSTEM, COST_REFILL_L2,
	             cost_of(&k->costs, COST_REFILL_L2, task->footprint - missed));
}

void task_set_footprint(struct task *task, size_t bytes) {
	task->kernel->sched->footprints += bytes - task->footprint;
	task->footprint = bytes;
}
