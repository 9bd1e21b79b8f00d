/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do stream sockets do on a card? */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "toe/driver/command.h"
#include "toe/driver/driver.h"
#include "toe/driver/toe_sock.h"
#include "toe/driver/toe_sock_ops.h"

/* --- listen and accept --------------------------------------------------------------------------- */

static int stream_listen(struct socket *sock, int backlog) {
	struct toe_sock *ts = toe_sk(sock);
	struct toe_cmd *cmd;
	int err;

	if (sock->state != SS_UNCONNECTED)
		return -EINVAL;
	cmd = toe_cmd_new(ts->toe, ts, COMM_LISTEN);
	cmd->c.u.listen.backlog = backlog;
	err = toe_cmd_name(ts, cmd, NULL);
	if (!err)
		ts->sk.acceptconn = true;
	toe_cmd_free(cmd);
	return err;
}

/* The sock that shall become the connection: the one that newsock brings, if it was made for this
 * card (its connection block is used again), else a new one. */
static struct toe_sock *accept_child(struct toe_sock *ts, struct socket *newsock) {
	struct toe_sock *child;

	if (newsock->sk && newsock->ops && newsock->ops->release == toe_release) {
		child = toe_sk(newsock);
		if (child->toe == ts->toe)
			return child;
		toe_release(newsock);
	}
	child = toe_sock_new(ts->toe, NULL, ts->sk.family, ts->sk.type, ts->sk.protocol);
	child->sk.socket = NULL;
	return child;
}

/* The connection inherits the listener's options, which the card's stack has given it already. */
static void inherit(struct toe_sock *child, const struct toe_sock *ts) {
	void (*changed)(struct sock *sk, int name) = child->sk.option_changed;

	child->sk.option_changed = NULL;
	sock_copy_options(&child->sk, &ts->sk);
	child->sk.sndbuf = ts->sk.sndbuf;
	child->sk.rcvbuf = ts->sk.rcvbuf;
	child->sk.option_changed = changed;
}

static void graft(struct toe_sock *child, struct socket *newsock, const struct toe_sock *ts) {
	child->sk.socket = newsock;
	newsock->sk = &child->sk;
	newsock->ops = &toe_stream_ops;
	newsock->state = SS_CONNECTED;
	inherit(child, ts);
}

static int stream_accept(struct socket *sock, struct socket *newsock, int flags) {
	struct toe_sock *ts = toe_sk(sock), *child;
	sim_time timeout = sock_rcvtimeo(&ts->sk, flags & O_NONBLOCK);
	struct toe_cmd *cmd;
	int err;

	child = accept_child(ts, newsock);
	cmd = toe_cmd_new(ts->toe, ts, COMM_ACCEPT);
	cmd->c.u.accept.child = child->handle;
	err = toe_cmd_wait(cmd, &timeout);
	if (!err)
		graft(child, newsock, ts);
	else if (newsock->sk != &child->sk)
		toe_sock_free(child); /* the card has not heard of it */
	toe_cmd_free(cmd);
	return err;
}

/* --- connect ----------------------------------------------------------------------------------- */

static int connect_unspec(struct socket *sock) {
	struct toe_sock *ts = toe_sk(sock);
	int err = toe_disconnect(ts);

	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

static int choose_card(struct toe_sock *ts, uint32_t addr) {
	struct toe *best;

	if (!ts->movable || !toe_sock_unused(ts))
		return 0;
	best = toe_by_route(ts->toe->kernel, addr);
	return best && best != ts->toe ? toe_sock_move(ts, best) : 0;
}

/* inet_stream_connect() of 2.4: the attempt stays under way when the wait for it ends early. */
static int stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len,
                          int flags) {
	struct toe_sock *ts = toe_sk(sock);
	sim_time timeout = sock_sndtimeo(&ts->sk, flags & O_NONBLOCK);
	bool again = sock->state == SS_CONNECTING, unspec;
	uint32_t ip;
	uint16_t port;
	int err = toe_connect_addr(addr, addr_len, &ip, &port, &unspec);

	if (err)
		return err;
	if (unspec)
		return connect_unspec(sock);
	if (sock->state == SS_CONNECTED)
		return -EISCONN;
	if (sock->state == SS_DISCONNECTING)
		return -EINVAL;
	if (!again && (err = choose_card(ts, ip)))
		return err;
	err = toe_connect_command(ts, ip, port, again, &timeout);
	switch (err) {
	case 0:
		sock->state = SS_CONNECTED;
		break;
	case -EAGAIN: /* SO_SNDTIMEO */
		sock->state = SS_CONNECTING;
		err = again ? -EALREADY : -EINPROGRESS;
		break;
	case -EINPROGRESS:
	case -EALREADY:
	case -EINTR:
		sock->state = SS_CONNECTING;
		break;
	default:
		sock->state = SS_UNCONNECTED;
	}
	return err;
}

