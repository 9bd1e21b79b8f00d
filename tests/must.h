/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An assertion for what runs per event or byte: Check writes a record for each of its own. */
#ifndef TESTS_MUST_H
#define TESTS_MUST_H

#include <check.h>

#define must(condition)                                          \
	do {                                                     \
		if (!(condition))                                \
			ck_abort_msg("%s", #condition);          \
	} while (0)

#endif
