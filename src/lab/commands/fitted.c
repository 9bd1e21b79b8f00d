/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where does a value stand in a scenario's files, and what does the line say then? */
#include "lab/commands/fitted.h"

#include <string.h>

#include "lab/base/input.h"
#include "lab/figures/results.h"

/* A file to be changed. */
struct sheet {
	char *name; /* in its folder */
	char **lines;
};

static void sheet_free(gpointer data) {
	struct sheet *sheet = data;

	g_free(sheet->name);
	g_strfreev(sheet->lines);
	g_free(sheet);
}

static struct sheet *sheet_of(GPtrArray *sheets, const char *folder, const char *name,
                              GError **error) {
	g_autofree char *path = g_build_filename(folder, name, NULL), *why = NULL;
	g_autoptr(GString) bytes = NULL;
	struct sheet *sheet;

	for (guint i = 0; i < sheets->len; i++)
		if (g_str_equal(((struct sheet *)sheets->pdata[i])->name, name))
			return sheets->pdata[i];
	bytes = input_read(path, TEXT_MAX_BYTES, &why);
	if (!bytes) {
		g_set_error(
			error, LAB_ERROR, LAB_ERROR_INPUT,
			"--write: %s: %s; allowed: values that stand in the scenario's own folder",
			path, why);
		return NULL;
	}
	sheet = g_new0(struct sheet, 1);
	sheet->name = g_strdup(name);
	sheet->lines = g_strsplit(bytes->str, "\n", -1);
	g_ptr_array_add(sheets, sheet);
	return sheet;
}

/* "[cost]  ": the name between the brackets is that. */
static bool is_head(const char *line, const char *name) {
	g_autofree char *head = g_strdup_printf("[%s]", name);

	return g_str_has_prefix(line, head);
}

static bool says(const char *line, const char *key) {
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0)
		return false;
	return line[length + strspn(line + length, " \t")] == '=';
}

/* "fork = 206.6us  | calibrated": what follows the value stays in its column, if there is room. */
static char *with_value(const char *line, const char *value) {
	const char *at = strchr(line, '=') + 1, *rest = strchr(at, '|');
	size_t blank = strspn(at, " \t"), old;
	GString *made = g_string_new_len(line, at + blank - line);

	g_string_append(made, value);
	if (!rest)
		return g_string_free(made, FALSE);
	old = (size_t)(rest - line);
	do
		g_string_append_c(made, ' ');
	while (made->len < old);
	g_string_append(made, rest);
	return g_string_free(made, FALSE);
}

static bool put(struct sheet *sheet, const char *group, const char *key, const char *value) {
	bool inside = false;

	for (unsigned i = 0; sheet->lines[i]; i++) {
		char *line = sheet->lines[i];

		if (*line == '[')
			inside = is_head(line, group);
		else if (inside && says(line, key)) {
			sheet->lines[i] = with_value(line, value);
			g_free(line);
			return true;
		}
	}
	return false;
}

/* "GROUP.KEY=VALUE" into the sheet that says the key. */
static bool change(GPtrArray *sheets, const char *folder, const struct text *text,
                   const char *found, GError **error) {
	g_auto(GStrv) parts = g_strsplit(found, "=", 2);
	const struct text_group *group = text_group_of(text, parts[0], "--write", error);
	const char *key = strchr(parts[0], '.') + 1;
	const struct text_entry *entry = group ? text_entry_find(group, key) : NULL;
	struct sheet *sheet;

	if (!group)
		return false;
	sheet = entry ? sheet_of(sheets, folder, entry->origin, error) : NULL;
	if (entry && !sheet)
		return false;
	if (sheet && put(sheet, group->name, key, parts[1]))
		return true;
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"--write: no line of the scenario says %s; allowed: parameters that have a line",
		parts[0]);
	return false;
}

static bool write_all(GPtrArray *sheets, const char *folder, GError **error) {
	struct results *results = results_open("--write", folder, error);
	bool good = results;

	for (guint i = 0; good && i < sheets->len; i++) {
		const struct sheet *sheet = sheets->pdata[i];
		g_autofree char *all = g_strjoinv("\n", sheet->lines);

		good = results_stage(results, sheet->name, all, strlen(all), error);
	}
	good = good && results_commit(results, error);
	g_clear_pointer(&results, results_close);
	return good;
}

bool fitted_write(const char *path, const struct text *text, const GPtrArray *found,
                  GError **error) {
	g_autoptr(GPtrArray) sheets = g_ptr_array_new_with_free_func(sheet_free);
	g_autofree char *folder = g_path_get_dirname(path);

	for (guint i = 0; i < found->len; i++)
		if (!change(sheets, folder, text, found->pdata[i], error))
			return false;
	return sheets->len == 0 || write_all(sheets, folder, error);
}
