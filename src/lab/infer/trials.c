/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the simulator say of a system? */
#include "lab/infer/trials.h"

#include <math.h>
#include <string.h>

#include "lab/campaign/jobs.h"
#include "lab/campaign/progress.h"
#include "lab/campaign/store.h"

struct trials {
	const struct text *text;
	char **sets;
	uint64_t seed;
	const char *dir;
	const struct unknowns *unknowns;
	const struct numbers *numbers;
	struct jobs_work work;
	struct nursery *nursery;
	struct store *store; /* in a child */
	/* While they run. */
	GPtrArray *list;
	GArray *queue; /* guint: a trial's runs follow each other */
	guint next;
	const struct record *last;
	struct progress *progress;
};

struct trial *trial_new(const struct unknowns *unknowns, const struct numbers *numbers,
                        const double *x) {
	struct trial *trial = g_new0(struct trial, 1);

	trial->x = g_memdup2(x, unknowns->n * sizeof *x);
	trial->n_runs = numbers->n_runs;
	trial->records = g_new0(struct record *, numbers->n_runs);
	trial->account = g_new0(double *, numbers->n_runs);
	trial->y = g_new(double, numbers->n);
	for (unsigned i = 0; i < numbers->n; i++)
		trial->y[i] = NAN;
	return trial;
}

void trial_free(gpointer data) {
	struct trial *trial = data;

	for (unsigned i = 0; i < trial->n_runs; i++) {
		g_clear_pointer(&trial->records[i], record_free);
		g_free(trial->account[i]);
	}
	g_free(trial->records);
	g_free(trial->x);
	g_free(trial->y);
	g_free(trial->account);
	g_free(trial);
}

double trial_value(const void *trial, unsigned run, GQuark measure) {
	const struct record *record = ((const struct trial *)trial)->records[run];

	return record && record->reasons->len == 0 ? record_value(record, measure) : NAN;
}

static bool is_off(const struct trial *trial, const struct number *number, double y) {
	return trial->records[number->run] && (!number->over || trial->records[number->over_run]) &&
	       !(fabs(y - number->paper) <= number->within);
}

/* Whether a number that is used is not as the paper says: of those whose runs there were. */
static bool trial_disagrees(const struct trial *trial, const struct numbers *numbers) {
	for (unsigned i = 0; i < numbers->n; i++)
		if (number_used(&numbers->list[i]) && is_off(trial, &numbers->list[i], trial->y[i]))
			return true;
	return false;
}

bool trial_agrees(const struct trial *trial, const struct numbers *numbers) {
	for (unsigned i = 0; i < numbers->n; i++)
		if (number_used(&numbers->list[i]) && isnan(trial->y[i]))
			return false;
	return !trial_disagrees(trial, numbers);
}

/* --- in a child: the order is seed and settings, each with its end ------------------------------ */

static struct text *text_of(const struct trials *t, unsigned job, const GString *order) {
	g_autoptr(GPtrArray) drawn = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	struct text *text;

	for (gsize at = 0; at < order->len; at += strlen(order->str + at) + 1)
		g_ptr_array_add(drawn, order->str + at);
	g_ptr_array_add(drawn, NULL);
	text = numbers_run_text(&t->numbers->runs[job % t->numbers->n_runs], t->text, t->sets,
	                        (char **)drawn->pdata, &error);
	if (!text)
		g_error("defect: a draw that was checked cannot be run: %s", error->message);
	return text;
}

static bool keep_run(struct trials *t, const char *id, struct run_file *file,
                     const struct text *text, GString *answer) {
	g_autoptr(GError) error = NULL;
	GString *json = run_file_of(file, text);

	if (store_keep(t->store, id, json, &error))
		return true;
	g_string_append_printf(answer, "!%s", error->message);
	return false;
}

static void child(void *arg, unsigned job, const GString *order, GString *answer) {
	struct trials *t = arg;
	const struct numbers_run *run = &t->numbers->runs[job % t->numbers->n_runs];
	struct text *text = text_of(t, job, order);
	struct scenario *sc = scenario_new(text, NULL);
	g_autofree char *hash = scenario_hash(sc), *id = record_id(hash, t->seed);
	struct run_file *there, file = {.id = id,
	                                .seed = t->seed,
	                                .experiment = (char *)(uintptr_t)run->experiment,
	                                .config = (char *)(uintptr_t)run->config,
	                                .offered = run->offered,
	                                .settings = (char *[]){NULL}};

	t->store = t->dir ? store_join("--out", t->dir, NULL) : NULL;
	there = t->store ? store_read(t->store, id) : NULL;
	file.record = there ? there->record : record_run(text, t->seed);
	if (there || !t->store || keep_run(t, id, &file, text, answer)) {
		g_string_append_c(answer, '+');
		record_write(file.record, answer);
	}
}

