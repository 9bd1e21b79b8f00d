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
static bool chance(gsl_rng *rng, unsigned percent) {
	return gsl_rng_uniform_int(rng, 100) < percent;
}

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

/* Mostly two, as in the paper; else up to as many as a machine had slots. */
static uint8_t draw_cards(gsl_rng *rng) {
	if (chance(rng, 40))
		return 2;
	return (uint8_t)gsl_rng_uniform_int(rng, chance(rng, 50) ? RANDOM_CARDS / 2 + 1
	                                                         : RANDOM_CARDS + 1);
}

static void draw_setup(struct random_setup *setup, gsl_rng *rng) {
	uint8_t cards = draw_cards(rng);

	*setup = (struct random_setup){
		.accept = chance(rng, 50),
		.receive = chance(rng, 50),
		.cards = cards,
		.twin = cards && chance(rng, 25) ? (uint8_t)(1 + gsl_rng_uniform_int(rng, cards))
	                                         : 0,
		.spared = (uint8_t)gsl_rng_uniform_int(rng, cards + 1U),
		.witness = chance(rng, 40),
		.bad_wire = chance(rng, 30),
		.sync_init = chance(rng, 25),
		.listen_all = chance(rng, 20),
		.refused_only = chance(rng, 20),
		.faults = chance(rng, 70),
		.few_files = chance(rng, 20),
		.max_sockets = chance(rng, 25) ? 2 + (uint32_t)gsl_rng_uniform_int(rng, 8) : 0,
	};
	for (unsigned n = 1; n <= RANDOM_CARDS; n++)
		setup->card_kind[n] = chance(rng, 40);
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

	printf("seed %" PRIu64 ": accept %d, receive %d, cards %d (%u sockets, kinds", seq->seed,
	       s->accept, s->receive, s->cards, s->max_sockets);
	for (unsigned n = 1; n <= RANDOM_CARDS; n++)
		printf(" %d", s->card_kind[n]);
	printf("), twin %d, spared %d, witness %d, sync_init %d, listen_all %d, refused_only %d, "
	       "few_files %d, bad_wire %d\n",
	       s->twin, s->spared, s->witness, s->sync_init, s->listen_all, s->refused_only,
	       s->few_files, s->bad_wire);
	for (unsigned i = 0; i < seq->n; i++)
		if (!keep || keep[i])
			printf("%4u  %c  %-11s %u %u %u\n", i, 'A' + seq->op[i].process,
			       names[seq->op[i].kind], seq->op[i].a, seq->op[i].b, seq->op[i].c);
}
