/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stack's timers: a four-way heap of pointers.  Timers with one date fire in the order in which
 * the heap meets them, which depends on nothing but the calls made, so runs are repeatable.
 */
#include "net/engine/timer.h"
#include "net/engine/internal.h"

static void place(struct timer_heap *h, uint32_t i, struct timer_slot slot) {
	h->slots[i] = slot;
	h->place[slot.id] = i;
}

static void sift_up(struct timer_heap *h, uint32_t i, struct timer_slot slot) {
	while (i > 0) {
		uint32_t parent = (i - 1) / 4;

		if (h->slots[parent].when <= slot.when)
			break;
		place(h, i, h->slots[parent]);
		i = parent;
	}
	place(h, i, slot);
}

static void sift_down(struct timer_heap *h, uint32_t i, struct timer_slot slot) {
	for (;;) {
		uint32_t first = 4 * i + 1, best = first;

		if (first >= h->count)
			break;
		for (uint32_t c = first + 1; c < h->count && c < first + 4; c++)
			if (h->slots[c].when < h->slots[best].when)
				best = c;
		if (h->slots[best].when >= slot.when)
			break;
		place(h, i, h->slots[best]);
		i = best;
	}
	place(h, i, slot);
}

/* Ids are given out from 1, and those that came back first: there are as many as timers have run at
 * once, which is what the heap has room for. */
static uint32_t id_new(struct timer_heap *h) {
	uint32_t id = h->free_id;

	if (id == 0)
		return ++h->ids;
	h->free_id = h->place[id];
	return id;
}

/* The four children of a slot are compared together, so they stand in one cache line: the first of all
 * children begins one. */
enum { BEFORE = 3 };
G_STATIC_ASSERT(sizeof(struct timer_slot) == 16);

static void slots_free(struct timer_heap *h) {
	if (h->slots)
		g_aligned_free(h->slots - BEFORE);
}

static void make_room(struct timer_heap *h) {
	uint32_t size = MAX(16, 2 * h->size);
	struct timer_slot *slots = large_alloc0((size + BEFORE) * sizeof *slots);

	slots += BEFORE;
	if (h->count)
		memcpy(slots, h->slots, h->count * sizeof *slots);
	slots_free(h);
	h->slots = slots;
	h->size = size;
	h->place = g_renew(uint32_t, h->place, size + 1);
	h->timer = g_renew(struct net_timer *, h->timer, size + 1);
}

void timers_free(struct net_stack *st) {
	slots_free(&st->timers);
	g_free(st->timers.place);
	g_free(st->timers.timer);
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
	if (t->id) {
		bool earlier = when < t->when;

		t->when = when;
		(earlier ? sift_up : sift_down)(h, h->place[t->id],
		                                (struct timer_slot){when, t->id});
	} else {
		if (h->count == h->size)
			make_room(h);
		t->when = when;
		t->id = id_new(h);
		h->timer[t->id] = t;
		h->count++;
		sift_up(h, h->count - 1, (struct timer_slot){when, t->id});
	}
	report(st);
}

void timer_stop(struct net_stack *st, struct net_timer *t) {
	struct timer_heap *h = &st->timers;
	struct timer_slot last;
	uint32_t i;

	if (!t->id)
		return;
	i = h->place[t->id];
	last = h->slots[--h->count];
	if (last.id != t->id) {
		if (i > 0 && h->slots[(i - 1) / 4].when > last.when)
			sift_up(h, i, last);
		else
			sift_down(h, i, last);
	}
	h->place[t->id] = h->free_id;
	h->free_id = t->id;
	t->id = 0;
	report(st);
}

sim_time net_next_timer(const struct net_stack *st) {
	return st->timers.count ? st->timers.slots[0].when : SIM_NEVER;
}

/* Those that are due next, soon or at the same tick, come from memory meanwhile. */
static void fetch_next(const struct timer_heap *h) {
	uint32_t near = MIN(h->count, 6);

	for (uint32_t i = 0; i < near; i++)
		__builtin_prefetch(h->timer[h->slots[i].id]);
}

void timers_run(struct net_stack *st) {
	struct timer_heap *h = &st->timers;
	sim_time now = stack_now(st);

	h->firing = true;
	while (h->count && h->slots[0].when <= now) {
		struct net_timer *t = h->timer[h->slots[0].id];

		timer_stop(st, t);
		fetch_next(h);
		t->fire(st, t);
	}
	h->firing = false;
	/* The owner's timer has gone off: it is told again in any case, even the same date. */
	h->reported = -1;
	report(st);
}
