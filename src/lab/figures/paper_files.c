/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paper's results as files: CSVs, and figures with the paper's values beside. */
#include <math.h>

#include "lab/campaign/paper.h"
#include "lab/figures/paper_files.h"

static void number(GString *csv, double value) {
	g_string_append_c(csv, ',');
	results_number(csv, value, 3);
}

static GString *table1_csv(const struct plan *plan) {
	GString *csv = g_string_new("case,stack,sop,latency_us,ci95_us,paper_us,error_pct,role\n");

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct paper_case *c = &paper_cases[i];
		struct estimate e = paper_latency(plan, i);

		g_string_append_printf(csv, "%s,%s,%s", c->number, c->stack, c->sop ? "yes" : "no");
		number(csv, e.value);
		number(csv, e.ci95);
		number(csv, c->paper_us);
		number(csv, 100 * (e.value / c->paper_us - 1));
		g_string_append_printf(csv, ",%s\n", c->role);
	}
	return csv;
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

/* --- figures -------------------------------------------------------------------------------------
 */

static void cell(GString *script, double value) {
	g_string_append_c(script, ' ');
	results_number(script, value, 3);
}

static GString *table1_plot(const struct plan *plan) {
	GString *script = g_string_new("$data << EOD\n");

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		struct estimate e = paper_latency(plan, i);

		g_string_append_printf(script, "%u \"%s\\n%s\"", i, paper_cases[i].stack,
		                       paper_cases[i].sop ? "with SOP" : "without SOP");
		cell(script, e.value);
		cell(script, e.ci95);
		cell(script, paper_cases[i].paper_us);
		g_string_append_c(script, '\n');
	}
	g_string_append(
		script,
		"EOD\n"
		"set title 'Table 1: latency of send()'\n"
		"set ylabel 'latency (microseconds)'\nset yrange [0:45]\nset xrange [-0.6:3.6]\n"
		"set boxwidth 0.36\nset style fill solid 0.85 border -1\nset key top left\n"
		"set bmargin 4\nplot $data using 1:(0):xtic(2) with dots notitle, \\\n"
		" '' using ($1-0.19):3 with boxes lc rgb '#1f618d' title 'simulated', \\\n"
		" '' using ($1-0.19):($3-$4):(0):(2*$4) with vectors nohead lc rgb 'black' lw 1.5 notitle, \\\n"
		" '' using ($1+0.19):5 with boxes lc rgb '#bbbbbb' title 'paper', \\\n"
		" '' using ($1-0.19):($3+2):(sprintf('%.1f',$3)) with labels font ',11' notitle, \\\n"
		" '' using ($1+0.19):($5+2):(sprintf('%.1f',$5)) with labels font ',11' notitle\n");
	return script;
}

static GString *fig5_plot(const struct plan *plan) {
	GString *script = g_string_new(NULL);
	struct estimate e;
	unsigned offered, most = 0;

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		g_string_append_printf(script, "$curve%u << EOD\n", c);
		for (unsigned i = 0; paper_point(plan, c, i, &offered, &e); i++) {
			g_string_append_printf(script, "%u", offered);
			cell(script, e.value);
			cell(script, e.ci95);
			g_string_append_c(script, '\n');
			most = MAX(most, offered);
		}
		g_string_append(script, "EOD\n");
	}
	g_string_append_printf(
		script,
		"set title 'Fig. 5: throughput of a web server under SPECweb99 load'\n"
		"set xlabel 'offered load (requests/s)'\nset ylabel 'throughput (requests/s)'\n"
		"set xrange [0:%u]\nset yrange [0:1050]\nset key bottom right\nplot \\\n",
		most + 50);
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		g_string_append_printf(
			script,
			" $curve%u using 1:2 with lines ls %u notitle, "
			"'' using 1:2:3 with yerrorbars ls %u lw 1 notitle, "
			"1/0 with linespoints ls %u title '%s', "
			"%.0f with lines ls %u lw 1 dt 2 title '%s: paper''s plateau'%s\n",
			c, c + 1, c + 1, c + 1, paper_curves[c].label,
			paper_curves[c].paper_plateau, c + 1, paper_curves[c].label,
			c + 1 < PAPER_CURVES ? ", \\" : "");
	return script;
}

static GString *fig6_plot(const struct plan *plan) {
	GString *script = g_string_new("$data << EOD\n");

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		g_string_append_printf(script, "%u \"%s\"", c, paper_curves[c].label);
		cell(script, paper_cpu(plan, c, "user").value);
		cell(script, paper_cpu(plan, c, "total").value);
		cell(script, paper_cpu(plan, c, "total").ci95);
		cell(script, paper_curves[c].paper_total_pct);
		g_string_append_c(script, '\n');
	}
	g_string_append(
		script,
		"EOD\n"
		"set title 'Fig. 6: host CPU utilisation at 700 requests/s'\n"
		"set ylabel 'CPU utilisation (%)'\nset yrange [0:125]\nset xrange [-0.6:2.6]\n"
		"set boxwidth 0.36\nset style fill solid 0.85 border -1\nset key top right\n"
		"plot $data using 1:(0):xtic(2) with dots notitle, \\\n"
		" '' using ($1-0.19):4 with boxes lc rgb '#1f618d' title 'system', \\\n"
		" '' using ($1-0.19):3 with boxes lc rgb '#f0b27a' title 'user', \\\n"
		" '' using ($1-0.19):($4-$5):(0):(2*$5) with vectors nohead lc rgb 'black' lw 1.5 notitle, \\\n"
		" '' using ($1+0.19):6 with boxes lc rgb '#bbbbbb' title 'paper, total', \\\n"
		" '' using ($1-0.19):($4+5):(sprintf('%.1f',$4)) with labels font ',11' notitle, \\\n"
		" '' using ($1+0.19):($6+5):(sprintf('%.0f',$6)) with labels font ',11' notitle\n");
	return script;
}

static bool draw(struct results *results, const char *name, GString *script, GError **error) {
	bool good = results_draw(results, name, script->str, error);

	g_string_free(script, TRUE);
	return good;
}

bool paper_files(const struct plan *plan, struct results *results, GError **error) {
	results_outdate(results, "table1.svg");
	results_outdate(results, "fig5.svg");
	results_outdate(results, "fig6.svg");
	return results_stage_string(results, "table1.csv", table1_csv(plan), error) &&
	       results_stage_string(results, "fig5.csv", fig5_csv(plan), error) &&
	       results_stage_string(results, "fig6.csv", fig6_csv(plan), error) &&
	       results_stage_string(results, "claims.csv", claims_csv(plan), error);
}

bool paper_draw(const struct plan *plan, struct results *results, GError **error) {
	return draw(results, "table1.svg", table1_plot(plan), error) &&
	       draw(results, "fig5.svg", fig5_plot(plan), error) &&
	       draw(results, "fig6.svg", fig6_plot(plan), error);
}
