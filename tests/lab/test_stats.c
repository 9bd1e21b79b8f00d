/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means, differences, ratios and their intervals: known values, and how often they hold the truth. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "lab/base/series.h"
#include "lab/base/stats.h"
#include "run_suite.h"

/* Student's t for 1 degree of freedom: 12.706; for 4: 2.776. */
START_TEST(means) {
	static const double two[] = {1, 3}, same[] = {5, 5, 5}, three[] = {1, 2, 900};

	ck_assert_double_eq(stats_mean(two, 2), 2);
	ck_assert_double_eq(stats_mean(three, 3), 301);
	ck_assert_double_eq_tol(stats_ci95(two, 2), 12.7062 * sqrt(2) / sqrt(2), 1e-3);
	ck_assert_double_eq(stats_ci95(same, 3), 0);
	ck_assert_double_eq_tol(stats_trimmed_ci95(two, 2), stats_ci95(two, 2), 1e-12);
	/* Of three, one is left. */
	ck_assert_double_nan(stats_trimmed_ci95(three, 3));
	ck_assert_double_eq_tol(stats_student95(4), 2.77645, 1e-4);
	ck_assert_double_nan(stats_estimate(two, 0).value);
	ck_assert_double_eq(stats_estimate(two, 1).value, 1);
	ck_assert_double_nan(stats_estimate(two, 1).ci95);
}
END_TEST

/* What both have in common falls out: 7 more each time has no interval at all. */
START_TEST(differences) {
	static const double b[] = {10, 30, 20}, a[] = {17, 37, 27}, other[] = {11, 32, 24};
	struct estimate d = stats_difference(a, b, 3);

	ck_assert_double_eq(d.value, 7);
	ck_assert_double_eq(d.ci95, 0);
	d = stats_difference(other, b, 3); /* 1, 2, 4; t of 2 is 4.3027 */
	ck_assert_double_eq_tol(d.value, 7.0 / 3, 1e-12);
	ck_assert_double_eq_tol(d.ci95, 4.30265 * sqrt(7.0 / 3) / sqrt(3), 1e-4);
	ck_assert_double_nan(stats_difference(a, b, 1).ci95);
}
END_TEST

/* Proportional pairs have an exact ratio; pairs of a steady b, that of the delta method; a b that may be
 * zero has no bounds. */
START_TEST(ratios) {
	static const double b[] = {100, 104, 102}, a[] = {125, 130, 127.5};
	static const double steady[] = {100, 100, 100}, near[] = {128, 126, 127},
			    wild[] = {-1, 1, 2};
	struct estimate r = stats_ratio(a, b, 3);

	ck_assert_double_eq(r.value, 1.25);
	ck_assert_double_eq_tol(r.ci95, 0, 1e-7);
	r = stats_ratio(near, steady, 3);
	ck_assert_double_eq(r.value, 1.27);
	ck_assert_double_eq_tol(r.ci95, stats_ci95(near, 3) / 100, 1e-12);
	ck_assert(isinf(stats_ratio(near, wild, 3).ci95));
	ck_assert_double_nan(stats_ratio(near, steady, 1).ci95);
	ck_assert_double_nan(stats_ratio(near, steady, 0).value);
}
END_TEST

/* Five pairs of normal numbers, b varying by a fifth: Fieller's wider half holds the ratio in at least
 * 95 % of cases. */
START_TEST(ratios_hold) {
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned held = 0;
	const unsigned cases = 4000;

	for (unsigned c = 0; c < cases; c++) {
		double a[5], b[5];
		struct estimate r;

		for (unsigned i = 0; i < 5; i++) {
			double both = gsl_ran_gaussian(rng, 2);

			b[i] = 10 + both;
			a[i] = 13 + both + gsl_ran_gaussian(rng, 1);
		}
		r = stats_ratio(a, b, 5);
		held += fabs(r.value - 1.3) <= r.ci95;
	}
	ck_assert_uint_ge(held, cases * 0.945);
	ck_assert_uint_le(held, cases * 0.985);
	gsl_rng_free(rng);
}
END_TEST

/* Repeats normal numbers of mean 1 until the goal is met; how many there were. */
static unsigned values_for(const struct stats_goal *goal, gsl_rng *rng, double sd, bool *held) {
	double x[1000];
	unsigned n = 0, wanted;

	while ((wanted = stats_wanted(goal, x, n)) > n)
		while (n < wanted)
			x[n++] = 1 + gsl_ran_gaussian(rng, sd);
	*held = fabs(stats_mean(x, n) - 1) <= stats_ci95(x, n);
	ck_assert(n == goal->most || stats_ci95(x, n) <= goal->precision * stats_mean(x, n));
	return n;
}

