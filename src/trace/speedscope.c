/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does speedscope say it?  A list of profiles, one a track, of frames that open and close.  It knows
 * no marks, counters and flows. */
#include <string.h>

#include "trace/heard.h"

static void put_text(struct out *out, const char *text) { out_put(out, text, strlen(text)); }

/* Names of ours, but for those of groups and programs. */
static void put_string(struct out *out, const char *text) {
	g_autoptr(GString) quoted = g_string_new("\"");

	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(quoted, '\\');
		if ((unsigned char)*c < 0x20)
			g_string_append_printf(quoted, "\\u%04x", (unsigned)(unsigned char)*c);
		else
			g_string_append_c(quoted, *c);
	}
	g_string_append_c(quoted, '"');
	put_text(out, quoted->str);
}

/* "server / tasks / httpd[312]" */
static char *path_of(const struct sim_track *track) {
	g_autofree char *above = NULL;

	if (!track->parent)
		return g_strdup(track->name);
	above = path_of(track->parent);
	return g_strconcat(above, " / ", track->name, NULL);
}

/* A frame for each pair of layer and name that was heard; *frames gets its number by both. */
static void put_frames(const struct trace *t, struct out *out, GHashTable *frames) {
	put_text(out, "\"shared\":{\"frames\":[");
	for (size_t i = 0; i < t->n; i++) {
		const struct heard *h = &t->heard[i];
		gpointer key = GUINT_TO_POINTER((guint)h->layer << 16 | h->name);
		const char *layer = t->names->pdata[h->layer], *name = t->names->pdata[h->name];
		g_autofree char *full = NULL;

		if (!heard_is_span(h) || g_hash_table_contains(frames, key))
			continue;
		full = layer ? g_strconcat(layer, ": ", name, NULL) : g_strdup(name);
		put_text(out, g_hash_table_size(frames) ? ",\n{\"name\":" : "\n{\"name\":");
		put_string(out, full);
		put_text(out, "}");
		g_hash_table_insert(frames, key, GUINT_TO_POINTER(g_hash_table_size(frames)));
	}
	put_text(out, "]},\n");
}

static void put_event(struct out *out, bool first, char type, guint frame, int64_t at) {
	g_autofree char *text =
		g_strdup_printf("%s{\"type\":\"%c\",\"frame\":%u,\"at\":%" PRId64 "}",
	                        first ? "\n" : ",\n", type, frame, at);

	put_text(out, text);
}

/* The spans of one track, of `at`: its instants in order. */
static void put_profile(const struct trace *t, struct out *out, const struct sim_track *track,
                        const GArray *at, GHashTable *frames) {
	g_autofree char *path = path_of(track), *end = NULL;
	sim_time last = g_array_index(at, struct instant, at->len - 1).when;

	put_text(out, "{\"type\":\"evented\",\"name\":");
	put_string(out, path);
	end = g_strdup_printf(",\"unit\":\"nanoseconds\",\"startValue\":0,\"endValue\":%" PRId64
	                      ",\"events\":[",
	                      last / SIM_NS);
	put_text(out, end);
	for (guint i = 0; i < at->len; i++) {
		const struct instant *in = &g_array_index(at, struct instant, i);
		const struct heard *h = &t->heard[in->heard];
		gpointer key = GUINT_TO_POINTER((guint)h->layer << 16 | h->name);

		put_event(out, i == 0, in->turn == TURN_END ? 'C' : 'O',
		          GPOINTER_TO_UINT(g_hash_table_lookup(frames, key)), in->when / SIM_NS);
	}
	put_text(out, "]}");
}

/* Each track's instants that belong to spans, in order; NULL where there are none. */
static GArray **by_track(const struct trace *t) {
	GArray **tracks = g_new0(GArray *, t->tracks->len + 1);
	size_t n;
	struct instant *instants = heard_in_order(t, &n);

	for (size_t i = 0; i < n; i++) {
		struct instant at = instants[i];
		GArray **of = &tracks[t->heard[at.heard].track];

		if (at.turn == TURN_MARK)
			continue;
		if (!*of)
			*of = g_array_new(FALSE, FALSE, sizeof(struct instant));
		g_array_append_val(*of, at);
	}
	g_free(instants);
	return tracks;
}

void speedscope_write(const struct trace *t, struct out *out) {
	g_autoptr(GHashTable) frames = g_hash_table_new(NULL, NULL);
	g_autofree GArray **tracks = by_track(t);
	bool first = true;

	put_text(out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
	              "\"exporter\":\"sopsim\",\n");
	put_frames(t, out, frames);
	put_text(out, "\"profiles\":[");
	for (guint i = 0; i < t->tracks->len; i++) {
		if (!tracks[i])
			continue;
		put_text(out, first ? "\n" : ",\n");
		put_profile(t, out, t->tracks->pdata[i], tracks[i], frames);
		g_array_unref(tracks[i]);
		first = false;
	}
	put_text(out, "]}\n");
}
