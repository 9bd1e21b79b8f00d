/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A partition of time among spans: each instant belongs to the most important span that covers it
 * (host processor, card, bus), or to waiting.  In picoseconds, so the parts are exactly the whole.
 */
#ifndef LAB_PARTITION_H
#define LAB_PARTITION_H

#include "lab/world/measures.h"
#include "sim/units.h"

struct partition;

struct partition *partition_new(void);
void partition_free(struct partition *p);

/* `layer` and `name` are static strings. */
void partition_add(struct partition *p, const char *layer, const char *name, sim_time start,
                   sim_time end);

/* Divides [from, to), adds to each part what it got, and forgets the spans. */
void partition_divide(struct partition *p, sim_time from, sim_time to);

/* Calls fn for each stretch of [from, to) with whose it is, in order; layer and name NULL: nobody works. */
typedef void partition_fn(void *arg, const char *layer, const char *name, sim_time start,
                          sim_time end);
void partition_each(const struct partition *p, sim_time from, sim_time to, partition_fn *fn,
                    void *arg);

/* Adds what the parts of another got. */
void partition_join(struct partition *p, const struct partition *other);

/* Sets "explain.part.LAYER: NAME" in microseconds, divided by `n`. */
void partition_tell(const struct partition *p, double n, struct measures *m);

#endif
