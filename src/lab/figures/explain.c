/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the microseconds go.
 *
 * explain send: the spans of one repetition of the send benchmark are laid over each other.  At any
 * instant the measured time belongs to the host's processor if it works, else to the card's, else
 * to the bus; what nobody works at is waiting (for the wire, the peer, a DMA's distance).  So the
 * parts are a partition and add up to the measured time.
 *
 * explain request: the processors' own accounts by cost name, over a window, per request.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/sendbench.h"
#include "lab/commands/commands.h"
#include "lab/figures/explain.h"
#include "lab/campaign/paper.h"
#include "lab/figures/partition.h"
#include "lab/kinds/parts.h"

/* Which repetition is looked at: the first fills caches and windows. */
#define REPETITION 2

/* Who works, and how long: the spans that were told and the accounts that were kept. */
enum worker { HOST, CARD, BUS, WORKERS };
static const char *const workers[WORKERS] = {"host", "card", "bus"};
static const struct kind *const worker_kinds[WORKERS] = {&kind_host, &kind_toe, &kind_pci};

struct look {
	struct world *world;
	struct sim *sim;
	struct partition *partition;
	double sends; /* of a repetition */
	unsigned repetitions;
	unsigned repetition;
	sim_time started, length;
	sim_time spans[WORKERS], account[WORKERS];
};

static void take_span(void *arg, const char *layer, const char *name, sim_time start,
		      sim_time end) {
	struct look *look = arg;
	enum worker who = BUS;

	if (g_str_equal(layer, "card"))
		who = CARD;
	else if (!g_str_equal(layer, "pci") || g_str_has_prefix(name, "mmio_"))
		who = HOST; /* the processor's stalls are of layer pci, too */
	partition_add(look->partition, layer, name, start, end);
	look->spans[who] += MAX(end - MAX(start, look->started), 0);
}

/* Reading an account brings it, and the spans, up to now. */
static void read_accounts(const struct look *look, sim_time account[WORKERS]) {
	const struct scenario *sc = look->world->sc;
	const struct group *group;

	memset(account, 0, WORKERS * sizeof *account);
	for (int w = 0; w < WORKERS; w++)
		for (unsigned i = 0; (group = scenario_nth(sc, worker_kinds[w], i)); i++)
			if (group->live)
				account[w] += group->kind->busy(group);
}

static void watch(void *arg, bool start) {
	struct look *look = arg;
	unsigned wanted = MIN(REPETITION, look->repetitions);
	sim_time account[WORKERS];

	look->repetition += start;
	if (look->repetition != wanted)
		return;
	read_accounts(look, account);
	for (int w = 0; w < WORKERS; w++)
		look->account[w] = account[w] - (start ? 0 : look->account[w]);
	if (start) {
		look->started = sim_now(look->sim);
		sim_trace_to(look->sim, take_span, look);
	} else {
		look->length = sim_now(look->sim) - look->started;
		sim_trace_to(look->sim, NULL, NULL);
	}
}

static void look_before(struct world *world, void *arg) {
	struct look *look = arg;
	const struct group *group = scenario_nth(world->sc, &kind_sendbench, 0);

	look->world = world;
	look->sim = world->sim;
	look->sends = group_number(group, "sends");
	look->repetitions = (unsigned)group_number(group, "repetitions");
	look->partition = partition_new();
	sendbench_watch(sendbench_of(group), watch, look);
}

static void look_after(struct world *world, struct measures *m, void *arg) {
	struct look *look = arg;
	double sends = look->sends;

	(void)world;
	for (int w = 0; w < WORKERS; w++) {
		g_autofree char *spans = g_strconcat(workers[w], ".spans", NULL);
		g_autofree char *account = g_strconcat(workers[w], ".account", NULL);

		measures_set(m, "explain", spans, sim_to_us(look->spans[w]) / sends);
		measures_set(m, "explain", account, sim_to_us(look->account[w]) / sends);
	}
	partition_tell(look->partition, look->started, look->started + look->length, sends, m);
	measures_set(m, "explain", "total", sim_to_us(look->length) / sends);
	partition_free(look->partition);
}

/* --- printing ----------------------------------------------------------------------------------
 */

struct row {
	char *name;
	double value[PAPER_CASES];
};

static int by_first_value(const void *a, const void *b) {
	const struct row *x = a, *y = b;
	double xs = 0, ys = 0;

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		xs += x->value[i];
		ys += y->value[i];
	}
	return xs < ys ? 1 : xs > ys ? -1 : strcmp(x->name, y->name);
}

static struct row *row_called(GArray *rows, const char *name) {
	struct row row = {NULL, {0}};

	for (guint i = 0; i < rows->len; i++)
		if (g_str_equal(g_array_index(rows, struct row, i).name, name))
			return &g_array_index(rows, struct row, i);
	row.name = g_strdup(name);
	g_array_append_val(rows, row);
	return &g_array_index(rows, struct row, rows->len - 1);
}

