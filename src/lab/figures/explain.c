/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the microseconds go.
 *
 * explain send: the spans of the send benchmark's repetitions are laid over each other.  At any
 * instant the measured time belongs to the host's processor if it works, else to the card's, else
 * to the bus; what nobody works at is waiting (for the wire, the peer, a DMA's distance).  So the
 * parts are a partition and add up to the measured time.
 *
 * explain request: the processors' own accounts by cost name, over a window, per request.
 */
#include "lab/figures/explain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/costs.h"
#include "lab/campaign/paper.h"
#include "lab/campaign/watch.h"
#include "lab/figures/rows.h"

/* --- printing ----------------------------------------------------------------------------------
 */

static void print_rows(GArray *rows, const char *what, const char *const *columns, unsigned n) {
	double total[PAPER_CASES] = {0};

	rows_sort(rows);
	printf("%-34s", what);
	for (unsigned i = 0; i < n; i++)
		printf(" %15s", columns[i]);
	printf("\n");
	for (guint r = 0; r < rows->len; r++) {
		const struct row *row = row_nth(rows, r);

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

/* --- send -------------------------------------------------------------------------------------- */

bool explain_has_send(const struct plan *plan, GError **error) {
	for (unsigned i = 0; i < PAPER_CASES; i++)
		if (!explain_needs(plan, "table1", paper_cases[i].config, error))
			return false;
	return true;
}

static void print_measure(const struct plan *plan, const char *shown, const char *measure) {
	printf("  %-32s", shown);
	for (unsigned i = 0; i < PAPER_CASES; i++)
		printf(" %15.3f",
		       measures_get(plan_nth(plan, "table1", paper_cases[i].config, 0)->m,
		                    measure));
	printf("\n");
}

/* Above, what works at once counts once; here each works for itself: all its spans together, and what its
 * account says. */
static void print_workers(const struct plan *plan) {
	printf("busy meanwhile, microseconds\n");
	for (unsigned w = 0; watch_workers[w]; w++) {
		g_autofree char *spans = g_strconcat("explain.", watch_workers[w], ".spans", NULL);
		g_autofree char *account =
			g_strconcat("explain.", watch_workers[w], ".account", NULL);
		g_autofree char *shown = g_strconcat(watch_workers[w], ", its account", NULL);

		print_measure(plan, watch_workers[w], spans);
		print_measure(plan, shown, account);
	}
}

void explain_send(const struct plan *plan) {
	const char *columns[PAPER_CASES];
	g_autoptr(GArray) rows = rows_new();

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct measures *m = plan_nth(plan, "table1", paper_cases[i].config, 0)->m;

		columns[i] = paper_cases[i].config;
		rows_collect(rows, i, m, "explain.part.", "", 1);
	}
	print_rows(rows, "send(), microseconds", columns, PAPER_CASES);
	print_measure(plan, "measured", "explain.total");
	print_workers(plan);
}

/* --- request ----------------------------------------------------------------------------------- */

bool explain_has_request(const struct plan *plan, GError **error) {
	for (unsigned i = 0; i < PAPER_CURVES; i++)
		if (!explain_needs(plan, "fig6", paper_curves[i].config, error))
			return false;
	return true;
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
	return plan_nth(plan, "fig6", paper_curves[curve].config, 0)->m;
}

void explain_request(const struct plan *plan) {
	const char *columns[PAPER_CURVES];
	g_autoptr(GArray) host = rows_new(), card = rows_new();
	double requests[PAPER_CURVES];

	for (unsigned i = 0; i < PAPER_CURVES; i++) {
		const struct measures *m = curve_run(plan, i);

		columns[i] = paper_curves[i].config;
		requests[i] = fmax(1, measures_get(m, "clients.completed"));
		rows_collect(host, i, m, "server.cost.", ".us", 1 / requests[i]);
		rows_collect(card, i, m, "toe0.cost.", ".us", 1 / requests[i]);
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
