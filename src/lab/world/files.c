/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a scenario: made of a pattern, SPECweb99's, or those of a real folder. */
#include <glib/gstdio.h>
#include <math.h>

#include "host/file/file.h"
#include "lab/base/input.h"
#include "lab/world/world.h"

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

/* What was copied, and where it stands. */
struct copying {
	struct kernel *k; /* NULL: it only counts, so that too much is refused before it is read */
	unsigned files; /* and folders */
	gsize bytes;
	unsigned depth;
};

static bool refused(GError **error, const char *what, const char *why) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "%s: %s", what, why);
	return false;
}

static bool count_file(struct copying *c, const char *from, GError **error) {
	GStatBuf st;

	if (g_stat(from, &st) == 0)
		c->bytes += (gsize)st.st_size;
	return c->bytes <= FOLDER_MAX_BYTES || refused(error, from, "too many bytes");
}

static bool copy_file(struct copying *c, const char *from, const char *path, GError **error) {
	g_autofree char *why = NULL;
	GString *bytes = input_read(from, FOLDER_MAX_BYTES - c->bytes, &why);
	int rc;

	if (!bytes)
		return refused(error, from, why);
	c->bytes += bytes->len;
	rc = fs_create(c->k, path, bytes->str, bytes->len);
	g_string_free(bytes, TRUE);
	return rc == 0 || refused(error, from, g_strerror(-rc));
}

static bool copy_folder(struct copying *c, const char *from, const char *path, GError **error);

/* Links to folders are not followed: they may lead in circles. */
static bool copy_entry(struct copying *c, const char *source, const char *target, GError **error) {
	if (++c->files > FOLDER_MAX_FILES)
		return refused(error, source, "too many files and folders");
	if (g_file_test(source, G_FILE_TEST_IS_REGULAR))
		return c->k ? copy_file(c, source, target, error) : count_file(c, source, error);
	if (g_file_test(source, G_FILE_TEST_IS_DIR) && !g_file_test(source, G_FILE_TEST_IS_SYMLINK))
		return copy_folder(c, source, target, error);
	return true;
}

/* Copies all files below `from` to names below `path`. */
static bool copy_folder(struct copying *c, const char *from, const char *path, GError **error) {
	g_autoptr(GDir) dir = g_dir_open(from, 0, error);
	bool good = dir;
	const char *name;

	if (dir && ++c->depth > FOLDER_MAX_DEPTH)
		return refused(error, from, "too deep");
	while (good && (name = g_dir_read_name(dir))) {
		g_autofree char *source = g_build_filename(from, name, NULL);
		g_autofree char *target = g_strconcat(path, "/", name, NULL);

		good = copy_entry(c, source, target, error);
	}
	c->depth--;
	return good;
}

static bool build_folder(const struct world *world, const struct group *group, struct kernel *k,
                         GError **error) {
	const struct fileset_group *files = group->conf;
	struct copying count = {0}, c = {.k = k};
	g_autoptr(GError) why = NULL;

	if (copy_folder(&count, files->folder, "", &why) && copy_folder(&c, files->folder, "", &why))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: [%s] folder: %s; allowed: a folder that can be read, of up to %d files and folders, "
	            "%d below each other, %d MiB in all", world->sc->text->file, group->name, why->message,
	            FOLDER_MAX_FILES, FOLDER_MAX_DEPTH, FOLDER_MAX_BYTES >> 20);
	return false;
}

static bool build_specweb(const struct world *world, const struct group *group, struct kernel *k,
                          GError **error) {
	const struct fileset_group *files = group->conf;
	unsigned n = files->directories ? files->directories : directories_asked(world);

	if (n > FILES_MAX_DIRECTORIES) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: [%s] directories: the clients ask for %u; allowed: %d", world->sc->text->file,
		            group->name, n, FILES_MAX_DIRECTORIES);
		return false;
	}
	specweb_fileset(k, n);
	return true;
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
		} else if (!build_specweb(world, group, k, error)) {
			return false;
		}
	}
	return true;
}
