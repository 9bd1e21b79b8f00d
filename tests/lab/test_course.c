/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course's parts: who draws what, what a reckoning comes to, how a sheet becomes a page. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/markdown.h"
#include "lab/course/reckon.h"
#include "lab/course/student.h"
#include "run_suite.h"

/* --- students --------------------------------------------------------------------------------- */

static struct unit *unit_with(const char *values) {
	g_autofree char *dir = g_dir_make_tmp("course-XXXXXX", NULL),
			*rules = g_build_filename(dir, "unit.ini", NULL),
			*sheet = g_build_filename(dir, "sheet.md", NULL),
			*text = g_strconcat("[unit]\ntitle = T\nabout = A\n", values,
	                                    "[question q1]\nask = Q\nanswer = 1\n", NULL);
	g_autoptr(GError) error = NULL;
	struct unit *unit;

	ck_assert(g_file_set_contents(rules, text, -1, NULL));
	ck_assert(g_file_set_contents(sheet, "?q1\n", -1, NULL));
	unit = unit_read(dir, &error);
	ck_assert_msg(unit, "%s", error ? error->message : "no unit");
	g_free(unit->name); /* the folder's name is drawn from, too */
	unit->name = g_strdup("unit");
	return unit;
}

static const char *value_of(const struct unit *unit, const char *student, const char *value,
                            struct student **who) {
	g_autoptr(GError) error = NULL;

	*who = student_new(unit, student, &error);
	ck_assert_msg(*who, "%s", error ? error->message : "no student");
	return g_hash_table_lookup((*who)->values, value);
}

/* Each value but the first is drawn about as often as the others, and the same one by the same student. */
START_TEST(a_class_draws_all_values) {
	struct unit *unit = unit_with("[value v]\nof = 0, 1, 2, 3, 4\n");
	unsigned drawn[5] = {0};

	for (unsigned i = 0; i < 400; i++) {
		g_autofree char *name = g_strdup_printf("%u", 20261000 + i);
		struct student *who, *again;
		const char *value = value_of(unit, name, "v", &who);

		ck_assert_str_eq(value, value_of(unit, name, "v", &again));
		drawn[atoi(value)]++;
		student_free(who);
		student_free(again);
	}
	ck_assert_uint_eq(drawn[0], 0);
	for (unsigned i = 1; i < 5; i++)
		ck_assert_msg(drawn[i] > 70 && drawn[i] < 130, "%u: %u times", i, drawn[i]);
	unit_free(unit);
}
END_TEST

START_TEST(values_by_another_are_drawn_together) {
	struct unit *unit =
		unit_with("[value a]\nof = 0, 1, 2, 3\n[value b]\nof = x0, x1, x2, x3\nby = a\n"
	                  "[value c]\nof = y0, y1, y2, y3\n");
	unsigned together = 0;

	for (unsigned i = 0; i < 100; i++) {
		g_autofree char *name = g_strdup_printf("s%u", i);
		struct student *who;
		const char *a = value_of(unit, name, "a", &who);
		const char *b = g_hash_table_lookup(who->values, "b"),
			   *c = g_hash_table_lookup(who->values, "c");

		ck_assert_str_eq(a, b + 1);
		together += g_str_equal(a, c + 1);
		student_free(who);
	}
	ck_assert_uint_lt(together, 60); /* a third */
	unit_free(unit);
}
END_TEST

START_TEST(a_name_is_one_however_it_is_typed) {
	static const char *const same[] = {"Zo\xc3\xab Diaz", " zo\xc3\xab  DIAZ\t",
	                                   "Zoe\xcc\x88 Diaz"};
	struct unit *unit = unit_with("[value v]\nof = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n");
	struct student *first, *who;
	const char *value = value_of(unit, same[0], "v", &first);

	for (size_t i = 1; i < G_N_ELEMENTS(same); i++) {
		ck_assert_str_eq(value, value_of(unit, same[i], "v", &who));
		student_free(who);
	}
	student_free(first);
	unit_free(unit);
}
END_TEST

START_TEST(what_is_no_name_is_refused) {
	static const char *const none[] = {"", " \t ", "a\nb", "\xff", "\x1b[2J"};
	g_autofree char *much = g_strnfill(201, 'a');
	struct unit *unit = unit_with("[value v]\nof = 0, 1\n");

	for (size_t i = 0; i <= G_N_ELEMENTS(none); i++) {
		g_autoptr(GError) error = NULL;

		ck_assert(!student_new(unit, i < G_N_ELEMENTS(none) ? none[i] : much, &error));
		ck_assert(error && strstr(error->message, "allowed:"));
	}
	unit_free(unit);
}
END_TEST

/* --- reckonings ------------------------------------------------------------------------------- */

static bool look(void *arg, const char *run, const char *measure, int repetition, double *value,
                 unsigned *n, GError **error) {
	static const double seeds[] = {1, 2, 4, 9};

	(void)arg;
	if (g_str_equal(run, "one") && g_str_equal(measure, "a.x_us")) {
		*n = 1;
		*value = 12.5;
		return true;
	}
	if (g_str_equal(run, "four")) {
		*n = 4;
		*value = repetition < 0 ? 4 : seeds[repetition];
		return true;
	}
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "no %s:%s", run, measure);
	return false;
}

