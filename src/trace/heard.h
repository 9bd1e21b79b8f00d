/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a trace has heard, and in which order it is told again.  Private to src/trace.
 *
 * Who tells fills a window (trace.c); a thread takes it, puts it in order (order.c) and hands it to the format
 * that the file has (perfetto.c, speedscope.c).  So a trace keeps a few windows, however long it gets.
 */
#ifndef TRACE_HEARD_H
#define TRACE_HEARD_H

#include "trace/trace.h"

enum heard_kind { HEARD_NOTHING, HEARD_SPAN, HEARD_BEGIN, HEARD_END, HEARD_MARK, HEARD_COUNT };

struct heard {
	sim_time start, end; /* both the same but for spans */
	uint64_t flow;       /* of counts: the value */
	const struct sim_track *track;
	uint16_t name;  /* by its number; 0: none, of a count or an end */
	uint16_t layer; /* the same; 0: none, of a phase */
	uint8_t kind;   /* enum heard_kind */
	bool late,
		all_late; /* its start, its end lies so far back that what followed may be written */
};

/* As much as stays in a processor's second cache; of fewer, what waits and who is woken cost more. */
#define WINDOW 8192U
/* What is told later than this after it was is late.  What is not waits for so long. */
#define LATE SIM_MS

struct window {
	struct heard heard[WINDOW];
	unsigned n;
	bool last;
	sim_time until; /* nothing that is told behind it and is not late happens before */
};

#define NAMES_MOST 4096U
#define LATELY 1024U
#define PENDING 64U

struct writer;

/* A name and the layer that it came with (NULL: none), and their numbers. */
struct lately {
	const char *name, *layer;
	uint16_t nr, of;
};

struct trace {
	struct sim *sim;
	struct sim_sink sink;
	struct window *window; /* that is being filled; NULL: it is over */
	struct writer *writer;
	const char *names[NAMES_MOST]; /* by their numbers, from 1 */
	unsigned n_names;
	GHashTable *known;            /* text -> number */
	struct lately lately[LATELY]; /* by both addresses */
	/* In this window, some by their track's number: beginnings, and a track's last work. */
	struct heard *pending[PENDING], *worked[PENDING];
	uint64_t spans, most;
	sim_time stopped, ended; /* for the limit; for that or with the world */
};

/* Something begins, ends, or happens. */
enum turn { TURN_END, TURN_MARK, TURN_BEGIN };
struct instant {
	sim_time when;
	uint32_t heard; /* below WINDOW: of the window; the rest: of those that waited */
	uint32_t turn;
};

/* Where that lies which instants are of. */
struct told {
	const struct heard *window, *waited;
};

static inline const struct heard *heard_at(const struct told *told, const struct instant *at) {
	return at->heard < WINDOW ? &told->window[at->heard] : &told->waited[at->heard - WINDOW];
}

/* --- writing: all in one thread --------------------------------------------------------------- */

/* Its windows are empty ones to be filled. */
struct writer *writer_new(const struct trace *trace, int fd, const char *name);
/* An empty window, for one that is full and is the writer's from now on (NULL: for none). */
struct window *writer_next(struct writer *w, struct window *full);
/* `full` is the last one; all is written, and the writer gone.  0 or an errno. */
int writer_end(struct writer *w, struct window *full);

/* A file that is written in large pieces. */
struct out {
	int fd, error;
	uint8_t *bytes, *end;
	struct packer *packer; /* NULL: it is not packed */
};
#define OUT_BYTES ((size_t)1 << 18)
#define EVENT_BYTES 128U
/* `packed`: as gzip does. */
void out_open(struct out *out, int fd, bool packed);
void out_flush(struct out *out);
/* Writes the rest.  0 or an errno: the first of all. */
int out_close(struct out *out);
void out_put(struct out *out, const void *bytes, size_t n);
/* Where `n` (<= OUT_BYTES) bytes may be put; out->end is then to be set behind them. */
static inline uint8_t *out_room(struct out *out, size_t n) {
	if (out->bytes + OUT_BYTES < out->end + n)
		out_flush(out);
	return out->end;
}

/* What a format does with what happens, told by its date but for what is late; on a track nothing is out of
 * order. */
struct format {
	void *(*begin)(const struct trace *trace, struct out *out);
	/* `late`: their dates fall behind what was told before. */
	void (*take)(void *arg, const struct told *told, const struct instant *at, size_t n,
	             bool late);
	/* That was all; frees `arg`. */
	void (*end)(void *arg);
};
extern const struct format perfetto, speedscope;

/* Puts windows in order for a format. */
struct ordering;
struct ordering *ordering_new(const struct format *format, void *arg);
void ordering_take(struct ordering *o, const struct window *window);
void ordering_free(struct ordering *o);

#endif
