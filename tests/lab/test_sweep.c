/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweeps: what is planned, what is refused, table and figure of made-up runs. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "lab/campaign/sweep_precision.h"
#include "lab/figures/results.h"
#include "lab/figures/sweep_plot.h"
#include "lab/figures/sweep_table.h"
#include "run_suite.h"
#include "sends.h"

/* The last axis is the fastest; --set holds where nothing is varied. */
START_TEST(plans) {
	g_autoptr(GError) error = NULL;
	struct sweep *sweep = sweep_new(
		text,
		wanted(WORDS((char *)"pci0.latency= 1us, 2us", (char *)"bench.message=1B,2B,3B"),
	               WORDS((char *)"pci0.width=32", (char *)"pci0.latency=9us")),
		&error);
	struct text *last;
	struct scenario *sc;
	const struct point *point;

	ck_assert_msg(sweep, "%s", error ? error->message : "");
	ck_assert_uint_eq(sweep->rows->len, 6);
	point = sweep_row(sweep, 4)->point;
	ck_assert_str_eq(point->at[0].label, "2us");
	ck_assert_double_eq(point->at[0].number, 2e-6);
	ck_assert_str_eq(points_axis(sweep->points, 0)->unit, "s");
	ck_assert_str_eq(point->at[1].label, "2B");
	ck_assert_str_eq(points_axis(sweep->points, 1)->unit, "B");
	last = sweep_text(sweep, 5);
	sc = scenario_new(last, NULL);
	text_free(last);
	ck_assert_double_eq(group_number(scenario_find(sc, &kind_pci, "pci0"), "latency"),
	                    2 * SIM_US);
	ck_assert_double_eq(group_number(scenario_find(sc, &kind_pci, "pci0"), "width"), 32);
	ck_assert_double_eq(group_number(scenario_find(sc, &kind_sendbench, "bench"), "message"),
	                    3);
	scenario_free(sc);
	sweep_free(sweep);
}
END_TEST

static double rate_of(const struct sweep *sweep, guint row) {
	struct text *said = sweep_text(sweep, row);
	struct scenario *sc = scenario_new(said, NULL);
	double rate = group_number(scenario_find(sc, &kind_poisson, "load"), "rate");

	scenario_free(sc);
	text_free(said);
	return rate;
}

/* What a [sweep] group says of replications and measures holds if nobody says otherwise. */
START_TEST(words_of_a_group) {
	struct sweep_wanted wanted = {.axes.name = (char *)"a", .seed = 1};
	g_autoptr(GError) error = NULL;
	struct sweep *sweep;

	text_set(text, "sweep a", "vary", "pci0.latency=1us,2us", "a.ini");
	text_set(text, "sweep a", "repeat", "3", "a.ini");
	text_set(text, "sweep a", "measure", "toe*.busy", "a.ini");
	sweep = sweep_new(text, &wanted, &error);
	ck_assert_msg(sweep, "%s", error ? error->message : "");
	ck_assert_uint_eq(sweep->runs->len, 6);
	ck_assert_str_eq(sweep->wanted.measures[0], "toe*.busy");
	sweep_free(sweep);
	wanted.repeat = 1;
	wanted.measures = WORDS((char *)"bench.latency_us");
	sweep = sweep_new(text, &wanted, &error);
	ck_assert_uint_eq(sweep->runs->len, 2);
	ck_assert_str_eq(sweep->wanted.measures[0], "bench.latency_us");
	sweep_free(sweep);
}
END_TEST

/* A load that is varied by its own key is in force, once each, instead of the experiment's points. */
START_TEST(varied_load) {
	struct sweep *sweep;

	text_set(text, "load", "type", "poisson", "a.ini");
	text_set(text, "load", "peers", "c", "a.ini");
	text_set(text, "load", "targets", "toe0", "a.ini");
	text_set(text, "load", "path", "/x", "a.ini");
	text_set(text, "config as_is", "label", "x", "a.ini");
	text_set(text, "experiment many", "configs", "as_is", "a.ini");
	text_set(text, "experiment many", "load", "load.rate", "a.ini");
	text_set(text, "experiment many", "offered", "100, 200, 300", "a.ini");
	sweep = swept(WORDS((char *)"load.rate=40/s,50/s"));
	ck_assert_uint_eq(sweep->rows->len, 2);
	ck_assert_uint_eq(sweep_row(sweep, 1)->offered, 0);
	ck_assert_double_eq(rate_of(sweep, 1), 50);
	sweep_free(sweep);
	sweep = swept(WORDS((char *)"pci0.latency=1us"));
	ck_assert_uint_eq(sweep->rows->len, 3);
	ck_assert_double_eq(rate_of(sweep, 2), 300);
	sweep_free(sweep);
}
END_TEST

