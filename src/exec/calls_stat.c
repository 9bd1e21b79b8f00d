/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said of files.  Of those that are the machine's own it is said here, with their simulated owners and dates; of
 * others too if their owner would be nobody there; of the rest, and of what went wrong, by the real kernel.  None of these calls takes simulated time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/place.h"
#include "exec/realfd.h"

#define PATH_MOST 4096U

/* What a path, or with AT_EMPTY_PATH a descriptor, means: 0, to be put, or a negative errno. */
static int look(const struct thread *t, int dir, uint64_t addr, int flags, struct place *place) {
	char path[PATH_MOST] = "";

	if (addr && mem_string(t, addr, path, sizeof path) < 0)
		return -EFAULT;
	if (!*path && flags & AT_EMPTY_PATH && dir != AT_FDCWD)
		return place_of_fd(t, dir, place);
	return place_find(t, dir, path, flags, place);
}

/* --- stat ------------------------------------------------------------------------------------- */

static int64_t tell(const struct thread *t, struct place *place, uint64_t to) {
	int64_t ret = PASS;

	if (attr_differs(place->attr, &place->st)) {
		attr_show(place->attr, &place->st);
		ret = mem_write(t, to, &place->st, sizeof place->st);
	}
	place_put(place);
	return ret;
}

/* Not to be reached is an answer; what is not found from here the real kernel may find. */
static int64_t stat_at(struct thread *t, int dir, uint64_t path, int flags, uint64_t to) {
	struct place place;
	int err = look(t, dir, path, flags, &place);

	return err ? (err == -EACCES ? err : PASS) : tell(t, &place, to);
}

int64_t exec_stat(struct thread *t, const uint64_t *arg) {
	return stat_at(t, AT_FDCWD, arg[0], 0, arg[1]);
}

int64_t exec_lstat(struct thread *t, const uint64_t *arg) {
	return stat_at(t, AT_FDCWD, arg[0], AT_SYMLINK_NOFOLLOW, arg[1]);
}

int64_t exec_newfstatat(struct thread *t, const uint64_t *arg) {
	const struct file *file = NULL;

	if ((int)arg[3] & AT_EMPTY_PATH)
		file = fd_file(t->task, (int)arg[0]);
	/* Of a simulated file its placeholder speaks. */
	return file && !file_is_real(file) ? PASS
	                                   : stat_at(t, (int)arg[0], arg[1], (int)arg[3], arg[2]);
}

int64_t exec_fstat(struct thread *t, const uint64_t *arg) {
	const struct file *file = file_at(t, (int)arg[0]);
	struct place place;

	if (!file || !file_is_real(file) || !real_is_foreign(file) ||
	    place_of_fd(t, (int)arg[0], &place))
		return PASS;
	return tell(t, &place, arg[1]);
}

static struct statx_timestamp stamp(int64_t date) {
	struct timespec time = attr_date(date);

	return (struct statx_timestamp){.tv_sec = time.tv_sec, .tv_nsec = (uint32_t)time.tv_nsec};
}

static void show_dates(const struct attr *attr, struct statx *sx) {
	sx->stx_atime = stamp(attr->accessed);
	sx->stx_mtime = stamp(attr->modified);
	sx->stx_ctime = stamp(attr->changed);
	sx->stx_btime = stamp(attr->born);
}

int64_t exec_statx(struct thread *t, const uint64_t *arg) {
	struct place place;
	struct statx sx;
	int err = look(t, (int)arg[0], arg[1], (int)arg[2], &place);
	const struct attr *attr;

	if (err)
		return err == -EACCES ? err : PASS;
	attr = place.attr;
	err = attr_differs(attr, &place.st)
	              ? statx(place.fd, "", AT_EMPTY_PATH, (unsigned)arg[3], &sx)
	              : -1;
	place_put(&place);
	if (err)
		return PASS;
	sx.stx_uid = attr_user(attr, sx.stx_uid);
	sx.stx_gid = attr_group(attr, sx.stx_gid);
	if (attr)
		show_dates(attr, &sx);
	return mem_write(t, arg[4], &sx, sizeof sx);
}

/* --- access ----------------------------------------------------------------------------------- */

/* By the real ids, as root's rights too: access() is for programs that are another user for a moment. */
static struct identity real_one(const struct identity *who) {
	struct identity real = *who;

	real.user.file = who->user.real;
	real.group.file = who->group.real;
	real.rights.effective = who->user.real ? 0 : who->rights.permitted;
	return real;
}

static int64_t access_by(struct thread *t, const struct identity *who, int dir, uint64_t path,
                         unsigned want, int flags) {
	struct place place;
	int err;

	/* Then the real kernel is right: there it is root. */
	if (attr_may_all(who) || want & ~7U)
		return PASS;
	err = look(t, dir, path, flags, &place);
	if (err)
		return err == -EACCES ? err : PASS;
	err = attr_may(who, place.attr, &place.st, want);
	place_put(&place);
	return err ? err : PASS;
}

int64_t exec_access(struct thread *t, const uint64_t *arg) {
	const struct identity who = real_one(&t->who);

	return access_by(t, &who, AT_FDCWD, arg[0], (unsigned)arg[1], 0);
}

int64_t exec_faccessat(struct thread *t, const uint64_t *arg) {
	const struct identity who = real_one(&t->who);

	return access_by(t, &who, (int)arg[0], arg[1], (unsigned)arg[2], 0);
}

int64_t exec_faccessat2(struct thread *t, const uint64_t *arg) {
	struct identity who = real_one(&t->who);

	if ((int)arg[3] & AT_EACCESS)
		who = t->who;
	return access_by(t, &who, (int)arg[0], arg[1], (unsigned)arg[2], (int)arg[3]);
}
