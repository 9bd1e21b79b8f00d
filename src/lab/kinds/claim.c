/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [claim NAME]: what a source says of a real machine, and where a run of the scenario says it. */
#include "lab/kinds/kinds.h"

struct conf {
	char *config, *measure, *over_config, *over, *unit;
	double times, real, error;
	int bound;
};

static const char *const bound_words[] = {"none", "least", "most", NULL};

static const struct key keys[] = {
	REF("config", TEXT, config, "config", "in which it is measured"),
	K("measure", TEXT, measure, "name of run.json, such as server.cpu_total"),
	REF("over_config", TEXT, over_config, "config",
            "in which what it is divided by is measured"),
	K("over", TEXT, over, "measure that it is divided by; not given: by none"),
	K("times", FACTOR, times, "what it is multiplied by"),
	K("unit", TEXT, unit, "of the product"),
	K("real", FACTOR, real, "what the source says"),
	R("error", SHARE, error, 0, 1, "how far off the source itself may be"),
	C("bound", bound, bound_words,
          "what the source says is a number, or the least or the most that it can be"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->times = 1;
	c->error = 0.1;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	(void)sc;
	if (!c->measure)
		return group_wrong(group, "measure", error, "missing; allowed: a name of run.json");
	return c->real > 0 ||
	       group_wrong(group, "real", error, "missing; allowed: what the source says");
}

const struct kind kind_claim = {
	.name = "claim",
	.help = "what a source says of a real machine",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
};
