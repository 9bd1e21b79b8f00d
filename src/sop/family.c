/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables that the socket layer sees: the family in net_families[], and the operations of its
 * sockets.
 */
#include "sop/ops.h"

const struct proto_ops sop_stream_ops = {
	.family = PF_INET,
	.release = sop_release,
	.bind = sop_bind,
	.connect = sop_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = sop_accept,
	.getname = sop_getname,
	.poll = sop_poll,
	.ioctl = sop_ioctl,
	.listen = sop_listen,
	.shutdown = sop_shutdown,
	.setsockopt = sop_setsockopt,
	.getsockopt = sop_getsockopt,
	.sendmsg = sop_sendmsg,
	.recvmsg = sop_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = sop_sendpage,
};

const struct proto_ops sop_dgram_ops = {
	.family = PF_INET,
	.release = sop_release,
	.bind = sop_bind,
	.connect = sop_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = sop_getname,
	.poll = sop_poll,
	.ioctl = sop_ioctl,
	.listen = sock_no_listen,
	.shutdown = sop_shutdown,
	.setsockopt = sop_setsockopt,
	.getsockopt = sop_getsockopt,
	.sendmsg = sop_sendmsg,
	.recvmsg = sop_recvmsg,
	.mmap = sock_no_mmap,
	.sendpage = sop_sendpage,
};

/* Linux calls this through net_families[PF_INET]. */
static int create(struct kernel *k, struct socket *sock, int protocol) {
	static const struct sop_face stream = {&sop_stream_ops, sop_option_changed,
	                                       sop_fetch_error};
	static const struct sop_face dgram = {&sop_dgram_ops, sop_option_changed, sop_fetch_error};

	return sop_socket(k, sock, protocol, &stream, &dgram);
}

const struct net_proto_family sop_family_ops = {
	.family = PF_INET,
	.create = create,
};
