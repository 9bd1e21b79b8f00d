/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sources say of real machines with wires, and what the same run says: the [claim NAME] groups of a scenario.
 */
#ifndef LAB_CLAIMS_H
#define LAB_CLAIMS_H

#include <stdbool.h>

#include "lab/base/error.h"

enum claim_bound { CLAIM_EXACT, CLAIM_LEAST, CLAIM_MOST };

struct claim {
	char *name, *unit;
	double simulated, real, error; /* error: how far off the source may be, 0 to 1 */
	enum claim_bound
		bound; /* `real` is a number, or all that the source says is on one side of it */
};

struct claims {
	char *name, *title;
	GArray *list; /* struct claim */
};

/* Runs the scenarios of place_scenarios()/witnesses, all or those of `names`, `jobs` at a time, each in the configs that
 * its claims name: struct claims, by name.  NULL and *error. */
GPtrArray *claims_run(char **names, unsigned jobs, GError **error);

/* Whether what is simulated is no farther off, or no farther on the wrong side, than the source may be. */
bool claim_holds(const struct claim *claim);

#endif
