/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On a node: a task's share of the runs, of which it needs nothing but the folder. */
#include <glib/gstdio.h>
#include <string.h>

#include "lab/campaign/jobs.h"
#include "lab/campaign/sweep_slurm.h"

/* A run to be done. */
struct share {
	char *id, *name;
};

struct task {
	struct store *store;
	char *dir;     /* OUT/slurm */
	GArray *share; /* struct share */
	guint next;
};

static void share_clear(gpointer data) {
	struct share *share = data;

	g_free(share->id);
	g_free(share->name);
}

static const struct share *nth(const struct task *task, unsigned i) {
	return &g_array_index(task->share, struct share, i);
}

static bool wrong(GError **error, const char *path, const char *what) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "slurm-task: %s: %s; allowed: what `sopsim sweep --slurm` wrote", path, what);
	return false;
}

/* --- the share --------------------------------------------------------------------------------- */

static bool read_share(struct task *task, unsigned number, GError **error) {
	g_autofree char *name = g_strdup_printf("%u", number);
	g_autofree char *path = g_build_filename(task->dir, "tasks", name, NULL), *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return wrong(error, path, "there is no such file");
	lines = g_strsplit(text, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		const char *blank = strchr(lines[i], ' ');
		struct share share;

		if (!blank)
			continue;
		share.id = g_strndup(lines[i], (gsize)(blank - lines[i]));
		share.name = g_strdup(blank + 1);
		g_array_append_val(task->share, share);
	}
	return true;
}

static char *todo_path(const struct task *task, const char *id) {
	g_autofree char *name = g_strconcat(id, ".json", NULL);

	return g_build_filename(task->dir, "todo", name, NULL);
}

/* NULL and *error: there is none, or another program made it: its results would not be those of the id. */
static struct run_file *read_todo(const struct task *task, const char *id, GError **error) {
	g_autofree char *path = todo_path(task, id), *json = NULL;
	struct run_file *file = NULL;
	gsize length;

	if (g_file_get_contents(path, &json, &length, NULL))
		file = run_file_read(json, length);
	if (!file) {
		wrong(error, path, "there is no such run");
		return NULL;
	}
	if (run_file_is_ours(file))
		return file;
	wrong(error, path, "it is for another version of this program");
	run_file_free(file);
	return NULL;
}

/* --- a run ------------------------------------------------------------------------------------- */

static bool keep_record(const struct task *task, struct run_file *file, struct record *record,
                        GError **error) {
	GString *json;
	bool good;

	record_free(file->record);
	file->record = record;
	json = run_file_write(file);
	good = store_keep(task->store, file->id, json, error);
	g_string_free(json, TRUE);
	return good;
}

static struct record *do_run(const struct run_file *file) {
	g_autoptr(GError) error = NULL;
	struct text *text = run_file_text(file, &error);
	struct record *record =
		text ? record_run(text, file->seed) : record_failed(error->message, false);

	g_clear_pointer(&text, text_free);
	return record;
}

/* "+", or "!" and why it cannot be kept. */
static void child(void *arg, unsigned job, const GString *order, GString *answer) {
	const struct task *task = arg;
	g_autoptr(GError) error = NULL;
	struct run_file *file = read_todo(task, nth(task, job)->id, &error);

	(void)order;
	if (file && keep_record(task, file, do_run(file), &error))
		g_string_append_c(answer, '+');
	else
		g_string_append_printf(answer, "!%s", error->message);
	g_clear_pointer(&file, run_file_free);
}

static bool keep(void *arg, unsigned job, const GString *order) {
	const struct task *task = arg;

	(void)order;
	return store_flush(task->store, nth(task, job)->id);
}

/* It could keep nothing itself. */
static bool keep_crash(const struct task *task, const struct share *share, int status,
                       GError **error) {
	struct run_file *file = read_todo(task, share->id, error);
	g_autoptr(GError) why = NULL;
	bool good;

	if (!file)
		return false;
	run_crashed(share->name, status, &why);
	good = keep_record(task, file, record_failed(why->message, true), error);
	run_file_free(file);
	return good;
}

static bool done(void *arg, unsigned job, const struct jobs_outcome *outcome, GError **error) {
	const struct task *task = arg;
	g_autofree char *path = todo_path(task, nth(task, job)->id);

	if (outcome->answer && *outcome->answer == '!') {
		g_set_error_literal(error, LAB_ERROR, LAB_ERROR_INPUT, outcome->answer + 1);
		return false;
	}
	if (!outcome->answer && !keep_crash(task, nth(task, job), outcome->status, error))
		return false;
	printf("%s %s\n", nth(task, job)->id, nth(task, job)->name);
	fflush(stdout); /* or the next child has it too */
	g_unlink(path);
	return true;
}

/* --- all of them ------------------------------------------------------------------------------- */

static bool next(void *arg, unsigned *job) {
	struct task *task = arg;

	while (task->next < task->share->len && store_has(task->store, nth(task, task->next)->id))
		task->next++;
	*job = task->next++;
	return *job < task->share->len;
}

static void show(void *task) { (void)task; }

static bool run_share(struct task *task, unsigned jobs, GError **error) {
	const struct jobs_work work = {.arg = task,
	                               .prepare = run_prepare,
	                               .next = next,
	                               .child = child,
	                               .keep = keep,
	                               .done = done,
	                               .show = show,
	                               .interrupted = "what has ended is kept",
	                               .not_kept =
	                                       "slurm-task: cannot write runs; allowed: a folder "
	                                       "on a disk that works, with room"};

	return jobs_run(&work, jobs, error);
}

bool slurm_task(const char *dir, unsigned number, unsigned jobs, GError **error) {
	struct task task = {.store = store_join("slurm-task", dir, error)};
	bool good = task.store;

	task.dir = g_build_filename(dir, STORE_CLUSTER, NULL);
	task.share = g_array_new(FALSE, FALSE, sizeof(struct share));
	g_array_set_clear_func(task.share, share_clear);
	good = good && read_share(&task, number, error) && run_share(&task, jobs, error);
	store_close(task.store);
	g_array_unref(task.share);
	g_free(task.dir);
	return good;
}
