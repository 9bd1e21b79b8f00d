/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which order is a world built, run and taken down? */
#include "lab/world/world.h"

#include <string.h>

#include "lab/world/captures.h"
#include "lab/world/follow.h"
#include "lab/world/window.h"
#include "net/engine/frame.h"

/* --- for kinds that build --------------------------------------------------------------------- */

bool world_failed(const struct group *group, const char *key, int error, GError **gerror) {
	g_set_error(gerror, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [%s] %s: %s; allowed: what the model can "
	            "build (see `sopsim params`)",
	            group->text->entries->len
	                    ? ((struct text_entry *)group->text->entries->pdata[0])->origin
	                    : "scenario",
	            group->text->name, key, g_strerror(-error));
	return false;
}

void world_stack(struct world *world, struct net_stack *stack) {
	g_ptr_array_add(world->stacks, stack);
	if (world->follow)
		follow_stack(world->follow, stack);
}

void world_mac(struct world *world, uint8_t mac[6]) {
	unsigned n = ++world->next_mac;

	memcpy(mac, (uint8_t[]){2, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n}, 6);
}

unsigned world_irq(struct world *world, const struct group *group) {
	return group_given(group, "irq") ? (unsigned)group_number(group, "irq")
	                                 : 5 + world->next_irq++ % 27;
}

void world_program_runs(struct world *world) { world->unfinished++; }

void world_program_done(void *arg) {
	struct world *world = arg;

	if (--world->unfinished == 0 && scenario_head(world->sc)->duration == 0)
		world_finish(world);
}

/* --- building --------------------------------------------------------------------------------- */

static bool build_kind(struct world *world, const struct kind *kind, GError **error) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, kind, i)); i++)
		if (group_enabled(group) && !kind->build(world, group, error))
			return false;
	return true;
}

static bool build_all(struct world *world, GError **error) {
	for (enum stage stage = STAGE_NONE + 1; stage < STAGES; stage++)
		for (const struct kind *const *kind = world->sc->kinds; *kind; kind++)
			if ((*kind)->stage == stage && !build_kind(world, *kind, error))
				return false;
	return true;
}

static bool may_run_for_ever(const struct scenario *sc) {
	bool endless = false;

	for (guint i = 0; !endless && i < sc->groups->len; i++)
		endless = kind_is(((const struct group *)sc->groups->pdata[i])->kind, "endless");
	return endless;
}

static bool will_end(const struct world *world, GError **error) {
	if (world->unfinished || scenario_head(world->sc)->duration || may_run_for_ever(world->sc))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [scenario] duration: missing, and no program ends by itself; allowed: a "
	            "time such as 10s",
	            world->sc->text->file);
	return false;
}

static void finish(void *arg) {
	const struct world *world = arg;

	sim_stop(world->sim);
}

struct world *world_new(const struct scenario *sc, uint64_t seed, GError **error) {
	const struct scenario_head *head = scenario_head(sc);
	struct world *world = g_new0(struct world, 1);

	world->sc = sc;
	world->until = head->duration ? head->warmup + head->duration : head->limit;
	world->sim = sim_new(seed);
	sim_event_init(&world->finish, finish, world);
	world->stacks = g_ptr_array_new();
	world->ports = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (build_all(world, error) && will_end(world, error)) {
		world->window = window_new(world);
		return world;
	}
	return NULL; /* the process of the run ends with it */
}

/* --- life ------------------------------------------------------------------------------------- */

void world_show(struct world *world, void *unused) {
	(void)unused;
	world->shown = true;
}

void world_finish(void *arg) {
	struct world *world = arg;

	sim_at(world->sim, &world->finish, sim_now(world->sim));
}

/* Programs that the end of the run cuts short say where they stand. */
static void cut_programs(const struct world *world) {
	struct group *group;

	for (const struct kind *const *kind = world->sc->kinds; *kind; kind++)
		for (unsigned i = 0; (*kind)->over && (group = scenario_nth(world->sc, *kind, i));
		     i++)
			if (group->live)
				(*kind)->over(group);
}

void world_run(struct world *world) {
	if (world->until != SIM_NEVER)
		sim_at(world->sim, &world->finish, world->until);
	sim_run(world->sim, world->until);
	cut_programs(world);
	window_close(world->window);
}

static void free_groups(const struct world *world, enum ending ending) {
	for (guint i = 0; i < world->sc->groups->len; i++) {
		struct group *group = world->sc->groups->pdata[i];

		if (!group->live || group->kind->ends != ending)
			continue;
		group->kind->free(group);
		group->live = NULL;
	}
}

void world_free(struct world *world) {
	window_free(world->window);
	for (guint i = 0; i < world->sc->groups->len; i++) {
		struct group *group = world->sc->groups->pdata[i];

		if (group->live && group->kind->halt)
			group->kind->halt(group);
	}
	for (enum ending ending = 0; ending < ENDINGS; ending++)
		free_groups(world, ending);
	captures_free(world->captures);
	g_hash_table_unref(world->ports);
	g_ptr_array_unref(world->stacks);
	sim_free(world->sim);
	frame_pool_drain();
	g_free(world);
}
