/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of a sweep that have not begun, the longest first, as far as is known of each. */
#ifndef LAB_LONGEST_H
#define LAB_LONGEST_H

#include "lab/campaign/sweep.h"

struct longest;

/* `sweep` must stay. */
struct longest *longest_new(const struct sweep *sweep);
void longest_free(struct longest *longest);

void longest_add(struct longest *longest, const struct sweep_run *run);
/* How many there are. */
guint longest_left(const struct longest *longest);
/* Takes the one that may take longest: as long as one of the same row did, else as its weight says among those
 * that have ended.  NULL: there is none. */
const struct sweep_run *longest_take(struct longest *longest);
/* A run of that row and weight took so long. */
void longest_learn(struct longest *longest, guint row, double weight, double wall_s);

#endif
