/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans laid over each other: each instant has one owner. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/campaign/partition.h"
#include "run_suite.h"

static double part(const struct measures *m, const char *name) {
	g_autofree char *full = g_strconcat("explain.part.", name, NULL);
	double value = measures_get(m, full);

	return isnan(value) ? 0 : value;
}

START_TEST(importance_decides) {
	struct partition *p = partition_new();
	struct measures *m = measures_new();

	partition_add(p, "pci", "dma", 0, 10 * SIM_US);
	partition_add(p, "card", "command", 4 * SIM_US, 12 * SIM_US);
	partition_add(p, "tcp", "tcp_sendmsg", 6 * SIM_US, 7 * SIM_US);
	partition_divide(p, 0, 20 * SIM_US);
	partition_tell(p, 1, m);
	ck_assert_double_eq_tol(part(m, "bus: dma"), 4, 1e-9);
	ck_assert_double_eq_tol(part(m, "card: command"), 7, 1e-9);
	ck_assert_double_eq_tol(part(m, "tcp: tcp_sendmsg"), 1, 1e-9);
	ck_assert_double_eq_tol(part(m, "waiting"), 8, 1e-9);
	partition_free(p);
	measures_free(m);
}
END_TEST

/* Whatever the spans, the parts add up to the time. */
START_TEST(adds_up) {
	struct partition *p = partition_new();
	struct measures *m = measures_new();
	uint64_t x = 1;
	double sum = 0;

	for (unsigned i = 0; i < 1000; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		partition_add(p, i % 3 ? (i % 2 ? "card" : "pci") : "tcp", "work",
		              (sim_time)(x >> 44),
		              (sim_time)(x >> 44) + (sim_time)(x >> 50 & 2047));
	}
	partition_divide(p, 100000, 900000);
	partition_tell(p, 1, m);
	for (guint i = 0; i < m->list->len; i++)
		sum += g_array_index(m->list, struct measure, i).value;
	ck_assert_double_eq_tol(sum, sim_to_us(800000), 1e-9);
	partition_free(p);
	measures_free(m);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("partition");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, importance_decides);
	tcase_add_test(tc, adds_up);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
