/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/text.h"

#include <string.h>

#include "lab/key.h"
#include "lab/text_read.h"

static void entry_free(gpointer data) {
	struct text_entry *entry = data;

	g_free(entry->key);
	g_free(entry->value);
	g_free(entry->origin);
	g_free(entry);
}

static void group_free(gpointer data) {
	struct text_group *group = data;

	g_ptr_array_unref(group->entries);
	g_free(group->name);
	g_free(group);
}

static struct text *text_new(const char *file) {
	struct text *text = g_new0(struct text, 1);

	text->file = g_strdup(file);
	text->groups = g_ptr_array_new_with_free_func(group_free);
	return text;
}

void text_free(struct text *text) {
	g_ptr_array_unref(text->groups);
	g_free(text->file);
	g_free(text);
}

struct text_group *text_group_find(const struct text *text, const char *name) {
	for (guint i = 0; i < text->groups->len; i++) {
		struct text_group *group = text->groups->pdata[i];

		if (g_str_equal(group->name, name))
			return group;
	}
	return NULL;
}

const struct text_entry *text_entry_find(const struct text_group *group, const char *key) {
	for (guint i = 0; i < group->entries->len; i++) {
		const struct text_entry *entry = group->entries->pdata[i];

		if (g_str_equal(entry->key, key))
			return entry;
	}
	return NULL;
}

static struct text_group *group_make(struct text *text, const char *name) {
	struct text_group *group = text_group_find(text, name);

	if (group)
		return group;
	group = g_new0(struct text_group, 1);
	group->name = g_strdup(name);
	group->entries = g_ptr_array_new_with_free_func(entry_free);
	g_ptr_array_add(text->groups, group);
	return group;
}

void text_set(struct text *text, const char *group_name, const char *key, const char *value,
	      const char *origin) {
	struct text_group *group = group_make(text, group_name);
	struct text_entry *entry = (struct text_entry *)text_entry_find(group, key);

	if (!entry) {
		entry = g_new0(struct text_entry, 1);
		entry->key = g_strdup(key);
		g_ptr_array_add(group->entries, entry);
	}
	g_free(entry->value);
	g_free(entry->origin);
	entry->value = g_strstrip(g_strdup(value));
	entry->origin = g_strdup(origin);
}

struct text *text_copy(const struct text *text) {
	struct text *copy = text_new(text->file);

	for (guint i = 0; i < text->groups->len; i++) {
		const struct text_group *group = text->groups->pdata[i];

		group_make(copy, group->name);
		for (guint j = 0; j < group->entries->len; j++) {
			const struct text_entry *entry = group->entries->pdata[j];

			text_set(copy, group->name, entry->key, entry->value, entry->origin);
		}
	}
	return copy;
}

/* --- reading --------------------------------------------------------------------------------- */

static bool load_into(struct text *text, const char *path, GPtrArray *open, GError **error);

/* Reads what `[scenario] include` names, before the including file's own keys. */
static bool load_includes(struct text *text, const char *path, const char *list, GPtrArray *open,
			  GError **error) {
	g_autofree char *folder = g_path_get_dirname(path), *base = g_path_get_basename(path);
	g_auto(GStrv) names = g_strsplit(list, ",", -1);

	for (unsigned i = 0; names[i]; i++) {
		const char *name = g_strstrip(names[i]);
		g_autofree char *full = g_canonicalize_filename(name, folder);

		if (!g_file_test(full, G_FILE_TEST_IS_REGULAR)) {
			g_set_error(
			    error, LAB_ERROR, LAB_ERROR_INPUT,
			    "%s: [scenario] include: there is no file '%s'; allowed: files, "
			    "relative to the folder of %s",
			    base, name, base);
			return false;
		}
		if (!load_into(text, full, open, error))
			return false;
	}
	return true;
}

static bool is_open(const GPtrArray *open, const char *path) {
	for (guint i = 0; i < open->len; i++)
		if (g_str_equal(open->pdata[i], path))
			return true;
	return false;
}

