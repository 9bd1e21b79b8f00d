/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paper's results as files: CSVs, and figures with the paper's values beside. */
#include "lab/figures/paper_files.h"
#include "lab/campaign/paper.h"
#include "lab/figures/paper_plots.h"
#include "lab/figures/table1.h"

static void number(GString *csv, double value) {
	g_string_append_c(csv, ',');
	results_number(csv, value, 3);
}

static GString *fig5_csv(const struct plan *plan) {
	GString *csv = g_string_new("config,offered_rps,throughput_rps,ci95_rps\n");
	struct estimate e;
	unsigned offered;

	for (unsigned c = 0; c < PAPER_CURVES; c++)
		for (unsigned i = 0; paper_point(plan, c, i, &offered, &e); i++) {
			g_string_append_printf(csv, "%s,%u", paper_curves[c].config, offered);
			number(csv, e.value);
			number(csv, e.ci95);
			g_string_append_c(csv, '\n');
		}
	return csv;
}

static GString *fig6_csv(const struct plan *plan) {
	GString *csv = g_string_new("config,user_pct,system_pct,total_pct,ci95_pct,paper_total_pct,"
	                            "role\n");

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		struct estimate total = paper_cpu(plan, c, "total");

		g_string_append(csv, paper_curves[c].config);
		number(csv, paper_cpu(plan, c, "user").value);
		number(csv, paper_cpu(plan, c, "system").value);
		number(csv, total.value);
		number(csv, total.ci95);
		number(csv, paper_curves[c].paper_total_pct);
		g_string_append_printf(csv, ",%s\n", paper_curves[c].role);
	}
	return csv;
}

static GString *claims_csv(const struct plan *plan) {
	static const char *const words[] = {
		[CLAIM_HOLDS] = "yes", [CLAIM_FAILS] = "no", [CLAIM_UNDECIDED] = "undecided"};
	GString *csv = g_string_new("claim,paper,simulated,ci95,tolerance,role,holds\n");
	struct claim claims[PAPER_CLAIMS];

	paper_claims(plan, claims);
	for (unsigned i = 0; i < PAPER_CLAIMS; i++) {
		const struct claim *c = &claims[i];

		g_string_append(csv, c->name);
		number(csv, c->paper);
		number(csv, c->simulated.value);
		number(csv, c->simulated.ci95);
		number(csv, c->tolerance);
		g_string_append_printf(csv, ",%s,%s\n", c->role, words[c->verdict]);
	}
	return csv;
}

static bool draw(struct results *results, const char *name, GString *script, GError **error) {
	bool good = results_draw(results, name, script->str, error);

	g_string_free(script, TRUE);
	return good;
}

bool paper_files(const struct plan *plan, struct results *results, GError **error) {
	results_outdate_figure(results, "table1");
	results_outdate_figure(results, "table1_parts");
	results_outdate_figure(results, "fig5");
	results_outdate_figure(results, "fig6");
	return results_stage_string(results, "table1.csv", table1_csv(plan), error) &&
	       results_stage_string(results, "table1_parts.csv", table1_parts_csv(plan), error) &&
	       results_stage_string(results, "fig5.csv", fig5_csv(plan), error) &&
	       results_stage_string(results, "fig6.csv", fig6_csv(plan), error) &&
	       results_stage_string(results, "claims.csv", claims_csv(plan), error);
}

bool paper_draw(const struct plan *plan, struct results *results, GError **error) {
	return draw(results, "table1", table1_plot(plan), error) &&
	       draw(results, "table1_parts", table1_parts_plot(plan), error) &&
	       draw(results, "fig5", fig5_plot(plan), error) &&
	       draw(results, "fig6", fig6_plot(plan), error);
}
