/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Percentiles beside those of all the durations, sorted. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "run_suite.h"
#include "sim/histogram.h"

#define N 100000

static int by_length(const void *a, const void *b) {
	sim_time x = *(const sim_time *)a, y = *(const sim_time *)b;

	return (x > y) - (x < y);
}

/* Lengths over ten orders of magnitude. */
static void draw(sim_time *lengths, unsigned seed) {
	uint64_t state = seed;

	for (unsigned i = 0; i < N; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		lengths[i] =
			(sim_time)pow(10, 3 + 10 * (double)(state >> 11) / (double)(1ull << 53));
	}
}

static void expect(const struct histogram *h, sim_time *lengths, size_t n) {
	static const double shares[] = {0, 0.001, 0.5, 0.95, 0.99, 0.9999, 1};

	qsort(lengths, n, sizeof *lengths, by_length);
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		size_t rank = (size_t)ceil(shares[i] * (double)n);
		double exact = (double)lengths[rank ? rank - 1 : 0];

		ck_assert_double_eq_tol(histogram_quantile(h, shares[i]) / exact, 1, 1.0 / 256);
	}
}

START_TEST(percentiles) {
	static sim_time lengths[2 * N];
	struct histogram *h = histogram_new(), *other = histogram_new();

	draw(lengths, 1);
	draw(lengths + N, 2);
	for (unsigned i = 0; i < N; i++) {
		histogram_add(h, lengths[i]);
		histogram_add(other, lengths[N + i]);
	}
	histogram_merge(h, other);
	ck_assert_uint_eq(histogram_count(h), 2 * N);
	expect(other, lengths + N, N);
	expect(h, lengths, 2 * N);
	histogram_free(h);
	histogram_free(other);
}
END_TEST

START_TEST(ends) {
	struct histogram *h = histogram_new();

	ck_assert(isnan(histogram_quantile(h, 0.5)));
	histogram_add(h, -5);
	ck_assert_double_eq(histogram_quantile(h, 0.5), 0);
	for (sim_time t = 0; t < 256; t++) {
		histogram_reset(h);
		histogram_add(h, t);
		ck_assert_double_eq(histogram_quantile(h, 1), (double)t);
	}
	histogram_reset(h);
	histogram_add(h, INT64_MAX);
	ck_assert_double_eq_tol(histogram_quantile(h, 1) / (double)INT64_MAX, 1, 1.0 / 256);
	histogram_free(h);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("histogram");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, percentiles);
	tcase_add_test(tc, ends);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
