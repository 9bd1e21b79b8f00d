/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls on sockets.  Those of AF_INET are the simulated kernel's; those of AF_UNIX are real, inside the
 * machine's namespaces; others do not exist, as in a kernel without their modules.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "exec/calls.h"
#include "exec/log.h"
#include "exec/memory.h"
#include "exec/realfd.h"

#define ADDR_MOST 128U
#define OPTION_MOST 1024U
#define TYPE_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

/* The simulated socket's file at a descriptor; else NULL, and in *ret how to answer. */
static struct file *simulated(struct thread *t, uint64_t fd, int64_t *ret) {
	struct file *file = file_at(t, (int)fd);

	*ret = !file ? -EBADF : file_is_real(file) ? PASS : file->socket ? 0 : -ENOTSOCK;
	return *ret ? NULL : file;
}

/* --- addresses -------------------------------------------------------------------------------- */

struct addr {
	struct sockaddr_storage bytes;
	int len;
};

static int addr_in(const struct thread *t, uint64_t addr, uint64_t len, struct addr *a) {
	a->len = (int)len;
	if (a->len < 0 || a->len > (int)ADDR_MOST)
		return -EINVAL;
	return addr ? mem_read(t, addr, &a->bytes, (size_t)a->len) : 0;
}

/* What fits, and the real length. */
static int addr_out(const struct thread *t, const struct addr *a, uint64_t addr, uint64_t len_at) {
	int room;

	if (!addr)
		return 0;
	if (mem_read(t, len_at, &room, sizeof room) < 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (mem_write(t, addr, &a->bytes, (size_t)MIN(room, a->len)) < 0)
		return -EFAULT;
	return mem_write(t, len_at, &a->len, sizeof a->len);
}

static struct addr addr_room(void) { return (struct addr){.len = (int)ADDR_MOST}; }

#define NAME(a) ((struct sockaddr *)&(a).bytes)

/* --- making and connecting ---------------------------------------------------------------------- */

int64_t exec_socket(struct thread *t, const uint64_t *arg) {
	int family = (int)arg[0], type = (int)arg[1], fd;

	if (family == AF_UNIX)
		return PASS;
	if (family != AF_INET)
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
	struct addr a;
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return ret;
	ret = addr_in(t, arg[1], arg[2], &a);
	return ret < 0 ? ret : sys_bind(t->task, (int)arg[0], NAME(a), a.len);
}

int64_t exec_listen(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	return simulated(t, arg[0], &ret) ? sys_listen(t->task, (int)arg[0], (int)arg[1]) : ret;
}

int64_t exec_connect(struct thread *t, const uint64_t *arg) {
	struct addr a;
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return ret;
	ret = addr_in(t, arg[1], arg[2], &a);
	return ret < 0 ? ret : restartable(sys_connect(t->task, (int)arg[0], NAME(a), a.len));
}

static int64_t accept_with(struct thread *t, const uint64_t *arg, int flags) {
	struct addr a = addr_room();
	int64_t ret;
	int err;

	if (!simulated(t, arg[0], &ret)) {
		if (ret == PASS && !real_never_blocks(file_at(t, (int)arg[0]), O_RDONLY))
			ret = real_wait(t, file_at(t, (int)arg[0]), POLLIN) < 0 ? RESTART : PASS;
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

	if (!simulated(t, arg[0], &ret))
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

	return simulated(t, arg[0], &ret) ? sys_shutdown(t->task, (int)arg[0], (int)arg[1]) : ret;
}

/* --- options ------------------------------------------------------------------------------------ */

int64_t exec_setsockopt(struct thread *t, const uint64_t *arg) {
	char value[OPTION_MOST];
	size_t len = MIN((size_t)arg[4], sizeof value);
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return ret;
	if ((int)arg[4] < 0)
		return -EINVAL;
	if (arg[3] && mem_read(t, arg[3], value, len) < 0)
		return -EFAULT;
	return sys_setsockopt(t->task, (int)arg[0], (int)arg[1], (int)arg[2], arg[3] ? value : NULL,
	                      (int)len);
}

/* Of later kernels: what the socket is. */
static int option_of_later(const struct socket *sock, int level, int name) {
	if (level != SOL_SOCKET)
		return -1;
	return name == SO_PROTOCOL ? sock->sk->protocol : name == SO_DOMAIN ? AF_INET : -1;
}

int64_t exec_getsockopt(struct thread *t, const uint64_t *arg) {
	char value[OPTION_MOST];
	const struct file *file;
	int len, later;
	int64_t ret;

	file = simulated(t, arg[0], &ret);
	if (!file)
		return ret;
	if (mem_read(t, arg[4], &len, sizeof len) < 0)
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
	if (mem_write(t, arg[3], value, (size_t)len) < 0)
		return -EFAULT;
	return mem_write(t, arg[4], &len, sizeof len);
}

/* --- sending ------------------------------------------------------------------------------------ */

static int64_t send_bytes(struct thread *t, int fd, const struct iovec *theirs, uint64_t n,
                          size_t len, const struct msghdr *to, int flags) {
	struct iovec iov = {mem_buffer(t, len), len};
	struct msghdr msg = *to;

	if (mem_gather(t, theirs, n, iov.iov_base, len) < 0)
		return -EFAULT;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	return restartable(sys_sendmsg(t->task, fd, &msg, flags));
}

/* On a real socket.  With an address or control data it is a message, which waits until there is room;
 * else bytes, which may be more than there ever is room for. */
static int64_t send_real(struct thread *t, struct file *file, int flags, bool message,
                         const struct iovec *iov, uint64_t n, ssize_t len) {
	if (flags & MSG_DONTWAIT || real_never_blocks(file, O_WRONLY))
		return PASS;
	if (!message && len >= 0)
		return real_write(t, file, iov, n, (size_t)len);
	return real_wait(t, file, POLLOUT) < 0 ? RESTART : PASS;
}

int64_t exec_sendto(struct thread *t, const uint64_t *arg) {
	struct iovec theirs = {(void *)arg[1], (size_t)arg[2]};
	struct msghdr msg = {0};
	struct addr a = {.len = 0};
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return ret != PASS ? ret
		                   : send_real(t, file_at(t, (int)arg[0]), (int)arg[3], arg[4],
		                               &theirs, 1, (ssize_t)theirs.iov_len);
	if (arg[4]) {
		ret = addr_in(t, arg[4], arg[5], &a);
		if (ret < 0)
			return ret;
		msg.msg_name = NAME(a);
		msg.msg_namelen = (socklen_t)a.len;
	}
	return send_bytes(t, (int)arg[0], &theirs, 1, theirs.iov_len, &msg, (int)arg[3]);
}

/* Whether a message hands over a descriptor of a simulated file. */
static bool hands_over_simulated(struct thread *t, const struct msghdr *theirs) {
	g_autofree char *control = g_malloc0(MIN(theirs->msg_controllen, 65536U) + 1);
	struct msghdr msg = {.msg_control = control,
	                     .msg_controllen = MIN(theirs->msg_controllen, 65536U)};

	if (mem_read(t, (uint64_t)theirs->msg_control, control, msg.msg_controllen) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		const int *fds = (const int *)CMSG_DATA(c);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof *fds; i++) {
			const struct file *file = fd_file(t->task, fds[i]);
			if (file && !file_is_real(file))
				return true;
		}
	}
	return false;
}

static int64_t sendmsg_real(struct thread *t, const uint64_t *arg) {
	g_autofree struct iovec *iov = NULL;
	struct msghdr theirs;
	ssize_t len;

	if (mem_read(t, arg[1], &theirs, sizeof theirs) < 0)
		return -EFAULT;
	if (theirs.msg_controllen && hands_over_simulated(t, &theirs)) {
		log_refused(t, "sendmsg of a simulated descriptor");
		return -EPERM;
	}
	len = mem_vector(t, (uint64_t)theirs.msg_iov, theirs.msg_iovlen, &iov);
	return send_real(t, file_at(t, (int)arg[0]), (int)arg[2],
	                 theirs.msg_controllen || theirs.msg_name, iov, theirs.msg_iovlen, len);
}

/* One message of the program's, which is at `at`. */
static int64_t send_one(struct thread *t, int fd, uint64_t at, int flags) {
	g_autofree struct iovec *iov = NULL;
	struct msghdr theirs, msg = {0};
	struct addr a = {.len = 0};
	ssize_t len;

	if (mem_read(t, at, &theirs, sizeof theirs) < 0)
		return -EFAULT;
	len = mem_vector(t, (uint64_t)theirs.msg_iov, theirs.msg_iovlen, &iov);
	if (len < 0)
		return len;
	if (theirs.msg_name && theirs.msg_namelen) {
		int err = addr_in(t, (uint64_t)theirs.msg_name, theirs.msg_namelen, &a);
		if (err < 0)
			return err;
		msg.msg_name = NAME(a);
		msg.msg_namelen = (socklen_t)a.len;
	}
	return send_bytes(t, fd, iov, theirs.msg_iovlen, (size_t)len, &msg, flags);
}

int64_t exec_sendmsg(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return ret == PASS ? sendmsg_real(t, arg) : ret;
	return send_one(t, (int)arg[0], arg[1], (int)arg[2]);
}

int64_t exec_sendmmsg(struct thread *t, const uint64_t *arg) {
	uint64_t at = arg[1];
	int64_t ret;
	unsigned n = 0;

	if (!simulated(t, arg[0], &ret))
		return ret;
	for (; n < MIN((unsigned)arg[2], 1024U); n++, at += sizeof(struct mmsghdr)) {
		unsigned sent;

		ret = send_one(t, (int)arg[0], at, (int)arg[3]);
		if (ret < 0)
			return n ? n : ret;
		sent = (unsigned)ret;
		mem_write(t, at + offsetof(struct mmsghdr, msg_len), &sent, sizeof sent);
	}
	return n;
}

/* --- receiving ---------------------------------------------------------------------------------- */

static int64_t receive_real(struct thread *t, struct file *file, int flags, int64_t ret) {
	if (ret != PASS)
		return ret;
	if (!(flags & MSG_DONTWAIT) && !real_never_blocks(file, O_RDONLY) &&
	    real_wait(t, file, POLLIN | POLLRDHUP) < 0)
		return RESTART;
	real_used(file);
	return PASS;
}

int64_t exec_recvfrom(struct thread *t, const uint64_t *arg) {
	size_t len = MIN((size_t)arg[2], 64UL << 20);
	struct addr a = addr_room();
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return receive_real(t, file_at(t, (int)arg[0]), (int)arg[3], ret);
	ret = sys_recvfrom(t->task, (int)arg[0], mem_buffer(t, len), len, (int)arg[3],
	                   arg[4] ? NAME(a) : NULL, &a.len);
	if (ret < 0)
		return restartable(ret);
	if (mem_write(t, arg[1], t->buffer, MIN((size_t)ret, len)) < 0 ||
	    (arg[4] && addr_out(t, &a, arg[4], arg[5]) < 0))
		return -EFAULT;
	return ret;
}

/* Arrivals are told by the clock that the program knows. */
static void show_stamps(struct msghdr *msg) {
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP)
			((struct timeval *)CMSG_DATA(c))->tv_sec += EPOCH_S;
}