/* A config is run where experiments have it, or else by itself; an experiment without it is refused. */
START_TEST(chosen_configs) {
	struct sweep_wanted *w = wanted(NULL, NULL);
	g_autoptr(GError) error = NULL;
	struct sweep *sweep;

	text_set(text, "config near", "pci0.latency", "10ns", "a.ini");
	text_set(text, "config far", "pci0.latency", "10us", "a.ini");
	text_set(text, "config alone", "pci0.latency", "3us", "a.ini");
	text_set(text, "experiment one", "configs", "near, far", "a.ini");
	text_set(text, "experiment two", "configs", "far, near", "a.ini");
	w->axes.configs = WORDS((char *)"near", (char *)"alone");
	sweep = sweep_new(text, w, &error);
	ck_assert_msg(sweep, "%s", error ? error->message : "");
	ck_assert_uint_eq(sweep->rows->len, 3);
	ck_assert_str_eq(sweep_row(sweep, 1)->experiment, "two");
	ck_assert_str_eq(sweep_row(sweep, 1)->config, "near");
	ck_assert_str_eq(sweep_row(sweep, 2)->experiment, "-");
	ck_assert_str_eq(sweep_row(sweep, 2)->config, "alone");
	sweep_free(sweep);
	w->axes.experiments = WORDS((char *)"one");
	ck_assert_ptr_null(sweep_new(text, w, &error));
	ck_assert_str_eq(error->message,
	                 "a.ini: [experiment one] configs: it does not run 'alone'; "
	                 "allowed: --config with some of near, far");
}
END_TEST

/* Without --vary the scenario says. */
START_TEST(own_axes) {
	struct sweep *sweep;

	text_set(text, "scenario", "sweep", "pci0.latency=1us;2us, bench.message=1B;2B;3B",
	         "a.ini");
	sweep = swept(NULL);
	ck_assert_uint_eq(sweep->rows->len, 6);
	ck_assert_str_eq(points_axis(sweep->points, 1)->name, "bench.message");
	sweep_free(sweep);
}
END_TEST

static const struct {
	const char *vary, *figure, *message;
} bad[] = {
	{"pci0.latency", NULL,
         "--vary: 'pci0.latency' varies nothing; allowed: GROUP.KEY=A,B,C, such as "},
	{"=1us", NULL, "--vary: '=1us' varies nothing; allowed: "},
	{"pci0.latency=", NULL, "--vary: 'pci0.latency=' varies nothing; allowed: "},
	{"pci0.latency=1us|pci0.latency=2us", NULL,
         "--vary: 'pci0.latency' is varied twice; allowed: "},
	{"pci0.latency=1us,2parsec", NULL,
         "--vary: [pci0] latency: unknown unit in '2parsec'; allowed: a time"},
	{"pci9.latency=1us", NULL,
         "--vary: pci9.latency: a.ini has no group 'pci9'; did you mean 'pci0'?; allowed: "},
	{NULL, NULL, "a.ini: [scenario] sweep: missing; allowed: GROUP.KEY=A;B;C there, or --vary"},
	{"pci0.latency=1us", "speed",
         "a.ini: [scenario] figure: no measure 'speed'; allowed: columns"},
	{"pci0.latency=1us", "send_latncy_us",
         "a.ini: [scenario] figure: no measure 'send_latncy_us'; did you mean 'send_latency_us'?; allowed: "},
	{"pci0.latency=1us", "bench.latency",
         "a.ini: [scenario] figure: no measure 'bench.latency'; did you mean 'bench.latency_us'?; allowed: "},
};

START_TEST(refused) {
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) vary = bad[_i].vary ? g_strsplit(bad[_i].vary, "|", -1) : NULL;

	if (bad[_i].figure)
		text_set(text, "scenario", "figure", bad[_i].figure, "a.ini");
	ck_assert_ptr_null(sweep_new(text, wanted(vary, NULL), &error));
	ck_assert_msg(g_str_has_prefix(error->message, bad[_i].message), "%s", error->message);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
}
END_TEST

/* As many runs as POINTS_MAX; one more combination is refused before any is planned. */
START_TEST(too_many) {
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) one = g_string_new("bench.message=1B"),
			   two = g_string_new("pci0.burst=8B");
	g_autofree char *want = g_strdup_printf(
		"--vary: the values make more than %d runs; allowed: as many", POINTS_MAX);

	for (int i = 0; i * i <= POINTS_MAX; i++) {
		g_string_append(one, ",2B");
		g_string_append(two, ",8B");
	}
	ck_assert_ptr_null(sweep_new(text, wanted(WORDS(one->str, two->str), NULL), &error));
	ck_assert_str_eq(error->message, want);
}
END_TEST

