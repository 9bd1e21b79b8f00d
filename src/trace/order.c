/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which order does it happen? */
#include "trace/heard.h"

/* What takes its turn at one date: of those that end together the one that began last first, of those
 * that begin together the one that ends last.  Of two that are alike the phase is the outer one. */
static __attribute__((noinline)) int by_turn(const struct trace *t, const struct instant *x,
                                             const struct instant *y) {
	const struct heard *a = &t->heard[x->heard], *b = &t->heard[y->heard];
	int inner; /* > 0: a lies in b */

	if (x->turn == TURN_MARK)
		return x->heard < y->heard ? -1 : 1;
	if (a->end != b->end)
		inner = a->end < b->end ? 1 : -1;
	else if (a->start != b->start)
		inner = a->start > b->start ? 1 : -1;
	else if (!a->layer != !b->layer)
		inner = a->layer ? 1 : -1;
	else
		inner = x->heard > y->heard ? 1 : -1;
	return x->turn == TURN_BEGIN ? inner : -inner;
}

/* By date; at one date a span's end comes before the next one's beginning. */
static inline int by_date(const struct trace *t, const struct instant *x, const struct instant *y) {
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): scatter() fills all of them */
	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	if (x->turn != y->turn)
		return x->turn < y->turn ? -1 : 1;
	return by_turn(t, x, y);
}

static int for_qsort(const void *a, const void *b, void *trace) { return by_date(trace, a, b); }

/* Stretches of time are that long that a few instants fall into each; and what falls into one is nearly in
 * order, as spans are told when they end. */
#define FEW 8U
#define MANY 64U

static void order_few(const struct trace *t, struct instant *at, size_t n) {
	for (size_t i = 1; i < n; i++) {
		struct instant moved = at[i];
		size_t k = i;

		for (; k > 0 && by_date(t, &at[k - 1], &moved) > 0; k--)
			at[k] = at[k - 1];
		at[k] = moved;
	}
}

/* Puts all instants into their stretches; place[i] is where the i-th one ends then. */
static void scatter(const struct trace *t, struct instant *at, size_t *place, unsigned shift) {
	for (size_t i = 0; i < t->n; i++) {
		const struct heard *h = &t->heard[i];
		bool span = heard_is_span(h);

		at[place[h->start >> shift]++] =
			(struct instant){h->start, (uint32_t)i, span ? TURN_BEGIN : TURN_MARK};
		if (span)
			at[place[h->end >> shift]++] =
				(struct instant){h->end, (uint32_t)i, TURN_END};
	}
}

struct instant *heard_in_order(const struct trace *t, size_t *n) {
	struct instant *at;
	size_t *place, stretches, from = 0;
	unsigned shift = 0;
	sim_time last = 0;

	*n = 0;
	for (size_t i = 0; i < t->n; i++) {
		*n += heard_is_span(&t->heard[i]) ? 2 : 1;
		last = MAX(last, t->heard[i].end);
	}
	while ((uint64_t)last >> shift > *n / FEW)
		shift++;
	stretches = ((size_t)last >> shift) + 1;
	place = g_new0(size_t, stretches + 1);
	for (size_t i = 0; i < t->n; i++) {
		place[(t->heard[i].start >> shift) + 1]++;
		if (heard_is_span(&t->heard[i]))
			place[(t->heard[i].end >> shift) + 1]++;
	}
	for (size_t s = 0; s < stretches; s++)
		place[s + 1] += place[s];
	at = g_new(struct instant, *n);
	scatter(t, at, place, shift);
	for (size_t s = 0; s < stretches; from = place[s++])
		if (place[s] - from > MANY)
			g_qsort_with_data(at + from, (gint)(place[s] - from), sizeof *at, for_qsort,
			                  (void *)t);
		else
			order_few(t, at + from, place[s] - from);
	g_free(place);
	return at;
}
