/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The paper's numbers, of runs whose measures are made up: plateaus, claims, files, what is printed
 * and explained.
 */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "captured.h"
#include "lab/campaign/paper.h"
#include "lab/campaign/watch.h"
#include "lab/figures/explain.h"
#include "lab/figures/layers.h"
#include "lab/figures/paper_files.h"
#include "lab/figures/paper_plots.h"
#include "lab/figures/table1.h"
#include "run_suite.h"

static struct plan *plan;

/* Made-up runs: what is offered, but no more than 700 times 1, 1.28 and 1.26; the paper's shares of
 * the processor; its latencies and a quarter of a microsecond. */
static void invent(struct plan_item *item) {
	static const double most[] = {700, 896, 882};

	item->m = measures_new();
	for (unsigned i = 0; i < PAPER_CASES; i++)
		if (g_str_equal(paper_cases[i].config, item->config)) {
			measures_set(item->m, "bench", "latency_us",
			             paper_cases[i].paper_us + 0.25);
			measures_set(item->m, "bench", "latency_us_ci95", 0.03125);
		}
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		if (g_str_equal(paper_curves[c].config, item->config)) {
			measures_set(item->m, "clients", "requests", fmin(item->offered, most[c]));
			measures_set(item->m, "clients", "requests_ci95", 2);
			measures_set(item->m, "server", "cpu_user", 19);
			measures_set(item->m, "server", "cpu_system", c == 2 ? 45 : c ? 42 : 81);
			measures_set(item->m, "server", "cpu_total", c == 2 ? 64 : c ? 61 : 100);
			measures_set(item->m, "server", "cpu_user_ci95", 0.25);
			measures_set(item->m, "server", "cpu_system_ci95", 0.25);
			measures_set(item->m, "server", "cpu_total_ci95", 0.5);
		}
}

static void set_up(void) {
	g_autoptr(GError) error = NULL;

	plan = plan_new(SCENARIOS "/paper.ini", NULL, NULL, NULL, true, 1, &error);
	ck_assert_msg(plan, "%s", error ? error->message : "");
	for (guint i = 0; i < plan->items->len; i++)
		invent(&g_array_index(plan->items, struct plan_item, i));
}

static void tear_down(void) { plan_free(plan); }

static struct measures *run_of(const char *experiment, const char *config, unsigned i) {
	const struct plan_item *item = plan_nth(plan, experiment, config, i);

	ck_assert_ptr_nonnull(item);
	return item->m;
}

static const struct claim *claim_of(const struct claim *claims, const char *name) {
	for (unsigned i = 0; i < PAPER_CLAIMS; i++)
		if (g_str_equal(claims[i].name, name))
			return &claims[i];
	ck_abort_msg("no claim %s", name);
	return NULL;
}

START_TEST(points) {
	struct estimate e = paper_latency(plan, 3);
	unsigned offered, n = 0;

	ck_assert_double_eq(e.value, 33.95);
	ck_assert_double_eq(e.ci95, 0.03125);
	for (; paper_point(plan, CURVE_OFFLOAD, n, &offered, &e); n++)
		ck_assert_double_eq(e.value, fmin(offered, 896));
	ck_assert_uint_gt(n, 2);
	ck_assert_double_eq(paper_cpu(plan, CURVE_OFFLOAD, "system").value, 42);
	ck_assert_double_eq(paper_cpu(plan, CURVE_OFFLOAD_SOP, "total").ci95, 0.5);
}
END_TEST

/* The mean of the points offered at least 1.15 times the most; its interval is theirs over the root
 * of their number. */
