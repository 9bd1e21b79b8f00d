/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPECweb99's clients (group->live: struct specweb). */
#include "apps/specweb.h"

#include <math.h>
#include <string.h>

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "lab/world/verdict.h"

struct conf {
	struct specweb_conf web;
	char **peers, **targets;
	double offered; /* requests per second; 0: `connections` counts */
	double class_share[SPECWEB_CLASSES];
	bool enabled;
};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: they are left out"),
	NEED("peers", NAMES, peers, "peer", "peer groups that the clients run on"),
	NEED("targets", NAMES, targets, "server", "interfaces that they ask, in turn"),
	R("offered", PER_SECOND, offered, 0, 1e6,
          "requests that the connections offer; 0/s: `connections` counts"),
	R("connections", COUNT, web.connections, 1, 1e6, "simultaneous"),
	R("directories", COUNT, web.directories, 0, FILES_MAX_DIRECTORIES, "0: SPECweb99's rule"),
	R("class0", SHARE, class_share[0], 0, 1, "requests for files of 0.1 KiB steps"),
	R("class1", SHARE, class_share[1], 0, 1, "requests for files of 1 KiB steps"),
	R("class2", SHARE, class_share[2], 0, 1, "requests for files of 10 KiB steps"),
	R("class3", SHARE, class_share[3], 0, 1, "requests for files of 100 KiB steps"),
	R("line_speed", RATE, web.line_speed, 0, 1e12,
          "a connection reads at most; 0bit/s: as it comes"),
	R("ramp", TIME, web.ramp, 0, DAY, "connections start spread over this"),
	R("timeout", TIME, web.timeout, SIM_MS, DAY, "without progress: an error"),
	R("port", COUNT, web.port, 1, 65535, "of the server"),
	K("verify", BOOL, web.verify, "check each byte"),
};

static void init(void *conf) {
	struct conf *c = conf;

	specweb_conf_default(&c->web);
	memcpy(c->class_share, c->web.mix, sizeof c->class_share);
	c->enabled = true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const double *share = ((const struct conf *)group->conf)->class_share;
	double sum = share[0] + share[1] + share[2] + share[3];

	(void)sc;
	return fabs(sum - 1) <= 1e-9 ||
	       group_wrong(group, "class0", error,
	                   "the shares of the four classes add up to %g; allowed: 1", sum);
}

static unsigned connections(const struct group *group) {
	const struct conf *c = group->conf;
	double each = specweb_offered(1, c->web.line_speed);

	return c->offered <= 0 ? c->web.connections : (unsigned)fmax(1, round(c->offered / each));
}

unsigned specweb_asks(const struct group *group) {
	const struct conf *c = group->conf;

	return c->web.directories ? c->web.directories : specweb_directories(connections(group));
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;
	g_autoptr(GPtrArray) peers = peers_called(world, c->peers);
	g_autoptr(GArray) targets = targets_called(world, c->targets);

	(void)error;
	c->web.connections = connections(group);
	memcpy(c->web.mix, c->class_share, sizeof c->web.mix);
	group->live = specweb_start(world->sim, (struct peer *const *)peers->pdata, peers->len,
	                            (const uint32_t *)(void *)targets->data, targets->len, &c->web);
	return true;
}

static void end(struct group *group) { specweb_free(group->live); }

static const struct measured measures[] = {
	{.name = "requests",
         .unit = "1/s",
         .help = "requests completed, per second; their luck with sizes in the window is taken off",
         .adds = ADDS_SUM,
         .series = true,
         .control = "imbalance",
         .head = "requests",
         .interval = true,
         .column = "throughput_rps",
         .axis = "throughput, requests/s"},
	{.name = "imbalance",
         .unit = "1/s",
         .help = "requests completed beyond those that the bytes received are on average",
         .adds = ADDS_SUM},
	{.name = "connections", .unit = "1", .help = "simultaneous connections", .adds = ADDS_SUM},
	{.name = "completed", .unit = "1", .help = "requests completed", .adds = ADDS_SUM},
	{.name = "errors",
         .unit = "1",
         .help = "refused, reset, timed out, or of wrong bytes",
         .adds = ADDS_SUM,
         .head = "errors"},
	{.name = "bytes",
         .unit = "B",
         .help = "of bodies received",
         .adds = ADDS_SUM,
         .head = "received"},
	{.name = "response_s",
         .unit = "s",
         .help = "mean time from connect to the last byte",
         .adds = ADDS_MEAN,
         .weight = "completed",
         .head = "response"},
	MEASURES_PERCENTILES("response", "s", "of the times from connect to the last byte"),
	{.name = "connect_s",
         .unit = "s",
         .help = "mean time to connect",
         .adds = ADDS_MEAN,
         .weight = "completed"},
	{.name = "digest_high",
         .unit = "1",
         .help = "of the first requests: bits 47 to 24 of their digest",
         .adds = ADDS_NOT},
	{.name = "digest_low", .unit = "1", .help = "bits 23 to 0", .adds = ADDS_NOT},
};

static void tell_specweb(struct reading *reading, const struct group *group) {
	struct specweb_result r;
	double window;

	specweb_result(group->live, &r);
	window = sim_to_s(r.window);
	tell(reading, "connections", connections(group));
	tell(reading, "requests", window > 0 ? (double)r.requests / window : 0);
	tell(reading, "completed", (double)r.requests);
	tell(reading, "errors", (double)r.errors);
	tell(reading, "bytes", (double)r.bytes);
	if (r.requests) {
		tell(reading, "response_s", r.response_s);
		tell(reading, "connect_s", r.connect_s);
	}
	/* Its lower 48 bits in two halves: a table shows nine digits. */
	tell(reading, "digest_high", (double)(r.digest >> 24 & 0xffffff));
	tell(reading, "digest_low", (double)(r.digest & 0xffffff));
}

static void reset(struct group *group) { specweb_reset(group->live); }

static const struct histogram *durations(const struct group *group, const char *name) {
	(void)name; /* response */
	return specweb_responses(group->live);
}

static double total(const struct group *group, const char *measure) {
	struct specweb_result result;

	if (g_str_equal(measure, "imbalance"))
		return specweb_imbalance(group->live);
	specweb_result(group->live, &result); /* requests */
	return (double)result.requests;
}

static void judge(const struct look *look) {
	if (look_at(look, "errors") > 0)
		look_blame(look, "%.0f requests failed", look_at(look, "errors"));
	if (look_has(look, "completed") && look_at(look, "completed") == 0)
		look_blame(look, "nobody was served");
}

const struct kind kind_specweb = {
	.name = "specweb",
	.help = "SPECweb99 clients",
	.title = "SPECweb99 clients",
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
	.columns_at = 2,
	.reset = reset,
	.tell = tell_specweb,
	.total = total,
	.durations = durations,
	.judge = judge,
	.talks = connections,
};
