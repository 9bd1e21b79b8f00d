/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files whole or not at all; statistics; measures on their way between processes. */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/base/folder.h"
#include "lab/base/stats.h"
#include "lab/base/terminal.h"
#include "lab/figures/gnuplot.h"
#include "lab/figures/results.h"
#include "lab/world/measures.h"
#include "run_suite.h"
#include "scratch.h"

static char *dir;

static void set_up(void) { dir = scratch_new(); }

static unsigned entries(void) {
	GDir *d = g_dir_open(dir, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(d))
		n++;
	g_dir_close(d);
	return n;
}

static void tear_down(void) { scratch_remove(dir); }

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
	ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(all_after_commit) {
	g_autoptr(GError) error = NULL;
	g_autofree char *a = NULL, *svg = NULL;
	struct results *results = results_open("--out", dir, &error);

	ck_assert(results_stage_string(results, "a.csv", g_string_new("x,y\n"), &error));
	ck_assert(results_commit(results, &error));
	ck_assert(results_draw(results, "f", "plot sin(x)\n", &error));
	ck_assert_uint_eq(results_undrawn(results), 0);
	results_close(results);
	a = content("a.csv");
	ck_assert_str_eq(a, "x,y\n");
	svg = content("f.svg");
	ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
	ck_assert_uint_eq(entries(), 3); /* and f.pdf */
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

/* It costs the figure and nothing else. */
START_TEST(bad_plot_is_a_warning) {
	g_autoptr(GError) error = NULL;
	g_autofree char *old = g_build_filename(dir, "f.svg", NULL);
	struct results *results = results_open("--out", dir, &error);

	g_file_set_contents(old, "of other numbers", -1, NULL);
	results_outdate_figure(results, "f");
	ck_assert(results_stage_string(results, "a.csv", g_string_new("x,y\n"), &error));
	ck_assert(results_commit(results, &error));
	ck_assert(results_draw(results, "f", "no such command\n", &error));
	ck_assert_uint_eq(results_undrawn(results), 1);
	results_close(results);
	ck_assert_uint_eq(entries(), 1);
}
END_TEST

/* Whatever stands in a text, gnuplot draws it: it runs nothing and refuses nothing. */
START_TEST(texts_in_plots) {
	static const char *const texts[] = {
		"it's",
		"'; system('touch pwned'); '",
		"`touch pwned`",
		"100% of %d %s %n",
		"a\\",
		"\\'",
		"'",
		"<b>&amp;</b>",
		"\x1b[31m\x07\x1f",
		"a\nb",
		"$x @y {/=20 z}",
		"\xff\xc3",
		"",
		"\xc2\x9b",
	};
	g_autoptr(GError) error = NULL;
	g_autofree char *svg = NULL;
	struct results *results = results_open("--out", dir, &error);
	GString *script = g_string_new("set xtics (");

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_string_append(script, i ? ", " : "");
		gnuplot_format(script, texts[i]);
		g_string_append_printf(script, " %zu", i);
	}
	g_string_append(script, ")\n");
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_string_append_printf(script, "set label %zu ", i + 1);
		gnuplot_text(script, texts[i]);
		g_string_append(script, " at 1,1 noenhanced\n");
	}
	g_string_append_printf(script, "plot [0:%zu] x\n", G_N_ELEMENTS(texts));
	ck_assert(results_draw(results, "f", script->str, &error));
	ck_assert_uint_eq(results_undrawn(results), 0);
	svg = content("f.svg");
	ck_assert_ptr_nonnull(strstr(svg, "100% of %d %s %n"));
	ck_assert_ptr_nonnull(strstr(svg, "touch pwned"));
	ck_assert_ptr_null(strstr(svg, "<b>"));
	ck_assert(g_utf8_validate(svg, -1, NULL));
	for (const char *at = svg; *at; at++)
		ck_assert(*at == '\n' || *at == '\t' || (unsigned char)*at >= 0x20);
	results_close(results);
	ck_assert_uint_eq(entries(), 2);
	g_string_free(script, TRUE);
}
END_TEST

START_TEST(words_in_csvs) {
	GString *csv = g_string_new(NULL);

	results_cell(csv, "plain");
	results_cell(csv, ",");
	results_cell(csv, "say \"no\"");
	results_cell(csv, "\x1b[0m");
	ck_assert_str_eq(csv->str, "plain\",\"\"say \"\"no\"\"\"\\x1b[0m");
	g_string_free(csv, TRUE);
}
END_TEST

START_TEST(texts_on_terminals) {
	static const struct {
		const char *raw, *shown;
	} texts[] = {
		{"caf\xc3\xa9 \xe2\x82\xac\t\n", "caf\xc3\xa9 \xe2\x82\xac\t\n"},
		{"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
		{"\r\b\x7f", "\\x0d\\x08\\x7f"},
		{"\xc2\x9b"
	         "31m",
	         "\\xc2\\x9b31m"},
		{"\x9b\xff", "\\x9b\\xff"},
		{"a\xe2\x80\xae"
	         "b",
	         "a\\xe2\\x80\\xaeb"},
		{"\xe2\x82", "\\xe2\\x82"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *shown = terminal_text(texts[i].raw);

		ck_assert_str_eq(shown, texts[i].shown);
	}
}
END_TEST

/* Of another process, but not of this one, which may want --out and --pcap in one place. */
START_TEST(folders_are_locked) {
	g_autoptr(GError) error = NULL;
	struct folder *first = folder_open("--out", dir, &error), *second;
	int status;
	pid_t child;

	ck_assert_ptr_nonnull(first);
	second = folder_open("--pcap", dir, &error);
	ck_assert_ptr_nonnull(second);
	child = fork();
	if (child == 0) {
		g_autofree char *self = g_strdup_printf("flock -n '%s' true", dir);

		_exit(system(self) == 0 ? 1 : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert(folder_there(first, &error));
	folder_close(second);
	folder_close(first);
	ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(folders_that_go) {
	g_autoptr(GError) error = NULL;
	struct results *results = results_open("--out", dir, &error);

	ck_assert(results_stage(results, "a.csv", "new", 3, &error));
	scratch_wipe(dir);
	ck_assert_int_eq(g_rmdir(dir), 0);
	ck_assert(!results_commit(results, &error));
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
	ck_assert_ptr_nonnull(strstr(error->message, "--out"));
	results_close(results);
	g_mkdir(dir, 0777);
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
	ck_assert_double_eq_tol(stats_trimmed_ci95(ten, 10), 2.364624 * sqrt(4.0 / 7) / sqrt(8),
	                        1e-4);
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
	tcase_add_test(tc, bad_plot_is_a_warning);
	tcase_add_test(tc, texts_in_plots);
	tcase_add_test(tc, words_in_csvs);
	tcase_add_test(tc, texts_on_terminals);
	tcase_add_test(tc, folders_are_locked);
	tcase_add_test(tc, folders_that_go);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, intervals);
	tcase_add_test(tc, measures_travel);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
