/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [sweep NAME]: what `sopsim sweep FILE NAME` runs. */
#include "lab/kinds/kinds.h"

struct conf {
	char *vary, *except;
	char **config, **experiment, **measure;
	unsigned sample, repeat;
};

static const struct key keys[] = {
	K("vary", TEXT, vary, "an axis, as --vary has it; in a block several, a line each"),
	K("except", TEXT, except, "combinations to be left out, as --except has them; a line each"),
	REF("config", NAMES, config, "config",
            "configs that it runs; not given: as experiments have them"),
	REF("experiment", NAMES, experiment, "experiment",
            "experiments that it runs; not given: all"),
	R("sample", COUNT, sample, 0, 10000, "points drawn from the open ranges; 0: none"),
	R("repeat", COUNT, repeat, 1, 10000, "replications of each point, with seeds of their own"),
	K("measure", NAMES, measure,
          "measures that table and figure show; not given: scenario.figure"),
};

static void init(void *conf) { ((struct conf *)conf)->repeat = 1; }

const struct kind kind_sweep = {
	.name = "sweep",
	.help = "runs over several values",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
};
