/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who a thread is, as far as the simulated machine knows: users and groups, by the rules of 2.4's kernel/sys.c.  In
 * the real kernel it stays the one user that its namespace has, who owns all that it writes; so what it may do
 * with files does not depend on them.
 */
#include <errno.h>
#include <string.h>

#include "exec/calls.h"
#include "exec/memory.h"

#define KEEP UINT32_MAX /* -1: not to be changed */

/* Of a user who had root's rights until now: those go with the effective id. */
static int64_t settled(struct thread *t) {
	task_set_capable(t->task, t->user.effective == 0);
	return 0;
}

static bool is_root(const struct thread *t) { return capable(t->task); }

static bool has(const struct ids *ids, uint32_t id) {
	return id == ids->real || id == ids->effective || id == ids->saved;
}

/* --- setting ---------------------------------------------------------------------------------- */

static int set_one(struct ids *ids, uint32_t id, bool root) {
	if (!root && id != ids->real && id != ids->saved)
		return -EPERM;
	if (root)
		ids->real = ids->saved = id;
	ids->effective = ids->file = id;
	return 0;
}

static int set_two(struct ids *ids, uint32_t real, uint32_t effective, bool root) {
	const struct ids old = *ids;

	if (!root && real != KEEP && real != old.real && real != old.effective)
		return -EPERM;
	if (!root && effective != KEEP && !has(&old, effective))
		return -EPERM;
	if (real != KEEP)
		ids->real = real;
	if (effective != KEEP)
		ids->effective = effective;
	if (real != KEEP || (effective != KEEP && effective != old.real))
		ids->saved = ids->effective;
	ids->file = ids->effective;
	return 0;
}

static int set_three(struct ids *ids, const uint64_t *arg, bool root) {
	uint32_t *const which[] = {&ids->real, &ids->effective, &ids->saved};
	const struct ids old = *ids;

	for (unsigned i = 0; i < G_N_ELEMENTS(which); i++)
		if (!root && (uint32_t)arg[i] != KEEP && !has(&old, (uint32_t)arg[i]))
			return -EPERM;
	for (unsigned i = 0; i < G_N_ELEMENTS(which); i++)
		if ((uint32_t)arg[i] != KEEP)
			*which[i] = (uint32_t)arg[i];
	ids->file = ids->effective;
	return 0;
}

/* What it was, whether it is set or not. */
static uint32_t set_file(struct ids *ids, uint32_t id, bool root) {
	uint32_t old = ids->file;

	if (root || has(ids, id) || id == old)
		ids->file = id;
	return old;
}

int64_t exec_setuid(struct thread *t, const uint64_t *arg) {
	int err = set_one(&t->user, (uint32_t)arg[0], is_root(t));

	return err ? err : settled(t);
}

int64_t exec_setgid(struct thread *t, const uint64_t *arg) {
	return set_one(&t->group, (uint32_t)arg[0], is_root(t));
}

int64_t exec_setreuid(struct thread *t, const uint64_t *arg) {
	int err = set_two(&t->user, (uint32_t)arg[0], (uint32_t)arg[1], is_root(t));

	return err ? err : settled(t);
}

int64_t exec_setregid(struct thread *t, const uint64_t *arg) {
	return set_two(&t->group, (uint32_t)arg[0], (uint32_t)arg[1], is_root(t));
}

int64_t exec_setresuid(struct thread *t, const uint64_t *arg) {
	int err = set_three(&t->user, arg, is_root(t));

	return err ? err : settled(t);
}

int64_t exec_setresgid(struct thread *t, const uint64_t *arg) {
	return set_three(&t->group, arg, is_root(t));
}

int64_t exec_setfsuid(struct thread *t, const uint64_t *arg) {
	return set_file(&t->user, (uint32_t)arg[0], is_root(t));
}

int64_t exec_setfsgid(struct thread *t, const uint64_t *arg) {
	return set_file(&t->group, (uint32_t)arg[0], is_root(t));
}

int64_t exec_setgroups(struct thread *t, const uint64_t *arg) {
	uint32_t groups[GROUPS_MOST];
	unsigned n = (unsigned)arg[0];

	if (!is_root(t))
		return -EPERM;
	if (n > GROUPS_MOST)
		return -EINVAL;
	if (mem_read(t, arg[1], groups, n * sizeof *groups))
		return -EFAULT;
	memcpy(t->groups, groups, n * sizeof *groups);
	t->n_groups = n;
	return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

int64_t exec_getuid(struct thread *t, const uint64_t *arg) { return (void)arg, t->user.real; }
int64_t exec_geteuid(struct thread *t, const uint64_t *arg) { return (void)arg, t->user.effective; }
int64_t exec_getgid(struct thread *t, const uint64_t *arg) { return (void)arg, t->group.real; }
int64_t exec_getegid(struct thread *t, const uint64_t *arg) {
	return (void)arg, t->group.effective;
}

static int64_t tell_three(const struct thread *t, const struct ids *ids, const uint64_t *arg) {
	return mem_write(t, arg[0], &ids->real, sizeof ids->real) ||
	                       mem_write(t, arg[1], &ids->effective, sizeof ids->effective) ||
	                       mem_write(t, arg[2], &ids->saved, sizeof ids->saved)
	               ? -EFAULT
	               : 0;
}

int64_t exec_getresuid(struct thread *t, const uint64_t *arg) {
	return tell_three(t, &t->user, arg);
}

int64_t exec_getresgid(struct thread *t, const uint64_t *arg) {
	return tell_three(t, &t->group, arg);
}

int64_t exec_getgroups(struct thread *t, const uint64_t *arg) {
	int room = (int)arg[0];

	if (room < 0 || (room && (unsigned)room < t->n_groups))
		return -EINVAL;
	if (room && mem_write(t, arg[1], t->groups, t->n_groups * sizeof *t->groups))
		return -EFAULT;
	return t->n_groups;
}
