/* SPDX-License-Identifier: GPL-3.0-or-later */
/* To whom does each instant belong, when several worked at once? */
#include "lab/campaign/partition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum rank { RANK_HOST, RANK_CARD, RANK_BUS, RANKS };

struct span {
	const char *layer, *name;
	sim_time start, end;
	enum rank rank;
};

/* A date at which the spans in force change. */
struct edge {
	sim_time when;
	guint span;
	bool begins;
};

/* What has been given to a name; that of no layer and name: nobody worked. */
struct part {
	const char *layer, *name;
	sim_time time;
};

struct partition {
	GArray *spans; /* struct span */
	GArray *parts; /* struct part */
};

struct partition *partition_new(void) {
	struct partition *p = g_new0(struct partition, 1);

	p->spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	p->parts = g_array_new(FALSE, FALSE, sizeof(struct part));
	return p;
}

void partition_free(struct partition *p) {
	g_array_unref(p->spans);
	g_array_unref(p->parts);
	g_free(p);
}

/* The bus tells its transactions, the firmware its costs; all else is the host's processor. */
static enum rank rank_of(const char *layer, const char *name) {
	if (g_str_equal(layer, "card"))
		return RANK_CARD;
	if (g_str_equal(layer, "pci") && !g_str_has_prefix(name, "mmio_"))
		return RANK_BUS;
	return RANK_HOST;
}

void partition_add(struct partition *p, const char *layer, const char *name, sim_time start,
                   sim_time end) {
	struct span span = {layer, name, start, end, rank_of(layer, name)};

	if (end > start)
		g_array_append_val(p->spans, span);
}

static int by_date(const void *a, const void *b) {
	const struct edge *x = a, *y = b;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	/* An end before a beginning at the same date. */
	return (int)x->begins - (int)y->begins;
}

static GArray *edges_of(const struct partition *p, sim_time from, sim_time to) {
	GArray *edges = g_array_new(FALSE, FALSE, sizeof(struct edge));

	for (guint i = 0; i < p->spans->len; i++) {
		const struct span *span = &g_array_index(p->spans, struct span, i);
		struct edge begin = {MAX(span->start, from), i, true};
		struct edge end = {MIN(span->end, to), i, false};

		if (begin.when >= end.when)
			continue;
		g_array_append_val(edges, begin);
		g_array_append_val(edges, end);
	}
	qsort(edges->data, edges->len, sizeof(struct edge), by_date);
	return edges;
}

/* The most important of the spans in force; among equals the one that began last. */
static const struct span *winner(const struct partition *p, const GArray *active) {
	const struct span *best = NULL;

	for (guint i = 0; i < active->len; i++) {
		const struct span *span =
			&g_array_index(p->spans, struct span, g_array_index(active, guint, i));

		if (!best || span->rank < best->rank ||
		    (span->rank == best->rank && span->start >= best->start))
			best = span;
	}
	return best;
}

/* Strings are static: the same name has the same address, or is put together in the end. */
static void give(struct partition *p, const char *layer, const char *name, sim_time time) {
	struct part part = {layer, name, time};

	for (guint i = 0; i < p->parts->len; i++) {
		struct part *known = &g_array_index(p->parts, struct part, i);

		if (known->layer == layer && known->name == name) {
			known->time += time;
			return;
		}
	}
	g_array_append_val(p->parts, part);
}

static void follow(GArray *active, const struct edge *edge) {
	if (edge->begins) {
		g_array_append_val(active, edge->span);
		return;
	}
	for (guint i = 0; i < active->len; i++)
		if (g_array_index(active, guint, i) == edge->span) {
			g_array_remove_index_fast(active, i);
			return;
		}
}

/* Card and bus are layers of their own here, whatever the span's was. */
static const char *layer_of(const struct span *span) {
	static const char *const layers[RANKS] = {NULL, "card", "bus"};

	return layers[span->rank] ? layers[span->rank] : span->layer;
}

void partition_each(const struct partition *p, sim_time from, sim_time to, partition_fn *fn,
                    void *arg) {
	g_autoptr(GArray) edges = edges_of(p, from, to);
	g_autoptr(GArray) active = g_array_new(FALSE, FALSE, sizeof(guint));
	sim_time at = from;

	for (guint i = 0; i < edges->len; i++) {
		const struct edge *edge = &g_array_index(edges, struct edge, i);
		const struct span *span = edge->when > at ? winner(p, active) : NULL;

		if (edge->when > at)
			fn(arg, span ? layer_of(span) : NULL, span ? span->name : NULL, at,
			   edge->when);
		at = edge->when;
		follow(active, edge);
	}
	if (to > at)
		fn(arg, NULL, NULL, at, to);
}

static void give_stretch(void *p, const char *layer, const char *name, sim_time start,
                         sim_time end) {
	give(p, layer, name, end - start);
}

void partition_divide(struct partition *p, sim_time from, sim_time to) {
	partition_each(p, from, to, give_stretch, p);
	g_array_unref(p->spans);
	p->spans = g_array_new(FALSE, FALSE, sizeof(struct span));
}

void partition_join(struct partition *p, const struct partition *other) {
	for (guint i = 0; i < other->parts->len; i++) {
		const struct part *part = &g_array_index(other->parts, struct part, i);

		give(p, part->layer, part->name, part->time);
	}
}

void partition_tell(const struct partition *p, double n, struct measures *m) {
	for (guint i = 0; i < p->parts->len; i++) {
		const struct part *part = &g_array_index(p->parts, struct part, i);
		g_autofree char *name =
			part->name ? g_strdup_printf("part.%s: %s", part->layer, part->name)
				   : g_strdup("part.waiting");
		g_autofree char *full = g_strconcat("explain.", name, NULL);
		double before = measures_get(m, full);

		measures_set(m, "explain", name,
		             sim_to_us(part->time) / n + (isnan(before) ? 0 : before));
	}
}
