/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate: fit the calibrated parameters. */
#include "lab/base/interrupt.h"
#include "lab/campaign/calibrate.h"
#include "lab/commands/commands.h"

int command_calibrate(int argc, char **argv) {
	gint64 seed = 1;
	gboolean untrusted = FALSE;
	g_autoptr(GError) error = NULL;
	struct text *text;
	unsigned failed = 0;
	const GOptionEntry entries[] = {
		{"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Root of all random streams (1)", "S"},
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};
	int status;

	if (!command_options(
		    &argc, &argv, entries, "FILE",
		    "Fits the parameters that the scenario's [calibrate NAME] groups name, and "
		    "prints the values found, to be written into the scenario.",
		    1, 1) ||
	    !command_seed(seed))
		return EXIT_BAD_INPUT;
	interrupt_take();
	text = text_load_from(argv[1], untrusted, &error);
	if (text && calibrate(text, (uint64_t)seed, &failed, &error))
		status = failed ? EXIT_CHECK_FAILED : EXIT_DONE;
	else
		status = lab_error_report(error);
	interrupt_release();
	g_clear_pointer(&text, text_free);
	return status;
}
