/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who a thread is, as far as the simulated machine knows: users and groups, by the rules of 2.4's kernel/sys.c, and
 * capabilities, by those of its kernel/capability.c and security/capability.c.  In the real kernel it stays the one
 * user that its namespace has, who owns all that it writes; so what it may do with files does not depend on them.
 */
#include <errno.h>
#include <string.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/place.h"

#define KEEP UINT32_MAX /* -1: not to be changed */

#define BIT(cap) ((uint64_t)1 << (cap))

/* What the simulated kernel asks for is one right, root's: who has one of these has it. */
#define ROOTS_OF_NETWORK (BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW))

static bool may(const struct thread *t, int cap) { return has_right(&t->who, cap); }

static void rights_tell(const struct thread *t) {
	task_set_capable(t->task, t->who.rights.effective & ROOTS_OF_NETWORK);
}

static bool any_root(const struct ids *ids) { return !ids->real || !ids->effective || !ids->saved; }

/* Root's rights go with the last of its ids, if they are not kept; the effective ones with the effective id. */
static int64_t settled(struct thread *t, const struct ids *old) {
	struct rights *rights = &t->who.rights;
	const struct ids *new = &t->who.user;

	if (any_root(old) && !any_root(new) && !rights->keep)
		rights->permitted = rights->effective = 0;
	if (!old->effective && new->effective)
		rights->effective = 0;
	if (old->effective && !new->effective)
		rights->effective = rights->permitted;
	rights_tell(t);
	return 0;
}

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
	const struct ids old = t->who.user;
	int err = set_one(&t->who.user, (uint32_t)arg[0], may(t, CAP_SETUID));

	return err ? err : settled(t, &old);
}

int64_t exec_setgid(struct thread *t, const uint64_t *arg) {
	return set_one(&t->who.group, (uint32_t)arg[0], may(t, CAP_SETGID));
}

int64_t exec_setreuid(struct thread *t, const uint64_t *arg) {
	const struct ids old = t->who.user;
	int err = set_two(&t->who.user, (uint32_t)arg[0], (uint32_t)arg[1], may(t, CAP_SETUID));

	return err ? err : settled(t, &old);
}

int64_t exec_setregid(struct thread *t, const uint64_t *arg) {
	return set_two(&t->who.group, (uint32_t)arg[0], (uint32_t)arg[1], may(t, CAP_SETGID));
}

int64_t exec_setresuid(struct thread *t, const uint64_t *arg) {
	const struct ids old = t->who.user;
	int err = set_three(&t->who.user, arg, may(t, CAP_SETUID));

	return err ? err : settled(t, &old);
}

int64_t exec_setresgid(struct thread *t, const uint64_t *arg) {
	return set_three(&t->who.group, arg, may(t, CAP_SETGID));
}

int64_t exec_setfsuid(struct thread *t, const uint64_t *arg) {
	return set_file(&t->who.user, (uint32_t)arg[0], may(t, CAP_SETUID));
}

int64_t exec_setfsgid(struct thread *t, const uint64_t *arg) {
	return set_file(&t->who.group, (uint32_t)arg[0], may(t, CAP_SETGID));
}