/* --- table and figure ------------------------------------------------------------------------- */

static void measure(struct record *record, const char *name, double number) {
	struct value value = {g_quark_from_string(name), number};

	g_array_append_val(record->values, value);
}

/* What the runs measured: 10, 20, 30 ... us, half a microsecond sure; the third nothing. */
static void invent(struct sweep *sweep) {
	for (guint i = 0; i < sweep->runs->len; i++) {
		struct sweep_run *run = sweep->runs->pdata[i];

		run->record = record_new();
		if (i == 2)
			continue;
		measure(run->record, "type:sendbench.latency_us", 10 * (i + 1));
		measure(run->record, "type:sendbench.latency_us_ci95", 0.5);
	}
}

static void values(struct sweep *sweep) {
	const struct column *c;
	guint n = 0, found = 0;

	for (; (c = chosen_column(sweep->chosen, n)); n++) {
		if (!sweep_measures(sweep, c))
			continue;
		found++;
		ck_assert_double_eq(sweep_value(sweep, 1, c), 20);
		ck_assert_double_eq(sweep_ci95(sweep, 1, c), 0.5);
		ck_assert(isnan(sweep_value(sweep, 2, c)));
	}
	ck_assert_uint_eq(found, 1);
}

/* The law stands where its measure does, and nowhere else. */
START_TEST(table) {
	struct sweep *sweep =
		swept(WORDS((char *)"pci0.latency=1us,2us,3us", (char *)"bench.message=800B"));
	g_auto(GStrv) lines = NULL;
	GString *csv;

	invent(sweep);
	values(sweep);
	csv = sweep_csv(sweep);
	lines = g_strsplit(csv->str, "\n", -1);
	ck_assert_uint_eq(g_strv_length(lines), 5);
	ck_assert_str_eq(lines[0], "pci0.latency_s,bench.message_B,experiment,config,offered_rps,"
	                           "send_latency_us,send_latency_us_ci95,send_latency_us_n,"
	                           "send_law_us,failed,reason");
	ck_assert_str_eq(lines[1], "1e-06,800,-,-,0,10,0.5,1,9.18,0,");
	ck_assert_str_eq(lines[2], "2e-06,800,-,-,0,20,0.5,1,17.18,0,");
	ck_assert_str_eq(lines[3], "3e-06,800,-,-,0,,,0,,0,");
	g_string_free(csv, TRUE);
	sweep_free(sweep);
}
END_TEST

/* Replications have a mean and Student's interval over those that did not fail: of 10 and 20 us
 * 15 +- 12.7062 * 7.0711 / sqrt(2).  Where all failed, what they measured is shown, and that. */
START_TEST(replications) {
	g_autoptr(GError) error = NULL;
	struct sweep_wanted *w = wanted(WORDS((char *)"pci0.latency=1us,2us"), NULL);
	struct sweep *sweep;
	const struct sweep_row *row;
	const char *reason;
	g_auto(GStrv) lines = NULL;
	GString *csv;

	w->repeat = 3;
	sweep = sweep_new(text, w, &error);
	ck_assert_msg(sweep, "%s", error ? error->message : "");
	ck_assert_uint_eq(sweep->rows->len, 2);
	ck_assert_uint_eq(sweep->runs->len, 6);
	row = sweep_row(sweep, 0);
	for (guint i = 0; i < 3; i++) /* the same in each row: differences are of pairs */
		ck_assert_uint_eq(((struct sweep_run *)row->runs->pdata[i])->seed, i + 1);
	invent(sweep);
	for (guint i = 3; i < 6; i++)
		g_ptr_array_add(((struct sweep_run *)sweep->runs->pdata[i])->record->reasons,
		                g_strdup_printf("no, \"%u\"", i));
	ck_assert_uint_eq(sweep_failed(sweep, 0, &reason), 0);
	ck_assert_ptr_null(reason);
	csv = sweep_csv(sweep);
	lines = g_strsplit(csv->str, "\n", -1);
	ck_assert_str_eq(lines[1], "1e-06,-,-,0,15,63.53102,2,9.18,0,");
	ck_assert_str_eq(lines[2], "2e-06,-,-,0,50,24.84138,3,17.18,3,\"no, \"\"3\"\"\"");
	g_string_free(csv, TRUE);
	sweep_free(sweep);
}
END_TEST

