/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does --follow ask for, and where does it go? */
#ifndef LAB_FOLLOW_OPTION_H
#define LAB_FOLLOW_OPTION_H

#include "lab/campaign/run.h"
#include "lab/figures/results.h"
#include "lab/world/follow.h"

struct follow_option {
	char *text;   /* NULL: nobody is followed */
	gint64 limit; /* rows of each; 0: FOLLOW_ROWS */
	struct follow_which which;
	GPtrArray *files; /* GString: of each tcp-N.csv, in the order of N */
	GPtrArray *names; /* "tcp-7" */
	GString *ends;    /* connections.csv */
};

#define COMMAND_FOLLOW(option)                                                                     \
	{"follow", 0, 0, G_OPTION_ARG_STRING, &(option)->text,                                     \
	 "Write how a TCP connection fares there too: number of its end, ADDRESS:PORT or :PORT",   \
	 "END"},                                                                                   \
	{"follow-limit", 0, 0, G_OPTION_ARG_INT64, &(option)->limit,                               \
	 "Rows of each connection at most (500000)", "N"}

#define COMMAND_FOLLOW_ALONE(option, dir)                                                          \
	{"out", 0, 0, G_OPTION_ARG_FILENAME, dir, "Folder of what --follow writes", "DIR"},        \
		COMMAND_FOLLOW(option)

/* Has the run follow what the option asks for, if anything.  False and *error: it is no end's name, or there is no
 * folder (`results` NULL). */
bool follow_option_open(struct follow_option *option, const struct results *results,
                        struct run_spec *spec, GError **error);
/* After the run: its files are among the results, and those of an earlier run in `dir` are not.  False and *error. */
bool follow_option_stage(struct follow_option *option, const struct run_spec *spec, const char *dir,
                         struct results *results, GError **error);
/* After the commit: a picture of each, and a line that says what was followed (`quiet`: none).  False and *error. */
bool follow_option_draw(const struct follow_option *option, struct results *results, bool quiet,
                        GError **error);
/* The two for a command that leaves nothing else in `dir`, of --out: opens it before the run, and writes and draws
 * all after it.  Without --follow: nothing; --out alone is a mistake. */
bool follow_option_open_alone(struct follow_option *option, const char *dir,
                              struct results **results, struct run_spec *spec, GError **error);
bool follow_option_write(struct follow_option *option, const struct run_spec *spec, const char *dir,
                         struct results *results, bool quiet, GError **error);
void follow_option_clear(struct follow_option *option);

#endif
