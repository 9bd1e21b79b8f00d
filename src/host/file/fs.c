/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files, all of them in the page cache: no disk is modelled, for the workloads of the paper fit
 * into memory and a run measures the steady state.
 *
 * A path is a name as a whole; there are no directories and no permissions but one: pattern files
 * cannot be written.
 */
#include "host/file/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/core/copy.h"

/* Files opened without O_LARGEFILE end here in 2.4 (MAX_NON_LFS). */
#define FS_MAX_WRITTEN G_MAXINT32

enum inode_kind { INODE_BYTES, INODE_PATTERN, INODE_NULL };

/* An open file keeps its inode when fs_create() replaces it under the same path. */
struct inode {
	int count; /* the path and open files */
	enum inode_kind kind;
	unsigned number;
	const struct kernel *kernel;
	GByteArray *bytes; /* INODE_BYTES */
	uint64_t size;     /* INODE_PATTERN */
	uint64_t key;      /* INODE_PATTERN */
	sim_time mtime;
};

struct fs {
	GHashTable *inodes; /* path -> struct inode */
	unsigned next_number;
};

/* --- inodes ------------------------------------------------------------------------------- */

static void inode_put(void *data) {
	struct inode *inode = data;

	if (--inode->count > 0)
		return;
	if (inode->bytes)
		g_byte_array_unref(inode->bytes);
	g_slice_free(struct inode, inode);
}

/* A new inode under `path`; the one that was there is unlinked. */
static struct inode *inode_new(struct kernel *k, const char *path, enum inode_kind kind) {
	struct inode *inode = g_slice_new0(struct inode);

	inode->count = 1;
	inode->kind = kind;
	inode->number = k->fs->next_number++;
	inode->kernel = k;
	inode->mtime = sim_now(k->sim);
	if (kind == INODE_BYTES)
		inode->bytes = g_byte_array_new();
	g_hash_table_replace(k->fs->inodes, g_strdup(path), inode);
	return inode;
}

void fs_init(struct kernel *k) {
	k->fs = g_new0(struct fs, 1);
	k->fs->inodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, inode_put);
	k->fs->next_number = 2; /* 1 marks bad blocks in ext2, 2 is its first */
	inode_new(k, "/dev/null", INODE_NULL);
}

void fs_exit(struct kernel *k) {
	g_hash_table_destroy(k->fs->inodes);
	g_free(k->fs);
	k->fs = NULL;
}

uint64_t fs_size(const struct inode *inode) {
	return inode->kind == INODE_BYTES ? inode->bytes->len : inode->size;
}

bool fs_is_regular(const struct inode *inode) { return inode->kind != INODE_NULL; }

static mode_t inode_mode(const struct inode *inode) {
	static const mode_t modes[] = {
		[INODE_BYTES] = S_IFREG | 0644,
		[INODE_PATTERN] = S_IFREG | 0444,
		[INODE_NULL] = S_IFCHR | 0666,
	};

	return modes[inode->kind];
}

void fs_stat(const struct inode *inode, struct stat *st) {
	uint64_t size = fs_size(inode);
	time_t when = (time_t)(inode->mtime / SIM_S);

	*st = (struct stat){
		.st_ino = inode->number,
		.st_nlink = 1,
		.st_mode = inode_mode(inode),
		.st_size = (off_t)size,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_mtime = when,
		.st_ctime = when,
		.st_atime = when,
	};
}

size_t fs_peek(const struct inode *inode, uint64_t pos, void *buf, size_t len) {
	uint64_t size = fs_size(inode);

	if (pos >= size)
		return 0;
	len = (size_t)MIN((uint64_t)len, size - pos);
	if (inode->kind == INODE_PATTERN)
		pattern_fill(inode->key, pos, buf, len);
	else
		memcpy(buf, inode->bytes->data + pos, len);
	return len;
}

/* --- file operations ---------------------------------------------------------------------- */

