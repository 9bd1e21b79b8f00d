/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What if: a scenario as it is and with some values changed, in runs of the same seeds.  What a seed does
 * to both falls out of their difference, so few runs tell small effects.
 */
#ifndef LAB_COMPARE_H
#define LAB_COMPARE_H

#include "lab/base/stats.h"
#include "lab/campaign/plan.h"
#include "lab/figures/answer.h"
#include "lab/figures/results.h"

struct compare_wanted {
	char **what;               /* "GROUP.KEY=VALUE", what is changed */
	char **sets;               /* and what is so in both; NULL: nothing */
	char *experiment, *config; /* NULL: the scenario itself */
	unsigned offered;          /* the experiment's load point; 0: its only one */
	uint64_t seed;             /* of the first pair; the others have those that follow */
	unsigned repeat;           /* pairs */
	bool untrusted;
};

/* A measure in both, and what is between them. */
struct effect {
	const char *name; /* "clients.requests" */
	const char *unit;
	struct estimate was, is, difference;
	struct estimate ratio; /* of what is to what was; NAN where that is 0 */
	bool sure;             /* the difference is larger than its interval */
};

struct comparison;

/* Runs both, `jobs` at a time.  NULL and *error. */
struct comparison *compare_new(const char *file, const struct compare_wanted *wanted, unsigned jobs,
                               GError **error);
void compare_free(struct comparison *c);
/* Prints why runs are none to rely on, a line each; how many there are. */
unsigned compare_verdict(const struct comparison *c, struct answer *answer);

/* What is said about the comparison: scenario, and the values that differ ("toe0.clock_scale 1 -> 2"), or that
 * there are none. */
const char *compare_title(const struct comparison *c);
const char *compare_changes(const struct comparison *c);
unsigned compare_pairs(const struct comparison *c);
/* The measures that summaries show, the largest change first, what did not surely change last. */
const GArray *compare_effects(const struct comparison *c); /* struct effect */
/* The same of what the time went to (compare_work()), per piece of work. */
const GArray *compare_parts(const struct comparison *c);
/* "a send()", "a request", "a second". */
const char *compare_work(const struct comparison *c);

/* --- told (compare_tell.c) ---------------------------------------------------------------------- */

void compare_print(const struct comparison *c, bool all);
void compare_answer(const struct comparison *c, struct answer *answer);
GString *compare_csv(const struct comparison *c);
/* run.json: what is compared, with the first pair's measures. */
GString *compare_json(const struct comparison *c);
/* One picture: the changes as bars with their intervals. */
GString *compare_svg(const struct comparison *c);

#endif
