/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stack's timers: a four-way heap of pointers.  Timers with one date fire in the order in which
 * the heap meets them, which depends on nothing but the calls made, so runs are repeatable.
 */
#include "net/engine/timer.h"
#include "net/engine/internal.h"

static void place(struct timer_heap *h, uint32_t i, struct net_timer *t) {
	h->slots[i] = (struct timer_slot){t->when, t};
	t->slot = i + 1;
}

static void sift_up(struct timer_heap *h, uint32_t i, struct net_timer *t) {
	while (i > 0) {
		uint32_t parent = (i - 1) / 4;

		if (h->slots[parent].when <= t->when)
			break;
		place(h, i, h->slots[parent].t);
		i = parent;
	}
	place(h, i, t);
}

static void sift_down(struct timer_heap *h, uint32_t i, struct net_timer *t) {
	for (;;) {
		uint32_t first = 4 * i + 1, best = first;

		if (first >= h->count)
			break;
		for (uint32_t c = first + 1; c < h->count && c < first + 4; c++)
			if (h->slots[c].when < h->slots[best].when)
				best = c;
		if (h->slots[best].when >= t->when)
			break;
		place(h, i, h->slots[best].t);
		i = best;
	}
	place(h, i, t);
}

static void report(struct net_stack *st) {
	sim_time when = net_next_timer(st);

	if (when == st->timers.reported || st->timers.firing)
		return;
	st->timers.reported = when;
	st->ops->timer(st->owner, when);
}

sim_time timer_date(const struct net_stack *st, sim_time when) {
	sim_time now = stack_now(st), tick = st->tick;

	if (tick <= 0 || when <= now || when > SIM_NEVER - tick)
		return when;
	return now + sim_in_ticks(when - now, now, tick, st->tick_phase);
}

void timer_set(struct net_stack *st, struct net_timer *t, sim_time when) {
	struct timer_heap *h = &st->timers;

	when = timer_date(st, when);
	if (t->slot) {
		uint32_t i = t->slot - 1;
		bool earlier = when < t->when;

		t->when = when;
		if (earlier)
			sift_up(h, i, t);
		else
			sift_down(h, i, t);
	} else {
		if (h->count == h->size) {
			h->size = MAX(16, 2 * h->size);
			h->slots = g_renew(struct timer_slot, h->slots, h->size);
		}
		t->when = when;
		h->count++;
		sift_up(h, h->count - 1, t);
	}
	report(st);
}

void timer_stop(struct net_stack *st, struct net_timer *t) {
	struct timer_heap *h = &st->timers;
	struct net_timer *last;
	uint32_t i;

	if (!t->slot)
		return;
	i = t->slot - 1;
	t->slot = 0;
	last = h->slots[--h->count].t;
	if (last != t) {
		if (i > 0 && h->slots[(i - 1) / 4].when > last->when)
			sift_up(h, i, last);
		else
			sift_down(h, i, last);
	}
	report(st);
}

sim_time net_next_timer(const struct net_stack *st) {
	return st->timers.count ? st->timers.slots[0].when : SIM_NEVER;
}

void timers_run(struct net_stack *st) {
	struct timer_heap *h = &st->timers;
	sim_time now = stack_now(st);

	h->firing = true;
	while (h->count && h->slots[0].when <= now) {
		struct net_timer *t = h->slots[0].t;

		timer_stop(st, t);
		if (h->count)
			__builtin_prefetch(h->slots[0].t); /* often due as well */
		t->fire(st, t);
	}
	h->firing = false;
	/* The owner's timer has gone off: it is told again in any case, even the same date. */
	h->reported = -1;
	report(st);
}
