/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario as text: groups of keys and values, after `include` was followed and before anybody
 * asked what the values mean.  Order is kept: the first mention of a group or key places it.
 */
#ifndef LAB_TEXT_H
#define LAB_TEXT_H

#include <stdbool.h>

#include "lab/error.h"

struct text_entry {
	char *key, *value, *origin; /* origin: base name of the file, or "--set" */
};

struct text_group {
	char *name;
	GPtrArray *entries; /* struct text_entry */
};

struct text {
	char *file;        /* base name of the file that was asked for */
	GPtrArray *groups; /* struct text_group */
};

/* Reads a key file and what it includes: `include = a.ini, b.ini` in [scenario], relative to the
 * file; the including file's keys win.  NULL and *error for a file that cannot be read, is no key
 * file, or includes itself. */
struct text *text_load(const char *path, GError **error);
struct text *text_copy(const struct text *text);
void text_free(struct text *text);

struct text_group *text_group_find(const struct text *text, const char *name);
const struct text_entry *text_entry_find(const struct text_group *group, const char *key);

/* Sets [group] key, making both if they do not exist. */
void text_set(struct text *text, const char *group, const char *key, const char *value,
              const char *origin);

/* Applies "GROUP.KEY" = value; the group must exist.  `origin` names in messages where it stands. */
bool text_override(struct text *text, const char *name, const char *value, const char *origin,
                   GError **error);
/* The same for "GROUP.KEY=VALUE". */
bool text_override_pair(struct text *text, const char *pair, const char *origin, GError **error);

#endif
