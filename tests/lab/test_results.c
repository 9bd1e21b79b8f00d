/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files whole or not at all; statistics; measures on their way between processes. */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/measures.h"
#include "lab/results.h"
#include "lab/stats.h"
#include "run_suite.h"

static char *dir;

static void set_up(void) { dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL); }

static unsigned entries(bool wipe) {
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;
	unsigned n = 0;

	for (; (name = g_dir_read_name(d)); n++) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		if (wipe)
			g_unlink(path);
	}
	g_dir_close(d);
	return n;
}

static void tear_down(void) {
	entries(true);
	g_rmdir(dir);
	g_free(dir);
}

static char *content(const char *name) {
	g_autofree char *path = g_build_filename(dir, name, NULL);
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

START_TEST(nothing_before_commit) {
	g_autoptr(GError) error = NULL;
	g_autofree char *old = g_build_filename(dir, "a.csv", NULL), *now = NULL;
	struct results *results;

	g_file_set_contents(old, "earlier", -1, NULL);
	results = results_open("--out", dir, &error);
	ck_assert(results);
	ck_assert(results_stage(results, "a.csv", "new", 3, &error));
	ck_assert(results_stage(results, "b.csv", "new", 3, &error));
	now = content("a.csv");
	ck_assert_str_eq(now, "earlier");
	results_close(results);
	ck_assert_uint_eq(entries(false), 1);
}
END_TEST

START_TEST(all_after_commit) {
	g_autoptr(GError) error = NULL;
	g_autofree char *a = NULL, *svg = NULL;
	struct results *results = results_open("--out", dir, &error);

	ck_assert(results_stage_string(results, "a.csv", g_string_new("x,y\n"), &error));
	ck_assert(results_stage_plot(results, "f.svg", "plot sin(x)\n", &error));
	ck_assert(results_commit(results, &error));
	results_close(results);
	a = content("a.csv");
	ck_assert_str_eq(a, "x,y\n");
	svg = content("f.svg");
	ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
	ck_assert_uint_eq(entries(false), 2);
}
END_TEST

START_TEST(folder_that_is_a_file) {
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(dir, "file", NULL);

	g_file_set_contents(path, "x", -1, NULL);
	ck_assert_ptr_null(results_open("--out", path, &error));
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
	ck_assert_ptr_nonnull(strstr(error->message, "--out"));
}
END_TEST

START_TEST(bad_plot_is_a_defect) {
	g_autoptr(GError) error = NULL;
	struct results *results = results_open("--out", dir, &error);

	ck_assert(!results_stage_plot(results, "f.svg", "no such command\n", &error));
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_DEFECT));
	results_close(results);
	ck_assert_uint_eq(entries(false), 0);
}
END_TEST

START_TEST(numbers) {
	GString *csv = g_string_new(NULL);

	results_number(csv, 1.23456, 3);
	g_string_append_c(csv, ' ');
	results_number(csv, -0.0001, 3);
	g_string_append_c(csv, ' ');
	results_number(csv, NAN, 3);
	ck_assert_str_eq(csv->str, "1.235 0.000 ");
	g_string_free(csv, TRUE);
}
END_TEST

/* Student's t: 2.776 for four degrees of freedom, 2.365 for seven. */
START_TEST(intervals) {
	const double five[] = {1, 2, 3, 4, 5};
	const double ten[] = {10, 10, 9, 11, 10, 9, 11, 10, 1000, -1000};

	ck_assert_double_eq_tol(stats_ci95(five, 5), 2.776445 * sqrt(2.5) / sqrt(5), 1e-4);
	ck_assert_double_nan(stats_ci95(five, 1));
	ck_assert_double_eq_tol(stats_trimmed_ci95(ten, 10), 2.364624 * sqrt(4.0 / 7) / sqrt(8), 1e-4);
}
END_TEST

START_TEST(measures_travel) {
	struct measures *m = measures_new(), *copy = measures_new();
	GString *text = g_string_new(NULL);

	measures_set(m, "a", "x", 1.0 / 3);
	measures_set(m, "a", "with blanks: y", -2e-300);
	measures_set(m, "a", "x", 0.1);
	measures_write(m, text);
	ck_assert(measures_read(copy, text->str));
	ck_assert(measures_get(copy, "a.x") == 0.1);
	ck_assert(measures_get(copy, "a.with blanks: y") == -2e-300);
	ck_assert(isnan(measures_get(copy, "a.z")));
	ck_assert(!measures_read(copy, "broken"));
	ck_assert(!measures_read(copy, "a 1x"));
	measures_free(m);
	measures_free(copy);
	g_string_free(text, TRUE);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("results");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, nothing_before_commit);
	tcase_add_test(tc, all_after_commit);
	tcase_add_test(tc, folder_that_is_a_file);
	tcase_add_test(tc, bad_plot_is_a_defect);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, intervals);
	tcase_add_test(tc, measures_travel);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
