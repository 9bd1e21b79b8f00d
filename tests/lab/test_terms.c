/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Costs by kind: what they say, and what they come to on a machine. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lab/kinds/parts.h"
#include "run_suite.h"

#define US SIM_US

static struct terms read_terms(const char *text) {
	const char *what = "";
	struct terms terms;

	ck_assert_msg(terms_read(&terms, text, &what), "%s: %s", text, what);
	return terms;
}

static const struct machine slow = {.speed = 0.5,
                                    .trap = 300e3,
                                    .exchange = 400e3,
                                    .line = 100e3,
                                    .read = 2e3,
                                    .copy = 6e3,
                                    .smp = false};

START_TEST(each_kind_scales_with_its_own) {
	static const struct {
		const char *text;
		sim_time each, per_byte; /* on the slow machine */
	} sums[] = {
		{"3us", 3 * US, 0},
		{"3us@1GHz", 6 * US, 0},
		{"2 lines", 200 * SIM_NS, 0},
		{"2 trap", 600 * SIM_NS, 0},
		{"2 switch", 800 * SIM_NS, 0},
		{"1us@1GHz + 1us + 1 lines", 3 * US + 100 * SIM_NS, 0},
		{"4.5ns/B", 0, 4500},
		{"1ns@1GHz/B", 0, 2000},
		{"0.02 lines/B", 0, 2000},
		{"1 read/B + 0.5 copy/B", 0, 5000},
		{"0.5us@1GHz + 1 read/B", 1 * US, 2000},
		{"10us + 4us smp + 1us@1GHz smp", 10 * US, 0},
		{"0s", 0, 0},
	};
	struct terms terms = read_terms(sums[_i].text);
	struct cost_value cost = terms_on(&terms, &slow);

	ck_assert_int_eq(cost.each, sums[_i].each);
	ck_assert_int_eq(cost.per_byte, sums[_i].per_byte);
}
END_TEST

/* Lines in a row, of a machine that fetches ahead: the first of 4 KB waits, the others are read at its pace. */
START_TEST(what_is_fetched_ahead) {
	struct terms terms = read_terms("0.64 lines/B + 2 lines");
	struct machine ahead = slow;

	ck_assert_int_eq(terms_on(&terms, &ahead).per_byte, 64000);
	ahead.prefetch = true;
	ck_assert_int_eq(terms_on(&terms, &ahead).per_byte, 500 + 2000);
	ck_assert_int_eq(terms_on(&terms, &ahead).each, 200 * SIM_NS);
	terms = read_terms("0 lines/B");
	ck_assert_int_eq(terms_on(&terms, &ahead).per_byte, 0);
}
END_TEST

START_TEST(what_only_an_smp_kernel_does) {
	struct terms terms = read_terms("10us + 4us smp + 1us@1GHz smp");
	struct machine smp = slow;

	smp.smp = true;
	ck_assert_int_eq(terms_on(&terms, &smp).each, 16 * US);
	ck_assert_int_eq(terms_on(&terms, NULL).each, 10 * US);
	terms = read_terms("1 trap");
	ck_assert_int_eq(terms_on(&terms, NULL).each, 200 * SIM_NS);
}
END_TEST

START_TEST(what_is_written_reads_back) {
	static const char *const texts[] = {"10us", "500ns + 2.6ns/B",
	                                    "300ns@1GHz + 2 lines + 1us + 80ns@1GHz smp",
	                                    "0.018 lines/B + 1 copy/B smp", "0s"};
	struct terms terms = read_terms(texts[_i]);
	g_autofree char *text = terms_write(&terms);

	ck_assert_str_eq(text, texts[_i]);
}
END_TEST

START_TEST(nonsense_is_refused) {
	static const char *const texts[] = {"",
	                                    "3",
	                                    "3us@2GHz",
	                                    "-1us",
	                                    "lines",
	                                    "-2 lines",
	                                    "3us lines",
	                                    "2s",
	                                    "2ms/B",
	                                    "1us +",
	                                    "1us + 2us",
	                                    "1 lines/B + 2 lines/B",
	                                    "1s+1s+1s+1s+1s+1s+1s+1s+1s",
	                                    "1 smp"};
	const char *what = NULL;
	struct terms terms;

	ck_assert(!terms_read(&terms, texts[_i], &what));
	ck_assert_ptr_nonnull(what);
}
END_TEST

