/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of the stack's timers goes off next?  The first of a four-way heap, or of a row that is sorted;
 * all that waits in the wheel comes later.
 */
#include "net/engine/timer.h"
#include "net/engine/internal.h"

/* So many timers need a wheel; and of those that come from it so many are fetched before they are due. */
enum { MANY = 512, NEAR = 12 };

static bool before(const struct timer_slot *a, const struct timer_slot *b) {
	return a->when < b->when || (a->when == b->when && (int32_t)(a->turn - b->turn) < 0);
}

/* --- heap ------------------------------------------------------------------------------------- */

static void place(struct timers *h, uint32_t i, struct timer_slot slot) {
	slot_put(&h->heap[i], slot.when, slot.timer, slot.turn);
	slot.timer->place = i + 1;
}

static void sift_up(struct timers *h, uint32_t i, struct timer_slot slot) {
	while (i > 0) {
		uint32_t parent = (i - 1) / 4;

		if (before(&h->heap[parent], &slot))
			break;
		place(h, i, h->heap[parent]);
		i = parent;
	}
	place(h, i, slot);
}

static void sift_down(struct timers *h, uint32_t i, struct timer_slot slot) {
	for (;;) {
		uint32_t first = 4 * i + 1, best = first;
		sim_time when;

		if (first >= h->count)
			break;
		when = h->heap[first].when;
		for (uint32_t c = first + 1; c < h->count && c < first + 4; c++)
			if (h->heap[c].when <= when && before(&h->heap[c], &h->heap[best])) {
				best = c;
				when = h->heap[c].when;
			}
		if (!before(&h->heap[best], &slot))
			break;
		place(h, i, h->heap[best]);
		i = best;
	}
	place(h, i, slot);
}

static void heap_add(struct timers *h, struct net_timer *t) {
	struct timer_slot slot = {t->when, t, t->turn};

	if (h->count == h->size) {
		h->size = MAX(16, 2 * h->size);
		h->heap = g_renew(struct timer_slot, h->heap, h->size);
	}
	sift_up(h, h->count++, slot);
}

