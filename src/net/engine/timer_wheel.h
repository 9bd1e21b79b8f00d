/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where do very many timers wait whose time has not nearly come?  In buckets by date, unsorted; only
 * the earliest bucket's go into the heap (timer.h), when it has run empty.  Internal to the engine.
 */
#ifndef NET_TIMER_WHEEL_H
#define NET_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/units.h"

struct net_stack;

/* `when` is the heap's key.  Owners that move their date later very often keep the true date
 * themselves and re-arm when an early firing comes (see tcp_timer.c). */
struct net_timer {
	sim_time when;
	void (*fire)(struct net_stack *st, struct net_timer *t);
	uint32_t turn;  /* of two with one date, who was set first */
	uint32_t place; /* of its slot; 0: it does not run */
};
/* A place with this bit was given by the wheel, one without by the heap, counted from 1.  What has left the
 * wheel for the row keeps it, and is known by its date. */
#define IN_WHEEL (1U << 31)

/* All that decides where it belongs; with a hundred thousand, the timer itself is far away. */
struct timer_slot {
	sim_time when;
	struct net_timer *timer;
	uint32_t turn;
};

/* Member by member: what was written so a moment ago is not there yet for a load of several at once. */
static inline void slot_put(struct timer_slot *at, sim_time when, struct net_timer *timer,
                            uint32_t turn) {
	at->when = when;
	at->timer = timer;
	at->turn = turn;
}

struct timer_wheel;

struct timer_wheel *wheel_new(sim_time now);
void wheel_free(struct timer_wheel *w); /* or NULL */
/* False: that is too early for it, and for the heap. */
bool wheel_takes(const struct timer_wheel *w, sim_time when);
void wheel_add(struct timer_wheel *w, struct net_timer *t);
/* Takes one out again, by its place. */
void wheel_remove(struct timer_wheel *w, uint32_t at);
/* Goes on to where the next are, and hands out those that are due there in any order, perhaps none.  False:
 * the wheel is empty. */
bool wheel_turn(struct timer_wheel *w, void (*due)(void *arg, const struct timer_slot *slot),
                void *arg);

#endif
