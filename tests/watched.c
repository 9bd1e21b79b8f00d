/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of every Check program.  Its worlds are watched for the rules of time (sim/watch.h); and a test, which
 * Check runs in a process of its own, ends without the destructors of SimGrid's libraries: they would
 * touch, and so copy, all memory that it shares with its parent, which takes as long as the usual test.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef COVERAGE
void __gcov_dump(void);
#endif

static void end_at_once(int status, void *unused) {
	(void)unused;
	fflush(NULL);
#ifdef COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}

/* What is registered last comes first. */
static void in_a_test(void) { on_exit(end_at_once, NULL); }

__attribute__((constructor)) static void before_the_tests(void) {
	setenv("SOPSIM_WATCH", "1", 0);
	pthread_atfork(NULL, NULL, in_a_test);
}
