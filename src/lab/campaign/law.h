/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Laws: what a measure comes to by a formula that docs/time.md derives, from the parameters of the
 * run's scenario alone.  A sweep shows them beside what was measured.
 */
#ifndef LAB_LAW_H
#define LAB_LAW_H

#include "lab/scenario/scenario.h"

struct law {
	const char *of;   /* the column of sweep.csv that it is about */
	const char *name; /* its own */
	/* In the column's unit; NAN: a system of which the law does not speak. */
	double (*value)(const struct scenario *sc);
};

/* The law of a column, NULL: there is none. */
const struct law *law_of(const char *column);

#endif
