/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario with its meaning: each group has a type, each value is in its struct, each name that
 * one group uses for another leads somewhere.
 */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include "lab/base/error.h"
#include "lab/scenario/schema.h"
#include "lab/scenario/text.h"

struct group {
	char *name;  /* "pci0"; of [config NAME] and the like: NAME */
	const struct type *type;
	void *conf;  /* the struct of its type */
	const struct text_group *text;
	GPtrArray *overrides; /* of named types: struct text_entry, "GROUP.KEY" = value, not owned */
	void *live;           /* what world.c builds from it */
};

struct scenario {
	struct text *text;
	GPtrArray *groups; /* struct group */
	/* The same by type, in order and by name. */
	GPtrArray *of_type[TYPE_COUNT];
	GHashTable *by_name[TYPE_COUNT];
};

/* Gives `text` (copied) its meaning.  NULL and *error: file, group, key, what is wrong and what is
 * allowed, in one line. */
struct scenario *scenario_new(const struct text *text, GError **error);
void scenario_free(struct scenario *sc);

/* The i-th group of a type, NULL past the end. */
struct group *scenario_nth(const struct scenario *sc, enum type_id type, unsigned i);
/* The group of that name and type, NULL if there is none. */
struct group *scenario_find(const struct scenario *sc, enum type_id type, const char *name);
/* Whether the text gives the key (else its default is in force). */
bool group_given(const struct group *group, const char *key);

static inline const struct scenario_group *scenario_head(const struct scenario *sc) {
	return scenario_nth(sc, TYPE_SCENARIO, 0)->conf;
}

/* Applies the overrides of [config NAME] or [experiment NAME] (NULL: none) to `text`; those that begin with
 * "quick." only if `quick`.  The scenario must be the one that `text` gave. */
bool scenario_apply(const struct scenario *sc, enum type_id type, const char *name, bool quick,
                    struct text *text, GError **error);

/* One parameter in force. */
struct parameter {
	const char *group, *key;
	char *value;        /* with its unit */
	const char *role;   /* "assumed", "measured", "calibrated" or "default" */
	const char *source;
};
/* Calls fn for every parameter of every group that describes the system (not configs and
 * experiments), defaults included. */
void scenario_parameters(const struct scenario *sc,
                         void (*fn)(void *arg, const struct parameter *p), void *arg);

/* SHA-256 over all parameters in force: equal for scenarios that mean the same. */
char *scenario_hash(const struct scenario *sc);

#endif
