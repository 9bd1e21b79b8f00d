/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exec, shell: one real program on a scenario's machine. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/interrupt.h"
#include "lab/campaign/run.h"
#include "lab/commands/commands.h"
#include "lab/commands/follow_option.h"
#include "lab/commands/trace_option.h"
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

/* What both commands are asked. */
struct order {
	const char *file;
	char **words;   /* the program and its arguments */
	bool converses; /* it reads what is typed here */
	char *machine, *syscalls;
	struct trace_option trace;
	struct follow_option follow;
	char *out; /* of --follow */
	char **sets;
	gint64 seed;
	gboolean check_fds;
};

/* The program is one more group, and the run ends with it. */
static bool add_program(struct text *text, const struct order *o, GError **error) {
	g_autofree char *command = quoted(o->words);

	text_set(text, GROUP, "command", command, "--");
	text_set(text, GROUP, "output", "plain", "--");
	if (o->converses) {
		text_set(text, GROUP, "input", "/dev/stdin", "--");
		text_set(text, "scenario", "limit", "86400s", "--");
	}
	if (o->machine)
		text_set(text, GROUP, "machine", o->machine, "--machine");
	text_set(text, "scenario", "duration", "0s", "--");
	text_set(text, "scenario", "warmup", "0s", "--");
	for (char **set = o->sets; set && *set; set++)
		if (!text_override_pair(text, *set, "--set", error))
			return false;
	return true;
}

static bool run_program(const struct text *text, struct order *o, struct exec_watched *watched,
                        unsigned *failed, GError **error) {
	struct scenario *sc = scenario_new(text, error);
	struct run_spec *spec = run_spec_new("exec", text, (uint64_t)o->seed);
	struct results *results = NULL;
	struct measures *m = NULL;
	bool good;

	spec->before = watch;
	spec->arg = watched;
	good = sc && follow_option_open_alone(&o->follow, o->out, &results, spec, error) &&
	       trace_option_open(&o->trace, &spec->trace, error) &&
	       run_all(&spec, 1, 1, &m, error) &&
	       trace_option_keep(&o->trace, spec->trace, error) &&
	       follow_option_write(&o->follow, spec, o->out, results, true, error);
	interrupt_release();
	if (good)
		*failed = verdict_print(NULL, sc, m);
	g_clear_pointer(&results, results_close);
	trace_file_close(spec->trace);
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

static int carry_out(struct order *o) {
	struct exec_watched watched = {.check_fds = o->check_fds};
	g_autoptr(GError) error = NULL;
	unsigned failed = 0;
	struct text *text;
	bool good;

	interrupt_take();
	text = text_load(o->file, &error);
	good = text && add_program(text, o, &error) &&
	       (!o->syscalls || (watched.log = command_syscalls(o->syscalls, &error))) &&
	       run_program(text, o, &watched, &failed, &error);
	g_clear_pointer(&text, text_free);
	if (watched.log)
		fclose(watched.log);
	return !good ? lab_error_report(error) : failed ? EXIT_CHECK_FAILED : EXIT_DONE;
}

/* The options, understood and with what they say in *o; false: EXIT_BAD_INPUT. */
static bool take_options(int *argc, char ***argv, struct order *o, const char *usage,
                         const char *summary) {
	const GOptionEntry entries[] = {
		{"machine", 0, 0, G_OPTION_ARG_STRING, &o->machine,
	         "The host that it runs on (server)", "NAME"},
		COMMAND_WATCHED(&o->syscalls, &o->check_fds),
		COMMAND_TRACE(&o->trace),
		COMMAND_FOLLOW_ALONE(&o->follow, &o->out),
		COMMAND_SET(&o->sets),
		COMMAND_SEED(&o->seed),
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(argc, argv, entries, usage, summary, 1, 1) || !command_seed(o->seed))
		return false;
	o->file = (*argv)[1];
	return true;
}

static void order_clear(struct order *o) {
	g_free(o->machine);
	g_free(o->syscalls);
	g_free(o->trace.path);
	g_free(o->out);
	follow_option_clear(&o->follow);
	g_strfreev(o->sets);
}

int command_exec(int argc, char **argv) {
	struct order o = {.words = split(&argc, argv), .seed = 1, .trace.limit = TRACE_LIMIT};
	int status = EXIT_BAD_INPUT;

	if (take_options(&argc, &argv, &o, "FILE [OPTION...] -- PROGRAM [ARGUMENT...]",
	                 "Runs a real program as a process of the scenario's machine.\n"
	                 "Example: sopsim exec scenarios/first.ini -- curl http://eth0/")) {
		if (o.words && *o.words)
			status = carry_out(&o);
		else
			fprintf(stderr,
			        "sopsim exec: no program; allowed: FILE -- PROGRAM [ARGUMENT...]\n");
	}
	order_clear(&o);
	return status;
}

int command_shell(int argc, char **argv) {
	static char shell[] = "sh", interactive[] = "-i";
	char *words[] = {shell, isatty(0) ? interactive : NULL, NULL};
	struct order o = {.words = words, .seed = 1, .converses = true};
	int status = EXIT_BAD_INPUT;

	if (take_options(&argc, &argv, &o, "FILE [OPTION...]",
	                 "A shell of the scenario's machine, for what is typed, or for a script on "
	                 "standard input.\n"
	                 "Example: echo ifconfig | sopsim shell scenarios/two-cards.ini"))
		status = carry_out(&o);
	order_clear(&o);
	return status;
}
