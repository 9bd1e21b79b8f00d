/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep: a run per combination of values; tables and a figure. */
#include <stdio.h>
#include <string.h>

#include "lab/base/interrupt.h"
#include "lab/base/rlimits.h"
#include "lab/campaign/sweep_precision.h"
#include "lab/campaign/sweep_run.h"
#include "lab/campaign/sweep_slurm.h"
#include "lab/commands/commands.h"
#include "lab/commands/report_option.h"
#include "lab/commands/sweep_words.h"
#include "lab/figures/answer.h"
#include "lab/figures/crossing.h"
#include "lab/figures/results.h"
#include "lab/figures/sweep_plot.h"
#include "lab/figures/sweep_table.h"
#include "lab/scenario/reach.h"

/* Lines about runs that failed; the table has them all. */
#define LINES_MAX 20

#define NOT_GIVEN G_MININT

struct options {
	struct sweep_words words;
	struct sweep_wanted wanted;
	char *out;
	gint64 seed;
	int jobs, repeat, most; /* repeat 0: not said */
	char *precision, *effect;
	gboolean untrusted, fresh, keep_going, stop_failed, json, report;
	char **slurm_options;
	gboolean slurm, no_wait;
};

static bool write_sweep(const struct sweep *sweep, struct results *results, GError **error) {
	bool untrusted = sweep->text->untrusted, good;

	results_outdate_figure(results, "sweep");
	good = sweep_stage_results(sweep, results, error) &&
	       results_stage_string(results, "sweep.csv", sweep_csv(sweep), error) &&
	       results_commit(results, error);
	/* Drawing runs another program: not on behalf of a stranger. */
	if (good && !untrusted) {
		GString *script = sweep_plot(sweep);

		good = results_draw(results, "sweep", script->str, error);
		g_string_free(script, TRUE);
	}
	return good;
}

/* Of the runs, or of what they would be. */
static void print_answer(const struct sweep *sweep, bool list) {
	struct answer *answer = answer_new("sweep", sweep->text->file, sweep->wanted.seed);

	(list ? sweep_answer_list : sweep_answer)(sweep, answer);
	answer_print(answer);
}

static void print_sweep(const struct sweep *sweep, const char *out, double wall_s) {
	GString *csv = sweep_csv(sweep);

	printf("%s\n", csv->str);
	crossings_print(sweep);
	printf("%.1f s; files in %s%s\n", wall_s, out,
	       sweep->text->untrusted ? "; no figure, --untrusted runs no gnuplot" : "");
	g_string_free(csv, TRUE);
}

/* A line for each reason why a run is none to rely on; how many of the runs there are. */
static unsigned tell_failed(const struct sweep *sweep) {
	unsigned failed = 0, lines = 0;

	for (guint i = 0; i < sweep->runs->len; i++) {
		const struct sweep_run *run = sweep->runs->pdata[i];
		g_autofree char *name = NULL;

		if (!run->record || run->record->reasons->len == 0)
			continue;
		failed++;
		name = sweep_name(sweep, run->row);
		for (guint r = 0; r < run->record->reasons->len && lines < LINES_MAX; r++, lines++)
			if (sweep->wanted.repeat > 1)
				fprintf(stderr, "%s: %s, seed %" G_GUINT64_FORMAT ": %s\n",
				        g_get_prgname(), name, run->seed,
				        (char *)run->record->reasons->pdata[r]);
			else
				fprintf(stderr, "%s: %s: %s\n", g_get_prgname(), name,
				        (char *)run->record->reasons->pdata[r]);
	}
	if (lines == LINES_MAX)
		fprintf(stderr,
		        "%s: %u of %u runs failed; sweep.csv has the points and a reason of each\n",
		        g_get_prgname(), failed, sweep->runs->len);
	return failed;
}

/* A line for each row that is not known as well as is wanted; how many. */
static unsigned tell_imprecise(const struct sweep *sweep) {
	unsigned rows = 0;

	for (guint row = 0; row < sweep->rows->len; row++) {
		g_autofree char *why = sweep_imprecise(sweep, row), *name = NULL;

		if (!why || rows++ >= LINES_MAX)
			continue;
		name = sweep_name(sweep, row);
		fprintf(stderr, "%s: %s: %s\n", g_get_prgname(), name, why);
	}
	return rows;
}

