/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls on sockets.  Those of AF_INET and AF_NETLINK are the simulated kernel's; those of AF_UNIX are
 * real, inside the machine's namespaces; others do not exist, as in a kernel without their modules.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>

#include "exec/calls.h"
#include "exec/log.h"
#include "exec/memory.h"
#include "exec/realfd.h"
#include "host/socket/socket_inode.h"

#define OPTION_MOST 1024U
#define TYPE_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

struct file *socket_at(struct thread *t, uint64_t fd, int64_t *ret) {
	struct file *file = file_at(t, (int)fd);

	*ret = !file ? -EBADF : file_is_real(file) ? PASS : file->socket ? 0 : -ENOTSOCK;
	return *ret ? NULL : file;
}

/* --- addresses -------------------------------------------------------------------------------- */

int addr_in(const struct thread *t, uint64_t addr, uint64_t len, struct addr *a) {
	a->len = (int)len;
	if (a->len < 0 || a->len > (int)ADDR_MOST)
		return -EINVAL;
	return addr ? mem_read(t, addr, &a->bytes, (size_t)a->len) : 0;
}

int addr_pieces(const struct thread *t, const struct addr *a, uint64_t addr, uint64_t len_at,
                struct mem_piece pieces[2]) {
	int room;

	pieces[0] = pieces[1] = (struct mem_piece){0};
	if (!addr)
		return 0;
	if (mem_read(t, len_at, &room, sizeof room))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	pieces[0] = (struct mem_piece){addr, &a->bytes, (size_t)MIN(room, a->len)};
	pieces[1] = (struct mem_piece){len_at, &a->len, sizeof a->len};
	return 0;
}

static int addr_out(const struct thread *t, const struct addr *a, uint64_t addr, uint64_t len_at) {
	struct mem_piece pieces[2];
	int err = addr_pieces(t, a, addr, len_at, pieces);

	return err ? err : mem_write_pieces(t, pieces, G_N_ELEMENTS(pieces));
}

/* --- making and connecting ---------------------------------------------------------------------- */

int64_t exec_socket(struct thread *t, const uint64_t *arg) {
	int family = (int)arg[0], type = (int)arg[1], fd;

	if (family == AF_UNIX)
		return PASS;
	if (family != AF_INET && family != AF_NETLINK)
		return -EAFNOSUPPORT;
	t->cloexec = type & SOCK_CLOEXEC;
	fd = sys_socket(t->task, family, type & ~TYPE_FLAGS, (int)arg[2]);
	if (fd < 0)
		return fd;
	fd_set_cloexec(t->task, fd, t->cloexec);
	if (type & SOCK_NONBLOCK)
		fd_file(t->task, fd)->flags |= O_NONBLOCK;
	return fd;
}

int64_t exec_bind(struct thread *t, const uint64_t *arg) {
	struct file *file;
	struct addr a;
	int64_t ret;

	file = socket_at(t, arg[0], &ret);
	if (!file)
		return ret == PASS ? name_bound(t, arg[1], arg[2]) : ret;
	ret = addr_in(t, arg[1], arg[2], &a);
	if (ret == 0)
		ret = sys_bind(t->task, (int)arg[0], NAME(a), a.len);
	if (ret == -EADDRINUSE && socket_inode(file->socket)->flags & SOCKET_REUSE_PORT)
		log_refused(t, "a port's second socket, by SO_REUSEPORT");
	return ret;
}

int64_t exec_listen(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	return socket_at(t, arg[0], &ret) ? sys_listen(t->task, (int)arg[0], (int)arg[1]) : ret;
}

int64_t exec_connect(struct thread *t, const uint64_t *arg) {
	struct addr a;
	int64_t ret;

	if (!socket_at(t, arg[0], &ret))
		return ret;
	ret = addr_in(t, arg[1], arg[2], &a);
	return ret < 0 ? ret : restartable(sys_connect(t->task, (int)arg[0], NAME(a), a.len));
}

static int64_t accept_with(struct thread *t, const uint64_t *arg, int flags) {
	struct addr a = addr_room();
	int64_t ret;
	int err;

	if (!socket_at(t, arg[0], &ret)) {
		if (ret == PASS && !real_never_blocks(file_at(t, (int)arg[0]), O_RDONLY))
			ret = real_wait(t, file_at(t, (int)arg[0]), POLLIN) ? RESTART : PASS;
		return ret;
	}
	t->cloexec = flags & SOCK_CLOEXEC;
	ret = sys_accept4(t->task, (int)arg[0], NAME(a), &a.len, flags);
	if (ret < 0)
		return restartable(ret);
	err = addr_out(t, &a, arg[1], arg[2]);
	return err < 0 ? err : ret;
}