/* --- in the command ----------------------------------------------------------------------------- */

struct trials *trials_new(const struct text *text, char **sets, uint64_t seed, const char *dir,
                          const struct unknowns *unknowns, const struct numbers *numbers,
                          GError **error) {
	struct trials *t = g_new0(struct trials, 1);

	*t = (struct trials){.text = text,
	                     .sets = sets,
	                     .seed = seed,
	                     .dir = dir,
	                     .unknowns = unknowns,
	                     .numbers = numbers};
	t->work = (struct jobs_work){.arg = t, .prepare = run_prepare, .child = child};
	t->nursery = jobs_nursery(&t->work, error);
	if (!t->nursery)
		g_clear_pointer(&t, g_free);
	return t;
}

void trials_free(struct trials *trials) {
	nursery_free(trials->nursery);
	g_free(trials);
}

static struct trial *trial_of(const struct trials *t, unsigned job) {
	return t->list->pdata[job / t->numbers->n_runs];
}

static bool next(void *arg, unsigned *job) {
	struct trials *t = arg;

	if (t->next == t->queue->len)
		return false;
	*job = g_array_index(t->queue, guint, t->next++);
	progress_begun(t->progress, t->numbers->runs[*job % t->numbers->n_runs].experiment);
	return true;
}

static void order(void *arg, unsigned job, GString *order) {
	const struct trials *t = arg;
	g_auto(GStrv) settings = unknowns_settings(t->unknowns, trial_of(t, job)->x);

	for (unsigned i = 0; settings[i]; i++)
		g_string_append_len(order, settings[i], (gssize)strlen(settings[i]) + 1);
}

static bool done(void *arg, unsigned job, const struct jobs_outcome *outcome, GError **error) {
	struct trials *t = arg;
	unsigned run = job % t->numbers->n_runs;
	struct record *record;

	if (!outcome->answer)
		return run_crashed(t->numbers->runs[run].experiment, outcome->status, error);
	if (*outcome->answer == '!') {
		g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, outcome->answer + 1);
		return false;
	}
	record = record_read(outcome->answer + 1, outcome->length - 1, t->last);
	t->last = record;
	trial_of(t, job)->records[run] = record;
	progress_done(t->progress, 1, record->reasons->len > 0);
	return true;
}

static void show(void *arg) { progress_show(((const struct trials *)arg)->progress); }

static void enqueue(struct trials *t, guint first, unsigned run, bool whatever) {
	for (guint i = first; i < t->list->len; i++) {
		const struct trial *trial = t->list->pdata[i];
		guint job = i * t->numbers->n_runs + run;

		if (!trial->records[run] && (whatever || !trial_disagrees(trial, t->numbers)))
			g_array_append_val(t->queue, job);
	}
}

/* Does one of the runs of those that do not disagree yet, or of all. */
static bool trials_run(struct trials *trials, GPtrArray *list, guint first, unsigned run,
                       bool whatever, unsigned jobs, GError **error) {
	g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint));
	struct jobs_work work = trials->work;
	bool good;

	work.next = next;
	work.order = order;
	work.done = done;
	work.show = show;
	work.interrupted = trials->dir ? "runs that have ended are kept, and --resume does the rest"
	                               : "nothing was written";
	work.nursery = trials->nursery;
	trials->list = list;
	trials->queue = queue;
	trials->next = 0;
	enqueue(trials, first, run, whatever);
	trials->progress = progress_new(queue->len, queue->len);
	good = queue->len == 0 || jobs_run(&work, jobs, error);
	progress_free(trials->progress);
	for (guint i = first; good && i < list->len; i++)
		numbers_of(trials->numbers, trial_value, list->pdata[i],
		           ((struct trial *)list->pdata[i])->y);
	return good;
}

bool trials_run_used(struct trials *trials, GPtrArray *list, guint first, bool whatever,
                     unsigned jobs, GError **error) {
	for (unsigned r = 0; r < trials->numbers->n_runs; r++) {
		const struct numbers_run *run = &trials->numbers->runs[r];

		if (run->used &&
		    !trials_run(trials, list, first, r, whatever || !run->offered, jobs, error))
			return false;
	}
	return true;
}

bool trials_run_rest(struct trials *trials, GPtrArray *list, unsigned jobs, GError **error) {
	for (unsigned r = 0; r < trials->numbers->n_runs; r++)
		if (!trials->numbers->runs[r].used &&
		    !trials_run(trials, list, 0, r, true, jobs, error))
			return false;
	return true;
}
