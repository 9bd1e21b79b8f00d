/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * getsockname() and getpeername(): the stack in charge, else INET, which has the same port.
 */
#include "sop/ops.h"

/* The card is dead: what SOP itself remembers.  False: it does not know. */
static bool from_memory(const struct sop_sock *ss, struct sockaddr *addr, int *addr_len, int peer) {
	if (peer && !ss->peer_port)
		return false;
	sockaddr_put_in(addr, addr_len, peer ? ss->peer_addr : ss->addr,
	                peer ? ss->peer_port : ss->port);
	return true;
}

int sop_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	struct sop_leg *leg;
	int err;

	sop_choose(ss, SOP_OP_getname, &set);
	if (!set.n)
		return from_memory(ss, addr, addr_len, peer) ? 0 : -ENOTCONN;
	leg = set.leg[0];
	err = leg_getname(leg, addr, addr_len, peer);
	if (err && leg->stack->gone && from_memory(ss, addr, addr_len, peer))
		return 0;
	return err;
}