/* Collects what begins with `prefix` and ends with `suffix` into the column of one run. */
static void collect(GArray *rows, unsigned column, const struct measures *m, const char *prefix,
		    const char *suffix, const char *shown, double scale) {
	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		g_autofree char *name = NULL, *full = NULL;

		if (!g_str_has_prefix(measure->name, prefix) ||
		    !g_str_has_suffix(measure->name, suffix))
			continue;
		name = g_strndup(measure->name + strlen(prefix),
				 strlen(measure->name) - strlen(prefix) - strlen(suffix));
		full = g_strconcat(shown, name, NULL);
		row_called(rows, full)->value[column] += measure->value * scale;
	}
}

static void print_rows(GArray *rows, const char *what, const char *const *columns, unsigned n) {
	double total[PAPER_CASES] = {0};

	qsort(rows->data, rows->len, sizeof(struct row), by_first_value);
	printf("%-34s", what);
	for (unsigned i = 0; i < n; i++)
		printf(" %15s", columns[i]);
	printf("\n");
	for (guint r = 0; r < rows->len; r++) {
		const struct row *row = &g_array_index(rows, struct row, r);

		printf("  %-32s", row->name);
		for (unsigned i = 0; i < n; i++) {
			printf(" %15.3f", row->value[i]);
			total[i] += row->value[i];
		}
		printf("\n");
	}
	printf("  %-32s", "sum");
	for (unsigned i = 0; i < n; i++)
		printf(" %15.3f", total[i]);
	printf("\n");
}

static void clear_row(gpointer row) {
	g_free(((struct row *)row)->name);
}

static GArray *rows_new(void) {
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct row));

	g_array_set_clear_func(rows, clear_row);
	return rows;
}

bool explain_needs(const struct plan *plan, const char *experiment, const char *config,
		   GError **error) {
	if (plan_nth(plan, experiment, config, 0))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		    "%s: [experiment %s] configs: '%s' is missing; allowed: a scenario with the "
		    "experiments of scenarios/paper.ini",
		    plan->text->file, experiment, config);
	return false;
}

static bool has_cases(const struct plan *plan, GError **error) {
	for (unsigned i = 0; i < PAPER_CASES; i++)
		if (!explain_needs(plan, "table1", paper_cases[i].config, error))
			return false;
	return true;
}

static bool has_curves(const struct plan *plan, GError **error) {
	for (unsigned i = 0; i < PAPER_CURVES; i++)
		if (!explain_needs(plan, paper_curves[i].experiment, paper_curves[i].config, error))
			return false;
	return true;
}

/* --- the two questions ---------------------------------------------------------------------------
 */

static void print_measure(const struct plan *plan, const char *shown, const char *measure) {
	printf("  %-32s", shown);
	for (unsigned i = 0; i < PAPER_CASES; i++)
		printf(" %15.3f",
		       measures_get(plan_nth(plan, "table1", paper_cases[i].config, 0)->m, measure));
	printf("\n");
}

/* Above, what works at once counts once; here each works for itself: all its spans together, and what its
 * account says. */
static void print_workers(const struct plan *plan) {
	printf("busy meanwhile, microseconds\n");
	for (int w = 0; w < WORKERS; w++) {
		g_autofree char *spans = g_strconcat("explain.", workers[w], ".spans", NULL);
		g_autofree char *account = g_strconcat("explain.", workers[w], ".account", NULL);
		g_autofree char *shown = g_strconcat(workers[w], ", its account", NULL);

		print_measure(plan, workers[w], spans);
		print_measure(plan, shown, account);
	}
}

static bool explain_send(const struct text *text, unsigned *failed, GError **error) {
	struct plan *plan = plan_of(text, NULL, "table1", NULL, true, 1, error);
	g_autofree struct look *looks = g_new0(struct look, PAPER_CASES);
	const char *columns[PAPER_CASES];
	g_autoptr(GArray) rows = rows_new();
	bool good;

	for (guint i = 0; plan && i < plan->specs->len && i < PAPER_CASES; i++) {
		struct run_spec *spec = plan->specs->pdata[i];

		spec->before = look_before;
		spec->after = look_after;
		spec->arg = &looks[i];
	}
	good = plan && has_cases(plan, error) && plan_run(plan, run_default_jobs(), error);
	for (unsigned i = 0; good && i < PAPER_CASES; i++) {
		const struct measures *m = plan_nth(plan, "table1", paper_cases[i].config, 0)->m;

		columns[i] = paper_cases[i].config;
		collect(rows, i, m, "explain.part.", "", "", 1);
	}
	if (good) {
		print_rows(rows, "send(), microseconds", columns, PAPER_CASES);
		print_measure(plan, "measured", "explain.total");
		print_workers(plan);
		*failed = plan_verdict(plan, NULL);
	}
	g_clear_pointer(&plan, plan_free);
	return good;
}

