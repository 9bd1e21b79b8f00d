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

/* What is known of a timer apart from it: a hundred thousand of them are far away. */
struct timer_slot {
	sim_time when;
	uint32_t id;
	uint32_t turn; /* of two with one date, who was set first */
};

/* What is found by its id. */
struct timer_id {
	struct net_timer *timer;
	uint32_t place; /* where its slot is; or the next id that is free */
};
/* Places with one of these bits are the wheel's, and the row's. */
#define IN_WHEEL (1U << 31)
#define IN_ROW (1U << 30)

struct timer_wheel;

struct timer_wheel *wheel_new(sim_time now);
void wheel_free(struct timer_wheel *w); /* or NULL */
/* False: that is too early for it, and for the heap. */
bool wheel_takes(const struct timer_wheel *w, sim_time when);
void wheel_add(struct timer_wheel *w, struct timer_slot slot, struct timer_id *ids);
/* Takes one out again, by its place. */
void wheel_remove(struct timer_wheel *w, uint32_t at, struct timer_id *ids);
/* Goes on to where the next are, and hands out those that are due there in any order, perhaps none.  False:
 * the wheel is empty. */
bool wheel_turn(struct timer_wheel *w, struct timer_id *ids,
                void (*due)(void *arg, struct timer_slot slot), void *arg);

#endif
