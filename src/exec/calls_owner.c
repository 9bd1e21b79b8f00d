/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owners, rights and dates of files are set.  Rights are the real kernel's; owners and dates are kept here (attr.c), of
 * files of the machine's own.  Of others there is nothing to be kept: a chown() of theirs gives 0, for whoever is root.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/place.h"

#define PATH_MOST 4096U
#define KEEP UINT32_MAX
#define NS_PER_S INT64_C(1000000000)

/* What a path means; without one, the descriptor: 0, to be put, or a negative errno. */
static int find_at(const struct thread *t, int dir, uint64_t addr, int flags, struct place *place) {
	char path[PATH_MOST] = "";

	if (addr && mem_string(t, addr, path, sizeof path) < 0)
		return -EFAULT;
	if (!addr || (!*path && flags & AT_EMPTY_PATH))
		return place_of_fd(t, dir, place);
	return place_find(t, dir, path, flags, place);
}

static int64_t now_of(const struct thread *t) { return attr_now(t->process->program->machine); }

/* --- owners ----------------------------------------------------------------------------------- */

/* By 2.4's inode_change_ok(): who is not root may give his own files to a group of his. */
static bool may_give(const struct thread *t, const struct place *place, uint32_t user,
                     uint32_t group) {
	const struct attr *attr = place->attr;

	if (has_right(&t->who, CAP_CHOWN))
		return true;
	return attr && attr->user == t->who.user.file && (user == KEEP || user == attr->user) &&
	       (group == KEEP || group == attr->group || attr_is_of_group(&t->who, group));
}

static int64_t give(struct thread *t, struct place *place, uint64_t user, uint64_t group) {
	int64_t ret = may_give(t, place, (uint32_t)user, (uint32_t)group) ? 0 : -EPERM;
	struct attr *attr = place->attr;

	if (ret == 0 && attr) {
		attr->user = (uint32_t)user == KEEP ? attr->user : (uint32_t)user;
		attr->group = (uint32_t)group == KEEP ? attr->group : (uint32_t)group;
		attr_changed(attr, now_of(t));
		place_changed(t->process->program->machine);
	}
	place_put(place);
	return ret;
}

static int64_t chown_at(struct thread *t, int dir, uint64_t path, int flags, uint64_t user,
                        uint64_t group) {
	struct place place;
	int err = path ? find_at(t, dir, path, flags, &place) : -EFAULT;

	/* Behind a link of /proc's lies what cannot be found from here. */
	return err ? (err == -ELOOP ? 0 : err) : give(t, &place, user, group);
}

int64_t exec_chown(struct thread *t, const uint64_t *arg) {
	return chown_at(t, AT_FDCWD, arg[0], 0, arg[1], arg[2]);
}

int64_t exec_lchown(struct thread *t, const uint64_t *arg) {
	return chown_at(t, AT_FDCWD, arg[0], AT_SYMLINK_NOFOLLOW, arg[1], arg[2]);
}

int64_t exec_fchownat(struct thread *t, const uint64_t *arg) {
	return chown_at(t, (int)arg[0], arg[1], (int)arg[4], arg[2], arg[3]);
}

int64_t exec_fchown(struct thread *t, const uint64_t *arg) {
	struct place place;
	int err = place_of_fd(t, (int)arg[0], &place);

	return err ? err : give(t, &place, arg[1], arg[2]);
}

/* --- rights ----------------------------------------------------------------------------------- */

/* The real kernel sets them, for whoever may. */
static int64_t set_rights(struct thread *t, int dir, uint64_t path) {
	struct place place;
	int64_t ret = find_at(t, dir, path, 0, &place);

	if (ret)
		return ret == -EACCES ? ret : PASS;
	ret = attr_is_his(&t->who, place.attr, &place.st);
	if (ret == 0 && place.attr)
		attr_changed(place.attr, now_of(t));
	place_changed(t->process->program->machine);
	place_put(&place);
	return ret ? ret : PASS;
}

int64_t exec_chmod(struct thread *t, const uint64_t *arg) {
	return arg[0] ? set_rights(t, AT_FDCWD, arg[0]) : PASS;
}

int64_t exec_fchmodat(struct thread *t, const uint64_t *arg) {
	return arg[1] ? set_rights(t, (int)arg[0], arg[1]) : PASS;
}

int64_t exec_fchmod(struct thread *t, const uint64_t *arg) { return set_rights(t, (int)arg[0], 0); }

/* --- dates ------------------------------------------------------------------------------------ */

#define NOW INT64_MIN        /* the machine's date */
#define AS_IT_IS (NOW + 1) /* the date that the file has */

/* Dates are set by the owner, the present one by whoever may write, too. */
static int64_t set_dates(struct thread *t, int dir, uint64_t path, int flags,
                         const int64_t dates[2]) {
	int64_t now = now_of(t), ret;
	struct place place;

	ret = find_at(t, dir, path, flags, &place);
	if (ret)
		return ret == -EACCES ? ret : PASS;
	ret = attr_is_his(&t->who, place.attr, &place.st);
	if (ret && dates[0] == NOW && dates[1] == NOW)
		ret = place_may(t, &place, 2);
	if (ret == 0 && place.attr) {
		if (dates[0] != AS_IT_IS)
			place.attr->accessed = dates[0] == NOW ? now : dates[0];
		if (dates[1] != AS_IT_IS)
			place.attr->modified = dates[1] == NOW ? now : dates[1];
		attr_changed(place.attr, now);
	}
	place_put(&place);
	return ret ? ret : PASS;
}

int64_t exec_utimensat(struct thread *t, const uint64_t *arg) {
	int64_t dates[2] = {NOW, NOW};
	struct timespec times[2];

	if (arg[2] && mem_read(t, arg[2], times, sizeof times))
		return -EFAULT;
	for (unsigned i = 0; arg[2] && i < G_N_ELEMENTS(dates); i++)
		dates[i] = times[i].tv_nsec == UTIME_NOW ? NOW
		           : times[i].tv_nsec == UTIME_OMIT
		                   ? AS_IT_IS
		                   : times[i].tv_sec * NS_PER_S + times[i].tv_nsec;
	return set_dates(t, (int)arg[0], arg[1], (int)arg[3], dates);
}

int64_t exec_utime(struct thread *t, const uint64_t *arg) {
	int64_t dates[2] = {NOW, NOW};
	struct utimbuf times;

	if (!arg[0] || (arg[1] && mem_read(t, arg[1], &times, sizeof times)))
		return -EFAULT;
	if (arg[1]) {
		dates[0] = times.actime * NS_PER_S;
		dates[1] = times.modtime * NS_PER_S;
	}
	return set_dates(t, AT_FDCWD, arg[0], 0, dates);
}

int64_t exec_futimesat(struct thread *t, const uint64_t *arg) {
	int64_t dates[2] = {NOW, NOW};
	struct timeval times[2];

	if (arg[2] && mem_read(t, arg[2], times, sizeof times))
		return -EFAULT;
	for (unsigned i = 0; arg[2] && i < G_N_ELEMENTS(dates); i++)
		dates[i] = times[i].tv_sec * NS_PER_S + times[i].tv_usec * 1000;
	return set_dates(t, (int)arg[0], arg[1], 0, dates);
}

int64_t exec_utimes(struct thread *t, const uint64_t *arg) {
	const uint64_t at[] = {(uint64_t)AT_FDCWD, arg[0], arg[1]};

	return arg[0] ? exec_futimesat(t, at) : PASS;
}
