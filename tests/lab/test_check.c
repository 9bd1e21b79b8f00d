/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures compared cell by cell, with intervals and by rules; and how it is told. */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "lab/figures/check_about.h"
#include "lab/figures/check_report.h"
#include "lab/figures/check_tidy.h"
#include "run_suite.h"
#include "scratch.h"

static GString *told;

static void tell(void *arg, const struct check_cell *cell) {
	(void)arg;
	if (cell->moved)
		g_string_append_printf(told, "%s %s %s %s %s\n", cell->file, cell->row,
		                       cell->column, cell->baseline, cell->now);
}

static const struct check_layout layout = {"t.csv", "key", "w", "err", 0, NULL};

static struct check_rules *rules_of(double tolerance) {
	struct check_rules *rules = check_rules_new();

	check_rules_set(rules, tolerance);
	return rules;
}

static bool compare(struct check *check, const char *old, const char *now, GError **error) {
	g_autoptr(GString) a = g_string_new(old), b = g_string_new(now);

	told = told ? g_string_truncate(told, 0) : g_string_new(NULL);
	check->tell = tell;
	return check_tables(check, &layout, "old.csv", a, "new.csv", b, error);
}

/* A tolerance is of the baseline's number, the bound included; all that is no number is compared to
 * the letter. */
START_TEST(cells) {
	struct check_rules *none = rules_of(0), *tenth = rules_of(0.1);
	struct check exact = {.rules = none}, loose = {.rules = tenth};
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
	check_rules_free(none);
	check_rules_free(tenth);
}
END_TEST

START_TEST(rows) {
	struct check_rules *rules = rules_of(1);
	struct check check = {.rules = rules};

	ck_assert(compare(&check, "key,v\na,1\nb,2\n", "key,v\nc,3\nb,2\n", NULL));
	ck_assert_str_eq(told->str,
	                 "t.csv a (row) present missing\nt.csv c (row) missing present\n");
	ck_assert(check.cells == 1 && check.moved == 2);
	check_rules_free(rules);
}
END_TEST

/* Columns v, v_ci95, v_n, and the table's own pair w and err. */
#define SURE "key,v,v_ci95,v_n,w,err,x\na,100,3,10,50,4,7\n"

static const struct {
	const char *now, *told;
} sure[] = {
	{"a,104,4,10,50,4,7\n", ""}, /* 5 is what both together are */
	{"a,105.1,4,10,50,4,7\n", "t.csv a v 100 105.1\n"},
	{"a,104,,10,50,4,7\n", "t.csv a v 100 104\n"}, /* one of them does not know */
	{"a,104,nan,10,50,4,7\n", "t.csv a v 100 104\n"},
	{"a,100,9,99,50,9,7\n", ""}, /* intervals and their runs are no figures */
	{"a,100,3,10,55,3,7\n", ""},
	{"a,100,3,10,55.1,3,7\n", "t.csv a w 50 55.1\n"},
	{"a,100,3,10,50,4,8\n", "t.csv a x 7 8\n"},
};

START_TEST(intervals) {
	g_autofree char *now = g_strconcat("key,v,v_ci95,v_n,w,err,x\n", sure[_i].now, NULL);
	struct check_rules *rules = rules_of(0);
	struct check check = {.rules = rules};

	ck_assert(compare(&check, SURE, now, NULL));
	ck_assert_str_eq(told->str, sure[_i].told);
	ck_assert_uint_eq(check.cells, 3);
	check_rules_set_intervals(rules, false);
	check.cells = 0;
	ck_assert(compare(&check, SURE, now, NULL));
	ck_assert_uint_eq(check.cells, 6);
	ck_assert_uint_gt(told->len, 0);
	check_rules_free(rules);
}
END_TEST

/* Of rows with the names of measures the interval is a row. */
START_TEST(intervals_in_rows) {
	static const struct check_layout tidy = {"summary.csv", "measure", NULL, NULL, 1, NULL};
	g_autoptr(GString) old = g_string_new("measure,value\nc.rate,100\nc.rate_ci95,3\nc.n,5\n"),
			   now = g_string_new("measure,value\nc.rate,104\nc.rate_ci95,4\nc.n,6\n");
	struct check_rules *rules = rules_of(0);
	struct check check = {.rules = rules, .tell = tell};

	told = told ? g_string_truncate(told, 0) : g_string_new(NULL);
	ck_assert(check_tables(&check, &tidy, "old", old, "now", now, NULL));
	ck_assert_str_eq(told->str, "summary.csv c.n value 5 6\n");
	ck_assert_uint_eq(check.cells, 2);
	check_rules_free(rules);
}
END_TEST

