/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs of a scenario: from groups to running servers, clients and benchmarks. */
#include <string.h>
#include <sys/socket.h>

#include "host/socket/socket.h"
#include "lab/world/lessons.h"
#include "lab/scenario/validate.h"
#include "lab/world/world.h"

static int family_number(int choice) { return choice ? AF_TOE : AF_INET; }

static struct kernel *host_called(const struct world *world, const char *name) {
	return scenario_find(world->sc, TYPE_HOST, name)->live;
}

static struct peer_set *peers_called(const struct world *world, const char *name) {
	return scenario_find(world->sc, TYPE_PEER, name)->live;
}

static GPtrArray *peers_of(const struct world *world, char **names) {
	GPtrArray *peers = g_ptr_array_new();

	for (unsigned i = 0; names[i]; i++) {
		const struct peer_set *set = peers_called(world, names[i]);

		for (unsigned j = 0; j < set->n; j++)
			g_ptr_array_add(peers, set->peer[j]);
	}
	return peers;
}

static GArray *targets_of(const struct world *world, char **names) {
	GArray *targets = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (unsigned i = 0; names[i]; i++) {
		uint32_t addr = group_address(scenario_machine(world->sc, names[i])).addr;

		g_array_append_val(targets, addr);
	}
	return targets;
}

/* Programs have a key `enabled`, by which experiments choose among them. */
static bool group_enabled(const struct group *group) {
	const struct key *key = type_key(group->type, "enabled");

	return *(const bool *)((const char *)group->conf + key->offset);
}

/* --- servers and benchmarks ---------------------------------------------------------------------- */

static void build_web(struct world *world, struct group *group) {
	struct web_group *web = group->conf;

	web->conf.family = family_number(web->family);
	group->live = web_start(host_called(world, web->host), &web->conf);
}

static void build_sendbench(struct world *world, struct group *group) {
	struct sendbench_group *sb = group->conf;
	struct sendbench_pair *pair = g_new0(struct sendbench_pair, 1);
	const struct group *peer = scenario_find(world->sc, TYPE_PEER, sb->peer);

	sb->conf.family = family_number(sb->family);
	sb->conf.addr = group_address(peer).addr;
	world->unfinished++;
	pair->sink = sink_start(((struct peer_set *)peer->live)->peer[0], sb->conf.port);
	pair->bench = sendbench_start(host_called(world, sb->host), &sb->conf, world_program_done,
	                              world);
	group->live = pair;
}

static void build_oplat(struct world *world, struct group *group) {
	struct oplat_group *op = group->conf;
	const struct group *peer = scenario_find(world->sc, TYPE_PEER, op->peer);

	op->conf.family = family_number(op->family);
	op->conf.peer_addr = group_address(peer).addr;
	op->conf.own_addr = group_address(scenario_machine(world->sc, op->target)).addr;
	world->unfinished++;
	group->live = oplat_start(host_called(world, op->host),
	                          ((struct peer_set *)peer->live)->peer[0], &op->conf,
	                          world_program_done, world);
}

static void build_specweb(struct world *world, struct group *group) {
	struct specweb_group *web = group->conf;
	g_autoptr(GPtrArray) peers = peers_of(world, web->peers);
	g_autoptr(GArray) targets = targets_of(world, web->targets);

	web->conf.connections = specweb_group_connections(web);
	memcpy(web->conf.mix, web->class_share, sizeof web->conf.mix);
	group->live = specweb_start(world->sim, (struct peer *const *)peers->pdata, peers->len,
	                            (const uint32_t *)(void *)targets->data, targets->len,
	                            &web->conf);
}

static void build_streaming(struct world *world, struct group *group) {
	struct streaming_group *st = group->conf;
	g_autoptr(GPtrArray) peers = peers_of(world, st->peers);
	g_autoptr(GArray) targets = targets_of(world, st->targets);

	st->conf.family = family_number(st->family);
	group->live = streaming_start(host_called(world, st->host),
	                              (struct peer *const *)peers->pdata, peers->len,
	                              (const uint32_t *)(void *)targets->data, targets->len,
	                              &st->conf);
}

static void start_fetch(void *arg) {
	struct fetch_run *run = arg;

	run->fetch = fetch_start(run->peer, &run->conf, world_program_done, run->world);
}

static void build_fetch(struct world *world, struct group *group) {
	const struct fetch_group *fetch = group->conf;
	const struct group *files = scenario_find(world->sc, TYPE_FILESET, fetch->fileset);
	struct fetch_run *run = g_new0(struct fetch_run, 1);

	run->world = world;
	run->peer = peers_called(world, fetch->peer)->peer[0];
	run->conf = fetch->conf;
	run->conf.addr = group_address(scenario_machine(world->sc, fetch->target)).addr;
	run->conf.path = files ? ((struct fileset_group *)files->conf)->path : fetch->path;
	run->conf.pattern_key = files ? files_pattern_key(files->conf) : 0;
	world->unfinished++;
	group->live = run;
	sim_call_at(world->sim, fetch->start, start_fetch, run);
}

/* --- all of them --------------------------------------------------------------------------------- */

bool programs_build(struct world *world, GError **error) {
	static const struct {
		enum type_id type;
		void (*build)(struct world *world, struct group *group);
	} builders[] = {
		{TYPE_WEB, build_web},
		{TYPE_SENDBENCH, build_sendbench},
		{TYPE_OPLAT, build_oplat},
		{TYPE_SPECWEB, build_specweb},
		{TYPE_STREAMING, build_streaming},
		{TYPE_FETCH, build_fetch},
		{TYPE_PROGRAM, lessons_build_program},
		{TYPE_RUN, lessons_build_run},
		{TYPE_EVENT, lessons_build_event},
		{TYPE_ECHO, lessons_build_echo},
	};
	struct group *group;

	if (!files_build(world, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(builders); i++)
		for (unsigned j = 0; (group = scenario_nth(world->sc, builders[i].type, j)); j++)
			if (group_enabled(group))
				builders[i].build(world, group);
	if (world->unfinished == 0 && scenario_head(world->sc)->duration == 0 &&
	    !scenario_nth(world->sc, TYPE_TAP, 0)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: [scenario] duration: missing, and no program ends by itself; allowed: a "
		            "time such as 10s", world->sc->text->file);
		return false;
	}
	return true;
}

static void free_program(struct group *group) {
	struct sendbench_pair *pair = group->live;
	struct fetch_run *run = group->live;

	switch (type_id(group->type)) {
	case TYPE_WEB:
		web_free(group->live);
		break;
	case TYPE_SENDBENCH:
		sendbench_free(pair->bench);
		sink_free(pair->sink);
		g_free(pair);
		break;
	case TYPE_OPLAT:
		oplat_free(group->live);
		break;
	case TYPE_SPECWEB:
		specweb_free(group->live);
		break;
	case TYPE_STREAMING:
		streaming_free(group->live);
		break;
	case TYPE_FETCH:
		if (run->fetch)
			fetch_free(run->fetch);
		g_free(run);
		break;
	case TYPE_PROGRAM:
	case TYPE_RUN:
	case TYPE_EVENT:
	case TYPE_ECHO:
		lessons_free(group);
		break;
	default:
		return;
	}
	group->live = NULL;
}

void programs_free(struct world *world) {
	for (guint i = 0; i < world->sc->groups->len; i++) {
		struct group *group = world->sc->groups->pdata[i];

		if (group->live)
			free_program(group);
	}
}
