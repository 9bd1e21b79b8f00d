/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real machines as witnesses: lmbench on the simulated machine, beside the row that was published of the real one.
 */
#ifndef LAB_WITNESS_H
#define LAB_WITNESS_H

#include <stdbool.h>

#include "lab/base/error.h"

/* What is told of a row's kernel: those that were fitted apart, since they prove nothing. */
enum witness_class {
	WITNESS_FITTED,
	WITNESS_UP_24,   /* built for one processor, Linux 2.4 */
	WITNESS_UP,      /* the same, another Linux */
	WITNESS_SMP,     /* built for several */
	WITNESS_UNKNOWN, /* the source does not say */
	WITNESS_CLASSES
};
extern const char *const witness_classes[WITNESS_CLASSES]; /* "UP, Linux 2.4" ... */

struct witness_entry {
	const char *measure, *unit;
	double simulated, real; /* in `unit` */
	double rounding; /* what the real one measured is so near to `real`, as it was printed */
	bool otherwise;  /* it measured something else by that name */
};

struct witness {
	char *name, *title, *fitted; /* fitted: what of the costs was, on this row; "" */
	enum witness_class class;
	GArray *entries; /* struct witness_entry: what the row has */
};

/* How many entries, and how many of them are within so much. */
struct witness_shares {
	unsigned entries, within_15, within_30;
};
/* Of the row as it is printed; and of anything that is printed so, without what was measured otherwise. */
struct witness_score {
	struct witness_shares printed, measured;
};

/* Runs those of `names` (NULL: all) in place_scenarios()/machines, `jobs` at a time: struct witness, by name.
 * NULL and *error. */
GPtrArray *witness_run(char **names, unsigned jobs, GError **error);

struct witness_score witness_score_of(const struct witness *witness);
/* Of a class; WITNESS_CLASSES for all classes but the fitted one. */
struct witness_score witness_score(const GPtrArray *witnesses, enum witness_class class);

#endif