static const struct {
	const char *text;
	double value;
} reckoned[] = {
	{"1 + 2 * 3", 7},
	{"(1 + 2) * 3", 9},
	{"2 - 3 - 4", -5},
	{"16 / 4 / 2", 2},
	{"-2 * -3", 6},
	{"700ns / 1us", 0.7},
	{"1.5KiB", 1536},
	{"8 * 1460B / 1ms / 1Mbit/s", 11.68},
	{"25%", 0.25},
	{"one:a.x_us * 2", 25},
	{"four:b.y", 4},
	{"mean(four:b.y * four:b.y)", 25.5},
	{"half(four:b.y - four:b.y)", 0},
	{"min(3, 2) + max(3, 2) + sqrt(16) + abs(-1) + floor(1.5) + ceil(1.5) + round(1.4)", 14},
	{"1 < 2", 1},
	{"2 <= 1", 0},
	{"3 >= 3", 1},
	{"3 > 3", 0},
	{"1 + 1 = 2", 1},
};

START_TEST(reckonings_come_to_what_they_should) {
	for (size_t i = 0; i < G_N_ELEMENTS(reckoned); i++) {
		g_autoptr(GError) error = NULL;
		double value;

		ck_assert_msg(reckon(reckoned[i].text, "here", look, NULL, &value, &error),
		              "%s: %s", reckoned[i].text, error ? error->message : "");
		ck_assert_msg(fabs(value - reckoned[i].value) < 1e-9, "%s: %g", reckoned[i].text,
		              value);
	}
}
END_TEST

/* Student's t of three degrees of freedom, by hand. */
START_TEST(half_an_interval_is_of_the_seeds) {
	double value, expected = 3.182446 * sqrt(38.0 / 3) / 2;

	ck_assert(reckon("half(four:b.y)", "here", look, NULL, &value, NULL));
	ck_assert_double_eq_tol(value, expected, 1e-4);
}
END_TEST

START_TEST(what_is_no_reckoning_is_refused) {
	static const char *const none[] = {"",
	                                   "1 +",
	                                   "(1",
	                                   "1 2",
	                                   "one:b.z",
	                                   "nobody:a",
	                                   "word",
	                                   "1 / 0",
	                                   "half(one:a.x_us)",
	                                   "half(half(four:b.y))",
	                                   "12kg",
	                                   "root(2)",
	                                   "min(1, 2",
	                                   "1 = ",
	                                   ")"};
	g_autofree char *deep = g_strnfill(100, '(');

	for (size_t i = 0; i <= G_N_ELEMENTS(none); i++) {
		const char *text = i < G_N_ELEMENTS(none) ? none[i] : deep;
		g_autoptr(GError) error = NULL;
		double value;

		ck_assert_msg(!reckon(text, "here", look, NULL, &value, &error), "%s: %g", text,
		              value);
		ck_assert_msg(error && g_str_has_prefix(error->message, "here: "), "%s: %s", text,
		              error ? error->message : "no error");
	}
}
END_TEST

/* --- pages ------------------------------------------------------------------------------------ */

static const struct {
	const char *text, *page;
} pages[] = {
	{"# A & B\n", "<h1>A &amp; B</h1>"},
	{"one\ntwo\n\nthree\n", "<p>one\ntwo</p>\n<p>three</p>"},
	{"- a\n- b\n  more\n", "<ul>\n<li>a</li>\n<li>b\nmore</li></ul>"},
	{"1. a\n2. b\n", "<ol>\n<li>a</li>\n<li>b</li></ol>"},
	{"    a < b\n\n    c\n", "<pre><code>a &lt; b\n\nc</code></pre>"},
	{"**x** *y* `*z*` 2 * 3 * 4\n",
         "<p><strong>x</strong> <em>y</em> <code>*z*</code> 2 * 3 * 4</p>"},
	{"**q1.** How?\n", "<p class=\"question\"><strong>q1.</strong> How?</p>"},
	{"[to](a.html?b&c)\n", "<p><a href=\"a.html?b&amp;c\">to</a></p>"},
	{"| a | b |\n|---|---|\n| 1 | 2 |\n",
         "<thead>\n<tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead><tbody>\n"
         "<tr><td>1</td><td>2</td></tr>\n</tbody></table></div>"},
	{"**two\nlines** `a\nb`\n", "<p><strong>two\nlines</strong> <code>a\nb</code></p>"},
	{"- *a\n  b*\n- c\n", "<ul>\n<li><em>a\nb</em></li>\n<li>c</li></ul>"},
	{"[not a link\n", "<p>[not a link</p>"},
	{"![What?](sopsim chart x)\n",
         "<img alt=\"What?\" src=\"data:image/svg+xml;base64,PHN2Zy8+\"/></div><figcaption>What?"},
};

START_TEST(sheets_become_pages) {
	g_autoptr(GPtrArray) svg = g_ptr_array_new();

	g_ptr_array_add(svg, (gpointer) "<svg/>");
	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		GString *page = markdown_page("T", pages[i].text, svg);

		ck_assert_msg(strstr(page->str, pages[i].page), "%s: %s", pages[i].text,
		              strstr(page->str, "<main>"));
		g_string_free(page, TRUE);
	}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("course");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_class_draws_all_values);
	tcase_add_test(tc, values_by_another_are_drawn_together);
	tcase_add_test(tc, a_name_is_one_however_it_is_typed);
	tcase_add_test(tc, what_is_no_name_is_refused);
	tcase_add_test(tc, reckonings_come_to_what_they_should);
	tcase_add_test(tc, half_an_interval_is_of_the_seeds);
	tcase_add_test(tc, what_is_no_reckoning_is_refused);
	tcase_add_test(tc, sheets_become_pages);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
