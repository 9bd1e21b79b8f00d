/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario as text: groups of keys and values, after `include` was followed and before anybody
 * asked what the values mean.  Order is kept: the first mention of a group or key places it.
 */
#ifndef LAB_TEXT_H
#define LAB_TEXT_H

#include <stdbool.h>

#include "lab/base/error.h"

struct text_entry {
	char *key, *value, *origin; /* origin: base name of the file, or "--set" */
};

struct text_group {
	char *name, *origin; /* origin: of the first mention */
	GPtrArray *entries;  /* struct text_entry */
	GHashTable *by_key;  /* the same */
};

struct text {
	char *file;          /* base name of the file that was asked for */
	GPtrArray *groups;   /* struct text_group */
	GHashTable *by_name; /* the same */
	GHashTable
		*scenarios; /* names of those of its files that say a group of a type that exists */
	bool untrusted;     /* by a stranger: nothing of this machine is for it */
};

/* What a scenario may have, with all that it includes. */
#define TEXT_MAX_BYTES (16 << 20)
#define TEXT_MAX_GROUPS 4096
#define TEXT_MAX_KEYS 100000
#define TEXT_MAX_FILES 256 /* each counted as often as it is included */
#define TEXT_MAX_DEPTH 16  /* of files that include files */

/* Reads a key file and what it includes: `include = a.ini, b.ini` in [scenario], relative to the
 * file or, if there is none, to place_scenarios(); the including file's keys win.  NULL and *error for a file that cannot be read, is no key
 * file, says a group or key twice, includes itself, or has more than the numbers above allow. */
struct text *text_load(const char *path, GError **error);
/* The same; `untrusted`, by a stranger: no file outside its folder is read, not even by a link,
 * but those that come with the program. */
struct text *text_load_from(const char *path, bool untrusted, GError **error);
/* The same of bytes without a file, which therefore include nothing; `name` is for messages. */
struct text *text_parse(const GString *bytes, const char *name, GError **error);
struct text *text_copy(const struct text *text);
/* The lines that text_parse() makes the same text of: what was included stands in it. */
GString *text_write(const struct text *text);
void text_free(struct text *text);

struct text_group *text_group_find(const struct text *text, const char *name);
const struct text_entry *text_entry_find(const struct text_group *group, const char *key);

/* Whether the file of that origin says a group of a type that exists; else it may be anything, and
 * no message shows what it has. */
bool text_is_scenario(const struct text *text, const char *origin);

/* Sets [group] key, making both if they do not exist. */
void text_set(struct text *text, const char *group, const char *key, const char *value,
              const char *origin);

/* The group that "GROUP.KEY" means, by its name or, as long as nothing else is called so, by the name
 * behind its type.  NULL and *error: there is none, or it is no such word. */
const struct text_group *text_group_of(const struct text *text, const char *name,
                                       const char *origin, GError **error);
/* Applies "GROUP.KEY" = value; the group must exist.  `origin` names in messages where it stands.
 */
bool text_override(struct text *text, const char *name, const char *value, const char *origin,
                   GError **error);
/* The same for "GROUP.KEY=VALUE". */
bool text_override_pair(struct text *text, const char *pair, const char *origin, GError **error);

#endif
