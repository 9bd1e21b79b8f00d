/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timers of a stack, an intrusive heap: what is to be done when?  Internal to the engine.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/units.h"

struct net_stack;

/* `when` is the heap's key.  Owners that move their date later very often keep the true date
 * themselves and re-arm when an early firing comes (see tcp_timer.c). */
struct net_timer {
	sim_time when;
	void (*fire)(struct net_stack *st, struct net_timer *t);
	uint32_t id; /* by which the heap knows it while it runs; 0: it does not */
};

struct timer_slot {
	sim_time when;
	uint32_t id;
};

/* Where a timer stands in the heap is kept apart from it, and so is its date: of a hundred thousand of
 * them each is far away, and a sift would touch eight. */
struct timer_heap {
	struct timer_slot *slots;
	uint32_t *place;          /* of each id: its slot, or the next id that is free */
	struct net_timer **timer; /* of each id */
	uint32_t count, size;
	uint32_t ids, free_id; /* given out so far, the first that came back; 0: none */
	sim_time reported;     /* what ops->timer was last told */
	bool firing;
};

/* When a timer that is to go off at `when` does, by the owner's ticks.  A date that is a tick, or not
 * later than now, stays what it is. */
sim_time timer_date(const struct net_stack *st, sim_time when);
void timer_set(struct net_stack *st, struct net_timer *t, sim_time when);
void timer_stop(struct net_stack *st, struct net_timer *t);
void timers_run(struct net_stack *st); /* those that are due */
void timers_free(struct net_stack *st);
static inline bool timer_runs(const struct net_timer *t) { return t->id != 0; }

#endif
