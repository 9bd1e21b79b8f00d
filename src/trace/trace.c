/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has been heard of a world, and where is it written? */
#include "trace/trace.h"

#include <string.h>

#include "trace/heard.h"

/* --- hearing ---------------------------------------------------------------------------------- */

static __attribute__((noinline)) unsigned name_find(struct trace *t, const char *text,
                                                    unsigned slot) {
	unsigned nr = GPOINTER_TO_UINT(g_hash_table_lookup(t->known, text));
	if (!nr) {
		nr = t->names->len;
		g_assert(nr < NAMES_MOST);
		g_ptr_array_add(t->names, (void *)text);
		g_hash_table_insert(t->known, (void *)text, GUINT_TO_POINTER(nr));
	}
	t->lately[slot].text = text;
	t->lately[slot].nr = nr;
	return nr;
}

static inline unsigned name_number(struct trace *t, const char *text) {
	unsigned slot = (unsigned)(((uintptr_t)text ^ (uintptr_t)text >> 10) % LATELY);

	return G_LIKELY(t->lately[slot].text == text) ? t->lately[slot].nr
	                                              : name_find(t, text, slot);
}

static __attribute__((noinline)) void track_note(struct trace *t, const struct sim_track *track) {
	for (const struct sim_track *at = track; at; at = at->parent) {
		if (at->nr >= t->tracks->len)
			g_ptr_array_set_size(t->tracks, (gint)MAX(at->nr + 1, 2 * t->tracks->len));
		if (t->tracks->pdata[at->nr])
			break;
		t->tracks->pdata[at->nr] = (void *)at;
	}
}

/* Room for one more; NULL: the limit was reached. */
static inline struct heard *heard_new(struct trace *t, const struct sim_track *track) {
	if (G_UNLIKELY(t->stopped != SIM_NEVER))
		return NULL;
	if (G_UNLIKELY(t->n == t->room)) {
		t->room = t->room ? 2 * t->room : 4096;
		t->heard = g_renew(struct heard, t->heard, t->room);
	}
	if (G_UNLIKELY(track->nr >= t->tracks->len || !t->tracks->pdata[track->nr]))
		track_note(t, track);
	return &t->heard[t->n++];
}

static void on_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                    sim_time start, sim_time end, sim_flow flow) {
	struct trace *t = arg;
	unsigned number = name_number(t, name), of = layer ? name_number(t, layer) : 0;
	struct heard *h;

	if (t->spans++ == t->most)
		t->stopped = sim_now(t->sim);
	h = heard_new(t, track);
	if (!h)
		return;
	t->is_layer[of] = true;
	*h = (struct heard){start, end, flow, track->nr, (uint16_t)number, (uint16_t)of};
}

static void on_mark(void *arg, const struct sim_track *track, const char *name, sim_time when,
                    sim_flow flow) {
	struct trace *t = arg;
	unsigned number = name_number(t, name);
	struct heard *h = heard_new(t, track);

	if (h)
		*h = (struct heard){when, when, flow, track->nr, (uint16_t)number, 0};
}

static void on_count(void *arg, const struct sim_track *track, sim_time when, int64_t value) {
	struct heard *h = heard_new(arg, track);

	if (h)
		*h = (struct heard){when, when, (uint64_t)value, track->nr, 0, 0};
}

struct trace *trace_new(struct sim *sim, uint64_t most) {
	struct trace *t = g_new0(struct trace, 1);

	t->sim = sim;
	t->most = most;
	t->stopped = SIM_NEVER;
	t->names = g_ptr_array_new();
	g_ptr_array_add(t->names, NULL);
	t->known = g_hash_table_new(g_str_hash, g_str_equal);
	t->tracks = g_ptr_array_new();
	t->sink = (struct sim_sink){.span = on_span, .mark = on_mark, .count = on_count, .arg = t};
	sim_sink_add(sim, &t->sink);
	return t;
}

void trace_free(struct trace *t) {
	sim_sink_remove(t->sim, &t->sink);
	g_free(t->heard);
	g_ptr_array_unref(t->names);
	g_ptr_array_unref(t->tracks);
	g_hash_table_unref(t->known);
	g_free(t);
}

sim_time trace_stopped(const struct trace *t) { return t->stopped; }

/* --- writing ---------------------------------------------------------------------------------- */

int trace_write(const struct trace *t, int fd, const char *name) {
	struct out out = {.fd = fd, .bytes = g_malloc(OUT_BYTES)};

	out.end = out.bytes;
	if (g_str_has_suffix(name, ".speedscope.json"))
		speedscope_write(t, &out);
	else
		perfetto_write(t, &out);
	out_flush(&out);
	g_free(out.bytes);
	return out.error;
}
