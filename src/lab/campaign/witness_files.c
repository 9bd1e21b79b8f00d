/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which real machines are there, and what do their files say? */
#include "lab/campaign/witness_files.h"

#include <string.h>

#include "lab/base/place.h"

/* Costs that machines have in common. */
#define COSTS "p6.ini"

static gint by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names without .ini, of the files that the folder has. */
static GPtrArray *names_in(const char *folder, GError **error) {
	GDir *dir = g_dir_open(folder, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *file;

	while (dir && (file = g_dir_read_name(dir)))
		if (g_str_has_suffix(file, ".ini") && !g_str_equal(file, COSTS))
			g_ptr_array_add(names, g_strndup(file, strlen(file) - strlen(".ini")));
	g_clear_pointer(&dir, g_dir_close);
	g_ptr_array_sort(names, by_name);
	if (names->len)
		return names;
	g_ptr_array_unref(names);
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"witness: '%s' has no machine; allowed: the scenarios that come with the program",
		folder);
	return NULL;
}

/* Those that are wanted, of those that there are, once each. */
static GPtrArray *choose(GPtrArray *there, char **names, GError **error) {
	GPtrArray *chosen = g_ptr_array_new_with_free_func(g_free);

	for (unsigned i = 0; names && names[i]; i++) {
		if (!g_ptr_array_find_with_equal_func(there, names[i], g_str_equal, NULL)) {
			g_autofree char *all = NULL;

			g_ptr_array_add(there, NULL);
			all = g_strjoinv(", ", (char **)there->pdata);
			g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			            "witness: unknown machine '%s'; allowed: %s", names[i], all);
			g_ptr_array_unref(chosen);
			return NULL;
		}
		if (!g_ptr_array_find_with_equal_func(chosen, names[i], g_str_equal, NULL))
			g_ptr_array_add(chosen, g_strdup(names[i]));
	}
	for (guint i = 0; !names && i < there->len; i++)
		g_ptr_array_add(chosen, g_strdup(there->pdata[i]));
	return chosen;
}

static void file_free(gpointer data) {
	struct witness_file *file = data;

	g_free(file->name);
	g_clear_pointer(&file->text, text_free);
	g_free(file);
}

static GPtrArray *load(const char *dir, const GPtrArray *names, GError **error) {
	GPtrArray *files = g_ptr_array_new_with_free_func(file_free);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *base = g_strconcat(names->pdata[i], ".ini", NULL);
		g_autofree char *path = g_build_filename(dir, base, NULL);
		struct witness_file *file = g_new0(struct witness_file, 1);

		file->name = g_strdup(names->pdata[i]);
		file->text = text_load(path, error);
		g_ptr_array_add(files, file);
		if (!file->text) {
			g_ptr_array_unref(files);
			return NULL;
		}
	}
	return files;
}

GPtrArray *witness_files(const char *folder, char **names, GError **error) {
	g_autofree char *dir = g_build_filename(place_scenarios(), folder, NULL);
	g_autoptr(GPtrArray) there = names_in(dir, error);
	g_autoptr(GPtrArray) chosen = there ? choose(there, names, error) : NULL;

	return chosen ? load(dir, chosen, error) : NULL;
}
