/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the clock, the timeline and the processes share inside this room. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include "sim/sim.h"

struct heap_entry {
	sim_time when;
	uint64_t seq;
	struct sim_event *ev;
};

struct timeline {
	struct heap_entry *heap;
	size_t n, size;
	uint64_t next_seq;
	bool hole; /* the root's event was taken, and no other has its place yet */
};

struct one_off;
struct proc_world;
struct watch;

struct sim {
	sim_time now;
	struct timeline timeline;
	uint64_t seed;
	uint64_t events, switches;
	bool stopping;
	struct sim_end *ends;
	struct one_off *one_offs;
	struct proc_world *procs;
	sim_span_fn span;
	void *span_arg;
	sim_pace_fn pace;
	void *pace_arg;
	struct watch *watch; /* NULL: nobody watches */
	struct sim_payer *payers;
	struct sim_duty *duties;
};

/* Takes the earliest event; the timeline must be settled and not empty.  Most events schedule one when
 * they run, often themselves again.  So the root waits for that, and the new entry goes down from there:
 * one sift instead of two.  Until then the old key stands in it, earlier than all others, so cancels and
 * moves find a heap in order. */
static inline struct sim_event *timeline_pop(struct timeline *tl) {
	struct sim_event *ev = tl->heap[0].ev;

	tl->hole = true;
	ev->slot = 0;
	return ev;
}
void timeline_fill(struct timeline *tl);
/* Fills the place of the event that was taken last, if nothing has since: after it, `n` counts the
 * pending events and the first entry is the earliest. */
static inline void timeline_settle(struct timeline *tl) {
	if (tl->hole)
		timeline_fill(tl);
}
void timeline_clear(struct timeline *tl);
void one_offs_clear(struct sim *sim);

void watch_init(struct sim *sim);
void watch_exit(struct sim *sim);
/* The clock is about to move on to `next`. */
void watch_duties(const struct sim *sim, sim_time next);

#endif
