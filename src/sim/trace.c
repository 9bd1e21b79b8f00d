/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who listens to what happens, and on which lines does it lie? */
#include "sim/trace.h"

#include <glib.h>

#include "sim/internal.h"

struct sim_track *sim_counter(struct sim *sim, const struct sim_track *parent, const char *name,
                              const char *unit, unsigned rank) {
	struct sim_track *track = g_new(struct sim_track, 1);

	*track = (struct sim_track){
		.sim = sim,
		.sinks = &sim->sinks,
		.parent = parent,
		.name = g_strdup(name),
		.unit = unit,
		.rank = rank,
		.nr = sim->tracks ? sim->tracks->nr + 1 : 1,
		.next = sim->tracks,
	};
	sim->tracks = track;
	return track;
}

struct sim_track *sim_track(struct sim *sim, const struct sim_track *parent, const char *name,
                            unsigned rank) {
	return sim_counter(sim, parent, name, NULL, rank);
}

void tracks_clear(struct sim *sim) {
	while (sim->tracks) {
		struct sim_track *track = sim->tracks;

		sim->tracks = track->next;
		g_free((char *)track->name);
		g_free(track);
	}
}

sim_flow sim_flow_new(struct sim *sim, enum sim_flow_kind kind) {
	return (sim_flow)kind << 56 | ++sim->flows[kind];
}

/* --- sinks ------------------------------------------------------------------------------------ */

unsigned sim_ears;

void sim_sink_add(struct sim *sim, struct sim_sink *sink) {
	sim_ears++;
	sim->n_sinks++;
	sink->next = sim->sinks;
	sim->sinks = sink;
}

void sim_sink_remove(struct sim *sim, struct sim_sink *sink) {
	const struct sim_sink **at = &sim->sinks;

	while (*at && *at != sink)
		at = (const struct sim_sink **)&(*at)->next;
	if (*at) {
		*at = sink->next;
		sim_ears--;
		sim->n_sinks--;
	}
}

/* Those that are left may be gone already. */
void sinks_clear(struct sim *sim) { sim_ears -= sim->n_sinks; }

void sim_tell_span(const struct sim_track *track, const char *layer, const char *name,
                   sim_time start, sim_time end, sim_flow flow) {
	if (end <= start)
		return;
	for (const struct sim_sink *sink = *track->sinks; sink; sink = sink->next)
		if (sink->span)
			sink->span(sink->arg, track, layer, name, start, end, flow);
}

void sim_tell_begin(const struct sim_track *track, const char *name, sim_flow flow) {
	for (const struct sim_sink *sink = *track->sinks; sink; sink = sink->next)
		if (sink->begin)
			sink->begin(sink->arg, track, name, track->sim->now, flow);
}

void sim_tell_end(const struct sim_track *track, const char *name, sim_time start, sim_time end,
                  sim_flow flow) {
	for (const struct sim_sink *sink = *track->sinks; sink; sink = sink->next)
		if (sink->end)
			sink->end(sink->arg, track, start, end);
		else if (sink->span && end > start)
			sink->span(sink->arg, track, NULL, name, start, end, flow);
}

void sim_tell_mark(const struct sim_track *track, const char *name, sim_flow flow) {
	for (const struct sim_sink *sink = *track->sinks; sink; sink = sink->next)
		if (sink->mark)
			sink->mark(sink->arg, track, name, track->sim->now, flow);
}

void sim_tell_count(const struct sim_track *track, int64_t value) {
	for (const struct sim_sink *sink = *track->sinks; sink; sink = sink->next)
		if (sink->count)
			sink->count(sink->arg, track, track->sim->now, value);
}
