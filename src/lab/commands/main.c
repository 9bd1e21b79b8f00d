/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sopsim's command line. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lab/base/error.h"
#include "lab/base/rlimits.h"
#include "lab/base/terminal.h"
#include "lab/base/version.h"
#include "lab/commands/commands.h"
#include "lab/commands/completion.h"
#include "lab/commands/manual.h"
#include "lab/scenario/key.h"
#include "pkt/pkt.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage, *help;
} commands[] = {
	{"reproduce", command_reproduce, "[--quick] [--out DIR]",
         "the paper's Table 1, Fig. 5 and Fig. 6"},
	{"run", command_run, "FILE [--set GROUP.KEY=VALUE]...", "one scenario"},
	{"exec", command_exec, "FILE [OPTION...] -- PROGRAM [ARG]...",
         "a real program on a machine"},
	{"shell", command_shell, "FILE [OPTION...]", "a shell of a machine"},
	{"live", command_live, "FILE [--tap NAME] [--for SECONDS]", "one scenario, in real time"},
	{"sweep", command_sweep, "FILE [NAME] [--vary GROUP.KEY=A,B,C]...",
         "a run per combination"},
	{"report", command_report, "DIR [--out FILE]", "one page of a folder of results"},
	{"rerun", command_rerun, "OUT/runs/ID.json", "a run of a sweep again: the same bytes?"},
	{"compare", command_compare, "FILE --what GROUP.KEY=VALUE...",
         "what if some values were others"},
	{"check", command_check, "[--against DIR] DIR", "compare figures with a baseline"},
	{"params", command_params, "FILE | --types | --keys=TYPE | ...",
         "parameters in force; what a scenario may say"},
	{"explain", command_explain, "send|request|queueing|calls [FILE]",
         "where the microseconds go"},
	{"chart", command_chart, "FILE --call NAME|--from TIME --to TIME",
         "who did what when, as a picture"},
	{"pkt", command_pkt, "FILE... [--via inet|sop-inet|sop-toe]",
         "TCP scripts in packetdrill's language"},
	{"course", command_course, "list | sheet|check|answers UNIT | class FILE",
         "units for students, with values of their own"},
	{"calibrate", command_calibrate, "FILE", "fit the calibrated parameters"},
	{"infer", command_infer, "FILE [--out DIR] [--resume]",
         "which systems agree with a paper's numbers"},
	{"witness", command_witness, "[NAME...] [--json]",
         "lmbench on simulated machines, beside the real ones"},
	{"slurm-task", command_slurm_task, NULL, NULL}, /* for `sweep --slurm` alone */
};

static void print_help(FILE *out) {
	fprintf(out,
	        "Usage: sopsim COMMAND [OPTION...]\n\n"
	        "Simulates a Linux 2.4 server, its SOP layer (sockets over PCI) and its TCP offload "
	        "cards.\n\nCommands:\n");
	for (size_t i = 0; i < G_N_ELEMENTS(commands) && commands[i].help; i++)
		fprintf(out, "  %-10s %-38s %s\n", commands[i].name, commands[i].usage,
		        commands[i].help);
	fprintf(out,
	        "  %-10s %-38s %s\n\n"
	        "`sopsim COMMAND --help` tells more; `sopsim --version` the version.\n"
	        "Exit status: 0 done, 1 a check did not hold, 2 bad usage or input, 3 a defect.\n",
	        "test", "", "all the project's tests (./sopsim only)");
}

static void print_manual(void) {
	manual_begin();
	for (size_t i = 0; i < G_N_ELEMENTS(commands) && commands[i].help; i++)
		if (commands[i].run == command_pkt)
			manual_text(commands[i].name, commands[i].help, pkt_usage);
		else
			manual_command(commands[i].name, commands[i].run, commands[i].help);
	manual_end();
}

static void print_completion(void) {
	completion_begin();
	for (size_t i = 0; i < G_N_ELEMENTS(commands) && commands[i].help; i++)
		if (commands[i].run == command_pkt)
			completion_text(commands[i].name, pkt_usage);
		else
			completion_command(commands[i].name, commands[i].run);
	completion_end();
}

static int unknown_command(const char *word) {
	const char *names[G_N_ELEMENTS(commands)], *near;

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		names[i] = commands[i].name;
	near = nearest_word(word, names, G_N_ELEMENTS(commands));
	fprintf(stderr, "sopsim: unknown command '%s'%s%s%s; allowed: see sopsim --help\n", word,
	        near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return EXIT_BAD_INPUT;
}

static int run_command(int argc, char **argv) {
	const char *word = argc > 1 ? argv[1] : "";

	if (g_str_equal(word, "--help") || g_str_equal(word, "-h") || g_str_equal(word, "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (g_str_equal(word, "--version")) {
		printf("sopsim %s (commit %s%s)\n", version_number(), version_commit(),
		       version_dirty() ? "-dirty" : "");
		return EXIT_DONE;
	}
	/* For the build, which makes files of them. */
	if (g_str_equal(word, "--completion")) {
		print_completion();
		return EXIT_DONE;
	}
	if (g_str_equal(word, "--man")) {
		print_manual();
		return EXIT_DONE;
	}
	if (!*word) {
		fprintf(stderr, "sopsim: no command given; allowed: see sopsim --help\n");
		return EXIT_BAD_INPUT;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (g_str_equal(word, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return unknown_command(word);
}

/* A standard stream that was closed would leave its number to the first file that is opened. */
static void open_standard_streams(void) {
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = dup(fd);
	if (fd >= 0)
		close(fd);
}

/* What was printed is a result too: a full disk behind it must not pass in silence. */
static bool flush_output(void) {
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	fprintf(stderr,
	        "sopsim: standard output: cannot be written: %s; allowed: a file or pipe with "
	        "room\n",
	        g_strerror(errno ? errno : EIO));
	return false;
}

int main(int argc, char **argv) {
	int status;

	open_standard_streams();
	terminal_guard();
	setlocale(LC_ALL, "C.UTF-8");
	/* A file that grows beyond ulimit -f is told as any that cannot be written. */
	signal(SIGXFSZ, SIG_IGN);
	if (!limits_suffice())
		return EXIT_BAD_INPUT;
	status = run_command(argc, argv);
	return flush_output() || status != EXIT_DONE ? status : EXIT_BAD_INPUT;
}
