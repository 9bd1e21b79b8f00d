/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of which kind is [this group], or what was probably meant? */
#include "lab/scenario/kind_of.h"

#include <string.h>

#include "lab/scenario/text.h"

#define GROUP_NAME_MAX 64

static void unknown_type(const struct kind *const *kinds, const char *origin,
                         const struct text_group *tg, const char *word, GError **error) {
	const char *near = kind_nearest(kinds, word);
	g_autoptr(GString) all = g_string_new(NULL);

	for (; *kinds; kinds++)
		g_string_append_printf(all, "%s%s", all->len ? ", " : "", (*kinds)->name);
	/* A group without the key has its name for a type. */
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [%s] type: %sunknown type '%s'%s%s%s; allowed: %s", origin, tg->name,
	            text_entry_find(tg, "type") || strchr(tg->name, ' ')
	                    ? ""
	                    : "there is no such key, and an ",
	            word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
	            all->str);
}

/* A type that is written as the others are: [echo] or type = echo for [echo ask], [toe card0] for
 * [card0] with type = toe. */
static void miswritten_type(const char *origin, const struct text_group *tg,
                            const struct kind *kind, const char *name, GError **error) {
	bool bare = g_str_equal(name, kind->name);

	if (kind->named)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: [%s] type: %s stands before the name of a group; allowed: [%s %s]",
		            origin, tg->name, kind->name, kind->name, bare ? "NAME" : name);
	else
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: [%s] type: %s stands in no group's name; allowed: [%s] with type = %s",
			origin, tg->name, kind->name, name, kind->name);
}

/* Names become files (--pcap), words of GROUP.KEY and of CSVs: letters, digits, _ and -. */
static bool good_name(const struct text_group *tg, const char *name, const char *file,
                      GError **error) {
	size_t length = strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-");
	g_autofree char *shown = NULL;

	if (length > 0 && length <= GROUP_NAME_MAX && !name[length] && *name != '-')
		return true;
	shown = g_utf8_substring(tg->name, 0, MIN(g_utf8_strlen(tg->name, -1), GROUP_NAME_MAX));
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: [%s]: no name of a group; allowed: up to %d letters, digits, _ and -, the first "
		"of them no -",
		file, shown, GROUP_NAME_MAX);
	return false;
}

const struct kind *kind_of(const struct text *text, const struct kind *const *kinds,
                           const struct text_group *tg, char **name, GError **error) {
	const struct text_entry *entry = text_entry_find(tg, "type");
	const char *space = strchr(tg->name, ' ');
	g_autofree char *word = space ? g_strndup(tg->name, (gsize)(space - tg->name))
	                              : g_strdup(entry ? entry->value : tg->name);
	const struct kind *kind = kind_find(kinds, word);

	*name = g_strstrip(g_strdup(space ? space + 1 : tg->name));
	if (!text_is_scenario(text, tg->origin) && (!kind || kind->named != !!space)) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"%s: none of its groups has a type that exists; allowed: a scenario, see sopsim "
			"params --types",
			tg->origin);
		return NULL;
	}
	if (!good_name(tg, *name, tg->origin, error))
		return NULL;
	if (!kind) {
		unknown_type(kinds, entry ? entry->origin : tg->origin, tg, word, error);
		return NULL;
	}
	if (kind->named != !!space) {
		miswritten_type(entry ? entry->origin : tg->origin, tg, kind, *name, error);
		return NULL;
	}
	return kind;
}
