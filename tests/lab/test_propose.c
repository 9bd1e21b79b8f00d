/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is proposed is what the priors and the numbers leave, in the priors' own proportions: beside the same by
 * integration over a grid. */
#include <check.h>
#include <math.h>

#include "lab/infer/correct.h"
#include "lab/infer/infer.h"
#include "lab/infer/propose.h"
#include "lab/infer/walk.h"
#include "run_suite.h"
#include "sim/rng.h"

#define QUESTION SCENARIOS "/../tests/lab/two_sends.ini"
#define DRAWS 2000
#define CELLS 200
/* Numbers of the question, and unknowns. */
enum { SMALL, LARGE, SLOW, NUMBERS };
enum { SPEED, BYTE, KIND, UNKNOWNS };

struct moments {
	double mean[2], spread[2], mixed; /* of the places of speed and byte, and of both */
};

static struct inference *in;
static struct text *question;

static void add(struct moments *m, const double *x, double weight) {
	for (unsigned u = 0; u < 2; u++) {
		m->mean[u] += weight * x[u];
		m->spread[u] += weight * x[u] * x[u];
	}
	m->mixed += weight * x[SPEED] * x[BYTE];
}

static void finish(struct moments *m, double weight) {
	for (unsigned u = 0; u < 2; u++) {
		m->mean[u] /= weight;
		m->spread[u] = sqrt(m->spread[u] / weight - m->mean[u] * m->mean[u]);
	}
	m->mixed = (m->mixed / weight - m->mean[0] * m->mean[1]) / (m->spread[0] * m->spread[1]);
}

/* How likely a place agrees, by the closed form and its error. */
static double chance_at(const double *x, const struct wanted *wanted) {
	double y[NUMBERS], chance = 1;

	emulator_numbers(in->emulator, x, y);
	for (unsigned k = 0; k < NUMBERS; k++)
		if (wanted->within[k] > 0)
			chance *= within_chance(y[k], wanted->y[k], wanted->within[k],
			                        emulator_off(in->emulator)[k]);
	return chance;
}

static struct moments by_grid(const struct wanted *wanted) {
	struct moments m = {0};
	double all = 0;

	for (int i = 0; i < CELLS; i++)
		for (int j = 0; j < CELLS; j++) {
			const double x[UNKNOWNS] = {(i + 0.5) / CELLS, (j + 0.5) / CELLS, 0.25};
			double chance = chance_at(x, wanted);

			add(&m, x, chance);
			all += chance;
		}
	finish(&m, all);
	return m;
}

static struct moments by_draws(const struct wanted *wanted, double *rich) {
	gsl_rng *rng = sim_rng_from_seed(3, "test");
	double *x = propose(in->emulator, in->unknowns, in->numbers, wanted, DRAWS, rng);
	struct moments m = {0};

	*rich = 0;
	for (unsigned i = 0; i < DRAWS; i++) {
		add(&m, x + (size_t)i * UNKNOWNS, 1);
		*rich += unknown_word(&in->unknowns->list[KIND], x[i * UNKNOWNS + KIND]) /
		         (double)DRAWS;
	}
	finish(&m, DRAWS);
	g_free(x);
	gsl_rng_free(rng);
	return m;
}

static void are_alike(const struct wanted *wanted) {
	double rich;
	struct moments grid = by_grid(wanted), draws = by_draws(wanted, &rich);

	for (unsigned u = 0; u < 2; u++) {
		ck_assert_double_eq_tol(draws.mean[u], grid.mean[u], 0.1 * grid.spread[u] + 1e-3);
		ck_assert_double_eq_tol(draws.spread[u], grid.spread[u],
		                        0.1 * grid.spread[u] + 1e-3);
	}
	ck_assert_double_eq_tol(draws.mixed, grid.mixed, 0.08);
	ck_assert_double_eq_tol(rich, 0.5, 0.05);
}

static void learn(void) {
	const struct infer_options o = {.draws = DRAWS, .seed = 1, .jobs = 1};
	const double near[NUMBERS] = {12.2, 32, 16};

	question = text_load(QUESTION, NULL);
	in = infer_open(question, &o, NULL);
	ck_assert(in);
	ck_assert(infer_pilots(in, 1, NULL));
	ck_assert(emulator_learn(in->emulator, in->trials, near));
}

static void forget(void) {
	inference_free(in);
	text_free(question);
}

/* The closed form comes near what the simulator says of a system that it has not seen, and knows how near. */
START_TEST(closed_form) {
	const double x[UNKNOWNS] = {unknown_at(&in->unknowns->list[SPEED], 0.5),
	                            unknown_at(&in->unknowns->list[BYTE], 20), 0.25};
	struct trial *trial = trial_new(in->unknowns, in->numbers, x);
	const double *off = emulator_off(in->emulator);
	double y[NUMBERS];

	g_ptr_array_add(in->trials, trial);
	ck_assert(trials_run_used(in->simulator, in->trials, in->pilots, true, 1, NULL));
	emulator_numbers(in->emulator, x, y);
	for (unsigned k = SMALL; k <= LARGE; k++) {
		ck_assert_double_eq_tol(y[k], trial->y[k], 3 * off[k]);
		ck_assert_double_lt(off[k], 0.5);
	}
	ck_assert_double_eq_tol(trial->y[SMALL], 12.2, 1);
}
END_TEST

/* One number: a strip across the priors, of which each part is as likely as it was. */
START_TEST(strip) {
	const double y[NUMBERS] = {12.2, 32, 0}, within[NUMBERS] = {0, 4, 0};
	const struct wanted wanted = {y, within};

	are_alike(&wanted);
}
END_TEST

