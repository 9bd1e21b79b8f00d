/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/results.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* What a set of results may need; a disk with less is told full before the run. */
#define ROOM (1 << 20)

struct staged {
	char *temporary, *final;
};

struct results {
	const char *option; /* that named the folder */
	char *dir;
	GArray *staged; /* struct staged */
};

static bool failed(const struct results *results, const char *what, int error, GError **gerror) {
	g_set_error(
	    gerror, LAB_ERROR, LAB_ERROR_INPUT,
	    "%s: cannot write %s in '%s': %s; allowed: a folder that can be written, with "
	    "at least 1 MiB of room",
	    results->option, what, results->dir, g_strerror(error));
	return false;
}

/* Writes a new file with a temporary name; its path, or NULL with errno. */
static char *write_temporary(const char *dir, const char *name, const char *data, gsize length) {
	g_autofree char *base = g_strdup_printf(".%s.XXXXXX", name);
	char *path = g_build_filename(dir, base, NULL);
	int fd = g_mkstemp_full(path, O_WRONLY | O_CLOEXEC, 0644), error = 0;

	if (fd < 0) {
		g_free(path);
		return NULL;
	}
	while (length && !error) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno != EINTR)
			error = errno;
		else if (n > 0) {
			data += n;
			length -= (gsize)n;
		}
	}
	if (!error && fsync(fd) < 0)
		error = errno;
	if (close(fd) < 0 && !error)
		error = errno;
	if (!error)
		return path;
	g_unlink(path);
	g_free(path);
	errno = error;
	return NULL;
}

/* Tries with as many bytes as results may take. */
static bool probe(const struct results *results, GError **error) {
	g_autofree char *zeros = g_malloc0(ROOM);
	g_autofree char *path = write_temporary(results->dir, "probe", zeros, ROOM);

	if (!path)
		return failed(results, "files", errno, error);
	g_unlink(path);
	return true;
}

struct results *results_open(const char *option, const char *dir, GError **error) {
	struct results *results = g_new0(struct results, 1);

	results->option = option;
	results->dir = g_strdup(dir);
	results->staged = g_array_new(FALSE, FALSE, sizeof(struct staged));
	if ((g_mkdir_with_parents(dir, 0777) < 0 && failed(results, "the folder", errno, error)) ||
	    !g_file_test(dir, G_FILE_TEST_IS_DIR)) {
		if (error && !*error)
			failed(results, "the folder", ENOTDIR, error);
		results_close(results);
		return NULL;
	}
	if (probe(results, error))
		return results;
	results_close(results);
	return NULL;
}

bool results_stage(struct results *results, const char *name, const char *data, gsize length,
		   GError **error) {
	struct staged staged = {write_temporary(results->dir, name, data, length),
				g_build_filename(results->dir, name, NULL)};

	if (!staged.temporary) {
		g_free(staged.final);
		return failed(results, name, errno, error);
	}
	g_array_append_val(results->staged, staged);
	return true;
}

bool results_stage_string(struct results *results, const char *name, GString *data,
			  GError **error) {
	bool good = results_stage(results, name, data->str, data->len, error);

	g_string_free(data, TRUE);
	return good;
}

bool results_commit(struct results *results, GError **error) {
	/* A name that cannot be taken is noticed before the first one is. */
	for (guint i = 0; i < results->staged->len; i++) {
		const char *final = g_array_index(results->staged, struct staged, i).final;

		if (g_file_test(final, G_FILE_TEST_IS_DIR))
			return failed(results, final, EISDIR, error);
	}
	for (guint i = 0; i < results->staged->len; i++) {
		struct staged *staged = &g_array_index(results->staged, struct staged, i);

		if (g_rename(staged->temporary, staged->final) < 0)
			return failed(results, staged->final, errno, error);
		g_clear_pointer(&staged->temporary, g_free);
	}
	return true;
}

void results_close(struct results *results) {
	for (guint i = 0; i < results->staged->len; i++) {
		struct staged *staged = &g_array_index(results->staged, struct staged, i);

		if (staged->temporary)
			g_unlink(staged->temporary);
		g_free(staged->temporary);
		g_free(staged->final);
	}
	g_array_unref(results->staged);
	g_free(results->dir);
	g_free(results);
}

/* --- figures -----------------------------------------------------------------------------------
 */

static const char prologue[] =
    "set terminal svg size 800,500 font 'Helvetica,14' enhanced background rgb 'white'\n"
    "set encoding utf8\n"
    "set border 3 lw 1.2\nset tics nomirror out\nset grid y lc rgb '#dddddd' lw 1\n"
    "set style line 1 lc rgb '#b03a2e' lw 2.2 pt 7 ps 0.6\n"
    "set style line 2 lc rgb '#1f618d' lw 2.2 pt 5 ps 0.6\n"
    "set style line 3 lc rgb '#1e8449' lw 2.2 pt 9 ps 0.7\n"
    "set style line 4 lc rgb '#7d3c98' lw 2.2 pt 13 ps 0.7\n"
    "set style line 5 lc rgb '#ca6f1e' lw 2.2 pt 11 ps 0.7\n"
    "set style line 6 lc rgb '#566573' lw 2.2 pt 15 ps 0.6\n";

bool results_stage_plot(struct results *results, const char *name, const char *script,
			GError **error) {
	g_autofree char *text = g_strconcat(prologue, script, NULL);
	g_autofree char *path = NULL, *svg = NULL, *messages = NULL;
	g_autoptr(GError) trouble = NULL;
	char *argv[] = {"gnuplot", NULL, NULL};
	int status;
	bool good;

	path = write_temporary(results->dir, "plot", text, strlen(text));
	if (!path)
		return failed(results, name, errno, error);
	argv[1] = path;
	good = g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &svg, &messages,
			    &status, &trouble);
	g_unlink(path);
	if (!good || !g_spawn_check_wait_status(status, NULL)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_DEFECT,
			    "defect: gnuplot could not draw %s: %s", name,
			    trouble ? trouble->message : messages);
		return false;
	}
	return results_stage(results, name, svg, strlen(svg), error);
}

void results_number(GString *csv, double value, int digits) {
	char format[8], number[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(value))
		return; /* an empty cell: there is no such number */
	g_snprintf(format, sizeof format, "%%.%df", digits);
	g_ascii_formatd(number, sizeof number, format, value);
	g_string_append(csv,
			number[0] == '-' && !strpbrk(number, "123456789") ? number + 1 : number);
}