START_TEST(plateaus) {
	struct estimate e = paper_plateau(plan, CURVE_LEGACY), p;
	unsigned offered, n = 0;

	for (unsigned i = 0; paper_point(plan, CURVE_LEGACY, i, &offered, &p); i++)
		n += offered >= 805;
	ck_assert_uint_gt(n, 0);
	ck_assert_double_eq_tol(e.value, 700, 1e-9);
	ck_assert_double_eq_tol(e.ci95, 2 / sqrt(n), 1e-9);
	for (unsigned i = 0; plan_nth(plan, "fig5", "leg_tcpip", i); i++)
		measures_set(run_of("fig5", "leg_tcpip", i), "clients", "requests",
		             plan_nth(plan, "fig5", "leg_tcpip", i)->offered);
	ck_assert(isnan(paper_plateau(plan, CURVE_LEGACY).value));
}
END_TEST

/* All hold with the paper's own numbers; each that is off its tolerance, or missing, does not. */
START_TEST(claims_hold) {
	struct claim claims[PAPER_CLAIMS];

	ck_assert_uint_eq(paper_claims(plan, claims), 0);
	ck_assert_double_eq_tol(claim_of(claims, "fig5_offload_gain_pct")->simulated.value, 28,
	                        1e-9);
	ck_assert_double_eq_tol(claim_of(claims, "fig5_sop_loss_pct")->simulated.value,
	                        100 * 14 / 896.0, 1e-9);
	ck_assert_double_eq_tol(claim_of(claims, "fig5_low_load_spread_pct")->simulated.value, 0,
	                        1e-9);
	ck_assert_double_eq(claim_of(claims, "fig6_sop_cpu_cost_pct")->simulated.value, 3);
	ck_assert_double_eq_tol(claim_of(claims, "fig6_sop_cpu_cost_pct")->simulated.ci95,
	                        sqrt(0.5), 1e-12);
	ck_assert_double_eq_tol(claim_of(claims, "table1_legacy_change_pct")->simulated.value,
	                        100 * (31.05 / 29.65 - 1), 1e-9);
	measures_set(run_of("table1", "leg_tcpip", 0), "bench", "latency_us", 29.75);
	ck_assert_uint_ge(paper_claims(plan, claims), 1);
	ck_assert_int_eq(claim_of(claims, "table1_legacy_us")->verdict, CLAIM_FAILS);
	ck_assert_int_eq(claim_of(claims, "table1_legacy_sop_us")->verdict, CLAIM_HOLDS);
	measures_set(run_of("fig6", "offload_sop", 0), "server", "cpu_user", NAN);
	paper_claims(plan, claims);
	ck_assert_int_eq(claim_of(claims, "fig6_offload_sop_user_pct")->verdict, CLAIM_FAILS);
	ck_assert_int_eq(claim_of(claims, "fig6_user_difference_pct")->verdict, CLAIM_FAILS);
}
END_TEST

/* 64 % within 1.5: the interval decides. */
START_TEST(claims_undecided) {
	static const struct {
		double value, ci95;
		enum claim_verdict verdict;
	} cases[] = {
		{65, 0.25, CLAIM_HOLDS},         {65.25, 0.25, CLAIM_HOLDS},
		{65.375, 0.25, CLAIM_UNDECIDED}, {65.625, 0.25, CLAIM_UNDECIDED},
		{66, 0.25, CLAIM_FAILS},         {62, 0.25, CLAIM_FAILS},
		{64, 2, CLAIM_UNDECIDED},        {64, NAN, CLAIM_UNDECIDED},
		{NAN, 0.25, CLAIM_FAILS},
	};
	struct claim claims[PAPER_CLAIMS];

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct measures *m = run_of("fig6", "offload_sop", 0);

		measures_set(m, "server", "cpu_total", cases[i].value);
		measures_set(m, "server", "cpu_total_ci95", cases[i].ci95);
		paper_claims(plan, claims);
		ck_assert_msg(claim_of(claims, "fig6_offload_sop_total_pct")->verdict ==
		                      cases[i].verdict,
		              "%g +- %g", cases[i].value, cases[i].ci95);
	}
}
END_TEST

/* With several seeds a plateau is their mean, and a gain is taken seed by seed: here it is the same in each,
 * whatever the seeds do to both. */
