/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a trace in Perfetto's format, by the fields that src/trace/perfetto.proto names. */
#ifndef TESTS_LAB_TRACE_READER_H
#define TESTS_LAB_TRACE_READER_H

#include <check.h>
#include <glib.h>
#include <string.h>

#include "must.h"
#include "sim/trace.h"

enum { BEGIN = 1, END, MARK, COUNT };

struct event {
	uint64_t when; /* ns */
	uint64_t type, track, name, layer, flow, call;
	int64_t value;
	guint place; /* in the file */
};

/* What packets of one sequence share. */
struct sequence {
	uint64_t now, track;
};
#define SEQUENCES 128U

struct reader {
	GArray *events;      /* struct event, by their dates, then in the order of the file */
	GHashTable *sums;    /* "server: tcp_sendmsg, ps" -> int64_t */
	GHashTable *names;   /* sequence << 16 | number -> text */
	GHashTable *tracks;  /* number -> name */
	GHashTable *parents; /* number -> number */
	GHashTable *paths;   /* number -> path, of those asked for */
	struct sequence sequences[SEQUENCES];
	unsigned nr;  /* the packet's sequence */
	guint riding; /* values that go with another event */
};

struct bytes {
	const uint8_t *at, *end;
};

static inline uint64_t take_number(struct bytes *b) {
	uint64_t value = 0;

	for (unsigned shift = 0; b->at < b->end; shift += 7) {
		value |= (uint64_t)(*b->at & 0x7f) << shift;
		if (!(*b->at++ & 0x80))
			break;
	}
	return value;
}

/* The next field; `inner`: its bytes, if it has any.  0: the end. */
static inline unsigned take_field(struct bytes *b, uint64_t *number, struct bytes *inner) {
	uint64_t tag = b->at < b->end ? take_number(b) : 0;
	unsigned wire = (unsigned)(tag & 7);

	*inner = (struct bytes){NULL, NULL};
	*number = 0;
	if (!tag)
		return 0;
	if (wire == 0) {
		*number = take_number(b);
	} else {
		must(wire == 2);
		*number = take_number(b);
		*inner = (struct bytes){b->at, b->at + *number};
		b->at += *number;
	}
	must(b->at <= b->end);
	return (unsigned)(tag >> 3);
}

/* A message of a number and a name, as those of tracks and words begin. */
static inline char *take_named(struct bytes b, uint64_t *number, uint64_t *parent) {
	struct bytes inner;
	char *name = NULL;
	uint64_t value;
	unsigned field;

	*parent = 0;
	while ((field = take_field(&b, &value, &inner))) {
		if (field == 1)
			*number = value;
		else if (field == 2)
			name = g_strndup((const char *)inner.at, (gsize)(inner.end - inner.at));
		else if (field == 5)
			*parent = value;
	}
	return name;
}

/* One of the exact sums, or the number of a call. */
static inline uint64_t take_argument(struct reader *r, struct bytes b) {
	struct bytes inner;
	uint64_t value, call = 0;
	int64_t *sum = g_new0(int64_t, 1);
	unsigned field;
	char *name = NULL;

	while ((field = take_field(&b, &value, &inner))) {
		if (field == 3)
			call = value;
		else if (field == 4)
			*sum = (int64_t)value;
		else if (field == 10)
			name = g_strndup((const char *)inner.at, (gsize)(inner.end - inner.at));
	}
	if (name)
		g_hash_table_insert(r->sums, name, sum);
	else
		g_free(sum);
	return call;
}

/* Of the same date as the event: values that go with it. */
static inline void take_extra(struct reader *r, struct event count, uint64_t track,
                              uint64_t value) {
	count.type = COUNT;
	count.track = track;
	count.value = (int64_t)value;
	count.place = r->events->len;
	g_array_append_val(r->events, count);
	r->riding++;
}

/* A flow with its kind in the top byte: in the file it is in the last two bits, and commands come in two forms. */
static inline uint64_t take_flow(uint64_t value) {
	static const enum sim_flow_kind kinds[] = {SIM_FLOW_WAKE, SIM_FLOW_COMMAND,
	                                           SIM_FLOW_COMMAND, SIM_FLOW_FRAME};

	must(value >> 2);
	return (uint64_t)kinds[value & 3] << 56 | (uint64_t)(value & 1) << 55 | value >> 2;
}

static inline void take_event(struct reader *r, struct bytes b) {
	struct sequence *s = &r->sequences[r->nr];
	struct event e = {.when = s->now, .track = s->track, .place = r->events->len};
	const struct event none = {.when = s->now};
	struct bytes inner;
	uint64_t value, extra[8], counters[8];
	unsigned field, n_extra = 0, n_counters = 0;

	while ((field = take_field(&b, &value, &inner))) {
		if (field == 3)
			e.layer = value;
		else if (field == 4)
			e.call = take_argument(r, inner);
		else if (field == 9)
			e.type = value;
		else if (field == 10)
			e.name = r->nr << 16 | value;
		else if (field == 11)
			e.track = value;
		else if (field == 12 && n_extra < G_N_ELEMENTS(extra))
			extra[n_extra++] = value;
		else if (field == 31 && n_counters < G_N_ELEMENTS(counters))
			counters[n_counters++] = value;
		else if (field == 30)
			e.value = (int64_t)value;
		else if (field == 36)
			e.flow = take_flow(value);
		else if (field == 23)
			continue; /* that of the sums */
		else
			ck_abort_msg("field %u of an event is not known", field);
	}
	g_array_append_val(r->events, e);
	must(!n_extra || e.type != COUNT);
	must(n_extra == n_counters); /* at most 8, as Perfetto takes */
	for (unsigned i = 0; i < n_extra; i++) {
		must(!i || extra[i - 1]); /* Perfetto loses what stands behind a 0 */
		take_extra(r, none, counters[i], extra[i]);
	}
}

