/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run did, as tables for people and as JSON for programs. */
#include <check.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <unistd.h>

#include "../captured.h"
#include "../run_suite.h"
#include "lab/figures/amount.h"
#include "lab/figures/answer.h"
#include "lab/figures/grid.h"
#include "lab/figures/summary.h"
#include "lab/kinds/kinds.h"

/* --- numbers ---------------------------------------------------------------------------------- */

static const struct {
	const char *unit, *head;
	double value, ci95;
	const char *shown, *headed;
} numbers[] = {
	{"1", "commands", 0, NAN, "0", "commands"},
	{"1", "commands", 999, NAN, "999", "commands"},
	{"1", "commands", 1234, NAN, "1,234", "commands"},
	{"1", "commands", 1234567, NAN, "1,234,567", "commands"},
	{"1", "luck", 0.25, NAN, "0.250", "luck"},
	{"B", "sent", 102400, NAN, "102,400", "sent B"},
	{"%", "busy", 43.5499, NAN, "43.5", "busy %"},
	{"%", "busy", -0.01, NAN, "0.0", "busy %"},
	{"1/s", "requests", 153.46, 0.21, "153.5 +- 0.2", "requests/s"},
	{"1/s", "requests", 1280.4, NAN, "1,280", "requests/s"},
	{"us", "send()", 33.779, 0.001, "33.78 +- 0.00", "send() us"},
	{"us", "total", 3531, NAN, "3.531", "total ms"},
	{"us", "total", 0.3, NAN, "300.0", "total ns"},
	{"s", "response", 0.2815, NAN, "281.5", "response ms"},
	{"s", "response", 0, NAN, "0.000", "response us"},
	{"s", "length", 3600, NAN, "3,600", "length s"},
	{"ms", "response", -12.25, NAN, "-12.25", "response ms"},
	{"1", "nothing", NAN, NAN, "-", "nothing"},
};

START_TEST(amounts) {
	struct amount amount = amount_of_all(numbers[_i].unit, &numbers[_i].value, 1);
	g_autofree char *shown = amount_interval(&amount, numbers[_i].value, numbers[_i].ci95);
	g_autofree char *head = amount_head(&amount, numbers[_i].head);

	ck_assert_str_eq(shown, numbers[_i].shown);
	ck_assert_str_eq(head, numbers[_i].headed);
}
END_TEST

/* A column has one unit and one number of digits, those of its largest value. */
START_TEST(amounts_of_a_column) {
	const double values[] = {0.5, NAN, 1200};
	struct amount amount = amount_of_all("us", values, 3);
	g_autofree char *least = amount_text(&amount, values[0]);
	g_autofree char *most = amount_text(&amount, values[2]);

	ck_assert_str_eq(least, "0.001");
	ck_assert_str_eq(most, "1.200");
}
END_TEST

/* --- tables ----------------------------------------------------------------------------------- */

START_TEST(grids) {
	struct grid *grid = grid_new("Cards");
	struct captured out = captured_begin(STDOUT_FILENO);
	g_autofree char *printed = NULL;

	grid_print(grid); /* nothing */
	grid_words(grid, "state");
	grid_column(grid, "busy %");
	grid_column(grid, "commands");
	grid_row(grid, "toe0");
	grid_cell(grid, g_strdup("up"));
	grid_cell(grid, g_strdup("9.5"));
	grid_cell(grid, g_strdup("12,345,678"));
	grid_row(grid, "toe1");
	grid_cell(grid, g_strdup("pulled out"));
	grid_print(grid);
	grid_free(grid);
	printed = captured_end(out);
	ck_assert_str_eq(printed, "\n"
	                          "Cards               state       busy %    commands\n"
	                          "  toe0              up             9.5  12,345,678\n"
	                          "  toe1              pulled out       -           -\n");
}
END_TEST

/* No line is wider than a terminal of 100 characters; every part has the names. */
START_TEST(grids_that_are_wide) {
	struct grid *grid = grid_new("Operations");
	struct captured out = captured_begin(STDOUT_FILENO);
	g_autofree char *printed = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned headings = 0;

	for (unsigned i = 0; i < 12; i++)
		grid_column(grid, "setsockopt() us");
	grid_row(grid, "ops");
	for (unsigned i = 0; i < 12; i++)
		grid_cell(grid, g_strdup_printf("%u.5", i));
	grid_print(grid);
	grid_free(grid);
	printed = captured_end(out);
	lines = g_strsplit(printed, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		ck_assert_uint_le(strlen(lines[i]), 100);
		headings += g_str_has_prefix(lines[i], "Operations  ");
	}
	ck_assert_uint_eq(headings, 3);
	ck_assert_ptr_nonnull(strstr(printed, "11.5"));
}
END_TEST

static struct grid *cards(unsigned n, const char *busy) {
	struct grid *grid = grid_new("Cards");
	const struct amount share = amount_of("%", 0);

