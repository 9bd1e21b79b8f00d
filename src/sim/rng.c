/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does one seed give streams that do not know each other? */
#include "sim/rng.h"

/* Mixes 64 bits so that near seeds give far streams (the finaliser of SplitMix64). */
static uint64_t mix(uint64_t x) {
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9U;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

gsl_rng *sim_rng_from_seed(uint64_t seed, const char *purpose) {
	uint64_t h = mix(seed + 0x9e3779b97f4a7c15U);

	for (const char *p = purpose; *p; p++)
		h = mix(h ^ (unsigned char)*p);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, (unsigned long)(uint32_t)(h ^ (h >> 32)));
	return rng;
}

gsl_rng *sim_rng_new(const struct sim *sim, const char *purpose) {
	return sim_rng_from_seed(sim_seed(sim), purpose);
}
