/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration: parameters are fitted to numbers of the paper, as the scenario asks. */
#ifndef LAB_CALIBRATE_H
#define LAB_CALIBRATE_H

#include "lab/campaign/plan.h"

/* A parameter, and what was found. */
struct calibrated {
	const char *parameter, *value; /* GROUP.KEY, "14.1us" */
	const char *measure;
	double measured, target, tolerance;
	bool agrees, at_end; /* of its plausible range */
};

struct calibrate_options {
	/* "GROUP.KEY=VALUE": of a parameter that is fitted, where its fit starts; else stronger than
	 * all that the scenario says.  NULL: none. */
	char **sets;
	unsigned jobs; /* runs at a time */
	uint64_t seed;
	bool quick;  /* the short runs */
	bool silent; /* fits are not printed as they are found */
	/* Called for each parameter at the end; NULL: nobody is told. */
	void (*tell)(void *arg, const struct calibrated *found);
	void *arg;
};

/* Fits the parameters that the text's [calibrate NAME] groups name, and prints each value found.
 * *failed: how many do not agree with their target, and reasons, which were printed, why runs are none
 * to rely on.  False and *error. */
bool calibrate(const struct text *text, const struct calibrate_options *o, unsigned *failed,
               GError **error);

#endif
