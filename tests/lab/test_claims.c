/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When does what is simulated hold against what a source says? */
#include "lab/campaign/claims.h"
#include "run_suite.h"

static const struct {
	enum claim_bound bound;
	double simulated, error;
	bool holds;
} cases[] = {
	{CLAIM_EXACT, 10, 0, true},         {CLAIM_EXACT, 10.9, 0.1, true},
	{CLAIM_EXACT, 9.1, 0.1, true},      {CLAIM_EXACT, 11.1, 0.1, false},
	{CLAIM_EXACT, 8.9, 0.1, false},     {CLAIM_LEAST, 10, 0, true},
	{CLAIM_LEAST, 1000, 0, true},       {CLAIM_LEAST, 9.9, 0, false},
	{CLAIM_LEAST, 9.1, 0.1, true},      {CLAIM_LEAST, 8.9, 0.1, false},
	{CLAIM_MOST, 10, 0, true},          {CLAIM_MOST, 0.001, 0, true},
	{CLAIM_MOST, 10.1, 0, false},       {CLAIM_MOST, 10.9, 0.1, true},
	{CLAIM_MOST, 11.1, 0.1, false},     {CLAIM_EXACT, 0.0 / 0.0, 1, false},
	{CLAIM_LEAST, 0.0 / 0.0, 0, false}, {CLAIM_MOST, 0.0 / 0.0, 0, false},
};

/* A source that says 10; what nobody could measure holds against nothing. */
START_TEST(claims_hold) {
	const struct claim claim = {
		.bound = cases[_i].bound,
		.real = 10,
		.simulated = cases[_i].simulated,
		.error = cases[_i].error,
	};

	ck_assert_int_eq(claim_holds(&claim), cases[_i].holds);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("claims");
	TCase *tcase = tcase_create("claims");

	tcase_add_loop_test(tcase, claims_hold, 0, (int)(sizeof cases / sizeof *cases));
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
