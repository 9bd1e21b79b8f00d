/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a scenario: made of a pattern, SPECweb99's, or those of a real folder. */
#include <math.h>

#include "host/file.h"
#include "lab/world.h"

/* Any number but 0 will do; neighbouring seeds give unlike bytes. */
uint64_t files_pattern_key(const struct fileset_group *files) {
	return (files->seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

unsigned specweb_group_connections(const struct specweb_group *web) {
	double each = specweb_offered(1, web->conf.line_speed);

	if (web->offered <= 0)
		return web->conf.connections;
	return (unsigned)fmax(1, round(web->offered / each));
}

/* Directories that all clients together ask for. */
static unsigned directories_asked(const struct world *world) {
	unsigned most = 0;
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_SPECWEB, i)); i++) {
		const struct specweb_group *web = group->conf;
		unsigned n = web->conf.directories ? web->conf.directories :
			specweb_directories(specweb_group_connections(web));

		most = MAX(most, n);
	}
	return most;
}

/* --- a real folder --------------------------------------------------------------------------- */

static bool copy_file(struct kernel *k, const char *from, const char *path, GError **error) {
	g_autofree char *bytes = NULL;
	gsize size;
	int rc;

	if (!g_file_get_contents(from, &bytes, &size, error))
		return false;
	rc = fs_create(k, path, bytes, size);
	if (rc < 0)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", from, g_strerror(-rc));
	return rc == 0;
}

/* Copies all files below `from` to names below `path`.  Links to folders are not followed: they may
 * lead in circles. */
static bool copy_folder(struct kernel *k, const char *from, const char *path, GError **error) {
	g_autoptr(GDir) dir = g_dir_open(from, 0, error);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *source = g_build_filename(from, name, NULL);
		g_autofree char *target = g_strconcat(path, "/", name, NULL);

		if (g_file_test(source, G_FILE_TEST_IS_REGULAR)) {
			if (!copy_file(k, source, target, error))
				return false;
		} else if (g_file_test(source, G_FILE_TEST_IS_DIR) &&
		           !g_file_test(source, G_FILE_TEST_IS_SYMLINK)) {
			if (!copy_folder(k, source, target, error))
				return false;
		}
	}
	return dir;
}

static bool build_folder(const struct world *world, const struct group *group, struct kernel *k,
                         GError **error) {
	const struct fileset_group *files = group->conf;
	g_autoptr(GError) why = NULL;

	if (copy_folder(k, files->folder, "", &why))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [%s] folder: %s; allowed: a folder of files below 2 GiB that can be read",
	            world->sc->text->file, group->name, why->message);
	return false;
}

/* --- all of them ----------------------------------------------------------------------------- */

bool files_build(struct world *world, GError **error) {
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_FILESET, i)); i++) {
		const struct fileset_group *files = group->conf;
		struct kernel *k = scenario_find(world->sc, TYPE_HOST, files->host)->live;

		if (files->folder) {
			if (!build_folder(world, group, k, error))
				return false;
		} else if (files->path) {
			fs_create_pattern(k, files->path, files->size, files_pattern_key(files));
		} else {
			specweb_fileset(k, files->directories ? files->directories :
			                directories_asked(world));
		}
	}
	return true;
}
