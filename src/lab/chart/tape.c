/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has a world told, between two dates? */
#include "lab/chart/tape.h"

static bool has_room(struct tape *tape) {
	if (tape->spans->len + tape->marks->len < tape->most)
		return true;
	tape->full = true;
	return false;
}

static sim_time last_of(const struct tape *tape, const struct sim_track *track) {
	while (track->parent)
		track = track->parent;
	return track->rank == SIM_RANK_WIRE ? tape->last : tape->to;
}

static void take_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                      sim_time start, sim_time end, sim_flow flow) {
	struct tape *tape = arg;
	struct tape_span span = {track, layer, name, start, end, flow};

	if (end > tape->from && start < last_of(tape, track) && has_room(tape))
		g_array_append_val(tape->spans, span);
}

static void take_mark(void *arg, const struct sim_track *track, const char *name, sim_time when,
                      sim_flow flow) {
	struct tape *tape = arg;
	struct tape_mark mark = {track, name, when, flow};

	if (when >= tape->from && when <= last_of(tape, track) && has_room(tape))
		g_array_append_val(tape->marks, mark);
}

struct tape *tape_new(struct sim *sim, sim_time from, sim_time to, sim_time last, guint most) {
	struct tape *tape = g_new0(struct tape, 1);

	tape->spans = g_array_new(FALSE, FALSE, sizeof(struct tape_span));
	tape->marks = g_array_new(FALSE, FALSE, sizeof(struct tape_mark));
	tape->from = from;
	tape->to = to;
	tape->last = last;
	tape->most = most;
	tape->sim = sim;
	tape->sink = (struct sim_sink){.span = take_span, .mark = take_mark, .arg = tape};
	sim_sink_add(sim, &tape->sink);
	return tape;
}

void tape_stop(struct tape *tape) {
	sim_sink_remove(tape->sim, &tape->sink);
	tape->to = MIN(tape->to, sim_now(tape->sim));
	tape->last = MIN(tape->last, sim_now(tape->sim));
}

void tape_free(struct tape *tape) {
	g_array_unref(tape->spans);
	g_array_unref(tape->marks);
	g_free(tape);
}
