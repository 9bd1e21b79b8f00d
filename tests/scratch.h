/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of a test's own. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>

/* An empty folder; scratch_remove() frees the name. */
static inline char *scratch_new(void) {
	char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL);

	ck_assert_ptr_nonnull(dir);
	return dir;
}

/* All that is in it, folders too. */
static inline void scratch_wipe(const char *dir) {
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(d))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			scratch_wipe(path);
		g_remove(path);
	}
	g_dir_close(d);
}

static inline void scratch_remove(char *dir) {
	scratch_wipe(dir);
	g_rmdir(dir);
	g_free(dir);
}

/* A file in it with this text; its path (g_free). */
static inline char *scratch_file(const char *dir, const char *name, const char *text) {
	char *path = g_build_filename(dir, name, NULL);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
	return path;
}

#endif
