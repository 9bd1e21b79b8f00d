/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate: fit the calibrated parameters. */
#include <math.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/calibrate.h"
#include "lab/commands/commands.h"
#include "lab/figures/answer.h"

struct told {
	struct answer *answer;
	unsigned wrong; /* so many parameters do not agree */
};

static void answer_found(void *arg, const struct calibrated *found) {
	struct told *told = arg;
	const struct answer_more more[] = {
		{"key", found->parameter, 0},
		{"text", found->value, 0},
		{"measured", NULL, found->measured},
		{"target", NULL, found->target},
		{"tolerance", NULL, found->tolerance},
		{"verdict", found->agrees ? "agrees" : "does not agree", 0},
		{"at_end_of_range", found->at_end ? "yes" : "no", 0},
		{NULL, NULL, 0},
	};

	answer_add(told->answer,
	           &(struct answer_row){
			   .of = "fitted", .measure = found->measure, .ci95 = NAN, .more = more});
	if (!found->agrees) {
		g_autofree char *why =
			g_strdup_printf("%s: %s is %g, and %g was wanted", found->parameter,
		                        found->measure, found->measured, found->target);

		answer_failed(told->answer, why);
		told->wrong++;
	}
}

/* What speaks against runs was printed as they ended. */
static void finish(struct told *told, unsigned failed, bool well) {
	if (told->answer && failed > told->wrong)
		answer_failed(told->answer, "runs are none to rely on: standard error says why");
	answer_end(told->answer, well);
}

int command_calibrate(int argc, char **argv) {
	struct calibrate_options o;
	gint64 seed = 1;
	int jobs = (int)run_default_jobs();
	gboolean untrusted = FALSE, quick = FALSE, json = FALSE;
	struct told told = {NULL, 0};
	g_auto(GStrv) sets = NULL;
	g_autoptr(GError) error = NULL;
	struct text *text;
	unsigned failed = 0;
	const GOptionEntry entries[] = {
		COMMAND_SET(&sets),
		{"quick", 0, 0, G_OPTION_ARG_NONE, &quick,
	         "Shorter runs: a first look, not values to keep", NULL},
		{"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "Runs at a time (default: processors)",
	         "N"},
		COMMAND_SEED(&seed),
		COMMAND_JSON(&json),
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status;

	if (!command_options(
		    &argc, &argv, entries, "FILE",
		    "Fits the parameters that the scenario's [calibrate NAME] groups name, and "
		    "prints the values found, to be written into the scenario.\n"
		    "A --set of one of them is where its fit starts; all else that is set stays.",
		    1, 1) ||
	    !command_seed(seed) || !command_jobs(jobs))
		return EXIT_BAD_INPUT;
	o = (struct calibrate_options){
		.sets = sets, .jobs = (unsigned)jobs, .seed = (uint64_t)seed, .quick = quick};
	interrupt_take();
	text = text_load_from(argv[1], untrusted, &error);
	if (text && json) {
		told.answer = answer_new("calibrate", text->file, o.seed);
		o.tell = answer_found;
		o.arg = &told;
	}
	if (text && calibrate(text, &o, &failed, &error))
		status = failed ? EXIT_CHECK_FAILED : EXIT_DONE;
	else
		status = lab_error_report(error);
	interrupt_release();
	finish(&told, failed, !error);
	g_clear_pointer(&text, text_free);
	return status;
}
