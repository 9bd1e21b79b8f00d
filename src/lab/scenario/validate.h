/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario must satisfy beyond the form of its values. */
#ifndef LAB_VALIDATE_H
#define LAB_VALIDATE_H

#include "lab/scenario/scenario.h"

/* References lead to groups of the right type, interfaces and machines have addresses of their own
 * and one network each, and numbers that only make sense together do. */
bool scenario_validate(const struct scenario *sc, GError **error);

/* The address of an interface or of the first machine of a peer group; prefix 0 if it has none. */
struct net_address group_address(const struct group *group);
/* The interface, peer group or tap called `name`; NULL. */
struct group *scenario_machine(const struct scenario *sc, const char *name);

#endif
