/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Into which bucket does a date belong?  A wheel of wheels (Varghese and Lauck, 1987): on the lowest level
 * a bucket is a quantum of time, on each other level as much as all buckets of the one below it.  A date
 * goes to the lowest level that reaches so far from `base`, where the wheel stands.
 *
 * A bucket is a chain of chunks of one array, the newest first: nothing is touched but the end of a
 * bucket, and nothing allocated once the array is as large as it has to be.
 */
#include "net/engine/timer_wheel.h"

#include <glib.h>
#include <string.h>

#include "net/engine/slab.h"

/* 2^30 ps are about a millisecond; so the lowest level has what waits for 274 of them, as most
 * retransmissions do. */
enum { QUANTUM_BITS = 30, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS, WORDS = DIGITS / 64 };
enum { LEVELS = (63 - QUANTUM_BITS + DIGIT_BITS - 1) / DIGIT_BITS, BUCKETS = LEVELS * DIGITS };
enum { CHUNK_BITS = 5, SLOTS = 1 << CHUNK_BITS, FIRST_CHUNKS = 16 };
enum { AHEAD = 5 }; /* so many slots further on is, nearly always, another cache line */

/* Apart from the slots, which are many. */
struct chunk {
	uint32_t below; /* in its bucket, or the next that is free; 0: none */
	uint32_t bucket;
};

struct timer_wheel {
	uint64_t base;                /* of what is here every date is of a later quantum */
	uint64_t busy[LEVELS][WORDS]; /* buckets that are not empty */
	uint32_t top[BUCKETS];        /* its newest chunk; 0: none */
	uint8_t fill[BUCKETS];        /* slots that are used of that one; all of those below are */
	struct timer_slot *slots;     /* SLOTS of each chunk */
	struct chunk *chunks;         /* the first is never used */
	uint32_t used, size, free;
};

static uint64_t quantum(sim_time when) { return (uint64_t)when >> QUANTUM_BITS; }

struct timer_wheel *wheel_new(sim_time now) {
	struct timer_wheel *w = g_new0(struct timer_wheel, 1);

	w->base = quantum(now);
	w->used = 1;
	return w;
}

void wheel_free(struct timer_wheel *w) {
	if (!w)
		return;
	g_aligned_free(w->slots);
	g_free(w->chunks);
	g_free(w);
}

bool wheel_takes(const struct timer_wheel *w, sim_time when) { return quantum(when) > w->base; }

static uint64_t digits_from(uint64_t quanta, unsigned level) {
	return quanta >> level * DIGIT_BITS;
}

static uint32_t bucket_of(const struct timer_wheel *w, sim_time when) {
	uint64_t away = quantum(when) - w->base;
	unsigned level = (63U - (unsigned)__builtin_clzll(away)) / DIGIT_BITS;

	return level * DIGITS + (uint32_t)digits_from(quantum(when), level) % DIGITS;
}

static uint64_t *word_of(struct timer_wheel *w, uint32_t bucket) {
	return &w->busy[bucket / DIGITS][bucket % DIGITS / 64];
}

/* --- chunks ----------------------------------------------------------------------------------- */

static void make_room(struct timer_wheel *w) {
	uint32_t size = MAX(FIRST_CHUNKS, 2 * w->size);
	struct timer_slot *slots = large_alloc0(size * SLOTS * sizeof *slots);

	if (w->slots)
		memcpy(slots, w->slots, w->used * SLOTS * sizeof *slots);
	g_aligned_free(w->slots);
	w->slots = slots;
	w->chunks = g_renew(struct chunk, w->chunks, size);
	w->size = size;
}

static uint32_t chunk_new(struct timer_wheel *w) {
	uint32_t c = w->free;

	if (c) {
		w->free = w->chunks[c].below;
		return c;
	}
	if (w->used >= w->size)
		make_room(w);
	return w->used++;
}

static void chunk_free(struct timer_wheel *w, uint32_t c) {
	w->chunks[c].below = w->free;
	w->free = c;
}

static void pile(struct timer_wheel *w, uint32_t bucket) {
	uint32_t c = chunk_new(w);

	w->chunks[c].below = w->top[bucket];
	w->chunks[c].bucket = bucket;
	w->top[bucket] = c;
	w->fill[bucket] = 0;
	*word_of(w, bucket) |= 1ULL << bucket % 64;
}

static void empty(struct timer_wheel *w, uint32_t bucket) {
	w->top[bucket] = 0;
	*word_of(w, bucket) &= ~(1ULL << bucket % 64);
}

/* --- timers ----------------------------------------------------------------------------------- */