static void take_groups(struct text *text, GKeyFile *file, const char *origin) {
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

	for (unsigned i = 0; groups[i]; i++) {
		g_auto(GStrv) keys = g_key_file_get_keys(file, groups[i], NULL, NULL);

		group_make(text, groups[i]);
		for (unsigned j = 0; keys && keys[j]; j++) {
			g_autofree char *value =
			    g_key_file_get_value(file, groups[i], keys[j], NULL);

			g_strdelimit(value, (char[]){TEXT_LINE_BREAK, '\0'}, '\n');
			if (!g_str_equal(groups[i], "scenario") || !g_str_equal(keys[j], "include"))
				text_set(text, groups[i], keys[j], value, origin);
		}
	}
}

static bool load_into(struct text *text, const char *path, GPtrArray *open, GError **error) {
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *base = g_path_get_basename(path), *include = NULL;
	g_autofree char *bytes = NULL;
	g_autoptr(GError) trouble = NULL;

	if (is_open(open, path)) {
		g_set_error(
		    error, LAB_ERROR, LAB_ERROR_INPUT,
		    "%s: [scenario] include: the file includes itself; allowed: files that do "
		    "not include each other in a circle",
		    base);
		return false;
	}
	bytes = text_read(path, base, error);
	if (!bytes)
		return false;
	if (!g_key_file_load_from_data(file, bytes, (gsize)-1, G_KEY_FILE_NONE, &trouble)) {
		g_strdelimit(trouble->message, "\n", ' ');
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			    "%s: %s; allowed: a key file ([group] and key = value lines)", base,
			    trouble->message);
		return false;
	}
	g_ptr_array_add(open, (gpointer)path);
	include = g_key_file_get_value(file, "scenario", "include", NULL);
	if (include && !load_includes(text, path, include, open, error))
		return false;
	take_groups(text, file, base);
	g_ptr_array_set_size(open, (gint)open->len - 1);
	return true;
}

struct text *text_load(const char *path, GError **error) {
	g_autofree char *full = g_canonicalize_filename(path, NULL),
			*base = g_path_get_basename(full);
	g_autoptr(GPtrArray) open = g_ptr_array_new();
	struct text *text = text_new(base);

	if (load_into(text, full, open, error))
		return text;
	text_free(text);
	return NULL;
}

/* --- overrides ------------------------------------------------------------------------------- */

static void no_such_group(const struct text *text, const char *name, const char *group,
			  const char *origin, GError **error) {
	g_autofree const char **words = g_new(const char *, text->groups->len);
	const char *near;

	for (guint i = 0; i < text->groups->len; i++)
		words[i] = ((struct text_group *)text->groups->pdata[i])->name;
	near = nearest_word(group, words, text->groups->len);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		    "%s: %s: %s has no group '%s'%s%s%s; allowed: GROUP.KEY of the scenario",
		    origin, name, text->file, group, near ? "; did you mean '" : "",
		    near ? near : "", near ? "'?" : "");
}

bool text_override(struct text *text, const char *name, const char *value, const char *origin,
		   GError **error) {
	const char *dot = strchr(name, '.');
	g_autofree char *group = NULL;

	if (!dot || dot == name || !dot[1]) {
		g_set_error(
		    error, LAB_ERROR, LAB_ERROR_INPUT,
		    "%s: '%s' names no key; allowed: GROUP.KEY=VALUE, such as pci0.latency=2us",
		    origin, name);
		return false;
	}
	group = g_strndup(name, (gsize)(dot - name));
	if (!text_group_find(text, group)) {
		no_such_group(text, name, group, origin, error);
		return false;
	}
	text_set(text, group, dot + 1, value, origin);
	return true;
}

bool text_override_pair(struct text *text, const char *pair, const char *origin, GError **error) {
	const char *equals = strchr(pair, '=');
	g_autofree char *name = NULL;

	if (!equals) {
		g_set_error(
		    error, LAB_ERROR, LAB_ERROR_INPUT,
		    "%s: '%s' has no '='; allowed: GROUP.KEY=VALUE, such as pci0.latency=2us",
		    origin, pair);
		return false;
	}
	name = g_strstrip(g_strndup(pair, (gsize)(equals - pair)));
	return text_override(text, name, equals + 1, origin, error);
}