/* A crash is a defect of this program, unless it had too little memory. */
static int status_of(const struct sweep *sweep, const struct results *results) {
	int status = results_undrawn(results) ? EXIT_CHECK_FAILED : EXIT_DONE;

	for (guint i = 0; i < sweep->runs->len; i++) {
		const struct record *record =
			((const struct sweep_run *)sweep->runs->pdata[i])->record;

		if (record && record->crashed && !limits_memory())
			return EXIT_DEFECT;
		if (!record || record->reasons->len)
			status = EXIT_CHECK_FAILED;
	}
	return status;
}

/* `*left`: runs that nobody waited for. */
static bool run_in(struct sweep *sweep, const struct store *store, const struct options *o,
                   const struct sweep_children *children, guint *left, GError **error) {
	const struct slurm_wanted slurm = {o->slurm_options, o->no_wait};

	*left = 0;
	if (o->fresh)
		sweep_slurm_forget(store);
	if (!sweep_resume(sweep, store, o->fresh, error))
		return false;
	/* Of the first point: what varies is seldom who is where. */
	reach_warn(sweep->sc);
	do {
		if (!sweep_describe(sweep, store, error) ||
		    !(o->slurm ? sweep_run_slurm(sweep, store, &slurm, left, error)
		               : sweep_run(sweep, store, children, (unsigned)o->jobs, error)))
			return false;
	} while (*left == 0 && sweep_refine(sweep));
	/* A job that an earlier command left has nothing to do any more. */
	if (!o->slurm)
		sweep_slurm_forget(store);
	return true;
}

static int do_sweep(const struct text *text, const struct options *o, GError **error) {
	gint64 start = g_get_monotonic_time();
	/* Before there is anything else in memory. */
	struct sweep_children *children =
		o->slurm ? NULL : sweep_children_new(text, o->wanted.sets, o->out, error);
	struct sweep *sweep = children || o->slurm ? sweep_new(text, &o->wanted, error) : NULL;
	struct store *store = sweep ? store_open(o->out, error) : NULL;
	struct results *results = NULL;
	guint left = 0;
	bool good = store && run_in(sweep, store, o, children, &left, error) &&
	            (left || ((results = results_open("--out", o->out, error)) &&
	                      write_sweep(sweep, results, error)));
	int status = good && !left ? status_of(sweep, results) : EXIT_DONE;

	sweep_children_free(children);
	g_clear_pointer(&results, results_close);
	store_close(store);
	interrupt_release();
	if (good && left) {
		printf("%u of %u runs are missing; the same command without --no-wait waits for them\n",
		       left, sweep->runs->len);
	} else if (good) {
		if (o->json)
			print_answer(sweep, false);
		else
			print_sweep(sweep, o->out, (double)(g_get_monotonic_time() - start) / 1e6);
		if (tell_failed(sweep) + tell_imprecise(sweep) && status == EXIT_DONE)
			status = EXIT_CHECK_FAILED;
		if (o->report)
			status = report_option(o->out, status);
	} else {
		status = lab_error_report(*error);
	}
	g_clear_pointer(&sweep, sweep_free);
	return status;
}

/* What it would run. */
static int list_sweep(const struct text *text, const struct options *o, GError **error) {
	struct sweep *sweep = sweep_new(text, &o->wanted, error);

	if (!sweep)
		return lab_error_report(*error);
	if (o->json)
		print_answer(sweep, true);
	else
		sweep_list(sweep);
	sweep_free(sweep);
	return EXIT_DONE;
}

static int sweep_file(const char *file, const struct options *o) {
	g_autoptr(GError) error = NULL;
	struct text *text;
	int status;

	interrupt_take();
	text = text_load_from(file, o->untrusted, &error);
	if (!text)
		return lab_error_report(error);
	status = o->words.list ? list_sweep(text, o, &error) : do_sweep(text, o, &error);
	text_free(text);
	return status;
}