static int64_t receive_one(struct thread *t, int fd, uint64_t at, int flags) {
	g_autofree struct iovec *iov = NULL;
	struct addr a = addr_room();
	char control[OPTION_MOST] __attribute__((aligned(8)));
	struct msghdr theirs, msg = {.msg_iovlen = 1};
	ssize_t len;
	int64_t ret;

	if (mem_read(t, at, &theirs, sizeof theirs) < 0)
		return -EFAULT;
	len = mem_vector(t, (uint64_t)theirs.msg_iov, theirs.msg_iovlen, &iov);
	if (len < 0)
		return len;
	msg.msg_iov = &(struct iovec){mem_buffer(t, (size_t)len), (size_t)len};
	msg.msg_control = control;
	msg.msg_controllen = MIN(theirs.msg_controllen, sizeof control);
	if (theirs.msg_name) {
		msg.msg_name = NAME(a);
		msg.msg_namelen = MIN(theirs.msg_namelen, ADDR_MOST);
	}
	ret = sys_recvmsg(t->task, fd, &msg, flags);
	if (ret < 0)
		return restartable(ret);
	show_stamps(&msg);
	theirs.msg_namelen = msg.msg_namelen;
	theirs.msg_flags = msg.msg_flags;
	theirs.msg_controllen = msg.msg_controllen;
	if (mem_scatter(t, iov, theirs.msg_iovlen, t->buffer, MIN((size_t)ret, (size_t)len)) < 0 ||
	    (msg.msg_name && mem_write(t, (uint64_t)theirs.msg_name, &a.bytes,
	                               MIN(msg.msg_namelen, ADDR_MOST)) < 0) ||
	    mem_write(t, (uint64_t)theirs.msg_control, control, msg.msg_controllen) < 0 ||
	    mem_write(t, at, &theirs, sizeof theirs) < 0)
		return -EFAULT;
	return ret;
}

int64_t exec_recvmsg(struct thread *t, const uint64_t *arg) {
	int64_t ret;

	if (!simulated(t, arg[0], &ret))
		return receive_real(t, file_at(t, (int)arg[0]), (int)arg[2], ret);
	return receive_one(t, (int)arg[0], arg[1], (int)arg[2]);
}
