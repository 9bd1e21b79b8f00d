/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file does a thread's path mean? */
#ifndef EXEC_PLACE_H
#define EXEC_PLACE_H

#include <sys/stat.h>

#include "exec/attr.h"
#include "exec/internal.h"

struct place {
	int fd; /* of the simulator's, for its state alone */
	struct stat st;
	struct attr *attr; /* NULL: it is the real machine's */
};

/* What a path of the thread's means, from the folder `dir` (AT_FDCWD, ...) on; of the flags AT_SYMLINK_NOFOLLOW
 * counts.  0, to be put; -EACCES: a folder on the way is not within the thread's reach, as it is its answer; another
 * negative errno: it is not to be found from here, and the real kernel may find it all the same. */
int place_find(const struct thread *t, int dir, const char *path, int flags, struct place *place);
/* The folder that has, or would have, the path's last name. */
int place_parent(const struct thread *t, int dir, const char *path, struct place *place);
/* The file behind a descriptor: 0, to be put, or -EBADF. */
int place_of_fd(const struct thread *t, int fd, struct place *place);
void place_put(const struct place *place);
/* Rights, owners or the tree have changed: what was within reach may be no more. */
void place_changed(struct machine *m);
/* A new machine, whose root stays open. */
void place_begin(struct machine *m);
void place_end(struct machine *m);

/* Whether the thread may read (4), write (2), execute or search (1) it: 0 or -EACCES. */
static inline int place_may(const struct thread *t, const struct place *place, unsigned want) {
	return attr_may(&t->who, place->attr, &place->st, want);
}

#endif
