/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: figures against a baseline. */
#include <stdio.h>

#include "lab/commands/commands.h"
#include "lab/figures/check.h"

static void print_moved(const struct check *check, const char *file, const char *row,
                        const char *column, const char *baseline, const char *now) {
	if (check->moved == 0)
		printf("%-12s %-32s %-16s %12s %12s\n", "file", "row", "column", "baseline", "now");
	printf("%-12s %-32s %-16s %12s %12s\n", file, row, column, baseline, now);
}

int command_check(int argc, char **argv) {
	g_autofree char *scenarios = command_scenario(""), *top = NULL, *against = NULL;
	struct check c = {.tolerance = 0.01, .tell = print_moved};
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		{"against", 0, 0, G_OPTION_ARG_FILENAME, &against,
	         "Folder of the baseline (results/reference)", "DIR"},
		{"tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &c.tolerance,
	         "Difference that is none, relative to the baseline's number (0.01)", "X"},
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "[--against DIR] DIR",
		    "Compares all figures in DIR with a baseline, cell by cell; exit status 1 and a table of "
		    "what moved if they differ,\n2 if they cannot be compared.",
		    1, 1))
		return EXIT_BAD_INPUT;
	if (!(c.tolerance >= 0 && c.tolerance <= 1)) {
		fprintf(stderr,
		        "sopsim check: --tolerance: %g is out of range; allowed: a number from "
		        "0 to 1\n",
		        c.tolerance);
		return EXIT_BAD_INPUT;
	}
	top = g_path_get_dirname(scenarios);
	if (!against)
		against = g_build_filename(top, "results", "reference", NULL);
	if (!check_folders(&c, against, argv[1], &error))
		return lab_error_report(error);
	printf("%u numbers compared, %u moved\n", c.cells, c.moved);
	return c.moved ? EXIT_CHECK_FAILED : EXIT_DONE;
}
