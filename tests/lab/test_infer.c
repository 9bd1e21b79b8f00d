/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unknowns and what they set; lines through points; islands, and the system that stands for all. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "lab/infer/numbers.h"
#include "lab/infer/propose.h"
#include "lab/infer/region.h"
#include "lab/infer/ridge.h"
#include "run_suite.h"

#define PRIORS                                                                                  \
	"[scenario]\n[server]\ntype = host\n[cost]\nsyscall = 1us\n"                            \
	"[prior speed]\nset = server.speed={}\nlaw = log\nlow = 0.1\nhigh = 10\n"               \
	"[prior bytes]\nset = server.l2={}B; cost.syscall={2}us + {0.5}ns/B\nlow = 0\nhigh = "  \
	"100\n"                                                                                 \
	"whole = yes\nkinds = few 20, very many 100\n"                                          \
	"[prior word]\nset = server.kernel={}; b: cost.dispatch=1us ;b: cost.irq=2us\nlaw = "   \
	"words\n"                                                                               \
	"words = up, b\n"

static struct scenario *scenario_of(const char *says) {
	g_autoptr(GString) bytes = g_string_new(says);
	struct text *text = text_parse(bytes, "a.ini", NULL);
	struct scenario *sc = scenario_new(text, NULL);

	text_free(text);
	return sc;
}

/* A place, and what is set there: numbers by their law, a word's own settings with that word only. */
START_TEST(settings) {
	struct scenario *sc = scenario_of(PRIORS);
	struct unknowns *unknowns = unknowns_new(sc, NULL);
	const double x[] = {0.5, 0.204, 0.2}, other[] = {0, 0.999, 0.6};
	g_auto(GStrv) set = unknowns_settings(unknowns, x);
	g_auto(GStrv) set_other = unknowns_settings(unknowns, other);
	g_autofree char *all = g_strjoinv("|", set), *rest = g_strjoinv("|", set_other);

	ck_assert_str_eq(
		all, "server.speed=1|server.l2=20B|cost.syscall=40us + 10ns/B|server.kernel=up");
	ck_assert_str_eq(rest, "server.speed=0.1|server.l2=100B|cost.syscall=200us + 50ns/B|"
	                       "server.kernel=b|cost.dispatch=1us|cost.irq=2us");
	unknowns_free(unknowns);
	scenario_free(sc);
}
END_TEST

START_TEST(laws) {
	struct scenario *sc = scenario_of(PRIORS);
	struct unknowns *unknowns = unknowns_new(sc, NULL);
	const struct unknown *bytes = &unknowns->list[1];
	g_autofree char *few = unknown_kind(bytes, 20), *many = unknown_kind(bytes, 20.5);

	for (int i = 1; i < 20; i += 2)
		ck_assert_double_eq_tol(
			unknown_at(&unknowns->list[0], unknown_value(&unknowns->list[0], i / 20.0)),
			i / 20.0, 1e-9);
	ck_assert_double_eq(unknown_value(bytes, 0.333), 33);
	ck_assert_str_eq(few, "few");
	ck_assert_str_eq(many, "very many");
	ck_assert_uint_eq(unknown_word(&unknowns->list[2], 0.5), 1);
	ck_assert_double_eq(unknown_at(&unknowns->list[2], 1), 0.75);
	unknowns_free(unknowns);
	scenario_free(sc);
}
END_TEST

static const char *value_in(const struct text *text, const char *group, const char *key) {
	return text_entry_find(text_group_find(text, group), key)->value;
}

/* What an experiment or a config says is stronger than what is drawn, and what --set says than both. */
START_TEST(own_is_stronger) {
	g_autoptr(GString) bytes = g_string_new(
		"[scenario]\n[server]\ntype = host\nspeed = 1\n[cost]\nsyscall = 1us\n"
		"[config c]\ncost.irq = 4us\n[experiment e]\nconfigs = c\ncost.syscall = 3us\n");
	struct text *text = text_parse(bytes, "a.ini", NULL), *made;
	const struct numbers_run run = {.experiment = "e", .config = "c"};
	char *drawn[] = {"cost.syscall=7us", "cost.irq=8us", "cost.timer=9us", "server.speed=2",
	                 NULL};
	char *sets[] = {"server.speed=0.5", NULL};

	made = numbers_run_text(&run, text, sets, drawn, NULL);
	ck_assert_str_eq(value_in(made, "cost", "syscall"), "3us");
	ck_assert_str_eq(value_in(made, "cost", "irq"), "4us");
	ck_assert_str_eq(value_in(made, "cost", "timer"), "9us");
	ck_assert_str_eq(value_in(made, "server", "speed"), "0.5");
	text_free(made);
	text_free(text);
}
END_TEST