#define RUN_HEAD "run,x_s,replication,seed,group,measure,unit,value\n"

static GString *told_of_runs(const char *old, const char *now) {
	static const struct check_layout all = {"results.csv", "measure", "value",
	                                        "value_ci95",  2,         check_tidy};
	g_autoptr(GString) a = g_string_new(RUN_HEAD), b = g_string_new(RUN_HEAD);
	struct check_rules *rules = rules_of(0);
	struct check check = {.rules = rules, .tell = tell};

	told = told ? g_string_truncate(told, 0) : g_string_new(NULL);
	g_string_append(a, old);
	g_string_append(b, now);
	ck_assert(check_tables(&check, &all, "old", a, "now", b, NULL));
	g_string_append_printf(told, "%u", check.cells);
	check_rules_free(rules);
	return told;
}

/* Of all measures of all runs: means over replications, with their interval, or with a single run's own. */
START_TEST(runs) {
	static const char two[] =
		"a,1,0,1,c,v,s,10\nb,1,1,2,c,v,s,12\na,1,0,1,c,n,1,5\nb,1,1,2,c,n,1,5\n";
	static const char one[] = "a,1,0,1,c,v,s,10\na,1,0,1,c,v_ci95,s,3\na,2,0,1,c,v,s,7\n";

	/* Two of 10 and 12 are 11 +- 12.7. */
	ck_assert_str_eq(told_of_runs(two, "z,1,0,1,c,v,s,20\ny,1,1,2,c,v,s,22\nz,1,0,1,c,n,1,5\n"
	                                   "y,1,1,2,c,n,1,6\n")
	                         ->str,
	                 "2");
	ck_assert_str_eq(told_of_runs(two, "z,1,0,1,c,v,s,40\ny,1,1,2,c,v,s,42\nz,1,0,1,c,n,1,5\n"
	                                   "y,1,1,2,c,n,1,5\n")
	                         ->str,
	                 "results.csv 1,c,v value 11 41\n2");
	ck_assert_str_eq(
		told_of_runs(one, "z,1,0,1,c,v,s,14\nz,1,0,1,c,v_ci95,s,3\nz,2,0,1,c,v,s,8\n")->str,
		"results.csv 2,c,v value 7 8\n2");
}
END_TEST

/* --- rules ------------------------------------------------------------------------------------ */

static struct check_rules *read_rules(const char *says, GError **error) {
	struct check_rules *rules = check_rules_new();
	char *dir = scratch_new();
	bool good;

	g_free(scratch_file(dir, "check.ini", says));
	good = check_rules_read(rules, dir, error);
	scratch_remove(dir);
	if (!good)
		g_clear_pointer(&rules, check_rules_free);
	return rules;
}

/* The last that fits holds; a share, a difference, to the letter, or never mind. */
START_TEST(rules_hold) {
	struct check_rules *rules = read_rules("[check]\ntolerance = 5%\nintervals = no\n[t.csv]\n"
	                                       "v = 10%\nw* = +-0.5\nwx = exact\nx = ignore\n",
	                                       NULL);
	struct check check = {.rules = rules};

	ck_assert(!check_rules_intervals(rules));
	ck_assert_double_eq(check_rules_find(rules, "t.csv", "y").relative, 0.05);
	ck_assert_double_eq(check_rules_find(rules, "u.csv", "v").relative, 0.05);
	ck_assert_double_eq(check_rules_find(rules, "t.csv", "w").absolute, 0.5);
	ck_assert(compare(&check, "key,v,w,wx,x,y\na,10,1,1,1,100\n",
	                  "key,v,w,wx,x,y\na,11,1.5,1.001,z,106\n", NULL));
	ck_assert_str_eq(told->str, "t.csv a wx 1 1.001\nt.csv a y 100 106\n");
	check_rules_free(rules);
}
END_TEST

