/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file system as the system calls see it.
 */
#ifndef HOST_FS_H
#define HOST_FS_H

#include <sys/stat.h>

#include "host/file/file.h"

/* Opens `path` with the flags of open(): a file with one reference in *file, or -ENOENT, -EEXIST
 * (O_CREAT|O_EXCL), -EACCES (a pattern file for writing). */
int fs_open(struct kernel *k, const char *path, int flags, struct file **file);

/* The file of that name; NULL: there is none. */
const struct inode *fs_find(const struct kernel *k, const char *path);

/* Bytes that a file has now. */
uint64_t fs_size(const struct inode *inode);
bool fs_is_regular(const struct inode *inode);
void fs_stat(const struct inode *inode, struct stat *st);

/* Copies up to `len` bytes at `pos` out of the page cache; returns how many there were.  Neither
 * moves a file position nor charges. */
size_t fs_peek(const struct inode *inode, uint64_t pos, void *buf, size_t len);

/* Boot and end (host/boot). */
void fs_init(struct kernel *k);
void fs_exit(struct kernel *k);

#endif
