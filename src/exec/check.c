/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does the simulated table of descriptors still mirror the real one?
 *
 * Asked, if at all, whenever a thread's next call has come in: all that its last one did to the real table
 * is done then, and nobody else runs.  A placeholder in the real table must have a simulated file in the
 * mirror, with the same FD_CLOEXEC, and the other way round; a real file that was discovered must be the
 * one that is there.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/check.h"
#include "exec/internal.h"
#include "exec/realfd.h"
#include "exec/table.h"

/* What was seen of one table. */
struct look {
	struct thread *t;
	int dir, infos;     /* /proc/TID/fd and /proc/TID/fdinfo */
	unsigned simulated; /* descriptors of both tables */
};

static void wrong(const struct thread *t, int fd, const char *what) {
	const struct call_row *row = call_row(t->call.nr);

	g_error("[exec %s] after %s() of %d: descriptor %d %s", t->process->program->name,
	        row ? row->name : "an unknown call", t->inner, fd, what);
}

/* As the real table has it. */
static bool real_cloexec(int infos, const char *number) {
	char text[256] = "";
	int fd = infos < 0 ? -1 : openat(infos, number, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	const char *flags = n > 0 ? strstr(text, "flags:") : NULL;

	if (fd >= 0)
		close(fd);
	return flags && strtoul(flags + strlen("flags:"), NULL, 8) & O_CLOEXEC;
}

/* A descriptor of the real table. */
static void look_at_one(struct look *look, const char *number) {
	int fd = atoi(number);
	const struct file *file = fd_file(look->t->task, fd);
	struct stat st;

	if (look->dir < 0 || fstatat(look->dir, number, &st, 0) < 0)
		return;
	if (S_ISSOCK(st.st_mode) && st.st_ino == exec_of(look->t)->placeholder_number) {
		if (!file || file_is_real(file))
			wrong(look->t, fd, "has a placeholder, and no simulated file");
		if (fd_cloexec(look->t->task, fd) != real_cloexec(look->infos, number))
			wrong(look->t, fd, "has another FD_CLOEXEC");
		look->simulated++;
	} else if (file && !file_is_real(file)) {
		wrong(look->t, fd, "is simulated, and a real file stands there");
	} else if (file && !real_is(file, &st)) {
		wrong(look->t, fd, "is another real file than was discovered");
	}
}

static unsigned simulated_files(const struct thread *t) {
	unsigned n = 0;

	for (unsigned fd = 0; fd < fd_capacity(t->task); fd++) {
		const struct file *file = fd_file(t->task, (int)fd);

		n += file && !file_is_real(file);
	}
	return n;
}

/* Whether another thread is changing the table: what it closes has left the mirror, and may take its time
 * before the real table is told. */
static bool changes(const struct thread *t) {
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, exec_of(t)->threads);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct thread *other = value;
		int nr = other->call.nr;

		if (other != t && other->process == t->process && !other->call.answered &&
		    (nr == SYS_close || nr == SYS_close_range || nr == SYS_dup2 || nr == SYS_dup3))
			return true;
	}
	return false;
}

static void compare(struct thread *t) {
	g_autofree char *fds = g_strdup_printf("/proc/%d/fd", t->tid);
	g_autofree char *infos = g_strdup_printf("/proc/%d/fdinfo", t->tid);
	DIR *dir = opendir(fds);
	struct look look = {.t = t, .infos = open(infos, O_PATH | O_DIRECTORY | O_CLOEXEC)};
	const struct dirent *entry;

	look.dir = dir ? dirfd(dir) : -1;
	while (dir && (entry = readdir(dir)))
		if (g_ascii_isdigit(entry->d_name[0]))
			look_at_one(&look, entry->d_name);
	/* Somebody may have killed it. */
	if (dir && look.simulated && look.simulated != simulated_files(t))
		wrong(t, -1, "or more are simulated, and not in the real table");
	if (dir)
		closedir(dir);
	if (look.infos >= 0)
		close(look.infos);
}

void check_descriptors(struct thread *t) {
	/* What never reached the real kernel has changed nothing there. */
	if (!t->reached || changes(t))
		return;
	t->reached = false;
	compare(t);
}
