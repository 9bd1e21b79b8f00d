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

/* What opens or closes: both are kept until all frames are known, as they stand first. */
struct event {
	int64_t at; /* ns */
	uint32_t frame;
	uint32_t opens;
};

/* A track's. */
struct profile {
	const struct sim_track *track;
	GArray *events; /* of struct event */
	GArray *open;   /* of uint32_t: the frames that are */
};

struct writing {
	const struct trace *trace;
	struct out *out;
	GHashTable *numbers; /* layer << 16 | name -> number of its frame, from 1 */
	GArray *frames;      /* of uint32_t: the same, in order */
	GHashTable *known;   /* track -> struct profile */
	GPtrArray *profiles;
};

static void *begin(const struct trace *trace, struct out *out) {
	struct writing *w = g_new0(struct writing, 1);

	w->trace = trace;
	w->out = out;
	w->numbers = g_hash_table_new(NULL, NULL);
	w->frames = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	w->known = g_hash_table_new(NULL, NULL);
	w->profiles = g_ptr_array_new();
	return w;
}

static uint32_t frame_of(struct writing *w, const struct heard *h) {
	uint32_t both = (uint32_t)h->layer << 16 | h->name;
	uint32_t nr = GPOINTER_TO_UINT(g_hash_table_lookup(w->numbers, GUINT_TO_POINTER(both)));

	if (!nr) {
		g_array_append_val(w->frames, both);
		nr = w->frames->len;
		g_hash_table_insert(w->numbers, GUINT_TO_POINTER(both), GUINT_TO_POINTER(nr));
	}
	return nr - 1;
}

static struct profile *profile_of(struct writing *w, const struct sim_track *track) {
	struct profile *p = g_hash_table_lookup(w->known, track);

	if (p)
		return p;
	p = g_new(struct profile, 1);
	p->track = track;
	p->events = g_array_new(FALSE, FALSE, sizeof(struct event));
	p->open = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_hash_table_insert(w->known, (void *)track, p);
	g_ptr_array_add(w->profiles, p);
	return p;
}

static void profile_close(struct profile *p, int64_t at) {
	struct event event = {.at = at};

	if (!p->open->len)
		return;
	event.frame = g_array_index(p->open, uint32_t, p->open->len - 1);
	g_array_set_size(p->open, p->open->len - 1);
	g_array_append_val(p->events, event);
}

static void take(void *arg, const struct told *told, const struct instant *at, size_t n,
                 bool late) {
	struct writing *w = arg;

	(void)late;
	for (size_t i = 0; i < n; i++) {
		const struct heard *h = heard_at(told, &at[i]);
		struct event event = {.at = at[i].when / SIM_NS, .opens = true};
		struct profile *p;

		if (at[i].turn == TURN_MARK)
			continue;
		p = profile_of(w, h->track);
		if (at[i].turn == TURN_END) {
			profile_close(p, event.at);
			continue;
		}
		event.frame = frame_of(w, h);
		g_array_append_val(p->events, event);
		g_array_append_val(p->open, event.frame);
	}
}

/* --- the end, when all is known --------------------------------------------------------------- */

static void put_frames(const struct writing *w) {
	put_text(w->out, "\"shared\":{\"frames\":[");
	for (guint i = 0; i < w->frames->len; i++) {
		uint32_t both = g_array_index(w->frames, uint32_t, i);
		const char *layer = w->trace->names[both >> 16];
		const char *name = w->trace->names[both & 0xffffU];
		g_autofree char *full =
			layer ? g_strconcat(layer, ": ", name, NULL) : g_strdup(name);

		put_text(w->out, i ? ",\n{\"name\":" : "\n{\"name\":");
		put_string(w->out, full);
		put_text(w->out, "}");
	}
	put_text(w->out, "]},\n");
}

static void put_profile(struct out *out, const struct profile *p) {
	g_autofree char *path = path_of(p->track), *end = NULL;
	int64_t last = g_array_index(p->events, struct event, p->events->len - 1).at;

	put_text(out, "{\"type\":\"evented\",\"name\":");
	put_string(out, path);
	end = g_strdup_printf(",\"unit\":\"nanoseconds\",\"startValue\":0,\"endValue\":%" PRId64
	                      ",\"events\":[",
	                      last);
	put_text(out, end);
	for (guint i = 0; i < p->events->len; i++) {
		const struct event *e = &g_array_index(p->events, struct event, i);
		g_autofree char *text =
			g_strdup_printf("%s{\"type\":\"%c\",\"frame\":%u,\"at\":%" PRId64 "}",
		                        i ? ",\n" : "\n", e->opens ? 'O' : 'C', e->frame, e->at);

		put_text(out, text);
	}
	put_text(out, "]}");
}

static void profile_free(struct profile *p) {
	g_array_unref(p->events);
	g_array_unref(p->open);
	g_free(p);
}

/* What is under way when the limit ends a trace ends there. */
static void close_all(const struct writing *w) {
	for (guint i = 0; i < w->profiles->len; i++) {
		struct profile *p = w->profiles->pdata[i];
		int64_t last = g_array_index(p->events, struct event, p->events->len - 1).at;

		while (p->open->len)
			profile_close(p, MAX(last, w->trace->ended / SIM_NS));
	}
}

static int by_number(gconstpointer a, gconstpointer b) {
	const struct profile *const *x = a, *const *y = b;

	return (*x)->track->nr < (*y)->track->nr ? -1 : 1;
}

/* Which is looked at first: the task at which most happens, or the track. */
static guint first_of(const struct writing *w) {
	guint best = 0, most[2] = {0, 0};

	for (guint i = 0; i < w->profiles->len; i++) {
		const struct profile *p = w->profiles->pdata[i];
		const struct sim_track *above = p->track->parent;
		guint task = above && above->parent && above->rank == SIM_RANK_TASKS;

		if (most[1] && !task)
			continue;
		if (p->events->len > most[task]) {
			most[task] = p->events->len;
			best = i;
		}
	}
	return best;
}

static void end(void *arg) {
	g_autofree char *first = NULL;
	struct writing *w = arg;

	close_all(w);
	g_ptr_array_sort(w->profiles, by_number);
	put_text(w->out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
	                 "\"exporter\":\"sopsim\",\n");
	first = g_strdup_printf("\"activeProfileIndex\":%u,\n", first_of(w));
	put_text(w->out, first);
	put_frames(w);
	put_text(w->out, "\"profiles\":[");
	for (guint i = 0; i < w->profiles->len; i++) {
		put_text(w->out, i ? ",\n" : "\n");
		put_profile(w->out, w->profiles->pdata[i]);
		profile_free(w->profiles->pdata[i]);
	}
	put_text(w->out, "]}\n");
	g_hash_table_unref(w->numbers);
	g_hash_table_unref(w->known);
	g_array_unref(w->frames);
	g_ptr_array_unref(w->profiles);
	g_free(w);
}

const struct format speedscope = {.begin = begin, .take = take, .end = end};