/* Points on a plane are met; a constant that nothing depends on, too. */
START_TEST(plane) {
	double phi[30 * 3], w[30], y[30 * 2], beta[3 * 2], spread[2];

	for (int i = 0; i < 30; i++) {
		double a = sin(i * 1.7), b = cos(i * 2.9);

		phi[i * 3] = 1;
		phi[i * 3 + 1] = a;
		phi[i * 3 + 2] = b;
		w[i] = 1 + i % 3;
		y[i * 2] = 5 + 2 * a - 3 * b;
		y[i * 2 + 1] = 7;
	}
	ridge_fit(30, 3, 2, phi, w, y, beta, spread);
	ck_assert_double_eq_tol(beta[0], 5, 0.02);
	ck_assert_double_eq_tol(beta[2], 2, 0.02);
	ck_assert_double_eq_tol(beta[4], -3, 0.02);
	ck_assert_double_eq_tol(beta[1], 7, 1e-6);
	ck_assert_double_lt(spread[0], 0.05);
	ck_assert_double_lt(spread[1], 1e-6);
}
END_TEST

START_TEST(chances) {
	ck_assert_double_eq_tol(within_chance(10, 10, 1, 1), 0.6827, 1e-4);
	ck_assert_double_eq_tol(within_chance(12, 10, 1, 1), 0.1573, 1e-4);
	ck_assert_double_gt(within_chance(10.5, 10, 1, 0.01), 0.999);
	ck_assert_double_lt(within_chance(11.5, 10, 1, 0.01), 0.001);
}
END_TEST

/* 30 systems of low speed and 10 of high are two islands; the member is the middle one of the larger. */
START_TEST(two_islands) {
	struct scenario *sc = scenario_of(PRIORS);
	struct unknowns *unknowns = unknowns_new(sc, NULL);
	double x[40][3];
	const double *places[40];
	struct island islands[ISLANDS_MOST];

	for (int i = 0; i < 40; i++) {
		x[i][0] = i < 30 ? 0.2 + 0.002 * i : 0.8 + 0.002 * i;
		x[i][1] = 0.5 + 0.0001 * abs(i - 14);
		x[i][2] = 0.1;
		places[i] = x[i];
	}
	ck_assert_uint_eq(region_islands(unknowns, places, 40, islands), 2);
	ck_assert_uint_eq(islands[0].n, 30);
	ck_assert_uint_eq(islands[1].n, 10);
	ck_assert_uint_eq(islands[1].of[0], 30);
	islands_clear(islands, 2);
	ck_assert_uint_eq(region_islands(unknowns, places, 30, islands), 1);
	islands_clear(islands, 1);
	ck_assert_uint_eq(region_member(unknowns, places, 29), 14);
	ck_assert_double_eq(region_share(&unknowns->list[2], places, 2, 0, NULL, 40), 1);
	unknowns_free(unknowns);
	scenario_free(sc);
}
END_TEST

START_TEST(bands) {
	double values[] = {3, NAN, 1, 2, 5, 4};
	struct band band = region_band_of(values, 6);

	ck_assert_double_eq(band.least, 1);
	ck_assert_double_eq(band.median, 3);
	ck_assert_double_eq(band.most, 5);
	ck_assert_double_eq_tol(band.p05, 1.2, 1e-9);
	values[0] = NAN;
	ck_assert(isnan(region_band_of(values, 1).median));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("infer");
	TCase *tc = tcase_create("infer");

	tcase_add_test(tc, settings);
	tcase_add_test(tc, laws);
	tcase_add_test(tc, own_is_stronger);
	tcase_add_test(tc, plane);
	tcase_add_test(tc, chances);
	tcase_add_test(tc, two_islands);
	tcase_add_test(tc, bands);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
