/* SPDX-License-Identifier: GPL-3.0-or-later */
/* May this command write here, and nobody else meanwhile? */
#include "lab/base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a set of results may need; a disk with less is told full before the run. */
#define ROOM (1 << 20)

struct folder {
	const char *option; /* that named it */
	char *path;
	int fd; /* holds the lock */
};

/* Those that this process has open: --out and --pcap may name the same. */
static GPtrArray *ours;

const char *folder_path(const struct folder *folder) { return folder->path; }

bool folder_failed(const struct folder *folder, const char *what, int error, GError **gerror) {
	g_set_error(
		gerror, LAB_ERROR, LAB_ERROR_INPUT,
		"%s: cannot write %s in '%s': %s; allowed: a folder that can be written, with at "
		"least 1 MiB of room",
		folder->option, what, folder->path, g_strerror(error));
	return false;
}

int folder_put(int fd, const char *data, gsize length, bool flushed) {
	int error = 0;

	while (length && !error) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno != EINTR)
			error = errno;
		else if (n > 0) {
			data += n;
			length -= (gsize)n;
		}
	}
	if (!error && flushed && fsync(fd) < 0)
		error = errno;
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

char *folder_write_temporary(const struct folder *folder, const char *name, const char *data,
                             gsize length) {
	g_autofree char *base = g_strdup_printf(".%s.XXXXXX", name);
	char *path = g_build_filename(folder->path, base, NULL);
	int fd = g_mkstemp_full(path, O_WRONLY | O_CLOEXEC, 0644), error;

	error = fd < 0 ? errno : folder_put(fd, data, length, true);
	if (!error)
		return path;
	if (fd >= 0)
		g_unlink(path);
	g_free(path);
	errno = error;
	return NULL;
}

/* Tries with as many bytes as results may take. */
static bool probe(const struct folder *folder, GError **error) {
	g_autofree char *zeros = g_malloc0(ROOM);
	g_autofree char *path = folder_write_temporary(folder, "probe", zeros, ROOM);

	if (!path)
		return folder_failed(folder, "files", errno, error);
	g_unlink(path);
	return true;
}

static bool same_file(int fd, const struct stat *other) {
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == other->st_dev && st.st_ino == other->st_ino;
}

static bool is_ours(int fd) {
	struct stat st;

	for (guint i = 0; ours && fstat(fd, &st) == 0 && i < ours->len; i++)
		if (same_file(((const struct folder *)ours->pdata[i])->fd, &st))
			return true;
	return false;
}

static bool take_lock(const struct folder *folder, GError **error) {
	if (is_ours(folder->fd) || flock(folder->fd, LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK)
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: another run writes to '%s'; allowed: a folder that nobody else writes to",
	            folder->option, folder->path);
	return false;
}

static bool prepare(struct folder *folder, GError **error) {
	if (g_mkdir_with_parents(folder->path, 0777) == 0)
		folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return folder_failed(folder, "the folder", errno, error);
	return take_lock(folder, error) && probe(folder, error);
}

static struct folder *folder_new(const char *option, const char *dir) {
	struct folder *folder = g_new0(struct folder, 1);

	folder->option = option;
	folder->path = g_strdup(dir);
	folder->fd = -1;
	return folder;
}

struct folder *folder_join(const char *option, const char *dir, GError **error) {
	struct folder *folder = folder_new(option, dir);

	folder->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd >= 0)
		return folder;
	folder_failed(folder, "files", errno, error);
	folder_close(folder);
	return NULL;
}

struct folder *folder_open(const char *option, const char *dir, GError **error) {
	struct folder *folder = folder_new(option, dir);

	if (prepare(folder, error)) {
		ours = ours ? ours : g_ptr_array_new();
		g_ptr_array_add(ours, folder);
		return folder;
	}
	folder_close(folder);
	return NULL;
}

bool folder_there(const struct folder *folder, GError **error) {
	struct stat st;

	if (stat(folder->path, &st) == 0 && same_file(folder->fd, &st))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "%s: '%s' was removed or moved during the run; allowed: a folder that stays",
	            folder->option, folder->path);
	return false;
}

void folder_close(struct folder *folder) {
	if (!folder)
		return;
	if (ours)
		g_ptr_array_remove(ours, folder);
	if (folder->fd >= 0)
		close(folder->fd);
	g_free(folder->path);
	g_free(folder);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void folder_remove(const char *dir) { nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

/* By its own name: nothing is renamed. */
static bool write_through(const char *path, const char *bytes, gssize n, GError **error) {
	FILE *file = fopen(path, "we");
	bool good = file && fwrite(bytes, 1, (size_t)n, file) == (size_t)n;
	int why = errno;

	if (file && fclose(file) != 0 && good) {
		good = false;
		why = errno;
	}
	if (!good)
		g_set_error_literal(error, G_FILE_ERROR, g_file_error_from_errno(why),
		                    g_strerror(why));
	errno = why;
	return good;
}

bool output_put(const char *path, const char *bytes, gssize n, GError **error) {
	struct stat old;

	if (lstat(path, &old) == 0 && !S_ISREG(old.st_mode))
		return write_through(path, bytes, n, error);
	return g_file_set_contents(path, bytes, n, error);
}
