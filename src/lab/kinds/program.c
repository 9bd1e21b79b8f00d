/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [program NAME]: a program as text, on a host. */
#include "lab/kinds/told.h"
#include "lab/world/verdict.h"

struct conf {
	char *machine, *text;
	sim_time at;
	bool background; /* need not end */
	bool enabled;
};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("machine", TEXT, machine, "host", "the host that it runs on"),
	K("text", TEXT, text, "the program, a line per call: docs/programs.md"),
	R("at", TIME, at, 0, DAY, "when it starts"),
	K("background", BOOL, background, "yes: it need not come to its end"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->machine = g_strdup("server");
	c->enabled = true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;
	g_autoptr(GError) trouble = NULL;
	struct script *script;

	(void)sc;
	if (!c->text)
		return group_wrong(group, "text", error,
		                   "missing; allowed: a program, see docs/programs.md");
	script = script_read(c->text, &trouble);
	if (!script)
		return group_wrong(group, "text", error, "%s", trouble->message);
	script_drop(script);
	return true;
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	struct told *told = told_new(world, group, c->background);
	struct script *script = script_read(c->text, NULL);

	(void)error;
	told_take(told, script,
	          script_start(host_called(world, c->machine), script, group->name, c->at,
	                       told_event, told_done, told));
	return true;
}

/* "failed" counts what did not come to its end too. */
static void judge(const struct look *look) {
	double unfinished = look_at(look, "unfinished"),
	       failed = look_at(look, "failed") - unfinished;

	if (failed > 0)
		look_blame(look, "%.0f expectation%s did not hold", failed, failed == 1 ? "" : "s");
	if (unfinished > 0 && look_has(look, "cut_line"))
		look_blame(look, "had not ended when the run was over: it stood in line %.0f",
		           look_at(look, "cut_line"));
	else if (unfinished > 0)
		look_blame(look, "had not ended when the run was over");
}

const struct kind kind_program = {
	.name = "program",
	.help = "a program as text",
	.title = "Programs",
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
