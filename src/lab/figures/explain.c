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

#include "lab/campaign/paper.h"
#include "lab/campaign/watch.h"
#include "lab/figures/cost_name.h"
#include "lab/figures/rows.h"

/* --- told ------------------------------------------------------------------------------------- */

/* Where an answer goes: to a terminal, or, not NULL, to programs; and of which configs. */
struct told {
	struct answer *answer;
	const char *of; /* what the numbers are of, for programs */
	const char *config[PAPER_CASES];
	unsigned n;
};

static void tell_line(const struct told *told, const char *name, const double *us) {
	if (!told->answer)
		printf("  %-32s", name);
	for (unsigned i = 0; i < told->n; i++)
		if (told->answer)
			answer_add(told->answer, &(struct answer_row){.of = told->of,
			                                              .config = told->config[i],
			                                              .measure = name,
			                                              .unit = "us",
			                                              .value = us[i],
			                                              .ci95 = NAN});
		else
			printf(" %15.3f", us[i]);
	if (!told->answer)
		printf("\n");
}

static void tell_rows(const struct told *told, GArray *rows, const char *what) {
	double total[PAPER_CASES] = {0};

	rows_sort(rows);
	if (!told->answer) {
		printf("%-34s", what);
		for (unsigned i = 0; i < told->n; i++)
			printf(" %15s", told->config[i]);
		printf("\n");
	}
	for (guint r = 0; r < rows->len; r++) {
		const struct row *row = row_nth(rows, r);

		for (unsigned i = 0; i < told->n; i++)
			total[i] += row->value[i];
		tell_line(told, row->name, row->value);
	}
	tell_line(told, "sum", total);
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

static void tell_measure(const struct told *told, const struct plan *plan, const char *shown,
                         const char *measure) {
	double us[PAPER_CASES];

	for (unsigned i = 0; i < PAPER_CASES; i++)
		us[i] = measures_get(plan_nth(plan, "table1", paper_cases[i].config, 0)->m,
		                     measure);
	tell_line(told, shown, us);
}

/* Above, what works at once counts once; here each works for itself: all its spans together, and what its
 * account says. */
static void tell_workers(struct told *told, const struct plan *plan) {
	told->of = "busy";
	if (!told->answer)
		printf("busy meanwhile, microseconds\n");
	for (unsigned w = 0; watch_workers[w]; w++) {
		g_autofree char *spans = g_strconcat("explain.", watch_workers[w], ".spans", NULL);
		g_autofree char *account =
			g_strconcat("explain.", watch_workers[w], ".account", NULL);
		g_autofree char *shown = g_strconcat(watch_workers[w], ", its account", NULL);

		tell_measure(told, plan, watch_workers[w], spans);
		tell_measure(told, plan, shown, account);
	}
}

void explain_send(const struct plan *plan, struct answer *answer) {
	struct told told = {.answer = answer, .of = "send", .n = PAPER_CASES};
	g_autoptr(GArray) rows = rows_new();

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct measures *m = plan_nth(plan, "table1", paper_cases[i].config, 0)->m;

		told.config[i] = paper_cases[i].config;
		rows_collect(rows, i, m, "explain.part.", "", 1);
	}
	tell_rows(&told, rows, "send(), microseconds");
	tell_measure(&told, plan, "measured", "explain.total");
	tell_workers(&told, plan);
}

/* --- request ----------------------------------------------------------------------------------- */

bool explain_has_request(const struct plan *plan, GError **error) {
	for (unsigned i = 0; i < PAPER_CURVES; i++)
		if (!explain_needs(plan, "fig6", paper_curves[i].config, error))
			return false;
	return true;
}

/* Costs carry their layer in front. */
static void name_layers(GArray *rows) {
	for (guint r = 0; r < rows->len; r++) {
		struct row *row = &g_array_index(rows, struct row, r);
		g_autofree char *cost = row->name;

		row->name = cost_name(cost);
	}
}

/* The account of a processor, per request. */
static void tell_account(struct told *told, const struct plan *plan, const char *group,
                         const char *what) {
	g_autofree char *costs = g_strconcat(group, ".cost.", NULL);
	g_autofree char *busy = g_strconcat(group, ".busy_us", NULL);
	g_autoptr(GArray) rows = rows_new();
	double us[PAPER_CASES];

	for (unsigned i = 0; i < PAPER_CURVES; i++) {
		const struct measures *m = plan_nth(plan, "fig6", paper_curves[i].config, 0)->m;
		double requests = fmax(1, measures_get(m, "clients.completed"));

		told->config[i] = paper_curves[i].config;
		rows_collect(rows, i, m, costs, ".us", 1 / requests);
		us[i] = measures_get(m, busy) / requests;
	}
	name_layers(rows);
	tell_rows(told, rows, what);
	tell_line(told, "busy time", us);
}

void explain_request(const struct plan *plan, struct answer *answer) {
	struct told told = {.answer = answer, .of = "host", .n = PAPER_CURVES};

	tell_account(&told, plan, "server", "host CPU, microseconds a request");
	told.of = "card";
	tell_account(&told, plan, "toe0", "card, microseconds a request");
}
