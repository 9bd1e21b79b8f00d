/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Descriptor tables as the system calls see them.
 *
 * References: a descriptor holds one reference on its file; a system call that uses the file holds
 * another from fd_hold() to file_put(), so that a close in a signal handler or in another process
 * cannot pull the file away from under a call that sleeps.
 */
#ifndef HOST_FD_H
#define HOST_FD_H

#include "host/file/file.h"

/* Tells the core how tasks get, copy and close their tables. */
void files_init(struct kernel *k);

/* The file behind `fd` with a reference taken (file_put() gives it back); NULL: bad descriptor. */
struct file *fd_hold(struct task *me, int fd);

/* The lowest free descriptor >= `from` for `file`, whose reference passes to the table.  -EMFILE at
 * kernel_conf.max_files; then the caller keeps the reference.  Kernel threads, which have no table,
 * get -EMFILE. */
int fd_install_from(struct task *me, unsigned from, struct file *file);

/* Puts `file` at `fd` exactly; what was there before (or NULL) is handed back in *old with its
 * reference.  -EBADF outside 0..max_files-1. */
int fd_install_at(struct task *me, int fd, struct file *file, struct file **old);

/* A file under way from process to process, as by SCM_RIGHTS: with a reference that counts as a descriptor's, so
 * that it outlives the process that sends it; and no more. */
void fd_send(struct file *file);
void fd_sent(struct file *file);

/* Takes `fd` out of the table; the reference passes to the caller.  NULL: bad descriptor. */
struct file *fd_remove(struct task *me, int fd);

/* Numbers may be given elsewhere: who opens a descriptor in this table (and in copies of it) asks `number`
 * for a free one >= `from`, or a negative errno. */
typedef int (*fd_numbering)(struct task *me, unsigned from);
void fd_number_by(struct task *me, fd_numbering number);

/* FD_CLOEXEC of an open descriptor. */
bool fd_cloexec(struct task *me, int fd);
void fd_set_cloexec(struct task *me, int fd, bool on);

/* Descriptors that the table has room for now: what is beyond cannot be open. */
unsigned fd_capacity(struct task *me);

#endif