	grid_amounts(grid, &share, "busy");
	grid_column(grid, "commands");
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("toe%u", i);

		grid_row(grid, name);
		grid_cell(grid, busy ? g_strdup(busy) : g_strdup_printf("%u.0", i));
		grid_cell(grid, g_strdup("7"));
	}
	return grid;
}

static char *printed_short(struct grid *grid, bool apart) {
	struct captured out = captured_begin(STDOUT_FILENO);

	grid_print_short(grid, apart);
	grid_free(grid);
	return captured_end(out);
}

/* What is alike is told once, what is too long is cut and says so, and one row of many columns is words. */
START_TEST(grids_in_short) {
	g_autofree char *alike = printed_short(cards(4, "9.5"), false);
	g_autofree char *two = printed_short(cards(2, "9.5"), true);
	g_autofree char *eight = printed_short(cards(8, NULL), false);
	g_autofree char *many = printed_short(cards(20, NULL), false);
	g_autofree char *none = printed_short(cards(0, NULL), true);

	ck_assert_str_eq(alike, "Cards                 busy %  commands\n"
	                        "  toe0 to toe3, each     9.5         7\n");
	ck_assert_str_eq(two, "\nCards               busy %  commands\n"
	                      "  toe0, toe1, each     9.5         7\n");
	ck_assert_ptr_nonnull(strstr(eight, "  toe7                 7.0         7\n"));
	ck_assert_ptr_null(strstr(eight, "more"));
	ck_assert_ptr_nonnull(
		strstr(many, "  toe6                 6.0         7\n  and 13 more ("));
	ck_assert_ptr_null(strstr(many, "toe7"));
	ck_assert_str_eq(none, "");
}
END_TEST

START_TEST(grids_of_one_row_in_short) {
	struct grid *grid = grid_new("Operations");
	const struct amount us = amount_of("us", 500), rate = amount_of("1/s", 10);
	g_autofree char *printed = NULL;

	grid_amounts(grid, &rate, "exchanges");
	for (unsigned i = 0; i < 11; i++)
		grid_amounts(grid, &us, "setsockopt()");
	grid_row(grid, "ops");
	for (unsigned i = 0; i < 12; i++)
		grid_cell(grid, g_strdup_printf("%u.5", i));
	printed = printed_short(grid, false);
	ck_assert_str_eq(
		printed,
		"Operations\n"
		"  ops  exchanges 0.5/s, setsockopt() 1.5 us, setsockopt() 2.5 us, setsockopt() 3.5 us,\n"
		"       setsockopt() 4.5 us, setsockopt() 5.5 us, setsockopt() 6.5 us, "
		"setsockopt() 7.5 us,\n"
		"       setsockopt() 8.5 us, setsockopt() 9.5 us, setsockopt() 10.5 us, "
		"setsockopt() 11.5 us\n");
}
END_TEST

/* --- who served, and what it cost --------------------------------------------------------------- */

static struct scenario *two_stacks(void) {
	g_autoptr(GString) bytes = g_string_new(
		"[scenario]\ntitle = two\n[server]\ntype = host\n[pci0]\ntype = pci\n"
		"[toe0]\ntype = toe\naddress = 10.0.1.1/24\n[c]\ntype = peer\naddress = 10.0.1.2/24\n"
		"[lan]\ntype = network\nmembers = toe0, c\n[sop]\ntype = sop\nloaded = yes\n");
	g_autoptr(GError) error = NULL;
	struct text *text = text_parse(bytes, "two.ini", &error);
	struct scenario *sc = text ? scenario_new(text, &error) : NULL;

	ck_assert_msg(sc, "%s", error ? error->message : "");
	text_free(text);
	return sc;
}

static const struct {
	const char *group, *name;
	double value;
} told[] = {
	{"sim", "window_s", 1},
	{"sim", "time_s", 1},
	{"sim", "events", 10},
	{"server", "busy_us", 1000},
	{"server", "cost.fork.us", 500},
	{"server", "cost.fork.count", 4},
	{"server", "cost.irq.us", 100},
	{"server", "cost.irq.count", 20},
	{"server", "cost.copy_tx.us", 2},
	{"server", "cost.copy_tx.count", 1},
	{"server", "tcp_accepted", 0},
	{"server", "tcp_in", 0},
	{"toe0", "busy_us", 800},
	{"toe0", "cost.tx_segment.us", 200},
	{"toe0", "cost.tx_segment.count", 4},
	{"toe0", "tcp_accepted", 1530},
	{"toe0", "tcp_in", 21481},
	{"sop", "calls.accept", 1530},
	{"sop", "calls.bind", 0},
	{"sop", "pins.accept", 1530},
	{"sop", "twins_made", 1531},
	{"sop", "inet.chosen", 6},
	{"sop", "toe0.chosen", 14012},
};