START_TEST(paired_gains) {
	static char *sets[] = {(char *)"fig5.repeat=3", NULL};
	static const double factor[] = {0.99, 1, 1.03};
	struct claim claims[PAPER_CLAIMS];
	struct estimate e;

	plan_free(plan);
	plan = plan_new(SCENARIOS "/paper.ini", sets, NULL, NULL, false, 1, NULL);
	for (guint i = 0; i < plan->items->len; i++) {
		struct plan_item *item = &g_array_index(plan->items, struct plan_item, i);

		invent(item);
		if (g_str_equal(item->experiment, "fig5"))
			measures_set(item->m, "clients", "requests",
			             factor[item->replication] *
			                     measures_get(item->m, "clients.requests"));
	}
	e = paper_plateau(plan, CURVE_LEGACY);
	ck_assert_double_eq_tol(e.value, 700 * 3.02 / 3, 1e-6);
	ck_assert_double_ge(e.ci95, 30);
	paper_claims(plan, claims);
	e = claim_of(claims, "fig5_offload_sop_gain_pct")->simulated;
	ck_assert_double_eq_tol(e.value, 26, 1e-6);
	ck_assert_double_le(e.ci95, 1e-3);
	e = claim_of(claims, "fig5_sop_loss_pct")->simulated;
	ck_assert_double_eq_tol(e.value, 100 * 14 / 896.0, 1e-6);
	ck_assert_double_le(e.ci95, 1e-3);
}
END_TEST

/* Fig. 6 has several seeds in full runs: levels over them, what their luck with sizes did taken off; what is
 * between two configs, seed by seed. */
START_TEST(seeds) {
	static const double luck[] = {-2, 1, 0.5, 3, -1, 2};
	struct claim claims[PAPER_CLAIMS];
	const struct plan_item *item;
	struct estimate e;

	plan_free(plan);
	plan = plan_new(SCENARIOS "/paper.ini", NULL, NULL, NULL, false, 1, NULL);
	for (guint i = 0; i < plan->items->len; i++)
		invent(&g_array_index(plan->items, struct plan_item, i));
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		for (unsigned r = 0;
		     (item = plan_replica(plan, plan_nth(plan, "fig6", paper_curves[c].config, 0),
		                          r));
		     r++) {
			ck_assert_uint_lt(r, G_N_ELEMENTS(luck));
			measures_set(item->m, "clients", "imbalance", luck[r]);
			measures_set(item->m, "server", "cpu_total",
			             60 + c + 0.5 * luck[r] + (r == c ? 0.01 : 0));
		}
	e = paper_cpu(plan, CURVE_OFFLOAD, "total");
	ck_assert_double_eq_tol(e.value, 61, 0.01);
	ck_assert_double_gt(e.ci95, 0);
	ck_assert_double_le(e.ci95, 0.02);
	paper_claims(plan, claims);
	e = claim_of(claims, "fig6_sop_cpu_cost_pct")->simulated;
	ck_assert_double_eq_tol(e.value, 1, 1e-9);
	ck_assert_double_le(e.ci95, 0.02);
}
END_TEST

/* As a run that was watched tells. */
static void invent_parts(void) {
	for (unsigned i = 0; i < PAPER_CASES; i++) {
		struct measures *m = run_of("table1", paper_cases[i].config, 0);

		measures_set(m, "explain", "part.tcp: tcp_sendmsg",
		             paper_cases[i].paper_us + 0.25 - 2.125);
		measures_set(m, "explain", "part.syscall: syscall", 0.625);
		measures_set(m, "explain", "part.sop: sop_dispatch", 1.5);
	}
}

static char *content(const char *dir, const char *name) {
	g_autofree char *path = g_build_filename(dir, name, NULL);
	char *text = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s", name);
	g_unlink(path);
	return text;
}

static void has(const char *printed, const char *line) {
	ck_assert_msg(strstr(printed, line), "it does not say: %s", line);
}