/* The runs that have measured nothing yet say 10 and 30 us by turns, or in the second row always 20. */
static void invent_more(struct sweep *sweep) {
	for (guint i = 0; i < sweep->runs->len; i++) {
		struct sweep_run *run = sweep->runs->pdata[i];

		if (run->record)
			continue;
		run->record = record_new();
		measure(run->record, "type:sendbench.latency_us",
		        run->row        ? 20
		        : run->seed % 2 ? 10
		                        : 30);
	}
}

/* A row is repeated until it is known well enough, by half more each time, or as often as it may be. */
START_TEST(precision) {
	g_autoptr(GError) error = NULL;
	struct sweep_wanted *w = wanted(WORDS((char *)"pci0.latency=1us,2us"), NULL);
	struct sweep *sweep;
	g_autofree char *why = NULL;
	const struct sweep_run *run;

	w->repeat = 4;
	w->precision = 0.1;
	w->most = 8;
	sweep = sweep_new(text, w, &error);
	ck_assert_msg(sweep, "%s", error ? error->message : "");
	ck_assert_uint_eq(sweep_refine(sweep), 0); /* nothing has run */
	invent_more(sweep);
	ck_assert_uint_eq(sweep_refine(sweep), 2);
	ck_assert_uint_eq(sweep_row(sweep, 0)->runs->len, 6);
	ck_assert_uint_eq(sweep_row(sweep, 1)->runs->len, 4);
	run = sweep_row(sweep, 0)->runs->pdata[5];
	ck_assert_uint_eq(run->seed, 6);
	ck_assert_uint_eq(sweep_refine(sweep), 0); /* these have not run */
	ck_assert(sweep_may_want(sweep, run->id, 6));
	ck_assert(!sweep_may_want(sweep, run->id, 7));
	ck_assert(!sweep_may_want(sweep, run->id, 9));
	invent_more(sweep);
	ck_assert_uint_eq(sweep_refine(sweep), 2);
	invent_more(sweep);
	ck_assert_uint_eq(sweep_refine(sweep), 0);
	why = sweep_imprecise(sweep, 0);
	ck_assert_msg(why && g_str_has_prefix(why, "send_latency_us is known to 45 % after 8 runs, "
	                                           "not to 10 %"),
	              "%s", why);
	ck_assert_ptr_null(sweep_imprecise(sweep, 1));
	sweep_free(sweep);
}
END_TEST

/* What failed is not repeated further, and without a precision nothing is. */
START_TEST(no_precision) {
	g_autoptr(GError) error = NULL;
	struct sweep_wanted *w = wanted(WORDS((char *)"pci0.latency=1us,2us"), NULL);
	struct sweep *sweep;
	struct sweep_run *run;

	w->repeat = 2;
	sweep = sweep_new(text, w, &error);
	invent_more(sweep);
	run = sweep->runs->pdata[0];
	ck_assert_uint_eq(sweep_refine(sweep), 0);
	ck_assert(!sweep_may_want(sweep, run->id, 1));
	ck_assert_ptr_null(sweep_imprecise(sweep, 0));
	sweep->wanted.precision = 0.1;
	sweep->wanted.most = 8;
	g_ptr_array_add(run->record->reasons, g_strdup("it failed"));
	ck_assert_uint_eq(sweep_refine(sweep), 0);
	sweep_free(sweep);
}
END_TEST

/* Numbers make the axis, logarithmic over more than a factor of 20; the other dimension the curves;
 * the law is drawn between the points too. */
START_TEST(figure) {
	struct sweep *sweep = swept(
		WORDS((char *)"bench.message=800B,1000B", (char *)"pci0.latency=100ns,1us,3us"));
	GString *script;
	unsigned points = 0;

	invent(sweep);
	script = sweep_plot(sweep);
	ck_assert_ptr_nonnull(strstr(script->str, "set logscale x\n"));
	ck_assert_ptr_nonnull(strstr(script->str, "\"100ns\"")
	                              ? script->str
	                              : strstr(script->str, "ns\" 100000"));
	ck_assert_ptr_nonnull(strstr(
		script->str, "$d0_0 << EOD\n100000 10 9.5 10.5 0\n1000000 20 19.5 20.5 0\nEOD\n"));
	ck_assert_ptr_nonnull(strstr(script->str,
	                             "$d0_1 << EOD\n100000 40 39.5 40.5 0\n1000000 50 49.5 50.5 0\n"
	                             "3000000 60 59.5 60.5 0\nEOD\n"));
	ck_assert_ptr_nonnull(strstr(script->str, "the law\\054 by formula"));
	for (const char *at = strstr(script->str, "$l0_0 << EOD\n");
	     *at != 'E' || at[1] != 'O' || !points; at++)
		points += *at == '\n' && g_ascii_isdigit(at[1]);
	/* At both points, and 23 behind each of them. */
	ck_assert_uint_eq(points, 48);
	ck_assert_ptr_nonnull(strstr(script->str, "\\047")); /* the title's quote */
	g_string_free(script, TRUE);
	sweep_free(sweep);
}
END_TEST

