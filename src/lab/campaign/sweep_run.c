/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of a sweep's runs is next, and what becomes of what it measured? */
#include "lab/campaign/sweep_run.h"

#include "lab/campaign/longest.h"
#include "lab/campaign/progress.h"

/* about.json is written so often, so that a kill loses little of it. */
#define ABOUT_EVERY (10 * G_USEC_PER_SEC)

struct running {
	struct sweep *sweep;
	const struct store *store;
	struct longest *waiting;
	const struct record *last; /* that came in; NULL: none */
	bool failed;
	struct progress *progress;
	gint64 told; /* when about.json was written */
};

static bool next(void *arg, unsigned *job) {
	struct running *r = arg;
	const struct sweep_run *run =
		r->failed && r->sweep->wanted.stop_failed ? NULL : longest_take(r->waiting);

	if (!run)
		return false;
	g_autofree char *name = sweep_name(r->sweep, run->row);

	progress_begun(r->progress, name);
	*job = run->number;
	return true;
}

/* --- a run --------------------------------------------------------------------------------------- */

GString *sweep_run_json(const struct sweep *sweep, const struct sweep_run *run,
                        const struct text *text, struct record *record) {
	const struct sweep_row *row = sweep_row(sweep, run->row);
	g_auto(GStrv) settings = sweep_settings(sweep, run->row);
	struct run_file file = {.id = run->id,
	                        .seed = run->seed,
	                        .experiment = (char *)(uintptr_t)row->experiment,
	                        .config = (char *)(uintptr_t)row->config,
	                        .offered = row->offered,
	                        .settings = settings,
	                        .record = record};

	return run_file_of(&file, text);
}

static void order(void *arg, unsigned job, GString *order) {
	const struct running *r = arg;

	sweep_order(r->sweep, r->sweep->runs->pdata[job], order);
}

static bool keep_record(const struct running *r, const struct sweep_run *run,
                        const struct text *text, struct record *record, GError **error) {
	GString *json = sweep_run_json(r->sweep, run, text, record);
	bool good = store_keep(r->store, run->id, json, error);

	g_string_free(json, TRUE);
	return good;
}

/* A run that ended without an answer cannot keep anything itself. */
static struct record *crash(const struct running *r, const struct sweep_run *run, int status,
                            GError **error) {
	g_autofree char *name = sweep_name(r->sweep, run->row);
	struct text *text = sweep_text(r->sweep, run->row);
	g_autoptr(GError) why = NULL;
	struct record *record;

	run_crashed(name, status, &why);
	record = record_failed(why->message, true);
	if (!keep_record(r, run, text, record, error) || !store_flush(r->store, run->id))
		g_clear_pointer(&record, record_free);
	text_free(text);
	return record;
}

static void note(struct running *r, struct sweep_run *run, const struct record *record) {
	struct sweep_row *row = &g_array_index(r->sweep->rows, struct sweep_row, run->row);

	row->wall_s = MAX(row->wall_s, record->wall_s);
	longest_learn(r->waiting, run->row, run->weight, record->wall_s);
	r->failed |= record->reasons->len > 0;
	progress_done(r->progress, run->weight, record->reasons->len > 0);
}

static bool done(void *arg, unsigned job, const struct jobs_outcome *outcome, GError **error) {
	struct running *r = arg;
	struct sweep_run *run = r->sweep->runs->pdata[job];

	if (outcome->answer && *outcome->answer == '!') {
		g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, outcome->answer + 1);
		return false;
	}
	g_clear_pointer(&run->record, record_free);
	run->record = outcome->answer
	                      ? record_read(outcome->answer + 1, outcome->length - 1, r->last)
	                      : crash(r, run, outcome->status, error);
	if (!run->record)
		return false;
	r->last = run->record;
	note(r, run, run->record);
	if (g_get_monotonic_time() - r->told < ABOUT_EVERY)
		return true;
	r->told = g_get_monotonic_time();
	return sweep_about(r->sweep, r->store, error);
}

static void show(void *arg) { progress_show(((const struct running *)arg)->progress); }

/* --- all of them --------------------------------------------------------------------------------- */

static double gather(struct running *r) {
	double weight = 0;

	for (guint i = 0; i < r->sweep->runs->len; i++) {
		struct sweep_run *run = r->sweep->runs->pdata[i];

		/* What ended a run without an answer may be gone. */
		if (run->record && !run->record->crashed)
			continue;
		weight += run->weight;
		longest_add(r->waiting, run);
	}
	return weight;
}

bool sweep_complete(struct sweep *sweep, const struct store *store, GError **error) {
	for (guint i = 0; i < sweep->runs->len; i++) {
		const struct record *record =
			((const struct sweep_run *)sweep->runs->pdata[i])->record;

		if (record)
			chosen_complete(sweep->chosen, sweep->sc, record);
	}
	return sweep_about(sweep, store, error);
}

bool sweep_run(struct sweep *sweep, const struct store *store,
               const struct sweep_children *children, unsigned jobs, GError **error) {
	struct running r = {.sweep = sweep,
	                    .store = store,
	                    .waiting = longest_new(sweep),
	                    .told = g_get_monotonic_time()};
	g_autofree char *interrupted = g_strdup_printf(
		"what has ended is kept in '%s', and the same command does the rest",
		store_dir(store));
	g_autofree char *not_kept = g_strdup_printf(
		"--out: cannot write runs in '%s'; allowed: a folder on a disk that works, with room",
		store_dir(store));
	const struct jobs_work work = {.arg = &r,
	                               .next = next,
	                               .order = order,
	                               .done = done,
	                               .show = show,
	                               .interrupted = interrupted,
	                               .not_kept = not_kept,
	                               .nursery = sweep_children_nursery(children)};
	double weight = gather(&r);
	bool good;

	r.progress = progress_new(weight, longest_left(r.waiting));
	good = longest_left(r.waiting) == 0 || jobs_run(&work, jobs, error);
	progress_free(r.progress);
	longest_free(r.waiting);
	/* Of the first trouble is told. */
	return good ? sweep_complete(sweep, store, error)
	            : sweep_about(sweep, store, NULL) && false;
}
