/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket system calls, in the shape of Linux 2.4.22's net/socket.c: arguments are brought into
 * the kernel, the descriptor is turned into a socket, and its family's operation does the work.
 */
#include "host/socket/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "host/file/fd.h"
#include "host/socket/socket_inode.h"

#define ADDR_LIMIT ((int)sizeof(struct sockaddr_storage)) /* MAX_SOCK_ADDR: 128 */
#define BACKLOG_LIMIT 128U                                /* SOMAXCONN of 2.4 */

/* An address in the kernel; its name for proto_ops. */
struct kernel_addr {
	struct sockaddr_storage bytes;
	int len;
};

static struct sockaddr *addr_name(struct kernel_addr *addr) {
	return (struct sockaddr *)&addr->bytes;
}

/* --- the frame of a call ------------------------------------------------------------------ */

/* Enters the kernel and finds the socket, whose file it holds; NULL and *err. */
static struct socket *sock_begin_as(struct task *me, const char *name, int fd, int *err) {
	struct socket *sock;

	syscall_enter_as(me, name);
	sock = sockfd_lookup(me, fd, err);
	if (sock) {
		socket_dispatch(sock);
		file_get(sock->file);
	}
	return sock;
}
#define sock_begin(me, fd, err) sock_begin_as((me), __func__, (fd), (err))

/* Gives the file back and returns to the program when all that the call caused has happened. */
static long sock_end(struct task *me, struct socket *sock, long ret) {
	if (sock)
		file_put(sock->file);
	cpu_settle(task_kernel(me));
	syscall_exit(me);
	return ret;
}

static int move_addr_to_kernel(const struct sockaddr *from, int len, struct kernel_addr *to) {
	if (len < 0 || len > ADDR_LIMIT)
		return -EINVAL;
	if (len > 0 && !from)
		return -EFAULT;
	if (len > 0)
		memcpy(&to->bytes, from, (size_t)len);
	to->len = len;
	return 0;
}

/* Copies what fits and tells the real length. */
static int move_addr_to_user(const struct kernel_addr *from, struct sockaddr *to, int *len) {
	int part;

	if (!len)
		return -EFAULT;
	part = MIN(*len, from->len);
	if (part < 0)
		return -EINVAL;
	if (part > 0 && !to)
		return -EFAULT;
	if (part > 0)
		memcpy(to, &from->bytes, (size_t)part);
	*len = from->len;
	return 0;
}

