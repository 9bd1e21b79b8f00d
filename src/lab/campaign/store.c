/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which runs of a campaign are there already, whole? */
#include "lab/campaign/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/input.h"

#define RUNS "runs"
#define SUFFIX ".json"
#define MOST_BYTES (64 << 20)

struct store {
	struct folder *folder;
	char *runs; /* path of the runs' folder */
};

void store_tidy(const struct store *store) {
	GDir *dir = g_dir_open(store->runs, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (*name == '.') {
			g_autofree char *path = g_build_filename(store->runs, name, NULL);

			g_unlink(path);
		}
	if (dir)
		g_dir_close(dir);
}

static bool has_cluster(const struct store *store) {
	g_autofree char *path = g_build_filename(store_dir(store), STORE_CLUSTER, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* What a command that was killed while it wrote a file beside the runs has left of it. */
static void tidy_top(const struct store *store) {
	GDir *dir = g_dir_open(store_dir(store), 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(store_dir(store), name, NULL);

		if (g_pattern_match_simple(".results.csv.??????", name) ||
		    g_pattern_match_simple(".sweep.*.??????", name) ||
		    g_pattern_match_simple(".about.json.??????", name) ||
		    g_pattern_match_simple(".probe.??????", name))
			g_unlink(path);
	}
	if (dir)
		g_dir_close(dir);
}

struct store *store_open(const char *dir, GError **error) {
	struct folder *folder = folder_open("--out", dir, error);
	struct store *store;

	if (!folder)
		return NULL;
	store = g_new0(struct store, 1);
	store->folder = folder;
	store->runs = g_build_filename(dir, RUNS, NULL);
	if (g_mkdir(store->runs, 0777) == 0 || errno == EEXIST) {
		tidy_top(store);
		/* Tasks of a cluster may be writing there. */
		if (!has_cluster(store))
			store_tidy(store);
		return store;
	}
	folder_failed(folder, RUNS, errno, error);
	store_close(store);
	return NULL;
}

struct store *store_join(const char *option, const char *dir, GError **error) {
	struct folder *folder = folder_join(option, dir, error);
	struct store *store = folder ? g_new0(struct store, 1) : NULL;

	if (!store)
		return NULL;
	store->folder = folder;
	store->runs = g_build_filename(dir, RUNS, NULL);
	return store;
}

void store_close(struct store *store) {
	if (!store)
		return;
	/* What runs that were stopped had half written; the folder of a command that came to nothing:
	 * with runs in it, or yet to come, it stays. */
	if (!has_cluster(store)) {
		store_tidy(store);
		g_rmdir(store->runs);
	}
	folder_close(store->folder);
	g_free(store->runs);
	g_free(store);
}

const char *store_dir(const struct store *store) { return folder_path(store->folder); }

/* --- runs ---------------------------------------------------------------------------------------- */

static char *path_of(const struct store *store, const char *id) {
	g_autofree char *name = g_strconcat(id, SUFFIX, NULL);

	return g_build_filename(store->runs, name, NULL);
}

bool store_keep(const struct store *store, const char *id, const GString *json, GError **error) {
	g_autofree char *path = path_of(store, id);
	g_autofree char *temporary = g_strdup_printf("%s/.%s.%d", store->runs, id, (int)getpid());
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int trouble = fd < 0 ? errno : folder_put(fd, json->str, json->len, false);

	if (!trouble && g_rename(temporary, path) == 0)
		return true;
	trouble = trouble ? trouble : errno;
	g_unlink(temporary);
	return folder_failed(store->folder, path, trouble, error);
}

static bool flush_path(const char *path, int flags) {
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

bool store_flush(const struct store *store, const char *id) {
	g_autofree char *path = path_of(store, id);

	return flush_path(path, 0) && flush_path(store->runs, O_DIRECTORY);
}

bool store_has(const struct store *store, const char *id) {
	g_autofree char *path = path_of(store, id);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

void store_drop(const struct store *store, const char *id) {
	g_autofree char *path = path_of(store, id);

	g_unlink(path);
}

struct run_file *store_read(const struct store *store, const char *id) {
	g_autofree char *path = path_of(store, id), *why = NULL;
	GString *bytes = input_read(path, MOST_BYTES, &why);
	struct run_file *file = bytes ? run_file_read(bytes->str, bytes->len) : NULL;

	if (bytes)
		g_string_free(bytes, TRUE);
	if (file && !g_str_equal(file->id, id))
		g_clear_pointer(&file, run_file_free);
	return file;
}

static gint by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *store_ids(const struct store *store) {
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(store->runs, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (*name != '.' && g_str_has_suffix(name, SUFFIX))
			g_ptr_array_add(ids, g_strndup(name, strlen(name) - strlen(SUFFIX)));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(ids, by_name);
	return ids;
}

/* --- beside them --------------------------------------------------------------------------------- */

GString *store_top(const struct store *store, const char *name) {
	g_autofree char *path = g_build_filename(store_dir(store), name, NULL), *why = NULL;

	return input_read(path, MOST_BYTES, &why);
}

bool store_set_top(const struct store *store, const char *name, GString *bytes, GError **error) {
	g_autofree char *path = g_build_filename(store_dir(store), name, NULL);
	g_autofree char *temporary =
		folder_write_temporary(store->folder, name, bytes->str, bytes->len);
	bool good = temporary && g_rename(temporary, path) == 0;

	if (!good)
		folder_failed(store->folder, name, errno, error);
	if (!good && temporary)
		g_unlink(temporary);
	g_string_free(bytes, TRUE);
	return good;
}

bool store_clear(const struct store *store, const char *const *names, GError **error) {
	GDir *dir = g_dir_open(store->runs, 0, NULL);
	const char *name;
	int trouble = 0;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(store->runs, name, NULL);

		if (g_unlink(path) < 0)
			trouble = errno;
	}
	if (dir)
		g_dir_close(dir);
	for (; *names; names++) {
		g_autofree char *path = g_build_filename(store_dir(store), *names, NULL);

		if (g_unlink(path) < 0 && errno != ENOENT)
			trouble = errno;
	}
	return !trouble || folder_failed(store->folder, RUNS, trouble, error);
}
