/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens next?  Events by date and, on a tie, by number: a short row of those that are due soon, in
 * order, and a heap of all others; and a pool of one-off ones.
 *
 * Most events are scheduled for a moment that few others come before, so a place near the row's end is
 * found at once.  What waits for long, a connection's timers or a thousand clients, is out of the way in the heap.
 */
#include "sim/internal.h"

#include <glib.h>
#include <string.h>

/*
 * The heap is 4-ary and holds its keys beside the pointers: a sift touches one cache line a level
 * and never the events themselves, but for their slot.
 */
#define ARITY 4U

static bool before(const struct heap_entry *a, const struct heap_entry *b) {
	return a->when != b->when ? a->when < b->when : a->seq < b->seq;
}

static void place(struct timeline *tl, size_t i, struct heap_entry entry) {
	tl->heap[i] = entry;
	entry.ev->slot = (uint32_t)i + 1;
}

static void sift_up(struct timeline *tl, size_t i, struct heap_entry entry) {
	while (i > 0) {
		size_t parent = (i - 1) / ARITY;
		if (!before(&entry, &tl->heap[parent]))
			break;
		place(tl, i, tl->heap[parent]);
		i = parent;
	}
	place(tl, i, entry);
}

/* The earliest of `n` entries, 1 to 4.  The date is what decides but for ties. */
static const struct heap_entry *least_of(const struct heap_entry *entry, size_t n) {
	const struct heap_entry *least = entry;
	sim_time when = entry->when;

	for (const struct heap_entry *end = entry++ + n; entry < end; entry++)
		if (entry->when <= when && before(entry, least)) {
			least = entry;
			when = entry->when;
		}
	return least;
}

static void sift_down(struct timeline *tl, size_t i, struct heap_entry entry) {
	for (;;) {
		size_t first = i * ARITY + 1;
		if (first >= tl->n)
			break;
		const struct heap_entry *group = &tl->heap[first];
		const struct heap_entry *least = first + ARITY <= tl->n
		                                         ? least_of(group, ARITY)
		                                         : least_of(group, tl->n - first);
		if (!before(least, &entry))
			break;
		place(tl, i, *least);
		i = (size_t)(least - tl->heap);
	}
	place(tl, i, entry);
}

static void settle(struct timeline *tl, size_t i, struct heap_entry entry) {
	if (i > 0 && before(&entry, &tl->heap[(i - 1) / ARITY]))
		sift_up(tl, i, entry);
	else
		sift_down(tl, i, entry);
}

/* To be called when the heap's first entry has changed. */
static void bound_renew(struct timeline *tl) {
	tl->bound = tl->n > 0 ? MIN(tl->until, tl->heap->when - 1) : tl->until;
}

void timeline_init(struct timeline *tl) {
	tl->soon[0].when = SIM_NEVER;
	timeline_limit(tl, SIM_NEVER);
}

void timeline_limit(struct timeline *tl, sim_time until) {
	tl->until = MIN(until, SIM_NEVER - 1);
	bound_renew(tl);
}

void timeline_fill(struct timeline *tl) {
	struct heap_entry last = tl->heap[--tl->n];

	tl->hole = false;
	if (tl->n > 0)
		sift_down(tl, 0, last);
	bound_renew(tl);
}

void timeline_clear(struct timeline *tl) {
	g_free(tl->heap);
	memset(tl, 0, sizeof *tl);
}

/* --- the public side ---------------------------------------------------------------------- */

const sim_time *sim_clock(const struct sim *sim) { return &sim->now; }
uint64_t sim_seed(const struct sim *sim) { return sim->seed; }
uint64_t sim_events_run(const struct sim *sim) { return sim->events; }
uint64_t sim_switches(const struct sim *sim) { return sim->switches; }

void sim_event_init(struct sim_event *ev, void (*fn)(void *arg), void *arg) {
	*ev = (struct sim_event){.fn = fn, .arg = arg};
}

static void heap_add(struct timeline *tl, struct heap_entry entry) {
	if (tl->n == tl->size) {
		tl->size = tl->size ? 2 * tl->size : 256;
		tl->heap = g_renew(struct heap_entry, tl->heap, tl->size);
	}
	if (tl->hole)
		sift_down(tl, 0, entry);
	else
		sift_up(tl, tl->n++, entry);
	tl->hole = false;
	bound_renew(tl);
}

static void heap_remove(struct timeline *tl, size_t i) {
	struct heap_entry last = tl->heap[--tl->n];

	if (i < tl->n)
		settle(tl, i, last);
	bound_renew(tl);
}

/* Member by member, as they were written, most of them just now: one load of both would have to wait. */
static inline void soon_put(struct soon_entry *at, sim_time when, struct sim_event *ev) {
	at->when = when;
	at->ev = ev;
}

