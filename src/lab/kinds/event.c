/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [event NAME]: something that happens to a card or the SOP module. */
#include <errno.h>

#include "lab/kinds/told.h"
#include "lab/world/verdict.h"
#include "pci/comm.h"

struct conf {
	char *target;
	sim_time at, time; /* time: of lie */
	int what, expect, lie;
	double factor; /* of slow */
	bool enabled;
};

struct live {
	struct world *world;
	struct group *group;
	struct sim_event event;
	unsigned failed, done;
};

static const char *const deeds[] = {"load", "unload", "fail",   "remove",
                                    "slow", "lie",    "insert", NULL};
static const char *const outcomes[] = {"ok", "busy", "exists", "missing", NULL};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	R("at", TIME, at, 0, DAY, "when"),
	C("do", what, deeds, "what happens"),
	NEED("target", TEXT, target, "eventful", "to the sop group or the card"),
	R("factor", FACTOR, factor, 0.001, 1e6, "slow: multiplies the firmware's costs"),
	C("lie", lie, comm_fault_names, "lie: what the card shows the host from then on"),
	R("time", TIME, time, SIM_NS, DAY,
          "lie: how late completions are, how often it interrupts"),
	C("expect", expect, outcomes, "the result; missing: no such module, or card"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->factor = 1;
	c->lie = COMM_FAULT_WRONG_COMMAND;
	c->time = SIM_MS;
	c->enabled = true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;
	const struct group *target = scenario_called(sc, "eventful", c->target);
	bool module = c->what == DEED_LOAD || c->what == DEED_UNLOAD;

	return target->kind->deeds >> c->what & 1 ||
	       group_wrong(group, "target", error, "%s",
	                   module ? "no sop group; allowed: load and unload of sop"
	                          : "no toe group; allowed: a card");
}

static void tell_event(const struct live *live, enum script_event_kind kind, const char *who,
                       const char *text) {
	struct script_event event = {
		.kind = kind,
		.when = sim_now(live->world->sim),
		.process = who,
		.text = text,
	};

	told_show(live->world, &event);
}

/* What the driver says of a card that an event made useless. */
static void card_is_out(void *arg, const char *why) {
	const struct live *live = arg;
	g_autofree char *text = g_strdup_printf("taken out: %s", why);

	tell_event(live, SCRIPT_END, ((const struct conf *)live->group->conf)->target, text);
}

/* Whether what an event did is what its scenario expects. */
static bool as_expected(const struct conf *c, int rc) {
	static const int wanted[] = {0, -EBUSY, -EEXIST, -ENOENT};

	if (rc == -ENODEV) /* of a card; of a module insmod and rmmod say -ENOENT */
		rc = -ENOENT;
	return rc == wanted[c->expect];
}

static void happen(void *arg) {
	struct live *live = arg;
	const struct conf *c = live->group->conf;
	struct group *target = scenario_called(live->world->sc, "eventful", c->target);
	const struct deed deed = {
		(enum deed_kind)c->what, c->factor, c->lie, c->time, card_is_out, live};
	int rc = target->kind->act(live->world, target, &deed);
	g_autofree char *text = g_strdup_printf("%s %s: %s", deeds[c->what], c->target,
	                                        rc < 0 ? g_strerror(-rc) : "done");

	tell_event(live, SCRIPT_END, live->group->name, text);
	live->done++;
	if (as_expected(c, rc))
		return;
	live->failed++;
	tell_event(live, SCRIPT_MISMATCH, live->group->name, "expected another result");
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct live *live = g_new0(struct live, 1);

	(void)error;
	live->world = world;
	live->group = group;
	group->live = live;
	sim_event_init(&live->event, happen, live);
	sim_at(world->sim, &live->event, ((const struct conf *)group->conf)->at);
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	sim_cancel(live->world->sim, &live->event);
	g_free(live);
}

static const struct measured measures[] = {
	{.name = "failed",
         .unit = "1",
         .help = "1: it did not happen, or not with the result expected",
         .adds = ADDS_SUM},
};

static void tell_failed(struct reading *r, const struct group *group) {
	const struct live *live = group->live;

	tell(r, "failed", live->failed + (live->done == 0));
}

static void judge(const struct look *look) {
	if (look_at(look, "failed") > 0)
		look_blame(look, "did not happen, or not with the result that was expected");
}

const struct kind kind_event = {
	.name = "event",
	.help = "something that happens to a card or the SOP module",
	.is = "acts",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_TOLD,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_failed,
	.judge = judge,
};
