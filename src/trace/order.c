/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In which order does it happen?
 *
 * Of a window and of what waits, all that happens before anything that is told later is put in order; the rest
 * waits.  What has one date is in the order of telling.
 */
#include <string.h>

#include "trace/heard.h"

/* Instants, and for how many there is room. */
struct row {
	struct instant *at;
	size_t n, room;
};

struct ordering {
	const struct format *format;
	void *arg;
	/* What waits, and room for what will. */
	struct heard *waited, *spare;
	size_t n_waited, n_spare; /* for how many there is room */
	struct row in, at, waits, late;
	uint32_t *place; /* of each stretch of time */
	size_t n_place;
};

static void row_room(struct row *row, size_t room) {
	if (room <= row->room)
		return;
	row->room = room;
	row->at = g_renew(struct instant, row->at, room);
}

static inline void add(struct row *row, sim_time when, size_t heard, enum turn turn) {
	row->at[row->n++] = (struct instant){when, (uint32_t)heard, turn};
}

/* --- what goes and what waits ----------------------------------------------------------------- */

/* The ends of a span: each goes, waits or is late. */
static inline void collect(struct ordering *o, const struct heard *h, size_t i, sim_time until) {
	switch ((enum heard_kind)h->kind) {
	case HEARD_NOTHING:
		return;
	case HEARD_MARK:
	case HEARD_COUNT:
		add(h->start < until ? &o->in : &o->waits, h->start, i, TURN_MARK);
		return;
	case HEARD_SPAN:
	case HEARD_BEGIN:
		add(h->late            ? &o->late
		    : h->start < until ? &o->in
		                       : &o->waits,
		    h->start, i, TURN_BEGIN);
		if (h->kind == HEARD_BEGIN)
			return;
		/* fall through */
	case HEARD_END:
		add(h->all_late      ? &o->late
		    : h->end < until ? &o->in
		                     : &o->waits,
		    h->end, i, TURN_END);
	}
}

static void collect_window(struct ordering *o, const struct window *window) {
	size_t waited = o->waits.n;

	row_room(&o->in, waited + 2 * (size_t)window->n);
	row_room(&o->waits, waited + 2 * (size_t)window->n);
	row_room(&o->late, 2 * (size_t)window->n);
	o->in.n = o->waits.n = o->late.n = 0;
	for (size_t i = 0; i < waited; i++) {
		struct instant *in = &o->waits.at[i];

		add(in->when < window->until ? &o->in : &o->waits, in->when, in->heard,
		    (enum turn)in->turn);
	}
	for (size_t i = 0; i < window->n; i++)
		collect(o, &window->heard[i], i, window->until);
}

/* The window goes back: what instants that wait are of is kept. */
static void keep_waiting(struct ordering *o, const struct told *told) {
	struct heard *waited = o->waited;
	size_t kept = 0, room = o->n_waited;
	uint32_t last = UINT32_MAX;

	if (o->n_spare < o->waits.n) {
		o->n_spare = 2 * o->waits.n;
		o->spare = g_renew(struct heard, o->spare, o->n_spare);
	}
	for (size_t i = 0; i < o->waits.n; i++) {
		struct instant *in = &o->waits.at[i];

		/* Both of a span's instants stand together. */
		if (in->heard != last) {
			last = in->heard;
			o->spare[kept++] = *heard_at(told, in);
		}
		in->heard = (uint32_t)(WINDOW + kept - 1);
	}
	o->waited = o->spare;
	o->n_waited = o->n_spare;
	o->spare = waited;
	o->n_spare = room;
}

/* --- order ------------------------------------------------------------------------------------ */

/* Stretches of time are that short that few instants fall into one; but many may have one date. */
#define MANY 64U

/* Puts all instants into their stretches; place[s] is where the s-th one ends then.  *most: how many instants
 * one has at most.  How many stretches. */
static size_t scatter(struct ordering *o, uint32_t *most) {
	const struct row *in = &o->in;
	sim_time first = SIM_NEVER, last = 0;
	unsigned shift = 0;
	size_t stretches;

	for (size_t i = 0; i < in->n; i++) {
		first = MIN(first, in->at[i].when);
		last = MAX(last, in->at[i].when);
	}
	while ((uint64_t)(last - first) >> shift > in->n)
		shift++;
	stretches = ((size_t)(last - first) >> shift) + 1;
	if (stretches + 1 > o->n_place) {
		o->n_place = stretches + 1;
		o->place = g_renew(uint32_t, o->place, o->n_place);
	}
	memset(o->place, 0, (stretches + 1) * sizeof *o->place);
	for (size_t i = 0; i < in->n; i++)
		o->place[((size_t)(in->at[i].when - first) >> shift) + 1]++;
	*most = 0;
	for (size_t s = 0; s < stretches; s++) {
		*most = MAX(*most, o->place[s + 1]);
		o->place[s + 1] += o->place[s];
	}
	row_room(&o->at, in->n);
	for (size_t i = 0; i < in->n; i++)
		o->at.at[o->place[(size_t)(in->at[i].when - first) >> shift]++] = in->at[i];
	return stretches;
}

static int by_date(const void *a, const void *b, void *none) {
	const struct instant *x = a, *y = b;

	(void)none;
	return (x->when > y->when) - (x->when < y->when);
}

/* Within a stretch they are in the order of telling, which is nearly that of their dates; both sorts leave what
 * has one date as it is. */
static void order(struct ordering *o) {
	uint32_t most = 0;
	size_t stretches = o->in.n ? scatter(o, &most) : 0;
	struct instant *at = o->at.at;

	for (size_t s = 0, from = 0; most > MANY && s < stretches; from = o->place[s++])
		if (o->place[s] - from > MANY)
			g_qsort_with_data(at + from, (gint)(o->place[s] - from), sizeof *at,
			                  by_date, NULL);
	for (size_t i = 1; i < o->in.n; i++) {
		struct instant moved;
		size_t k = i;

		if (at[i - 1].when <= at[i].when)
			continue;
		moved = at[i];
		do
			at[k] = at[k - 1];
		while (--k > 0 && at[k - 1].when > moved.when);
		at[k] = moved;
	}
}

/* --- one after the other ---------------------------------------------------------------------- */

struct ordering *ordering_new(const struct format *format, void *arg) {
	struct ordering *o = g_new0(struct ordering, 1);

	o->format = format;
	o->arg = arg;
	return o;
}

void ordering_take(struct ordering *o, const struct window *window) {
	struct told told = {window->heard, o->waited};

	collect_window(o, window);
	order(o);
	o->format->take(o->arg, &told, o->at.at, o->in.n, false);
	/* What was told before of their tracks is over. */
	o->format->take(o->arg, &told, o->late.at, o->late.n, true);
	keep_waiting(o, &told);
}

void ordering_free(struct ordering *o) {
	g_free(o->waited);
	g_free(o->spare);
	g_free(o->in.at);
	g_free(o->at.at);
	g_free(o->waits.at);
	g_free(o->late.at);
	g_free(o->place);
	g_free(o);
}
