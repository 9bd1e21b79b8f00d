/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [calibrate NAME]: a parameter to be fitted to a number of the paper. */
#include "lab/kinds/kinds.h"

struct conf {
	char **parameters; /* GROUP.KEY, a time or a factor, or a cost with lines in it */
	int term;          /* what of it is fitted */
	char *experiment, *config, *measure;
	double target, tolerance;
	char *low, *high; /* in the parameter's unit */
	unsigned order;
};

static const char *const terms[] = {"all", "lines", NULL};

static const struct key keys[] = {
	K("parameter", NAMES, parameters, "GROUP.KEY that is fitted; several: alike"),
	C("term", term, terms, "what of a cost is fitted: all of it, or the cold lines in it"),
	NEED("experiment", TEXT, experiment, "experiment", "experiment that measures"),
	NEED("config", TEXT, config, "config", "config that is measured"),
	K("measure", TEXT, measure, "name of the measure"),
	K("target", FACTOR, target, "the paper's value"),
	K("tolerance", FACTOR, tolerance, "difference that is small enough"),
	K("low", TEXT, low, "least plausible value of the parameter"),
	K("high", TEXT, high, "largest plausible value of the parameter"),
	R("round", COUNT, order, 0, 100, "groups of one round are fitted in turn"),
};

const struct kind kind_calibrate = {
	.name = "calibrate",
	.help = "a parameter to be fitted",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
};
