/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do a cluster's tasks do a sweep's runs, and how are those gathered? */
#include "lab/campaign/sweep_slurm.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/progress.h"
#include "lab/campaign/slurm.h"

/* Tasks for each processor, so that none is idle while another has a long share. */
#define SHARES 4
/* Slurm's own limit, unless its administrator changed it (MaxArraySize). */
#define MOST_TASKS 1000
/* Jobs in a row that bring nothing. */
#define MOST_IN_VAIN 3
#define LOOK_MS 500
#define ASK_EVERY 6 /* looks at the folder, for each question to Slurm */

struct campaign {
	struct sweep *sweep;
	const struct store *store;
	const struct slurm_wanted *wanted;
	GPtrArray *missing; /* struct sweep_run, the heaviest first */
	char *dir, *job;    /* OUT/slurm; NULL: none is at it */
	struct progress *progress;
	GError **error;
};

/* --- the folder -------------------------------------------------------------------------------- */

static char *slurm_dir(const struct store *store) {
	g_autofree char *full = g_canonicalize_filename(store_dir(store), NULL);

	return g_build_filename(full, STORE_CLUSTER, NULL);
}

static bool put(const struct campaign *c, const char *path, const char *bytes, gssize length) {
	g_autoptr(GError) trouble = NULL;

	if (g_file_set_contents(path, bytes, length, &trouble))
		return true;
	g_set_error(c->error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--slurm: %s; allowed: a folder that can be written, with room",
	            trouble->message);
	return false;
}

/* NULL: no job was left there. */
static char *job_of(const char *dir) {
	g_autofree char *path = g_build_filename(dir, "job", NULL);
	char *id = NULL;

	return g_file_get_contents(path, &id, NULL, NULL) ? g_strstrip(id) : NULL;
}

void sweep_slurm_forget(const struct store *store) {
	g_autofree char *dir = slurm_dir(store), *job = job_of(dir);

	if (job && slurm_look(job) == SLURM_ACTIVE)
		slurm_cancel(job);
	if (!g_file_test(dir, G_FILE_TEST_EXISTS))
		return;
	folder_remove(dir);
	store_tidy(store);
}

/* --- what is missing --------------------------------------------------------------------------- */

