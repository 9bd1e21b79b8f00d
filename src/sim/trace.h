/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens when, and where: the one emitter that explain, traces, charts and series listen to.
 *
 * A *track* is a line of the picture: a processor's mode, a task, a direction of a wire.  On it lie
 * spans (something worked from here to there), marks (something happened) and, on a counter, values.
 * A *flow* is a number that ties together what belongs to one command, frame, wake-up or system call,
 * wherever it lies.  Dates are the clock's own picoseconds; nothing is rounded before a file is.
 *
 * Whoever listens is a sink; there may be several.  Without one, telling is a test of a number.
 * Who tells has a track of its own, made with the thing itself or, of what comes by the thousand,
 * when it is first told of (sim_heard()).
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdbool.h>

#include "sim/sim.h"

/* --- tracks ------------------------------------------------------------------------------- */

/* The order from program to wire, in which pictures place what a machine is made of. */
enum sim_rank {
	SIM_RANK_TASKS,
	SIM_RANK_CPU,
	SIM_RANK_QUEUES,
	SIM_RANK_BUS,
	SIM_RANK_CARD,
	SIM_RANK_WIRE,
	SIM_RANK_PEER,
};

struct sim_track {
	struct sim *sim;
	const struct sim_sink *const *sinks; /* the world's */
	const struct sim_track *parent;      /* NULL: at the top */
	const char *name;
	const char *unit; /* of a counter's values: "tasks", "commands"; NULL: it is no counter */
	unsigned rank;    /* among those of one parent, then in the order of making */
	unsigned nr;      /* of the world's, from 1, in the order of making */
	struct sim_track *next;
};

/* A track below `parent` (NULL: at the top).  `name` is copied.  It lasts as long as the world.
 * `rank` is an enum sim_rank or any number that orders its siblings. */
struct sim_track *sim_track(struct sim *sim, const struct sim_track *parent, const char *name,
                            unsigned rank);
/* The same for a counter, whose values are told in `unit` (a static string). */
struct sim_track *sim_counter(struct sim *sim, const struct sim_track *parent, const char *name,
                              const char *unit, unsigned rank);

/* --- flows -------------------------------------------------------------------------------- */

/* Whose number it is stands in the top byte; 0: none. */
typedef uint64_t sim_flow;

enum sim_flow_kind {
	SIM_FLOW_CALL = 1, /* a system call: its number, from 1 */
	SIM_FLOW_COMMAND,  /* card << 48, id << 24, generation, each of the two cut to 24 bits */
	SIM_FLOW_FRAME,    /* a frame, and those that are copies of it on the wire */
	SIM_FLOW_WAKE,     /* a wake-up */
	SIM_FLOWS
};

static inline enum sim_flow_kind sim_flow_kind(sim_flow flow) {
	return (enum sim_flow_kind)(flow >> 56);
}
/* What is left without the kind: the 417 of call 417. */
static inline uint64_t sim_flow_number(sim_flow flow) { return flow & ((UINT64_C(1) << 56) - 1); }

/* The next number of its kind in this world. */
sim_flow sim_flow_new(struct sim *sim, enum sim_flow_kind kind);

static inline sim_flow sim_flow_command(unsigned card, uint32_t id, uint32_t generation) {
	return (sim_flow)SIM_FLOW_COMMAND << 56 | (sim_flow)(card & 0xffU) << 48 |
	       (sim_flow)(id & 0xffffffU) << 24 | (generation & 0xffffffU);
}

/* --- listening ---------------------------------------------------------------------------- */

/* Functions may be NULL: that is not listened to.  What they are handed (`layer`, `name`) are static
 * strings, and tracks last as long as the world.  They must change nothing of it. */
struct sim_sink {
	/* The span may be over, or end later than now if that is known; no two of a track overlap unless
	 * one lies within the other.  end > start. */
	void (*span)(void *arg, const struct sim_track *track, const char *layer, const char *name,
	             sim_time start, sim_time end, sim_flow flow);
	/* A phase begins now, and how it ends is told on the same track.  Either both or none of the two: who has
	 * none is told of the whole as a span, when it is over. */
	void (*begin)(void *arg, const struct sim_track *track, const char *name, sim_time start,
	              sim_flow flow);
	void (*end)(void *arg, const struct sim_track *track, sim_time start, sim_time end);
	void (*mark)(void *arg, const struct sim_track *track, const char *name, sim_time when,
	             sim_flow flow);
	/* From `when` on the counter stands at `value`. */
	void (*count)(void *arg, const struct sim_track *track, sim_time when, int64_t value);
	void *arg;
	const struct sim_sink *next; /* the world's own */
};

/* Listens from now on, until it is removed or the world ends.  Embed it. */
void sim_sink_add(struct sim *sim, struct sim_sink *sink);
void sim_sink_remove(struct sim *sim, struct sim_sink *sink);

/* --- telling ------------------------------------------------------------------------------ */

/* How many sinks the worlds of this process have.  One place for all: to see that nobody listens, no track
 * need be looked up. */
extern unsigned sim_ears;

/* Whether anybody listens to the world that the track belongs to. */
static inline bool sim_heard(const struct sim_track *track) {
	return __builtin_expect(sim_ears != 0, false) && *track->sinks != NULL;
}

/* Cold, as most runs are heard by nobody. */
#define SIM_TELLS __attribute__((cold, noinline))
SIM_TELLS void sim_tell_span(const struct sim_track *track, const char *layer, const char *name,
                             sim_time start, sim_time end, sim_flow flow);
/* A phase that may last: begins now; is over at `end`, where nothing else was told of its track but what lies
 * within it.  It has no layer, and may have no length. */
SIM_TELLS void sim_tell_begin(const struct sim_track *track, const char *name, sim_flow flow);
SIM_TELLS void sim_tell_end(const struct sim_track *track, const char *name, sim_time start,
                            sim_time end, sim_flow flow);
SIM_TELLS void sim_tell_mark(const struct sim_track *track, const char *name, sim_flow flow);
SIM_TELLS void sim_tell_count(const struct sim_track *track, int64_t value);

/* A stretch of time in which something worked, for a named cost of a `layer`.  NULL: nobody works at it,
 * it is a phase (a system call, a task's state, a transfer or a frame under way).  Told of what has a
 * length only. */
static inline void sim_span(const struct sim_track *track, const char *layer, const char *name,
                            sim_time start, sim_time end, sim_flow flow) {
	if (sim_heard(track))
		sim_tell_span(track, layer, name, start, end, flow);
}

/* Something happens now. */
static inline void sim_mark(const struct sim_track *track, const char *name, sim_flow flow) {
	if (sim_heard(track))
		sim_tell_mark(track, name, flow);
}

/* A counter stands at `value` from now on. */
static inline void sim_count(const struct sim_track *track, int64_t value) {
	if (sim_heard(track))
		sim_tell_count(track, value);
}

#endif
