/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a measure by its name. */
#ifndef LAB_DECLARED_H
#define LAB_DECLARED_H

#include "lab/scenario/scenario.h"

/* The unit of a measure of a group, of all groups of a type together ("type:specweb"), or of the run as a whole
 * ("sim"); of half a confidence interval (NAME_ci95) that of what it is of.  "1" if nobody says. */
const char *declared_unit(const struct scenario *sc, const char *group, const char *name);
/* The type of the group: "host" of "server" and of "type:host"; "-": it has none, as "sim". */
const char *declared_type(const struct scenario *sc, const char *group);

#endif
