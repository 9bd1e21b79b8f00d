/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bash's completion of the command line: of the same tables as --help. */
#ifndef LAB_COMPLETION_H
#define LAB_COMPLETION_H

/* Print, in bash's language, what begins the file, and what ends it. */
void completion_begin(void);
void completion_end(void);

/* Prints a command's options: `run` is called, and gets no further than to command_options(). */
void completion_command(const char *name, int (*run)(int argc, char **argv));
/* The same of a command that has no table, only a text: each option begins a line of it, and has a value. */
void completion_text(const char *name, const char *text);

#endif
