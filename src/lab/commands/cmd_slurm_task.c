/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slurm-task: what `sweep --slurm` lets nodes do.  Not for people, and not in --help. */
#include <stdio.h>
#include <stdlib.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/sweep_slurm.h"
#include "lab/commands/commands.h"

/* Processors that Slurm gave to this task. */
static unsigned processors(void) {
	const char *text = getenv("SLURM_CPUS_PER_TASK");
	guint64 n = text ? g_ascii_strtoull(text, NULL, 10) : 1;

	return (unsigned)CLAMP(n, 1, 1000);
}

int command_slurm_task(int argc, char **argv) {
	static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
	g_autoptr(GError) error = NULL;
	guint64 task = 0;
	bool good;

	if (!command_options(&argc, &argv, entries, "DIR TASK",
	                     "Does the runs of a task of an array that `sopsim sweep --slurm` "
	                     "submitted.",
	                     2, 2))
		return EXIT_BAD_INPUT;
	if (!g_ascii_string_to_unsigned(argv[2], 10, 0, G_MAXUINT32, &task, NULL)) {
		fprintf(stderr, "sopsim slurm-task: TASK: '%s' is no number; allowed: 0 and more\n",
		        argv[2]);
		return EXIT_BAD_INPUT;
	}
	interrupt_take();
	good = slurm_task(argv[1], (unsigned)task, processors(), &error);
	interrupt_release();
	return good ? EXIT_DONE : lab_error_report(error);
}
