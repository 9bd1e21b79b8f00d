/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened in each stretch of time? */
#include "lab/world/bins.h"

#include "sim/trace.h"

/* A measure of a group with a running total. */
struct column {
	const struct group *group;
	const struct measured *measure;
	double before;  /* its total when the bin began */
	GArray *values; /* double, one a bin: per second */
};

/* A counter of the emitter's. */
struct queue {
	const struct sim_track *track;
	int64_t value, most; /* now; in this bin */
	sim_time since;
	int64_t sum;           /* of this bin, up to then: value x ps */
	GArray *means, *mosts; /* double, one a bin */
};

struct bin {
	sim_time start, length;
	bool warmup;
};

struct bins {
	struct world *world;
	struct sim_sink sink;
	struct sim_event edge;
	sim_time length, start;
	GArray *bins;    /* struct bin */
	GArray *columns; /* struct column */
	GPtrArray *
		queues; /* struct queue, by the number of its track; NULL: nothing was told of it */
};

/* --- queues ------------------------------------------------------------------------------------- */

static struct queue *queue_new(const struct bins *b, const struct sim_track *track) {
	struct queue *q = g_new0(struct queue, 1);

	q->track = track;
	q->since = b->start;
	q->means = g_array_new(FALSE, TRUE, sizeof(double));
	q->mosts = g_array_new(FALSE, TRUE, sizeof(double));
	/* Before anything was told of it nothing was in it. */
	g_array_set_size(q->means, b->bins->len);
	g_array_set_size(q->mosts, b->bins->len);
	return q;
}

static void queue_free(void *queue) {
	struct queue *q = queue;

	if (!q)
		return;
	g_array_unref(q->means);
	g_array_unref(q->mosts);
	g_free(q);
}

static void queue_until(struct queue *q, sim_time now) {
	q->sum += q->value * (now - q->since);
	q->since = now;
}

static void on_count(void *arg, const struct sim_track *track, sim_time when, int64_t value) {
	struct bins *b = arg;
	struct queue *q;

	if (track->nr >= b->queues->len)
		g_ptr_array_set_size(b->queues, (gint)track->nr + 1);
	if (!b->queues->pdata[track->nr])
		b->queues->pdata[track->nr] = queue_new(b, track);
	q = b->queues->pdata[track->nr];
	queue_until(q, when);
	q->value = value;
	q->most = MAX(q->most, value);
}

static void queue_end_bin(struct queue *q, sim_time now, sim_time length) {
	double mean, most = (double)q->most;

	queue_until(q, now);
	mean = (double)q->sum / (double)length;
	g_array_append_val(q->means, mean);
	g_array_append_val(q->mosts, most);
	q->sum = 0;
	q->most = q->value;
}

/* --- bins --------------------------------------------------------------------------------------- */

static double total_of(const struct column *c) {
	return c->group->kind->total(c->group, c->measure->name);
}

void bins_begin(struct bins *b) {
	b->start = sim_now(b->world->sim);
	for (guint i = 0; i < b->columns->len; i++) {
		struct column *c = &g_array_index(b->columns, struct column, i);

		c->before = total_of(c);
	}
}

void bins_end(struct bins *b) {
	sim_time now = sim_now(b->world->sim), window = scenario_head(b->world->sc)->warmup;
	struct bin bin = {b->start, now - b->start, b->start < window};

	if (!bin.length)
		return;
	g_array_append_val(b->bins, bin);
	for (guint i = 0; i < b->columns->len; i++) {
		const struct column *c = &g_array_index(b->columns, struct column, i);
		double value = (total_of(c) - c->before) / sim_to_s(bin.length);

		g_array_append_val(c->values, value);
	}
	for (guint i = 0; i < b->queues->len; i++)
		if (b->queues->pdata[i])
			queue_end_bin(b->queues->pdata[i], now, bin.length);
	b->start = now;
}

static void edge(void *arg) {
	struct bins *b = arg;

	bins_end(b);
	bins_begin(b);
	sim_after(b->world->sim, &b->edge, b->length);
}

