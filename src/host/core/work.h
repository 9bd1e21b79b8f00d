/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What has a context charged that is not yet worked off?  A queue of steps: time to spend, and
 * effects that happen when the time before them is spent.
 */
#ifndef HOST_WORK_H
#define HOST_WORK_H

#include <glib.h>

#include "host/core/kernel.h"

/* `id` of a step that is only a point where another task may get the processor, such as the return
 * to user mode: it takes no time and is in no account.  Its bytes say whether a system call ends. */
#define COST_NONE HOST_COST_COUNT

struct step {
	void (*effect)(void *a, void *b); /* NULL: time to work off */
	union {
		struct {
			sim_time left;
			size_t bytes;
		};
		struct {
			void *a, *b;
		};
	};
	uint8_t id;
	uint8_t mode; /* enum cpu_mode; an effect's is CPU_USER, as nobody charges in it */
	bool part;    /* of the charge before it: none of its own */
	/* Charges that are done with it: the id of each, and one, in eight bits. */
	uint32_t along;
};

_Static_assert(COST_NONE < UINT8_MAX, "a step holds any id in eight bits");

struct work {
	struct step *head, *end;       /* those that are left */
	struct step *steps, *limit;    /* the room that there is */
	const struct sim_track *track; /* of whom it is; NULL: a task that nobody was told of yet */
};

static inline bool work_empty(const struct work *w) { return w->head == w->end; }
static inline struct step *work_head(const struct work *w) { return w->head; }

/* Whether a task's next step is one in user mode. */
static inline bool work_in_user(const struct work *w) {
	return !work_empty(w) && !work_head(w)->effect && work_head(w)->mode == CPU_USER;
}

/* Whether it may lose the processor to another task before that step. */
static inline bool work_may_yield(const struct work *w) {
	return work_in_user(w) ||
	       (!work_empty(w) && !work_head(w)->effect && work_head(w)->id == COST_NONE);
}

/* An empty one begins again at the front, where the cache has it, but for what work_prepend() may put before. */
static inline void work_rewind(struct work *w) {
	enum { BEFORE = 3 };

	if (work_empty(w) && w->end - w->steps > BEFORE)
		w->head = w->end = w->steps + BEFORE;
}

/* What is left moves to the front; and there is room for as much again. */
void work_make_room(struct work *w);

/* One step more behind all others, to be filled. */
static inline struct step *work_slot(struct work *w) {
	if (G_UNLIKELY(w->end == w->limit))
		work_make_room(w);
	return w->end++;
}

static inline void work_add(struct work *w, enum cpu_mode mode, unsigned id, size_t bytes,
                            sim_time time) {
	struct step *step = work_slot(w);

	/* Member by member: as a whole it would be cleared first, and be waited for. */
	step->effect = NULL;
	step->left = time;
	step->bytes = bytes;
	step->id = (uint8_t)id;
	step->mode = (uint8_t)mode;
	step->part = false;
	step->along = 0;
}

/* A charge of neither time nor bytes, in a mode that is not the user's, goes with the step before it and needs none
 * of its own.  False if nothing waits that it could go with, or that is full. */
static inline bool work_add_along(struct work *w, enum cpu_mode mode, unsigned id) {
	struct step *last;

	if (work_empty(w))
		return false;
	last = w->end - 1;
	if (last->mode != mode || last->id == COST_NONE || last->along >> 24)
		return false;
	last->along = last->along << 8 | (id + 1);
	return true;
}

/* The same in front of what is left, of no bytes. */
void work_prepend(struct work *w, enum cpu_mode mode, unsigned id, sim_time time);

#endif