static gint heavier(gconstpointer a, gconstpointer b) {
	const struct sweep_run *x = *(const struct sweep_run *const *)a,
			       *y = *(const struct sweep_run *const *)b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* A run that crashed is worth another try. */
static void gather(struct campaign *c) {
	for (guint i = 0; i < c->sweep->runs->len; i++) {
		struct sweep_run *run = c->sweep->runs->pdata[i];

		if (run->record && !run->record->crashed)
			continue;
		if (run->record)
			store_drop(c->store, run->id);
		g_clear_pointer(&run->record, record_free);
		g_ptr_array_add(c->missing, run);
	}
	g_ptr_array_sort(c->missing, heavier);
}

static void take_ended(struct campaign *c) {
	for (guint i = c->missing->len; i-- > 0;) {
		struct sweep_run *run = c->missing->pdata[i];
		struct run_file *file = store_read(c->store, run->id);

		if (!file)
			continue;
		run->record = g_steal_pointer(&file->record);
		run_file_free(file);
		progress_done(c->progress, run->weight, run->record->reasons->len > 0);
		g_ptr_array_remove_index(c->missing, i);
	}
}

/* --- shares ------------------------------------------------------------------------------------ */

static bool put_todo(const struct campaign *c, const struct sweep_run *run) {
	g_autofree char *name = g_strconcat(run->id, ".json", NULL);
	g_autofree char *path = g_build_filename(c->dir, "todo", name, NULL);
	struct text *text = sweep_text(c->sweep, run->row);
	struct record *nothing = record_new();
	GString *json = sweep_run_json(c->sweep, run, text, nothing);
	bool good = put(c, path, json->str, (gssize)json->len);

	g_string_free(json, TRUE);
	record_free(nothing);
	text_free(text);
	return good;
}

/* The heaviest go round the tasks, so that each has its part of them. */
static bool put_share(const struct campaign *c, unsigned task, unsigned tasks) {
	g_autofree char *number = g_strdup_printf("%u", task);
	g_autofree char *path = g_build_filename(c->dir, "tasks", number, NULL);
	g_autoptr(GString) ids = g_string_new(NULL);

	for (guint i = task; i < c->missing->len; i += tasks) {
		const struct sweep_run *run = c->missing->pdata[i];
		g_autofree char *name = sweep_name(c->sweep, run->row);

		if (!put_todo(c, run))
			return false;
		g_string_append_printf(ids, "%s %s\n", run->id, name);
	}
	return put(c, path, ids->str, (gssize)ids->len);
}

static bool make_folders(const struct campaign *c) {
	static const char *const names[] = {"todo", "tasks", "log"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(c->dir, names[i], NULL);

		if (g_mkdir_with_parents(path, 0777) == 0)
			continue;
		g_set_error(
			c->error, LAB_ERROR, LAB_ERROR_INPUT,
			"--slurm: '%s' cannot be made: %s; allowed: a folder that can be written",
			path, g_strerror(errno));
		return false;
	}
	return true;
}

static bool put_script(const struct campaign *c, const char *path) {
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *out = g_path_get_dirname(c->dir);
	g_autofree char *quoted = g_shell_quote(out),
			*binary = g_shell_quote(program ? program : "sopsim");
	g_autofree char *script = g_strdup_printf(
		"#!/bin/sh\nexec %s slurm-task %s \"$SLURM_ARRAY_TASK_ID\"\n", binary, quoted);

	return put(c, path, script, -1);
}

static unsigned tasks_for(const struct campaign *c) {
	unsigned processors = slurm_processors();

	return MIN(MIN(c->missing->len, processors ? processors * SHARES : MOST_TASKS), MOST_TASKS);
}

static bool submit(struct campaign *c) {
	g_autofree char *log = g_build_filename(c->dir, "log", "%A_%a.log", NULL);
	g_autofree char *script = g_build_filename(c->dir, "job.sh", NULL);
	g_autofree char *id_file = g_build_filename(c->dir, "job", NULL);
	unsigned tasks = tasks_for(c);

	folder_remove(c->dir);
	if (!make_folders(c) || !put_script(c, script))
		return false;
	for (unsigned task = 0; task < tasks; task++)
		if (!put_share(c, task, tasks))
			return false;
	c->job = slurm_submit(script, tasks, log, c->wanted->options, c->error);
	if (!c->job)
		return false;
	fprintf(stderr, "%s: job %s: %u runs in %u tasks\n", g_get_prgname(), c->job,
	        c->missing->len, tasks);
	return put(c, id_file, c->job, -1);
}

/* --- waiting ----------------------------------------------------------------------------------- */

static bool interrupted(const struct campaign *c) {
	g_autofree char *what = g_strdup_printf(
		"job %s is cancelled, what has ended is kept in '%s', and the same command does the rest",
		c->job, store_dir(c->store));

	if (interrupt_check(what, c->error))
		return false;
	slurm_cancel(c->job);
	return true;
}

/* Until the job is over or nothing is missing any more.  False: interrupted. */
static bool wait_for_job(struct campaign *c) {
	struct pollfd signal = {.fd = interrupt_fd(), .events = POLLIN};
	unsigned looks = 0;
	bool over = false;

	while (!over) {
		poll(&signal, 1, LOOK_MS);
		if (interrupted(c))
			return false;
		/* What ended before the job did is in the folder when the job is over. */
		over = looks++ % ASK_EVERY == 0 && slurm_look(c->job) == SLURM_OVER;
		take_ended(c);
		progress_show(c->progress);
		over |= c->missing->len == 0;
	}
	g_clear_pointer(&c->job, g_free);
	return true;
}

static bool in_vain(const struct campaign *c) {
	g_set_error(
		c->error, LAB_ERROR, LAB_ERROR_INPUT,
		"--slurm: %d jobs in a row brought none of the %u runs that are missing; allowed: "
		"a cluster whose nodes have this program and '%s': see %s/log",
		MOST_IN_VAIN, c->missing->len, store_dir(c->store), c->dir);
	return false;
}

static bool run_jobs(struct campaign *c) {
	unsigned vain = 0;

	while (c->missing->len) {
		guint before = c->missing->len;

		if (!c->job && !submit(c))
			return false;
		if (c->wanted->no_wait)
			return true;
		if (!wait_for_job(c))
			return false;
		vain = c->missing->len < before ? 0 : vain + 1;
		if (vain == MOST_IN_VAIN)
			return in_vain(c);
	}
	return true;
}

/* The job that an earlier command left, if it is at it still. */
static void join(struct campaign *c) {
	c->job = job_of(c->dir);
	if (c->job && slurm_look(c->job) == SLURM_OVER)
		g_clear_pointer(&c->job, g_free);
	if (c->job)
		fprintf(stderr, "%s: job %s is at it: %u runs are missing\n", g_get_prgname(),
		        c->job, c->missing->len);
}

bool sweep_run_slurm(struct sweep *sweep, const struct store *store,
                     const struct slurm_wanted *wanted, guint *left, GError **error) {
	struct campaign c = {.sweep = sweep,
	                     .store = store,
	                     .wanted = wanted,
	                     .missing = g_ptr_array_new(),
	                     .dir = slurm_dir(store),
	                     .error = error};
	double weight = 0;
	bool good;

	gather(&c);
	for (guint i = 0; i < c.missing->len; i++)
		weight += ((const struct sweep_run *)c.missing->pdata[i])->weight;
	c.progress = progress_new(weight, c.missing->len);
	if (c.missing->len)
		join(&c);
	good = run_jobs(&c);
	progress_free(c.progress);
	*left = c.missing->len;
	if (good && !*left) {
		folder_remove(c.dir);
		store_tidy(store);
	}
	g_ptr_array_unref(c.missing);
	g_free(c.dir);
	g_free(c.job);
	return good && (*left || sweep_complete(sweep, store, error));
}
