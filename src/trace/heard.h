/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace has heard, and in which order it is told again.  Private to src/trace. */
#ifndef TRACE_HEARD_H
#define TRACE_HEARD_H

#include "trace/trace.h"

struct heard {
	sim_time start, end; /* of marks and counts: the same */
	uint64_t flow;       /* of counts: the value */
	uint32_t track;      /* its number */
	uint16_t name;       /* in trace->names; 0: a count */
	uint16_t layer;      /* in trace->names; 0: a phase */
};

static inline bool heard_is_span(const struct heard *h) { return h->end > h->start; }
static inline bool heard_is_count(const struct heard *h) { return !h->name; }

#define NAMES_MOST 4096U
#define LATELY 1024U

struct trace {
	struct sim *sim;
	struct sim_sink sink;
	struct heard *heard; /* in the order of telling */
	size_t n, room;
	GPtrArray *names;          /* of const char *, by their numbers; [0] is NULL */
	bool is_layer[NAMES_MOST]; /* of the names */
	GHashTable *known;         /* text -> number */
	struct {
		const char *text;
		unsigned nr;
	} lately[LATELY]; /* by address */
	GPtrArray *
		tracks; /* of const struct sim_track *, by their numbers; NULL: nothing of it was heard */
	uint64_t spans, most;
	sim_time stopped;
};

/* Something begins, ends, or happens. */
struct instant {
	sim_time when;
	uint32_t heard;
	uint32_t turn; /* at one date: ends, then what has no length, then beginnings */
};
enum { TURN_END, TURN_MARK, TURN_BEGIN };

/* All of them in order: by date, and at one date so that what is nested on a track stays so.  To be
 * freed; *n of them. */
struct instant *heard_in_order(const struct trace *trace, size_t *n);

/* A file that is written in large pieces. */
struct out {
	int fd, error;
	uint8_t *bytes, *end;
};
#define OUT_BYTES ((size_t)1 << 18)
#define EVENT_BYTES 128U
void out_flush(struct out *out);
void out_put(struct out *out, const void *bytes, size_t n);
/* Where `n` (<= OUT_BYTES) bytes may be put; out->end is then to be set behind them. */
static inline uint8_t *out_room(struct out *out, size_t n) {
	if (out->bytes + OUT_BYTES < out->end + n)
		out_flush(out);
	return out->end;
}

void perfetto_write(const struct trace *trace, struct out *out);
void speedscope_write(const struct trace *trace, struct out *out);

#endif
