/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of sopsim: each takes its own arguments (argv[0] is its name) and returns an exit
 * status. */
#ifndef LAB_COMMANDS_H
#define LAB_COMMANDS_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

int command_reproduce(int argc, char **argv);
int command_run(int argc, char **argv);
int command_exec(int argc, char **argv);
int command_shell(int argc, char **argv);
int command_live(int argc, char **argv);
int command_sweep(int argc, char **argv);
int command_slurm_task(int argc, char **argv);
int command_report(int argc, char **argv);
int command_rerun(int argc, char **argv);
int command_check(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_params(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_chart(int argc, char **argv);
int command_course(int argc, char **argv);
int command_calibrate(int argc, char **argv);
int command_infer(int argc, char **argv);
int command_witness(int argc, char **argv);

/* Parses a command's options; --help prints `summary` and ends the program.  False and the message
 * printed if they are wrong, or if other than `least` to `most` arguments follow. */
bool command_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
                     const char *summary, int least, int most);

/* From now on command_options() parses nothing: it tells what it was given, and returns false.  NULL: it
 * parses again. */
void command_tell(void (*tell)(const GOptionEntry *entries, const char *usage,
                               const char *summary));

/* Whether an option's number is from `low` to `high`; the message printed if it is not. */
bool command_number(const char *option, gint64 value, gint64 low, gint64 high);
/* The same for what all runs have: --seed, 0 and more, and --jobs, 1 to 1000. */
bool command_seed(gint64 seed);
bool command_jobs(int jobs);

/* Every command that reads a scenario of the user's takes this option. */
#define COMMAND_UNTRUSTED(flag)                                                                    \
	{"untrusted", 0, 0, G_OPTION_ARG_NONE, flag,                                               \
	 "The scenario is a stranger's: nothing of this machine but its own folder is for it", NULL}

/* And every one that runs it takes this; `sets` ends in NULL, and is the caller's to free. */
#define COMMAND_SET(sets)                                                                          \
	{"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, sets, "Change a value of the scenario",           \
	 "GROUP.KEY=VALUE"}

/* What of the scenario is run, and with which seed: commands that run one of its machines take these. */
#define COMMAND_CONFIG(name)                                                                       \
	{"config", 0, 0, G_OPTION_ARG_STRING, name, "Apply a [config NAME] of the scenario", "NAME"}
#define COMMAND_EXPERIMENT(name)                                                                   \
	{"experiment", 0, 0, G_OPTION_ARG_STRING, name,                                            \
	 "Apply an [experiment NAME] of the scenario", "NAME"}
#define COMMAND_OFFERED(load)                                                                      \
	{"offered", 0, 0, G_OPTION_ARG_INT64, load,                                                \
	 "Load point of the experiment, if it has several", "N"}
#define COMMAND_SEED(seed)                                                                         \
	{"seed", 0, 0, G_OPTION_ARG_INT64, seed, "Root of all random streams (1)", "S"}

/* What is to be seen of real programs: commands that run one take these. */
#define COMMAND_WATCHED(syscalls, check_fds)                                                       \
	{"syscalls", 0, 0, G_OPTION_ARG_FILENAME, syscalls,                                        \
	 "Write a line per system call of real programs there", "FILE"},                           \
	{                                                                                          \
		"check-fds", 0, 0, G_OPTION_ARG_NONE, check_fds,                                   \
			"Compare their descriptors with the real kernel's after each call", NULL   \
	}

/* And every one that prints results takes this (figures/answer.h). */
#define COMMAND_JSON(flag)                                                                         \
	{"json", 0, 0, G_OPTION_ARG_NONE, flag, "Print results as JSON, for programs", NULL}

/* The file of --syscalls, opened: NULL and *error. */
FILE *command_syscalls(const char *path, GError **error);

#endif
