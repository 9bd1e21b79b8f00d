/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of send() beside what is measured: where it speaks, and what it says. */
#include <check.h>
#include <math.h>

#include "run_suite.h"
#include "sends.h"

static double law(const char *more) {
	g_autofree char *says = g_strconcat(SENDS, more, NULL);
	struct text *t = text_of(says);
	g_autoptr(GError) error = NULL;
	struct scenario *sc = scenario_new(t, &error);
	double value;

	ck_assert_msg(sc, "%s", error ? error->message : "");
	value = law_of("send_latency_us")->value(sc);
	scenario_free(sc);
	text_free(t);
	return value;
}

/* Eight crossings of 1 us (six, and the cause read there and back), and on a bus of 8 bytes a 10 ns
 * clock: the doorbell and the cause a clock each, a command of 64 bytes and a completion of as
 * many, 800 bytes in 100 clocks. */
START_TEST(laws) {
	double entry = 8 * 0.01, bus = 2 * 0.01 + 2 * entry + 1.0, none = law("");

	ck_assert_ptr_null(law_of("throughput_rps"));
	ck_assert_str_eq(law_of("send_latency_us")->name, "send_law_us");
	ck_assert_double_eq_tol(none, 8 + bus, 1e-9);
	/* Each cost on the way counts once, at the host's speed when cold. */
	ck_assert_double_eq_tol(law("[cost]\nsyscall = 3us\nirq = 2us\nmmio_read = 1us\n") - none,
	                        6, 1e-9);
	ck_assert_double_eq_tol(law("[cost]\ncomm_copy = 10ns/B\n") - none, 8, 1e-9);
	ck_assert_double_eq_tol(law("[toecost]\ncommand = 2us\n") - none, 2, 1e-9);
	ck_assert_double_eq(law("[cost]\ntcp_sendmsg = 5us\n"), none);
}
END_TEST

/* Of systems that it does not describe it says nothing. */
START_TEST(laws_that_do_not_speak) {
	static const char *const more[] = {
		"[f]\ntype = fetch\npeer = c\ntarget = toe0\npath = /a\n", /* not alone */
		"[toe1]\ntype = toe\naddress = 10.0.0.9/24\n[d]\ntype = peer\naddress = 10.0.0.8/24\n"
		"[lan2]\ntype = network\nmembers = toe1, d\n"
		"[toecost]\ntx_segment = 1s\n", /* the card cannot keep up */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
		ck_assert_msg(isnan(law(more[i])), "%s", more[i]);
	ck_assert(!isnan(
		law("[f]\ntype = fetch\npeer = c\ntarget = toe0\npath = /a\nenabled = no\n")));
}
END_TEST

START_TEST(laws_of_what_is_set) {
	static const char *const sets[] = {"bench.message=1MiB", "toe0.irq_throttle=1us",
	                                   "toe0.run_to_completion=yes", "bench.family=inet",
	                                   "bench.enabled=no"};
	struct sweep *sweep = swept(WORDS((char *)"pci0.latency=1us"));
	const struct law *l = law_of("send_latency_us");

	for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
		g_auto(GStrv) pair = g_strsplit(sets[i], "=", 2);

		ck_assert_msg(isnan(sweep_law_at(sweep, 0, l, pair[0], pair[1])), "%s", sets[i]);
	}
	/* Eight crossings. */
	ck_assert_double_eq_tol(sweep_law_at(sweep, 0, l, "pci0.latency", "3us") -
	                                sweep_law(sweep, 0, l),
	                        16, 1e-9);
	ck_assert(isnan(sweep_law_at(sweep, 0, l, "nothing.latency", "3us")));
	/* A task that looks each microsecond: 7.17 us from the doorbell to the completion are 8, if
	 * it looks so long before it sleeps. */
	ck_assert_double_eq_tol(sweep_law_at(sweep, 0, l, "toe0.kind", "polling"), 8, 1e-9);
	ck_assert(isnan(sweep_law_at(sweep, 0, l, "toe0.kind", "nothing")));
	sweep_free(sweep);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("law");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, laws);
	tcase_add_test(tc, laws_that_do_not_speak);
	tcase_add_test(tc, laws_of_what_is_set);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
