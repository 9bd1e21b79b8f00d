/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a scenario may say, and hardly means: clients and servers that no wire joins, addresses that
 * do not fit their network.  A run goes on; its user is told.
 */
#ifndef LAB_REACH_H
#define LAB_REACH_H

#include "lab/scenario/scenario.h"

/* For reach_warn(), and for tests: the warnings, a line of text each, "first.ini: [fetch] target: ...".  To be freed. */
GPtrArray *reach_warnings(const struct scenario *sc);
/* Prints them on stderr. */
void reach_warn(const struct scenario *sc);

#endif