START_TEST(files) {
	g_autofree char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL), *table = NULL,
			*fig5 = NULL;
	g_autofree char *fig6 = NULL, *claims = NULL, *parts = NULL,
			*old = g_build_filename(dir, "fig5.svg", NULL);
	struct results *results = results_open("--out", dir, NULL);

	invent_parts();
	g_file_set_contents(old, "of an earlier run", -1, NULL);
	ck_assert(paper_files(plan, results, NULL));
	ck_assert(results_commit(results, NULL));
	results_close(results);
	ck_assert(!g_file_test(old, G_FILE_TEST_EXISTS));
	table = content(dir, "table1.csv");
	fig5 = content(dir, "fig5.csv");
	fig6 = content(dir, "fig6.csv");
	claims = content(dir, "claims.csv");
	ck_assert_str_eq(table, "case,stack,sop,latency_us,ci95_us,paper_us,error_pct,role\n"
	                        "I,legacy,no,29.650,0.031,29.400,0.850,calibrated\n"
	                        "I,legacy,yes,31.050,0.031,30.800,0.812,calibrated\n"
	                        "II,offload,no,32.550,0.031,32.300,0.774,calibrated\n"
	                        "II,offload,yes,33.950,0.031,33.700,0.742,consistency\n");
	parts = content(dir, "table1_parts.csv");
	ck_assert(g_str_has_prefix(parts, "case,stack,sop,layer,part,latency_us,role\n"
	                                  "I,legacy,no,syscall,syscall,0.625000,calibrated\n"
	                                  "I,legacy,no,sop,sop_dispatch,1.500000,calibrated\n"
	                                  "I,legacy,no,tcp,tcp_sendmsg,27.525000,calibrated\n"
	                                  "I,legacy,yes,"));
	ck_assert(g_str_has_prefix(fig5, "config,offered_rps,throughput_rps,ci95_rps\nleg_tcpip,"));
	has(fig5, ",882.000,2.000\n");
	ck_assert_str_eq(fig6,
	                 "config,user_pct,system_pct,total_pct,ci95_pct,paper_total_pct,role\n"
	                 "leg_tcpip,19.000,81.000,100.000,0.500,100.000,predicted\n"
	                 "offload_no_sop,19.000,42.000,61.000,0.500,61.000,calibrated\n"
	                 "offload_sop,19.000,45.000,64.000,0.500,64.000,chosen\n");
	has(claims, "\nfig6_sop_cpu_cost_pct,3.000,3.000,0.707,1.500,chosen,yes\n");
	ck_assert_int_eq(g_rmdir(dir), 0);
}
END_TEST

START_TEST(figures) {
	g_autofree char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL), *svg = NULL,
			*parts = NULL;
	struct results *results = results_open("--out", dir, NULL);

	invent_parts();
	ck_assert(paper_draw(plan, results, NULL));
	ck_assert_uint_eq(results_undrawn(results), 0);
	results_close(results);
	svg = content(dir, "table1.svg");
	has(svg, "33.95 ± 0.03 us");
	parts = content(dir, "table1_parts.svg");
	has(parts, ">33.95 us<");
	has(parts, ">sop_dispatch* 1.50<");
	g_free(content(dir, "fig5.svg"));
	g_free(content(dir, "fig6.svg"));
	g_free(content(dir, "table1.pdf"));
	g_free(content(dir, "table1_parts.pdf"));
	g_free(content(dir, "fig5.pdf"));
	g_free(content(dir, "fig6.pdf"));
	ck_assert_int_eq(g_rmdir(dir), 0);
}
END_TEST

