/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the processor find in its second-level cache? */
#include "host/core/cache.h"

#include <errno.h>
#include <glib.h>
#include <math.h>

#include "host/core/processor.h"
#include "host/core/run_queue.h"
#include "host/core/task_internal.h"

#define PAGE_BYTES ((size_t)4096)

/* Of each task, besides what its program is said to touch: kernel stack, task_struct, entries of page tables, stack
 * and code of the program.  Fitted on lmbench's switches of one machine, a PIII of 847 MHz (16p/16K: 30.8 us). */
#define TASK_LINES 84U

/* What is under way in a socket of the largest size (2.4 doubles rmem_max's 64 KB, and offers three quarters as a window):
 * its memory is taken again as soon as it is free. */
#define SOCKET_MEMORY ((uint64_t)80 * 1024)

/* From so many times the L2 on nothing is found, whatever its ways. */
#define FAR 4U

/* That at least `room` of so many pages (there may be a fraction of one) lie in a place, which each does with a
 * chance of `place`: a tail of a binomial law. */
static double crowded(double pages, double place, double room) {
	double found, term;

	if (room <= 0)
		return 1;
	if (pages < room)
		return 0;
	found = term = pow(1 - place, pages);
	for (unsigned i = 1; i < room; i++) {
		term *= (pages - i + 1) / i * place / (1 - place);
		found += term;
	}
	return CLAMP(1 - found, 0, 1);
}

/*
 * A page lies in one of so many places of the cache, each of which has room for as many as there are ways, and all are
 * used in turn: when more have one place all of them are lost, as the oldest goes first.  Of one's own, which lie one
 * behind the other, as many or one more lie in each; how many of others do is chance.
 */
double cache_missed(size_t own, size_t others, size_t l2, unsigned ways) {
	double places = MAX((double)l2 / (double)PAGE_BYTES / ways, 1),
	       mine = (double)own / (double)PAGE_BYTES;
	double pages = (double)others / (double)PAGE_BYTES, least, fuller;

	if (places <= 1)
		return mine + pages > ways;
	mine = MAX(mine, 1);
	least = floor(
		mine /
		places); /* of mine in each place; so much of mine lies where there is one more: */
	fuller = (mine - least * places) * (least + 1) / mine;
	return fuller * crowded(pages, 1 / places, ways - least) +
	       (1 - fuller) * crowded(pages, 1 / places, ways - least + 1);
}

double cache_missed_since(const struct kernel *k, size_t own, size_t others,
                          const struct copied *then) {
	const struct copied *now = &k->sched->copied;

	others += now->bytes - then->bytes + MIN(now->by_socket - then->by_socket, SOCKET_MEMORY);
	return cache_missed(own, others, k->conf.l2, k->conf.l2_ways);
}

/* What else was used since; no more than makes a difference. */
static size_t used_since(const struct kernel *k, const struct footprint *footprint) {
	size_t bytes = 0;

	for (const struct footprint *other =
	             LIST_FIRST(&k->sched->footprints, struct footprint, recent);
	     other && other != footprint && bytes < FAR * k->conf.l2;
	     other = LIST_NEXT(other, struct footprint, recent))
		bytes += other->bytes;
	return bytes;
}

/* It is used: its bytes that are not found. */
static size_t use(struct kernel *k, struct footprint *footprint) {
	struct sched *s = k->sched;
	double missed = 0;

	if (list_has(&s->footprints, &footprint->recent)) {
		size_t own = MAX(footprint->in_a_row, MIN(footprint->bytes, PAGE_BYTES));
		size_t others = footprint->bytes - own + used_since(k, footprint);

		missed = cache_missed_since(k, own, others, &footprint->copied);
	}
	list_remove(&s->footprints, &footprint->recent);
	list_add_first(&s->footprints, &footprint->recent);
	footprint->copied = s->copied;
	return (size_t)((double)footprint->bytes * missed);
}

/* --- sockets and paths -------------------------------------------------------------------------- */

void footprint_end(struct kernel *k, struct footprint *footprint) {
	list_remove(&k->sched->footprints, &footprint->recent);
}

size_t footprint_use(struct kernel *k, struct footprint *footprint) {
	return k->conf.l2 && footprint->bytes ? use(k, footprint) : 0;
}

struct footprint *footprint_shared(struct kernel *k, enum host_footprint id) {
	return &k->sched->shared[id];
}

int footprint_set(struct kernel *k, const char *name, size_t bytes) {
	static const char *const names[HOST_FOOTPRINT_COUNT] = {
#define X(id, key, text) [FOOTPRINT_##id] = #key,
		HOST_FOOTPRINTS(X)
#undef X
	};

	for (unsigned i = 0; i < HOST_FOOTPRINT_COUNT; i++)
		if (g_str_equal(name, names[i])) {
			k->sched->shared[i].bytes = bytes;
			return 0;
		}
	return -ENOENT;
}

size_t footprint_get(const struct kernel *k, enum host_footprint id) {
	return k->sched->shared[id].bytes;
}

/* --- tasks -------------------------------------------------------------------------------------- */

void cache_refill(struct kernel *k, struct task *task) {
	size_t own = task->touches, missed;

	task->footprint.bytes = own + TASK_LINES * k->conf.l2_line;
	task->footprint.in_a_row = own;
	missed = use(k, &task->footprint);
	if (!own)
		return;
	missed = missed * own / task->footprint.bytes;
	work_prepend(&task->work, CPU_SYSTEM, COST_REFILL_MEMORY,
	             cost_of(&k->costs, COST_REFILL_MEMORY, missed));
	work_prepend(&task->work, CPU_SYSTEM, COST_REFILL_L2,
	             cost_of(&k->costs, COST_REFILL_L2, own - missed));
}

void task_set_footprint(struct task *task, size_t bytes) { task->touches = bytes; }