/* A rule for what there is not is a slip of the pen. */
START_TEST(rules_for_nothing) {
	g_autoptr(GError) error = NULL;
	struct check_rules *rules = read_rules("[u.csv]\nv = 1%\n[t.csv]\nvv = 1%\n", NULL);
	struct check check = {.rules = rules};

	ck_assert(!compare(&check, "key,v\na,1\n", "key,v\na,1\n", &error));
	ck_assert_ptr_nonnull(strstr(error->message,
	                             "check.ini: line 4: [t.csv] vv: there is nothing of that name "
	                             "to compare; allowed: columns of t.csv"));
	check_rules_free(rules);
}
END_TEST

static const struct {
	const char *says, *message;
} bad_rules[] = {
	{"[figures]\n", "line 1: [figures]: neither 'check' nor a table; allowed: such as [check]"},
	{"[check]\nintervals = maybe\n", "line 2: [check] intervals: 'maybe'; allowed: yes or no"},
	{"[check]\nspeed = 1\n",
         "line 2: [check] speed: unknown key; allowed: tolerance, intervals"},
	{"[check]\ntolerance = 200%\n", "line 2: [check] tolerance: '200%'; allowed: 0% to 100%"},
	{"[check]\ntolerance = ignore\n", "line 2: [check] tolerance: 'ignore'; allowed: "},
	{"[a.csv]\nv = much\n",
         "line 2: [a.csv] v: 'much' is no tolerance; allowed: a share such as"},
	{"[a.csv]\nv = +--1\n", "line 2: [a.csv] v: '+--1' is no tolerance; allowed: "},
	{"nonsense\n", "line 1: neither a group, a key nor a comment; allowed: "},
};

START_TEST(rules_refused) {
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(read_rules(bad_rules[_i].says, &error));
	ck_assert_msg(strstr(error->message, bad_rules[_i].message), "%s", error->message);
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
}
END_TEST

/* --- reports ---------------------------------------------------------------------------------- */

static GString *reported(GString *(*how)(const struct check_report *report), const char *old,
                         const char *now) {
	g_autoptr(GString) a = g_string_new(old), b = g_string_new(now);
	struct check_report *report = check_report_new();
	struct check_rules *rules = rules_of(0);
	struct check check = {.rules = rules, .tell = check_report_take, .arg = report};
	GString *text;

	ck_assert(check_tables(&check, &layout, "old", a, "now", b, NULL));
	text = how(report);
	check_rules_free(rules);
	check_report_free(report);
	return text;
}

static GString *as_github(const struct check_report *report) {
	return check_report_github(report, "out:1");
}

START_TEST(reports_for_people) {
	GString *text = reported(check_report_text, "key,v,v_ci95\na,100,1\nb,1,1\n",
	                         "key,v,v_ci95\na,110,1\nc,1,1\n");
	g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);

	ck_assert_str_eq(g_strchomp(lines[1]),
	                 "t.csv        a                                v      "
	                 "                   100          110        +10 %  "
	                 "+- 1, +- 1");
	ck_assert_ptr_nonnull(strstr(text->str,
	                             "t.csv: 3 of 1 moved, the farthest v of a by +10 %\n"
	                             "1 numbers compared, 3 moved\n"));
	g_string_free(text, TRUE);
	text = reported(check_report_text, "key,v\na,1\n", "key,v\na,1\n");
	ck_assert_str_eq(text->str, "1 numbers compared, 0 moved\n");
	g_string_free(text, TRUE);
}
END_TEST

/* Whatever stands in a table, the XML is well formed. */
START_TEST(reports_for_junit) {
	GString *xml = reported(check_report_junit, "key,v\n<a&\"\x01>,1\nb,2\n",
	                        "key,v\n<a&\"\x01>,2\nb,2\n");
	GMarkupParser parser = {0};
	GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, NULL, NULL);

	ck_assert(g_markup_parse_context_parse(context, xml->str, (gssize)xml->len, NULL) &&
	          g_markup_parse_context_end_parse(context, NULL));
	ck_assert_ptr_nonnull(
		strstr(xml->str, "<testsuite name=\"t.csv\" tests=\"2\" failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(xml->str, "name=\"&lt;a&amp;&quot;\\x01&gt; v\">"));
	ck_assert_ptr_nonnull(strstr(xml->str, "message=\"was 1, is 2 (+100 %)\"/>"));
	ck_assert_ptr_nonnull(strstr(xml->str, "name=\"b v\"/>"));
	g_markup_parse_context_free(context);
	g_string_free(xml, TRUE);
}
END_TEST