static void heap_remove(struct timers *h, uint32_t i) {
	struct timer_slot last = h->heap[--h->count];

	if (i == h->count)
		return;
	if (i > 0 && before(&last, &h->heap[(i - 1) / 4]))
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

/* --- wheel and row ---------------------------------------------------------------------------- */

static void row_pop(struct timers *h) {
	do
		h->row_at++;
	while (h->row_at < h->row_end && !h->row[h->row_at].timer);
}

/* It is there: the slots are in order, those of stopped timers as well. */
static void row_remove(struct timers *h, const struct net_timer *t) {
	struct timer_slot slot = {.when = t->when, .turn = t->turn};
	uint32_t least = h->row_at, end = h->row_end;

	while (least < end) {
		uint32_t i = least + (end - least) / 2;

		if (before(&h->row[i], &slot))
			least = i + 1;
		else
			end = i;
	}
	h->row[least].timer = NULL;
	if (least == h->row_at)
		row_pop(h);
}

/* From the wheel: into the row, if it belongs near its end. */
static void come_near(void *arg, const struct timer_slot *slot) {
	enum { STEPS = 16 };
	struct timers *h = arg;
	uint32_t i = h->row_end, least = MAX(h->row_end, STEPS) - STEPS;

	while (i > least && before(slot, &h->row[i - 1]))
		i--;
	if (i > 0 && before(slot, &h->row[i - 1])) {
		heap_add(h, slot->timer);
		return;
	}
	if (h->row_end == h->row_size) {
		h->row_size = MAX(STEPS, 2 * h->row_size);
		h->row = g_renew(struct timer_slot, h->row, h->row_size);
	}
	for (uint32_t k = h->row_end++; k > i; k--)
		h->row[k] = h->row[k - 1];
	slot_put(&h->row[i], slot->when, slot->timer, slot->turn);
}

/* What is in the wheel is later than all else, so it turns when nothing else is left. */
static void turn_wheel(struct timers *h) {
	do
		h->row_at = h->row_end = 0;
	while (wheel_turn(h->wheel, come_near, h) && !h->row_end && !h->count);
	for (uint32_t i = 0; i < MIN(NEAR, h->row_end); i++)
		__builtin_prefetch(h->row[i].timer);
}

/* There is a wheel. */
static __attribute__((noinline)) void keep_first(struct timers *h) {
	if (!h->count && h->row_at == h->row_end)
		turn_wheel(h);
}

static void add(struct timers *h, struct net_timer *t) {
	if (wheel_takes(h->wheel, t->when))
		wheel_add(h->wheel, t);
	else
		heap_add(h, t);
}

static void begin_wheel(struct timers *h, sim_time now) {
	struct timers old = *h;

	h->wheel = wheel_new(now);
	h->heap = NULL;
	h->count = h->size = 0;
	for (uint32_t i = 0; i < old.count; i++)
		add(h, old.heap[i].timer);
	g_free(old.heap);
}

/* Out of line, so that what few timers need stays short; likewise the next. */
static __attribute__((noinline)) void add_to_many(struct timers *h, struct net_timer *t,
                                                  sim_time now) {
	if (!h->wheel)
		begin_wheel(h, now);
	add(h, t);
}

static __attribute__((noinline)) void take_from_many(struct timers *h, const struct net_timer *t) {
	if (wheel_takes(h->wheel, t->when))
		wheel_remove(h->wheel, t->place);
	else
		row_remove(h, t);
}

static void take_out(struct timers *h, const struct net_timer *t) {
	if (G_UNLIKELY(t->place & IN_WHEEL))
		take_from_many(h, t);
	else
		heap_remove(h, t->place - 1);
}

/* Of all that run; NULL: none. */
static const struct timer_slot *first_of(const struct timers *h) {
	const struct timer_slot *heap = h->count ? h->heap : NULL;

	if (G_LIKELY(!h->wheel) || h->row_at == h->row_end)
		return heap;
	return heap && before(heap, &h->row[h->row_at]) ? heap : &h->row[h->row_at];
}

/* --- timers ----------------------------------------------------------------------------------- */

void timers_free(struct net_stack *st) {
	struct timers *h = &st->timers;

	g_free(h->heap);
	g_free(h->row);
	wheel_free(h->wheel);
}

static void report(struct net_stack *st) {
	struct timers *h = &st->timers;
	sim_time when;

	if (G_UNLIKELY(h->wheel))
		keep_first(h);
	when = net_next_timer(st);
	if (when == h->reported || h->firing)
		return;
	h->reported = when;
	st->ops->timer(st->owner, when);
}

sim_time timer_date(const struct net_stack *st, sim_time when) {
	sim_time now = stack_now(st), tick = st->tick;

	if (tick <= 0 || when <= now || when > SIM_NEVER - tick)
		return when;
	return now + sim_in_ticks(when - now, now, tick, st->tick_phase);
}

void timer_set(struct net_stack *st, struct net_timer *t, sim_time when) {
	struct timers *h = &st->timers;

	if (t->place)
		take_out(h, t);
	t->when = timer_date(st, when);
	t->turn = ++h->turn;
	if (G_UNLIKELY(h->wheel || h->count == MANY))
		add_to_many(h, t, stack_now(st));
	else
		heap_add(h, t);
	report(st);
}

void timer_stop(struct net_stack *st, struct net_timer *t) {
	struct timers *h = &st->timers;

	if (!t->place)
		return;
	take_out(h, t);
	t->place = 0;
	report(st);
}

sim_time net_next_timer(const struct net_stack *st) {
	const struct timer_slot *first = first_of(&st->timers);

	return first ? first->when : SIM_NEVER;
}

/* In the row and out of the wheel each timer is far away, and a few of them before it is due it is fetched.
 * (Stands here, as a function that does nothing else would be left out by the compiler.) */
void timers_run(struct net_stack *st) {
	struct timers *h = &st->timers;
	const struct timer_slot *first;
	sim_time now = stack_now(st);

	h->firing = true;
	while ((first = first_of(h)) && first->when <= now) {
		struct net_timer *t = first->timer;

		if (first == h->heap)
			heap_remove(h, 0);
		else
			row_pop(h);
		if (h->wheel)
			keep_first(h);
		if (h->row_at + NEAR < h->row_end)
			__builtin_prefetch(h->row[h->row_at + NEAR].timer);
		t->place = 0;
		t->fire(st, t);
	}
	h->firing = false;
	/* The owner's timer has gone off: it is told again in any case, even the same date. */
	h->reported = -1;
	report(st);
}
