/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables read and compared cell by cell; what a run's summary and run.json say. */
#include <check.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/figures/check.h"
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

/* --- comparing -------------------------------------------------------------------------------- */

static GString *told;

static void tell(const struct check *check, const char *file, const char *row, const char *column,
                 const char *baseline, const char *now) {
	(void)check;
	g_string_append_printf(told, "%s %s %s %s %s\n", file, row, column, baseline, now);
}

static bool compare(struct check *check, const char *old, const char *now, GError **error) {
	g_autoptr(GString) a = g_string_new(old), b = g_string_new(now);

	told = told ? g_string_truncate(told, 0) : g_string_new(NULL);
	check->tell = tell;
	return check_tables(check, "t.csv", "key", "old.csv", a, "new.csv", b, error);
}

/* A tolerance is of the baseline's number, the bound included; all that is no number is compared to
 * the letter. */
START_TEST(cells) {
	struct check exact = {0}, loose = {.tolerance = 0.1};
	static const char old[] = "x,key,v,w\na,1,100,yes\na,2,-50,nan\nb,1,0,\n";
	static const char now[] = "x,key,v,w\nb,1,0.0,\na,1,110,no\na,2,-55.1,nan\n";

	ck_assert(compare(&exact, old, old, NULL));
	ck_assert(exact.cells == 6 && exact.moved == 0 && told->len == 0);
	ck_assert(compare(&loose, old, now, NULL));
	ck_assert_uint_eq(loose.cells, 6);
	ck_assert_uint_eq(loose.moved, 2);
	ck_assert_str_eq(told->str, "t.csv a,1 w yes no\nt.csv a,2 v -50 -55.1\n");
	ck_assert(compare(&exact, old, now, NULL));
	ck_assert_uint_eq(exact.moved, 3);
}
END_TEST

START_TEST(rows) {
	struct check check = {.tolerance = 1};

	ck_assert(compare(&check, "key,v\na,1\nb,2\n", "key,v\nc,3\nb,2\n", NULL));
	ck_assert_str_eq(told->str,
	                 "t.csv a (row) present missing\nt.csv c (row) missing present\n");
	ck_assert(check.cells == 1 && check.moved == 2);
}
END_TEST

static const struct {
	const char *old, *now, *message;
} incomparable[] = {
	{"key,v\n1,2\n", "key,w\n1,2\n",
         "check: new.csv: line 1: other columns than the baseline has; allowed: "
         "those of old.csv, key,v"},
	{"k,v\n1,2\n", "k,v\n1,2\n",
         "check: new.csv: line 1: the column that names rows is missing; allowed: key"},
	{"key,v\n", "key,v\n1,2\n", "check: old.csv: has no rows; allowed: one or more"},
	{"key,v\n1,2\n", "key,v\n", "check: new.csv: has no rows; allowed: one or more"},
	{"key,v\n1,2\n", "key,v\n1,2\n1,3\n",
         "check: new.csv: two rows have the same name; allowed: one row of "
         "a name"},
	{"key,v\n1,2\n", "key",
         "check: new.csv: line 1: cut off: the line has no end; allowed: a table as "
         "`sopsim reproduce`, `sweep` or `run` wrote it"},
};

START_TEST(tables_that_cannot_be_compared) {
	g_autoptr(GError) error = NULL;
	struct check check = {0};

	ck_assert(!compare(&check, incomparable[_i].old, incomparable[_i].now, &error));
	ck_assert_str_eq(error->message, incomparable[_i].message);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
}
END_TEST

static void put(const char *dir, const char *name, const char *text) {
	g_autofree char *path = g_build_filename(dir, name, NULL);

	if (text)
		ck_assert(g_file_set_contents(path, text, -1, NULL));
	else
		g_unlink(path);
}

/* What only one of the folders has cannot be compared. */
START_TEST(folders) {
	g_autofree char *a = g_dir_make_tmp("sopsim-test-XXXXXX", NULL);
	g_autofree char *b = g_dir_make_tmp("sopsim-test-XXXXXX", NULL);
	g_autoptr(GError) none = NULL, one = NULL;
	struct check check = {0};

	ck_assert(!check_folders(&check, a, b, &none));
	ck_assert_ptr_nonnull(strstr(none->message, "no figures there; allowed: a folder that"));
	put(a, "summary.csv", "measure,value\nm,1\n");
	ck_assert(!check_folders(&check, a, b, &one));
	ck_assert_ptr_nonnull(strstr(one->message, "summary.csv"));
	put(b, "summary.csv", "measure,value\nm,2\n");
	put(a, "fig5.csv", "config,offered_rps,v\nc,1,5\n");
	put(b, "fig5.csv", "config,offered_rps,v\nc,1,5\n");
	ck_assert(check_folders(&check, a, b, NULL));
	ck_assert(check.cells == 2 && check.moved == 1);
	for (int i = 0; i < 4; i++)
		put(i % 2 ? a : b, i / 2 ? "summary.csv" : "fig5.csv", NULL);
	g_rmdir(a);
	g_rmdir(b);
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
	ck_assert(g_str_has_prefix(printed,
	                           "a.ini: one file\n  measured over 0.500000 s of simulated time, "
	                           "1234 events\n"));
	ck_assert_ptr_nonnull(strstr(printed, "\n  f            fetch      "));
	ck_assert_ptr_nonnull(strstr(printed, "1 fetched, 333333 bytes\n"));
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
	GString *text = json_report(sc, "run", 7, 0.25, runs, 2);
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
	ck_assert_double_eq(json_object_get_double_member(root, "wall_s"), 0.25);
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
	tcase_add_test(tc, cells);
	tcase_add_test(tc, rows);
	LOOP(tables_that_cannot_be_compared, incomparable);
	tcase_add_test(tc, folders);
	tcase_add_test(tc, summaries);
	tcase_add_test(tc, reports);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