/* What does not go together. */
static bool good_slurm(const struct options *o) {
	const struct {
		bool wrong;
		const char *option, *why;
	} rules[] = {
		{!o->slurm && o->no_wait, "--no-wait", "nothing without --slurm"},
		{!o->slurm && o->slurm_options, "--slurm-option", "nothing without --slurm"},
		{o->slurm && o->untrusted, "--slurm",
	         "it runs other programs, which --untrusted refuses"},
		{o->slurm && o->stop_failed, "--slurm",
	         "its runs do not know of each other, so there is no --stop-at-failure"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
		if (rules[i].wrong) {
			fprintf(stderr,
			        "sopsim sweep: %s: %s; allowed: --slurm with --no-wait and --slurm-option\n",
			        rules[i].option, rules[i].why);
			return false;
		}
	return true;
}

/* "1%", or nothing: as a share, from `least` on. */
static bool take_percent(const char *option, const char *text, double least, const char *allowed,
                         double *share) {
	char *end = NULL;
	double percent = text ? g_ascii_strtod(text, &end) : 100 * *share;

	if (text &&
	    (end == text || strcmp(end, "%") != 0 || !(percent >= least) || percent > 100)) {
		fprintf(stderr, "%s: %s: '%s' is no share; allowed: %s to 100%%\n", g_get_prgname(),
		        option, text, allowed);
		return false;
	}
	*share = percent / 100;
	return true;
}

static bool understood(struct options *o, const char *name) {
	if (!good_slurm(o) ||
	    !take_percent("--precision", o->precision, 0.001, "0.001%", &o->wanted.precision) ||
	    !take_percent("--effect", o->effect, 0, "0%", &o->wanted.effect) ||
	    !command_number("--most", o->most, 1, SWEEP_MAX_RUNS) || !command_seed(o->seed) ||
	    !command_jobs(o->jobs) ||
	    (o->repeat != NOT_GIVEN && !command_number("--repeat", o->repeat, 1, SWEEP_MAX_RUNS)) ||
	    !sweep_words_take(&o->words, name, (uint64_t)o->seed))
		return false;
	o->wanted.axes = o->words.wanted;
	o->wanted.seed = (uint64_t)o->seed;
	o->wanted.repeat = o->repeat == NOT_GIVEN ? 0 : (unsigned)o->repeat;
	o->wanted.stop_failed = o->stop_failed;
	o->wanted.most = (unsigned)o->most;
	if (!o->out)
		o->out = g_strdup("results/sweep");
	return true;
}

int command_sweep(int argc, char **argv) {
	struct options o = {.seed = 1,
	                    .jobs = (int)run_default_jobs(),
	                    .repeat = NOT_GIVEN,
	                    .most = 100,
	                    .wanted.effect = 0.02};
	const GOptionEntry entries[] = {
		SWEEP_WORDS(&o.words),
		COMMAND_SET(&o.wanted.sets),
		{"repeat", 0, 0, G_OPTION_ARG_INT, &o.repeat,
	         "Replications of each run, with the seeds S, S + 1 ... (1)", "N"},
		{"precision", 0, 0, G_OPTION_ARG_STRING, &o.precision,
	         "More of them, at least 10 or --repeat, until what is shown is known to P %",
	         "P%"},
		{"most", 0, 0, G_OPTION_ARG_INT, &o.most, "Replications at most then (100)", "N"},
		{"effect", 0, 0, G_OPTION_ARG_STRING, &o.effect,
	         "A config pays or costs if it differs by P % from the one it is compared with (2%)",
	         "P%"},
		{"measure", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.wanted.measures,
	         "Measures to show; again for another (those of [scenario] figure)", "PATTERN"},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &o.jobs, "Runs at a time (default: processors)",
	         "N"},
		COMMAND_SEED(&o.seed),
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &o.out, "Folder of the files (results/sweep)",
	         "DIR"},
		{"fresh", 0, 0, G_OPTION_ARG_NONE, &o.fresh,
	         "Begin anew: what the folder has of an earlier sweep is removed", NULL},
		{"keep-going", 0, 0, G_OPTION_ARG_NONE, &o.keep_going,
	         "Run the others when a run fails (as it does anyhow)", NULL},
		{"stop-at-failure", 0, 0, G_OPTION_ARG_NONE, &o.stop_failed,
	         "Begin no other run when one has failed", NULL},
		{"slurm", 0, 0, G_OPTION_ARG_NONE, &o.slurm,
	         "Run on a cluster: submit what is missing as an array of Slurm, and wait", NULL},
		{"slurm-option", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.slurm_options,
	         "An option for sbatch; again for others", "--partition=long"},
		{"no-wait", 0, 0, G_OPTION_ARG_NONE, &o.no_wait,
	         "With --slurm: submit, and leave it; the same command collects later", NULL},
		COMMAND_REPORT(&o.report),
		COMMAND_JSON(&o.json),
		COMMAND_UNTRUSTED(&o.untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(&argc, &argv, entries, "FILE [NAME] [OPTION...]", sweep_words_help, 1,
	                    2) &&
	    understood(&o, argc > 2 ? argv[2] : NULL))
		status = sweep_file(argv[1], &o);
	sweep_words_clear(&o.words);
	g_strfreev(o.wanted.sets);
	g_strfreev(o.wanted.measures);
	g_strfreev(o.slurm_options);
	g_free(o.out);
	g_free(o.precision);
	g_free(o.effect);
	return status;
}
