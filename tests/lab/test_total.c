/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several groups of a kind: what they measured adds up as the measures' declarations say. */
#include <check.h>
#include <math.h>

#include "lab/kinds/kinds.h"
#include "lab/world/total.h"
#include "run_suite.h"

static struct scenario *sc;
static struct measures *m;

static void set_up(void) {
	g_autoptr(GString) bytes = g_string_new(
		"[scenario]\n[server]\ntype = host\n[pci0]\ntype = pci\n[pci1]\ntype = pci\n"
		"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n"
		"[lan]\ntype = network\nmembers = eth0, c\n"
		"[one]\ntype = specweb\npeers = c\ntargets = eth0\n"
		"[two]\ntype = specweb\npeers = c\ntargets = eth0\n"
		"[three]\ntype = specweb\npeers = c\ntargets = eth0\nenabled = no\n");
	g_autoptr(GError) error = NULL;
	struct text *text = text_parse(bytes, "a.ini", &error);

	ck_assert(text);
	sc = scenario_new(text, &error);
	ck_assert_msg(sc, "%s", error ? error->message : "");
	text_free(text);
	m = measures_new();
}

static void tear_down(void) {
	measures_free(m);
	scenario_free(sc);
}

static double value(const struct kind *kind, const char *name) {
	return total_value(sc, m, kind, kind_measured(kind, name));
}

static double ci95(const struct kind *kind, const char *name) {
	return total_ci95(sc, m, kind, kind_measured(kind, name));
}

START_TEST(one_group_is_its_own_total) {
	measures_set(m, "one", "requests", 100);
	measures_set(m, "one", "requests_ci95", 3);
	measures_set(m, "one", "digest_low", 7);
	ck_assert_double_eq(value(&kind_specweb, "requests"), 100);
	ck_assert_double_eq(ci95(&kind_specweb, "requests"), 3);
	ck_assert_double_eq(value(&kind_specweb, "digest_low"), 7);
	ck_assert(isnan(value(&kind_specweb, "errors")));
	ck_assert(isnan(value(&kind_toe, "busy")));
}
END_TEST

START_TEST(sums) {
	measures_set(m, "one", "requests", 100);
	measures_set(m, "two", "requests", 50);
	measures_set(m, "one", "requests_ci95", 3);
	measures_set(m, "two", "requests_ci95", 4);
	ck_assert_double_eq(value(&kind_specweb, "requests"), 150);
	ck_assert_double_eq_tol(ci95(&kind_specweb, "requests"), 5, 1e-12);
	/* An interval that one of them lacks is none. */
	measures_set(m, "three", "requests", 1);
	ck_assert_double_eq(value(&kind_specweb, "requests"), 151);
	ck_assert(isnan(ci95(&kind_specweb, "requests")));
}
END_TEST

START_TEST(means_are_weighted) {
	measures_set(m, "one", "response_s", 1);
	measures_set(m, "one", "completed", 30);
	measures_set(m, "two", "response_s", 2);
	measures_set(m, "two", "completed", 10);
	ck_assert_double_eq(value(&kind_specweb, "response_s"), 1.25);
	measures_set(m, "one", "completed", 0);
	measures_set(m, "two", "completed", 0);
	ck_assert_double_eq(value(&kind_specweb, "response_s"), 1.5);
}
END_TEST

START_TEST(the_busiest_of_several) {
	measures_set(m, "pci0", "busy", 20);
	measures_set(m, "pci1", "busy", 60);
	ck_assert_double_eq(value(&kind_pci, "busy"), 60);
}
END_TEST

START_TEST(some_do_not_add_up) {
	measures_set(m, "one", "digest_low", 7);
	measures_set(m, "two", "digest_low", 7);
	ck_assert(isnan(value(&kind_specweb, "digest_low")));
}
END_TEST

/* Every declaration is whole: what it weighs by is declared, and nothing is declared twice. */
START_TEST(declarations_are_whole) {
	g_autoptr(GHashTable) columns = g_hash_table_new(g_str_hash, g_str_equal);

	for (const struct kind *const *kind = lab_kinds; *kind; kind++)
		for (size_t i = 0; i < (*kind)->n_measures; i++) {
			const struct measured *d = &(*kind)->measures[i];

			ck_assert_msg(d->unit && *d->unit && d->help && *d->help, "%s.%s",
			              (*kind)->name, d->name);
			ck_assert_msg(kind_measured(*kind, d->name) == d, "%s.%s twice",
			              (*kind)->name, d->name);
			ck_assert(!d->weight ||
			          (d->adds == ADDS_MEAN && kind_measured(*kind, d->weight)));
			ck_assert_msg(!d->column || g_hash_table_add(columns, (gpointer)d->column),
			              "column %s", d->column);
			ck_assert(!d->series || (*kind)->total);
			ck_assert(!d->axis || d->column);
		}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("total");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, one_group_is_its_own_total);
	tcase_add_test(tc, sums);
	tcase_add_test(tc, means_are_weighted);
	tcase_add_test(tc, the_busiest_of_several);
	tcase_add_test(tc, some_do_not_add_up);
	tcase_add_test(tc, declarations_are_whole);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
