/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this a file that can be read to its end? */
#include "lab/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *sort_of(mode_t mode) {
	return S_ISDIR(mode)    ? "a directory"
	       : S_ISFIFO(mode) ? "a pipe"
	       : S_ISSOCK(mode) ? "a socket"
	                        : "a device";
}

/* Asked before it is opened, since some devices act on that, and again behind it.  NULL: it is one.
 */
static char *no_file(const struct stat *st) {
	return S_ISREG(st->st_mode) ? NULL : g_strdup_printf("is %s", sort_of(st->st_mode));
}

static int open_file(const char *path, char **why) {
	struct stat st;
	int fd = -1;

	if (stat(path, &st) == 0) {
		*why = no_file(&st);
		fd = *why ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (fd >= 0 && fstat(fd, &st) == 0)
		*why = no_file(&st);
	if (fd < 0 && !*why)
		*why = g_strdup_printf("cannot be read: %s", g_strerror(errno));
	return fd;
}

/* Files of /proc have no size: the end is where nothing more comes. */
static GString *read_all(int fd, gsize most, char **why) {
	GString *bytes = g_string_new(NULL);
	char part[65536];
	ssize_t n;

	while (bytes->len <= most && (n = read(fd, part, sizeof part)) != 0) {
		if (n > 0)
			g_string_append_len(bytes, part, n);
		else if (errno != EINTR) {
			*why = g_strdup_printf("cannot be read: %s", g_strerror(errno));
			break;
		}
	}
	if (!*why && bytes->len > most)
		*why = most % (1 << 20)
		               ? g_strdup_printf("is larger than %" G_GSIZE_FORMAT " bytes", most)
		               : g_strdup_printf("is larger than %" G_GSIZE_FORMAT " MiB",
		                                 most >> 20);
	if (!*why)
		return bytes;
	g_string_free(bytes, TRUE);
	return NULL;
}

GString *input_read(const char *path, gsize most, char **why) {
	GString *bytes = NULL;
	int fd;

	*why = NULL;
	fd = open_file(path, why);
	if (!*why)
		bytes = read_all(fd, most, why);
	if (fd >= 0)
		close(fd);
	return bytes;
}

char *input_text(const char *path, gsize most, char **why) {
	GString *bytes = input_read(path, most, why);

	if (!bytes)
		return NULL;
	if (g_utf8_validate_len(bytes->str, bytes->len, NULL))
		return g_string_free(bytes, FALSE);
	g_string_free(bytes, TRUE);
	*why = g_strdup("no UTF-8 text");
	return NULL;
}

GString *input_memory(int fd) {
	GString *text = g_string_new(NULL);
	char part[65536];
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, part, sizeof part, at)) > 0; at += n)
		g_string_append_len(text, part, n);
	close(fd);
	return text;
}
