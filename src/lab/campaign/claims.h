/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sources say of real machines with wires, and what the same run says: the [claim NAME] groups of a scenario.
 */
#ifndef LAB_CLAIMS_H
#define LAB_CLAIMS_H

#include <stdbool.h>

#include "lab/base/error.h"

struct claim {
	char *name, *unit;
	double simulated, real, error; /* error: how far off the source may be, 0 to 1 */
};

struct claims {
	char *name, *title;
	GArray *list; /* struct claim */
};

/* Runs the scenarios of place_scenarios()/witnesses, all or those of `names`, `jobs` at a time, each in the configs that
 * its claims name: struct claims, by name.  NULL and *error. */
GPtrArray *claims_run(char **names, unsigned jobs, GError **error);

/* Whether what is simulated is no farther off than the source may be. */
bool claim_holds(const struct claim *claim);

#endif
