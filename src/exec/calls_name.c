/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of files come and go.  The real kernel makes and removes them; here it is asked whether the thread may, and
 * kept who made what, and when.
 *
 * What a call has made has its owner and dates when the thread's next call comes in: nobody else has run until then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/place.h"
#include "exec/realfd.h"

#define PATH_MOST 4096U

static struct machine *machine_of_thread(const struct thread *t) {
	return t->process->program->machine;
}

/* --- what a call has made --------------------------------------------------------------------- */

/* A name that is not there yet. */
static void is_making(struct thread *t, int dir, const char *path) {
	g_free(t->making.path);
	t->making = (struct making){dir, g_strdup(path), attr_now(machine_of_thread(t))};
}

/* A folder that has a group for what is made in it gives it on. */
static void inherit(const struct thread *t, struct attr *attr) {
	struct place above;

	if (place_parent(t, t->making.dir, t->making.path, &above))
		return;
	if (above.attr && above.st.st_mode & S_ISGID)
		attr->group = above.attr->group;
	if (above.attr)
		attr_modified(above.attr, t->making.date);
	place_put(&above);
}

void name_made(struct thread *t) {
	g_autofree char *path = t->making.path;
	int64_t date = t->making.date;
	struct place made;

	if (place_find(t, t->making.dir, path, AT_SYMLINK_NOFOLLOW, &made) == 0) {
		if (made.attr) {
			*made.attr = (struct attr){
				t->who.user.file, t->who.group.file, date, date, date, date};
			inherit(t, made.attr);
		}
		place_put(&made);
	}
	t->making.path = NULL;
}

/* --- whether it may --------------------------------------------------------------------------- */

/* Whether the thread may change a folder's names: 0 or -EACCES. */
static int may_change(const struct thread *t, int dir, const char *path) {
	struct place above;
	int err = place_parent(t, dir, path, &above);

	if (err)
		return err == -EACCES ? err : 0;
	err = place_may(t, &above, 3);
	place_put(&above);
	return err;
}

/* In a folder with the sticky bit one removes what is one's own. */
static int may_remove(const struct thread *t, const struct place *above,
                      const struct place *place) {
	int err = place_may(t, above, 3);

	if (err || !(above->st.st_mode & S_ISVTX) ||
	    attr_is_his(&t->who, place->attr, &place->st) == 0)
		return err;
	return attr_is_his(&t->who, above->attr, &above->st);
}

/* A name that a call is to make.  PASS, or -EACCES. */
static int64_t make(struct thread *t, int dir, const char *path) {
	struct place place;
	int err = place_find(t, dir, path, AT_SYMLINK_NOFOLLOW, &place);

	if (err == 0)
		place_put(&place);
	if (err != -ENOENT)
		return err == -EACCES ? err : PASS;
	err = may_change(t, dir, path);
	if (err)
		return err;
	is_making(t, dir, path);
	return PASS;
}

static int64_t make_at(struct thread *t, int dir, uint64_t addr) {
	char path[PATH_MOST];

	return mem_string(t, addr, path, sizeof path) < 0 ? PASS : make(t, dir, path);
}

/* A folder's names change: by a name that goes (`gone`), or by one that comes. */
static int64_t change(struct thread *t, int dir, const char *path, const struct place *gone) {
	int64_t now = attr_now(machine_of_thread(t));
	struct place above;
	int err = place_parent(t, dir, path, &above);

	if (err)
		return err == -EACCES ? err : PASS;
	err = gone ? may_remove(t, &above, gone) : place_may(t, &above, 3);
	if (!err && above.attr)
		attr_modified(above.attr, now);
	if (!err && gone && gone->attr)
		attr_changed(gone->attr, now);
	place_put(&above);
	return err ? err : PASS;
}

static int64_t remove_path(struct thread *t, int dir, const char *path) {
	struct place place;
	int64_t ret = place_find(t, dir, path, AT_SYMLINK_NOFOLLOW, &place);

	if (ret)
		return ret == -EACCES ? ret : PASS;
	ret = change(t, dir, path, &place);
	place_put(&place);
	return ret;
}

