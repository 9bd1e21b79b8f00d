/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timers of a stack: what is to be done when?  Of two with one date, who was set first goes first.
 * Internal to the engine.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/engine/timer_wheel.h"
#include "sim/units.h"

struct net_stack;

/* What few timers there usually are are all in the heap.  Of very many the wheel has those that are not nearly
 * due; what comes from it is nearly sorted, and stands in a row beside the heap.  All three have the dates beside
 * the timers' addresses: of a hundred thousand timers each is far away, and is touched when it is set, and when
 * it goes off. */
struct timers {
	struct timer_slot *heap;
	uint32_t count, size;
	uint32_t row_at, row_end, row_size;
	struct timer_slot *row; /* from row_at to row_end; no timer: stopped, but never the first */
	struct timer_wheel *wheel; /* NULL: not so many yet */
	uint32_t turn;             /* of the timer that was set last */
	sim_time reported;         /* what ops->timer was last told */
	bool firing;
};

/* When a timer that is to go off at `when` does, by the owner's ticks.  A date that is a tick, or not
 * later than now, stays what it is. */
sim_time timer_date(const struct net_stack *st, sim_time when);
void timer_set(struct net_stack *st, struct net_timer *t, sim_time when);
void timer_stop(struct net_stack *st, struct net_timer *t);
void timers_run(struct net_stack *st); /* those that are due */
void timers_free(struct net_stack *st);
static inline bool timer_runs(const struct net_timer *t) { return t->place != 0; }

#endif
