/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In the real kernel all files that a machine's programs make belong to one user, and have real dates.  Here stand
 * their simulated ones, by file system and inode number.  An inode of tmpfs is not numbered twice, so what was said of
 * one that is no more does no harm.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "exec/attr.h"

/* A machine has been up for so long when its first program starts. */
#define UP_BEFORE_S 60
#define NS_PER_S INT64_C(1000000000)

struct key {
	dev_t device;
	ino_t number;
};

/* The key comes first: an entry is its own key. */
struct entry {
	struct key key;
	struct attr attr;
};

static guint key_hash(gconstpointer p) {
	const struct key *key = p;

	return (guint)(key->number * 31 + key->device);
}

static gboolean key_equal(gconstpointer a, gconstpointer b) {
	const struct key *x = a, *y = b;

	return x->number == y->number && x->device == y->device;
}

/* --- owners ----------------------------------------------------------------------------------- */

uint32_t attr_user(const struct attr *attr, uint32_t real) {
	return attr ? attr->user : real == geteuid() ? 0 : real;
}

uint32_t attr_group(const struct attr *attr, uint32_t real) {
	return attr ? attr->group : real == getegid() ? 0 : real;
}

/* To the real kernel who is not root there is nobody. */
bool attr_differs(const struct attr *attr, const struct stat *st) {
	return attr || st->st_uid != geteuid() || st->st_gid != getegid();
}

/* --- which files ------------------------------------------------------------------------------ */

void attr_begin(struct machine *m) {
	static const char *const places[] = {"tmp", "var", "run", "dev/shm", "dev/pts", ""};

	m->attrs = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
	/* The root itself is its own only if it was made for it (tree.c). */
	for (size_t i = 0; i < G_N_ELEMENTS(places) - !m->root; i++) {
		struct stat st;

		if (fstatat(m->top, places[i], &st, AT_EMPTY_PATH) == 0)
			m->own[m->n_own++] = st.st_dev;
	}
}

void attr_end(struct machine *m) {
	if (m->attrs)
		g_hash_table_unref(m->attrs);
}

static bool is_own(const struct machine *m, dev_t device) {
	for (unsigned i = 0; i < m->n_own; i++)
		if (m->own[i] == device)
			return true;
	return false;
}

/* Folders that were there from the beginning are those of the real machine, which are covered (sandbox.c). */
static void owned_as_covered(struct attr *attr, int fd) {
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
	g_autofree char *path = g_file_read_link(link, NULL);
	struct stat st;

	if (!path || lstat(path, &st) < 0)
		return;
	attr->user = attr_user(NULL, st.st_uid);
	attr->group = attr_group(NULL, st.st_gid);
}

struct attr *attr_of(const struct machine *m, const struct stat *st, int fd) {
	struct key key = {st->st_dev, st->st_ino};
	struct entry *entry;

	if (!is_own(m, st->st_dev))
		return NULL;
	entry = g_hash_table_lookup(m->attrs, &key);
	if (!entry) {
		int64_t since = (m->exec->epoch - UP_BEFORE_S) * NS_PER_S;

		entry = g_new0(struct entry, 1);
		entry->key = key;
		entry->attr = (struct attr){0, 0, since, since, since, since};
		g_hash_table_add(m->attrs, entry);
		if (S_ISDIR(st->st_mode) && !m->root)
			owned_as_covered(&entry->attr, fd);
	}
	return &entry->attr;
}

/* --- dates ------------------------------------------------------------------------------------ */

int64_t attr_now(const struct machine *m) {
	return m->exec->epoch * NS_PER_S + sim_now(m->exec->sim) / SIM_NS;
}

void attr_modified(struct attr *attr, int64_t now) { attr->modified = attr->changed = now; }
void attr_changed(struct attr *attr, int64_t now) { attr->changed = now; }

struct timespec attr_date(int64_t date) {
	int64_t s = date / NS_PER_S - (date % NS_PER_S < 0);

	return (struct timespec){s, date - s * NS_PER_S};
}

void attr_show(const struct attr *attr, struct stat *st) {
	st->st_uid = attr_user(attr, st->st_uid);
	st->st_gid = attr_group(attr, st->st_gid);
	if (!attr)
		return;
	st->st_atim = attr_date(attr->accessed);
	st->st_mtim = attr_date(attr->modified);
	st->st_ctim = attr_date(attr->changed);
}

/* --- rights ----------------------------------------------------------------------------------- */

bool attr_is_of_group(const struct identity *who, uint32_t group) {
	for (unsigned i = 0; i < who->n_groups; i++)
		if (who->groups[i] == group)
			return true;
	return who->group.file == group;
}

bool attr_may_all(const struct identity *who) { return has_right(who, CAP_DAC_OVERRIDE); }

int attr_may(const struct identity *who, const struct attr *attr, const struct stat *st,
             unsigned want) {
	unsigned bits = st->st_mode;
	bool folder = S_ISDIR(st->st_mode);

	if (attr_may_all(who))
		return want & 1 && !folder && !(bits & 0111) ? -EACCES : 0;
	if (who->user.file == attr_user(attr, st->st_uid))
		bits >>= 6;
	else if (attr_is_of_group(who, attr_group(attr, st->st_gid)))
		bits >>= 3;
	if ((bits & want) == want)
		return 0;
	if (has_right(who, CAP_DAC_READ_SEARCH) && !(want & (folder ? 2 : 3)))
		return 0;
	return -EACCES;
}

int attr_is_his(const struct identity *who, const struct attr *attr, const struct stat *st) {
	return who->user.file == attr_user(attr, st->st_uid) || has_right(who, CAP_FOWNER) ? 0
	                                                                                   : -EPERM;
}
