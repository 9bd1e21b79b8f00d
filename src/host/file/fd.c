/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file does a number stand for, and who keeps it open? */
#include "host/file/fd.h"

#include <errno.h>
#include <string.h>

/* A table starts with this many slots and doubles, as 2.4's (NR_OPEN_DEFAULT, expand_fd_array). */
#define FILES_INITIAL 64U
#define WORD_BITS 64U

/*
 * `open` has a bit per slot and `next` bounds the search for the lowest free one from below, so
 * opening is O(1) while descriptors are dense and skips 64 at a time while they are not.
 */
struct files {
	struct kernel *kernel;
	struct file **slot;
	uint64_t *open, *cloexec;
	unsigned size;
	unsigned next;       /* no descriptor below it is free */
	unsigned users;      /* tasks that have it */
	fd_numbering number; /* NULL: the lowest that is free */
	/* where a table that is not larger than at first has them */
	struct file *first_slot[FILES_INITIAL];
	uint64_t first_open[FILES_INITIAL / WORD_BITS], first_cloexec[FILES_INITIAL / WORD_BITS];
};

/* --- files -------------------------------------------------------------------------------- */

/* `file.count` also counts the calls and polls in progress, `descriptors` only table slots, and messages under way. */
struct open_file {
	struct file file; /* first */
	unsigned descriptors;
};

static struct open_file *open_file(struct file *file) { return (struct open_file *)file; }

struct file *file_new(struct kernel *k, const struct file_operations *ops, int flags) {
	struct open_file *open = g_slice_new0(struct open_file);

	open->file = (struct file){.ops = ops, .kernel = k, .count = 1, .flags = flags};
	return &open->file;
}

void file_get(struct file *file) { file->count++; }

static void file_free(struct file *file) {
	if (file->watchers)
		file->forget(file);
	if (file->ops->release)
		file->ops->release(file);
	g_slice_free(struct open_file, open_file(file));
}

void file_put(struct file *file) {
	g_assert(file->count > 0);
	if (--file->count == 0)
		file_free(file);
}

/* --- the bit maps ------------------------------------------------------------------------- */

static bool bit_test(const uint64_t *map, unsigned i) {
	return map[i / WORD_BITS] >> (i % WORD_BITS) & 1U;
}

static void bit_put(uint64_t *map, unsigned i, bool on) {
	uint64_t bit = UINT64_C(1) << (i % WORD_BITS);

	map[i / WORD_BITS] = on ? map[i / WORD_BITS] | bit : map[i / WORD_BITS] & ~bit;
}

/* First clear bit at or after `from`; `size` if there is none. */
static unsigned bit_next_clear(const uint64_t *map, unsigned size, unsigned from) {
	for (unsigned word = from / WORD_BITS; word < size / WORD_BITS; word++) {
		uint64_t free = ~map[word];
		if (word == from / WORD_BITS)
			free &= ~UINT64_C(0) << (from % WORD_BITS);
		if (free)
			return word * WORD_BITS + (unsigned)__builtin_ctzll(free);
	}
	return size;
}

/* --- tables ------------------------------------------------------------------------------- */

/* An array of a table, `had` bytes long, gets room for `want`. */
static void *enlarged(void *array, const void *first, size_t had, size_t want) {
	if (array != first)
		return g_realloc(array, want);
	return memcpy(g_malloc(want), array, had);
}

/* Makes room for at least `want` descriptors. */
static void files_grow(struct files *files, unsigned want) {
	unsigned size = files->size, had = size / WORD_BITS, words;

	while (size < want)
		size *= 2;
	if (size == files->size)
		return;
	words = size / WORD_BITS;
	files->slot = enlarged(files->slot, files->first_slot, files->size * sizeof *files->slot,
	                       size * sizeof *files->slot);
	files->open = enlarged(files->open, files->first_open, had * sizeof *files->open,
	                       words * sizeof *files->open);
	files->cloexec = enlarged(files->cloexec, files->first_cloexec,
	                          had * sizeof *files->cloexec, words * sizeof *files->cloexec);
	memset(files->slot + files->size, 0, (size - files->size) * sizeof *files->slot);
	for (unsigned i = had; i < words; i++)
		files->open[i] = files->cloexec[i] = 0;
	files->size = size;
}

static struct files *files_new(struct kernel *k) {
	struct files *files = g_slice_new0(struct files);

	files->kernel = k;
	files->users = 1;
	files->slot = files->first_slot;
	files->open = files->first_open;
	files->cloexec = files->first_cloexec;
	files->size = FILES_INITIAL;
	return files;
}

static struct files *files_copy(struct files *files) {
	struct files *copy = files_new(files->kernel);

	copy->number = files->number;
	files_grow(copy, files->size);
	copy->next = files->next;
	memcpy(copy->slot, files->slot, files->size * sizeof *files->slot);
	memcpy(copy->open, files->open, files->size / 8);
	memcpy(copy->cloexec, files->cloexec, files->size / 8);
	for (unsigned fd = 0; fd < copy->size; fd++)
		if (copy->slot[fd]) {
			open_file(copy->slot[fd])->descriptors++;
			file_get(copy->slot[fd]);
		}
	return copy;
}

