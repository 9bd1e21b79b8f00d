/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls that move data.  All that anybody sends is RANDOM_BYTE: what arrives must be that, and
 * nothing is written behind it.
 */
#include "random_world.h"

#include "host/socket/syscalls.h"

#define BUFFER 3000
#define MOST 40000
#define PIECES 3
#define GUARD 0xee
#define CONTROL 128

static const char *zeds(void) {
	static char bytes[MOST];

	if (!bytes[0])
		memset(bytes, RANDOM_BYTE, sizeof bytes);
	return bytes;
}

/* Cuts `len` bytes at `buf` into pieces, some of them empty. */
static void cut(struct iovec iov[PIECES], char *buf, size_t len, uint32_t how) {
	size_t first = len * (how % 5) / 4, second = (len - first) * (how / 5 % 3) / 2;

	iov[0] = (struct iovec){buf, first};
	iov[1] = (struct iovec){buf + first, second};
	iov[2] = (struct iovec){buf + first + second, len - first - second};
}

/* --- receiving -------------------------------------------------------------------------------- */

/* Of raw sockets and of errors there are headers as well. */
static void check_received(struct task *me, int fd, const uint8_t *buf, size_t len, long n,
                           bool error) {
	int err;
	const struct socket *sock = sockfd_lookup(me, fd, &err);
	size_t got = n > 0 ? (size_t)n : 0;

	if (got > len)
		WRONG("%ld bytes were received into %zu", n, len);
	for (size_t i = got; i < BUFFER; i++)
		if (buf[i] != GUARD)
			WRONG("a receive of %zu bytes that gave %ld wrote to byte %zu", len, n, i);
	if (error || !sock || sock->type == SOCK_RAW)
		return;
	for (size_t i = 0; i < got; i++)
		if (buf[i] != RANDOM_BYTE)
			WRONG("byte %zu of %ld received is not what was sent but %d", i, n, buf[i]);
}

static long recv_by(struct task *me, int fd, const struct random_op *op, void *buf, size_t len,
                    int *flags) {
	static const int choice[] = {0,           0,       MSG_DONTWAIT, MSG_PEEK,
	                             MSG_WAITALL, MSG_OOB, MSG_ERRQUEUE};
	char control[CONTROL];
	struct sockaddr_in sin;
	struct iovec iov[PIECES];
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = PIECES};
	int namelen = sizeof sin;

	cut(iov, buf, len, op->a >> 8);
	*flags = choice[op->c % (op->kind == RANDOM_recvmsg ? 7 : 6)];
	if (op->kind == RANDOM_recv)
		return sys_recvfrom(me, fd, buf, len, *flags, (struct sockaddr *)&sin, &namelen);
	if (op->kind == RANDOM_readv) {
		*flags = 0;
		return op->c % 4 ? sys_readv(me, fd, iov, PIECES) : sys_read(me, fd, buf, len);
	}
	if (op->c / 7 % 2)
		msg.msg_name = &sin, msg.msg_namelen = sizeof sin;
	if (op->c / 14 % 2)
		msg.msg_control = control, msg.msg_controllen = op->c / 28 % sizeof control;
	return sys_recvmsg(me, fd, &msg, *flags);
}

static long receive(struct task *me, int fd, const struct random_op *op) {
	uint8_t buf[BUFFER];
	size_t len = 1 + op->b % sizeof buf;
	int flags;
	long n;

	memset(buf, GUARD, sizeof buf);
	n = recv_by(me, fd, op, buf, len, &flags);
	check_received(me, fd, buf, len, n, flags & MSG_ERRQUEUE);
	return n;
}

/* --- sending ---------------------------------------------------------------------------------- */

static long do_sendmsg(struct task *me, int fd, const struct random_op *op, size_t len, int flags) {
	struct sockaddr_in sin = random_peer_name(op);
	struct iovec iov[PIECES];
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = PIECES};
	int err;

	cut(iov, (char *)zeds(), len, op->a >> 8);
	if (op->kind == RANDOM_writev)
		return op->c % 4 ? sys_writev(me, fd, iov, PIECES) : sys_write(me, fd, zeds(), len);
	if (sockfd_lookup(me, fd, &err)->type != SOCK_STREAM)
		msg.msg_name = &sin, msg.msg_namelen = sizeof sin;
	return sys_sendmsg(me, fd, &msg, flags);
}

static long do_send(struct task *me, int fd, const struct random_op *op) {
	static const int choice[] = {0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB};
	size_t len = op->b % 3 ? op->b / 3 % 3000 : op->b / 3 % MOST;
	int flags = choice[op->c % G_N_ELEMENTS(choice)];

	if (op->kind == RANDOM_send)
		return sys_send(me, fd, zeds(), len, flags);
	return do_sendmsg(me, fd, op, len, flags);
}

/* By a raw socket: an echo request, which the other end answers. */
static long do_sendto(struct task *me, int fd, const struct random_op *op) {
	static const uint8_t ping[8] = {8, 0, 0xf7, 0xff};
	struct sockaddr_in sin = random_peer_name(op);
	int err;
	bool raw = sockfd_lookup(me, fd, &err)->type == SOCK_RAW;

	return sys_sendto(me, fd, raw ? (const void *)ping : zeds(), 8,
	                  op->a % 2 ? MSG_DONTWAIT : 0, (struct sockaddr *)&sin, sizeof sin);
}

static long do_sendfile(struct task *me, int fd, const struct random_op *op) {
	int in = sys_open(me, "/file", O_RDONLY);
	long n = sys_sendfile(me, fd, in, NULL, op->b % 20000);

	sys_close(me, in);
	return n;
}

long random_move(struct task *me, int fd, const struct random_op *op) {
	switch (op->kind) {
	case RANDOM_sendto:
		return do_sendto(me, fd, op);
	case RANDOM_sendfile:
		return do_sendfile(me, fd, op);
	case RANDOM_send:
	case RANDOM_sendmsg:
	case RANDOM_writev:
		return do_send(me, fd, op);
	default:
		return receive(me, fd, op);
	}
}