static int64_t remove_at(struct thread *t, int dir, uint64_t addr) {
	char path[PATH_MOST];

	return mem_string(t, addr, path, sizeof path) < 0 ? PASS : remove_path(t, dir, path);
}

/* --- opening ---------------------------------------------------------------------------------- */

static unsigned wanted(int flags) {
	static const unsigned by_mode[] = {
		4, 2, 6, 6}; /* O_RDONLY, O_WRONLY, O_RDWR, and what is of no use */

	return by_mode[flags & O_ACCMODE] | (flags & O_TRUNC ? 2U : 0U);
}

int64_t name_opened(struct thread *t, int dir, const char *path, int flags) {
	struct place place;
	int err;

	if (flags & O_PATH || (flags & O_TMPFILE) == O_TMPFILE ||
	    (attr_may_all(&t->who) && !(flags & (O_CREAT | O_TRUNC))))
		return PASS;
	err = place_find(t, dir, path, flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &place);
	if (err == -ENOENT && flags & O_CREAT)
		return make(t, dir, path);
	if (err)
		return err == -EACCES ? err : PASS;
	/* That it is there is another error. */
	err = flags & O_CREAT && flags & O_EXCL ? 0 : place_may(t, &place, wanted(flags));
	if (!err && flags & O_TRUNC && !(flags & O_EXCL) && place.attr)
		attr_modified(place.attr, attr_now(machine_of_thread(t)));
	place_put(&place);
	return err ? err : PASS;
}

int64_t exec_creat(struct thread *t, const uint64_t *arg) {
	char path[PATH_MOST];

	return mem_string(t, arg[0], path, sizeof path) < 0
	               ? PASS
	               : name_opened(t, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC);
}

/* --- names ------------------------------------------------------------------------------------ */

int64_t exec_mkdir(struct thread *t, const uint64_t *arg) { return make_at(t, AT_FDCWD, arg[0]); }

int64_t exec_mkdirat(struct thread *t, const uint64_t *arg) {
	return make_at(t, (int)arg[0], arg[1]);
}

int64_t exec_mknod(struct thread *t, const uint64_t *arg) {
	exec_of(t)->fifos |= S_ISFIFO((mode_t)arg[1]);
	return make_at(t, AT_FDCWD, arg[0]);
}

int64_t exec_mknodat(struct thread *t, const uint64_t *arg) {
	exec_of(t)->fifos |= S_ISFIFO((mode_t)arg[2]);
	return make_at(t, (int)arg[0], arg[1]);
}

int64_t exec_symlink(struct thread *t, const uint64_t *arg) { return make_at(t, AT_FDCWD, arg[1]); }

int64_t exec_symlinkat(struct thread *t, const uint64_t *arg) {
	return make_at(t, (int)arg[1], arg[2]);
}

int64_t exec_unlink(struct thread *t, const uint64_t *arg) {
	return remove_at(t, AT_FDCWD, arg[0]);
}
int64_t exec_rmdir(struct thread *t, const uint64_t *arg) { return remove_at(t, AT_FDCWD, arg[0]); }

int64_t exec_unlinkat(struct thread *t, const uint64_t *arg) {
	return remove_at(t, (int)arg[0], arg[1]);
}

/* Another name for a file, or (`moves`) one in place of that it has. */
static int64_t name_anew(struct thread *t, const int dir[2], const uint64_t *addr, bool moves) {
	char path[2][PATH_MOST];
	struct place place, old;
	int64_t ret;

	for (int i = 0; i < 2; i++)
		if (mem_string(t, addr[i], path[i], sizeof path[i]) < 0)
			return PASS;
	ret = place_find(t, dir[0], path[0], AT_SYMLINK_NOFOLLOW, &place);
	if (ret)
		return ret == -EACCES ? ret : PASS;
	ret = moves ? change(t, dir[0], path[0], &place) : PASS;
	if (ret == PASS && moves &&
	    place_find(t, dir[1], path[1], AT_SYMLINK_NOFOLLOW, &old) == 0) {
		ret = change(t, dir[1], path[1], &old);
		place_put(&old);
	} else if (ret == PASS) {
		ret = change(t, dir[1], path[1], NULL);
	}
	if (ret == PASS && place.attr)
		attr_changed(place.attr, attr_now(machine_of_thread(t)));
	place_put(&place);
	place_changed(machine_of_thread(t));
	return ret;
}

