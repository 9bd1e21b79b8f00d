/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files, descriptors, and polling.
 */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include <glib.h>
#include <poll.h>

#include "host/core/kernel.h"
#include "host/file/iov.h"

struct file;
struct epoll_item;
struct poll_table;
struct socket;
struct inode;

struct file_operations {
	ssize_t (*read)(struct file *file, const struct iovec *iov, size_t n);
	ssize_t (*write)(struct file *file, const struct iovec *iov, size_t n);
	unsigned (*poll)(struct file *file, struct poll_table *table);
	int (*ioctl)(struct file *file, unsigned long cmd, void *arg);
	void (*release)(struct file *file);
	/* One chunk of sendfile() into this file: `len` bytes at `data`. */
	ssize_t (*sendpage)(struct file *file, const void *data, size_t len, bool more);
};

struct file {
	const struct file_operations *ops;
	struct kernel *kernel;
	int count; /* descriptors and calls in progress that hold it */
	int flags; /* O_NONBLOCK, O_ASYNC, O_APPEND, access mode */
	uint64_t pos;
	pid_t owner;                       /* F_SETOWN: who gets SIGIO and SIGURG */
	int sig;                           /* F_SETSIG: sent instead of SIGIO; 0: SIGIO */
	struct socket *socket;             /* of a socket's file, else NULL */
	struct inode *inode;               /* of a file system's file, else NULL */
	void *private;                     /* of a kind that has neither */
	struct epoll_item *watchers;       /* interest lists that it is in (epoll.c) ... */
	void (*forget)(struct file *file); /* ... and how it leaves them when it ends */
};

struct file *file_new(struct kernel *k, const struct file_operations *ops, int flags);
void file_get(struct file *file);
void file_put(struct file *file); /* the last one releases */

/* Descriptors. */
int fd_install(struct task *me, struct file *file); /* lowest free descriptor, -EMFILE */
struct file *fd_file(struct task *me, int fd);      /* no reference taken; NULL */

/* --- polling ------------------------------------------------------------------------------ */

/* What to do with a wait queue that a poll operation names: select() and poll() join it until they
 * return, epoll for as long as the file is in its list. */
struct poll_table {
	void (*join)(struct poll_table *table, struct file *file, struct wait_queue *wq);
};

/* Puts the poller on a wait queue.  `table` NULL: only the state is asked for.  `file` may be NULL
 * for inner sockets. */
void poll_wait(struct file *file, struct wait_queue *wq, struct poll_table *table);

/* --- the file system: everything is in the page cache ----------------------------------------- */

/* Creates a file with bytes of its own (copied); replaces an older one. */
int fs_create(struct kernel *k, const char *path, const void *bytes, size_t size);
/* Creates a file whose bytes are pattern_fill(key, offset ...): any size, no memory per byte. */
int fs_create_pattern(struct kernel *k, const char *path, uint64_t size, uint64_t key);
/* For tests: the content of a file; NULL if there is none. */
GBytes *fs_content(struct kernel *k, const char *path);

/* The bytes of pattern files: a pure function of key and offset, so that who receives them can
 * check them without having the file. */
void pattern_fill(uint64_t key, uint64_t offset, void *buf, size_t len);
bool pattern_check(uint64_t key, uint64_t offset, const void *buf, size_t len);

#endif
