/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A web server on a host (group->live: struct web_server). */
#include "apps/web.h"

#include "lab/kinds/parts.h"
#include "lab/world/meters.h"

struct conf {
	struct web_conf web;
	char *host;
	int family;
	bool enabled;
};

static const char *const models[] = {"fork", "prefork", NULL};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that runs it"),
	K("enabled", BOOL, enabled, "no: it is left out"),
	C("family", family, family_words, "protocol family that the program names"),
	K("address", ADDRESS, web.addr, "it listens on"),
	R("port", COUNT, web.port, 1, 65535, "it listens on"),
	R("backlog", COUNT, web.backlog, 1, 65535, "of listen()"),
	C("model", web.model, models, "a process per connection, or a fixed set"),
	R("workers", COUNT, web.workers, 1, 100000, "processes at most"),
	R("write_size", BYTES, web.write_size, 1, 1e9, "of one write()"),
	K("access_log", BOOL, web.access_log, "a line for each request"),
	K("sendfile", BOOL, web.sendfile, "send bodies with sendfile()"),
};

static void init(void *conf) {
	struct conf *c = conf;

	web_conf_default(&c->web);
	c->host = g_strdup("server");
	c->enabled = true;
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;

	(void)error;
	c->web.family = family_number(c->family);
	group->live = web_start(host_called(world, c->host), &c->web);
	return true;
}

static void end(struct group *group) { web_free(group->live); }

static const struct measured measures[] = {
	{.name = "requests",
         .unit = "1",
         .help = "requests served",
         .adds = ADDS_SUM,
         .bins = true,
         .since = SINCE_OPENING,
         .head = "served"},
	{.name = "body_bytes",
         .unit = "B",
         .help = "of bodies sent",
         .adds = ADDS_SUM,
         .bins = true,
         .since = SINCE_OPENING,
         .head = "sent"},
	{.name = "not_found",
         .unit = "1",
         .help = "requests for files that there are none of",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "not found"},
	{.name = "aborted",
         .unit = "1",
         .help = "connections that ended before their answer",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "aborted"},
	{.name = "accepted",
         .unit = "1",
         .help = "connections accepted",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
	{.name = "bad_requests",
         .unit = "1",
         .help = "requests that it does not understand",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
	{.name = "error",
         .unit = "errno",
         .help = "negative: what kept it from serving",
         .adds = ADDS_NOT,
         .fatal = true},
};

static void tell_web(struct reading *r, const struct group *group) {
	struct web_counters c;

	web_counters(group->live, &c);
	tell(r, "accepted", (double)c.accepted);
	tell(r, "requests", (double)c.requests);
	tell(r, "not_found", (double)c.not_found);
	tell(r, "bad_requests", (double)c.bad_requests);
	tell(r, "aborted", (double)c.aborted);
	tell(r, "body_bytes", (double)c.body_bytes);
	tell(r, "error", web_error(group->live));
}

static double total(const struct group *group, const char *measure) {
	struct web_counters c;

	web_counters(group->live, &c);
	return (double)(g_str_equal(measure, "requests") ? c.requests : c.body_bytes);
}

const struct kind kind_web = {
	.name = "web",
	.help = "a web server",
	.title = "Web servers",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.stage = STAGE_SERVER,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_web,
	.total = total,
};