/* As generic_file_read(): one charge a call, for the bytes that it copies. */
static ssize_t fs_read(struct file *file, const struct iovec *iov, size_t n) {
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		size_t got = fs_peek(file->inode, file->pos, iov[i].iov_base, iov[i].iov_len);
		file->pos += got;
		total += got;
		if (got < iov[i].iov_len)
			break;
	}
	copy_begin(file->kernel);
	copy_read(file->kernel, total);
	return (ssize_t)total;
}

static void inode_write(struct inode *inode, uint64_t pos, const void *buf, size_t len) {
	GByteArray *bytes = inode->bytes;
	unsigned old = bytes->len;

	if (pos + len > old) {
		g_byte_array_set_size(bytes, (unsigned)(pos + len));
		if (pos > old)
			memset(bytes->data + old, 0, pos - old);
	}
	memcpy(bytes->data + pos, buf, len);
}

static ssize_t fs_write(struct file *file, const struct iovec *iov, size_t n) {
	struct inode *inode = file->inode;
	size_t total = iov_length(iov, n);

	if (inode->kind == INODE_NULL) {
		charge(file->kernel, COST_FILE_WRITE, 0);
		return (ssize_t)total;
	}
	if (file->flags & O_APPEND)
		file->pos = inode->bytes->len;
	if (total && (file->pos >= FS_MAX_WRITTEN || total > FS_MAX_WRITTEN - file->pos))
		return -EFBIG;
	for (size_t i = 0; i < n; i++) {
		if (iov[i].iov_len)
			inode_write(inode, file->pos, iov[i].iov_base, iov[i].iov_len);
		file->pos += iov[i].iov_len;
	}
	inode->mtime = sim_now(inode->kernel->sim);
	charge(file->kernel, COST_FILE_WRITE, total);
	return (ssize_t)total;
}

static void fs_release(struct file *file) { inode_put(file->inode); }

static const struct file_operations fs_file_ops = {
	.read = fs_read,
	.write = fs_write,
	.release = fs_release,
};

int fs_open(struct kernel *k, const char *path, int flags, struct file **file) {
	struct inode *inode = g_hash_table_lookup(k->fs->inodes, path);
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	if (!*path || (!inode && !(flags & O_CREAT)))
		return -ENOENT;
	if (inode && (flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if (inode && inode->kind == INODE_PATTERN && writes)
		return -EACCES;
	if (!inode)
		inode = inode_new(k, path, INODE_BYTES);
	else if ((flags & O_TRUNC) && inode->kind == INODE_BYTES)
		g_byte_array_set_size(inode->bytes, 0);
	inode->count++;
	*file = file_new(k, &fs_file_ops, flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY));
	(*file)->inode = inode;
	return 0;
}

const struct inode *fs_find(const struct kernel *k, const char *path) {
	return g_hash_table_lookup(k->fs->inodes, path);
}

/* --- what scenarios and tests use --------------------------------------------------------- */

int fs_create(struct kernel *k, const char *path, const void *bytes, size_t size) {
	struct inode *inode;

	if (!path || !*path)
		return -ENOENT;
	if (size > FS_MAX_WRITTEN)
		return -EFBIG;
	inode = inode_new(k, path, INODE_BYTES);
	if (size)
		g_byte_array_append(inode->bytes, bytes, (unsigned)size);
	return 0;
}

int fs_create_pattern(struct kernel *k, const char *path, uint64_t size, uint64_t key) {
	struct inode *inode;

	if (!path || !*path)
		return -ENOENT;
	if (size > INT64_MAX)
		return -EFBIG;
	inode = inode_new(k, path, INODE_PATTERN);
	inode->size = size;
	inode->key = key;
	return 0;
}

GBytes *fs_content(struct kernel *k, const char *path) {
	const struct inode *inode = fs_find(k, path);
	size_t size;
	void *copy;

	if (!inode)
		return NULL;
	size = (size_t)fs_size(inode);
	copy = g_malloc(size);
	fs_peek(inode, 0, copy, size);
	return g_bytes_new_take(copy, size);
}
