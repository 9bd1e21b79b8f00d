/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of a suite over the whole machine, once for each kind of card. */
#ifndef TESTS_SOP_KINDS_H
#define TESTS_SOP_KINDS_H

#include <check.h>

#include "machine_world.h"
#include "run_suite.h"

static void machine_interrupt(void) {
	machine_defaults();
	m.card.kind = TOE_KIND_INTERRUPT;
}

static void machine_polling(void) {
	machine_defaults();
	m.card.kind = TOE_KIND_POLLING;
}

static inline int run_kinds(const char *name, void (*add)(TCase *tc)) {
	TCase *interrupt = tcase_create("interrupt"), *polling = tcase_create("polling");
	Suite *s = suite_create(name);

	tcase_add_checked_fixture(interrupt, machine_interrupt, NULL);
	tcase_add_checked_fixture(polling, machine_polling, NULL);
	add(interrupt);
	add(polling);
	suite_add_tcase(s, interrupt);
	suite_add_tcase(s, polling);
	return run_suite(s);
}

/* One program, which must come to its end. */
static inline void machine_do(program main) {
	machine_boot();
	machine_start("test", main);
	machine_run(1, 3600 * SIM_S);
}

#endif