int64_t exec_rename(struct thread *t, const uint64_t *arg) {
	return name_anew(t, (int[]){AT_FDCWD, AT_FDCWD}, arg, true);
}

int64_t exec_renameat(struct thread *t, const uint64_t *arg) {
	return name_anew(t, (int[]){(int)arg[0], (int)arg[2]}, (uint64_t[]){arg[1], arg[3]}, true);
}

int64_t exec_renameat2(struct thread *t, const uint64_t *arg) { return exec_renameat(t, arg); }

int64_t exec_link(struct thread *t, const uint64_t *arg) {
	return name_anew(t, (int[]){AT_FDCWD, AT_FDCWD}, arg, false);
}

int64_t exec_linkat(struct thread *t, const uint64_t *arg) {
	return name_anew(t, (int[]){(int)arg[0], (int)arg[2]}, (uint64_t[]){arg[1], arg[3]}, false);
}

/* A socket of the AF_UNIX family that is bound is a file. */
int64_t name_bound(struct thread *t, uint64_t addr, uint64_t len) {
	struct sockaddr_un un = {0};
	size_t head = offsetof(struct sockaddr_un, sun_path);
	char path[sizeof un.sun_path + 1] = "";

	if (len <= head || len > sizeof un || mem_read(t, addr, &un, len) ||
	    un.sun_family != AF_UNIX || !*un.sun_path)
		return PASS;
	memcpy(path, un.sun_path, len - head);
	return make(t, AT_FDCWD, path);
}

/* --- contents and folders --------------------------------------------------------------------- */

int64_t exec_truncate(struct thread *t, const uint64_t *arg) {
	char path[PATH_MOST];
	struct place place;
	int64_t ret;

	if (mem_string(t, arg[0], path, sizeof path) < 0)
		return PASS;
	ret = place_find(t, AT_FDCWD, path, 0, &place);
	if (ret)
		return ret == -EACCES ? ret : PASS;
	ret = place_may(t, &place, 2);
	if (!ret && place.attr)
		attr_modified(place.attr, attr_now(machine_of_thread(t)));
	place_put(&place);
	return ret ? ret : PASS;
}

int64_t name_written(struct thread *t, int fd) {
	const struct file *file = file_at(t, fd);

	if (file && file_is_real(file) && real_attr(file))
		attr_modified(real_attr(file), attr_now(machine_of_thread(t)));
	return PASS;
}

#define WRITES(name, which)                                                                        \
	int64_t exec_##name(struct thread *t, const uint64_t *arg) {                               \
		return name_written(t, (int)arg[which]);                                           \
	}
WRITES(pwrite64, 0)
WRITES(pwritev, 0)
WRITES(pwritev2, 0)
WRITES(ftruncate, 0)
WRITES(fallocate, 0)
WRITES(copy_file_range, 2)

/* Where the thread goes it must be able to search. */
static int64_t go_to(const struct thread *t, int err, struct place *place) {
	if (err)
		return err == -EACCES ? err : PASS;
	err = place_may(t, place, 1);
	place_put(place);
	return err && S_ISDIR(place->st.st_mode) ? err : PASS;
}

int64_t exec_chdir(struct thread *t, const uint64_t *arg) {
	char path[PATH_MOST];
	struct place place;

	if (attr_may_all(&t->who) || mem_string(t, arg[0], path, sizeof path) < 0)
		return PASS;
	return go_to(t, place_find(t, AT_FDCWD, path, 0, &place), &place);
}

int64_t exec_fchdir(struct thread *t, const uint64_t *arg) {
	struct place place;

	return attr_may_all(&t->who) ? PASS : go_to(t, place_of_fd(t, (int)arg[0], &place), &place);
}

/* Into less than the sandbox. */
int64_t exec_chroot(struct thread *t, const uint64_t *arg) {
	(void)arg;
	if (!has_right(&t->who, CAP_SYS_CHROOT))
		return -EPERM;
	machine_of_thread(t)->chrooted = true;
	place_changed(machine_of_thread(t));
	return PASS;
}
