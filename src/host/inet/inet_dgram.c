/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When does a datagram's caller sleep?  Datagram operations, raw sockets included: net/ipv4/udp.c,
 * raw.c and datagram.c of 2.4.
 */
#include <errno.h>
#include <glib.h>

#include "host/core/cache.h"
#include "host/core/copy.h"
#include "host/inet/inet_internal.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"

/* Unlike a stream's, connect() may be called again and again, and leaves sock->state alone. */
int inet_dgram_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags) {
	struct net_sock *so = inet_net_sock(sock);
	uint32_t ip;
	uint16_t port;
	int err;

	(void)flags;
	if (!addr || addr_len < (int)sizeof addr->sa_family)
		return -EINVAL;
	charge(sock->kernel, COST_INET_BIND, 0);
	if (addr->sa_family == AF_UNSPEC)
		return net_disconnect(so);
	err = sockaddr_get_in(addr, addr_len, &ip, &port);
	if (err)
		return err;
	return addr->sa_family == AF_INET ? net_connect(so, ip, port) : -EAFNOSUPPORT;
}

/* The address that sendto() names, as udp_sendmsg() judges it. */
static int send_address(const struct socket *sock, const struct msghdr *msg, struct net_msg *out) {
	const struct sockaddr *name = msg->msg_name;
	int err;

	if (!name)
		return 0;
	err = sockaddr_get_in(name, (int)msg->msg_namelen, &out->addr, &out->port);
	if (err)
		return err;
	if (name->sa_family != AF_INET && name->sa_family != AF_UNSPEC)
		return -EINVAL;
	if (sock->type != SOCK_RAW)
		return out->port ? 0 : -EINVAL;
	out->port = 0;
	if (!out->addr) /* with neither it would be no name at all */
		out->addr = INADDR_LOOPBACK;
	return 0;
}

/* sock_wait_for_wmem(): unlike poll() it goes by any room at all. */
static bool has_room(const struct inet_sock *is) {
	return is->sk.err || is->sk.shutdown & SEND_SHUTDOWN || net_peek_error(is->so) ||
	       net_send_space(is->so);
}

/* A full buffer is looked at when what the call has done so far is paid for. */
static int wait_for_room(struct inet_sock *is, sim_time *timeo) {
	cpu_settle(is->sk.socket->kernel);
	is->sk.socket->async_nospace = true;
	return inet_wait(is, has_room, 0, timeo);
}

/* One call into the engine: what there is room for.  `copied`: bytes paid for so far. */
static ssize_t send_some(struct inet_sock *is, const struct net_msg *out, size_t len,
                         size_t *copied) {
	struct inet_host *host = inet_host(is->sk.socket->kernel);
	ssize_t n;

	inet_copy_begin(host, COST_COPY_TX, len - *copied, NULL);
	n = net_send(is->so, out);
	*copied += inet_copy_charged(host);
	inet_copy_end(host, n > 0 ? len - *copied + inet_copy_charged(host) : 0);
	return n;
}

ssize_t inet_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	struct inet_sock *is = inet_sk(sock->sk);
	bool noblock = msg->msg_flags & MSG_DONTWAIT;
	sim_time timeo = sock_sndtimeo(&is->sk, noblock);
	struct net_progress progress = {0};
	struct net_msg out = {.iov = msg->msg_iov,
	                      .iovlen = msg->msg_iovlen,
	                      .control = msg->msg_control,
	                      .controllen = msg->msg_controllen,
	                      .progress = noblock ? NULL : &progress};
	size_t copied = 0;
	ssize_t n;

	charge(sock->kernel, COST_UDP_SENDMSG, 0);
	footprint_charge(sock->kernel, footprint_shared(sock->kernel, FOOTPRINT_UDP));
	copy_begin(sock->kernel);
	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = send_address(sock, msg, &out);
	while (!n) {
		if (is->sk.err)
			return sock_error(&is->sk);
		if (is->sk.shutdown & SEND_SHUTDOWN)
			return -EPIPE;
		n = send_some(is, &out, len, &copied);
		if (n != -EAGAIN)
			return n;
		n = wait_for_room(is, &timeo);
	}
	return n;
}

/* An error is told before data, unlike in a stream (skb_recv_datagram()). */
static ssize_t recv_wait(struct inet_sock *is, struct net_msg *in, sim_time *timeo) {
	const struct net_msg asked = *in;
	ssize_t n;

	for (;;) {
		if (is->sk.err)
			return sock_error(&is->sk);
		*in = asked;
		n = net_recv(is->so, in);
		if (n != -EAGAIN)
			return n;
		if (is->sk.shutdown & RCV_SHUTDOWN)
			return 0;
		/* wait_for_packet() waits exclusively: a datagram wakes one of its readers. */
		n = inet_wait(is, inet_can_read, INET_WAIT_EXCLUSIVE, timeo);
		if (n)
			return n;
	}
}

/* Never waits.  The pending error is that of the next one in the queue, which the engine knows. */
static ssize_t recv_error(struct inet_sock *is, struct net_msg *in) {
	ssize_t n = net_recv(is->so, in);

	if (n >= 0)
		is->sk.err = 0;
	return n;
}

ssize_t inet_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct inet_sock *is = inet_sk(sock->sk);
	sim_time timeo = sock_rcvtimeo(&is->sk, flags & MSG_DONTWAIT);
	struct net_msg in = {.iov = msg->msg_iov,
	                     .iovlen = msg->msg_iovlen,
	                     .flags = flags & (MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE),
	                     .control = msg->msg_control,
	                     .controllen = msg->msg_control ? msg->msg_controllen : 0};
	int name_len = 0;
	ssize_t n;

	charge(sock->kernel, COST_UDP_RECVMSG, 0);
	copy_begin(sock->kernel);
	if ((flags & MSG_OOB) && !(flags & MSG_ERRQUEUE))
		return -EOPNOTSUPP;
	n = flags & MSG_ERRQUEUE ? recv_error(is, &in) : recv_wait(is, &in, &timeo);
	if (n < 0)
		return n;
	copy_bytes(sock->kernel, COST_COPY_RX, MIN((size_t)n, len));
	msg->msg_flags |= in.flags & (MSG_TRUNC | MSG_CTRUNC | MSG_ERRQUEUE);
	msg->msg_controllen = in.controllen;
	if (msg->msg_name && in.addr)
		sockaddr_put_in(msg->msg_name, &name_len, in.addr, in.port);
	msg->msg_namelen = (socklen_t)name_len;
	return n;
}