/* Looking again and again costs at most two of the 95 per cent, and no more is spent than it takes: t^2
 * s^2 / h^2 values. */
START_TEST(sequential) {
	static const double sd[] = {0.003, 0.008, 0.012, 0.016, 0.02, 0.03, 0.05};
	const struct stats_goal goal = {0.01, STATS_LEAST, 1000};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const unsigned cases = 2000;

	for (unsigned k = 0; k < sizeof sd / sizeof *sd; k++) {
		double ideal = pow(1.96 * sd[k] / goal.precision, 2), values = 0;
		unsigned held = 0;

		for (unsigned c = 0; c < cases; c++) {
			bool good;

			values += values_for(&goal, rng, sd[k], &good);
			held += good;
		}
		printf("sd %.3f: %.1f values, %.1f %% held\n", sd[k], values / cases,
		       100.0 * held / cases);
		ck_assert_uint_ge(held, cases * 0.92);
		ck_assert_double_le(values / cases, fmax(STATS_LEAST, ideal) * 1.15 + 3);
	}
	gsl_rng_free(rng);
}
END_TEST

START_TEST(limits_of_looking) {
	static const double x[] = {1, 1.1, 0.9, 1}, same[] = {2, 2, 2, 2};
	struct stats_goal goal = {0.01, 3, 100};

	ck_assert_uint_eq(stats_wanted(&goal, x, 0), 3);
	ck_assert_uint_eq(stats_wanted(&goal, x, 4), 6); /* half more, though it will take 160 */
	ck_assert_uint_eq(stats_wanted(&goal, same, 4), 4);
	goal.most = 5;
	ck_assert_uint_eq(stats_wanted(&goal, x, 4), 5);
	goal.most = 4;
	ck_assert_uint_eq(stats_wanted(&goal, x, 4), 4);
	goal.most = 2;
	ck_assert_uint_eq(stats_wanted(&goal, x, 0), 2);
}
END_TEST

/* Of a line the value at zero; of few values, or where the control stands still, the mean. */
START_TEST(controlled) {
	static const double b[] = {-2, 1, 0.5, 3, -1}, a[] = {9, 10.5, 10.25, 11.5, 9.5},
			    still[5] = {3};
	double off[5];
	struct estimate e = stats_controlled(a, b, 5);

	ck_assert_double_eq_tol(e.value, 10, 1e-12);
	ck_assert_double_eq_tol(e.ci95, 0, 1e-7);
	/* One is 0.1 off: the interval is Student's of three degrees of freedom, 3.1824. */
	for (unsigned i = 0; i < 5; i++)
		off[i] = a[i] + (i == 2 ? 0.1 : 0);
	e = stats_controlled(off, b, 5);
	ck_assert_double_eq_tol(e.value, 10.02, 0.002);
	ck_assert_double_eq_tol(e.ci95, 3.1824 * sqrt(0.008 / 3 / 5), 0.002);
	ck_assert_double_eq(stats_controlled(a, b, 3).ci95, stats_ci95(a, 3));
	ck_assert_double_eq(stats_controlled(a, still + 1, 4).value, stats_mean(a, 4));
}
END_TEST

/* --- one long run --------------------------------------------------------------------------------- */

#define BATCHES 20
#define CASES 4000

/* Batches that are each `like` (-1 to 1) the one before; or, `edge`, work whose total is steady but for what is
 * under way when a batch ends. */
static void draw(gsl_rng *rng, double like, double edge, double x[BATCHES]) {
	double last = 0, end = gsl_ran_gaussian(rng, edge);

	for (int i = -50; i < BATCHES; i++) {
		double before = end;

		last = like * last + gsl_ran_gaussian(rng, 1);
		end = gsl_ran_gaussian(rng, edge);
		if (i >= 0)
			x[i] = 100 + last + end - before;
	}
}

struct tally {
	unsigned held, dependent, unsettled;
	double width; /* mean half of the intervals, over 1.96 deviations of the means */
};

static struct tally tally(double like, double edge, bool plain) {
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct tally t = {0, 0, 0, 0};
	double x[BATCHES], squares = 0;

