/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sockets as objects: families, creation, release, and what a socket's file can do.
 */
#include "host/socket/socket_inode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#define SOCK_MAX (SOCK_PACKET + 1) /* 2.4: one more than the largest type */

/* --- families ----------------------------------------------------------------------------- */

void socket_init(struct kernel *k) { memset(k->net_families, 0, sizeof k->net_families); }

void socket_exit(struct kernel *k) { memset(k->net_families, 0, sizeof k->net_families); }

int sock_register(struct kernel *k, const struct net_proto_family *family) {
	if (family->family < 0 || family->family >= NPROTO)
		return -ENOBUFS;
	if (k->net_families[family->family])
		return -EEXIST;
	k->net_families[family->family] = family;
	return 0;
}

int sock_unregister(struct kernel *k, int family) {
	if (family < 0 || family >= NPROTO)
		return -EINVAL;
	k->net_families[family] = NULL;
	return 0;
}

/* --- life --------------------------------------------------------------------------------- */

static struct socket *socket_new(struct kernel *k, int type, bool inner) {
	struct socket_inode *inode = g_slice_new0(struct socket_inode);
	struct socket *sock = &inode->socket;

	inode->inner = inner;
	inode->footprint.bytes = footprint_get(k, FOOTPRINT_SOCKET);
	sock->state = SS_UNCONNECTED;
	sock->type = type;
	sock->kernel = k;
	wait_queue_init(&sock->wait);
	return sock;
}

void socket_free(struct socket *sock) {
	footprint_end(sock->kernel, &socket_inode(sock)->footprint);
	g_slice_free(struct socket_inode, socket_inode(sock));
}

void socket_dispatch(struct socket *sock) {
	charge(sock->kernel, COST_DISPATCH, 0);
	footprint_charge(sock->kernel, &socket_inode(sock)->footprint);
}

struct socket *sock_alloc(struct kernel *k, int type) {
	charge(k, COST_SOCK_ALLOC, 0);
	return socket_new(k, type, false);
}

struct socket *sock_alloc_inner(struct kernel *k, int type) { return socket_new(k, type, true); }

/* Nobody may wait on the socket any more: those who wait on an outer one hold its file; a layer
 * that frees an inner one under its waiters must get them off its queue first. */
void sock_release(struct socket *sock) {
	if (sock->ops)
		sock->ops->release(sock);
	if (!socket_inode(sock)->inner)
		charge(sock->kernel, COST_SOCK_FREE, 0);
	socket_free(sock);
}

int sock_create(struct kernel *k, int family, int type, int protocol, struct socket **sock) {
	struct socket *new;
	int err;

	if (family < 0 || family >= NPROTO)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX)
		return -EINVAL;
	/* An obsolete way to ask for packet sockets that 2.4 still rewrites. */
	if (family == PF_INET && type == SOCK_PACKET)
		family = PF_PACKET;
	if (!k->net_families[family])
		return -EAFNOSUPPORT;
	new = sock_alloc(k, type);
	err = k->net_families[family]->create(k, new, protocol);
	if (err) {
		sock_release(new);
		return err;
	}
	*sock = new;
	return 0;
}

struct socket *sockfd_lookup(struct task *me, int fd, int *err) {
	struct file *file = fd_file(me, fd);

	*err = !file ? -EBADF : !file->socket ? -ENOTSOCK : 0;
	return *err ? NULL : file->socket;
}

/* --- what a socket's file does ------------------------------------------------------------ */

