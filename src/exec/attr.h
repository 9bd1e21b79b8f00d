/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who owns the files that a machine's programs make, and their dates by its clock. */
#ifndef EXEC_ATTR_H
#define EXEC_ATTR_H

#include <sys/stat.h>

#include "exec/internal.h"

/* Dates are nanoseconds since 1970. */
struct attr {
	uint32_t user, group;
	int64_t accessed, modified, changed, born;
};

/* A new machine, whose root is open: which file systems are its own, where it can write.  What is there is root's, and
 * as old as the machine. */
void attr_begin(struct machine *m);
void attr_end(struct machine *m);
/* Of a file of that state, of which `fd` is a descriptor of the simulator's; NULL: it is the real machine's. */
struct attr *attr_of(const struct machine *m, const struct stat *st, int fd);
/* Whether what a machine is to see of a file is something else than what the real kernel would say. */
bool attr_differs(const struct attr *attr, const struct stat *st);
/* The machine's date. */
int64_t attr_now(const struct machine *m);
/* Its bytes have changed, or (a folder's) its names; or what is said of it. */
void attr_modified(struct attr *attr, int64_t now);
void attr_changed(struct attr *attr, int64_t now);
/* Owner and dates take the place of the real ones.  (attr NULL: the owner is that of the real machine's file; those of
 * who runs the simulator are root's.) */
void attr_show(const struct attr *attr, struct stat *st);
uint32_t attr_user(const struct attr *attr, uint32_t real);
uint32_t attr_group(const struct attr *attr, uint32_t real);
struct timespec attr_date(int64_t date);

/* Whether a file's rights let who has that identity read (4), write (2), execute or search (1) it: 0 or -EACCES. */
int attr_may(const struct identity *who, const struct attr *attr, const struct stat *st,
             unsigned want);
/* Whether it is his, or he has root's right over files that are not: 0 or -EPERM. */
int attr_is_his(const struct identity *who, const struct attr *attr, const struct stat *st);
bool attr_is_of_group(const struct identity *who, uint32_t group);
/* Whether he needs no rights of files. */
bool attr_may_all(const struct identity *who);

#endif
