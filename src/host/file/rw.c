/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls on descriptors of any kind.
 *
 * Calls on files of the page cache only charge; the caller's time moves when it next waits.  Calls
 * that reach a socket or a pipe settle before they return, so that the program goes on when their effects
 * have happened.
 */
#include "host/file/file_syscalls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "host/core/copy.h"
#include "host/file/fd.h"
#include "host/file/fs.h"
#include "host/file/pipe.h"

#define PAGE_BYTES 4096U

/* --- the frame of a call ------------------------------------------------------------------ */

/* Enters the kernel and holds the descriptor's file; NULL: bad descriptor. */
static struct file *call_begin_as(struct task *me, const char *name, int fd) {
	syscall_enter_as(me, name);
	return fd_hold(me, fd);
}
#define call_begin(me, fd) call_begin_as((me), __func__, (fd))

/* Whether others may see what is done with it. */
static bool is_shared(const struct file *file) { return file->socket || file_is_pipe(file); }

static long call_end(struct task *me, struct file *file, long ret) {
	if (file) {
		bool settle = is_shared(file);
		file_put(file);
		if (settle)
			cpu_settle(task_kernel(me));
	}
	syscall_exit(me);
	return ret;
}

/* Gives back the reference of a descriptor that is closed. */
static void file_close(struct task *me, struct file *file) {
	bool settle = is_shared(file);

	file_put(file);
	if (settle)
		cpu_settle(task_kernel(me));
}

/* --- open, close, status ------------------------------------------------------------------ */

int sys_open(struct task *me, const char *path, int flags) {
	struct kernel *k = task_kernel(me);
	struct file *file;
	int ret;

	syscall_enter(me);
	charge(k, COST_FILE_OPEN, 0);
	ret = path ? fs_open(k, path, flags, &file) : -EFAULT;
	if (ret == 0) {
		ret = fd_install(me, file);
		if (ret < 0)
			file_put(file);
	}
	syscall_exit(me);
	return ret;
}

int sys_close(struct task *me, int fd) {
	struct file *file;

	syscall_enter(me);
	file = fd_remove(me, fd);
	if (file)
		file_close(me, file);
	syscall_exit(me);
	return file ? 0 : -EBADF;
}

static int file_stat(const struct file *file, struct stat *st) {
	if (!st)
		return -EFAULT;
	if (file->inode)
		fs_stat(file->inode, st);
	else
		*st = (struct stat){
			.st_mode = file_is_pipe(file) ? S_IFIFO | 0600 : S_IFSOCK | 0777,
			.st_nlink = 1,
			.st_blksize = PAGE_BYTES,
		};
	return 0;
}

int sys_stat(struct task *me, const char *path, struct stat *st) {
	struct kernel *k = task_kernel(me);
	const struct inode *inode;
	int err = 0;

	syscall_enter(me);
	charge(k, COST_FILE_STAT, 0);
	inode = path ? fs_find(k, path) : NULL;
	if (!path || !st)
		err = -EFAULT;
	else if (!inode)
		err = -ENOENT;
	else
		fs_stat(inode, st);
	syscall_exit(me);
	return err;
}

int sys_fstat(struct task *me, int fd, struct stat *st) {
	int ret;
	const struct file *file;

	/* Not a way into a socket's protocol: nothing to settle. */
	syscall_enter(me);
	file = fd_file(me, fd);
	ret = file ? file_stat(file, st) : -EBADF;
	syscall_exit(me);
	return ret;
}

static off_t file_seek(struct file *file, off_t offset, int whence) {
	off_t base;

	if (!file->inode)
		return -ESPIPE;
	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = (off_t)file->pos;
		break;
	case SEEK_END:
		base = (off_t)fs_size(file->inode);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &base) || base < 0)
		return -EINVAL;
	file->pos = (uint64_t)base;
	return base;
}

off_t sys_lseek(struct task *me, int fd, off_t offset, int whence) {
	struct file *file;
	off_t ret;

	syscall_enter(me);
	file = fd_file(me, fd);
	ret = file ? file_seek(file, offset, whence) : -EBADF;
	syscall_exit(me);
	return ret;
}

/* --- read and write ----------------------------------------------------------------------- */

