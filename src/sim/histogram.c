/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which bucket is this duration, and which bucket holds this percentile? */
#include "sim/histogram.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define BITS 7
#define STEPS (1u << BITS) /* buckets of a factor of two */
#define BUCKETS ((64 - BITS) * STEPS)

struct histogram {
	uint64_t n;
	uint64_t bucket[BUCKETS];
};

struct histogram *histogram_new(void) { return g_new0(struct histogram, 1); }

void histogram_free(struct histogram *h) { g_free(h); }

void histogram_reset(struct histogram *h) { memset(h, 0, sizeof *h); }

/* The first 2 * STEPS hold one duration each; those of the next factor of two, two; and so on. */
static unsigned bucket_of(uint64_t duration) {
	unsigned shift;

	if (duration < STEPS)
		return (unsigned)duration;
	shift = 63 - BITS - (unsigned)__builtin_clzll(duration);
	return shift * STEPS + (unsigned)(duration >> shift);
}

/* The middle of what it holds. */
static double middle_of(unsigned bucket) {
	unsigned shift = bucket < STEPS ? 0 : bucket / STEPS - 1;
	double width = ldexp(1, (int)shift);

	return (bucket - shift * STEPS) * width + (width - 1) / 2;
}

void histogram_add(struct histogram *h, sim_time duration) {
	h->bucket[bucket_of((uint64_t)MAX(duration, 0))]++;
	h->n++;
}

void histogram_merge(struct histogram *h, const struct histogram *other) {
	for (unsigned i = 0; i < BUCKETS; i++)
		h->bucket[i] += other->bucket[i];
	h->n += other->n;
}

uint64_t histogram_count(const struct histogram *h) { return h->n; }

double histogram_quantile(const struct histogram *h, double share) {
	uint64_t rank = MAX((uint64_t)ceil(share * (double)h->n), 1), seen = 0;
	unsigned bucket = 0;

	if (h->n == 0)
		return NAN;
	for (; bucket < BUCKETS; bucket++) {
		seen += h->bucket[bucket];
		if (seen >= rank)
			break;
	}
	return middle_of(bucket);
}
