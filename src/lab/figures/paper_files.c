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

/* Beside the data, never over it. */
#define LEGEND_ABOVE "set key tmargin center horizontal font ',12'\n"

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
		"set boxwidth 0.36\nset style fill solid 1 border -1\n" LEGEND_ABOVE
		"set bmargin 4\n"
		"plot $data using 1:(0):xtic(2) with dots notitle, \\\n"
		" '' using ($1-0.19):3 with boxes fc rgb c1 title 'simulated', \\\n"
		" '' using ($1-0.19):($3-$4):(0):(2*$4) with vectors nohead lc rgb 'black' lw 1.5 notitle, \\\n"
		" '' using ($1+0.19):5 with boxes fc rgb '#cccccc' title 'paper', \\\n"
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
		"set xrange [0:%u]\nset yrange [0:1050]\n" LEGEND_ABOVE "plot \\\n",
		most + 50);
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		g_string_append_printf(
			script,
			" $curve%u using 1:2 with linespoints ls %u title '%s', "
			"'' using 1:($2-$3):(0):(2*$3) with vectors nohead ls %u dt 1 lw 1 notitle, "
			"%.0f with lines ls %u lw 1 dt 2 title '%s: paper''s plateau'%s\n",
			c, c + 1, paper_curves[c].label, c + 1, paper_curves[c].paper_plateau,
			c + 1, paper_curves[c].label, c + 1 < PAPER_CURVES ? ", \\" : "");
	return script;
}

/* The paper's bar beside the simulated one, in the same parts, paler; grey where it tells the total only. */
static GString *fig6_plot(const struct plan *plan) {
	GString *script = g_string_new("$data << EOD\n");

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		const struct paper_curve *curve = &paper_curves[c];

		g_string_append_printf(script, "%u \"%s\"", c, curve->label);
		cell(script, paper_cpu(plan, c, "user").value);
		cell(script, paper_cpu(plan, c, "total").value);
		cell(script, paper_cpu(plan, c, "total").ci95);
		cell(script, curve->paper_total_pct);
		/* 0: no bar. */
		cell(script, isnan(curve->paper_user_pct) ? 0 : curve->paper_user_pct);
		cell(script, isnan(curve->paper_user_pct)
		                     ? 0
		                     : curve->paper_user_pct + curve->paper_system_pct);
		g_string_append_c(script, '\n');
	}
	g_string_append(
		script,
		"EOD\n"
		"set title 'Fig. 6: host CPU utilisation at 700 requests/s'\n"
		"set ylabel 'CPU utilisation (%)'\nset yrange [0:115]\nset xrange [-0.6:2.6]\n"
		"set boxwidth 0.36\nset style fill solid 1 border -1\n" LEGEND_ABOVE
		"plot $data using 1:(0):xtic(2) with dots notitle, \\\n"
		" '' using ($1-0.19):4 with boxes fc rgb c1 title 'system', \\\n"
		" '' using ($1-0.19):3 with boxes fc rgb c5 title 'user', \\\n"
		" '' using ($1-0.19):($4-$5):(0):(2*$5) with vectors nohead lc rgb 'black' lw 1.5 notitle, \\\n"
		" '' using ($1+0.19):6 with boxes fc rgb '#cccccc' title 'paper, total', \\\n"
		" '' using ($1+0.19):($8 > 0 ? $8 : 1/0) with boxes fc rgb '#99c7e0' title 'paper, system', \\\n"
		" '' using ($1+0.19):($7 > 0 ? $7 : 1/0) with boxes fc rgb '#f5d999' title 'paper, user', \\\n"
		" '' using ($1-0.19):($4+$5+3):(sprintf('%.1f',$4)) with labels font ',11' notitle, \\\n"
		" '' using ($1-0.19):($3/2):(sprintf('%.1f',$3)) with labels font ',11' notitle, \\\n"
		" '' using ($1-0.19):(($3+$4)/2):(sprintf('%.1f',$4-$3)) with labels font ',11' tc rgb 'white' notitle, \\\n"
		" '' using ($1+0.19):($6+3):(sprintf('%.0f',$6)) with labels font ',11' notitle, \\\n"
		" '' using ($1+0.19):($7 > 0 ? $7/2 : 1/0):(sprintf('%.0f',$7)) with labels font ',11' notitle, \\\n"
		" '' using ($1+0.19):($8 > 0 ? ($7+$8)/2 : 1/0):(sprintf('%.0f',$8-$7)) with labels font ',11' notitle\n");
	return script;
}

static bool draw(struct results *results, const char *name, GString *script, GError **error) {
	bool good = results_draw(results, name, script->str, error);

	g_string_free(script, TRUE);
	return good;
}

bool paper_files(const struct plan *plan, struct results *results, GError **error) {
	results_outdate_figure(results, "table1");
	results_outdate_figure(results, "fig5");
	results_outdate_figure(results, "fig6");
	return results_stage_string(results, "table1.csv", table1_csv(plan), error) &&
	       results_stage_string(results, "fig5.csv", fig5_csv(plan), error) &&
	       results_stage_string(results, "fig6.csv", fig6_csv(plan), error) &&
	       results_stage_string(results, "claims.csv", claims_csv(plan), error);
}

bool paper_draw(const struct plan *plan, struct results *results, GError **error) {
	return draw(results, "table1", table1_plot(plan), error) &&
	       draw(results, "fig5", fig5_plot(plan), error) &&
	       draw(results, "fig6", fig6_plot(plan), error);
}
