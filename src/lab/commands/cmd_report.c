/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: a folder of results as one page. */
#include <stdio.h>

#include "lab/commands/commands.h"
#include "lab/commands/report_option.h"

int command_report(int argc, char **argv) {
	g_autofree char *out = NULL;
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		{"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "The page (DIR/report.html)", "FILE"},
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "DIR [OPTION...]",
		    "Makes one HTML page of what reproduce, run, sweep or compare left in DIR: verdict, figures with "
		    "their\nnumbers, where the time goes, parameters with their sources. It needs nothing "
		    "else, and fetches nothing.\nExample: sopsim report results/reproduce",
		    1, 1))
		return EXIT_BAD_INPUT;
	if (!out)
		out = g_build_filename(argv[1], "report.html", NULL);
	if (!report_write(argv[1], out, &error))
		return lab_error_report(error);
	printf("%s\n", out);
	return EXIT_DONE;
}
