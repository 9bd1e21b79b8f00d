/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random_ops.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/rng.h"

static const char *const names[] = {
#define X(name, weight) #name,
	RANDOM_KINDS(X)
#undef X
};

static const unsigned weights[] = {
#define X(name, weight) weight,
	RANDOM_KINDS(X)
#undef X
};

static uint32_t draw(gsl_rng *rng) { return (uint32_t)gsl_rng_uniform_int(rng, 1U << 31); }
static bool chance(gsl_rng *rng, unsigned percent) { return gsl_rng_uniform_int(rng, 100) < percent; }

static uint8_t draw_kind(gsl_rng *rng, const struct random_setup *setup) {
	unsigned total = 0, at;

	for (unsigned i = 0; i < RANDOM_KIND_COUNT; i++)
		total += weights[i];
	for (;;) {
		uint8_t kind = 0;

		at = (unsigned)gsl_rng_uniform_int(rng, total);
		while (at >= weights[kind])
			at -= weights[kind++];
		if (setup->faults || kind < RANDOM_fault)
			return kind;
	}
}

static void draw_setup(struct random_setup *setup, gsl_rng *rng) {
	*setup = (struct random_setup){
		.accept = chance(rng, 50),
		.receive = chance(rng, 50),
		.card_kind = {0, chance(rng, 40), chance(rng, 40), chance(rng, 40)},
		.cards = (uint8_t)(chance(rng, 50) ? 2 : gsl_rng_uniform_int(rng, RANDOM_CARDS + 1)),
		.sync_init = chance(rng, 25),
		.listen_all = chance(rng, 20),
		.refused_only = chance(rng, 20),
		.faults = chance(rng, 70),
		.few_files = chance(rng, 20),
		.max_sockets = chance(rng, 25) ? 2 + (uint32_t)gsl_rng_uniform_int(rng, 8) : 0,
	};
}

void random_sequence_make(struct random_sequence *seq, uint64_t seed, unsigned n) {
	gsl_rng *rng = sim_rng_from_seed(seed, "sequence");

	seq->seed = seed;
	seq->n = n;
	draw_setup(&seq->setup, rng);
	for (unsigned i = 0; i < n; i++)
		seq->op[i] = (struct random_op){
			.kind = draw_kind(rng, &seq->setup),
			.process = (uint8_t)gsl_rng_uniform_int(rng, 3),
			.a = draw(rng),
			.b = draw(rng),
			.c = draw(rng),
		};
	gsl_rng_free(rng);
}

void random_sequence_print(const struct random_sequence *seq, const bool *keep) {
	const struct random_setup *s = &seq->setup;

	printf("seed %" PRIu64 ": accept %d, receive %d, cards %d (kinds %d %d %d, %u sockets), "
	       "sync_init %d, listen_all %d, refused_only %d, few_files %d\n",
	       seq->seed, s->accept, s->receive, s->cards, s->card_kind[1], s->card_kind[2],
	       s->card_kind[3], s->max_sockets, s->sync_init, s->listen_all, s->refused_only, s->few_files);
	for (unsigned i = 0; i < seq->n; i++)
		if (!keep || keep[i])
			printf("%4u  %c  %-11s %u %u %u\n", i, 'A' + seq->op[i].process, names[seq->op[i].kind],
			       seq->op[i].a, seq->op[i].b, seq->op[i].c);
}