/* A column for each measure of the group that has a running total. */
static void add_columns(struct bins *b, const struct group *group) {
	for (size_t i = 0; i < group->kind->n_measures; i++) {
		struct column c = {.group = group, .measure = &group->kind->measures[i]};

		if (!c.measure->series && !c.measure->bins)
			continue;
		c.values = g_array_new(FALSE, FALSE, sizeof(double));
		g_array_append_val(b->columns, c);
	}
}

struct bins *bins_new(struct world *world, sim_time length) {
	struct bins *b = g_new0(struct bins, 1);

	b->world = world;
	b->length = length;
	b->bins = g_array_new(FALSE, FALSE, sizeof(struct bin));
	b->columns = g_array_new(FALSE, FALSE, sizeof(struct column));
	b->queues = g_ptr_array_new_with_free_func(queue_free);
	for (guint i = 0; i < world->sc->groups->len; i++)
		if (((const struct group *)world->sc->groups->pdata[i])->live)
			add_columns(b, world->sc->groups->pdata[i]);
	b->sink = (struct sim_sink){.count = on_count, .arg = b};
	sim_sink_add(world->sim, &b->sink);
	sim_event_init(&b->edge, edge, b);
	bins_begin(b);
	sim_after(world->sim, &b->edge, length);
	return b;
}

void bins_free(struct bins *b) {
	sim_sink_remove(b->world->sim, &b->sink);
	sim_cancel(b->world->sim, &b->edge);
	for (guint i = 0; i < b->columns->len; i++)
		g_array_unref(g_array_index(b->columns, struct column, i).values);
	g_array_unref(b->columns);
	g_array_unref(b->bins);
	g_ptr_array_unref(b->queues);
	g_free(b);
}

/* --- as a file ---------------------------------------------------------------------------------- */

static void put_number(GString *csv, double value) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(csv, g_ascii_formatd(number, sizeof number, "%.12g", value));
}

/* "pci0.toe0.command_ring" */
static void put_path(GString *csv, const struct sim_track *track) {
	if (track->parent) {
		put_path(csv, track->parent);
		g_string_append_c(csv, '.');
	}
	for (const char *c = track->name; *c; c++)
		g_string_append_c(csv, g_ascii_isalnum(*c) ? *c : '_');
}

static void put_heading(const struct bins *b, GString *csv) {
	g_string_append(csv, "t_s,length_s,warmup");
	for (guint i = 0; i < b->columns->len; i++) {
		const struct column *c = &g_array_index(b->columns, struct column, i);
		bool share = g_str_equal(c->measure->unit, "%");

		g_string_append_printf(csv, ",%s.%s_%s", c->group->name, c->measure->name,
		                       share ? "pct" : "per_s");
	}
	for (guint i = 0; i < b->queues->len; i++)
		for (unsigned most = 0; b->queues->pdata[i] && most < 2; most++) {
			g_string_append_c(csv, ',');
			put_path(csv, ((const struct queue *)b->queues->pdata[i])->track);
			g_string_append(csv, most ? "_max" : "_mean");
		}
	g_string_append_c(csv, '\n');
}

static void put_value(GString *csv, const GArray *values, guint i) {
	g_string_append_c(csv, ',');
	put_number(csv, g_array_index(values, double, i));
}

static void put_bin(const struct bins *b, GString *csv, guint at) {
	const struct bin *bin = &g_array_index(b->bins, struct bin, at);

	put_number(csv, sim_to_s(bin->start));
	g_string_append_c(csv, ',');
	put_number(csv, sim_to_s(bin->length));
	g_string_append_printf(csv, ",%d", bin->warmup);
	for (guint i = 0; i < b->columns->len; i++)
		put_value(csv, g_array_index(b->columns, struct column, i).values, at);
	for (guint i = 0; i < b->queues->len; i++) {
		const struct queue *q = b->queues->pdata[i];

		if (!q)
			continue;
		put_value(csv, q->means, at);
		put_value(csv, q->mosts, at);
	}
	g_string_append_c(csv, '\n');
}

GString *bins_csv(const struct bins *b) {
	GString *csv = g_string_new(NULL);

	put_heading(b, csv);
	for (guint i = 0; i < b->bins->len; i++)
		put_bin(b, csv, i);
	return csv;
}