/* From the program to the wire, SOP in its own colour, each box on the one before. */
START_TEST(parts_are_stacked) {
	GString *script;
	const char *call, *sop, *tcp;

	invent_parts();
	script = table1_parts_plot(plan);
	/* Behind the legend, of which the last colour is TCP's. */
	call = strstr(strstr(script->str, "host\\047s TCP"),
	              layer_looks[layer_look("syscall")].colour);
	sop = strstr(call, layer_looks[layer_look("sop")].colour);
	tcp = strstr(sop, layer_looks[layer_look("tcp")].colour);
	ck_assert(call && sop && tcp && call < sop && sop < tcp);
	ck_assert_str_ne(layer_looks[layer_look("sop")].colour,
	                 layer_looks[layer_look("card")].colour);
	ck_assert_uint_eq(layer_look(NULL), LAYER_LOOKS - 1);
	ck_assert_uint_lt(layer_way("syscall"), layer_way("socket"));
	ck_assert_uint_lt(layer_way("card"), layer_way(NULL));
	g_string_free(script, TRUE);
}
END_TEST

/* Each number of the paper's says in its figure whether it holds; a point of runs that failed has a cross. */
START_TEST(figures_tell_verdicts) {
	struct measures *m = run_of("fig6", "offload_sop", 0);
	GString *fig5 = fig5_plot(plan), *fig6 = fig6_plot(plan);

	has(fig5->str, "chosen\\054 holds");
	ck_assert_ptr_null(strstr(fig5->str, " 1\n"));
	has(fig6->str, "offload, SOP\\nchosen, holds");
	g_string_free(fig5, TRUE);
	g_string_free(fig6, TRUE);
	measures_set(m, "server", "cpu_total_ci95", 5);
	measures_set(run_of("fig6", "leg_tcpip", 0), "server", "cpu_total", 90);
	measures_set(run_of("fig5", "offload_sop", 0), "clients", "errors", 1);
	fig5 = fig5_plot(plan);
	fig6 = fig6_plot(plan);
	has(fig5->str, " 1\n");
	has(fig5->str, "cross\\072 a run that failed");
	has(fig6->str, "offload, SOP\\nchosen, undecided");
	has(fig6->str, "legacy TCP/IP\\npredicted, does not hold");
	g_string_free(fig5, TRUE);
	g_string_free(fig6, TRUE);
}
END_TEST

static char *printed(void (*print)(const struct plan *plan)) {
	struct captured out = captured_begin(1);

	print(plan);
	return captured_end(out);
}

static char *explained(void (*tell)(const struct plan *plan, struct answer *answer)) {
	struct captured out = captured_begin(1);

	tell(plan, NULL);
	return captured_end(out);
}

START_TEST(prints) {
	g_autofree char *all = printed(paper_print), *less = NULL;

	has(all, "case II offload with SOP         33.95 +-  0.03     33.7   consistency\n");
	has(all, "predictions                             1 of  1 hold\n");
	has(all, "numbers that the machine was chosen by  5 of  5 hold\n");
	has(all, "numbers that were fitted                7 of  7 hold\n");
	has(all, "consistency checks, which cannot fail   7 of  7 hold\n");
	ck_assert_ptr_null(strstr(all, "DOES NOT HOLD"));
	measures_set(run_of("fig6", "offload_no_sop", 0), "server", "cpu_user", 21);
	less = printed(paper_print);
	has(less, "numbers that were fitted                6 of  7 hold\n");
	has(less, "consistency checks, which cannot fail   6 of  7 hold\n");
	has(less, "numbers that the machine was chosen by  5 of  5 hold\n");
}
END_TEST

