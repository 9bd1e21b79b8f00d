/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is heard of a world while it goes on? */
#include "trace/trace.h"

#include <string.h>

#include "trace/heard.h"

/* The first ten bits of an address' product with the golden ratio's: those of strings that lie together differ. */
#define HASH UINT64_C(0x9e3779b97f4a7c15)
#define LATELY_SHIFT 54
G_STATIC_ASSERT(LATELY == 1U << (64 - LATELY_SHIFT));

static uint16_t name_find(struct trace *t, const char *text) {
	unsigned nr = GPOINTER_TO_UINT(g_hash_table_lookup(t->known, text));

	if (!nr) {
		nr = ++t->n_names;
		g_assert(nr < NAMES_MOST);
		t->names[nr] = text;
		g_hash_table_insert(t->known, (void *)text, GUINT_TO_POINTER(nr));
	}
	return (uint16_t)nr;
}

static __attribute__((noinline)) void names_find(struct trace *t, struct lately *at,
                                                 const char *layer, const char *name) {
	at->name = name;
	at->layer = layer;
	at->nr = name_find(t, name);
	at->of = layer ? name_find(t, layer) : 0;
}

/* The numbers of both (layer NULL: 0). */
static inline const struct lately *names_of(struct trace *t, const char *layer, const char *name) {
	uint64_t both = (uint64_t)(uintptr_t)name + 3 * (uint64_t)(uintptr_t)layer;
	struct lately *at = &t->lately[both * HASH >> LATELY_SHIFT];

	if (G_UNLIKELY(at->name != name || at->layer != layer))
		names_find(t, at, layer, name);
	return at;
}

static __attribute__((noinline)) void window_new(struct trace *t) {
	t->window->until = sim_now(t->sim) - LATE;
	t->window = writer_next(t->writer, t->window);
	memset(t->pending, 0, sizeof t->pending);
	memset(t->worked, 0, sizeof t->worked);
}

/* Where one more goes. */
static inline struct heard *hear(struct trace *t) {
	if (G_UNLIKELY(t->window->n == WINDOW))
		window_new(t);
	return &t->window->heard[t->window->n++];
}

/* Whether one more span may be heard; if not, nothing is from now on. */
static inline bool may_hear_span(struct trace *t) {
	if (G_UNLIKELY(t->spans == t->most && t->stopped == SIM_NEVER))
		t->stopped = sim_now(t->sim);
	if (G_UNLIKELY(t->stopped != SIM_NEVER))
		return false;
	t->spans++;
	return true;
}

/* A cost that is charged in parts, one right behind the other, is one piece of work. */
static inline bool goes_on(const struct heard *h, const struct sim_track *track,
                           const struct lately *names, sim_time start, sim_flow flow) {
	return h && h->track == track && h->end == start && h->name == names->nr &&
	       h->layer == names->of && h->flow == flow;
}

static void on_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                    sim_time start, sim_time end, sim_flow flow) {
	struct trace *t = arg;
	struct heard **worked = &t->worked[track->nr % PENDING];
	sim_time late = sim_now(t->sim) - LATE;
	const struct lately *names = names_of(t, layer, name);

	if (layer && start >= late && goes_on(*worked, track, names, start, flow) &&
	    t->stopped == SIM_NEVER) {
		(*worked)->end = end;
		return;
	}
	if (!may_hear_span(t))
		return;
	*(*worked = hear(t)) = (struct heard){.start = start,
	                                      .end = end,
	                                      .flow = flow,
	                                      .track = track,
	                                      .name = names->nr,
	                                      .layer = names->of,
	                                      .kind = HEARD_SPAN,
	                                      .late = start < late,
	                                      .all_late = end < late};
}

static void on_begin(void *arg, const struct sim_track *track, const char *name, sim_time start,
                     sim_flow flow) {
	struct trace *t = arg;

	struct heard *at;

	if (!may_hear_span(t))
		return;
	at = hear(t);
	*at = (struct heard){.start = start,
	                     .end = start,
	                     .flow = flow,
	                     .track = track,
	                     .name = names_of(t, NULL, name)->nr,
	                     .kind = HEARD_BEGIN};
	t->pending[track->nr % PENDING] = at;
	t->worked[track->nr % PENDING] = NULL;
}

/* What had no length is taken back, if its beginning is at hand. */
static void on_end(void *arg, const struct sim_track *track, sim_time start, sim_time end) {
	struct trace *t = arg;
	struct heard *begin = t->pending[track->nr % PENDING];

	if (t->stopped != SIM_NEVER)
		return;
	t->worked[track->nr % PENDING] = NULL;
	if (start == end && begin && begin->track == track) {
		begin->kind = HEARD_NOTHING;
		t->spans--;
		return;
	}
	*hear(t) = (struct heard){.start = end,
	                          .end = end,
	                          .track = track,
	                          .kind = HEARD_END,
	                          .all_late = end < sim_now(t->sim) - LATE};
}

static void on_mark(void *arg, const struct sim_track *track, const char *name, sim_time when,
                    sim_flow flow) {
	struct trace *t = arg;

	if (t->stopped == SIM_NEVER)
		*hear(t) = (struct heard){.start = when,
		                          .end = when,
		                          .flow = flow,
		                          .track = track,
		                          .name = names_of(t, NULL, name)->nr,
		                          .kind = HEARD_MARK};
}

static void on_count(void *arg, const struct sim_track *track, sim_time when, int64_t value) {
	struct trace *t = arg;

	if (t->stopped == SIM_NEVER)
		*hear(t) = (struct heard){.start = when,
		                          .end = when,
		                          .flow = (uint64_t)value,
		                          .track = track,
		                          .kind = HEARD_COUNT};
}

struct trace *trace_new(struct sim *sim, uint64_t most, int fd, const char *name) {
	struct trace *t = g_new0(struct trace, 1);

	t->sim = sim;
	t->most = most;
	t->stopped = SIM_NEVER;
	t->known = g_hash_table_new(g_str_hash, g_str_equal);
	t->writer = writer_new(t, fd, name);
	t->window = writer_next(t->writer, NULL);
	t->sink = (struct sim_sink){.span = on_span,
	                            .begin = on_begin,
	                            .end = on_end,
	                            .mark = on_mark,
	                            .count = on_count,
	                            .arg = t};
	sim_sink_add(sim, &t->sink);
	return t;
}

int trace_end(struct trace *t, sim_time *stopped) {
	int error;

	sim_sink_remove(t->sim, &t->sink);
	t->ended = MIN(t->stopped, sim_now(t->sim));
	t->window->until = SIM_NEVER;
	error = writer_end(t->writer, t->window);
	*stopped = t->stopped;
	g_hash_table_unref(t->known);
	g_free(t);
	return error;
}
