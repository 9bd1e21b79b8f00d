/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread's paths are looked up from outside: below its root, with its links, by openat2() with RESOLVE_IN_ROOT.
 * What only the thread itself can follow, such as /proc/self, is not found so, and left to the real kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/place.h"
#include "exec/realfd.h"

/* Folders on the way from one to the root, at most. */
#define DEPTH_MOST 64U

/* --- where a path begins ---------------------------------------------------------------------- */

/* What a link of /proc says, which is a path from the root of the machine; NULL: nothing. */
static char *link_text(const struct thread *t, const char *name) {
	g_autofree char *link = g_strdup_printf("/proc/%d/%s", t->process->pid, name);

	return g_file_read_link(link, NULL);
}

/* The path from the thread's root on; NULL: there is none. */
static char *from_root(const struct thread *t, int dir, const char *path) {
	g_autofree char *name = NULL, *start = NULL, *root = NULL;
	const char *rest;

	if (*path == '/')
		return g_strdup(path);
	name = dir == AT_FDCWD ? g_strdup("cwd") : g_strdup_printf("fd/%d", dir);
	start = link_text(t, name);
	if (!start || *start != '/')
		return NULL;
	root = t->process->program->machine->chrooted ? link_text(t, "root") : g_strdup("/");
	rest = root && g_str_has_prefix(start, root) ? start + strlen(root) : NULL;
	return rest ? g_strdup_printf("/%s/%s", rest, path) : NULL;
}

static int open_root(pid_t pid) {
	g_autofree char *root = g_strdup_printf("/proc/%d/root", pid);

	return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The thread's root; the machine's own stays open. */
static int root_of(const struct thread *t) {
	const struct machine *m = t->process->program->machine;

	return m->chrooted ? open_root(t->process->pid) : m->top;
}

static int open_below(const struct thread *t, const char *path, bool nofollow) {
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0U),
	                       .resolve = RESOLVE_IN_ROOT};
	int dir = root_of(t), fd;

	if (dir < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
	if (fd < 0)
		fd = -errno;
	if (dir != t->process->program->machine->top)
		close(dir);
	return fd;
}

/* --- what it means ---------------------------------------------------------------------------- */

/* Takes the descriptor. */
static int look_at(const struct thread *t, int fd, struct place *place) {
	if (fd < 0)
		return fd;
	place->fd = fd;
	if (fstat(fd, &place->st) < 0) {
		close(fd);
		return -EBADF;
	}
	place->attr = attr_of(t->process->program->machine, &place->st, fd);
	return 0;
}

void place_put(const struct place *place) { close(place->fd); }

int place_of_fd(const struct thread *t, int fd, struct place *place) {
	int dup = real_dup(t, fd);

	return look_at(t, dup < 0 ? -EBADF : dup, place);
}

/* --- whether it can be reached ---------------------------------------------------------------- */

/* Who asked for which folder.  Groups beside the first are not told apart: who sets them forgets all. */
struct reach {
	dev_t device;
	ino_t number;
	uint32_t user, group;
};

static guint reach_hash(gconstpointer p) {
	const struct reach *reach = p;

	return (guint)(reach->number * 31 + reach->device + reach->user * 7919);
}

static gboolean reach_equal(gconstpointer a, gconstpointer b) {
	const struct reach *x = a, *y = b;

	return x->number == y->number && x->device == y->device && x->user == y->user &&
	       x->group == y->group;
}

static struct reach reach_of(const struct thread *t, const struct place *place) {
	return (struct reach){place->st.st_dev, place->st.st_ino, t->who.user.file,
	                      t->who.group.file};
}

void place_changed(struct machine *m) {
	if (m->reached)
		g_hash_table_remove_all(m->reached);
}

void place_begin(struct machine *m) { m->top = open_root(m->init); }

void place_end(struct machine *m) {
	if (m->reached)
		g_hash_table_unref(m->reached);
	if (m->top >= 0)
		close(m->top);
}

/* Whether the thread may search a folder and all above it: 0 or -EACCES. */
static int reach(const struct thread *t, const struct place *folder) {
	struct machine *m = t->process->program->machine;
	struct reach first = reach_of(t, folder);
	struct place at = *folder, up;
	int err = 0;

	if (!m->reached)
		m->reached = g_hash_table_new_full(reach_hash, reach_equal, g_free, NULL);
	if (g_hash_table_contains(m->reached, &first))
		return 0;
	at.fd = dup(folder->fd);
	if (at.fd < 0)
		return -EACCES;
	for (unsigned depth = 0; !err && depth < DEPTH_MOST; depth++) {
		struct reach here = reach_of(t, &at);

		if (g_hash_table_contains(m->reached, &here))
			break;
		err = place_may(t, &at, 1);
		if (err || look_at(t, openat(at.fd, "..", O_PATH | O_CLOEXEC), &up))
			break;
		place_put(&at);
		at = up;
		if (up.st.st_ino == here.number && up.st.st_dev == here.device)
			break; /* the root is its own parent */
	}
	place_put(&at);
	if (!err)
		g_hash_table_add(m->reached, g_memdup2(&first, sizeof first));
	return err;
}

static int find(const struct thread *t, int dir, const char *path, bool nofollow,
                struct place *place) {
	g_autofree char *whole = from_root(t, dir, path);

	return whole ? look_at(t, open_below(t, whole, nofollow), place) : -ENOENT;
}

/* A path without its last name. */
static char *without_name(const char *path) {
	g_autofree char *copy = g_strdup(path);
	size_t len = strlen(copy);

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	return g_path_get_dirname(copy);
}

int place_parent(const struct thread *t, int dir, const char *path, struct place *place) {
	g_autofree char *above = without_name(path);
	int err = find(t, dir, above, false, place);

	if (err || attr_may_all(&t->who))
		return err;
	err = reach(t, place);
	if (err)
		place_put(place);
	return err;
}

int place_find(const struct thread *t, int dir, const char *path, int flags, struct place *place) {
	struct place above;
	int err;

	if (!*path)
		return -ENOENT;
	if (!attr_may_all(&t->who)) {
		err = place_parent(t, dir, path, &above);
		if (err)
			return err;
		place_put(&above);
	}
	return find(t, dir, path, flags & AT_SYMLINK_NOFOLLOW, place);
}
