/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a world told while it ran, for a chart that is made of it afterwards. */
#ifndef LAB_TAPE_H
#define LAB_TAPE_H

#include <glib.h>
#include <stdbool.h>

#include "sim/trace.h"

struct tape_span {
	const struct sim_track *track;
	const char *layer, *name;
	sim_time start, end;
	sim_flow flow;
};

struct tape_mark {
	const struct sim_track *track;
	const char *name;
	sim_time when;
	sim_flow flow;
};

struct tape {
	GArray *spans; /* struct tape_span, as they were told */
	GArray *marks; /* struct tape_mark, by date */
	sim_time from, to;
	sim_time last; /* of what is on wires */
	guint most;    /* of both together; what is more is left out */
	bool full;
	struct sim_sink sink;
	struct sim *sim;
};

/* Listens until it is stopped; keeps what touches [from, to], of wires what touches [from, last].  Stopped, both
 * are no later than now. */
struct tape *tape_new(struct sim *sim, sim_time from, sim_time to, sim_time last, guint most);
void tape_stop(struct tape *tape);
void tape_free(struct tape *tape);

static inline const struct tape_span *tape_span_nth(const struct tape *tape, guint i) {
	return &g_array_index(tape->spans, struct tape_span, i);
}
static inline const struct tape_mark *tape_mark_nth(const struct tape *tape, guint i) {
	return &g_array_index(tape->marks, struct tape_mark, i);
}

#endif
