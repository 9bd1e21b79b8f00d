/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of sweep's command line that say what is varied, and what it would run. */
#ifndef LAB_SWEEP_WORDS_H
#define LAB_SWEEP_WORDS_H

#include <glib.h>

#include "lab/campaign/sweep.h"

/* As options fill it; what is owned is freed by sweep_words_clear(). */
struct sweep_words {
	char **vary, **except, **configs, **experiments;
	int sample;
	gboolean list;
	struct axes_wanted wanted;
};

/* clang-format off */
#define SWEEP_WORDS(w)                                                                                  \
	{"vary", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(w)->vary, "Values to run; again for another axis",   \
	 "GROUP.KEY=A,B,C"},                                                                             \
	{"config", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(w)->configs, "Run in these configs", "A,B"},       \
	{"experiment", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(w)->experiments, "Run these experiments only", \
	 "A,B"},                                                                                         \
	{"except", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(w)->except,                                        \
	 "Leave these combinations out; again for others", "GROUP.KEY=A,..."},                           \
	{"sample", 0, 0, G_OPTION_ARG_INT, &(w)->sample,                                                 \
	 "Draw so many values from each LOW..HIGH: a Latin hypercube", "N"},                             \
	{"list", 0, 0, G_OPTION_ARG_NONE, &(w)->list, "Print what would be run, and run nothing", NULL},  \
	{"dry-run", 0, 0, G_OPTION_ARG_NONE, &(w)->list, "The same", NULL}
/* clang-format on */

/* What --help tells of them, an example each. */
extern const char sweep_words_help[];

/* Reads them; `name` (NULL: none) is that of a [sweep] group.  False, and the message printed. */
bool sweep_words_take(struct sweep_words *words, const char *name, uint64_t seed);
void sweep_words_clear(struct sweep_words *words);

/* Prints the runs and how many there are. */
void sweep_list(const struct sweep *sweep);

#endif