static struct measures *what_two_stacks_told(void) {
	struct measures *m = measures_new();

	for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
		measures_set(m, told[i].group, told[i].name, told[i].value);
	return m;
}

START_TEST(who_served) {
	struct scenario *sc = two_stacks();
	struct measures *m = what_two_stacks_told();
	struct captured out = captured_begin(STDOUT_FILENO);
	g_autofree char *printed = NULL;

	summary_print(sc, m);
	printed = captured_end(out);
	ck_assert_str_eq(printed,
	                 "two.ini: two\n"
	                 "  measured over 1 s of simulated time; 10 events\n"
	                 "\n"
	                 "Served by           accepted  segments in  SOP calls\n"
	                 "  server: inet             0            0          6\n"
	                 "  toe0                 1,530       21,481     14,012\n"
	                 "\n"
	                 "SOP module\n"
	                 "  calls      accept 1,530\n"
	                 "  pinned by  accept 1,530\n"
	                 "  other      twins_made 1,531\n"
	                 "\n"
	                 "Largest costs       cost                  of its work %  time us  charges"
	                 "  each us\n"
	                 "  server            sched: fork                    50.0    500.0        4"
	                 "    125.0\n"
	                 "  toe0              card tcp: tx_segment           25.0    200.0        4"
	                 "     50.0\n"
	                 "  server            irq: irq                       10.0    100.0       20"
	                 "      5.0\n");
	measures_free(m);
	scenario_free(sc);
}
END_TEST

/* --- JSON ------------------------------------------------------------------------------------- */

static JsonObject *result(JsonObject *root, guint i) {
	return json_array_get_object_element(json_object_get_array_member(root, "results"), i);
}

START_TEST(answers) {
	struct scenario *sc = two_stacks();
	struct measures *m = measures_new();
	struct answer *answer = answer_new("run", "two.ini", 7);
	const struct answer_place at[] = {{"pci0.latency", "1us"}, {NULL, NULL}};
	struct captured out = captured_begin(STDOUT_FILENO);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autofree char *printed = NULL;
	JsonObject *root, *row;

	measures_set(m, "server", "cpu_total", 43.5);
	measures_set(m, "server", "cpu_total_ci95", 0.25);
	measures_set(m, "sim", "window_s", 2);
	measures_set(m, "sim", "unfinished", NAN);
	answer_measures(answer, sc, m, &(struct answer_row){.config = "-", .at = at, .offered = 5});
	answer_failed(answer, "nobody \"came\"");
	answer_print(answer);
	printed = captured_end(out);
	ck_assert_msg(json_parser_load_from_data(parser, printed, -1, NULL), "%s", printed);
	root = json_node_get_object(json_parser_get_root(parser));
	ck_assert_str_eq(json_object_get_string_member(root, "schema"), "sopsim/1");
	ck_assert_str_eq(json_object_get_string_member(root, "scenario"), "two.ini");
	ck_assert_int_eq(json_object_get_int_member(root, "seed"), 7);
	ck_assert(!json_object_get_boolean_member(root, "holds"));
	ck_assert_str_eq(
		json_array_get_string_element(json_object_get_array_member(root, "failures"), 0),
		"nobody \"came\"");
	ck_assert_uint_eq(json_array_get_length(json_object_get_array_member(root, "results")), 3);
	row = result(root, 0);
	ck_assert_str_eq(json_object_get_string_member(row, "group"), "server");
	ck_assert_str_eq(json_object_get_string_member(row, "type"), "host");
	ck_assert_str_eq(json_object_get_string_member(row, "measure"), "cpu_total");
	ck_assert_str_eq(json_object_get_string_member(row, "unit"), "%");
	ck_assert_double_eq(json_object_get_double_member(row, "value"), 43.5);
	ck_assert_double_eq(json_object_get_double_member(row, "ci95"), 0.25);
	ck_assert_int_eq(json_object_get_int_member(row, "offered_rps"), 5);
	ck_assert(!json_object_has_member(row, "config"));
	ck_assert_str_eq(json_object_get_string_member(json_object_get_object_member(row, "at"),
	                                               "pci0.latency"),
	                 "1us");
	row = result(root, 1);
	ck_assert_str_eq(json_object_get_string_member(row, "unit"), "s");
	ck_assert(!json_object_has_member(row, "type"));
	ck_assert(json_object_get_null_member(result(root, 2), "value"));
	measures_free(m);
	scenario_free(sc);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("summary");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, amounts, 0, G_N_ELEMENTS(numbers));
	tcase_add_test(tc, amounts_of_a_column);
	tcase_add_test(tc, grids);
	tcase_add_test(tc, grids_that_are_wide);
	tcase_add_test(tc, grids_in_short);
	tcase_add_test(tc, grids_of_one_row_in_short);
	tcase_add_test(tc, who_served);
	tcase_add_test(tc, answers);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
