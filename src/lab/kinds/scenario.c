/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [scenario]: the run as a whole. */
#include "lab/kinds/kinds.h"

/* Everybody may read it: scenario_head(). */
#define conf scenario_head

static const struct key keys[] = {
	K("title", TEXT, title, "what the scenario shows"),
	R("warmup", TIME, warmup, 0, DAY, "time before the measuring window"),
	R("duration", TIME, duration, 0, DAY, "measuring window; 0s: until the programs end"),
	R("batch", TIME, batch, 0, DAY,
          "part of the window for confidence intervals; 0s: a twentieth"),
	R("limit", TIME, limit, SIM_US, DAY, "a run without duration is given up then"),
	K("sweep", NAMES, sweep, "what sweep varies: GROUP.KEY=A;B;C, ..."),
	K("figure", NAMES, figure, "columns that sweep's figure shows; not given: all"),
};

static void init(void *head) { ((struct scenario_head *)head)->limit = 3600 * SIM_S; }

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct scenario_head *head = scenario_head(sc);

	if (head->duration == 0 || head->batch <= head->duration / 2)
		return true;
	return group_wrong(
		group, "batch", error,
		"longer than half of the window, so that there is no interval; allowed: up to "
		"half of scenario.duration");
}

const struct kind kind_scenario = {
	.name = "scenario",
	.help = "the scenario as a whole",
	.size = sizeof(struct scenario_head),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
};
