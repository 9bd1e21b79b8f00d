/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When is a trace a file? */
#include "trace/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct trace_file {
	char *path, *part; /* part: NULL, it is kept, or a device or a pipe */
	int fd;
	uint64_t most;
	struct trace *trace;
};

struct trace_file *trace_file_open(const char *path, uint64_t most, int *error) {
	g_autofree char *part = g_strconcat(path, ".part", NULL);
	struct trace_file *file;
	struct stat old;
	int fd = -1;

	/* What is no file, or leads to one, must not become one: it takes the bytes as they come. */
	if (lstat(path, &old) == 0 && !S_ISREG(old.st_mode))
		g_clear_pointer(&part, g_free);
	if (!part && g_file_test(path, G_FILE_TEST_IS_DIR))
		errno = EISDIR;
	else
		fd = open(part ? part : path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		*error = errno;
		return NULL;
	}
	file = g_new0(struct trace_file, 1);
	file->path = g_strdup(path);
	file->part = g_steal_pointer(&part);
	file->fd = fd;
	file->most = most;
	return file;
}

void trace_file_begin(struct trace_file *file, struct sim *sim) {
	file->trace = trace_new(sim, file->most, file->fd, file->path);
}

int trace_file_end(struct trace_file *file) {
	sim_time stopped;
	int error = trace_end(g_steal_pointer(&file->trace), &stopped);

	if (stopped != SIM_NEVER)
		fprintf(stderr,
		        "sopsim: --trace: %s ends at %.6f s, after %" G_GUINT64_FORMAT
		        " spans; allowed: more, by --trace-limit\n",
		        file->path, sim_to_s(stopped), file->most);
	return error;
}

int trace_file_keep(struct trace_file *file) {
	if (file->part && rename(file->part, file->path) < 0)
		return errno;
	g_clear_pointer(&file->part, g_free);
	return 0;
}

void trace_file_close(struct trace_file *file) {
	if (!file)
		return;
	if (file->part)
		unlink(file->part);
	close(file->fd);
	g_free(file->part);
	g_free(file->path);
	g_free(file);
}