int64_t exec_setgroups(struct thread *t, const uint64_t *arg) {
	uint32_t groups[GROUPS_MOST];
	unsigned n = (unsigned)arg[0];

	if (!may(t, CAP_SETGID))
		return -EPERM;
	if (n > GROUPS_MOST)
		return -EINVAL;
	if (mem_read(t, arg[1], groups, n * sizeof *groups))
		return -EFAULT;
	memcpy(t->who.groups, groups, n * sizeof *groups);
	t->who.n_groups = n;
	place_changed(t->process->program->machine);
	return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

int64_t exec_getuid(struct thread *t, const uint64_t *arg) { return (void)arg, t->who.user.real; }
int64_t exec_geteuid(struct thread *t, const uint64_t *arg) {
	return (void)arg, t->who.user.effective;
}
int64_t exec_getgid(struct thread *t, const uint64_t *arg) { return (void)arg, t->who.group.real; }
int64_t exec_getegid(struct thread *t, const uint64_t *arg) {
	return (void)arg, t->who.group.effective;
}

static int64_t tell_three(const struct thread *t, const struct ids *ids, const uint64_t *arg) {
	return mem_write(t, arg[0], &ids->real, sizeof ids->real) ||
	                       mem_write(t, arg[1], &ids->effective, sizeof ids->effective) ||
	                       mem_write(t, arg[2], &ids->saved, sizeof ids->saved)
	               ? -EFAULT
	               : 0;
}

int64_t exec_getresuid(struct thread *t, const uint64_t *arg) {
	return tell_three(t, &t->who.user, arg);
}

int64_t exec_getresgid(struct thread *t, const uint64_t *arg) {
	return tell_three(t, &t->who.group, arg);
}

int64_t exec_getgroups(struct thread *t, const uint64_t *arg) {
	int room = (int)arg[0];

	if (room < 0 || (room && (unsigned)room < t->who.n_groups))
		return -EINVAL;
	if (room && mem_write(t, arg[1], t->who.groups, t->who.n_groups * sizeof *t->who.groups))
		return -EFAULT;
	return t->who.n_groups;
}

/* --- capabilities ----------------------------------------------------------------------------- */

/* Versions 2 and 3 have two words of each set, version 1 has one. */
static int cap_words(const struct thread *t, uint64_t header_at,
                     struct __user_cap_header_struct *header) {
	uint32_t newest = _LINUX_CAPABILITY_VERSION_3;

	if (mem_read(t, header_at, header, sizeof *header))
		return -EFAULT;
	switch (header->version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return _LINUX_CAPABILITY_U32S_3;
	default:
		return mem_write(t, header_at, &newest, sizeof newest) ? -EFAULT : -EINVAL;
	}
}

/* Of another thread, whose pid the header has: what it has itself. */
int64_t exec_capget(struct thread *t, const uint64_t *arg) {
	const struct rights *rights = &t->who.rights;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct header;
	int words = cap_words(t, arg[0], &header);

	if (words < 0)
		return words == -EINVAL && !arg[1] ? 0 : words; /* who asks for the version */
	for (int i = 0; i < words; i++)
		data[i] = (struct __user_cap_data_struct){
			(uint32_t)(rights->effective >> (32 * i)),
			(uint32_t)(rights->permitted >> (32 * i)),
			(uint32_t)(rights->inheritable >> (32 * i))};
	return arg[1] ? mem_write(t, arg[1], data, (size_t)words * sizeof *data) : 0;
}

int64_t exec_capset(struct thread *t, const uint64_t *arg) {
	struct rights *rights = &t->who.rights, new = {.keep = rights->keep};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	struct __user_cap_header_struct header;
	int words = cap_words(t, arg[0], &header);

	if (words < 0)
		return words;
	if (header.pid && header.pid != t->inner)
		return -EPERM;
	if (mem_read(t, arg[1], data, (size_t)words * sizeof *data))
		return -EFAULT;
	for (int i = 0; i < words; i++) {
		new.effective |= (uint64_t)data[i].effective << (32 * i);
		new.permitted |= (uint64_t)data[i].permitted << (32 * i);
		new.inheritable |= (uint64_t)data[i].inheritable << (32 * i);
	}
	new.effective &= RIGHTS_ALL;
	new.permitted &= RIGHTS_ALL;
	new.inheritable &= RIGHTS_ALL;
	if (new.permitted & ~rights->permitted || new.effective & ~new.permitted ||
	    new.inheritable & ~(rights->inheritable | rights->permitted))
		return -EPERM;
	*rights = new;
	rights_tell(t);
	return 0;
}

int64_t keep_rights(struct thread *t, uint64_t keep) {
	if (keep > 1)
		return -EINVAL;
	t->who.rights.keep = keep;
	return 0;
}

void rights_of_image(struct thread *t) {
	struct rights *rights = &t->who.rights;
	bool root = !t->who.user.real || !t->who.user.effective;

	t->who.user.saved = t->who.user.file = t->who.user.effective;
	rights->permitted = root ? RIGHTS_ALL : 0;
	rights->effective = t->who.user.effective ? 0 : rights->permitted;
	rights->keep = false;
	rights_tell(t);
}