static int file_msg_flags(const struct file *file) {
	return file->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

static ssize_t socket_file_read(struct file *file, const struct iovec *iov, size_t n) {
	struct socket *sock = file->socket;
	struct msghdr msg = {
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = n,
		.msg_flags = file_msg_flags(file),
	};
	size_t len = iov_length(iov, n);

	if (len == 0) /* as System V */
		return 0;
	socket_dispatch(sock);
	return sock->ops->recvmsg(sock, &msg, len, msg.msg_flags);
}

static ssize_t socket_file_write(struct file *file, const struct iovec *iov, size_t n) {
	struct socket *sock = file->socket;
	struct msghdr msg = {
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = n,
		.msg_flags = file_msg_flags(file),
	};
	size_t len = iov_length(iov, n);

	if (len == 0)
		return 0;
	if (sock->type == SOCK_SEQPACKET)
		msg.msg_flags |= MSG_EOR;
	socket_dispatch(sock);
	return sock->ops->sendmsg(sock, &msg, len);
}

static unsigned socket_file_poll(struct file *file, struct poll_table *table) {
	return file->socket->ops->poll(file, file->socket, table);
}

static int set_owner(struct file *file, const int *pid) {
	const struct task *me = current_task(file->kernel);

	if (!pid)
		return -EFAULT;
	if (me && task_pid(me) != *pid && !capable(me))
		return -EPERM;
	file->owner = *pid;
	return 0;
}

static int get_owner(const struct file *file, int *pid) {
	if (!pid)
		return -EFAULT;
	*pid = file->owner;
	return 0;
}

static int socket_file_ioctl(struct file *file, unsigned long cmd, void *arg) {
	struct socket *sock = file->socket;

	socket_dispatch(sock);
	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
		return set_owner(file, arg);
	case FIOGETOWN:
	case SIOCGPGRP:
		return get_owner(file, arg);
	default:
		return sock->ops->ioctl(sock, cmd, arg);
	}
}

static ssize_t socket_file_sendpage(struct file *file, const void *data, size_t len, bool more) {
	struct socket *sock = file->socket;
	int flags = file_msg_flags(file) | (more ? MSG_MORE : 0);

	return sock->ops->sendpage(sock, data, len, flags);
}

static void socket_file_release(struct file *file) {
	struct socket *sock = file->socket;

	if (!sock)
		return;
	/* Off the list of who wants SIGIO before the protocol's farewell makes events. */
	file->owner = 0;
	file->flags &= ~O_ASYNC;
	sock_release(sock);
	file->socket = NULL;
}

static const struct file_operations socket_file_ops = {
	.read = socket_file_read,
	.write = socket_file_write,
	.poll = socket_file_poll,
	.ioctl = socket_file_ioctl,
	.release = socket_file_release,
	.sendpage = socket_file_sendpage,
};

int sock_map_fd(struct task *me, struct socket *sock) {
	struct file *file = file_new(sock->kernel, &socket_file_ops, O_RDWR);
	int fd;

	file->socket = sock;
	sock->file = file;
	fd = fd_install(me, file);
	if (fd < 0) {
		/* Only the file goes: whoever made the socket releases it. */
		file->socket = NULL;
		sock->file = NULL;
		file_put(file);
	}
	return fd;
}

/* --- operations that a family does not have ----------------------------------------------- */

int sock_no_socketpair(struct socket *a, struct socket *b) {
	(void)a;
	(void)b;
	return -EOPNOTSUPP;
}

int sock_no_accept(struct socket *sock, struct socket *newsock, int flags) {
	(void)sock;
	(void)newsock;
	(void)flags;
	return -EOPNOTSUPP;
}

int sock_no_listen(struct socket *sock, int backlog) {
	(void)sock;
	(void)backlog;
	return -EOPNOTSUPP;
}

int sock_no_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	(void)sock;
	(void)cmd;
	(void)arg;
	return -EOPNOTSUPP;
}

int sock_no_shutdown(struct socket *sock, int how) {
	(void)sock;
	(void)how;
	return -EOPNOTSUPP;
}

int sock_no_setsockopt(struct socket *sock, int level, int name, const void *val, int len) {
	(void)sock;
	(void)level;
	(void)name;
	(void)val;
	(void)len;
	return -EOPNOTSUPP;
}

int sock_no_getsockopt(struct socket *sock, int level, int name, void *val, int *len) {
	return sock_no_setsockopt(sock, level, name, val, *len);
}

int sock_no_mmap(struct file *file, struct socket *sock) {
	(void)file;
	(void)sock;
	return -ENODEV;
}

ssize_t sock_no_sendpage(struct socket *sock, const void *page, size_t size, int flags) {
	struct iovec iov = {.iov_base = (void *)page, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_flags = flags};

	return sock->ops->sendmsg(sock, &msg, size);
}
