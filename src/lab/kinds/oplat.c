/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times each operation of a socket (group->live: struct oplat). */
#include "apps/oplat.h"

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "lab/world/verdict.h"

struct conf {
	struct oplat_conf op;
	char *host, *peer, *target;
	int family;
	bool enabled;
};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that runs it"),
	K("enabled", BOOL, enabled, "no: it is left out"),
	C("family", family, family_words, "protocol family that the program names"),
	NEED("peer", TEXT, peer, "peer", "peer group whose first machine answers and calls"),
	NEED("target", TEXT, target, "interface", "interface that it calls"),
	R("port", COUNT, op.port, 1, 65535, "of both sides' servers"),
	R("rounds", COUNT, op.rounds, 1, 1e6, "each operation is timed that often"),
	R("exchanges", COUNT, op.exchanges, 0, 1e7, "datagram request-reply pairs"),
	R("idle", TIME, op.idle, 0, DAY, "a receive waits in vain for this long"),
	R("message", BYTES, op.message, 1, 1400, "of a send"),
};

static void init(void *conf) {
	struct conf *c = conf;

	oplat_conf_default(&c->op);
	c->host = g_strdup("server");
	c->enabled = true;
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;

	(void)error;
	c->op.family = family_number(c->family);
	c->op.peer_addr = target_called(world, c->peer);
	c->op.own_addr = target_called(world, c->target);
	world_program_runs(world);
	group->live = oplat_start(host_called(world, c->host), peer_called(world, c->peer), &c->op,
	                          world_program_done, world);
	return true;
}

static void end(struct group *group) { oplat_free(group->live); }

static const struct measured measures[] = {
#define X(op)                                                                                      \
	{.name = #op "_us", .unit = "us", .help = "mean time that " #op "() takes",                \
	 .adds = ADDS_MEAN, .head = #op "()", .column = #op "_us", .axis = #op "(), us"},
	OPLAT_OPS(X)
#undef X
		{.name = "accept_wake_us",
                 .unit = "us",
                 .help = "from a connection's handshake to the return of an "
                         "accept() that slept",
                 .adds = ADDS_MEAN,
                 .head = "accept(), asleep",
                 .column = "accept_wake_us",
                 .axis = "accept() that slept, us"},
	{.name = "exchange_us",
         .unit = "us",
         .help = "mean round trip of a datagram and its answer",
         .adds = ADDS_MEAN,
         .head = "exchange",
         .column = "exchange_us",
         .axis = "datagram exchange, us"},
	MEASURES_PERCENTILES("exchange", "us", "of single exchanges"),
	{.name = "exchanges",
         .unit = "1/s",
         .help = "exchanges per second",
         .adds = ADDS_SUM,
         .head = "exchanges",
         .column = "exchanges_per_s",
         .axis = "exchanges per second"},
	{.name = "exchange_cpu",
         .unit = "%",
         .help = "of the host's time that it works, while exchanges run",
         .adds = ADDS_MEAN,
         .head = "CPU of them",
         .column = "exchange_cpu_pct",
         .axis = "host CPU of exchanges, %"},
	{.name = "idle_cpu",
         .unit = "%",
         .help = "the same, while a receive waits in vain",
         .adds = ADDS_MEAN,
         .head = "CPU, in vain",
         .column = "idle_cpu_pct",
         .axis = "host CPU of a receive in vain, %"},
	{.name = "error",
         .unit = "errno",
         .help = "negative: what failed",
         .adds = ADDS_NOT,
         .column = "oplat_error"},
};

static void tell_oplat(struct reading *reading, const struct group *group) {
	struct oplat_result r;

	oplat_result(group->live, &r);
	for (unsigned i = 0; i < OPLAT_OPS_COUNT; i++) {
		g_autofree char *name = g_strdup_printf("%s_us", oplat_op_names[i]);

		tell(reading, name, r.us[i]);
	}
	tell(reading, "accept_wake_us", r.accept_wake_us);
	tell(reading, "exchange_us", r.exchange_us);
	tell(reading, "exchanges", r.exchanges_per_s);
	tell(reading, "exchange_cpu", r.exchange_cpu_pct);
	tell(reading, "idle_cpu", r.idle_cpu_pct);
	tell(reading, "error", r.error);
}

static const struct histogram *durations(const struct group *group, const char *name) {
	(void)name; /* exchange */
	return oplat_exchanges(group->live);
}

static void reset(struct group *group) { oplat_reset(group->live); }

static void judge(const struct look *look) {
	if (look_at(look, "error") < 0)
		look_blame(look, "failed: %s", g_strerror(-(int)look_at(look, "error")));
}

const struct kind kind_oplat = {
	.name = "oplat",
	.help = "times each operation of a socket",
	.title = "Operations",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.stage = STAGE_BENCH,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.columns_at = 7,
	.reset = reset,
	.tell = tell_oplat,
	.durations = durations,
	.judge = judge,
};
