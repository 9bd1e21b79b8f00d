/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls that programs of the simulated machine make on sockets; with those on any
 * descriptor (file_syscalls.h).  (Processes and signals: task.h.)  Names, arguments and results are those of Linux 2.4; errors are returned as
 * negative errno.  A blocking call blocks the calling task in simulated time.
 */
#ifndef HOST_SYSCALLS_H
#define HOST_SYSCALLS_H

#include "host/file/file_syscalls.h"
#include "host/socket/socket.h"

int sys_socket(struct task *me, int family, int type, int protocol);
/* For tests, which bring a family that has pairs. */
int sys_socketpair(struct task *me, int family, int type, int protocol, int fds[2]);
int sys_bind(struct task *me, int fd, const struct sockaddr *addr, int len);
int sys_listen(struct task *me, int fd, int backlog);
int sys_accept(struct task *me, int fd, struct sockaddr *addr, int *len);
/* Of a later kernel (2.6.28): `flags` are SOCK_NONBLOCK and SOCK_CLOEXEC of the new descriptor; -EINVAL for
 * others. */
int sys_accept4(struct task *me, int fd, struct sockaddr *addr, int *len, int flags);
int sys_connect(struct task *me, int fd, const struct sockaddr *addr, int len);
int sys_getsockname(struct task *me, int fd, struct sockaddr *addr, int *len);
int sys_getpeername(struct task *me, int fd, struct sockaddr *addr, int *len);
ssize_t sys_send(struct task *me, int fd, const void *buf, size_t len, int flags);
ssize_t sys_sendto(struct task *me, int fd, const void *buf, size_t len, int flags,
                   const struct sockaddr *addr, int addr_len);
ssize_t sys_sendmsg(struct task *me, int fd, const struct msghdr *msg, int flags);
ssize_t sys_recv(struct task *me, int fd, void *buf, size_t len, int flags);
ssize_t sys_recvfrom(struct task *me, int fd, void *buf, size_t len, int flags,
                     struct sockaddr *addr, int *addr_len);
ssize_t sys_recvmsg(struct task *me, int fd, struct msghdr *msg, int flags);
int sys_shutdown(struct task *me, int fd, int how);
int sys_setsockopt(struct task *me, int fd, int level, int name, const void *val, int len);
int sys_getsockopt(struct task *me, int fd, int level, int name, void *val, int *len);

/* For tests: a sockaddr_in from an address in dotted quads and a port, as their programs write it. */
struct sockaddr_in inet_address(const char *dotted, uint16_t port);

#endif
