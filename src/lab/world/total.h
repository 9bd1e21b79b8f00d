/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all groups of a kind measured together: how they add up, the measure's declaration says. */
#ifndef LAB_TOTAL_H
#define LAB_TOTAL_H

#include "lab/scenario/scenario.h"
#include "lab/world/measures.h"

/* For tests, as total_tell() tells both: NAN: none of them has it, or several have and it does not add up. */
double total_value(const struct scenario *sc, const struct measures *m, const struct kind *kind,
                   const struct measured *measure);
/* For tests: half of the 95 % confidence interval of that, of groups that do not depend on each other; NAN: one
 * that counts has none. */
double total_ci95(const struct scenario *sc, const struct measures *m, const struct kind *kind,
                  const struct measured *measure);

/* "type:specweb": the group that stands for all groups of a kind. */
#define TOTAL_PREFIX "type:"
/* Adds what all groups of each kind measured together, and its interval where there is one, as
 * "type:KIND.NAME", while the groups are live; of measures whose name is a pattern nothing. */
void total_tell(const struct scenario *sc, struct measures *m);

#endif
