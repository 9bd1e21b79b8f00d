/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When does measuring begin, when is a batch cut, and when is it over? */
#include "lab/world/window.h"

#include <math.h>

#include "lab/base/series.h"
#include "lab/world/bins.h"
#include "lab/world/meters.h"

/* Cut into this many batches unless the scenario says otherwise: enough for Student's t, long
 * enough each to forget the one before. */
#define BATCHES 20

/* A series: one number a batch, for what a group does. */
struct series {
	const struct group *group;
	const char *name, *control; /* measures; the latter may be NULL */
	double before[2];           /* their meters at the start of the batch */
	GArray *values[2];          /* double: their rates in each batch */
};

struct window {
	struct world *world;
	struct measures *measures;
	struct meters *meters;
	GArray *series; /* struct series */
	struct sim_event open, cut;
	sim_time opened, cut_at, batch;
	uint64_t events, switches; /* of the simulator, at the opening */
	unsigned batches;
};

const struct measured window_measured[WINDOW_MEASURES] = {
	{.name = "window_s", .unit = "s", .help = "length of the measuring window"},
	{.name = "time_s", .unit = "s", .help = "the clock at the end of the run"},
	{.name = "run_events", .unit = "1", .help = "events of the whole run"},
	{.name = "events", .unit = "1", .help = "events in the window"},
	{.name = "switches",
         .unit = "1",
         .help = "changes of the running process of the simulator"},
	{.name = "batches", .unit = "1", .help = "parts of the window, for confidence intervals"},
	{.name = "unfinished",
         .unit = "1",
         .help = "programs that had not ended, although they should"},
};

static void start_series(struct window *w) {
	for (guint i = 0; i < w->series->len; i++) {
		struct series *s = &g_array_index(w->series, struct series, i);

		s->before[0] = s->group->kind->total(s->group, s->name);
		if (s->control)
			s->before[1] = s->group->kind->total(s->group, s->control);
	}
	w->cut_at = sim_now(w->world->sim);
}

static void end_batch(struct window *w) {
	double length = sim_to_s(sim_now(w->world->sim) - w->cut_at);

	for (guint i = 0; i < w->series->len; i++) {
		struct series *s = &g_array_index(w->series, struct series, i);
		const char *const names[] = {s->name, s->control};

		for (unsigned k = 0; k < 2 && names[k]; k++) {
			double rate =
				(s->group->kind->total(s->group, names[k]) - s->before[k]) / length;

			g_array_append_val(s->values[k], rate);
		}
	}
	w->batches++;
	start_series(w);
}

static void cut_batch(void *arg) {
	struct window *w = arg;

	end_batch(w);
	sim_after(w->world->sim, &w->cut, w->batch);
}

static void open_window(void *arg) {
	struct window *w = arg;

	if (w->world->bins)
		bins_end(w->world->bins);
	meters_reset(w->meters);
	if (w->world->bins)
		bins_begin(w->world->bins);
	w->opened = sim_now(w->world->sim);
	w->events = sim_events_run(w->world->sim);
	w->switches = sim_switches(w->world->sim);
	start_series(w);
	if (w->batch)
		sim_after(w->world->sim, &w->cut, w->batch);
}

/* A series for each measure of the group that asks for one. */
static void add_series(struct window *w, const struct group *group) {
	for (size_t i = 0; i < group->kind->n_measures; i++) {
		const struct measured *m = &group->kind->measures[i];
		struct series s = {.group = group, .name = m->name, .control = m->control};

		if (!m->series)
			continue;
		for (unsigned k = 0; k < 2; k++)
			s.values[k] = g_array_new(FALSE, FALSE, sizeof(double));
		g_array_append_val(w->series, s);
	}
}

static void add_all_series(struct window *w) {
	const struct group *group;

	for (const struct kind *const *kind = w->world->sc->kinds; *kind; kind++)
		for (unsigned i = 0; (group = scenario_nth(w->world->sc, *kind, i)); i++)
			if (group->live)
				add_series(w, group);
}

struct window *window_new(struct world *world) {
	const struct scenario_head *head = scenario_head(world->sc);
	struct window *w = g_new0(struct window, 1);

	w->world = world;
	w->measures = measures_new();
	w->meters = meters_new(world);
	w->series = g_array_new(FALSE, FALSE, sizeof(struct series));
	w->batch = head->duration ? (head->batch ? head->batch : head->duration / BATCHES) : 0;
	sim_event_init(&w->open, open_window, w);
	sim_event_init(&w->cut, cut_batch, w);
	add_all_series(w);
	sim_at(world->sim, &w->open, head->warmup);
	return w;
}

static void tell_more(struct window *w, const struct series *s, const char *suffix, double value) {
	g_autofree char *name = g_strconcat(s->name, suffix, NULL);

	measures_set(w->measures, s->group->name, name, value);
}

/* What the control takes off of what the group told. */
static void correct(struct window *w, const struct series *s, double by) {
	g_autofree char *name = g_strconcat(s->group->name, ".", s->name, NULL);

	tell_more(w, s, "", measures_get(w->measures, name) + by);
}

static void tell_one(struct window *w, const struct series *s) {
	const double *x = (const double *)(void *)s->values[0]->data;
	const double *control = (const double *)(void *)s->values[1]->data;
	size_t n = s->values[0]->len, unsettled = series_unsettled(x, n);
	struct estimate mean;

	/* A control is worth nothing before the system has settled. */
	if (!s->control || unsettled || isnan(stats_mean(control, n)))
		control = NULL;
	mean = series_mean(x, control, n);
	tell_more(w, s, "_ci95", mean.ci95);
	if (control) {
		correct(w, s, mean.value - stats_mean(x, n));
		measures_set(w->measures, s->group->name, s->control, stats_mean(control, n));
	}
	if (unsettled)
		tell_more(w, s, "_unsettled_s", (double)unsettled * sim_to_s(w->batch));
	else if (series_dependent(x, n))
		tell_more(w, s, "_dependent", 1);
}

static void tell_series(struct window *w) {
	for (guint i = 0; i < w->series->len; i++) {
		const struct series *s = &g_array_index(w->series, struct series, i);

		if (s->values[0]->len > 1)
			tell_one(w, s);
	}
}

void window_close(struct window *w) {
	struct sim *sim = w->world->sim;

	/* The last batch ends with the window; the run's end may have come first on that date. */
	if (w->batch && sim_now(sim) - w->cut_at == w->batch)
		end_batch(w);
	sim_cancel(sim, &w->cut);
	measures_set(w->measures, "sim", "window_s", sim_to_s(sim_now(sim) - w->opened));
	measures_set(w->measures, "sim", "time_s", sim_to_s(sim_now(sim)));
	measures_set(w->measures, "sim", "run_events", (double)sim_events_run(sim));
	measures_set(w->measures, "sim", "events", (double)(sim_events_run(sim) - w->events));
	measures_set(w->measures, "sim", "switches", (double)(sim_switches(sim) - w->switches));
	measures_set(w->measures, "sim", "batches", w->batches);
	measures_set(w->measures, "sim", "unfinished",
	             w->world->open_ended ? 0 : w->world->unfinished);
	meters_tell(w->meters, w->measures);
	tell_series(w);
}

struct measures *window_measures(const struct window *w) { return w->measures; }

void window_free(struct window *w) {
	for (guint i = 0; i < w->series->len; i++)
		for (unsigned k = 0; k < 2; k++)
			g_array_unref(g_array_index(w->series, struct series, i).values[k]);
	g_array_unref(w->series);
	meters_free(w->meters);
	measures_free(w->measures);
	g_free(w);
}