static unsigned count(const char *text, const char *word) {
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		n++;
	return n;
}

/* What was drawn at random is a cloud along the first range, not a curve for each point; of many numbers
 * some are marked on the axis. */
START_TEST(figure_of_what_is_drawn) {
	struct sweep_wanted wanted = {
		.axes = {.vary = WORDS((char *)"pci0.latency=100ns..1us",
	                               (char *)"bench.message=1B..1KiB",
	                               (char *)"toe0.kind=interrupt,polling"),
	                 .sample = 50},
		.repeat = 1,
	};
	g_autoptr(GError) error = NULL;
	struct sweep *sweep = sweep_new(text, &wanted, &error);
	GString *script;

	ck_assert_msg(sweep, "%s", error ? error->message : "");
	invent(sweep);
	script = sweep_plot(sweep);
	ck_assert_uint_eq(count(script->str, "<< EOD"), 2);
	ck_assert_uint_eq(count(script->str, "with points ls"), 2);
	ck_assert_ptr_nonnull(strstr(script->str, "set label \"pci\\060\\056latency\" at "));
	ck_assert_uint_eq(count(script->str, "ns\" "), 5);
	g_string_free(script, TRUE);
	sweep_free(sweep);
}
END_TEST

/* Keys that are joined are one dimension, called by its points' names. */
START_TEST(figure_of_joined_keys) {
	struct sweep *sweep =
		swept(WORDS((char *)"pci0.latency=100ns,1us,2us",
	                    (char *)"pci0.width,pci0.clock=old=32,33MHz;new=64,66MHz"));
	GString *script;

	invent(sweep);
	script = sweep_plot(sweep);
	ck_assert_uint_eq(count(script->str, "$d0_"), 2 * 2);
	ck_assert_ptr_nonnull(strstr(script->str, "old"));
	ck_assert_ptr_null(strstr(script->str, "MHz"));
	g_string_free(script, TRUE);
	sweep_free(sweep);
}
END_TEST

/* Words are an axis of even steps, without a law between them. */
START_TEST(figure_of_words) {
	struct sweep *sweep = swept(WORDS((char *)"toe0.kind=interrupt,polling"));
	GString *script;

	invent(sweep);
	script = sweep_plot(sweep);
	ck_assert_ptr_null(strstr(script->str, "\nset logscale x\n"));
	ck_assert_ptr_nonnull(strstr(script->str, "set xrange [-0.040000001:1.04]\n"));
	ck_assert_ptr_nonnull(
		strstr(script->str, "$d0_0 << EOD\n0 10 9.5 10.5 0\n1 20 19.5 20.5 0\nEOD\n"));
	ck_assert_ptr_nonnull(strstr(script->str, "set label \"toe\\060\\056kind\" at "));
	ck_assert_ptr_null(strstr(script->str, " 1\nEOD\n"));
	g_string_free(script, TRUE);
	/* What failed has a cross. */
	g_ptr_array_add(((struct sweep_run *)sweep->runs->pdata[1])->record->reasons,
	                g_strdup("no"));
	script = sweep_plot(sweep);
	ck_assert_ptr_nonnull(strstr(script->str, "\n1 20 19.5 20.5 1\nEOD\n"));
	ck_assert_ptr_nonnull(strstr(script->str, "using 1:($5 > 0 ? $2 : 1/0) with points pt 2 "));
	g_string_free(script, TRUE);
	sweep_free(sweep);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("sweep");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, plans);
	tcase_add_test(tc, words_of_a_group);
	tcase_add_test(tc, varied_load);
	tcase_add_test(tc, chosen_configs);
	tcase_add_test(tc, own_axes);
	tcase_add_loop_test(tc, refused, 0, (int)G_N_ELEMENTS(bad));
	tcase_add_test(tc, too_many);
	tcase_add_test(tc, table);
	tcase_add_test(tc, replications);
	tcase_add_test(tc, precision);
	tcase_add_test(tc, no_precision);
	tcase_add_test(tc, figure);
	tcase_add_test(tc, figure_of_what_is_drawn);
	tcase_add_test(tc, figure_of_joined_keys);
	tcase_add_test(tc, figure_of_words);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