/* --- of a host -------------------------------------------------------------------------------- */

static struct scenario *scenario_of(const char *host, const char *cost, GError **error) {
	g_autofree char *bytes = g_strdup_printf("[h]\ntype = host\n%s[cost]\n%s", host, cost);
	g_autoptr(GString) lines = g_string_new(bytes);
	struct text *text = text_parse(lines, "a.ini", error);
	struct scenario *sc = text ? scenario_new(text, error) : NULL;

	if (text)
		text_free(text);
	return sc;
}

START_TEST(a_host_says_what_its_costs_need) {
	g_autoptr(GError) error = NULL;
	struct scenario *sc =
		scenario_of("speed = 0.5\n", "irq = 1us@1GHz\nsyscall = 2 lines\n", &error);

	ck_assert_ptr_null(sc);
	ck_assert_ptr_nonnull(strstr(error->message, "[h] memory_latency: not given"));
	ck_assert_ptr_nonnull(strstr(error->message, "[cost] syscall"));
}
END_TEST

START_TEST(a_host_has_a_speed_and_a_memory) {
	g_autoptr(GError) error = NULL;
	struct scenario *sc = scenario_of(
		"speed = 0.5\nmemory_latency = 100ns\nmemory_read = 500MB/s\nkernel = smp\n",
		"irq = 1us@1GHz + 2 lines + 1us smp\ncsum_rx = 1 read/B\n", &error);
	const struct group *cost;
	struct machine machine;

	ck_assert_msg(sc, "%s", error ? error->message : "");
	cost = scenario_find(sc, &kind_cost, "cost");
	machine = host_machine(scenario_find(sc, &kind_host, "h"));
	ck_assert_int_eq(group_cost(cost, "irq", &machine).each, 3 * US + 200 * SIM_NS);
	ck_assert_int_eq(group_cost(cost, "csum_rx", &machine).per_byte, 2000);
	ck_assert_double_eq(machine.trap, 400e3); /* of a P6 that slow */
	scenario_free(sc);
}
END_TEST

/* A host of which nothing is said is like the first; one of which something is said, or with other costs, is not. */
START_TEST(a_host_of_which_nothing_is_said) {
	g_autoptr(GError) error = NULL;
	struct scenario *sc = scenario_of(
		"speed = 0.5\nmemory_latency = 100ns\nl2 = 1MiB\n[same]\ntype = host\n"
		"[other]\ntype = host\nmemory_latency = 50ns\n[free]\ntype = host\ncosts = none\n"
		"[none]\ntype = cost\n",
		"irq = 2 lines\n", &error);

	ck_assert_msg(sc, "%s", error ? error->message : "");
	ck_assert_double_eq(host_machine(scenario_find(sc, &kind_host, "same")).speed, 0.5);
	ck_assert_double_eq(host_machine(scenario_find(sc, &kind_host, "same")).line, 100e3);
	ck_assert_double_eq(group_number(scenario_find(sc, &kind_host, "same"), "l2"), 1 << 20);
	ck_assert_double_eq(host_machine(scenario_find(sc, &kind_host, "other")).speed, 1);
	ck_assert_double_eq(host_machine(scenario_find(sc, &kind_host, "other")).line, 50e3);
	ck_assert_double_eq(host_machine(scenario_find(sc, &kind_host, "free")).line, 0);
	scenario_free(sc);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("terms");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, each_kind_scales_with_its_own, 0, 13);
	tcase_add_test(tc, what_is_fetched_ahead);
	tcase_add_test(tc, what_only_an_smp_kernel_does);
	tcase_add_loop_test(tc, what_is_written_reads_back, 0, 5);
	tcase_add_loop_test(tc, nonsense_is_refused, 0, 14);
	tcase_add_test(tc, a_host_says_what_its_costs_need);
	tcase_add_test(tc, a_host_has_a_speed_and_a_memory);
	tcase_add_test(tc, a_host_of_which_nothing_is_said);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
