/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client that fetches a file from its start on, a number of times. */
#include "apps/fetch.h"

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "lab/world/verdict.h"

struct conf {
	struct fetch_conf fetch;
	char *peer, *target, *path, *fileset;
	sim_time start;
	bool enabled;
};

struct live {
	struct world *world;
	struct peer *peer;
	struct fetch_conf conf;
	struct fetch *fetch; /* NULL before the start */
};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("peer", TEXT, peer, "peer", "peer group whose first machine fetches"),
	NEED("target", TEXT, target, "server", "interface that it asks"),
	R("port", COUNT, fetch.port, 1, 65535, "of the server"),
	REF("fileset", TEXT, fileset, "fileset", "the fileset group whose file it fetches"),
	K("path", TEXT, path, "instead of a fileset: a path, its bytes not checked"),
	R("start", TIME, start, 0, DAY, "when"),
	R("times", COUNT, fetch.times, 1, 1e6, "how often"),
	R("line_speed", RATE, fetch.line_speed, 0, 1e12, "0bit/s: as it comes"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->fetch.port = 80;
	c->fetch.times = 1;
	c->start = CLIENT_START;
	c->enabled = true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	(void)sc;
	return file_check(group, error);
}

static void start(void *arg) {
	struct live *live = arg;

	live->fetch = fetch_start(live->peer, &live->conf, world_program_done, live->world);
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	struct live *live = g_new0(struct live, 1);

	(void)error;
	live->world = world;
	live->peer = peer_called(world, c->peer);
	live->conf = c->fetch;
	live->conf.addr = target_called(world, c->target);
	file_called(world->sc, group, &live->conf.path, &live->conf.pattern_key);
	world_program_runs(world);
	group->live = live;
	sim_call_at(world->sim, c->start, start, live);
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	if (live->fetch)
		fetch_free(live->fetch);
	g_free(live);
}

static const struct measured measures[] = {
	{.name = "done", .unit = "1", .help = "files fetched", .adds = ADDS_SUM, .head = "fetched"},
	{.name = "failed",
         .unit = "1",
         .help = "of the whole run",
         .adds = ADDS_SUM,
         .head = "failed"},
	{.name = "error",
         .unit = "errno",
         .help = "negative: why the last that failed did",
         .adds = ADDS_NOT},
	{.name = "status", .unit = "1", .help = "of the last answer, by HTTP", .adds = ADDS_NOT},
	{.name = "bytes",
         .unit = "B",
         .help = "of bodies",
         .adds = ADDS_SUM,
         .bins = true,
         .head = "received"},
	{.name = "wrong_bytes",
         .unit = "B",
         .help = "of them wrong, in the whole run",
         .adds = ADDS_SUM,
         .head = "wrong"},
	{.name = "unfinished",
         .unit = "1",
         .help = "1: it had not fetched all when the run was over",
         .adds = ADDS_SUM},
	{.name = "connect_us",
         .unit = "us",
         .help = "mean time to connect",
         .adds = ADDS_MEAN,
         .weight = "done",
         .head = "connect"},
	{.name = "first_byte_us",
         .unit = "us",
         .help = "mean time from connect to the first byte",
         .adds = ADDS_MEAN,
         .weight = "done"},
	{.name = "total_us",
         .unit = "us",
         .help = "mean time from connect to the last byte",
         .adds = ADDS_MEAN,
         .weight = "done",
         .head = "total",
         .column = "fetch_us",
         .axis = "fetch, us"},
	MEASURES_PERCENTILES("total", "us", "of the times from connect to the last byte"),
};

static void tell_fetch(struct reading *reading, const struct group *group) {
	const struct live *live = group->live;
	struct fetch_result r = {0};

	if (live->fetch)
		fetch_result(live->fetch, &r);
	tell(reading, "done", r.done);
	tell(reading, "failed", r.failed);
	tell(reading, "error", r.error);
	tell(reading, "status", r.status);
	tell(reading, "bytes", (double)r.bytes);
	tell(reading, "wrong_bytes", (double)r.wrong);
	tell(reading, "unfinished", !r.finished && !live->world->open_ended);
	if (r.answered == 0)
		return;
	tell(reading, "connect_us", sim_to_us(r.connect_time));
	tell(reading, "first_byte_us", sim_to_us(r.first_byte_time));
	tell(reading, "total_us", sim_to_us(r.total_time));
}

/* Of the one measure that bins have. */
static double total(const struct group *group, const char *measure) {
	const struct live *live = group->live;
	struct fetch_result r = {0};

	(void)measure; /* bytes */
	if (live->fetch)
		fetch_result(live->fetch, &r);
	return (double)r.bytes;
}

static const struct histogram *durations(const struct group *group, const char *name) {
	const struct live *live = group->live;

	(void)name; /* total */
	return live->fetch ? fetch_totals(live->fetch) : NULL;
}

static void reset(struct group *group) {
	struct live *live = group->live;

	if (live->fetch)
		fetch_reset(live->fetch);
}

static void judge(const struct look *look) {
	unsigned times = ((const struct conf *)look->group->conf)->fetch.times;
	double failed = look_at(look, "failed");
	int error = -(int)look_at(look, "error"), status = (int)look_at(look, "status");

	if (failed > 0 && error)
		look_blame(look, "%.0f of %u failed: %s", failed, times, g_strerror(error));
	else if (failed > 0)
		look_blame(look, "%.0f of %u failed: the server answered with status %d", failed,
		           times, status);
	if (look_at(look, "wrong_bytes") > 0)
		look_blame(look, "%.0f bytes were wrong", look_at(look, "wrong_bytes"));
	if (look_at(look, "unfinished") > 0)
		look_blame(look, "had not fetched all when the run was over");
}

static unsigned talks(const struct group *group) {
	(void)group;
	return 1;
}

const struct kind kind_fetch = {
	.name = "fetch",
	.help = "a client that fetches a file",
	.title = "Fetches",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_CLIENT,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.columns_at = 6,
	.reset = reset,
	.tell = tell_fetch,
	.total = total,
	.durations = durations,
	.judge = judge,
	.talks = talks,
};
