/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [run NAME]: a command, on a host. */
#include "lab/kinds/told.h"
#include "lab/world/verdict.h"

struct conf {
	char *machine, *command;
	sim_time at;
	bool enabled;
};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("machine", TEXT, machine, "host", "the host that it runs on"),
	K("command", TEXT, command, "ifconfig, route, arp, netstat, sopstat"),
	R("at", TIME, at, 0, DAY, "when"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->machine = g_strdup("server");
	c->enabled = true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	(void)sc;
	return ((const struct conf *)group->conf)->command ||
	       group_wrong(group, "command", error, "missing; allowed: a command such as ifconfig");
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	struct told *told = told_new(world, group, false);

	(void)error;
	told_take(told, NULL,
	          script_start_command(host_called(world, c->machine), c->command, group->name,
	                               c->at, told_event, told_done, told));
	return true;
}

static void judge(const struct look *look) {
	if (look_at(look, "failed") > look_at(look, "unfinished"))
		look_blame(look, "the command did not end with status 0");
	if (look_at(look, "unfinished") > 0)
		look_blame(look, "the command had not ended when the run was over");
}

const struct kind kind_run = {
	.name = "run",
	.help = "a command",
	.title = "Commands",
	.is = "acts",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_TOLD,
	.build = build,
	.free = told_free,
	.measures = told_measures,
	.n_measures = TOLD_MEASURES,
	.tell = told_tell,
	.over = told_over,
	.judge = judge,
};
