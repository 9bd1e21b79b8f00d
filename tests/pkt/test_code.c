/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The little Python of "%{ ... }%": what it works out, and what it refuses, without a connection.
 */
#include <check.h>
#include <string.h>

#include "pkt/code.h"
#include "pkt/run.h"
#include "run_suite.h"

static struct script script = {.file = (char *)"s.pkt"};
static struct run run;

static void set_up(void) {
	run = (struct run){.script = &script};
	run.variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void tear_down(void) {
	g_hash_table_unref(run.variables);
	g_clear_error(&run.error);
}

static bool run_code(const char *text) {
	const struct event ev = {.kind = EVENT_CODE, .line = 7, .text = (char *)(uintptr_t)text};
	bool good = code_run(&run, &ev);

	ck_assert(good == !run.error);
	return good;
}

/* As Python has them; x is assigned. */
static const struct {
	const char *text;
	double value;
} values[] = {
	{"1 + 2 * 3 - 4", 3},
	{"(1 + 2) * 3", 9},
	{"10 - 4 - 3", 3},
	{"7 / 2", 3.5},
	{"7 // 2", 3},
	{"-7 // 2", -4},
	{"7 % 3", 1},
	{"-7 % 3", 2},
	{"7 % -3", -2},
	{"- - 3", 3},
	{"0x1f", 31},
	{".5 + 1.25", 1.75},
	{"min(3, 1, 2)", 1},
	{"max(3, 1, 2)", 3},
	{"abs(-2.5)", 2.5},
	{"int(-2.5)", -2},
	{"min(max(1, 5), abs(-3))", 3},
	{"6 & 3", 2},
	{"6 | 3", 7},
	{"8 | 3 & 1", 9},  /* & goes before | */
	{"1 & 3 == 1", 1}, /* and both before comparisons */
	{"1 < 2 < 3", 1},
	{"1 < 3 < 2", 0},
	{"3 > 2 == 2", 1},
	{"1 != 1", 0},
	{"2 >= 2 <= 2", 1},
	{"not 0", 1},
	{"not not 7", 1},
	{"not 1 == 2", 1},
	{"0 or 5", 5},
	{"3 or 5", 3},
	{"0 and 5", 0},
	{"3 and 5", 5},
	{"0 and 0 or 4", 4},
	{"1 or 0 and 0", 1},
	{"0 and 1 / 0", 0}, /* what does not count is not worked out */
	{"1 or 1 % 0", 1},
	{"True + True - False", 2},
	{"TCP_ESTABLISHED", 1},
	{"(1 +\n2)", 3},
	{"1 + \\\n2", 3},
};

START_TEST(works_out) {
	g_autofree char *text = g_strdup_printf("x = %s", values[_i].text);
	const double *x;

	ck_assert_msg(run_code(text), "%s", run.error ? run.error->message : "");
	x = g_hash_table_lookup(run.variables, "x");
	ck_assert_ptr_nonnull(x);
	ck_assert_msg(*x == values[_i].value, "%s is %g", values[_i].text, *x);
}
END_TEST

START_TEST(statements) {
	ck_assert(run_code(
		"# all of it\nimport_ed = 2; b = import_ed * 3 # six\npass\n\nassert b == 6"));
	ck_assert(run_code("assert b == 6, 'variables stay'"));
	ck_assert(run_code("b = b + 1; assert b == 7\nassert not b == 6"));
	ck_assert(run_code("assert 1, 'a ; in # quotes'; assert (2 > 1)"));
	ck_assert(!run_code("assert b == 7; assert b == 8 and b; b = 9"));
	ck_assert_str_eq(run.error->message, "s.pkt:7: runtime error in code: assertion failed: "
	                                     "assert b == 8 and b; b = 7, b = 7");
	ck_assert_int_eq(run.error->code, OUTCOME_FAILED);
	/* Nothing runs behind a failure. */
	ck_assert_double_eq(*(double *)g_hash_table_lookup(run.variables, "b"), 7);
}
END_TEST

static const struct {
	const char *text;
	int code;
	const char *message;
} bad[] = {
	{"assert 0", OUTCOME_FAILED, "assertion failed: assert 0; "},
	{"assert 0, 'why'", OUTCOME_FAILED, "assertion failed"},
	{"assert 1 / 0", OUTCOME_FAILED, "division by zero"},
	{"assert 1 // 0 > 5", OUTCOME_FAILED, "division by zero"},
	{"assert 5 % (2 - 2)", OUTCOME_FAILED, "division by zero"},
	{"x = 0 or 1 / 0", OUTCOME_FAILED, "division by zero"},
	{"assert tcpi_snd_cwnd == 3", OUTCOME_FAILED, "no descriptor of the connection under test"},
	{"assert tcpi_snd_wscale == 3", OUTCOME_FAILED,
         "no descriptor of the connection under test"},
	{"assert nothing", OUTCOME_SKIPPED, "in code: nothing"},
	{"assert 1 2", OUTCOME_SKIPPED, "in code: 2"},
	{"assert (1", OUTCOME_SKIPPED, "in code: "},
	{"assert sum(1, 2) == 3", OUTCOME_SKIPPED, "in code: sum"},
	{"assert abs(1, 2)", OUTCOME_SKIPPED, "in code: abs"},
	{"assert int(1, 2)", OUTCOME_SKIPPED, "in code: int"},
	{"assert max(1, 2 == 2", OUTCOME_SKIPPED, "in code: "},
	{"assert 'text'", OUTCOME_SKIPPED, "in code: 'text'"},
	{"x = 1 2", OUTCOME_SKIPPED, "in code: 2"},
	{"x == 1", OUTCOME_SKIPPED, "in code: x == 1"},
	{"import sys", OUTCOME_SKIPPED, "in code: import sys"},
	{"[1]", OUTCOME_SKIPPED, "in code: [1]"},
	{"print(1", OUTCOME_SKIPPED, "in code: "},
	{"print 1 2", OUTCOME_SKIPPED, "in code: 2"},
};

START_TEST(refused) {
	ck_assert_msg(!run_code(bad[_i].text), "was taken: %s", bad[_i].text);
	ck_assert_msg(g_str_has_prefix(run.error->message, "s.pkt:7: ") &&
	                      strstr(run.error->message, bad[_i].message),
	              "%s", run.error->message);
	ck_assert_int_eq(run.error->code, bad[_i].code);
}
END_TEST

/* Brackets may be a hundred deep, and no deeper. */
START_TEST(depth) {
	GString *text = g_string_new("x = ");

	for (int i = 0; i < 99; i++)
		g_string_append_c(text, '(');
	g_string_append_c(text, '1');
	for (int i = 0; i < 99; i++)
		g_string_append_c(text, ')');
	ck_assert(run_code(text->str));
	g_string_insert_c(text, 4, '(');
	g_string_append_c(text, ')');
	ck_assert(!run_code(text->str));
	ck_assert_str_eq(run.error->message, "s.pkt:7: in code: brackets nested so deeply");
	g_string_free(text, TRUE);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pkt_code");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_loop_test(cases, works_out, 0, (int)G_N_ELEMENTS(values));
	tcase_add_test(cases, statements);
	tcase_add_loop_test(cases, refused, 0, (int)G_N_ELEMENTS(bad));
	tcase_add_test(cases, depth);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
