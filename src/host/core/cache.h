/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the processor find in its second-level cache?
 *
 * A footprint is what is brought in whenever something is used: a task that gets the processor (what its program
 * touches, and lines of its kernel stack, structures and page tables), a socket, the code and tables of one of
 * the kernel's long paths.  What was used since the last time, with its own, competes for the L2.  That is indexed by
 * physical pages, and a page is lost when as many others have its place as there are ways.  Those of an array lie one
 * behind the other, as they were taken, and do not meet; all others lie anywhere.  Bytes that are copied compete too.
 * Of a host whose L2 is not given nothing is charged.
 */
#ifndef HOST_CACHE_H
#define HOST_CACHE_H

#include "host/core/kernel.h"
#include "sim/list.h"

/* Bytes that were copied so far: where they lie, and of those the ones that also went through sockets' memory, which is
 * used over and over. */
struct copied {
	uint64_t bytes, by_socket;
};

/* All zero: never used yet.  What is new takes the memory that was given back last, and finds it. */
struct footprint {
	struct list_node recent; /* among all, the one used last first */
	size_t bytes, in_a_row;  /* of which so many lie one behind the other, the rest anywhere */
	struct copied copied;    /* until it was last used */
};

/* For this room, and for tests: the share (0 to 1) of `own` bytes that come from memory when so many others share
 * an L2 of `l2` bytes (> 0) and so many ways (> 0) with them, all used in turn. */
double cache_missed(size_t own, size_t others, size_t l2, unsigned ways);
/* The same in the machine's L2, of bytes that were last used when so much had been copied; what was since counts as
 * others, too. */
double cache_missed_since(const struct kernel *k, size_t own, size_t others,
                          const struct copied *then);

/* It is used no more, and may be freed. */
void footprint_end(struct kernel *k, struct footprint *footprint);
/* It is used: its bytes that are not found, 0 if the L2 is not given. */
size_t footprint_use(struct kernel *k, struct footprint *footprint);
/* One that a machine has once. */
struct footprint *footprint_shared(struct kernel *k, enum host_footprint id);
/* Sets the bytes of such a one by key ("footprint_fork" ...); 0, as at first: nothing is charged.
 * -ENOENT if there is none of that name. */
int footprint_set(struct kernel *k, const char *name, size_t bytes);
/* What was set. */
size_t footprint_get(const struct kernel *k, enum host_footprint id);

/* A task gets the processor after another: charges COST_REFILL_L2 and COST_REFILL_MEMORY to it, in front of
 * what it has to do. */
void cache_refill(struct kernel *k, struct task *task);

/* The running code uses it: charges COST_REFILL_MEMORY for the bytes that are not found. */
static inline void footprint_charge(struct kernel *k, struct footprint *footprint) {
	size_t missed = footprint_use(k, footprint);

	if (missed)
		charge(k, COST_REFILL_MEMORY, missed);
}

/* Bytes (0 and more) that a program touches whenever it runs, from now on. */
void task_set_footprint(struct task *task, size_t bytes);

#endif
