/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean value analysis against closed forms. */
#include <math.h>

#include "lab/figures/mva.h"
#include "run_suite.h"

#define NEAR(a, b) ck_assert_double_eq_tol(a, b, 1e-9 * fabs(b))

START_TEST(one_customer_never_waits) {
	struct mva net = {3, {0.1, 0.2, 0.3}, .think = 1.4};
	struct mva_result r;

	mva_solve(&net, 1, &r);
	NEAR(r.throughput, 0.5);
	NEAR(r.response, 0.6);
	NEAR(r.utilisation[2], 0.15);
}
END_TEST

/* Equal stations and no thinking: N / ((N + M - 1) D). */
START_TEST(balanced_stations) {
	struct mva net = {3, {0.25, 0.25, 0.25}, .think = 0};
	struct mva_result r;

	for (unsigned n = 1; n < 50; n++) {
		mva_solve(&net, n, &r);
		NEAR(r.throughput, n / ((n + 2) * 0.25));
	}
}
END_TEST

/* One station and a delay is the machine repairman: its steady state by the balance equations,
 * p(n) ~ N! / (N - n)! (D / Z)^n. */
START_TEST(machine_repairman) {
	struct mva net = {1, {0.0014}, .think = 0.3};
	struct mva_result r;

	for (unsigned customers = 1; customers <= 400; customers += 57) {
		double idle = 1, term = 1;

		for (unsigned n = 1; n <= customers; n++)
			idle += term *= (customers - n + 1) * net.demand[0] / net.think;
		mva_solve(&net, customers, &r);
		NEAR(r.utilisation[0], 1 - 1 / idle);
	}
}
END_TEST

START_TEST(think_time_is_found_again) {
	struct mva net = {2, {0.0009, 0.0011}, .think = 0.29};
	struct mva_result r;

	mva_solve(&net, 200, &r);
	NEAR(mva_think(&net, 200, r.throughput), 0.29);
	ck_assert(
		isnan(mva_think(&net, 200, 1 / 0.0011 + 1))); /* more than the bottleneck carries */
	ck_assert(isnan(mva_think(&net, 200, 0)));
}
END_TEST

/* A full station serves what it can, whatever the sizes. */
START_TEST(full) {
	for (unsigned even = 0; even <= 1; even++)
		for (unsigned customers = 1; customers <= 600; customers++) {
			struct mva net = {2, {0.0014, 0.0001}, .think = 0.3, .even = even};
			struct mva_result r;

			mva_solve(&net, customers, &r);
			ck_assert_double_le(r.utilisation[0], 1 + 1e-12);
			NEAR(r.throughput * (net.think + r.response), (double)customers);
			if (customers == 600)
				ck_assert_double_gt(r.utilisation[0], 1 - 1e-6);
		}
}
END_TEST

/* With many customers who hardly ever come: Poisson's arrivals at one station.  A round takes what
 * Pollaczek and Khinchine say, for exponential pieces of work and for those that are all alike. */
START_TEST(poisson_arrivals) {
	const double demand = 0.001;

	for (unsigned tenths = 1; tenths < 10; tenths += 2)
		for (unsigned even = 0; even <= 1; even++) {
			struct mva net = {1, {demand}, .even = even};
			const unsigned customers = 200000;
			const double busy = tenths / 10.0;
			struct mva_result r;

			net.think = customers * demand / busy;
			mva_solve(&net, customers, &r);
			ck_assert_double_eq_tol(r.utilisation[0], busy, 1e-3 * busy);
			ck_assert_double_eq_tol(r.response,
			                        demand * (1 + (even ? 0.5 : 1) * busy / (1 - busy)),
			                        2e-3 * r.response);
		}
}
END_TEST

int main(void) {
	Suite *suite = suite_create("mva");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, one_customer_never_waits);
	tcase_add_test(tc, balanced_stations);
	tcase_add_test(tc, machine_repairman);
	tcase_add_test(tc, full);
	tcase_add_test(tc, poisson_arrivals);
	tcase_add_test(tc, think_time_is_found_again);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
