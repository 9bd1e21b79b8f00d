/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does --series ask for, and where do its lines go? */
#ifndef LAB_SERIES_OPTION_H
#define LAB_SERIES_OPTION_H

#include "lab/campaign/run.h"
#include "lab/figures/results.h"

#define COMMAND_SERIES(bin)                                                                        \
	{"series", 0, 0, G_OPTION_ARG_STRING, bin,                                                 \
	 "Write series.csv there too: what each such time saw; auto: 200 of them", "BIN"}

/* Has the run keep bins of that length, if one is given (NULL: none).  False and *error: it is none, or there is
 * no folder (`results` NULL). */
bool series_open(const char *bin, const struct scenario *sc, const struct results *results,
                 struct run_spec *spec, GError **error);
/* After the run: its lines are among the results.  False and *error. */
bool series_stage(const struct run_spec *spec, struct results *results, GError **error);

#endif
