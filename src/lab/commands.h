/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of sopsim: each takes its own arguments (argv[0] is its name) and returns an exit
 * status. */
#ifndef LAB_COMMANDS_H
#define LAB_COMMANDS_H

#include <glib.h>
#include <stdbool.h>

int command_reproduce(int argc, char **argv);
int command_run(int argc, char **argv);
int command_live(int argc, char **argv);
int command_sweep(int argc, char **argv);
int command_check(int argc, char **argv);
int command_params(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_calibrate(int argc, char **argv);

/* Parses a command's options; --help prints `summary` and ends the program.  False and the message
 * printed if they are wrong, or if other than `least` to `most` arguments follow. */
bool command_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
                     const char *summary, int least, int most);

/* Makes a folder for a command's files (NULL: none is asked for).  False and *error if it cannot be
 * written: told before a run, not after it. */
bool command_folder(const char *dir, GError **error);

/* Path of a scenario that comes with the program ("paper.ini"). */
char *command_scenario(const char *name);

#endif
