/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * socket(): twin sockets.
 */
#include "sop/ops.h"

static void abandon(struct sop_sock *ss, struct socket *sock) {
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		leg_drop(leg);
	sop_sock_free(ss);
	sock->sk = NULL;
}

/*
 * INET judges type, protocol and rights first: a
 * call that it refuses costs no card anything.  What is neither a stream nor a datagram socket is
 * INET's alone.
 */
int sop_socket(struct kernel *k, struct socket *sock, int protocol, const struct sop_face *stream,
               const struct sop_face *dgram) {
	struct sop *sop = sop_of(k);
	struct sop_sock *ss;
	int err;

	if (!sop)
		return -EAFNOSUPPORT;
	sop->op_count[SOP_OP_socket]++;
	if (sock->type != SOCK_STREAM && sock->type != SOCK_DGRAM) {
		sop->count[SOP_EV_raw_passed]++;
		return sop->inet->create(k, sock, protocol);
	}
	ss = sop_sock_new(sop, sock, sock->type, protocol,
	                  sock->type == SOCK_STREAM ? stream : dgram);
	err = sop_open_legs(ss, NULL);
	if (err) {
		abandon(ss, sock);
		return err;
	}
	sop_show_buffers(ss);
	return 0;
}
