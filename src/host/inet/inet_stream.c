/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When does a stream's caller sleep, and what does it get when it wakes?  net/ipv4/af_inet.c and
 * tcp.c of 2.4.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>

#include "host/core/cache.h"
#include "host/core/copy.h"
#include "host/dev/dev.h"
#include "host/inet/inet_internal.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"

/* Stream operations: the blocking half of 2.4's net/ipv4/tcp.c and af_inet.c. */

/* --- listen and accept -------------------------------------------------------------------------- */

int inet_listen(struct socket *sock, int backlog) {
	struct inet_sock *is = inet_sk(sock->sk);
	int state = net_state(is->so), err;

	charge(sock->kernel, COST_INET_BIND, 0);
	if (sock->state != SS_UNCONNECTED || (state != TCP_CLOSE && state != TCP_LISTEN))
		return -EINVAL;
	inet_lock(is);
	err = net_listen(is->so, backlog);
	if (!err)
		is->sk.acceptconn = true;
	inet_unlock(sock->kernel);
	return err;
}

static bool can_accept(const struct inet_sock *is) {
	return net_state(is->so) != TCP_LISTEN || (net_poll(is->so) & POLLIN);
}

/* What tcp_create_openreq_child() copies: all of the listener's sock but its state. */
static void inherit(struct inet_sock *child, const struct inet_sock *listener) {
	const struct sock *from = &listener->sk;
	struct sock *to = &child->sk;

	sock_copy_options(to, from);
	to->sndbuf = from->sndbuf;
	to->rcvbuf = from->rcvbuf;
	child->stamp = listener->stamp;
}

static int accept_wait(struct inet_sock *is, struct net_sock **so, sim_time timeo) {
	int err;

	while ((err = net_accept(is->so, NULL, so)) == -EAGAIN) {
		err = inet_wait(is, can_accept, INET_WAIT_EXCLUSIVE | INET_WAIT_LOOKS, &timeo);
		if (err)
			break;
	}
	return err;
}

int inet_accept(struct socket *sock, struct socket *newsock, int flags) {
	struct inet_sock *is = inet_sk(sock->sk), *child;
	struct net_sock *so;
	int err;

	inet_lock(is);
	err = accept_wait(is, &so, sock_rcvtimeo(&is->sk, flags & O_NONBLOCK));
	inet_unlock(sock->kernel);
	if (err)
		return err;
	charge(sock->kernel, COST_TCP_CONNECTION, 0);
	footprint_charge(sock->kernel, footprint_shared(sock->kernel, FOOTPRINT_ACCEPT));
	child = inet_sock_new(newsock, IPPROTO_TCP);
	inherit(child, is);
	inet_sock_attach(child, so);
	newsock->ops = sock->ops;
	newsock->state = SS_CONNECTED;
	return 0;
}

/* --- connect ------------------------------------------------------------------------------------ */

static bool handshake_over(const struct inet_sock *is) {
	int state = net_state(is->so);

	return state != TCP_SYN_SENT && state != TCP_SYN_RECV;
}

static int disconnect(struct socket *sock) {
	struct inet_sock *is = inet_sk(sock->sk);
	int err = net_disconnect(is->so);

	is->sk.shutdown = 0;
	is->sk.acceptconn = false;
	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

static int connect_start(struct socket *sock, const struct sockaddr *addr, int addr_len) {
	struct inet_sock *is = inet_sk(sock->sk);
	uint32_t ip;
	uint16_t port;
	int err;

	if (net_state(is->so) != TCP_CLOSE)
		return -EISCONN;
	err = sockaddr_get_in(addr, addr_len, &ip, &port);
	if (err)
		return err;
	if (addr->sa_family != AF_INET)
		return -EAFNOSUPPORT;
	inet_take_error(is); /* tcp_connect() clears an error of the last attempt */
	err = net_connect(is->so, ip, port);
	if (err && err != -EINPROGRESS)
		return err;
	charge(sock->kernel, COST_TCP_CONNECTION, 0);
	footprint_charge(sock->kernel, footprint_shared(sock->kernel, FOOTPRINT_CONNECT));
	is->sk.shutdown = 0;
	sock->state = SS_CONNECTING;
	return 0;
}

/* Refused, timed out, or disconnected by somebody else: the socket may be used again. */
static int connect_failed(struct socket *sock) {
	int err = inet_take_error(inet_sk(sock->sk));

	disconnect(sock);
	return err ? err : -ECONNABORTED;
}

static int stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len,
                          int flags) {
	struct inet_sock *is = inet_sk(sock->sk);
	sim_time timeo = sock_sndtimeo(&is->sk, flags & O_NONBLOCK);
	int pending = -EALREADY, err;

	if (!addr || addr_len < (int)sizeof addr->sa_family)
		return -EINVAL;
	if (addr->sa_family == AF_UNSPEC)
		return disconnect(sock);
	if (sock->state == SS_CONNECTED)
		return -EISCONN;
	if (sock->state == SS_DISCONNECTING)
		return -EINVAL;
	if (sock->state == SS_UNCONNECTED) {
		err = connect_start(sock, addr, addr_len);
		if (err)
			return err;
		pending = -EINPROGRESS;
	}
	err = inet_wait(is, handshake_over, 0, &timeo);
	if (err)
		return err == -EAGAIN ? pending : err;
	if (net_state(is->so) == TCP_CLOSE)
		return connect_failed(sock);
	sock->state = SS_CONNECTED;
	return 0;
}

