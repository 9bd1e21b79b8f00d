/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a value may plausibly be, as its source has it: "8us..20us" behind value, role and source.
 *
 * A cost that is a sum has the range of its time, or of its time per byte where the range's ends are that; of
 * terms that depend on a machine's memory it cannot be told whether they lie in it.
 */
#ifndef LAB_BOUNDS_H
#define LAB_BOUNDS_H

#include "lab/scenario/key.h"

struct bounds {
	double low, high; /* in the unit in which the key is kept; ps of a cost */
	bool per_byte;    /* of a cost: it is a byte's */
};

enum bounds_verdict { BOUNDS_INSIDE, BOUNDS_OUTSIDE, BOUNDS_UNTOLD };

/* Reads "LOW..HIGH", both as the key's values are written, LOW not above HIGH.  False and *why: what is wrong, a
 * static string. */
bool bounds_read(const struct key *key, const char *text, struct bounds *range, const char **why);
/* Whether a value of that key, as key_get() writes it, lies in the range; of a cost on a P6 of 1 GHz. */
enum bounds_verdict bounds_have(const struct key *key, const struct bounds *range,
                                const char *value);

#endif