static inline void soon_shift(struct soon_entry *to, const struct soon_entry *from) {
	soon_put(to, from->when, from->ev);
}

/* Behind all that are due no later: it has the highest number. */
static void soon_add(struct timeline *tl, struct sim_event *ev) {
	struct soon_entry *at = &tl->soon[++tl->n_soon];

	for (; at[-1].when <= ev->when; at--)
		soon_shift(at, at - 1);
	soon_put(at, ev->when, ev);
	ev->slot = SOON_SLOT;
}

/* What is moved or forgotten is mostly due soon.  To where its new date belongs, again behind all that are due no later. */
static void soon_move(struct timeline *tl, struct sim_event *ev) {
	struct soon_entry *last = tl->soon + tl->n_soon, *at = last;

	while (at->ev != ev)
		at--;
	for (; at < last && at[1].when > ev->when; at++)
		soon_shift(at, at + 1);
	for (; at[-1].when <= ev->when; at--)
		soon_shift(at, at - 1);
	soon_put(at, ev->when, ev);
}

static void soon_remove(struct timeline *tl, const struct sim_event *ev) {
	struct soon_entry *end = tl->soon + tl->n_soon--, *at = end;

	while (at->ev != ev)
		at--;
	for (; at < end; at++)
		soon_shift(at, at + 1);
}

/* It is pending, or does not belong into the row, or there is no room. */
static __attribute__((noinline)) void schedule(struct timeline *tl, struct sim_event *ev,
                                               bool soon) {
	struct heap_entry entry = {ev->when, ev->seq, ev};
	uint32_t slot = ev->slot;

	if (slot == SOON_SLOT && soon) {
		soon_move(tl, ev);
		return;
	}
	if (slot == SOON_SLOT) {
		soon_remove(tl, ev);
		slot = 0;
	}
	if (soon && tl->n_soon < SOON_MAX) {
		if (slot)
			heap_remove(tl, slot - 1);
		soon_add(tl, ev);
	} else if (slot) {
		settle(tl, slot - 1, entry);
		bound_renew(tl);
	} else {
		heap_add(tl, entry);
	}
}

static __attribute__((noinline, cold)) void in_the_past(const struct sim *sim, sim_time when) {
	g_error("event scheduled %" PRId64 " ps in the past", sim->now - when);
}

void sim_at(struct sim *sim, struct sim_event *ev, sim_time when) {
	struct timeline *tl = &sim->timeline;
	sim_time delay = when - sim->now;

	ev->when = when;
	ev->seq = tl->next_seq++;
	/* One comparison for both: what is past is, without its sign, far away. */
	if (G_LIKELY(!ev->slot && (uint64_t)delay <= SOON && tl->n_soon < SOON_MAX)) {
		soon_add(tl, ev);
		return;
	}
	if (G_UNLIKELY(delay < 0))
		in_the_past(sim, when);
	schedule(tl, ev, delay <= SOON);
}

void sim_after(struct sim *sim, struct sim_event *ev, sim_time delay) {
	sim_at(sim, ev, sim->now + delay);
}

void sim_cancel(struct sim *sim, struct sim_event *ev) {
	struct timeline *tl = &sim->timeline;

	if (!sim_pending(ev))
		return;
	if (ev->slot == SOON_SLOT)
		soon_remove(tl, ev);
	else
		heap_remove(tl, ev->slot - 1);
	ev->slot = 0;
}

void sim_set_pacer(struct sim *sim, sim_pace_fn fn, void *arg) {
	sim->pace = fn;
	timeline_limit(&sim->timeline, ASKED);
	sim->pace_arg = arg;
}

struct one_off {
	struct sim_event ev;
	struct sim *sim;
	struct one_off *next, **link; /* list of the pending ones, so that sim_free() finds them */
	void (*fn)(void *arg);
	void *arg;
};

static void one_off_unlink(struct one_off *call) {
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
}

static void one_off_run(void *arg) {
	struct one_off *call = arg;
	void (*fn)(void *) = call->fn;
	void *fn_arg = call->arg;

	one_off_unlink(call);
	g_free(call);
	fn(fn_arg);
}

void sim_call_at(struct sim *sim, sim_time when, void (*fn)(void *arg), void *arg) {
	struct one_off *call = g_new0(struct one_off, 1);

	call->fn = fn;
	call->arg = arg;
	call->next = sim->one_offs;
	call->link = &sim->one_offs;
	if (call->next)
		call->next->link = &call->next;
	sim->one_offs = call;
	sim_event_init(&call->ev, one_off_run, call);
	sim_at(sim, &call->ev, when);
}

void one_offs_clear(struct sim *sim) {
	while (sim->one_offs) {
		struct one_off *call = sim->one_offs;
		one_off_unlink(call);
		g_free(call);
	}
}
