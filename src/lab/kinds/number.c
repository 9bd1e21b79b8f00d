/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [number NAME]: what a paper says that was measured, and where a run says the same (sopsim infer). */
#include "lab/kinds/kinds.h"

struct conf {
	char *label, *experiment, *config, *measure;
	char *over_experiment, *over_config, *over, *minus, *tests;
	double times, less, paper, within;
};

static const struct key keys[] = {
	K("label", TEXT, label, "what it is, for people"),
	NEED("experiment", TEXT, experiment, "experiment", "experiment that measures it"),
	NEED("config", TEXT, config, "config", "config in which it is measured"),
	K("measure", TEXT, measure, "name of run.json, such as server.cpu_total"),
	REF("over_experiment", TEXT, over_experiment, "experiment",
            "experiment of what it is divided by"),
	REF("over_config", TEXT, over_config, "config", "config of what it is divided by"),
	K("over", TEXT, over, "measure that it is divided by; not given: by none"),
	K("times", FACTOR, times, "what it is multiplied by"),
	K("less", FACTOR, less, "what is taken off then: 100 of a gain in per cent"),
	REF("minus", TEXT, minus, "number", "another number that is taken off"),
	K("paper", FACTOR, paper, "what the paper says; not given: nothing"),
	K("within", FACTOR, within,
          "how far off a system may be; not given: the number is not used, and predicted"),
	REF("tests", TEXT, tests, "prior",
            "an unknown whose words are hypotheses: how well does each explain the number?"),
};

static void init(void *conf) { ((struct conf *)conf)->times = 1; }

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	(void)sc;
	if (!c->measure)
		return group_wrong(group, "measure", error, "missing; allowed: a name of run.json");
	if (c->over && (!c->over_experiment || !c->over_config))
		return group_wrong(group, "over", error,
		                   "not measured; allowed: with over_experiment and over_config");
	return c->within == 0 || group_given(group, "paper") ||
	       group_wrong(group, "paper", error, "missing; allowed: what the paper says");
}

const struct kind kind_number = {
	.name = "number",
	.help = "a number of a paper",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
};
