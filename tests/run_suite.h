/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How every Check program ends: its tests run, the exit status says whether all passed. */
#ifndef TESTS_RUN_SUITE_H
#define TESTS_RUN_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs and frees the suite; Check's environment variables (CK_RUN_CASE, CK_FORK ...) count. */
static inline int run_suite(Suite *suite) {
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