int inet_stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags) {
	int err;

	inet_lock(inet_sk(sock->sk));
	err = stream_connect(sock, addr, addr_len, flags);
	inet_unlock(sock->kernel);
	return err;
}

/* --- send ---------------------------------------------------------------------------------------- */

/* wait_for_tcp_connect(): a sender may come before the handshake is over. */
static int wait_connected(struct inet_sock *is, sim_time *timeo) {
	int state = net_state(is->so), err;

	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV) {
		err = inet_wait(is, handshake_over, 0, timeo);
		if (err)
			return err;
		state = net_state(is->so);
	}
	if (state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT)
		return 0;
	err = inet_take_error(is);
	return err ? err : -EPIPE;
}

/* One call into the engine: what fits, or -EAGAIN.  `copies`: else the device takes the bytes from where they lie. */
static ssize_t send_some(struct inet_sock *is, struct iov_cursor *cursor, int flags, size_t left,
                         bool copies) {
	struct inet_host *host = inet_host(is->sk.socket->kernel);
	struct net_msg out = {.flags = flags & (MSG_OOB | MSG_MORE)};
	ssize_t n;

	if (is->sk.err)
		return sock_error(&is->sk);
	if (is->sk.shutdown & SEND_SHUTDOWN)
		return -EPIPE;
	iov_cursor_view(cursor, &out);
	inet_copy_begin(host, COST_COPY_TX, copies ? MIN(left, net_send_space(is->so)) : 0, is->so);
	n = net_send(is->so, &out);
	inet_copy_end(host, n > 0 && copies ? (size_t)n : 0);
	if (n > 0)
		iov_cursor_advance(cursor, (size_t)n);
	return n == -ENOTCONN ? -EPIPE : n;
}

static ssize_t send_all(struct inet_sock *is, struct msghdr *msg, size_t len, bool copies,
                        sim_time *timeo) {
	struct iov_cursor cursor = iov_cursor(msg->msg_iov, msg->msg_iovlen);
	size_t sent = 0;
	ssize_t n = 0;

	/* An error that comes when bytes were taken is for the next call: the count goes first. */
	while (sent < len && !(sent && net_peek_error(is->so))) {
		n = send_some(is, &cursor, msg->msg_flags, len - sent, copies);
		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		if (n == -EAGAIN) {
			is->sk.socket->async_nospace = true;
			n = inet_wait(is, inet_can_write, INET_WAIT_LOOKS, timeo);
		}
		if (n)
			break;
	}
	return sent ? (ssize_t)sent : n;
}