/* --- data -------------------------------------------------------------------------------------- */

static ssize_t send_error(const struct toe_sock *ts, int err, int flags) {
	struct task *me = current_task(ts->toe->kernel);

	if (err == -EPIPE && !(flags & MSG_NOSIGNAL) && me)
		send_sig(ts->toe->kernel, me, SIGPIPE);
	return err;
}

/* One command carries at most COMM_MAX_DATA; what is taken before an error counts, and the card keeps
 * the error for the next call. */
static ssize_t stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	struct toe_sock *ts = toe_sk(sock);
	int flags = (int)msg->msg_flags;
	sim_time timeout = sock_sndtimeo(&ts->sk, flags & MSG_DONTWAIT);
	size_t sent = 0;

	if (ts->sk.err && !ts->toe->td.dead)
		return sock_error(&ts->sk);
	do {
		size_t part = MIN(len - sent, COMM_MAX_DATA);
		int n = toe_send_part(ts, msg, sent, part, flags & (MSG_OOB | MSG_MORE), 0, 0,
		                      &timeout);

		if (n < 0 && sent == 0) {
			sock->async_nospace |= n == -EAGAIN;
			return send_error(ts, n, flags);
		}
		if (n < 0)
			break;
		sent += (size_t)n;
		if ((size_t)n < part)
			break;
	} while (sent < len);
	return (ssize_t)sent;
}

static size_t least_bytes(const struct sock *sk, int flags, size_t len) {
	if (flags & MSG_WAITALL)
		return len;
	return MIN((size_t)MAX(sk->rcvlowat, 1), len);
}

static ssize_t stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct toe_sock *ts = toe_sk(sock);
	sim_time timeout = sock_rcvtimeo(&ts->sk, flags & MSG_DONTWAIT);
	size_t got = 0, least = least_bytes(&ts->sk, flags, len);
	int card_flags = flags & (MSG_PEEK | MSG_OOB | MSG_TRUNC);
	bool waits = timeout;

	msg->msg_namelen = 0;
	msg->msg_flags = 0;
	if (ts->sk.err && !ts->toe->td.dead)
		return sock_error(&ts->sk);
	do {
		size_t part = MIN(len - got, COMM_MAX_DATA);
		struct comm_completion answer;
		int n = toe_recv_part(ts, msg, got, part, card_flags, least - MIN(got, least),
		                      &timeout, &answer);

		if (!len && waits && !(flags & MSG_OOB) && (n == -EAGAIN || n == -EINTR))
			return 0;
		if (n < 0)
			return got ? (ssize_t)got : n;
		got += (size_t)n;
		msg->msg_flags |= answer.msg_flags;
		if (n == 0 || (size_t)n < part || (flags & (MSG_PEEK | MSG_OOB)))
			break;
	} while (got < least);
	return (ssize_t)got;
}

const struct proto_ops toe_stream_ops = {
	.family = AF_TOE,
	.release = toe_release,
	.bind = toe_bind,
	.connect = stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = stream_accept,
	.getname = toe_getname,
	.poll = toe_poll,
	.ioctl = toe_ioctl,
	.listen = stream_listen,
	.shutdown = toe_shutdown,
	.setsockopt = toe_setsockopt,
	.getsockopt = toe_getsockopt,
	.sendmsg = stream_sendmsg,
	.recvmsg = stream_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = sock_no_sendpage,
};