int64_t exec_accept(struct thread *t, const uint64_t *arg) { return accept_with(t, arg, 0); }

int64_t exec_accept4(struct thread *t, const uint64_t *arg) {
	return accept_with(t, arg, (int)arg[3]);
}

static int64_t name_of(struct thread *t, const uint64_t *arg,
                       int (*call)(struct task *, int, struct sockaddr *, int *)) {
	struct addr a = addr_room();
	int64_t ret;

	if (!socket_at(t, arg[0], &ret))
		return ret;
	ret = call(t->task, (int)arg[0], NAME(a), &a.len);
	return ret < 0 ? ret : addr_out(t, &a, arg[1], arg[2]);
}

int64_t exec_getsockname(struct thread *t, const uint64_t *arg) {
	return name_of(t, arg, sys_getsockname);
}

int64_t exec_getpeername(struct thread *t, const uint64_t *arg) {
	return name_of(t, arg, sys_getpeername);
}

int64_t exec_shutdown(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	return socket_at(t, arg[0], &ret) ? sys_shutdown(t->task, (int)arg[0], (int)arg[1]) : ret;
}

/* --- options ------------------------------------------------------------------------------------ */

/* Programs of today end themselves without SO_REUSEPORT.  It is kept, and does nothing: whose port nobody
 * else has gets what it asked for; a second socket is refused by bind(), as 2.4 refuses it. */
static int keep_reuse_port(struct socket *sock, const char *value, size_t len) {
	struct socket_inode *inode = socket_inode(sock);
	int on;

	if (len < sizeof on)
		return -EINVAL;
	memcpy(&on, value, sizeof on);
	inode->flags =
		on ? inode->flags | SOCKET_REUSE_PORT : inode->flags & ~(unsigned)SOCKET_REUSE_PORT;
	return 0;
}

/* Options that 2.4 does not have and that programs of today do not do without: 0 or -errno; 1: another one. */
static int set_option_of_later(struct thread *t, struct socket *sock, const uint64_t *arg,
                               const char *value, size_t len) {
	int level = (int)arg[1], name = (int)arg[2];

	if (level == SOL_SOCKET && name == SO_REUSEPORT)
		return arg[3] ? keep_reuse_port(sock, value, len) : -EFAULT;
	if (level != IPPROTO_TCP || name != TCP_USER_TIMEOUT || sock->sk->protocol != IPPROTO_TCP)
		return 1;
	log_without_effect(t, "TCP_USER_TIMEOUT");
	return 0;
}

int64_t exec_setsockopt(struct thread *t, const uint64_t *arg) {
	char value[OPTION_MOST];
	size_t len = MIN((size_t)arg[4], sizeof value);
	struct file *file;
	int64_t ret;

	file = socket_at(t, arg[0], &ret);
	if (!file)
		return ret;
	if ((int)arg[4] < 0)
		return -EINVAL;
	if (arg[3] && mem_read(t, arg[3], value, len))
		return -EFAULT;
	ret = set_option_of_later(t, file->socket, arg, value, len);
	if (ret <= 0)
		return ret;
	return sys_setsockopt(t->task, (int)arg[0], (int)arg[1], (int)arg[2], arg[3] ? value : NULL,
	                      (int)len);
}

/* Of later kernels: what the socket is. */
static int option_of_later(struct socket *sock, int level, int name) {
	if (level != SOL_SOCKET)
		return -1;
	switch (name) {
	case SO_PROTOCOL:
		return sock->sk->protocol;
	case SO_DOMAIN:
		return sock->sk->family;
	case SO_REUSEPORT:
		return (socket_inode(sock)->flags & SOCKET_REUSE_PORT) != 0;
	default:
		return -1;
	}
}

int64_t exec_getsockopt(struct thread *t, const uint64_t *arg) {
	char value[OPTION_MOST];
	const struct file *file;
	int len, later;
	int64_t ret;

	file = socket_at(t, arg[0], &ret);
	if (!file)
		return ret;
	if (mem_read(t, arg[4], &len, sizeof len))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = MIN(len, (int)sizeof value);
	later = option_of_later(file->socket, (int)arg[1], (int)arg[2]);
	if (later >= 0) {
		len = MIN(len, (int)sizeof later);
		memcpy(value, &later, (size_t)len);
	} else {
		ret = sys_getsockopt(t->task, (int)arg[0], (int)arg[1], (int)arg[2], value, &len);
		if (ret < 0)
			return ret;
	}
	return mem_write_pieces(
		t, (struct mem_piece[]){{arg[3], value, (size_t)len}, {arg[4], &len, sizeof len}},
		2);
}
