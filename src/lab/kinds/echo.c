/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [echo NAME]: a small program on a peer, that echoes, drops or asks. */
#include "apps/echo.h"

#include "lab/kinds/told.h"
#include "lab/world/verdict.h"

struct conf {
	struct echo_conf echo;
	char *peer, *target;
	int mode, expect;
	bool enabled;
};

struct live {
	struct world *world;
	struct echo *echo;
	struct sim_event settled; /* the end of a client's after-effects */
};

static const char *const modes[] = {"server",   "sink",     "connect", "udp-echo",
                                    "udp-send", "udp-sink", NULL};
static const char *const outcomes[] = {"ok", "refused", "reset", "timeout", NULL};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("peer", TEXT, peer, "peer", "peer group whose first machine it is"),
	C("mode", mode, modes, "what it does"),
	REF("target", TEXT, target, "interface", "interface that a client asks"),
	K("address", ADDRESS, echo.addr, "or its address"),
	K("group", ADDRESS, echo.group, "that the machine joins (UDP); none: of none"),
	R("ttl", COUNT, echo.ttl, 0, 255, "of what it sends to groups"),
	R("port", COUNT, echo.port, 1, 65535, "of the server"),
	R("local_port", COUNT, echo.local_port, 0, 65535, "of the client; 0: any"),
	R("bytes", BYTES, echo.bytes, 0, 1e8, "of a message"),
	K("answer", BOOL, echo.answer, "as many bytes must come back"),
	R("times", COUNT, echo.times, 1, 1e6, "messages"),
	R("connections", COUNT, echo.connections, 1, 1e6, "one after the other"),
	R("start", TIME, echo.start, 0, DAY, "of a client"),
	R("interval", TIME, echo.interval, 0, DAY, "between two messages"),
	R("timeout", TIME, echo.timeout, SIM_US, DAY, "of a connection or an answer"),
	C("expect", expect, outcomes, "how a client's connection ends"),
	K("quiet", BOOL, echo.quiet, "yes: tell the first and the last message only"),
};

static void init(void *conf) {
	struct conf *c = conf;

	echo_conf_default(&c->echo);
	c->mode = c->echo.mode;
	c->enabled = true;
}

static bool is_client(const struct conf *c) {
	return c->mode == ECHO_CONNECT || c->mode == ECHO_UDP_SEND;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;
	bool tcp = c->mode == ECHO_SERVER || c->mode == ECHO_SINK || c->mode == ECHO_CONNECT;

	(void)sc;
	if (is_client(c) && !c->target && !c->echo.addr)
		return group_wrong(group, "target", error,
		                   "missing; allowed: the interface that it asks");
	if (c->mode == ECHO_UDP_SEND && (c->echo.bytes == 0 || c->echo.bytes > 8192))
		return group_wrong(group, "bytes", error, "not of a datagram; allowed: 1 to 8192");
	if (c->echo.group && tcp)
		return group_wrong(group, "group", error,
		                   "TCP has none; allowed: with udp-echo, udp-sink, udp-send");
	if (c->echo.group && !IN_MULTICAST(c->echo.group))
		return group_wrong(group, "group", error,
		                   "no group; allowed: 224.0.0.0 to 239.255.255.255");
	return true;
}

/* --- life ------------------------------------------------------------------------------------- */

static void show(void *arg, const struct script_event *event) {
	told_show(((const struct live *)arg)->world, event);
}

static void settled(void *arg) { world_program_done(((const struct live *)arg)->world); }

static void client_done(void *arg) {
	struct live *live = arg;

	sim_event_init(&live->settled, settled, live);
	sim_after(live->world->sim, &live->settled, SETTLE);
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	struct live *live = g_new0(struct live, 1);
	struct echo_conf conf = c->echo;

	(void)error;
	live->world = world;
	group->live = live;
	conf.mode = (enum echo_mode)c->mode;
	conf.expect = (enum echo_outcome)c->expect;
	if (c->target)
		conf.addr = target_called(world, c->target);
	if (is_client(c))
		world_program_runs(world);
	live->echo = echo_start(peer_called(world, c->peer), group->name, &conf, show,
	                        is_client(c) ? client_done : NULL, live);
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	echo_free(live->echo);
	sim_cancel(live->world->sim, &live->settled);
	g_free(live);
}

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "connections",
         .unit = "1",
         .help = "connections made or taken",
         .adds = ADDS_SUM,
         .head = "connections"},
	{.name = "messages",
         .unit = "1",
         .help = "messages sent or received",
         .adds = ADDS_SUM,
         .head = "messages"},
	{.name = "bytes", .unit = "B", .help = "received", .adds = ADDS_SUM, .head = "received"},
	{.name = "answers",
         .unit = "1",
         .help = "answers that came",
         .adds = ADDS_SUM,
         .head = "answers"},
	{.name = "answer_us",
         .unit = "us",
         .help = "mean time to an answer",
         .adds = ADDS_MEAN,
         .weight = "answers",
         .head = "answer"},
	{.name = "answer_us_max",
         .unit = "us",
         .help = "the longest",
         .adds = ADDS_MAX,
         .head = "longest"},
	{.name = "failed",
         .unit = "1",
         .help = "what did not go as expected, and 1 if it did not end",
         .adds = ADDS_SUM,
         .head = "failed"},
	{.name = "wrong_bytes", .unit = "B", .help = "of answers", .adds = ADDS_SUM},
	{.name = "unfinished",
         .unit = "1",
         .help = "1: it had not asked all when the run was over",
         .adds = ADDS_SUM},
};

static void tell_echo(struct reading *reading, const struct group *group) {
	const struct live *live = group->live;
	bool client = is_client(group->conf), cut;
	struct echo_result r;

	echo_result(live->echo, &r);
	cut = client && !r.finished && !live->world->open_ended;
	tell(reading, "connections", (double)r.connections);
	tell(reading, "messages", (double)r.messages);
	tell(reading, "answers", (double)r.answers);
	tell(reading, "bytes", (double)r.bytes);
	tell(reading, "wrong_bytes", (double)r.wrong);
	tell(reading, "unfinished", cut);
	tell(reading, "failed", (double)r.failed + (r.wrong > 0) + cut);
	if (r.answers && client) {
		tell(reading, "answer_us", r.answer_us);
		tell(reading, "answer_us_max", r.answer_us_max);
	}
}

static void reset(struct group *group) { echo_reset(((struct live *)group->live)->echo); }

static void judge(const struct look *look) {
	double unfinished = look_at(look, "unfinished"),
	       failed = look_at(look, "failed") - unfinished;

	if (failed > 0)
		look_blame(
			look,
			"%.0f time%s not as expected: connections lost or refused, answers late or "
			"wrong",
			failed, failed == 1 ? "" : "s");
	if (unfinished > 0)
		look_blame(look, "had not asked all when the run was over");
}

static unsigned talks(const struct group *group) {
	return ((const struct conf *)group->conf)->target ? 1 : 0;
}

const struct kind kind_echo = {
	.name = "echo",
	.help = "a peer that echoes or asks",
	.title = "Small peers",
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
	.reset = reset,
	.tell = tell_echo,
	.judge = judge,
	.talks = talks,
};
