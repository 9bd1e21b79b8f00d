/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was the machine doing while programs sent? */
#include "lab/campaign/watch.h"

#include <string.h>

#include "apps/sendbench.h"
#include "lab/campaign/partition.h"
#include "lab/kinds/parts.h"

/* Who works, and how long: the spans that were told and the accounts that were kept. */
enum worker { HOST, CARD, BUS, WORKERS };
const char *const watch_workers[] = {"host", "card", "bus", NULL};
static const struct kind *const worker_kinds[WORKERS] = {&kind_host, &kind_toe, &kind_pci};

struct repetition {
	struct partition *partition;
	sim_time length;
	sim_time spans[WORKERS], account[WORKERS];
};

struct watch {
	struct world *world;
	struct sim *sim;
	double sends;        /* of a repetition */
	GArray *repetitions; /* struct repetition */
	sim_time started;
	struct sim_sink sink;
};

/* The one under way, or the last. */
static struct repetition *last_of(const struct watch *seen) {
	return &g_array_index(seen->repetitions, struct repetition, seen->repetitions->len - 1);
}

static void take_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                      sim_time start, sim_time end, sim_flow flow) {
	struct watch *seen = arg;
	struct repetition *now = last_of(seen);
	enum worker who = BUS;

	(void)track, (void)flow;
	if (!layer)
		return; /* nobody works */
	if (g_str_equal(layer, "card"))
		who = CARD;
	else if (!g_str_equal(layer, "pci") || g_str_has_prefix(name, "mmio_"))
		who = HOST; /* the processor's stalls are of layer pci, too */
	partition_add(now->partition, layer, name, start, end);
	now->spans[who] += MAX(end - MAX(start, seen->started), 0);
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
	struct repetition fresh = {0}, *now;
	sim_time account[WORKERS];

	read_accounts(seen, account);
	if (start) {
		fresh.partition = partition_new();
		g_array_append_val(seen->repetitions, fresh);
	}
	now = last_of(seen);
	for (int w = 0; w < WORKERS; w++)
		now->account[w] = account[w] - now->account[w];
	if (start) {
		seen->started = sim_now(seen->sim);
		sim_sink_add(seen->sim, &seen->sink);
	} else {
		now->length = sim_now(seen->sim) - seen->started;
		partition_divide(now->partition, seen->started, seen->started + now->length);
		sim_sink_remove(seen->sim, &seen->sink);
	}
}

static void free_repetition(gpointer repetition) {
	partition_free(((struct repetition *)repetition)->partition);
}

static void begin(struct world *world, void *arg) {
	struct watch *seen = arg;
	const struct group *group = scenario_nth(world->sc, &kind_sendbench, 0);

	seen->world = world;
	seen->sink = (struct sim_sink){.span = take_span, .arg = seen};
	seen->sim = world->sim;
	seen->sends = group_number(group, "sends");
	seen->repetitions = g_array_new(FALSE, FALSE, sizeof(struct repetition));
	g_array_set_clear_func(seen->repetitions, free_repetition);
	sendbench_watch(sendbench_of(group), watch_repetition, seen);
}

static gint by_length(gconstpointer a, gconstpointer b) {
	const struct repetition *x = a, *y = b;

	return x->length < y->length ? -1 : x->length > y->length;
}

/* Leaves those that Table 1's number is of: whole, begun in the window, neither shortest nor longest. */
static void keep_counted(const struct watch *seen) {
	const struct group *group = scenario_nth(seen->world->sc, &kind_sendbench, 0);
	GArray *all = seen->repetitions;
	unsigned counted;

	sendbench_latencies(sendbench_of(group), &counted);
	if (all->len && !last_of(seen)->length)
		g_array_remove_index(all, all->len - 1); /* cut by the end of the run */
	if (all->len > counted)
		g_array_remove_range(all, 0, all->len - counted);
	if (all->len > 2) {
		g_array_sort(all, by_length);
		g_array_remove_index(all, 0);
		g_array_remove_index(all, all->len - 1);
	}
}

static void tell_workers(const struct repetition *sum, double n, struct measures *m) {
	for (int w = 0; w < WORKERS; w++) {
		g_autofree char *spans = g_strconcat(watch_workers[w], ".spans", NULL);
		g_autofree char *account = g_strconcat(watch_workers[w], ".account", NULL);

		measures_set(m, "explain", spans, sim_to_us(sum->spans[w]) / n);
		measures_set(m, "explain", account, sim_to_us(sum->account[w]) / n);
	}
}

static void end(struct world *world, struct measures *m, void *arg) {
	struct watch *seen = arg;
	struct repetition sum = {.partition = partition_new()};
	double n;

	(void)world;
	keep_counted(seen);
	for (guint i = 0; i < seen->repetitions->len; i++) {
		const struct repetition *one =
			&g_array_index(seen->repetitions, struct repetition, i);

		partition_join(sum.partition, one->partition);
		sum.length += one->length;
		for (int w = 0; w < WORKERS; w++) {
			sum.spans[w] += one->spans[w];
			sum.account[w] += one->account[w];
		}
	}
	n = MAX(seen->repetitions->len, 1) * seen->sends;
	tell_workers(&sum, n, m);
	partition_tell(sum.partition, n, m);
	measures_set(m, "explain", "total", sim_to_us(sum.length) / n);
	partition_free(sum.partition);
	g_array_unref(seen->repetitions);
}

struct watch *watch_send(struct run_spec *spec) {
	struct watch *seen = g_new0(struct watch, 1);

	spec->before = begin;
	spec->after = end;
	spec->arg = seen;
	return seen;
}

void watch_free(struct watch *seen) { g_free(seen); }

static void unwatch(gpointer watch) { watch_free(watch); }

GPtrArray *watch_plan(const struct plan *plan) {
	GPtrArray *watches = g_ptr_array_new_with_free_func(unwatch);

	for (guint i = 0; i < plan->items->len; i++)
		if (g_str_equal(g_array_index(plan->items, struct plan_item, i).experiment,
		                "table1"))
			g_ptr_array_add(watches, watch_send(plan->specs->pdata[i]));
	return watches;
}