static inline void take_names(struct reader *r, struct bytes b) {
	struct bytes inner;
	uint64_t value, number, none;
	unsigned field;

	while ((field = take_field(&b, &value, &inner))) {
		char *name = take_named(inner, &number, &none);

		if (field == 2)
			g_hash_table_insert(r->names, GUINT_TO_POINTER(r->nr << 16 | (guint)number),
			                    name);
		else
			g_free(name);
	}
}

static inline void take_track(struct reader *r, struct bytes b) {
	uint64_t number = 0, parent;
	char *name = take_named(b, &number, &parent);

	ck_assert_uint_gt(number, parent); /* whose line came before */
	g_hash_table_insert(r->tracks, GUINT_TO_POINTER((guint)number), name);
	g_hash_table_insert(r->parents, GUINT_TO_POINTER((guint)number),
	                    GUINT_TO_POINTER((guint)parent));
}

static inline void take_defaults(struct reader *r, struct bytes b) {
	struct bytes inner, part;
	uint64_t value;
	unsigned field;

	while ((field = take_field(&b, &value, &inner)))
		if (field == 11)
			while ((field = take_field(&inner, &value, &part)))
				r->sequences[r->nr].track = field == 11 ? value : 0;
}

/* The second sequence's clock starts anew with each packet, as it tells whole dates. */
enum { BELATED = 2 };

/* The date of an event, whose packet has to say one: Perfetto drops those that do not. */
static inline void take_date(struct reader *r, bool dated, uint64_t date) {
	struct sequence *s = &r->sequences[r->nr];

	must(dated);
	/* A step back would be one of 2^64 forth. */
	must(date < UINT64_C(1) << 62);
	s->now = date + (r->nr == BELATED ? 0 : s->now);
}

static inline void take_packet(struct reader *r, struct bytes b) {
	struct bytes inner, all = b;
	uint64_t value, date = 0;
	bool event = false, dated = false;
	unsigned field;

	while ((field = take_field(&all, &value, &inner))) {
		r->nr = field == 10 ? (unsigned)value : r->nr;
		dated |= field == 8;
		date = field == 8 ? value : date;
		event |= field == 11;
	}
	must(r->nr < SEQUENCES);
	must(event || !dated);
	if (event)
		take_date(r, dated, date);
	while ((field = take_field(&b, &value, &inner))) {
		if (field == 59)
			take_defaults(r, inner);
		else if (field == 11)
			take_event(r, inner);
		else if (field == 12)
			take_names(r, inner);
		else if (field == 60)
			take_track(r, inner);
	}
}

static inline int by_date(gconstpointer a, gconstpointer b) {
	const struct event *x = a, *y = b;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static inline struct reader *reader_new(const char *path) {
	struct reader *r = g_new0(struct reader, 1);
	struct bytes file, inner;
	char *contents;
	uint64_t value;
	gsize length;

	ck_assert(g_file_get_contents(path, &contents, &length, NULL));
	r->events = g_array_new(FALSE, FALSE, sizeof(struct event));
	r->sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	r->names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	r->tracks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	r->parents = g_hash_table_new(NULL, NULL);
	r->paths = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	file = (struct bytes){(const uint8_t *)contents, (const uint8_t *)contents + length};
	while (take_field(&file, &value, &inner))
		take_packet(r, inner);
	g_free(contents);
	/* As viewers do. */
	g_array_sort(r->events, by_date);
	return r;
}

static inline void reader_free(struct reader *r) {
	g_array_unref(r->events);
	g_hash_table_unref(r->sums);
	g_hash_table_unref(r->names);
	g_hash_table_unref(r->tracks);
	g_hash_table_unref(r->parents);
	g_hash_table_unref(r->paths);
	g_free(r);
}

static inline const char *event_name(const struct reader *r, const struct event *e) {
	return g_hash_table_lookup(r->names, GUINT_TO_POINTER((guint)e->name));
}

/* "server/CPU/hardirq"; the reader's. */
static inline const char *track_path(const struct reader *r, uint64_t number) {
	gpointer key = GUINT_TO_POINTER((guint)number);
	gpointer parent = g_hash_table_lookup(r->parents, key);
	const char *name = g_hash_table_lookup(r->tracks, key);
	char *path = g_hash_table_lookup(r->paths, key);

	if (path)
		return path;
	ck_assert_ptr_nonnull(name);
	path = parent ? g_strconcat(track_path(r, GPOINTER_TO_UINT(parent)), "/", name, NULL)
	              : g_strdup(name);
	g_hash_table_insert(r->paths, key, path);
	return path;
}

/* Spans nest, on each track and by their dates. */
static inline void check_nesting(const struct reader *r) {
	GHashTable *depth = g_hash_table_new(NULL, NULL);
	GHashTableIter iter;
	gpointer key, left;
	uint64_t last = 0;

	for (guint i = 0; i < r->events->len; i++) {
		const struct event *e = &g_array_index(r->events, struct event, i);
		gpointer track = GUINT_TO_POINTER((guint)e->track);
		gint d = GPOINTER_TO_INT(g_hash_table_lookup(depth, track));

		must(e->when >= last);
		last = e->when;
		if (e->type == BEGIN)
			d++;
		if (e->type == END)
			d--;
		must(d >= 0);
		must(d <= 2); /* a call, and a step of it */
		g_hash_table_insert(depth, track, GINT_TO_POINTER(d));
	}
	g_hash_table_iter_init(&iter, depth);
	while (g_hash_table_iter_next(&iter, &key, &left))
		must(GPOINTER_TO_INT(left) == 0);
	g_hash_table_unref(depth);
}

#endif