static struct files *files_share(struct files *files) {
	files->users++;
	return files;
}

/*
 * Ends the file with its last descriptor, whoever else holds it: a call in progress in another
 * process has a descriptor of its own there, and the exiting process is in none.  Only calls cut
 * off by the end of the run hold a file without end.
 */
static void slot_close(struct file *file) {
	if (--open_file(file)->descriptors == 0)
		file_free(file);
	else
		file_put(file);
}

static void files_close_all(struct files *files) {
	if (--files->users > 0)
		return;
	/* In the order of descriptors, as exit does; a release may sleep, so each slot is empty
	 * before its file is put. */
	for (unsigned fd = 0; fd < files->size; fd++) {
		struct file *file = files->slot[fd];
		files->slot[fd] = NULL;
		if (file)
			slot_close(file);
	}
	if (files->slot != files->first_slot) {
		g_free(files->slot);
		g_free(files->open);
		g_free(files->cloexec);
	}
	g_slice_free(struct files, files);
}

static const struct files_ops files_ops = {
	.open = files_new,
	.copy = files_copy,
	.share = files_share,
	.close = files_close_all,
};

void files_init(struct kernel *k) { k->files_ops = &files_ops; }

/* --- descriptors -------------------------------------------------------------------------- */

static bool fd_is_open(const struct files *files, int fd) {
	return files && fd >= 0 && (unsigned)fd < files->size && files->slot[fd];
}

static void slot_fill(struct files *files, unsigned fd, struct file *file) {
	open_file(file)->descriptors++;
	files->slot[fd] = file;
	bit_put(files->open, fd, true);
	bit_put(files->cloexec, fd, false);
}

/* The number was chosen elsewhere; negative: there is none. */
static int install_numbered(struct files *files, int fd, struct file *file) {
	if (fd < 0)
		return fd;
	files_grow(files, (unsigned)fd + 1);
	if (files->slot[fd])
		g_error("%s: descriptor %d given twice", files->kernel->name, fd);
	slot_fill(files, (unsigned)fd, file);
	return fd;
}

void fd_number_by(struct task *me, fd_numbering number) { task_files(me)->number = number; }

int fd_install_from(struct task *me, unsigned from, struct file *file) {
	struct files *files = task_files(me);
	unsigned fd;

	if (!files)
		return -EMFILE;
	if (files->number)
		return install_numbered(files, files->number(me, from), file);
	fd = MAX(from, files->next);
	if (fd < files->size)
		fd = bit_next_clear(files->open, files->size, fd);
	if (fd >= files->kernel->conf.max_files)
		return -EMFILE;
	files_grow(files, fd + 1);
	slot_fill(files, fd, file);
	if (from <= files->next)
		files->next = fd + 1;
	return (int)fd;
}

int fd_install(struct task *me, struct file *file) { return fd_install_from(me, 0, file); }

void fd_send(struct file *file) {
	file_get(file);
	open_file(file)->descriptors++;
}

void fd_sent(struct file *file) {
	open_file(file)->descriptors--;
	file_put(file);
}

int fd_install_at(struct task *me, int fd, struct file *file, struct file **old) {
	struct files *files = task_files(me);

	if (!files || fd < 0 || (unsigned)fd >= files->kernel->conf.max_files)
		return -EBADF;
	files_grow(files, (unsigned)fd + 1);
	*old = files->slot[fd];
	if (*old)
		open_file(*old)->descriptors--;
	slot_fill(files, (unsigned)fd, file);
	return fd;
}

struct file *fd_remove(struct task *me, int fd) {
	struct files *files = task_files(me);
	struct file *file;

	if (!fd_is_open(files, fd))
		return NULL;
	file = files->slot[fd];
	open_file(file)->descriptors--;
	files->slot[fd] = NULL;
	bit_put(files->open, (unsigned)fd, false);
	files->next = MIN(files->next, (unsigned)fd);
	return file;
}

struct file *fd_file(struct task *me, int fd) {
	const struct files *files = task_files(me);

	return fd_is_open(files, fd) ? files->slot[fd] : NULL;
}

struct file *fd_hold(struct task *me, int fd) {
	struct file *file = fd_file(me, fd);

	if (file)
		file_get(file);
	return file;
}

bool fd_cloexec(struct task *me, int fd) {
	const struct files *files = task_files(me);

	return fd_is_open(files, fd) && bit_test(files->cloexec, (unsigned)fd);
}

void fd_set_cloexec(struct task *me, int fd, bool on) {
	struct files *files = task_files(me);

	if (fd_is_open(files, fd))
		bit_put(files->cloexec, (unsigned)fd, on);
}

unsigned fd_capacity(struct task *me) {
	const struct files *files = task_files(me);

	return files ? files->size : 0;
}