/* Two numbers: a small patch; both are where they should be, evenly. */
START_TEST(patch) {
	const double y[NUMBERS] = {12.2, 32, 0}, within[NUMBERS] = {1.5, 2, 0};
	const struct wanted wanted = {y, within};

	are_alike(&wanted);
}
END_TEST

/* None: the priors. */
START_TEST(priors) {
	const double y[NUMBERS] = {12.2, 32, 0}, within[NUMBERS] = {0};
	const struct wanted wanted = {y, within};
	double rich;
	struct moments m = by_draws(&wanted, &rich);

	ck_assert_double_eq_tol(m.mean[SPEED], 0.5, 0.03);
	ck_assert_double_eq_tol(m.spread[BYTE], sqrt(1 / 12.0), 0.02);
	ck_assert_double_eq_tol(m.mixed, 0, 0.08);
}
END_TEST

/* Who is off in what the simulator said is moved, and no further off in what it was not asked yet. */
START_TEST(corrected) {
	const double at[UNKNOWNS] = {unknown_at(&in->unknowns->list[SPEED], 0.5),
	                             unknown_at(&in->unknowns->list[BYTE], 24), 0.25};
	struct trial *trial = trial_new(in->unknowns, in->numbers, at);
	double y[NUMBERS], *x;

	emulator_numbers(in->emulator, at, y);
	trial->y[SMALL] = 13.2; /* by more than the closed form knew */
	x = correct(in->emulator, in->unknowns, in->numbers, trial);
	ck_assert(x);
	emulator_numbers(in->emulator, x, trial->y);
	ck_assert_double_eq_tol(trial->y[SMALL], y[SMALL] - 1, 0.15);
	ck_assert_double_eq_tol(trial->y[LARGE], 32, 0.25);
	ck_assert_double_lt(fabs(x[KIND] - at[KIND]), 1e-12);
	g_free(x);
	trial_free(trial);
}
END_TEST

/* Where one unknown can do no more, another does the rest: a copy that costs next to nothing, and the speed. */
START_TEST(corrected_at_edge) {
	const double at[UNKNOWNS] = {unknown_at(&in->unknowns->list[SPEED], 1),
	                             unknown_at(&in->unknowns->list[BYTE], 1.2), 0.25};
	struct trial *trial = trial_new(in->unknowns, in->numbers, at);
	struct number *list = in->numbers->list;
	const struct number small = list[SMALL], large = list[LARGE];
	double *x;

	list[SMALL].within = 0;
	emulator_numbers(in->emulator, at, trial->y);
	list[LARGE].paper = trial->y[LARGE] - 2;
	x = correct(in->emulator, in->unknowns, in->numbers, trial);
	ck_assert(x);
	ck_assert_double_lt(x[BYTE], at[BYTE]);
	ck_assert_double_gt(x[BYTE], 0);
	emulator_numbers(in->emulator, x, trial->y);
	ck_assert_double_eq_tol(trial->y[LARGE], list[LARGE].paper, 0.25);
	g_free(x);
	trial_free(trial);
	list[SMALL] = small;
	list[LARGE] = large;
}
END_TEST

/* Walks come from what agrees to what should, and away from there. */
START_TEST(walks) {
	const double places[][2] = {{0.52, 19.5}, {0.55, 20}, {0.53, 20.2}, {0.54, 19.8}};
	g_autoptr(GPtrArray) agree = g_ptr_array_new();
	gsl_rng *rng = sim_rng_from_seed(5, "test");
	double least = 1, most = 0, y[NUMBERS];

	for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
		const double x[UNKNOWNS] = {unknown_at(&in->unknowns->list[SPEED], places[i][0]),
		                            unknown_at(&in->unknowns->list[BYTE], places[i][1]),
		                            0.25};

		g_ptr_array_add(in->trials, trial_new(in->unknowns, in->numbers, x));
	}
	ck_assert(trials_run_used(in->simulator, in->trials, in->pilots, true, 1, NULL));
	for (guint i = in->pilots; i < in->trials->len; i++)
		if (trial_agrees(in->trials->pdata[i], in->numbers))
			g_ptr_array_add(agree, in->trials->pdata[i]);
	ck_assert_uint_ge(agree->len, 2);
	for (unsigned i = 0; i < 50; i++) {
		double *x = walk(in->emulator, in->unknowns, in->numbers, agree, rng);

		ck_assert(x);
		emulator_numbers(in->emulator, x, y);
		ck_assert_double_eq_tol(y[SMALL], 12.2, 0.3 + 0.3);
		ck_assert_double_eq_tol(y[LARGE], 32, 0.5 + 0.5);
		least = fmin(least, x[BYTE]);
		most = fmax(most, x[BYTE]);
		g_free(x);
	}
	/* 20 ns a byte, half a ns more or less. */
	ck_assert_double_gt(most - least, 0.5 / (40 - 1));
	ck_assert_double_lt(most - least, 2.0 / (40 - 1));
	gsl_rng_free(rng);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("propose");
	TCase *tc = tcase_create("propose");

	tcase_add_unchecked_fixture(tc, learn, forget);
	tcase_add_test(tc, closed_form);
	tcase_add_test(tc, strip);
	tcase_add_test(tc, patch);
	tcase_add_test(tc, priors);
	tcase_add_test(tc, corrected);
	tcase_add_test(tc, corrected_at_edge);
	tcase_add_test(tc, walks);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
