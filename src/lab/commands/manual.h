/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page, sopsim(1): of the same tables as --help. */
#ifndef LAB_MANUAL_H
#define LAB_MANUAL_H

/* Prints, in man's language, what begins the page, and what ends it. */
void manual_begin(void);
void manual_end(void);

/* Prints a command's section: `run` is called, and gets no further than to command_options(). */
void manual_command(const char *name, int (*run)(int argc, char **argv), const char *help);
/* The same of a command that has no table, only a text. */
void manual_text(const char *name, const char *help, const char *text);

#endif
