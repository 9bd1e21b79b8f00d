/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [scenario]: the run as a whole. */
#include "lab/kinds/kinds.h"

#include <string.h>

#include "lab/kinds/parts.h"

/* Everybody may read it: scenario_head(). */
#define conf scenario_head

static const struct key keys[] = {
	K("title", TEXT, title, "what the scenario shows"),
	R("warmup", TIME, warmup, 0, DAY, "time before the measuring window"),
	R("duration", TIME, duration, 0, DAY, "measuring window; 0s: until the programs end"),
	R("batch", TIME, batch, 0, DAY,
          "part of the window for confidence intervals; 0s: a twentieth"),
	R("limit", TIME, limit, SIM_US, DAY, "a run without duration is given up then"),
	K("epoch", TEXT, epoch,
          "when it is as the run begins, by the clocks of real programs: UTC"),
	K("sweep", NAMES, sweep, "what sweep varies: GROUP.KEY=A;B;C, ..."),
	K("figure", NAMES, figure, "columns that sweep's figure shows; not given: all"),
};

static void init(void *data) {
	struct scenario_head *head = data;

	head->limit = 3600 * SIM_S;
	head->epoch = g_strdup("2005-01-01");
}

/* -1: it is none. */
static int64_t seconds_of(const char *date) {
	g_autofree char *full =
		strchr(date, 'T') ? g_strdup(date) : g_strconcat(date, "T00:00:00Z", NULL);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(full, utc);

	return time && g_date_time_get_year(time) < 2200 ? g_date_time_to_unix(time) : -1;
}

int64_t scenario_epoch(const struct scenario *sc) { return seconds_of(scenario_head(sc)->epoch); }

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct scenario_head *head = scenario_head(sc);

	if (!head->epoch || seconds_of(head->epoch) < 0)
		return group_wrong(group, "epoch", error,
		                   "'%s' is no date; allowed: 1970-01-01 to 2199-12-31, and a time "
		                   "such as 2005-01-01T12:30:00Z",
		                   head->epoch ? head->epoch : "");
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
