/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program sees of the file system: the real one, or a folder (tree.c), read-only, with empty places to write to that
 * vanish with the machine, and with names of the simulated network alone.  All of it is done in a mount
 * namespace of the machine's own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/sandbox.h"
#include "exec/tree.h"

/* What may be written in one such place. */
#define ROOM "mode=%o,size=256m"

/* /var/run is one. */
static void copy_link(int from, int to, const char *name) {
	char target[PATH_MAX] = "";

	if (readlinkat(from, name, target, sizeof target - 1) > 0)
		(void)!symlinkat(target, to, name);
}

/* Replicates the names of folders, which are empty, a few levels deep, and links. */
static void copy_folders(int from, int to, unsigned depth) {
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct stat st;
		int below, made;

		if (entry->d_type == DT_LNK)
			copy_link(fd, to, entry->d_name);
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = openat(from, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		/* As who may write there: it may be somebody who is not root here (attr.c). */
		if (mkdirat(to, entry->d_name, 0755) == 0 && below >= 0 && fstat(below, &st) == 0)
			fchmodat(to, entry->d_name, st.st_mode & 07777, 0);
		made = openat(to, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (depth > 1 && below >= 0 && made >= 0)
			copy_folders(below, made, depth - 1);
		if (below >= 0)
			close(below);
		if (made >= 0)
			close(made);
	}
	if (dir)
		closedir(dir);
}

static bool place_to_write(const char *path, unsigned depth, unsigned mode) {
	int was = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), is;
	g_autofree char *room = g_strdup_printf(ROOM, mode);

	if (was < 0)
		return true; /* this system has none */
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, room) < 0)
		return false;
	is = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (is >= 0 && depth)
		copy_folders(was, is, depth);
	if (is >= 0)
		close(is);
	close(was);
	return is >= 0;
}

/* A file of that text in place of one that is there. */
static bool replace_file(const char *path, const char *text) {
	static const char *const draft = "/run/.draft";
	int fd;
	bool good;

	if (access(path, F_OK) < 0)
		return true;
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	good = good && mount(draft, path, NULL, MS_BIND, NULL) == 0;
	unlink(draft);
	return good;
}

static bool make_folders(const char *path) {
	g_autofree char *copy = g_strdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	return mkdir(copy, 0755) == 0 || errno == EEXIST;
}

/* The folder that the program starts in may lie where there is now a place to write to. */
static bool show_folder(const char *folder, int fd) {
	g_autofree char *from = g_strdup_printf("/proc/self/fd/%d", fd);
	struct stat was, is;

	if (fstat(fd, &was) < 0)
		return false;
	if (g_str_equal(folder, "/tmp")) /* the empty one is meant */
		return true;
	if (stat(folder, &is) == 0 && is.st_ino == was.st_ino && is.st_dev == was.st_dev)
		return true;
	return make_folders(folder) && mount(from, folder, NULL, MS_BIND | MS_REC, NULL) == 0 &&
	       mount(NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV,
	             NULL) == 0;
}

static bool read_only_tree(void) {
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof attr) == 0;
}

/* Pids are counted from one number on in each machine, so that they are the same in each run. */
static bool number_pids(void) {
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	char text[16];
	int len = g_snprintf(text, sizeof text, "%d", PID_OUTSIDE - 1);
	bool good = fd >= 0 && write(fd, text, (size_t)len) == len;

	if (fd >= 0)
		close(fd);
	return good;
}

/* Pseudo-terminals of the machine's own; a system may have none. */
static bool make_terminals(void) {
	if (access("/dev/pts", F_OK) < 0 || access("/dev/ptmx", F_OK) < 0)
		return true;
	return mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	             "newinstance,ptmxmode=0666,mode=0620") == 0 &&
	       mount("/dev/pts/ptmx", "/dev/ptmx", NULL, MS_BIND, NULL) == 0;
}

static bool make_processes(void) {
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV, NULL) == 0;
}

bool sandbox_make(const char *hosts, const char *folder, const char *root) {
	int fd = open(root ? root : folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = read_only_tree() && (root ? tree_enter(fd) : make_processes()) && number_pids() &&
	       place_to_write("/run", 2, 0755) && place_to_write("/tmp", 0, 01777) &&
	       place_to_write("/var", 4, 0755) && place_to_write("/dev/shm", 0, 01777) &&
	       make_terminals() && (root || show_folder(folder, fd)) &&
	       replace_file("/etc/hosts", hosts) &&
	       replace_file("/etc/nsswitch.conf",
	                    "passwd: files\ngroup: files\nhosts: files\nservices: files\n") &&
	       replace_file("/etc/resolv.conf", "") && (!root || tree_seal());
	close(fd);
	return good;
}
