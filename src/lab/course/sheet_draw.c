/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures of a sheet: the program is asked for each as a student would, with the student's files before it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/folder.h"
#include "lab/base/interrupt.h"
#include "lab/base/place.h"
#include "lab/course/sheet.h"

/* A folder with what the sheet's commands name: the student's files, and the scenarios that come with the program. */
static bool lay_out(const struct unit *unit, const char *dir, GError **error) {
	struct student *sample = student_sample(unit, error);
	g_autoptr(GHashTable) files = sample ? sheet_files(sample, error) : NULL;
	g_autofree char *scenarios = g_build_filename(dir, "scenarios", NULL);
	GHashTableIter iter;
	gpointer name, text;
	bool good = files;

	g_clear_pointer(&sample, student_free);
	if (!good)
		return false;
	good = symlink(place_scenarios(), scenarios) == 0;
	g_hash_table_iter_init(&iter, files);
	while (good && g_hash_table_iter_next(&iter, &name, &text)) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		good = g_file_set_contents(path, text, -1, NULL);
	}
	if (!good)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: cannot be written: %s; allowed: a folder for temporary files with "
		            "room, see TMPDIR",
		            dir, g_strerror(errno));
	return good;
}

static void in_child(gpointer none) {
	(void)none;
	interrupt_unblock();
}

/* `sopsim COMMAND --out OUT` in the folder; false and *error. */
static bool run_command(const char *dir, const char *command, const char *out, GError **error) {
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL), *said = NULL,
			*line = g_strdup_printf("sopsim %s --out %s", command, out);
	g_auto(GStrv) words = NULL;
	int status = 0;

	if (!g_shell_parse_argv(line, NULL, &words, error))
		return false;
	g_free(words[0]);
	words[0] = g_strdup(program ? program : "sopsim");
	if (!g_spawn_sync(dir, words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
	                  in_child, NULL, NULL, &said, &status, error))
		return false;
	if (g_spawn_check_wait_status(status, NULL))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "sheet.md: sopsim %s: %s", command, said);
	return false;
}

/* chart draws into a file, sweep and compare into a folder. */
static char *read_picture(const char *dir, const char *command, GError **error) {
	size_t length = strcspn(command, " ");
	g_autofree char *word = g_strndup(command, length), *name = g_strconcat(word, ".svg", NULL),
			*in_folder = g_build_filename(dir, "drawn", name, NULL),
			*alone = g_build_filename(dir, "drawn.svg", NULL);
	bool folder = !g_str_equal(word, "chart");
	char *svg = NULL;

	if (run_command(dir, command, folder ? "drawn" : "drawn.svg", error))
		g_file_get_contents(folder ? in_folder : alone, &svg, NULL, error);
	return svg;
}

/* As one of ours, whatever it was. */
static void blame(GError **error, const struct unit *unit, const char *command) {
	g_autofree char *why = g_strdup((*error)->message);

	g_clear_error(error);
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s/sheet.md: sopsim %s: %s; allowed: chart, sweep or compare", unit->name,
	            command, why);
}

char *sheet_draw(const struct unit *unit, const char *command, GError **error) {
	GError *why = NULL;
	g_autofree char *dir = g_dir_make_tmp("sopsim-course-XXXXXX", &why);
	char *svg = dir && lay_out(unit, dir, &why) ? read_picture(dir, command, &why) : NULL;

	if (dir)
		folder_remove(dir);
	if (!svg && why->domain != LAB_ERROR)
		blame(&why, unit, command);
	if (!svg)
		g_propagate_error(error, why);
	return svg;
}
