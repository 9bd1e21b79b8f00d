/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What passes between the ends of a pair of UNIX sockets, after net/unix/af_unix.c of Linux 2.4?
 *
 * As with pipes only tasks come here, and none of them is preempted in the kernel.  What waits for
 * an end lies with it, up to half of the sender's SO_SNDBUF, as unix_writable() and
 * unix_stream_sendmsg() have it.
 */
#include "host/socket/unix.h"

#include <errno.h>
#include <glib.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/file/fd.h"
#include "host/file/iov.h"
#include "host/file/ring.h"

#define SHUTDOWN_MASK (RCV_SHUTDOWN | SEND_SHUTDOWN)
#define ROOM ((size_t)32 * 1024)

struct unix_sock {
	struct sock sk;         /* first */
	struct unix_sock *peer; /* NULL: it is not connected, or the other end is closed */
	bool paired;
	struct ring ring; /* what it has not read */
	char bytes[ROOM];
};

static struct unix_sock *unix_sk(const struct socket *sock) { return (struct unix_sock *)sock->sk; }

static void changed(struct unix_sock *us) {
	if (us)
		us->sk.state_change(&us->sk);
}

/* --- send ------------------------------------------------------------------------------------- */

/* Nobody will ever read what is sent. */
static bool is_broken(const struct unix_sock *us) {
	return us->sk.shutdown & SEND_SHUTDOWN || !us->peer || us->peer->sk.shutdown & RCV_SHUTDOWN;
}

static int send_verdict(struct unix_sock *us, const struct msghdr *msg) {
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->msg_namelen)
		return us->paired ? -EISCONN : -EOPNOTSUPP;
	return us->paired ? sock_error(&us->sk) : -ENOTCONN;
}

/* Until all is sent or nothing more can be: how much; or why nothing. */
static ssize_t send_all(struct socket *sock, const struct msghdr *msg, size_t len) {
	struct unix_sock *us = unix_sk(sock);
	struct kernel *k = sock->kernel;
	sim_time timeo = sock_sndtimeo(&us->sk, msg->msg_flags & MSG_DONTWAIT);
	size_t sent = 0, part;
	int err = 0;

	while (sent < len && !err) {
		err = wait_event_interruptible_timeout(
			k, &sock->wait, false, is_broken(us) || ring_room(&us->peer->ring) > 0,
			&timeo);
		if (!err && is_broken(us))
			err = -EPIPE;
		if (err)
			break;
		part = ring_put(&us->peer->ring, msg->msg_iov, msg->msg_iovlen, sent, len - sent);
		charge(k, COST_COPY_PIPE, part);
		sent += part;
		us->peer->sk.data_ready(&us->peer->sk);
	}
	return sent ? (ssize_t)sent : err;
}

static ssize_t unix_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	ssize_t n = send_verdict(unix_sk(sock), msg);

	charge(sock->kernel, COST_UNIX_MESSAGE, 0);
	if (!n)
		n = send_all(sock, msg, len);
	if (n == -EPIPE && !(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(sock->kernel, current_task(sock->kernel), SIGPIPE);
	return n;
}

/* --- receive ---------------------------------------------------------------------------------- */

/* What there is, up to `len`, behind what was got. */
static size_t take(struct socket *sock, const struct msghdr *msg, size_t got, size_t len,
                   bool peek) {
	struct unix_sock *us = unix_sk(sock);
	size_t part = ring_peek(&us->ring, msg->msg_iov, msg->msg_iovlen, got, len);

	charge(sock->kernel, COST_COPY_PIPE, part);
	if (!peek) {
		ring_drop(&us->ring, part);
		if (us->peer)
			us->peer->sk.write_space(&us->peer->sk);
	}
	return part;
}

/* Until the least is there (SO_RCVLOWAT, all of it with MSG_WAITALL) or nothing more comes; MSG_PEEK
 * takes what there is once. */
static ssize_t recv_all(struct socket *sock, const struct msghdr *msg, size_t len, int flags) {
	struct unix_sock *us = unix_sk(sock);
	sim_time timeo = sock_rcvtimeo(&us->sk, flags & MSG_DONTWAIT);
	size_t least = flags & MSG_WAITALL ? len : MIN((size_t)us->sk.rcvlowat, len), got = 0;
	bool peek = flags & MSG_PEEK;
	int err = 0;

	do {
		if (us->ring.len) {
			got += take(sock, msg, got, len - got, peek);
			continue;
		}
		err = sock_error(&us->sk);
		if (err || us->sk.shutdown & RCV_SHUTDOWN)
			break;
		err = wait_event_interruptible_timeout(
			sock->kernel, &sock->wait, false,
			us->ring.len || us->sk.err || us->sk.shutdown & RCV_SHUTDOWN, &timeo);
	} while (!err && got < least && !(peek && got));
	return got ? (ssize_t)got : err;
}

static ssize_t unix_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	charge(sock->kernel, COST_UNIX_MESSAGE, 0);
	msg->msg_namelen = 0;
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!unix_sk(sock)->paired)
		return -EINVAL;
	return len ? recv_all(sock, msg, len, flags) : 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

