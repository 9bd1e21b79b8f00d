/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines of the four ways. */
#ifndef TESTS_COMPAT_MACHINE_H
#define TESTS_COMPAT_MACHINE_H

#include "compat.h"

#define WAYS 4u
extern const char *const way_names[WAYS];

/* Builds way `index`'s machine and its remote, runs the program to its end and takes all down.
 * Once per operating-system process.  way->why says what was wrong; free it. */
void machine_run(struct way *way, unsigned index, compat_test test);

/* Calls fn(arg) at a date. */
void machine_later(struct machine *m, sim_time delay, void (*fn)(void *arg), void *arg);
sim_time machine_now(const struct machine *m);

#endif
