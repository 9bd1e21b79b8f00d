/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which measures a table shows, by names and patterns; and which runs a sweep needs. */
#include <check.h>

#include "lab/campaign/chosen.h"
#include "lab/campaign/sweep.h"
#include "run_suite.h"
#include "sends.h"

static void measure(struct record *record, const char *name, double number) {
	struct value value = {g_quark_from_string(name), number};

	g_array_append_val(record->values, value);
}

static const struct {
	const char *pattern, *columns;
} choices[] = {
	{"send_latency_us", "send_latency_us"},
	{"bench.latency_us", "bench.latency_us"},
	{"type:sendbench.*", "type:sendbench.latency_us type:sendbench.latency_p50_us "
                             "type:sendbench.latency_p95_us type:sendbench.latency_p99_us "
                             "type:sendbench.repetitions type:sendbench.sunk_bytes_B "
                             "type:sendbench.error_errno"},
	{"server.cpu_us?r", "server.cpu_user_pct"},
	{"server.cost.syscall.us", "server.cost.syscall.us"},
	{"server.cost.*", ""}, /* of runs, once there are some */
	{"sim.events", "sim.events"},
};

START_TEST(chosen) {
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) names = g_string_new(NULL);
	struct scenario *sc = scenario_new(text, NULL);
	struct chosen *c = chosen_new(sc, WORDS((char *)choices[_i].pattern), &error);

	ck_assert_msg(c, "%s", error ? error->message : "");
	for (guint i = 0; chosen_column(c, i); i++)
		g_string_append_printf(names, "%s%s", i ? " " : "", chosen_column(c, i)->name);
	ck_assert_str_eq(names->str, choices[_i].columns);
	chosen_free(c);
	scenario_free(sc);
}
END_TEST

/* What only runs tell, as the costs that were charged. */
START_TEST(chosen_of_runs) {
	struct scenario *sc = scenario_new(text, NULL);
	struct chosen *c = chosen_new(sc, WORDS((char *)"server.cost.*.us"), NULL);
	struct record *record = record_new();

	measure(record, "server.cost.irq.us", 1);
	measure(record, "server.cost.irq.count", 1);
	measure(record, "toe0.cost.command.us", 1);
	chosen_complete(c, sc, record);
	chosen_complete(c, sc, record);
	ck_assert_uint_eq(c->columns->len, 1);
	ck_assert_str_eq(chosen_column(c, 0)->name, "server.cost.irq.us");
	ck_assert_str_eq(chosen_column(c, 0)->unit, "us");
	record_free(record);
	chosen_free(c);
	scenario_free(sc);
}
END_TEST

/* Points that mean the same are run once. */
START_TEST(shared_runs) {
	g_autoptr(GError) error = NULL;
	const struct sweep_wanted wanted = {
		.axes.vary = WORDS((char *)"pci0.latency=1us,1000ns,2us"), .seed = 1, .repeat = 1};
	struct sweep *sweep = sweep_new(text, &wanted, &error);

	ck_assert_msg(sweep, "%s", error ? error->message : "");
	ck_assert_uint_eq(sweep->rows->len, 3);
	ck_assert_uint_eq(sweep->runs->len, 2);
	ck_assert_ptr_eq(sweep_row(sweep, 0)->runs->pdata[0], sweep_row(sweep, 1)->runs->pdata[0]);
	sweep_free(sweep);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("chosen");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, chosen, 0, (int)G_N_ELEMENTS(choices));
	tcase_add_test(tc, chosen_of_runs);
	tcase_add_test(tc, shared_runs);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
