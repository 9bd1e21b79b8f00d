/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that run twice: with numbers from the middle of their space, and from just below 2^32. */
#ifndef NEAR_WRAP_H
#define NEAR_WRAP_H

#include <check.h>
#include <glib.h>

#include "net/engine/params.h"

/* Makes connections of a stack begin `before` bytes, and its time-stamps so many ms, before 2^32. */
static inline void begin_near_wrap(struct net_params *params, uint32_t before) {
	params->isn = UINT32_MAX - before;
	params->timestamp_start = UINT32_MAX - before;
}

/* A test case for each way; `on` and `off` are the outermost fixture of the second, `fill` adds the
 * tests with their own. */
static inline void add_both_ways(Suite *suite, const char *name, void (*on)(void),
                                 void (*off)(void), void (*fill)(TCase *tcase)) {
	for (int near = 0; near < 2; near++) {
		g_autofree char *full = g_strconcat(name, near ? " near 2^32" : "", NULL);
		TCase *t = tcase_create(g_intern_string(full));

		if (near)
			tcase_add_checked_fixture(t, on, off);
		tcase_set_timeout(t, 120);
		fill(t);
		suite_add_tcase(suite, t);
	}
}

#endif
