/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare: what if some values were others? */
#include <stdio.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/about.h"
#include "lab/commands/commands.h"
#include "lab/commands/report_option.h"
#include "lab/figures/compare.h"

struct options {
	struct compare_wanted wanted;
	char *out;
	gint64 seed, offered;
	int jobs, repeat;
	gboolean untrusted, json, all, report;
};

static bool write_files(const struct comparison *c, struct results *results, GError **error) {
	return results_stage_string(results, "compare.csv", compare_csv(c), error) &&
	       results_stage_string(results, "compare.svg", compare_svg(c), error) &&
	       results_stage_string(results, "run.json", compare_json(c), error) &&
	       results_stage_string(results, ABOUT_FILE, about_json(NULL, 0), error) &&
	       results_commit(results, error);
}

/* How many reasons there are why it is none to rely on. */
static unsigned print(const struct comparison *c, const char *file, const struct options *o) {
	struct answer *answer = o->json ? answer_new("compare", file, o->wanted.seed) : NULL;
	unsigned failed = compare_verdict(c, answer);

	if (answer) {
		compare_answer(c, answer);
		answer_print(answer);
		return failed;
	}
	compare_print(c, o->all);
	printf("\nfiles in %s\n", o->out);
	return failed;
}

static int compare(const char *file, const struct options *o) {
	g_autoptr(GError) error = NULL;
	struct results *results = results_open("--out", o->out, &error);
	struct comparison *c =
		results ? compare_new(file, &o->wanted, (unsigned)o->jobs, &error) : NULL;
	bool good = c && write_files(c, results, &error);
	unsigned failed = 0;

	g_clear_pointer(&results, results_close);
	interrupt_release();
	if (good)
		failed = print(c, file, o);
	g_clear_pointer(&c, compare_free);
	return !good ? lab_error_report(error) : failed ? EXIT_CHECK_FAILED : EXIT_DONE;
}

static bool understood(struct options *o) {
	if (!command_seed(o->seed) || !command_jobs(o->jobs) ||
	    !command_number("--repeat", o->repeat, 1, 1000) ||
	    !command_number("--offered", o->offered, 0, G_MAXUINT32))
		return false;
	if (!o->wanted.what) {
		fprintf(stderr,
		        "%s: --what: missing; allowed: --what GROUP.KEY=VALUE, such as "
		        "--what toe0.clock_scale=2\n",
		        g_get_prgname());
		return false;
	}
	o->wanted.seed = (uint64_t)o->seed;
	o->wanted.repeat = (unsigned)o->repeat;
	o->wanted.offered = (unsigned)o->offered;
	o->wanted.untrusted = o->untrusted;
	if (!o->out)
		o->out = g_strdup("results/compare");
	return true;
}

int command_compare(int argc, char **argv) {
	struct options o = {.seed = 1, .jobs = (int)run_default_jobs(), .repeat = 5};
	const GOptionEntry entries[] = {
		{"what", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.wanted.what,
	         "What is changed; again for more, all at once", "GROUP.KEY=VALUE"},
		COMMAND_SET(&o.wanted.sets),
		COMMAND_CONFIG(&o.wanted.config),
		COMMAND_EXPERIMENT(&o.wanted.experiment),
		COMMAND_OFFERED(&o.offered),
		{"repeat", 0, 0, G_OPTION_ARG_INT, &o.repeat,
	         "Pairs of runs, with the seeds S, S + 1 ... (5)", "N"},
		COMMAND_SEED(&o.seed),
		{"jobs", 0, 0, G_OPTION_ARG_INT, &o.jobs, "Runs at a time (default: processors)",
	         "N"},
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &o.out,
	         "Folder of compare.csv, compare.svg and run.json (results/compare)", "DIR"},
		{"all", 0, 0, G_OPTION_ARG_NONE, &o.all, "Print all measures and parts", NULL},
		COMMAND_REPORT(&o.report),
		COMMAND_JSON(&o.json),
		COMMAND_UNTRUSTED(&o.untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status = EXIT_BAD_INPUT;

	if (command_options(
		    &argc, &argv, entries, "FILE --what GROUP.KEY=VALUE [OPTION...]",
		    "Runs a scenario as it is and with other values, with the same seeds, and prints what "
		    "changed: the largest\nchange first, with 95 % intervals of the differences, and where "
		    "the time went.\n"
		    "Example: sopsim compare scenarios/paper.ini --config offload_sop --what "
		    "toe0.clock_scale=2",
		    1, 1) &&
	    understood(&o)) {
		interrupt_take();
		status = compare(argv[1], &o);
		if (o.report)
			status = report_option(o.out, status);
	}
	g_strfreev(o.wanted.what);
	g_strfreev(o.wanted.sets);
	g_free(o.wanted.config);
	g_free(o.wanted.experiment);
	g_free(o.out);
	return status;
}