static ssize_t file_read(struct file *file, const struct iovec *iov, size_t n) {
	int err;

	if ((file->flags & O_ACCMODE) == O_WRONLY)
		return -EBADF;
	if (!file->ops->read)
		return -EINVAL;
	err = iov_verify(iov, n);
	return err ? err : file->ops->read(file, iov, n);
}

static ssize_t file_write(struct file *file, const struct iovec *iov, size_t n) {
	int err;

	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!file->ops->write)
		return -EINVAL;
	err = iov_verify(iov, n);
	return err ? err : file->ops->write(file, iov, n);
}

ssize_t sys_readv(struct task *me, int fd, const struct iovec *iov, int n) {
	struct file *file = call_begin(me, fd);

	return call_end(me, file, file ? file_read(file, iov, (size_t)n) : -EBADF);
}

ssize_t sys_writev(struct task *me, int fd, const struct iovec *iov, int n) {
	struct file *file = call_begin(me, fd);

	return call_end(me, file, file ? file_write(file, iov, (size_t)n) : -EBADF);
}

ssize_t sys_read(struct task *me, int fd, void *buf, size_t len) {
	struct iovec iov = {.iov_base = buf, .iov_len = len};

	return sys_readv(me, fd, &iov, 1);
}

ssize_t sys_write(struct task *me, int fd, const void *buf, size_t len) {
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};

	return sys_writev(me, fd, &iov, 1);
}

/* --- sendfile ----------------------------------------------------------------------------- */

static ssize_t send_page(struct file *out, const void *page, size_t len, bool more) {
	struct iovec iov = {.iov_base = (void *)page, .iov_len = len};

	if (out->ops->sendpage)
		return out->ops->sendpage(out, page, len, more);
	return out->ops->write(out, &iov, 1);
}

/*
 * Hands the page cache's pages to `out` one by one, each up to its boundary, until `count` bytes
 * went, the file ended, or `out` took less than it was given.  COST_FILE_READ is charged once and
 * for no bytes: finding the pages costs, but nothing is copied here; whether `out` copies is its
 * own affair (sock_no_sendpage() does).
 */
static ssize_t send_pages(struct file *out, const struct inode *in, uint64_t *pos, size_t count) {
	char page[PAGE_BYTES];
	size_t sent = 0;

	charge(out->kernel, COST_FILE_READ, 0);
	while (sent < count) {
		size_t want = MIN(count - sent, PAGE_BYTES - *pos % PAGE_BYTES);
		size_t have = fs_peek(in, *pos, page, want);
		ssize_t put;
		if (have == 0)
			break;
		put = send_page(out, page, have, have < count - sent);
		if (put < 0)
			return sent ? (ssize_t)sent : put;
		*pos += (uint64_t)put;
		sent += (size_t)put;
		if ((size_t)put < have)
			break;
	}
	return (ssize_t)sent;
}