/* Host costs carry their layer in front. */
static void name_layers(GArray *rows) {
	static const char *const layers[] = {
#define X(id, key, layer, text) #key, layer,
	    HOST_COSTS(X)
#undef X
	};

	for (guint r = 0; r < rows->len; r++)
		for (size_t i = 0; i < G_N_ELEMENTS(layers); i += 2) {
			struct row *row = &g_array_index(rows, struct row, r);

			if (g_str_equal(row->name, layers[i])) {
				g_free(row->name);
				row->name = g_strdup_printf("%s: %s", layers[i + 1], layers[i]);
				break;
			}
		}
}

static const struct measures *curve_run(const struct plan *plan, unsigned curve) {
	return plan_nth(plan, paper_curves[curve].experiment, paper_curves[curve].config, 0)->m;
}

static void print_request(const struct plan *plan) {
	const char *columns[PAPER_CURVES];
	g_autoptr(GArray) host = rows_new(), card = rows_new();
	double requests[PAPER_CURVES];

	for (unsigned i = 0; i < PAPER_CURVES; i++) {
		const struct measures *m = curve_run(plan, i);

		columns[i] = paper_curves[i].config;
		requests[i] = fmax(1, measures_get(m, "clients.completed"));
		collect(host, i, m, "server.cost.", ".us", "", 1 / requests[i]);
		collect(card, i, m, "toe0.cost.", ".us", "", 1 / requests[i]);
	}
	name_layers(host);
	print_rows(host, "host CPU, microseconds a request", columns, PAPER_CURVES);
	printf("  %-32s", "busy time");
	for (unsigned i = 0; i < PAPER_CURVES; i++)
		printf(" %15.3f", measures_get(curve_run(plan, i), "server.busy_us") / requests[i]);
	printf("\n");
	print_rows(card, "card, microseconds a request", columns, PAPER_CURVES);
	printf("  %-32s", "busy time");
	for (unsigned i = 0; i < PAPER_CURVES; i++)
		printf(" %15.3f", measures_get(curve_run(plan, i), "toe0.busy_us") / requests[i]);
	printf("\n");
}

static bool explain_request(const struct text *text, unsigned *failed, GError **error) {
	static const char *const wanted[] = {"fig6", "fig6_saturated", NULL};
	struct plan *all = plan_of(text, NULL, NULL, NULL, true, 1, error);
	g_autoptr(GPtrArray) specs = g_ptr_array_new();
	g_autofree struct measures **results = g_new0(struct measures *, all ? all->items->len : 1);
	bool good = all && has_curves(all, error);

	for (guint i = 0; good && i < all->items->len; i++)
		if (g_strv_contains(wanted,
				    g_array_index(all->items, struct plan_item, i).experiment))
			g_ptr_array_add(specs, all->specs->pdata[i]);
	good = good && run_all((struct run_spec *const *)specs->pdata, specs->len,
			       run_default_jobs(), results, error);
	for (guint i = 0, j = 0; good && i < all->items->len; i++)
		if (j < specs->len && all->specs->pdata[i] == specs->pdata[j])
			g_array_index(all->items, struct plan_item, i).m = results[j++];
	if (good) {
		print_request(all);
		*failed = plan_verdict(all, NULL);
	}
	g_clear_pointer(&all, plan_free);
	return good;
}

static const struct {
	const char *name;
	bool (*answer)(const struct text *text, unsigned *failed, GError **error);
} questions[] = {
    {"send", explain_send}, {"request", explain_request}, {"queueing", explain_queueing}};

static int answer(bool (*question)(const struct text *text, unsigned *failed, GError **error),
		  const char *file, bool untrusted) {
	g_autoptr(GError) error = NULL;
	struct text *text = text_load_from(file, untrusted, &error);
	unsigned failed = 0; /* reasons why runs are none to rely on */
	int status = !text || !question(text, &failed, &error) ? lab_error_report(error)
		     : failed ? EXIT_CHECK_FAILED : EXIT_DONE;

	g_clear_pointer(&text, text_free);
	return status;
}

int command_explain(int argc, char **argv) {
	gboolean untrusted = FALSE;
	const GOptionEntry entries[] = {COMMAND_UNTRUSTED(&untrusted), G_OPTION_ENTRY_NULL};
	g_autofree char *paper = command_scenario("paper.ini");

	if (!command_options(
		&argc, &argv, entries, "send|request|queueing [FILE]",
		"Prints where the microseconds go in each configuration:\n"
		"  send      of one send() of Table 1: parts of the measured time, by layer and cost name\n"
		"  request   of one request of Fig. 6: the processors' accounts, by layer and cost name\n"
		"  queueing  Fig. 5 beside a closed queueing network: what bends each curve",
		1, 2))
		return EXIT_BAD_INPUT;
	for (size_t i = 0; i < G_N_ELEMENTS(questions); i++)
		if (g_str_equal(argv[1], questions[i].name))
			return answer(questions[i].answer, argc > 2 ? argv[2] : paper, untrusted);
	fprintf(stderr, "sopsim explain: unknown '%s'; allowed: send, request or queueing\n", argv[1]);
	return EXIT_BAD_INPUT;
}
