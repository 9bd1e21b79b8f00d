/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SOP module of a host. */
#include "sop/sop.h"

#include <errno.h>

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "lab/world/verdict.h"

struct conf {
	struct sop_conf sop;
	char *host;
	bool loaded;
	sim_time load_at; /* 0: before everything */
};

/* None: not to be loaded, or not yet. */
struct live {
	struct kernel *kernel;
	struct module *module;
	int error; /* of module_load() */
};

static const char *const accept_modes[] = {"per-call", "standing", NULL};
static const char *const receive_modes[] = {"interval", "wait-all", NULL};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that loads the module"),
	K("loaded", BOOL, loaded, "no: the module is not loaded"),
	R("load_at", TIME, load_at, 0, DAY, "when; 0s: before the programs start"),
	C("accept", sop.accept, accept_modes,
          "threads for an accept on several stacks: made per call, or standing"),
	C("receive", sop.receive, receive_modes,
          "blocking receive on several stacks: ask at an interval, or sleep on all"),
	R("recv_interval", TIME, sop.recv_interval, SIM_US, 10 * SIM_S, "of the sweep"),
	K("connect_on_refused_only", BOOL, sop.connect_on_refused_only,
          "only a refusal tries the next stack"),
	K("listen_all_or_nothing", BOOL, sop.listen_all_or_nothing,
          "one stack's failure fails listen"),
};

static void init(void *conf) {
	struct conf *c = conf;

	sop_conf_default(&c->sop);
	c->host = g_strdup("server");
	c->loaded = true;
}

/* The n-th card of a machine; NULL. */
static const struct group *nth_card(const struct scenario *sc, const char *host, unsigned n) {
	struct group *card;

	for (unsigned i = 0; (card = scenario_nth(sc, &kind_toe, i)); i++)
		if (g_str_equal(group_text(scenario_named_by(sc, card, "bus"), "host"), host) &&
		    !n--)
			return card;
	return NULL;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const char *host = ((const struct conf *)group->conf)->host;
	const struct group *card = nth_card(sc, host, SOP_STACKS_MAX - 1);

	return !card ||
	       group_wrong(card, "type", error,
	                   "one card too many for [%s]; allowed: up to %d cards in '%s', since SOP "
	                   "has %d stacks and INET is one of them",
	                   group->name, SOP_STACKS_MAX - 1, host, SOP_STACKS_MAX);
}

/* --- life ------------------------------------------------------------------------------------- */

static struct live *live_new(const struct world *world, const struct conf *c) {
	struct live *live = g_new0(struct live, 1);

	live->kernel = host_called(world, c->host);
	live->module = sop_module_new(&c->sop);
	return live;
}

static void load(void *arg) {
	struct live *live = arg;

	live->error = module_load(live->kernel, live->module);
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	struct live *live;

	if (!c->loaded)
		return true;
	live = group->live = live_new(world, c);
	if (c->load_at)
		sim_call_at(world->sim, c->load_at, load, live);
	else
		load(live);
	return live->error == 0 || world_failed(group, "loaded", live->error, error);
}

static void end(struct group *group) {
	sop_module_free(((struct live *)group->live)->module);
	g_free(group->live);
}

static int act(struct world *world, struct group *group, const struct deed *deed) {
	struct live *live = group->live;

	if (deed->what == DEED_UNLOAD)
		return live ? module_unload(live->kernel, "sop") : -ENOENT;
	if (!live)
		live = group->live = live_new(world, group->conf);
	return module_load(live->kernel, live->module);
}

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "error",
         .unit = "errno",
         .help = "negative: why it could not be loaded during the run",
         .adds = ADDS_NOT},
	/* The module says itself what it counts. */
	{.name = "*",
         .unit = "1",
         .help = "what the module decided, as sopstat shows it",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
};

static void tell_sop(struct reading *r, const struct group *group) {
	const struct live *live = group->live;
	const char *name;
	uint64_t value;

	for (size_t i = 0; sop_counter(live->module, i, &name, &value); i++)
		tell(r, name, (double)value);
	if (live->error)
		tell(r, "error", live->error);
}

/* The module was to be loaded in the middle of the run. */
static void judge(const struct look *look) {
	if (look_at(look, "error") < 0)
		look_blame(look, "could not be loaded: %s",
		           g_strerror(-(int)look_at(look, "error")));
}

const struct kind kind_sop = {
	.name = "sop",
	.help = "the SOP module",
	.title = "SOP module",
	.is = "eventful",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_MODULE,
	.ends = ENDS_MODULE,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_sop,
	.judge = judge,
	.deeds = 1U << DEED_LOAD | 1U << DEED_UNLOAD,
	.act = act,
};
