/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls on descriptors of any kind.  Names, arguments and results are those of Linux 2.4;
 * errors are returned as negative errno.  A blocking call blocks the calling task in simulated time.
 */
#ifndef HOST_FILE_SYSCALLS_H
#define HOST_FILE_SYSCALLS_H

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>

#include "host/file/file.h"

int sys_open(struct task *me, const char *path, int flags);
int sys_close(struct task *me, int fd);
int sys_stat(struct task *me, const char *path, struct stat *st); /* -ENOENT, -EFAULT */
int sys_fstat(struct task *me, int fd, struct stat *st);
off_t sys_lseek(struct task *me, int fd, off_t offset, int whence);
ssize_t sys_read(struct task *me, int fd, void *buf, size_t len);
ssize_t sys_write(struct task *me, int fd, const void *buf, size_t len);
ssize_t sys_readv(struct task *me, int fd, const struct iovec *iov, int n);
ssize_t sys_writev(struct task *me, int fd, const struct iovec *iov, int n);
ssize_t sys_sendfile(struct task *me, int out, int in, off_t *offset, size_t count);
int sys_dup(struct task *me, int fd);
int sys_dup2(struct task *me, int fd, int newfd);
int sys_fcntl(struct task *me, int fd, int cmd, long arg);
int sys_ioctl(struct task *me, int fd, unsigned long cmd, void *arg);
int sys_poll(struct task *me, struct pollfd *fds, unsigned n, int timeout_ms);
int sys_select(struct task *me, int n, fd_set *in, fd_set *out, fd_set *ex, struct timeval *tv);

/*
 * Of a later kernel (2.5.44).  A task that was not told otherwise by task_set_epoll() gets -ENOSYS, as for
 * any number that is not in the table.  Errors: -EINVAL (size or max below 1, an epoll's own descriptor,
 * not an epoll's), -EBADF, -EPERM (a file that cannot be polled), -EEXIST and -ENOENT of
 * epoll_ctl(), -EMFILE, -EINTR.
 */
#include <sys/epoll.h>
int sys_epoll_create(struct task *me, int size);
int sys_epoll_ctl(struct task *me, int epfd, int op, int fd, struct epoll_event *event);
int sys_epoll_wait(struct task *me, int epfd, struct epoll_event *events, int max, int timeout_ms);

#endif
