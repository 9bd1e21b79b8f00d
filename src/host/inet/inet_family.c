/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What AF_INET consists of: which operations serve which type of socket. */
#include <errno.h>

#include "host/inet/inet_internal.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"

/* --- sending and receiving by type -------------------------------------------------------------- */

/* Whatever becomes of the bytes, the socket has a port from then on (inet_autobind() of 2.4). */
static int autobind(struct net_sock *so) {
	uint32_t ip;
	uint16_t port;

	net_sockname(so, &ip, &port);
	return port || !net_bind(so, INADDR_ANY, 0) ? 0 : -EAGAIN;
}

/* By the socket's type; inet_stream_* and inet_dgram_* are what the operations tables name. */
static ssize_t inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len) {
	if (sock->type == SOCK_STREAM && autobind(inet_net_sock(sock)))
		return -EAGAIN;
	return sock->type == SOCK_STREAM ? inet_stream_sendmsg(sock, msg, len)
	                                 : inet_dgram_sendmsg(sock, msg, len);
}

static ssize_t inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	return sock->type == SOCK_STREAM ? inet_stream_recvmsg(sock, msg, len, flags)
	                                 : inet_dgram_recvmsg(sock, msg, len, flags);
}

/* --- tables ------------------------------------------------------------------------------------- */

static const struct proto_ops inet_stream_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.listen = inet_listen,
	.shutdown = inet_shutdown,
	.setsockopt = inet_setsockopt,
	.getsockopt = inet_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = inet_stream_sendpage,
};

#define DGRAM_OPS                                                                                  \
	{                                                                                          \
		.family = AF_INET, .release = inet_release, .bind = inet_bind,                     \
		.connect = inet_dgram_connect, .socketpair = sock_no_socketpair,                   \
		.accept = sock_no_accept, .getname = inet_getname, .poll = inet_poll,              \
		.ioctl = inet_ioctl, .listen = sock_no_listen, .shutdown = inet_shutdown,          \
		.setsockopt = inet_setsockopt, .getsockopt = inet_getsockopt,                      \
		.sendmsg = inet_sendmsg, .recvmsg = inet_recvmsg, .mmap = sock_no_mmap,            \
		.sendpage = sock_no_sendpage,                                                      \
	}

/* Two tables, so that a layer above tells raw sockets, which it leaves alone, from datagrams. */
static const struct proto_ops inet_dgram_ops = DGRAM_OPS;
static const struct proto_ops inet_raw_ops = DGRAM_OPS;

/* --- socket() ------------------------------------------------------------------------------------ */

/* Which operations and which protocol serve a type; as inetsw[] of 2.4. */
static int choose_ops(struct kernel *k, struct socket *sock, int *protocol) {
	switch (sock->type) {
	case SOCK_STREAM:
		sock->ops = &inet_stream_ops;
		if (*protocol && *protocol != IPPROTO_TCP)
			return -EPROTONOSUPPORT;
		*protocol = IPPROTO_TCP;
		return 0;
	case SOCK_DGRAM:
		sock->ops = &inet_dgram_ops;
		if (*protocol && *protocol != IPPROTO_UDP)
			return -EPROTONOSUPPORT;
		*protocol = IPPROTO_UDP;
		return 0;
	case SOCK_RAW:
		sock->ops = &inet_raw_ops;
		if (!*protocol)
			return -EPROTONOSUPPORT;
		return inet_capable(k) ? 0 : -EPERM;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

int inet_create(struct kernel *k, struct socket *sock, int protocol) {
	const struct proto_ops *ops = sock->ops;
	struct net_sock *so;
	int err;

	sock->state = SS_UNCONNECTED;
	err = choose_ops(k, sock, &protocol);
	if (!err)
		err = net_sock_open(k->stack, sock->type, protocol, NULL, &so);
	if (err) {
		sock->ops = ops;
		return err;
	}
	charge(k, COST_INET_CREATE, 0);
	inet_sock_attach(inet_sock_new(sock, protocol), so);
	return 0;
}

const struct net_proto_family inet_family_ops = {.family = AF_INET, .create = inet_create};
