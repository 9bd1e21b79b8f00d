/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario with its meaning: each group is of a kind, each value is in its struct, each name that
 * one group uses for another leads somewhere.
 */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include "lab/base/error.h"
#include "lab/scenario/kind.h"
#include "lab/scenario/terms.h"
#include "lab/scenario/text.h"

struct group {
	char *name; /* "pci0"; of [config NAME] and the like: NAME */
	const struct kind *kind;
	void *conf; /* the struct of its kind, which only the kind's file knows */
	const struct text_group *text;
	GPtrArray
		*overrides; /* of named kinds: struct text_entry, "GROUP.KEY" = value, not owned */
	void *live;         /* what its kind builds from it, and only the kind's file knows */
};

/* The scenario as a whole, which is the one group that everybody may read (kinds/scenario.c). */
struct scenario_head {
	char *title;
	sim_time warmup;   /* before the measuring window */
	sim_time duration; /* of the window; 0: until the programs that end have ended */
	sim_time batch; /* of the window's parts, for confidence intervals; 0: a twentieth of it */
	sim_time limit; /* a run without duration is given up after this */
	char *epoch;    /* the calendar's date when the simulation begins: real programs' clocks */
	char **sweep;   /* "GROUP.KEY=A;B;C": what `sweep` varies when --vary is not given */
	char **figure;  /* columns that its figure shows; NULL: all */
};

struct scenario {
	struct text *text;
	const struct kind *const *kinds; /* all that there are, in order; ends with NULL */
	GPtrArray *groups;               /* struct group */
	GHashTable *of_kind;             /* struct kind -> GPtrArray of its groups, in order */
	GHashTable *by_name;             /* struct kind -> GHashTable of its groups by name */
	const struct scenario_head *head;
};

/* Gives `text` (copied) its meaning, with groups of these kinds (kinds/kinds.h has scenario_new(),
 * which knows them).  NULL and *error: file, group, key, what is wrong and what is allowed, in one
 * line. */
struct scenario *scenario_read(const struct text *text, const struct kind *const *kinds,
                               GError **error);
void scenario_free(struct scenario *sc);

/* The i-th group of a kind, NULL past the end. */
struct group *scenario_nth(const struct scenario *sc, const struct kind *kind, unsigned i);
/* The group of that name and kind, NULL if there is none. */
struct group *scenario_find(const struct scenario *sc, const struct kind *kind, const char *name);
/* The group of that name whose kind is called `word` or passes for it (kind_is()); NULL. */
struct group *scenario_called(const struct scenario *sc, const char *word, const char *name);
/* The interface, peer group or tap called `name`; NULL. */
struct group *scenario_machine(const struct scenario *sc, const char *name);
/* The group that a key names; NULL: none, or there is no such key. */
struct group *scenario_named_by(const struct scenario *sc, const struct group *group,
                                const char *key);

static inline const struct scenario_head *scenario_head(const struct scenario *sc) {
	return sc->head;
}

/* --- values: what a group says, for others than its kind -------------------------------------- */

/* Whether its kind has the key, and whether the text gives it (else its default is in force). */
bool group_has(const struct group *group, const char *key);
bool group_given(const struct group *group, const char *key);
/* The type of a key's values, also of a tcp. one; false: there is no such key. */
bool group_key_type(const struct group *group, const char *key, enum value_type *type);

/* What is in force.  The key must exist and be of that type: anything else is a defect. */
const char *group_text(const struct group *group, const char *key);        /* NULL: none */
char **group_names(const struct group *group, const char *key);            /* NULL: none */
const uint32_t *group_numbers(const struct group *group, const char *key); /* ends in 0; NULL */
double group_number(const struct group *group,
                    const char *key); /* in base units; of a word: which */
/* On that machine; NULL: of speed 1. */
struct cost_value group_cost(const struct group *group, const char *key,
                             const struct machine *machine);
bool group_flag(const struct group *group, const char *key);
/* The range that stands behind a value (bounds.h), as it stands there: free with g_free(); NULL: none. */
char *group_range(const struct group *group, const char *key);

/* Without the key: not left out. */
bool group_enabled(const struct group *group);
/* The address of an interface or of the first machine of a peer group; prefix 0 if it has none. */
struct net_address group_address(const struct group *group);
/* Its default route; 0: none. */
uint32_t group_gateway(const struct group *group);
/* Machines that the group stands for, with a name each; 0: it is one, of its own name. */
unsigned group_machines(const struct group *group);

/* Tells that a key's value is wrong ("FILE: [GROUP] KEY: ..."); false. */
bool group_wrong(const struct group *group, const char *key, GError **error, const char *format,
                 ...) G_GNUC_PRINTF(4, 5);

/* --- the whole -------------------------------------------------------------------------------- */

/* Applies the overrides of [config NAME] or [experiment NAME] (NULL: none) to `text`: those that are always in
 * force, or, `only`, those that are with --quick ("quick.") or at easy or long load points ("easy.", "long.").  The scenario
 * must be the one that `text` gave. */
bool scenario_apply(const struct scenario *sc, const struct kind *kind, const char *name,
                    const char *only, struct text *text, GError **error);

/* One parameter in force. */
struct parameter {
	const char *group, *key;
	const char *value; /* with its unit */
	const char *role;  /* "assumed", "measured", "calibrated" or "default" */
	const char *source;
	const char *range; /* what it may plausibly be, as it stands: "8us..20us"; "": not told */
	bool outside;      /* its value is known, and not in it */
};
/* Calls fn for every parameter of every group that describes the system (not configs and
 * experiments), defaults included. */
void scenario_parameters(const struct scenario *sc,
                         void (*fn)(void *arg, const struct parameter *p), void *arg);

/* Tells the paths of the files and folders of this machine that its groups take in. */
void scenario_takes(const struct scenario *sc, void (*fn)(void *arg, const char *path), void *arg);

/* SHA-256 over all parameters in force, what its programs do and what it takes from this machine
 * (digest_of()): equal for scenarios that mean the same. */
char *scenario_hash(const struct scenario *sc);

#endif