static unsigned unix_poll(struct file *file, struct socket *sock, struct poll_table *table) {
	const struct unix_sock *us = unix_sk(sock);
	unsigned mask = us->sk.err ? POLLERR : 0;

	poll_wait(file, &sock->wait, table);
	if (us->sk.shutdown == SHUTDOWN_MASK || !us->paired)
		mask |= POLLHUP;
	if (us->ring.len || us->sk.shutdown & RCV_SHUTDOWN)
		mask |= POLLIN | POLLRDNORM;
	if (!us->peer || ring_room(&us->peer->ring) >= ROOM / 2)
		mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return mask;
}

static int unix_socketpair(struct socket *a, struct socket *b) {
	unix_sk(a)->peer = unix_sk(b);
	unix_sk(b)->peer = unix_sk(a);
	unix_sk(a)->paired = unix_sk(b)->paired = true;
	a->state = b->state = SS_CONNECTED;
	return 0;
}

/* What one end shuts the other has shut from its side. */
static int unix_shutdown(struct socket *sock, int how) {
	struct unix_sock *us = unix_sk(sock);
	unsigned mode = ((unsigned)how + 1) & SHUTDOWN_MASK;

	if (!mode)
		return 0;
	us->sk.shutdown |= mode;
	if (us->peer)
		us->peer->sk.shutdown |= (mode & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0U) |
		                         (mode & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0U);
	changed(us);
	changed(us->peer);
	return 0;
}

/* Who leaves bytes unread resets the other end. */
static int unix_release(struct socket *sock) {
	struct unix_sock *us = unix_sk(sock), *peer = us->peer;

	if (peer) {
		peer->sk.shutdown = SHUTDOWN_MASK;
		if (us->ring.len)
			peer->sk.err = ECONNRESET;
		peer->peer = NULL;
		changed(peer);
	}
	sock->sk = NULL;
	g_free(us);
	return 0;
}

static int unix_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer) {
	if (peer && !unix_sk(sock)->peer)
		return -ENOTCONN;
	addr->sa_family = AF_UNIX;
	*addr_len = sizeof addr->sa_family;
	return 0;
}

static int unix_ioctl(struct socket *sock, unsigned long cmd, void *arg) {
	const struct unix_sock *us = unix_sk(sock);

	if (cmd != SIOCINQ && cmd != SIOCOUTQ)
		return -EINVAL;
	if (!arg)
		return -EFAULT;
	*(int *)arg = (int)(cmd == SIOCINQ ? us->ring.len : us->peer ? us->peer->ring.len : 0);
	return 0;
}

/* No names, so nobody to connect to. */
static int unix_bind(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	(void)sock;
	(void)addr;
	(void)addr_len;
	return -EOPNOTSUPP;
}

static int unix_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags) {
	(void)flags;
	return unix_bind(sock, addr, addr_len);
}

static const struct proto_ops unix_ops = {
	.family = AF_UNIX,
	.release = unix_release,
	.bind = unix_bind,
	.connect = unix_connect,
	.socketpair = unix_socketpair,
	.accept = sock_no_accept,
	.getname = unix_getname,
	.poll = unix_poll,
	.ioctl = unix_ioctl,
	.listen = sock_no_listen,
	.shutdown = unix_shutdown,
	.setsockopt = sock_no_setsockopt,
	.getsockopt = sock_no_getsockopt,
	.sendmsg = unix_sendmsg,
	.recvmsg = unix_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = sock_no_sendpage,
};

static int unix_create(struct kernel *k, struct socket *sock, int protocol) {
	struct unix_sock *us;

	(void)k;
	if (protocol && protocol != PF_UNIX)
		return -EPROTONOSUPPORT;
	if (sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	us = g_new0(struct unix_sock, 1);
	us->ring = (struct ring){.bytes = us->bytes, .size = ROOM};
	sock->ops = &unix_ops;
	sock_init_data(sock, &us->sk, AF_UNIX, sock->type, protocol);
	return 0;
}

int unix_register(struct kernel *k) {
	static const struct net_proto_family family = {.family = PF_UNIX, .create = unix_create};

	return sock_register(k, &family);
}
