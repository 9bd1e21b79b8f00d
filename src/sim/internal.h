/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the clock, the timeline and the processes share inside this room. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include "sim/trace.h"

struct heap_entry {
	sim_time when;
	uint64_t seq;
	struct sim_event *ev;
};

/* Of an event that is due soon; its number is not needed to order it among them. */
struct soon_entry {
	sim_time when;
	struct sim_event *ev;
};

/* What is due within this time waits in a short row. */
#define SOON (200 * SIM_US)
#define SOON_MAX 16U
/* `slot` of an event in the row. */
#define SOON_SLOT UINT32_MAX
/* Before any date. */
#define ASKED ((sim_time) - 1)

/* What each event touches comes first, in one cache line with the clock. */
struct timeline {
	uint64_t next_seq;
	sim_time
		bound; /* what is due by then in the row comes before the heap's first, and the end */
	unsigned n_soon;
	bool hole; /* the heap's root was taken, and no other has its place yet */
	/* The latest first, behind one that never comes: no search need look for the row's end. */
	struct soon_entry soon[1 + SOON_MAX];
	sim_time until; /* the run's end; ASKED: somebody wants to be asked before each event */
	struct heap_entry *heap; /* of all others */
	size_t n, size;
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
	const struct sim_sink *sinks; /* NULL: nobody listens */
	unsigned n_sinks;
	struct sim_track *tracks;  /* the last one made first */
	uint64_t flows[SIM_FLOWS]; /* numbers given out */
	sim_pace_fn pace;
	void *pace_arg;
	struct watch *watch; /* NULL: nobody watches */
	struct sim_payer *payers;
	struct sim_duty *duties;
};

_Static_assert(offsetof(struct sim, now) == 0, "sim_now() reads it there");

void timeline_fill(struct timeline *tl);
/* Fills the heap's place of the event that was taken last, if nothing has since: after it, `n` counts what
 * is pending there and the first entry is the earliest. */
static inline void timeline_settle(struct timeline *tl) {
	if (tl->hole)
		timeline_fill(tl);
}

/* The earliest event, NULL if none is pending; the timeline must be settled. */
static inline struct sim_event *timeline_first(const struct timeline *tl) {
	const struct heap_entry *root = tl->heap;

	if (tl->n_soon == 0)
		return tl->n ? root->ev : NULL;
	const struct soon_entry *soon = &tl->soon[tl->n_soon];
	if (tl->n == 0 || soon->when < root->when ||
	    (soon->when == root->when && soon->ev->seq < root->seq))
		return soon->ev;
	return root->ev;
}

/* Takes the earliest event, which timeline_first() has named.  Most events schedule one when they run, often
 * themselves again.  So the heap's root waits for that, and the new entry goes down from there: one sift instead
 * of two.  Until then the old key stands in it, earlier than all others, so cancels and moves find a heap in
 * order. */
static inline void timeline_take(struct timeline *tl, struct sim_event *ev) {
	if (ev->slot == SOON_SLOT)
		tl->n_soon--;
	else
		tl->hole = true;
	ev->slot = 0;
}

/* The same where it is the row's and nobody wants to be asked: no more is read than must be.  NULL: look closer. */
static inline struct sim_event *timeline_take_soon(struct timeline *tl) {
	const struct soon_entry *soon = &tl->soon[tl->n_soon];

	if (soon->when > tl->bound)
		return NULL;
	tl->n_soon--;
	soon->ev->slot = 0;
	return soon->ev;
}
void timeline_init(struct timeline *tl);
/* The run ends at `until`, or somebody is to be asked from now on. */
void timeline_limit(struct timeline *tl, sim_time until);
void timeline_clear(struct timeline *tl);
void one_offs_clear(struct sim *sim);
void tracks_clear(struct sim *sim);
void sinks_clear(struct sim *sim);

void watch_init(struct sim *sim);
void watch_exit(struct sim *sim);
/* The clock is about to move on to `next`. */
void watch_duties(const struct sim *sim, sim_time next);

#endif