/* Parts of all columns in one order, the largest first; they add up. */
START_TEST(explains_sends) {
	static const double us[] = {20, 21, 22, 23};
	g_autofree char *text = NULL;
	const char *inet, *bus;

	for (unsigned i = 0; i < PAPER_CASES; i++) {
		struct measures *m = run_of("table1", paper_cases[i].config, 0);

		measures_set(m, "explain", "part.bus: burst", 1.5);
		measures_set(m, "explain", "part.INET: tcp", us[i]);
		measures_set(m, "explain", "total", us[i] + 1.5);
		for (unsigned w = 0; watch_workers[w]; w++) {
			g_autofree char *spans = g_strconcat(watch_workers[w], ".spans", NULL);
			g_autofree char *account = g_strconcat(watch_workers[w], ".account", NULL);

			measures_set(m, "explain", spans, 7.25);
			measures_set(m, "explain", account, 7.5);
		}
	}
	ck_assert(explain_has_send(plan, NULL));
	text = explained(explain_send);
	inet = strstr(text, "INET: tcp");
	bus = strstr(text, "bus: burst");
	ck_assert(inet && bus && inet < bus);
	has(text, "sum                                       21.500          22.500"
	          "          23.500          24.500\n");
	has(text, "measured                                  21.500          22.500"
	          "          23.500          24.500\n");
}
END_TEST

START_TEST(explains_requests) {
	g_autofree char *text = NULL;

	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		struct measures *m = run_of("fig6", paper_curves[c].config, 0);

		measures_set(m, "clients", "completed", 100);
		measures_set(m, "server", "cost.syscall.us", 1200);
		measures_set(m, "server", "busy_us", 1200);
		measures_set(m, "toe0", "cost.command.us", 300);
		measures_set(m, "toe0", "busy_us", 300);
	}
	ck_assert(explain_has_request(plan, NULL));
	text = explained(explain_request);
	has(text, ": syscall ");
	has(text, "sum                                       12.000          12.000"
	          "          12.000\n  busy time                                 12.000");
	has(text, "busy time                                  3.000           3.000");
}
END_TEST

/* 0.9 ms of the host a request at 100 requests a second: 90 us, and nothing of the card. */
START_TEST(explains_queueing) {
	g_autofree char *text = NULL;

	for (unsigned c = 0; c < PAPER_CURVES; c++)
		for (unsigned i = 0; plan_nth(plan, "fig5", paper_curves[c].config, i); i++) {
			struct measures *m = run_of("fig5", paper_curves[c].config, i);

			measures_set(m, "clients", "connections", 5);
			measures_set(m, "clients", "requests", 1000);
			measures_set(m, "server", "cpu_total", 9);
		}
	ck_assert(explain_has_queueing(plan, NULL));
	text = explained(explain_queueing);
	has(text, "leg_tcpip: a request takes 90 us of the host, 0 of the bus, 0 of the "
	          "card; ");
	/* Both analyses meet the point that their demands are of. */
	has(text, "1000.0  1000.0  +0.0 %  1000.0  +0.0 %");
}
END_TEST

START_TEST(explanations_need_their_runs) {
	g_autoptr(GError) error = NULL;
	struct plan *whole = plan;

	plan = plan_new(SCENARIOS "/paper.ini", NULL, "table1", "leg_sop", true, 1, NULL);
	ck_assert(!explain_has_send(plan, &error));
	ck_assert_str_eq(error->message,
	                 "paper.ini: [experiment table1] configs: 'leg_tcpip' is missing; allowed: "
	                 "a scenario with the experiments of scenarios/paper.ini");
	ck_assert(!explain_has_request(plan, NULL) && !explain_has_queueing(plan, NULL));
	ck_assert(explain_needs(plan, "table1", "leg_sop", NULL));
	plan_free(plan);
	plan = whole;
}
END_TEST

int main(void) {
	Suite *suite = suite_create("paper");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, points);
	tcase_add_test(tc, plateaus);
	tcase_add_test(tc, claims_hold);
	tcase_add_test(tc, claims_undecided);
	tcase_add_test(tc, seeds);
	tcase_add_test(tc, paired_gains);
	tcase_add_test(tc, files);
	tcase_add_test(tc, figures);
	tcase_add_test(tc, parts_are_stacked);
	tcase_add_test(tc, figures_tell_verdicts);
	tcase_add_test(tc, prints);
	tcase_add_test(tc, explains_sends);
	tcase_add_test(tc, explains_requests);
	tcase_add_test(tc, explains_queueing);
	tcase_add_test(tc, explanations_need_their_runs);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
