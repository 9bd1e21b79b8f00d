/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The send benchmark on a host, and the sink that it talks to on a peer. */
#include "apps/sendbench.h"

#include "lab/base/stats.h"
#include "lab/kinds/parts.h"
#include "lab/world/meters.h"

struct conf {
	struct sendbench_conf bench;
	char *host, *peer;
	int family;
	bool enabled;
};

struct live {
	struct sendbench *bench;
	struct sink *sink;
};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that runs it"),
	K("enabled", BOOL, enabled, "no: it is left out"),
	C("family", family, family_words, "protocol family that the program names"),
	NEED("peer", TEXT, peer, "peer", "peer group whose first machine is the sink"),
	R("port", COUNT, bench.port, 1, 65535, "of the sink"),
	R("sends", COUNT, bench.sends, 1, 1e7, "calls of send() in a repetition"),
	R("repetitions", COUNT, bench.repetitions, 1, 1000, "repetitions"),
	R("message", BYTES, bench.message, 1, 1 << 20, "bytes of one send()"),
	K("nodelay", BOOL, bench.nodelay, "TCP_NODELAY"),
	R("gap", TIME, bench.gap, 0, DAY, "pause between two repetitions"),
};

static void init(void *conf) {
	struct conf *c = conf;

	sendbench_conf_default(&c->bench);
	c->host = g_strdup("server");
	c->enabled = true;
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;
	struct live *live = g_new0(struct live, 1);

	(void)error;
	c->bench.family = family_number(c->family);
	c->bench.addr = target_called(world, c->peer);
	world_program_runs(world);
	live->sink = sink_start(peer_called(world, c->peer), c->bench.port);
	live->bench =
		sendbench_start(host_called(world, c->host), &c->bench, world_program_done, world);
	group->live = live;
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	sendbench_free(live->bench);
	sink_free(live->sink);
	g_free(live);
}

struct sendbench *sendbench_of(const struct group *group) {
	return ((const struct live *)group->live)->bench;
}

static const struct measured measures[] = {
	{.name = "latency_us",
         .unit = "us",
         .help = "of send(): mean over the repetitions without the "
                 "largest and the smallest",
         .adds = ADDS_MEAN,
         .weight = "repetitions",
         .head = "send()",
         .interval = true,
         .column = "send_latency_us",
         .axis = "send(), us"},
	{.name = "latency_us_ci95",
         .unit = "us",
         .help = "half of its 95 % confidence interval",
         .adds = ADDS_NOT},
	MEASURES_PERCENTILES("latency", "us", "of single sends"),
	{.name = "repetitions", .unit = "1", .help = "that the window saw whole", .adds = ADDS_SUM},
	{.name = "sunk_bytes",
         .unit = "B",
         .help = "that arrived at the sink",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "arrived"},
	{.name = "error",
         .unit = "errno",
         .help = "negative: what failed",
         .adds = ADDS_NOT,
         .fatal = true},
};

static void tell_sendbench(struct reading *r, const struct group *group) {
	const struct live *live = group->live;
	const double *latency;
	unsigned n;

	latency = sendbench_latencies(live->bench, &n);
	tell(r, "repetitions", n);
	tell(r, "error", sendbench_error(live->bench));
	tell(r, "sunk_bytes", (double)sink_bytes(live->sink));
	if (n == 0)
		return;
	tell(r, "latency_us", sendbench_trimmed_mean(latency, n));
	tell(r, "latency_us_ci95", stats_trimmed_ci95(latency, n));
}

static const struct histogram *durations(const struct group *group, const char *name) {
	(void)name; /* latency */
	return sendbench_sends(((const struct live *)group->live)->bench);
}

static void reset(struct group *group) { sendbench_reset(((struct live *)group->live)->bench); }

const struct kind kind_sendbench = {
	.name = "sendbench",
	.help = "the send benchmark",
	.title = "Send benchmark",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.stage = STAGE_BENCH,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.columns_at = 1,
	.reset = reset,
	.tell = tell_sendbench,
	.durations = durations,
};
