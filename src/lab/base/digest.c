/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are files of this machine still what they were? */
#include "lab/base/digest.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lab/base/input.h"

/* A scenario may take no more (kinds/fileset.c). */
#define MOST_FILES 10000
#define MOST_BYTES ((gsize)256 << 20)
#define MOST_DEPTH 32

struct digest {
	GChecksum *sum;
	unsigned files, depth;
	gsize bytes;
};

static void add_word(struct digest *d, const char *word) {
	/* With its end, so that no two lists of words are one. */
	g_checksum_update(d->sum, (const guchar *)word, (gssize)strlen(word) + 1);
}

static void add_file(struct digest *d, const char *path) {
	g_autofree char *why = NULL, *size = NULL;
	GString *bytes = input_read(path, MOST_BYTES - d->bytes, &why);

	if (!bytes) {
		add_word(d, "none");
		return;
	}
	size = g_strdup_printf("%" G_GSIZE_FORMAT, bytes->len);
	add_word(d, size);
	g_checksum_update(d->sum, (const guchar *)bytes->str, (gssize)bytes->len);
	d->bytes += bytes->len;
	g_string_free(bytes, TRUE);
}

static gint by_name(gconstpointer a, gconstpointer b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted: in which order a folder tells them is chance. */
static GPtrArray *names_in(const char *folder) {
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	return names;
}

static void add_folder(struct digest *d, const char *folder);

static void add_entry(struct digest *d, const char *path, const char *name) {
	if (++d->files > MOST_FILES)
		return;
	if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		add_word(d, name);
		add_file(d, path);
	} else if (g_file_test(path, G_FILE_TEST_IS_DIR) &&
	           !g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
		add_word(d, name);
		add_folder(d, path);
	}
}

static void add_folder(struct digest *d, const char *folder) {
	g_autoptr(GPtrArray) names = names_in(folder);

	d->depth++;
	for (guint i = 0; i < names->len && d->depth <= MOST_DEPTH; i++) {
		g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);

		add_entry(d, path, names->pdata[i]);
	}
	d->depth--;
	add_word(d, "");
}

const char *digest_of(const char *path) {
	static GHashTable *known; /* path -> digest */
	char *digest = known ? g_hash_table_lookup(known, path) : NULL;
	struct digest d = {0};

	if (digest)
		return digest;
	known = known ? known : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	d.sum = g_checksum_new(G_CHECKSUM_SHA256);
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		add_folder(&d, path);
	else
		add_file(&d, path);
	digest = g_strdup(g_file_test(path, G_FILE_TEST_EXISTS) ? g_checksum_get_string(d.sum)
	                                                        : "none");
	g_checksum_free(d.sum);
	g_hash_table_insert(known, g_strdup(path), digest);
	return digest;
}

char *digest_base64(const char *text) {
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize length = sizeof digest;

	g_checksum_update(sum, (const guchar *)text, -1);
	g_checksum_get_digest(sum, digest, &length);
	return g_base64_encode(digest, length);
}
