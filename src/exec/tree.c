/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a folder become the root of a machine?
 *
 * It must not be changed, and lacks places that a machine has: /proc, /dev, /tmp.  So the new root is an empty place
 * where each entry of the folder is shown again, read-only, and what lacks is made beside.  /etc is made the same way,
 * since names of the simulated network go there.
 */
#include "exec/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the new root is made. */
#define NEW "/tmp"

/* --- the init's side ------------------------------------------------------------------------------ */

/* What is under way of `from` is shown at a path of the same kind. */
static bool show_at(int from, const char *name, const char *path) {
	g_autofree char *is = g_strdup_printf("/proc/self/fd/%d/%s", from, name);

	return mount(is, path, NULL, MS_BIND | MS_REC, NULL) == 0;
}

static bool make_file(const char *path) {
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool show_entry(int from, const char *name, const char *to) {
	g_autofree char *path = g_build_filename(to, name, NULL);
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return mkdir(path, 0755) == 0 && show_at(from, name, path);
	if (S_ISREG(st.st_mode))
		return make_file(path) && show_at(from, name, path);
	if (!S_ISLNK(st.st_mode))
		return true; /* devices and the like are none of its own */
	n = readlinkat(from, name, target, sizeof target - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return symlink(target, path) == 0;
}

/* All entries of a folder but those. */
static bool show_entries(int folder, const char *to, const char *const *but) {
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool good = dir;

	while (good && (entry = readdir(dir)))
		if (!g_str_equal(entry->d_name, ".") && !g_str_equal(entry->d_name, "..") &&
		    !g_strv_contains(but, entry->d_name))
			good = show_entry(fd, entry->d_name, to);
	if (dir)
		closedir(dir);
	return good;
}

static bool make_etc(int folder) {
	static const char *const all[] = {NULL}, *const files[] = {"hosts", "nsswitch.conf",
	                                                           "resolv.conf"};
	int etc = openat(folder, "etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = mkdir(NEW "/etc", 0755) == 0 && (etc < 0 || show_entries(etc, NEW "/etc", all));

	if (etc >= 0)
		close(etc);
	for (size_t i = 0; good && i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(NEW "/etc", files[i], NULL);

		good = access(path, F_OK) == 0 || make_file(path);
	}
	return good;
}

/* Those that every machine has; terminals and shared memory come later (sandbox.c). */
static bool make_devices(void) {
	static const char *const names[] = {"null", "zero", "full", "random", "urandom", "tty"};
	bool good = mkdir(NEW "/dev", 0755) == 0 && mkdir(NEW "/dev/pts", 0755) == 0 &&
	            mkdir(NEW "/dev/shm", 0755) == 0 && make_file(NEW "/dev/ptmx") &&
	            symlink("/proc/self/fd", NEW "/dev/fd") == 0 &&
	            symlink("/proc/self/fd/0", NEW "/dev/stdin") == 0 &&
	            symlink("/proc/self/fd/1", NEW "/dev/stdout") == 0 &&
	            symlink("/proc/self/fd/2", NEW "/dev/stderr") == 0;

	for (size_t i = 0; good && i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(NEW "/dev", names[i], NULL);
		g_autofree char *real = g_build_filename("/dev", names[i], NULL);

		good = make_file(path) && mount(real, path, NULL, MS_BIND, NULL) == 0;
	}
	return good;
}

static bool make_place(const char *name) {
	g_autofree char *path = g_build_filename(NEW, name, NULL);

	return mkdir(path, 0755) == 0 || errno == EEXIST;
}

bool tree_enter(int folder) {
	static const char *const made[] = {"proc", "dev", "etc", NULL};

	/* The real kernel lets only who sees /proc mount one. */
	return mount("tmpfs", NEW, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m") == 0 &&
	       show_entries(folder, NEW, made) && make_etc(folder) && make_devices() &&
	       make_place("tmp") && make_place("run") && make_place("var") && make_place("proc") &&
	       mount("proc", NEW "/proc", "proc", MS_NOSUID | MS_NODEV, NULL) == 0 &&
	       chdir(NEW) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
	       umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}

bool tree_seal(void) {
	return mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV,
	             NULL) == 0;
}

/* --- the simulator's side ------------------------------------------------------------------------- */

/* Links in the tree mean places in the tree. */
static bool can_execute(const char *root, const char *path) {
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	int dir, fd;
	bool good;

	if (!root)
		return access(path, X_OK) == 0;
	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
	good = fd >= 0 && faccessat(fd, "", X_OK, AT_EMPTY_PATH) == 0;
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return good;
}

char *tree_program(const char *root, const char *start, const char *folders, const char *name) {
	g_auto(GStrv) all = g_strsplit(folders, ":", -1);

	if (strchr(name, '/')) {
		g_autofree char *from_root = g_canonicalize_filename(name, start);

		return can_execute(root, from_root) ? g_strdup(name) : NULL;
	}
	for (char **folder = all; *folder; folder++) {
		char *path = g_build_filename(*folder, name, NULL);

		if (can_execute(root, path))
			return path;
		g_free(path);
	}
	return NULL;
}
