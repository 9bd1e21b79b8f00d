/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of every Check program.  Its worlds are watched for the rules of time (sim/watch.h).  Its tests,
 * which Check runs in a process of its own each, share one SimGrid: it is loaded before the first of them,
 * and they end without the destructors of its libraries, which would touch, and so copy, all memory that a
 * test shares with its parent: that takes as long as the usual test.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef COVERAGE
void __gcov_dump(void);
#endif

/* Of sim/sim.h, in programs that have worlds. */
__attribute__((weak)) const char *sim_load(void);

static void before_a_test(void) {
	if (sim_load)
		sim_load();
}

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
	/* Check's own 4 s are no bound on a machine that is busy; a test that hangs is meson's matter too. */
	setenv("CK_DEFAULT_TIMEOUT", "60", 0);
	pthread_atfork(before_a_test, NULL, in_a_test);
}