static ssize_t file_sendfile(struct file *out, struct file *in, off_t *offset, size_t count) {
	uint64_t pos;
	ssize_t ret;

	if ((in->flags & O_ACCMODE) == O_WRONLY || (out->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (!in->inode || !fs_is_regular(in->inode) || !out->ops->write)
		return -EINVAL;
	if (count > SSIZE_MAX || (offset && *offset < 0))
		return -EINVAL;
	pos = offset ? (uint64_t)*offset : in->pos;
	if (out->socket)
		charge(out->kernel, COST_DISPATCH, 0);
	copy_from_file(out->kernel, true);
	ret = send_pages(out, in->inode, &pos, count);
	copy_from_file(out->kernel, false);
	if (offset)
		*offset = (off_t)pos;
	else
		in->pos = pos;
	return ret;
}

ssize_t sys_sendfile(struct task *me, int out, int in, off_t *offset, size_t count) {
	struct file *out_file = call_begin(me, out), *in_file = fd_hold(me, in);
	ssize_t ret = -EBADF;

	if (out_file && in_file)
		ret = file_sendfile(out_file, in_file, offset, count);
	if (in_file)
		file_put(in_file);
	return call_end(me, out_file, ret);
}

/* --- descriptors -------------------------------------------------------------------------- */

/* The lowest descriptor >= `from` for the same file. */
static int file_dup(struct task *me, int fd, unsigned from) {
	struct file *file = fd_hold(me, fd);
	int ret;

	if (!file)
		return -EBADF;
	ret = fd_install_from(me, from, file);
	if (ret < 0)
		file_put(file);
	return ret;
}

int sys_dup(struct task *me, int fd) {
	int ret;

	syscall_enter(me);
	ret = file_dup(me, fd, 0);
	syscall_exit(me);
	return ret;
}

int sys_dup2(struct task *me, int fd, int newfd) {
	struct file *file, *old = NULL;
	int ret = -EBADF;

	syscall_enter(me);
	file = fd_hold(me, fd);
	if (file && fd != newfd)
		ret = fd_install_at(me, newfd, file, &old);
	if (file && fd == newfd)
		ret = newfd;
	/* Only the table keeps the reference, and only if it is in there. */
	if (file && (ret < 0 || fd == newfd))
		file_put(file);
	if (old)
		file_close(me, old);
	syscall_exit(me);
	return ret;
}

/* What F_SETFL may change. */
#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_ASYNC)

static int fcntl_set_owner(struct task *me, struct file *file, long arg) {
	if (arg < INT_MIN || arg > INT_MAX)
		return -EINVAL;
	/* Processes other than oneself only for who may signal them (sock_fcntl()). */
	if (file->socket && arg != task_pid(me) && !capable(me))
		return -EPERM;
	file->owner = (pid_t)arg;
	return 0;
}

/* A protocol hears of O_ASYNC by being asked for its state (sock_fasync() of 2.4 needs no more than
 * the list): a card's driver is told of changes only if somebody wants to know. */
static void file_set_flags(struct file *file, int flags) {
	bool async = flags & ~file->flags & O_ASYNC;

	file->flags = flags;
	if (async && file->socket)
		file->ops->poll(file, NULL);
}

static int file_fcntl(struct task *me, int fd, struct file *file, int cmd, long arg) {
	switch (cmd) {
	case F_DUPFD:
		if (arg < 0 || arg >= (long)task_kernel(me)->conf.max_files)
			return -EINVAL;
		return file_dup(me, fd, (unsigned)arg);
	case F_GETFD:
		return fd_cloexec(me, fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		fd_set_cloexec(me, fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		file_set_flags(file, (file->flags & ~SETFL_MASK) | ((int)arg & SETFL_MASK));
		return 0;
	case F_GETOWN:
		return file->owner;
	case F_SETOWN:
		return fcntl_set_owner(me, file, arg);
	case F_GETSIG:
		return file->sig;
	case F_SETSIG:
		/* 2.4 has 64; those above 31, which queue, are not modelled. */
		if (arg < 0 || arg > SIGNAL_MOST)
			return -EINVAL;
		file->sig = (int)arg;
		return 0;
	default:
		return -EINVAL;
	}
}

int sys_fcntl(struct task *me, int fd, int cmd, long arg) {
	struct file *file;
	int ret;

	syscall_enter(me);
	file = fd_file(me, fd);
	ret = file ? file_fcntl(me, fd, file, cmd, arg) : -EBADF;
	syscall_exit(me);
	return ret;
}

/* --- ioctl -------------------------------------------------------------------------------- */

static int set_file_flag(struct file *file, int flag, const int *on) {
	if (!on)
		return -EFAULT;
	file_set_flags(file, *on ? file->flags | flag : file->flags & ~flag);
	return 0;
}

static int inode_ioctl(const struct file *file, unsigned long cmd, int *arg) {
	if (cmd != FIONREAD || !fs_is_regular(file->inode))
		return -ENOTTY;
	if (!arg)
		return -EFAULT;
	*arg = (int)((int64_t)fs_size(file->inode) - (int64_t)file->pos);
	return 0;
}

static int file_ioctl(struct task *me, int fd, struct file *file, unsigned long cmd, void *arg) {
	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		fd_set_cloexec(me, fd, cmd == FIOCLEX);
		return 0;
	case FIONBIO:
		return set_file_flag(file, O_NONBLOCK, arg);
	case FIOASYNC:
		return file->socket ? set_file_flag(file, O_ASYNC, arg) : -ENOTTY;
	default:
		break;
	}
	if (file->inode)
		return inode_ioctl(file, cmd, arg);
	return file->ops->ioctl ? file->ops->ioctl(file, cmd, arg) : -ENOTTY;
}

int sys_ioctl(struct task *me, int fd, unsigned long cmd, void *arg) {
	struct file *file = call_begin(me, fd);

	return (int)call_end(me, file, file ? file_ioctl(me, fd, file, cmd, arg) : -EBADF);
}
