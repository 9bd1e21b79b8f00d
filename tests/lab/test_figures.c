/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables read; what a run's summary and run.json say. */
#include <check.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/figures/csv.h"
#include "lab/figures/json.h"
#include "lab/figures/summary.h"
#include "lab/kinds/kinds.h"
#include "run_suite.h"

/* --- tables ----------------------------------------------------------------------------------- */

static struct csv *parse(const char *text, gsize length, char **why) {
	g_autoptr(GString) bytes = g_string_new_len(text, (gssize)length);

	return csv_parse(bytes, why);
}

START_TEST(tables) {
	static const char text[] = "a,\"b,c\",d\n1,\"say \"\"no\"\"\",\n,\"two\nlines\",3\n";
	g_autofree char *why = NULL;
	struct csv *csv = parse(text, strlen(text), &why);
	char **row;

	ck_assert_msg(csv, "%s", why);
	ck_assert_int_eq(csv_column(csv, "b,c"), 1);
	ck_assert_int_eq(csv_column(csv, "d"), 2);
	ck_assert_int_eq(csv_column(csv, "e"), -1);
	ck_assert_uint_eq(csv->rows->len, 2);
	row = csv->rows->pdata[0];
	ck_assert_str_eq(row[1], "say \"no\"");
	ck_assert_str_eq(row[2], "");
	row = csv->rows->pdata[1];
	ck_assert_str_eq(row[0], "");
	ck_assert_str_eq(row[1], "two\nlines");
	ck_assert_ptr_null(row[3]);
	csv_free(csv);
}
END_TEST

static const struct {
	const char *text, *why;
} bad_tables[] = {
	{"", "line 1: cut off: the line has no end"},
	{"a,b", "line 1: cut off: the line has no end"},
	{"a,b\n1,2", "line 2: cut off: the line has no end"},
	{"a,\"b\n1,2\n", "line 1: a quote is missing"},
	{"a,\"b\"c\n", "line 1: a quote is missing"},
	{"a,,c\n", "line 1: a column without name, or two of one name"},
	{"a,b,a\n", "line 1: a column without name, or two of one name"},
	{"a,b\n1,2\n1\n", "line 3: not as many cells as there are columns"},
	{"a,b\n1,2,3\n", "line 2: not as many cells as there are columns"},
	{"a\xff\n", "line 1: the file is no UTF-8 text"},
};

START_TEST(tables_refused) {
	g_autofree char *why = NULL;

	ck_assert_ptr_null(parse(bad_tables[_i].text, strlen(bad_tables[_i].text), &why));
	ck_assert_str_eq(why, bad_tables[_i].why);
}
END_TEST

START_TEST(tables_with_nothing_in_them) {
	g_autofree char *why = NULL;

	ck_assert_ptr_null(parse("a\n\0\n", 4, &why));
	ck_assert_str_eq(why, "line 1: the file is no UTF-8 text");
}
END_TEST

/* --- summary and run.json --------------------------------------------------------------------- */

static struct scenario *fetching(void) {
	g_autoptr(GString) bytes = g_string_new(
		"[scenario]\ntitle = one file\n[server]\ntype = host\n[pci0]\ntype = pci\n"
		"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n"
		"[lan]\ntype = network\nmembers = eth0, c\n"
		"[f]\ntype = fetch\npeer = c\ntarget = eth0\npath = /a\n");
	g_autoptr(GError) error = NULL;
	struct text *text = text_parse(bytes, "a.ini", &error);
	struct scenario *sc = text ? scenario_new(text, &error) : NULL;

	ck_assert_msg(sc, "%s", error ? error->message : "");
	text_free(text);
	return sc;
}

static struct measures *measured(void) {
	struct measures *m = measures_new();

	measures_set(m, "sim", "window_s", 0.5);
	measures_set(m, "sim", "events", 1234);
	measures_set(m, "sim", "time_s", 1.5);
	measures_set(m, "sim", "run_events", 2000);
	measures_set(m, "f", "done", 1);
	measures_set(m, "f", "bytes", 1e6 / 3);
	measures_set(m, "f", "total_us", NAN);
	return m;
}

START_TEST(summaries) {
	struct scenario *sc = fetching();
	struct measures *m = measured();
	struct captured out = captured_begin(STDOUT_FILENO);
	g_autofree char *printed = NULL;
	GString *csv;

	summary_print(sc, m);
	printed = captured_end(out);
	ck_assert_str_eq(
		printed,
		"a.ini: one file\n"
		"  measured over 500 ms of simulated time, after 1 s of warm-up; 1,234 events\n"
		"\n"
		"Fetches             fetched  received B\n"
		"  f                       1     333,333\n");
	csv = summary_csv(m);
	ck_assert_str_eq(csv->str,
	                 "measure,value\nsim.window_s,0.5\nsim.events,1234\nsim.time_s,1.5\n"
	                 "sim.run_events,2000\nf.done,1\nf.bytes,333333.333\nf.total_us,\n");
	g_string_free(csv, TRUE);
	measures_free(m);
	scenario_free(sc);
}
END_TEST

/* It is JSON, and says where the numbers came from. */
START_TEST(reports) {
	struct scenario *sc = fetching();
	struct measures *m = measured();
	const struct json_run runs[] = {{"one", m}, {"two \"quoted\"", m}};
	GString *text = json_report(sc, NULL, "run", 7, runs, 2);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autofree char *hash = scenario_hash(sc);
	JsonObject *root, *run, *means;

	ck_assert(json_parser_load_from_data(parser, text->str, (gssize)text->len, NULL));
	ck_assert_int_eq(text->str[text->len - 1], '\n');
	root = json_node_get_object(json_parser_get_root(parser));
	ck_assert_str_eq(json_object_get_string_member(root, "command"), "run");
	ck_assert_str_eq(json_object_get_string_member(root, "scenario"), "a.ini");
	ck_assert_str_eq(json_object_get_string_member(root, "scenario_sha256"), hash);
	ck_assert_int_eq(json_object_get_int_member(root, "seed"), 7);
	ck_assert(!json_object_has_member(root, "wall_s"));
	ck_assert_double_eq(json_object_get_double_member(root, "simulated_s"), 3);
	ck_assert_int_eq(json_object_get_int_member(root, "events"), 4000);
	run = json_object_get_object_member(json_object_get_object_member(root, "runs"),
	                                    "two \"quoted\"");
	ck_assert_int_eq(json_object_get_int_member(run, "f.done"), 1);
	ck_assert_double_eq(json_object_get_double_member(run, "f.bytes"), 1e6 / 3);
	ck_assert(json_object_get_null_member(run, "f.total_us"));
	means = json_object_get_object_member(json_object_get_object_member(root, "measures"),
	                                      "fetch");
	means = json_object_get_object_member(means, "total_us");
	ck_assert_str_eq(json_object_get_string_member(means, "unit"), "us");
	ck_assert_str_eq(json_object_get_string_member(means, "several"), "mean, weighted by done");
	run = json_object_get_object_member(json_object_get_object_member(root, "parameters"),
	                                    "f.path");
	ck_assert_str_eq(json_object_get_string_member(run, "value"), "/a");
	g_string_free(text, TRUE);
	measures_free(m);
	scenario_free(sc);
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tc, test, 0, (int)G_N_ELEMENTS(table))

int main(void) {
	Suite *suite = suite_create("figures");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, tables);
	LOOP(tables_refused, bad_tables);
	tcase_add_test(tc, tables_with_nothing_in_them);
	tcase_add_test(tc, summaries);
	tcase_add_test(tc, reports);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
