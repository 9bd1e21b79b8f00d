/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of which all are needed: the first that fails ends the rest. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "lab/base/rlimits.h"
#include "lab/campaign/progress.h"
#include "lab/campaign/run.h"

struct all {
	struct run_spec *const *specs;
	struct measures **results;
	guint *order; /* of the runs: the longest first, so that none is left over */
	unsigned n, next;
	struct progress *progress;
};

bool run_crashed(const char *name, int status, GError **error) {
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"standard output: closed while the run '%s' printed; allowed: a reader that reads to "
			"the end",
			name);
	else if (WIFSIGNALED(status) && limits_memory())
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"the run '%s' was ended: %s; allowed: a scenario for which the memory suffices, "
			"see ulimit -a",
			name, strsignal(WTERMSIG(status)));
	else if (WIFSIGNALED(status))
		g_set_error(error, LAB_ERROR, LAB_ERROR_DEFECT, "defect: the run '%s' crashed: %s",
		            name, strsignal(WTERMSIG(status)));
	else
		g_set_error(error, LAB_ERROR, LAB_ERROR_DEFECT,
		            "defect: the run '%s' ended with status %d and no result", name,
		            WEXITSTATUS(status));
	return false;
}

static bool next(void *arg, unsigned *job) {
	struct all *all = arg;

	if (all->next == all->n)
		return false;
	*job = all->order[all->next++];
	progress_begun(all->progress, all->specs[*job]->name);
	return true;
}

/* The measures, or "!" (of a defect "?") and a message. */
static void child(void *arg, unsigned job, const GString *order, GString *answer) {
	const struct all *all = arg;
	g_autoptr(GError) error = NULL;
	struct measures *m = run_here(all->specs[job], &error);

	(void)order;
	if (m)
		measures_write(m, answer);
	else
		g_string_printf(answer, "%c%s",
		                g_error_matches(error, LAB_ERROR, LAB_ERROR_DEFECT) ? '?' : '!',
		                error->message);
	g_clear_pointer(&m, measures_free);
}

static bool done(void *arg, unsigned job, const struct jobs_outcome *outcome, GError **error) {
	struct all *all = arg;
	const struct run_spec *spec = all->specs[job];
	const char *answer = outcome->answer;
	struct measures *m;

	if (!answer)
		return run_crashed(spec->name, outcome->status, error);
	if (*answer == '!' || *answer == '?') {
		g_set_error_literal(error, LAB_ERROR,
		                    *answer == '?' ? LAB_ERROR_DEFECT : LAB_ERROR_INPUT,
		                    answer + 1);
		return false;
	}
	m = measures_new();
	if (!measures_read(m, answer)) {
		measures_free(m);
		return run_crashed(spec->name, outcome->status, error);
	}
	all->results[job] = m;
	progress_done(all->progress, spec->weight, false);
	return true;
}

static void show(void *arg) { progress_show(((const struct all *)arg)->progress); }

static gint heavier(gconstpointer a, gconstpointer b, gpointer specs) {
	guint x = *(const guint *)a, y = *(const guint *)b;
	double first = ((struct run_spec *const *)specs)[x]->weight,
	       second = ((struct run_spec *const *)specs)[y]->weight;

	if (first != second)
		return first > second ? -1 : 1;
	return x < y ? -1 : x > y;
}

static guint *order_of(struct run_spec *const *specs, unsigned n) {
	guint *order = g_new(guint, n);

	for (unsigned i = 0; i < n; i++)
		order[i] = i;
	g_qsort_with_data(order, (gint)n, sizeof *order, heavier, (gpointer)(uintptr_t)specs);
	return order;
}

bool run_all(struct run_spec *const *specs, unsigned n, unsigned jobs, struct measures **results,
             GError **error) {
	struct all all = {.specs = specs, .results = results, .n = n};
	const struct jobs_work work = {.arg = &all,
	                               /* One run needs no more than it uses. */
	                               .prepare = n > 1 ? run_prepare : NULL,
	                               .next = next,
	                               .child = child,
	                               .done = done,
	                               .show = show,
	                               .interrupted = "nothing was written"};
	double weight = 0;
	bool good;

	all.order = order_of(specs, n);
	for (unsigned i = 0; i < n; i++) {
		weight += specs[i]->weight;
		results[i] = NULL;
	}
	all.progress = progress_new(weight, n);
	good = jobs_run(&work, jobs, error);
	progress_free(all.progress);
	g_free(all.order);
	for (unsigned i = 0; !good && i < n; i++)
		g_clear_pointer(&results[i], measures_free);
	return good;
}