static void put(struct timer_wheel *w, uint32_t chunk, uint32_t i, struct net_timer *t) {
	uint32_t at = chunk << CHUNK_BITS | i;

	slot_put(&w->slots[at], t->when, t, t->turn);
	__builtin_prefetch(&w->slots[chunk << CHUNK_BITS | (i + AHEAD) % SLOTS], 1);
	t->place = IN_WHEEL | at;
}

void wheel_add(struct timer_wheel *w, struct net_timer *t) {
	uint32_t bucket = bucket_of(w, t->when);

	if (!w->top[bucket] || w->fill[bucket] == SLOTS)
		pile(w, bucket);
	put(w, w->top[bucket], w->fill[bucket]++, t);
}

/* The bucket's last fills the gap. */
void wheel_remove(struct timer_wheel *w, uint32_t at) {
	uint32_t chunk = (at & ~IN_WHEEL) >> CHUNK_BITS, i = at % SLOTS;
	uint32_t bucket = w->chunks[chunk].bucket, top = w->top[bucket];
	uint32_t last = --w->fill[bucket];

	if (chunk != top || i != last)
		put(w, chunk, i, w->slots[top << CHUNK_BITS | last].timer);
	if (last > 0)
		return;
	w->top[bucket] = w->chunks[top].below;
	w->fill[bucket] = SLOTS;
	chunk_free(w, top);
	if (!w->top[bucket])
		empty(w, bucket);
}

/* A bucket's chunks, the oldest first, so that what was set first comes first: the order of dates, nearly. */
static uint32_t turned_round(struct timer_wheel *w, uint32_t chunk) {
	uint32_t before = 0;

	while (chunk) {
		uint32_t below = w->chunks[chunk].below;

		w->chunks[chunk].below = before;
		before = chunk;
		chunk = below;
	}
	return before;
}

/* What is in a chunk was put there long ago.  (A call would be left out, as one that has no effect.) */
static inline __attribute__((always_inline)) void fetch(const struct timer_wheel *w,
                                                        uint32_t chunk) {
	enum { LINE = 64 };
	const char *slots = (const char *)(w->slots + chunk * SLOTS);

	for (size_t at = 0; chunk && at < SLOTS * sizeof *w->slots; at += LINE)
		__builtin_prefetch(slots + at);
}

static uint32_t oldest(const struct timer_wheel *w, uint32_t bucket) {
	uint32_t chunk = w->top[bucket];

	while (chunk && w->chunks[chunk].below)
		chunk = w->chunks[chunk].below;
	return chunk;
}

/* The wheel stands at this bucket's first quantum now: what is of that is due, and the others belong into
 * lower levels. */
static void open_bucket(struct timer_wheel *w, uint32_t bucket,
                        void (*due)(void *arg, const struct timer_slot *slot), void *arg) {
	uint32_t last = w->top[bucket], n, next;

	for (uint32_t c = turned_round(w, last); c; c = next) {
		fetch(w, w->chunks[c].below);
		n = c == last ? w->fill[bucket] : SLOTS;
		for (uint32_t i = 0; i < n; i++) {
			const struct timer_slot *slot = &w->slots[c << CHUNK_BITS | i];

			if (wheel_takes(w, slot->when))
				wheel_add(w, slot->timer);
			else
				due(arg, slot);
		}
		next = w->chunks[c].below;
		chunk_free(w, c);
	}
	empty(w, bucket);
}

/* The first quantum of a level's next bucket, of those behind where the wheel stands, all the way round. */
static uint64_t next_of(const struct timer_wheel *w, unsigned level) {
	uint64_t at = digits_from(w->base, level) + 1, word;

	for (unsigned n = 0; n <= WORDS; n++, at = (at | 63) + 1) {
		word = w->busy[level][at % DIGITS / 64] >> at % 64;
		if (word)
			return (at + (unsigned)__builtin_ctzll(word)) << level * DIGIT_BITS;
	}
	return UINT64_MAX;
}

/* Buckets of several levels may begin together. */
static void stand_at(struct timer_wheel *w, uint64_t base,
                     void (*due)(void *arg, const struct timer_slot *slot), void *arg) {
	w->base = base;
	for (unsigned level = LEVELS; level-- > 0;) {
		uint64_t digits = digits_from(base, level);
		uint32_t bucket = level * DIGITS + (uint32_t)digits % DIGITS;

		if (digits << level * DIGIT_BITS == base && w->top[bucket])
			open_bucket(w, bucket, due, arg);
	}
	fetch(w, oldest(w, (base + 1) % DIGITS)); /* probably the next */
}

bool wheel_turn(struct timer_wheel *w, void (*due)(void *arg, const struct timer_slot *slot),
                void *arg) {
	uint64_t next = UINT64_MAX;

	for (unsigned level = 0; level < LEVELS; level++)
		next = MIN(next, next_of(w, level));
	if (next == UINT64_MAX)
		return false;
	stand_at(w, next, due, arg);
	return true;
}
