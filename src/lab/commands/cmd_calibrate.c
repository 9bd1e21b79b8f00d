/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate: fit the calibrated parameters. */
#include "lab/base/interrupt.h"
#include "lab/campaign/calibrate.h"
#include "lab/commands/commands.h"

int command_calibrate(int argc, char **argv) {
	struct calibrate_options o;
	gint64 seed = 1;
	int jobs = (int)run_default_jobs();
	gboolean untrusted = FALSE, quick = FALSE;
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
	o = (struct calibrate_options){sets, (unsigned)jobs, (uint64_t)seed, quick};
	interrupt_take();
	text = text_load_from(argv[1], untrusted, &error);
	if (text && calibrate(text, &o, &failed, &error))
		status = failed ? EXIT_CHECK_FAILED : EXIT_DONE;
	else
		status = lab_error_report(error);
	interrupt_release();
	g_clear_pointer(&text, text_free);
	return status;
}
