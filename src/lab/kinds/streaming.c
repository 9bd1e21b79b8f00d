/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A multimedia server and its viewers (group->live: struct streaming). */
#include "apps/streaming.h"

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "lab/world/verdict.h"

struct conf {
	struct streaming_conf stream;
	char *host;
	char **peers, **targets;
	int family;
	bool enabled;
};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that serves"),
	K("enabled", BOOL, enabled, "no: it is left out"),
	C("family", family, family_words, "protocol family that the program names"),
	NEED("peers", NAMES, peers, "peer", "peer groups that the viewers run on"),
	NEED("targets", NAMES, targets, "interface", "interfaces that they ask, in turn"),
	K("group", ADDRESS, stream.group, "one stream for all, by UDP; none: one each"),
	K("address", ADDRESS, stream.addr, "the server listens on"),
	R("port", COUNT, stream.port, 1, 65535, "the server listens on"),
	R("rate", RATE, stream.bits_per_s, 1e3, 1e12, "of one stream"),
	R("chunk", TIME, stream.chunk, SIM_US, 10 * SIM_S, "between two writes"),
	R("prebuffer", TIME, stream.prebuffer, 0, DAY, "play-out starts with this much"),
	R("viewers", COUNT, stream.viewers, 1, 100000, "viewers"),
	R("ramp", TIME, stream.ramp, 0, DAY, "viewers arrive spread over this"),
};

static void init(void *conf) {
	struct conf *c = conf;

	streaming_conf_default(&c->stream);
	c->host = g_strdup("server");
	c->enabled = true;
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;
	g_autoptr(GPtrArray) peers = peers_called(world, c->peers);
	g_autoptr(GArray) targets = targets_called(world, c->targets);

	(void)error;
	c->stream.family = family_number(c->family);
	group->live = streaming_start(
		host_called(world, c->host), (struct peer *const *)peers->pdata, peers->len,
		(const uint32_t *)(void *)targets->data, targets->len, &c->stream);
	return true;
}

static void end(struct group *group) { streaming_free(group->live); }

static const struct measured measures[] = {
	{.name = "playing",
         .unit = "1",
         .help = "viewers that started, in the whole run",
         .adds = ADDS_SUM,
         .head = "viewers"},
	{.name = "bytes",
         .unit = "B",
         .help = "received",
         .adds = ADDS_SUM,
         .bins = true,
         .head = "received"},
	{.name = "wrong_bytes",
         .unit = "B",
         .help = "of them wrong, in the whole run",
         .adds = ADDS_SUM,
         .head = "wrong"},
	{.name = "lost_bytes",
         .unit = "B",
         .help = "of a group's stream: bytes that never came",
         .adds = ADDS_SUM,
         .head = "lost"},
	{.name = "underruns",
         .unit = "1",
         .help = "times that a viewer's buffer ran dry",
         .adds = ADDS_SUM,
         .head = "without data"},
	{.name = "late_s",
         .unit = "s",
         .help = "time without data, of all viewers",
         .adds = ADDS_SUM},
};

static void tell_streaming(struct reading *reading, const struct group *group) {
	struct streaming_result r;

	streaming_result(group->live, &r);
	tell(reading, "playing", r.playing);
	tell(reading, "bytes", (double)r.bytes);
	tell(reading, "wrong_bytes", (double)r.wrong);
	if (((const struct conf *)group->conf)->stream.group)
		tell(reading, "lost_bytes", (double)r.lost);
	tell(reading, "underruns", (double)r.underruns);
	tell(reading, "late_s", r.late_s);
}

/* Of the one measure that bins have. */
static double total(const struct group *group, const char *measure) {
	struct streaming_result r;

	(void)measure; /* bytes */
	streaming_result(group->live, &r);
	return (double)r.bytes;
}

static void reset(struct group *group) { streaming_reset(group->live); }

static void judge(const struct look *look) {
	if (look_has(look, "playing") && look_at(look, "playing") == 0)
		look_blame(look, "nobody was served");
	if (look_at(look, "wrong_bytes") > 0)
		look_blame(look, "%.0f bytes were wrong", look_at(look, "wrong_bytes"));
}

static unsigned talks(const struct group *group) {
	const struct conf *c = group->conf;

	return c->stream.group ? TALKS_TO_ALL : c->stream.viewers;
}

const struct kind kind_streaming = {
	.name = "streaming",
	.help = "a multimedia server and its viewers",
	.title = "Streams",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.stage = STAGE_CLIENT,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.reset = reset,
	.tell = tell_streaming,
	.total = total,
	.judge = judge,
	.talks = talks,
};
