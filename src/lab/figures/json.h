/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.json: what a result came from. */
#ifndef LAB_JSON_H
#define LAB_JSON_H

#include "lab/campaign/run.h"

/* One run of a set. */
struct json_run {
	const char *name;
	const struct measures *m;
};

/* Version, scenario hash, seed, simulated time, events, parameters and the measures of each run,
 * with what their names mean.  `changed`: what it is compared with; what differs there is told, too; NULL: nothing.
 * Equal runs have equal bytes. */
GString *json_report(const struct scenario *sc, const struct scenario *changed, const char *command,
                     uint64_t seed, const struct json_run *runs, unsigned n);

#endif