static int nonblock_flag(const struct socket *sock) {
	return sock->file->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

/* --- making sockets ----------------------------------------------------------------------- */

int sys_socket(struct task *me, int family, int type, int protocol) {
	struct socket *sock;
	int ret;

	syscall_enter(me);
	ret = sock_create(task_kernel(me), family, type, protocol, &sock);
	if (ret == 0) {
		ret = sock_map_fd(me, sock);
		if (ret < 0)
			sock_release(sock);
	}
	return (int)sock_end(me, NULL, ret);
}

/* Descriptors for both ends, or none and both released. */
static int map_pair(struct task *me, struct socket *a, struct socket *b, int fds[2]) {
	int first = sock_map_fd(me, a), second;

	if (first < 0) {
		sock_release(a);
		sock_release(b);
		return first;
	}
	second = sock_map_fd(me, b);
	if (second < 0) {
		file_put(fd_remove(me, first));
		sock_release(b);
		return second;
	}
	fds[0] = first;
	fds[1] = second;
	return 0;
}

static int make_pair(struct task *me, int family, int type, int protocol, int fds[2]) {
	struct kernel *k = task_kernel(me);
	struct socket *a, *b;
	int err = sock_create(k, family, type, protocol, &a);

	if (err)
		return err;
	err = sock_create(k, family, type, protocol, &b);
	if (err)
		goto release_a;
	err = a->ops->socketpair(a, b);
	if (err)
		goto release_b;
	return map_pair(me, a, b, fds);
release_b:
	sock_release(b);
release_a:
	sock_release(a);
	return err;
}

int sys_socketpair(struct task *me, int family, int type, int protocol, int fds[2]) {
	int ret;

	syscall_enter(me);
	ret = fds ? make_pair(me, family, type, protocol, fds) : -EFAULT;
	return (int)sock_end(me, NULL, ret);
}

/* --- addresses and connections ------------------------------------------------------------ */

int sys_bind(struct task *me, int fd, const struct sockaddr *addr, int len) {
	struct kernel_addr name = {0};
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (sock)
		ret = move_addr_to_kernel(addr, len, &name);
	if (ret == 0)
		ret = sock->ops->bind(sock, addr_name(&name), name.len);
	return (int)sock_end(me, sock, ret);
}

int sys_listen(struct task *me, int fd, int backlog) {
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	/* As unsigned, so that a negative backlog is the largest. */
	if (sock)
		ret = sock->ops->listen(sock, (int)MIN((unsigned)backlog, BACKLOG_LIMIT));
	return (int)sock_end(me, sock, ret);
}

static int copy_peer(struct socket *newsock, struct sockaddr *addr, int *len) {
	struct kernel_addr name = {.len = ADDR_LIMIT};

	/* 2: also of a connection that its peer has closed already. */
	if (newsock->ops->getname(newsock, addr_name(&name), &name.len, 2))
		return -ECONNABORTED;
	return move_addr_to_user(&name, addr, len);
}

/* A task that sleeps in accept when the run ends is unwound: what it held has no other owner. */
static void accept_unwound(struct socket **newsock) {
	if (*newsock)
		socket_free(*newsock);
}

/*
 * In 2.4's order: the new socket is made before anybody waits and released on failure, when its sk
 * is still NULL if the family's accept failed; the descriptor comes last, so that a process out of
 * descriptors loses the connection; O_NONBLOCK is not inherited.
 */
static int accept_on(struct task *me, struct socket *sock, struct sockaddr *addr, int *len,
                     int flags) {
	struct socket *newsock __attribute__((cleanup(accept_unwound))) = NULL;
	int ret;

	newsock = sock_alloc(sock->kernel, sock->type);
	newsock->ops = sock->ops;
	ret = sock->ops->accept(sock, newsock, sock->file->flags);
	if (ret >= 0 && addr)
		ret = copy_peer(newsock, addr, len);
	if (ret >= 0)
		ret = sock_map_fd(me, newsock);
	if (ret < 0) {
		sock_release(newsock);
	} else {
		newsock->file->flags |= flags & SOCK_NONBLOCK ? O_NONBLOCK : 0;
		fd_set_cloexec(me, ret, flags & SOCK_CLOEXEC);
	}
	newsock = NULL;
	return ret;
}

int sys_accept4(struct task *me, int fd, struct sockaddr *addr, int *len, int flags) {
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		ret = -EINVAL;
	else if (sock)
		ret = accept_on(me, sock, addr, len, flags);
	return (int)sock_end(me, sock, ret);
}

int sys_accept(struct task *me, int fd, struct sockaddr *addr, int *len) {
	return sys_accept4(me, fd, addr, len, 0);
}

int sys_connect(struct task *me, int fd, const struct sockaddr *addr, int len) {
	struct kernel_addr name = {0};
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (sock)
		ret = move_addr_to_kernel(addr, len, &name);
	if (ret == 0)
		ret = sock->ops->connect(sock, addr_name(&name), name.len, sock->file->flags);
	return (int)sock_end(me, sock, ret);
}

static int get_name(struct task *me, int fd, struct sockaddr *addr, int *len, int peer) {
	struct kernel_addr name = {.len = ADDR_LIMIT};
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (sock)
		ret = sock->ops->getname(sock, addr_name(&name), &name.len, peer);
	if (ret == 0)
		ret = move_addr_to_user(&name, addr, len);
	return (int)sock_end(me, sock, ret);
}

int sys_getsockname(struct task *me, int fd, struct sockaddr *addr, int *len) {
	return get_name(me, fd, addr, len, 0);
}

int sys_getpeername(struct task *me, int fd, struct sockaddr *addr, int *len) {
	return get_name(me, fd, addr, len, 1);
}

int sys_shutdown(struct task *me, int fd, int how) {
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (sock)
		ret = sock->ops->shutdown(sock, how);
	return (int)sock_end(me, sock, ret);
}

/* --- sending ------------------------------------------------------------------------------ */

/* `msg` is the kernel's copy; its name still points to the program's address. */
static ssize_t send_message(struct socket *sock, struct msghdr *msg, int flags) {
	struct kernel_addr name;
	int err = iov_verify(msg->msg_iov, msg->msg_iovlen);

	if (err)
		return err;
	if (msg->msg_name) {
		err = move_addr_to_kernel(msg->msg_name, (int)msg->msg_namelen, &name);
		if (err)
			return err;
		msg->msg_name = addr_name(&name);
	}
	msg->msg_flags = flags | nonblock_flag(sock);
	return sock->ops->sendmsg(sock, msg, iov_length(msg->msg_iov, msg->msg_iovlen));
}

ssize_t sys_sendto(struct task *me, int fd, const void *buf, size_t len, int flags,
                   const struct sockaddr *addr, int addr_len) {
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};
	struct msghdr msg = {
		.msg_name = (void *)addr,
		.msg_namelen = addr ? (socklen_t)addr_len : 0,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	int err;
	struct socket *sock = sock_begin(me, fd, &err);

	return sock_end(me, sock, sock ? send_message(sock, &msg, flags) : err);
}

ssize_t sys_send(struct task *me, int fd, const void *buf, size_t len, int flags) {
	return sys_sendto(me, fd, buf, len, flags, NULL, 0);
}

static ssize_t copy_and_send(struct socket *sock, const struct msghdr *from, int flags) {
	struct msghdr msg;

	if (!from)
		return -EFAULT;
	msg = *from;
	if (msg.msg_namelen == 0)
		msg.msg_name = NULL;
	else if (!msg.msg_name)
		return -EFAULT;
	if (msg.msg_controllen > INT_MAX)
		return -ENOBUFS;
	return send_message(sock, &msg, flags);
}

ssize_t sys_sendmsg(struct task *me, int fd, const struct msghdr *msg, int flags) {
	int err;
	struct socket *sock = sock_begin(me, fd, &err);

	return sock_end(me, sock, sock ? copy_and_send(sock, msg, flags) : err);
}

/* --- receiving ---------------------------------------------------------------------------- */

/* `msg` is the kernel's copy; the address goes into *name, whose length is 0 if there is none. */
static ssize_t receive_message(struct socket *sock, struct msghdr *msg, int flags,
                               struct kernel_addr *name) {
	int err = iov_verify(msg->msg_iov, msg->msg_iovlen);
	ssize_t ret;

	name->len = 0;
	if (err)
		return err;
	msg->msg_name = addr_name(name);
	msg->msg_namelen = sizeof name->bytes;
	flags |= nonblock_flag(sock);
	msg->msg_flags = flags & MSG_DONTWAIT;
	ret = sock->ops->recvmsg(sock, msg, iov_length(msg->msg_iov, msg->msg_iovlen), flags);
	msg->msg_flags &= ~MSG_DONTWAIT;
	name->len = (int)msg->msg_namelen;
	return ret;
}

ssize_t sys_recvfrom(struct task *me, int fd, void *buf, size_t len, int flags,
                     struct sockaddr *addr, int *addr_len) {
	struct iovec iov = {.iov_base = buf, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct kernel_addr name;
	int err;
	struct socket *sock = sock_begin(me, fd, &err);
	ssize_t ret = sock ? receive_message(sock, &msg, flags, &name) : err;

	if (ret >= 0 && addr) {
		err = move_addr_to_user(&name, addr, addr_len);
		if (err)
			ret = err;
	}
	return sock_end(me, sock, ret);
}

ssize_t sys_recv(struct task *me, int fd, void *buf, size_t len, int flags) {
	return sys_recvfrom(me, fd, buf, len, flags, NULL, NULL);
}

static ssize_t receive_and_copy(struct socket *sock, struct msghdr *to, int flags) {
	struct kernel_addr name;
	struct msghdr msg;
	ssize_t ret;
	int len;

	if (!to)
		return -EFAULT;
	msg = *to;
	if (sock->type == SOCK_STREAM)
		msg.msg_controllen = 0; /* nothing goes with a stream's bytes */
	ret = receive_message(sock, &msg, flags, &name);
	if (ret < 0)
		return ret;
	if (to->msg_name) {
		len = (int)to->msg_namelen;
		int err = move_addr_to_user(&name, to->msg_name, &len);
		if (err)
			return err;
		to->msg_namelen = (socklen_t)len;
	}
	to->msg_flags = msg.msg_flags;
	to->msg_controllen = msg.msg_controllen;
	return ret;
}

ssize_t sys_recvmsg(struct task *me, int fd, struct msghdr *msg, int flags) {
	int err;
	struct socket *sock = sock_begin(me, fd, &err);

	return sock_end(me, sock, sock ? receive_and_copy(sock, msg, flags) : err);
}

/* --- options ------------------------------------------------------------------------------ */

int sys_setsockopt(struct task *me, int fd, int level, int name, const void *val, int len) {
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (len < 0)
		ret = -EINVAL; /* before a bad descriptor, as in 2.4 */
	else if (sock && level == SOL_SOCKET)
		ret = sock_setsockopt(sock, name, val, len);
	else if (sock)
		ret = sock->ops->setsockopt(sock, level, name, val, len);
	return (int)sock_end(me, sock, ret);
}

int sys_getsockopt(struct task *me, int fd, int level, int name, void *val, int *len) {
	int ret;
	struct socket *sock = sock_begin(me, fd, &ret);

	if (sock && level == SOL_SOCKET)
		ret = sock_getsockopt(sock, name, val, len);
	else if (sock)
		ret = sock->ops->getsockopt(sock, level, name, val, len);
	return (int)sock_end(me, sock, ret);
}

/* --- programs ----------------------------------------------------------------------------- */

struct sockaddr_in inet_address(const char *dotted, uint16_t port) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET, dotted, &in.sin_addr) != 1)
		g_error("%s is not an IPv4 address", dotted);
	return in;
}
