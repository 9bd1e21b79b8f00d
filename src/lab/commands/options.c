/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How are a command's options read, and those that several commands have? */
#include <errno.h>
#include <stdio.h>

#include "lab/base/error.h"
#include "lab/commands/commands.h"

static void (*teller)(const GOptionEntry *entries, const char *usage, const char *summary);

void command_tell(void (*tell)(const GOptionEntry *entries, const char *usage,
                               const char *summary)) {
	teller = tell;
}

bool command_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
                     const char *summary, int least, int most) {
	g_autoptr(GOptionContext) context = g_option_context_new(usage);
	g_autofree char *name = g_strdup_printf("sopsim %s", (*argv)[0]);
	g_autoptr(GError) error = NULL;

	if (teller) {
		teller(entries, usage, summary);
		return false;
	}
	g_set_prgname(name);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_summary(context, summary);
	if (!g_option_context_parse(context, argc, argv, &error)) {
		fprintf(stderr, "%s: %s; allowed: see %s --help\n", name, error->message, name);
		return false;
	}
	if (*argc - 1 < least || *argc - 1 > most) {
		fprintf(stderr, "%s: wrong number of arguments; usage: %s %s\n", name, name, usage);
		return false;
	}
	return true;
}

bool command_number(const char *option, gint64 value, gint64 low, gint64 high) {
	if (value >= low && value <= high)
		return true;
	fprintf(stderr,
	        "%s: %s: %" G_GINT64_FORMAT " is out of range; allowed: a whole number from "
	        "%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n",
	        g_get_prgname(), option, value, low, high);
	return false;
}

bool command_seed(gint64 seed) { return command_number("--seed", seed, 0, G_MAXINT64); }

bool command_jobs(int jobs) { return command_number("--jobs", jobs, 1, 1000); }

FILE *command_syscalls(const char *path, GError **error) {
	FILE *file = fopen(path, "we");

	if (!file)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--syscalls: %s: %s; allowed: a file that can be written", path,
		            g_strerror(errno));
	return file;
}
