/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a task find of its own in the caches when it has the processor again?
 *
 * A task has a footprint: the bytes that it touches whenever it runs, 0 unless its program says so, and a
 * few KB of kernel stack and structures besides.  A clock counts the bytes that tasks have touched; what the
 * others touched since a task's last turn, with its own, is what competes for the L2.  As long as that is small
 * the task's bytes come back from the L2, later from memory, in between in part, since a cache that is
 * indexed by physical pages loses lines before it is full.  Bytes that are copied compete too.  Of a host whose L2 is not given nothing is charged.
 */
#ifndef HOST_CACHE_H
#define HOST_CACHE_H

#include "host/core/kernel.h"

/* For cache_refill(), and for tests: the share (0 to 1) of bytes that come from memory when `competing` bytes share an L2 of `l2` (> 0). */
double cache_missed(size_t competing, size_t l2);

/* A task gets the processor after another: charges COST_REFILL_L2 and COST_REFILL_MEMORY to it, in front of
 * what it has to do. */
void cache_refill(struct kernel *k, struct task *task);

/* Bytes (0 and more) that a program touches whenever it runs, from now on. */
void task_set_footprint(struct task *task, size_t bytes);

#endif
