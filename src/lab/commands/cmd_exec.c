/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exec: one real program on a scenario's machine. */
#include <stdio.h>
#include <string.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/run.h"
#include "lab/commands/commands.h"
#include "lab/kinds/parts.h"
#include "lab/world/verdict.h"

#define GROUP "exec command"

static void watch(struct world *world, void *watched) {
	(void)world;
	exec_watch(watched);
}

/* The words as one text that is taken apart again as a shell would. */
static char *quoted(char **words) {
	GString *text = g_string_new(NULL);

	for (; *words; words++) {
		g_autofree char *word = g_shell_quote(*words);

		g_string_append_printf(text, "%s%s", text->len ? " " : "", word);
	}
	return g_string_free(text, FALSE);
}

/* The program is one more group, and the run ends with it. */
static bool add_program(struct text *text, char **words, const char *machine, char **sets,
                        GError **error) {
	g_autofree char *command = quoted(words);

	text_set(text, GROUP, "command", command, "--");
	text_set(text, GROUP, "output", "plain", "--");
	if (machine)
		text_set(text, GROUP, "machine", machine, "--machine");
	text_set(text, "scenario", "duration", "0s", "--");
	text_set(text, "scenario", "warmup", "0s", "--");
	for (char **set = sets; set && *set; set++)
		if (!text_override_pair(text, *set, "--set", error))
			return false;
	return true;
}

static bool run_program(const struct text *text, uint64_t seed, struct exec_watched *watched,
                        unsigned *failed, GError **error) {
	struct scenario *sc = scenario_new(text, error);
	struct run_spec *spec = run_spec_new("exec", text, seed);
	struct measures *m = NULL;
	bool good;

	spec->before = watch;
	spec->arg = watched;
	good = sc && run_all(&spec, 1, 1, &m, error);
	interrupt_release();
	if (good)
		*failed = verdict_print(NULL, sc, m);
	run_spec_free(spec);
	g_clear_pointer(&m, measures_free);
	g_clear_pointer(&sc, scenario_free);
	return good;
}

/* What stands behind "--" is the program's; NULL: there is none. */
static char **split(int *argc, char **argv) {
	for (int i = 1; i < *argc; i++)
		if (g_str_equal(argv[i], "--")) {
			*argc = i;
			argv[i] = NULL;
			return argv + i + 1;
		}
	return NULL;
}

int command_exec(int argc, char **argv) {
	g_autofree char *machine = NULL, *syscalls = NULL;
	g_auto(GStrv) sets = NULL;
	gint64 seed = 1;
	gboolean check_fds = FALSE;
	g_autoptr(GError) error = NULL;
	const GOptionEntry entries[] = {
		{"machine", 0, 0, G_OPTION_ARG_STRING, &machine,
	         "The host that it runs on (server)", "NAME"},
		COMMAND_WATCHED(&syscalls, &check_fds),
		COMMAND_SET(&sets),
		{"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Root of all random streams (1)", "S"},
		G_OPTION_ENTRY_NULL,
	};
	char **words = split(&argc, argv);
	unsigned failed = 0;
	struct text *text;
	struct exec_watched watched = {.log = NULL};
	bool good;

	if (!command_options(&argc, &argv, entries, "FILE [OPTION...] -- PROGRAM [ARGUMENT...]",
	                     "Runs a real program as a process of the scenario's machine.\n"
	                     "Example: sopsim exec scenarios/first.ini -- curl http://eth0/",
	                     1, 1) ||
	    !command_seed(seed))
		return EXIT_BAD_INPUT;
	if (!words || !*words) {
		fprintf(stderr,
		        "sopsim exec: no program; allowed: FILE -- PROGRAM [ARGUMENT...]\n");
		return EXIT_BAD_INPUT;
	}
	watched.check_fds = check_fds;
	interrupt_take();
	text = text_load(argv[1], &error);
	good = text && add_program(text, words, machine, sets, &error) &&
	       (!syscalls || (watched.log = command_syscalls(syscalls, &error))) &&
	       run_program(text, (uint64_t)seed, &watched, &failed, &error);
	g_clear_pointer(&text, text_free);
	if (watched.log)
		fclose(watched.log);
	return !good ? lab_error_report(error) : failed ? EXIT_CHECK_FAILED : EXIT_DONE;
}