static ssize_t stream_send(struct socket *sock, struct msghdr *msg, size_t len, bool copies) {
	struct inet_sock *is = inet_sk(sock->sk);
	struct kernel *k = sock->kernel;
	sim_time timeo = sock_sndtimeo(&is->sk, msg->msg_flags & MSG_DONTWAIT);
	ssize_t n;

	charge(k, COST_TCP_SENDMSG, 0);
	footprint_charge(k, footprint_shared(k, FOOTPRINT_TCP));
	copy_begin(k);
	inet_lock(is);
	n = wait_connected(is, &timeo);
	if (!n)
		n = send_all(is, msg, len, copies, &timeo);
	inet_unlock(k);
	/* tcp_error(): an error that is pending is told in the place of the broken pipe. */
	if (n == -EPIPE) {
		int err = inet_take_error(is);

		if (err)
			n = err;
	}
	if (n == -EPIPE && !(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(k, current_task(k), SIGPIPE);
	return n;
}

ssize_t inet_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	return stream_send(sock, msg, len, true);
}

/* tcp_sendpage(): copies unless the device gathers and sums up. */
ssize_t inet_stream_sendpage(struct socket *sock, const void *page, size_t size, int flags) {
	struct iovec iov = {.iov_base = (void *)page, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_flags = flags};
	struct net_sock_info info;

	net_sock_get(inet_net_sock(sock), &info);
	if (!dev_sends_pieces(sock->kernel, info.faddr))
		return sock_no_sendpage(sock, page, size, flags);
	return stream_send(sock, &msg, size, false);
}

/* --- receive ------------------------------------------------------------------------------------- */

static ssize_t recv_some(struct inet_sock *is, struct iov_cursor *cursor, struct msghdr *msg,
                         int flags, size_t left) {
	struct inet_host *host = inet_host(is->sk.socket->kernel);
	struct net_msg in = {.flags = flags & (MSG_PEEK | MSG_OOB | MSG_TRUNC)};
	size_t there = (size_t)MAX(net_readable(is->so), 0);
	ssize_t n;

	iov_cursor_view(cursor, &in);
	inet_copy_begin(host, COST_COPY_RX, flags & MSG_TRUNC ? 0 : MIN(left, there), NULL);
	n = net_recv(is->so, &in);
	inet_copy_end(host, n > 0 && !(flags & MSG_TRUNC) ? (size_t)n : 0);
	if (n > 0) {
		iov_cursor_advance(cursor, (size_t)n);
		msg->msg_flags |= in.flags & (MSG_OOB | MSG_TRUNC);
	}
	return n;
}

/* Nothing more is queued: 0 to wait, 1 to stop with what there is, or an error. */
static int recv_verdict(struct inet_sock *is, size_t copied, int flags, const sim_time *timeo) {
	struct sock *sk = &is->sk;

	if (copied)
		return sk->err || (sk->shutdown & RCV_SHUTDOWN) || !*timeo || (flags & MSG_PEEK);
	if (sk->err)
		return sock_error(sk);
	return (sk->shutdown & RCV_SHUTDOWN) != 0;
}

static ssize_t recv_loop(struct inet_sock *is, struct msghdr *msg, size_t len, int flags,
                         sim_time *timeo) {
	struct iov_cursor cursor = iov_cursor(msg->msg_iov, msg->msg_iovlen);
	size_t mark = MAX((size_t)is->sk.rcvlowat, 1), copied = 0;
	size_t target = flags & MSG_WAITALL ? len : MIN(mark, len);
	bool waits = *timeo;
	ssize_t n = 0;

	do {
		if (copied && net_only_error(is->so))
			break;
		n = recv_some(is, &cursor, msg, flags, len - copied);
		if (n > 0) {
			copied += (size_t)n;
			if (flags & MSG_PEEK)
				break;
			continue;
		}
		if (n != -EAGAIN)
			break;
		n = recv_verdict(is, copied, flags, timeo);
		if (n) {
			n = MIN(n, 0);
			break;
		}
		n = inet_wait(is, inet_can_read, INET_WAIT_LOOKS, timeo);
		if (!len && waits) /* it waits once, whatever comes of it (tcp_recvmsg() of 2.4) */
			return 0;
		if (n)
			break;
	} while (copied < target);
	return copied ? (ssize_t)copied : n;
}

ssize_t inet_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct inet_sock *is = inet_sk(sock->sk);
	sim_time timeo = sock_rcvtimeo(&is->sk, flags & MSG_DONTWAIT);
	struct iov_cursor cursor = iov_cursor(msg->msg_iov, msg->msg_iovlen);

	ssize_t n;

	charge(sock->kernel, COST_TCP_RECVMSG, 0);
	copy_begin(sock->kernel);
	msg->msg_namelen = 0;
	if (net_state(is->so) == TCP_LISTEN)
		return -ENOTCONN;
	inet_lock(is);
	if (flags & MSG_OOB) /* never waits, as tcp_recv_urg() */
		n = recv_some(is, &cursor, msg, flags, len);
	else
		n = recv_loop(is, msg, len, flags, &timeo);
	inet_unlock(sock->kernel);
	return n;
}