START_TEST(reports_for_github) {
	GString *text = reported(as_github, "key,v\na:5%,1\n", "key,v\na:5%,2\n"), *many;
	g_autoptr(GString) old = g_string_new("key,v\n"), now = g_string_new("key,v\n");
	g_auto(GStrv) lines = NULL;

	ck_assert_str_eq(text->str, "::error file=out%3A1/t.csv,line=2,title=v of a%3A5%25::"
	                            "v of a:5%25 was 1, is 2 (+100 %25)\n");
	g_string_free(text, TRUE);
	for (int i = 0; i < 30; i++) {
		g_string_append_printf(old, "%d,1\n", i);
		g_string_append_printf(now, "%d,2\n", i);
	}
	many = reported(as_github, old->str, now->str);
	lines = g_strsplit(many->str, "\n", -1);
	ck_assert_uint_eq(g_strv_length(lines), 11);
	ck_assert_str_eq(lines[9], "::error ::and 21 more moved, see the log");
	g_string_free(many, TRUE);
}
END_TEST

/* What made them: parameters of run.json and of sweep.json, whichever way they are written. */
START_TEST(what_made_them) {
	char *a = scratch_new(), *b = scratch_new(), *c = scratch_new();
	GPtrArray *about;
	const struct check_about *first;

	g_free(scratch_file(a, "run.json",
	                    "{\"seed\": 1, \"wall_s\": 5, \"parameters\": {\"p.x\": "
	                    "{\"value\": \"1us\", \"role\": \"assumed\"}, \"p.y\": "
	                    "{\"value\": \"2\"}}}"));
	g_free(scratch_file(b, "sweep.json",
	                    "{\"seed\": 2, \"parameters\": {\"p.x\": \"2us\", \"p.z\": \"2\"}}"));
	g_free(scratch_file(c, "run.json", "{\"seed\": [], \"parameters\": 3}"));
	about = check_about(a, b);
	ck_assert_uint_eq(about->len, 4);
	first = about->pdata[0];
	ck_assert_str_eq(first->name, "p.x");
	ck_assert_str_eq(first->baseline, "1us");
	ck_assert_str_eq(first->now, "2us");
	ck_assert_str_eq(((const struct check_about *)about->pdata[2])->baseline, "not given");
	ck_assert_str_eq(((const struct check_about *)about->pdata[3])->name, "seed");
	g_ptr_array_unref(about);
	about = check_about(a, c);
	ck_assert_uint_eq(about->len, 3);
	g_ptr_array_unref(about);
	g_free(scratch_file(c, "run.json", "{ half"));
	ck_assert_ptr_null(check_about(a, c));
	scratch_remove(a);
	scratch_remove(b);
	scratch_remove(c);
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
	struct check_rules *rules = rules_of(0);
	struct check check = {.rules = rules};

	ck_assert(!compare(&check, incomparable[_i].old, incomparable[_i].now, &error));
	check_rules_free(rules);
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
	struct check_rules *rules = rules_of(0);
	struct check check = {.rules = rules};

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
	check_rules_free(rules);
	for (int i = 0; i < 4; i++)
		put(i % 2 ? a : b, i / 2 ? "summary.csv" : "fig5.csv", NULL);
	g_rmdir(a);
	g_rmdir(b);
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tc, test, 0, (int)G_N_ELEMENTS(table))

int main(void) {
	Suite *suite = suite_create("check");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, cells);
	tcase_add_test(tc, rows);
	LOOP(intervals, sure);
	tcase_add_test(tc, intervals_in_rows);
	tcase_add_test(tc, runs);
	tcase_add_test(tc, rules_hold);
	tcase_add_test(tc, rules_for_nothing);
	LOOP(rules_refused, bad_rules);
	tcase_add_test(tc, reports_for_people);
	tcase_add_test(tc, reports_for_junit);
	tcase_add_test(tc, reports_for_github);
	tcase_add_test(tc, what_made_them);
	LOOP(tables_that_cannot_be_compared, incomparable);
	tcase_add_test(tc, folders);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
