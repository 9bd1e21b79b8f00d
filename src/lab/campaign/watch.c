/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was the machine doing during one send? */
#include "lab/campaign/watch.h"

#include <string.h>

#include "apps/sendbench.h"
#include "lab/campaign/partition.h"
#include "lab/kinds/parts.h"

/* Which repetition is looked at: the first fills caches and windows. */
#define REPETITION 2

/* Who works, and how long: the spans that were told and the accounts that were kept. */
enum worker { HOST, CARD, BUS, WORKERS };
const char *const watch_workers[] = {"host", "card", "bus", NULL};
static const struct kind *const worker_kinds[WORKERS] = {&kind_host, &kind_toe, &kind_pci};

struct watch {
	struct world *world;
	struct sim *sim;
	struct partition *partition;
	double sends; /* of a repetition */
	unsigned repetitions;
	unsigned repetition;
	sim_time started, length;
	sim_time spans[WORKERS], account[WORKERS];
	struct sim_sink sink;
};

static void take_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                      sim_time start, sim_time end, sim_flow flow) {
	struct watch *seen = arg;
	enum worker who = BUS;

	(void)track, (void)flow;
	if (!layer)
		return; /* nobody works */
	if (g_str_equal(layer, "card"))
		who = CARD;
	else if (!g_str_equal(layer, "pci") || g_str_has_prefix(name, "mmio_"))
		who = HOST; /* the processor's stalls are of layer pci, too */
	partition_add(seen->partition, layer, name, start, end);
	seen->spans[who] += MAX(end - MAX(start, seen->started), 0);
}

/* Reading an account brings it, and the spans, up to now. */
static void read_accounts(const struct watch *seen, sim_time account[WORKERS]) {
	const struct scenario *sc = seen->world->sc;
	const struct group *group;

	memset(account, 0, WORKERS * sizeof *account);
	for (int w = 0; w < WORKERS; w++)
		for (unsigned i = 0; (group = scenario_nth(sc, worker_kinds[w], i)); i++)
			if (group->live)
				account[w] += group->kind->busy(group);
}

static void watch_repetition(void *arg, bool start) {
	struct watch *seen = arg;
	unsigned wanted = MIN(REPETITION, seen->repetitions);
	sim_time account[WORKERS];

	seen->repetition += start;
	if (seen->repetition != wanted)
		return;
	read_accounts(seen, account);
	for (int w = 0; w < WORKERS; w++)
		seen->account[w] = account[w] - (start ? 0 : seen->account[w]);
	if (start) {
		seen->started = sim_now(seen->sim);
		sim_sink_add(seen->sim, &seen->sink);
	} else {
		seen->length = sim_now(seen->sim) - seen->started;
		sim_sink_remove(seen->sim, &seen->sink);
	}
}

static void begin(struct world *world, void *arg) {
	struct watch *seen = arg;
	const struct group *group = scenario_nth(world->sc, &kind_sendbench, 0);

	seen->world = world;
	seen->sink = (struct sim_sink){.span = take_span, .arg = seen};
	seen->sim = world->sim;
	seen->sends = group_number(group, "sends");
	seen->repetitions = (unsigned)group_number(group, "repetitions");
	seen->partition = partition_new();
	sendbench_watch(sendbench_of(group), watch_repetition, seen);
}

static void end(struct world *world, struct measures *m, void *arg) {
	struct watch *seen = arg;
	double sends = seen->sends;

	(void)world;
	for (int w = 0; w < WORKERS; w++) {
		g_autofree char *spans = g_strconcat(watch_workers[w], ".spans", NULL);
		g_autofree char *account = g_strconcat(watch_workers[w], ".account", NULL);

		measures_set(m, "explain", spans, sim_to_us(seen->spans[w]) / sends);
		measures_set(m, "explain", account, sim_to_us(seen->account[w]) / sends);
	}
	partition_tell(seen->partition, seen->started, seen->started + seen->length, sends, m);
	measures_set(m, "explain", "total", sim_to_us(seen->length) / sends);
	partition_free(seen->partition);
}

struct watch *watch_send(struct run_spec *spec) {
	struct watch *seen = g_new0(struct watch, 1);

	spec->before = begin;
	spec->after = end;
	spec->arg = seen;
	return seen;
}

void watch_free(struct watch *seen) { g_free(seen); }
