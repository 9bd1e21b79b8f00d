/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files on a host: one made of a pattern, SPECweb99's set, or those of a real folder. */
#include <glib/gstdio.h>

#include "apps/specweb.h"
#include "host/file/file.h"
#include "lab/base/input.h"
#include "lab/kinds/parts.h"

/* What a folder of this machine may have: files and folders below it, one below the other, bytes. */
#define FOLDER_MAX_FILES 10000
#define FOLDER_MAX_DEPTH 32
#define FOLDER_MAX_BYTES (256 << 20)

struct conf {
	char *host, *path; /* one file of `size`, or the SPECweb99 file set when there is no path */
	char *folder;      /* instead of both: the files of a real folder */
	uint64_t size;
	unsigned directories;
	unsigned seed; /* of the bytes */
};

static const struct key keys[] = {
	NEED("host", TEXT, host, "host", "the host that has the files"),
	K("path", TEXT, path, "one file; not given: SPECweb99's file set"),
	K("folder", TEXT, folder, "of this machine, whose files are there instead"),
	R("size", BYTES, size, 0, 1e15, "of the one file"),
	R("directories", COUNT, directories, 0, FILES_MAX_DIRECTORIES,
          "of the file set; 0: as many as the clients ask for"),
	K("seed", COUNT, seed, "of the one file's bytes"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->host = g_strdup("server");
	c->seed = 1;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	if (c->path && c->path[0] != '/')
		return group_wrong(group, "path", error, "'%s'; allowed: a path that begins with /",
		                   c->path);
	if (c->folder && sc->text->untrusted)
		return group_wrong(group, "folder", error,
		                   "a folder of this machine, which --untrusted "
		                   "refuses; allowed: files that are made up, of path and size");
	return true;
}

static void takes(const struct group *group, void (*fn)(void *arg, const char *path), void *arg) {
	const struct conf *c = group->conf;

	if (c->folder)
		fn(arg, c->folder);
}

/* Any number but 0 will do; neighbouring seeds give unlike bytes. */
static uint64_t pattern_key(const struct conf *c) {
	return (c->seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

/* --- who reads a file of one ------------------------------------------------------------------ */

static bool says(const struct group *group, const char *key) {
	const char *text = group_text(group, key);

	return text && *text;
}

bool file_check(const struct group *group, GError **error) {
	bool path = says(group, "path");

	return says(group, "fileset") != path ||
	       group_wrong(group, "fileset", error, "%s; allowed: either fileset or path",
	                   path ? "path is given too" : "neither it nor path is given");
}

void file_called(const struct scenario *sc, const struct group *group, const char **path,
                 uint64_t *key) {
	const struct group *files = scenario_named_by(sc, group, "fileset");

	*path = group_text(group, "path");
	*key = 0;
	if (files) {
		const struct conf *c = files->conf;

		*path = c->path;
		*key = pattern_key(c);
	}
}

/* --- SPECweb99's set ----------------------------------------------------------------------------- */

/* Directories that all clients together ask for. */
static unsigned directories_asked(const struct world *world) {
	unsigned most = 0;
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, &kind_specweb, i)); i++)
		most = MAX(most, specweb_asks(group));
	return most;
}

/* --- a real folder --------------------------------------------------------------------------- */

/* What was copied, and where it stands. */
struct copying {
	struct kernel *k; /* NULL: it only counts, so that too much is refused before it is read */
	unsigned files;   /* and folders */
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
	const struct conf *files = group->conf;
	struct copying count = {0}, c = {.k = k};
	g_autoptr(GError) why = NULL;

	if (copy_folder(&count, files->folder, "", &why) &&
	    copy_folder(&c, files->folder, "", &why))
		return true;
	g_set_error(
		error, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: [%s] folder: %s; allowed: a folder that can be read, of up to %d files and folders, "
		"%d below each other, %d MiB in all",
		world->sc->text->file, group->name, why->message, FOLDER_MAX_FILES,
		FOLDER_MAX_DEPTH, FOLDER_MAX_BYTES >> 20);
	return false;
}

static bool build_specweb(const struct world *world, const struct group *group, struct kernel *k,
                          GError **error) {
	const struct conf *files = group->conf;
	unsigned n = files->directories ? files->directories : directories_asked(world);

	if (n > FILES_MAX_DIRECTORIES) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "%s: [%s] directories: the clients ask for %u; allowed: %d",
		            world->sc->text->file, group->name, n, FILES_MAX_DIRECTORIES);
		return false;
	}
	specweb_fileset(k, n);
	return true;
}

/* --- all of them ----------------------------------------------------------------------------- */

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *files = group->conf;
	struct kernel *k = host_called(world, files->host);

	if (files->folder)
		return build_folder(world, group, k, error);
	if (!files->path)
		return build_specweb(world, group, k, error);
	fs_create_pattern(k, files->path, files->size, pattern_key(files));
	return true;
}

const struct kind kind_fileset = {
	.name = "fileset",
	.help = "files on a host",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.takes = takes,
	.check = check,
	.stage = STAGE_FILES,
	.build = build,
};