	for (unsigned c = 0; c < CASES; c++) {
		struct estimate e;

		draw(rng, like, edge, x);
		e = plain ? stats_estimate(x, BATCHES) : series_mean(x, NULL, BATCHES);
		t.held += fabs(e.value - 100) <= e.ci95;
		t.dependent += series_dependent(x, BATCHES);
		t.unsettled += series_unsettled(x, BATCHES) > 0;
		t.width += e.ci95 / CASES;
		squares += pow(e.value - 100, 2) / CASES;
	}
	t.width /= 1.96 * sqrt(squares);
	gsl_rng_free(rng);
	return t;
}

/* That n of all cases are a share from low to high. */
static void share(double n, double low, double high) {
	ck_assert_double_ge(n / CASES, low);
	ck_assert_double_le(n / CASES, high);
}

/* Of batches that do not depend on each other, 95 %; of those of which one lacks what its neighbour has too
 * much, where batch means are three times too wide, not many more. */
START_TEST(slow_cosines) {
	struct tally t = tally(0, 0, false);

	share(t.held, 0.94, 0.96);
	t = tally(0, 3, true);
	share(t.held, 0.999, 1);
	ck_assert_double_ge(t.width, 3);
	t = tally(0, 3, false);
	share(t.held, 0.95, 0.995);
	ck_assert_double_le(t.width, 2.1);
}
END_TEST

/* Batches that are like those before them have intervals too narrow, and it is said; by chance, once in a
 * hundred, never of those that alternate. */
START_TEST(dependence) {
	struct tally t = tally(0, 0, false);

	share(t.dependent, 0.003, 0.015);
	share(t.unsettled, 0, 0.01);
	share(tally(0, 3, false).dependent, 0, 0);
	t = tally(0.8, 0, false);
	share(t.held, 0, 0.85);
	share(t.dependent, 0.8, 1);
	ck_assert(!series_dependent((double[]){1, 1, 1}, 3));
}
END_TEST

/* What a control has to do with it is taken off, with its share of the mean: here all but a tenth. */
START_TEST(control) {
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double x[BATCHES], luck[BATCHES], none[BATCHES] = {0}, narrow = 0, wide = 0;
	unsigned held = 0;

	for (unsigned c = 0; c < CASES; c++) {
		struct estimate e;

		for (unsigned i = 0; i < BATCHES; i++) {
			luck[i] = gsl_ran_gaussian(rng, 1);
			x[i] = 100 + 2 * luck[i] + gsl_ran_gaussian(rng, 0.2);
		}
		e = series_mean(x, luck, BATCHES);
		held += fabs(e.value - 100) <= e.ci95;
		narrow += e.ci95;
		wide += series_mean(x, NULL, BATCHES).ci95;
	}
	share(held, 0.94, 0.96);
	ck_assert_double_le(narrow, wide / 8);
	/* A control that never moves says nothing. */
	ck_assert_double_eq(series_mean(x, none, BATCHES).ci95, series_mean(x, NULL, BATCHES).ci95);
	ck_assert_double_eq(series_mean(x, none, BATCHES).value, stats_mean(x, BATCHES));
	/* Of few batches, Student's. */
	ck_assert_double_eq(series_mean(x, luck, 5).ci95, stats_ci95(x, 5));
	gsl_rng_free(rng);
}
END_TEST

/* A start that is six deviations off, for a fourth of the window. */
START_TEST(unsettled) {
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double x[BATCHES];
	unsigned found = 0, near = 0;

	for (unsigned c = 0; c < CASES; c++) {
		size_t n;

		draw(rng, 0, 0, x);
		for (unsigned i = 0; i < 5; i++)
			x[i] += 6;
		n = series_unsettled(x, BATCHES);
		found += n > 0;
		near += n >= 4;
	}
	share(found, 0.99, 1);
	share(near, 0.95, 1);
	ck_assert_uint_eq(series_unsettled(x, 9), 0);
	gsl_rng_free(rng);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("stats");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, means);
	tcase_add_test(tc, differences);
	tcase_add_test(tc, ratios);
	tcase_add_test(tc, ratios_hold);
	tcase_add_test(tc, sequential);
	tcase_add_test(tc, limits_of_looking);
	tcase_add_test(tc, controlled);
	tcase_add_test(tc, slow_cosines);
	tcase_add_test(tc, dependence);
	tcase_add_test(tc, control);
	tcase_add_test(tc, unsettled);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
