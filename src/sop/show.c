/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What SOP shows of its sockets. */
#include "sop/sock.h"

#include <arpa/inet.h>

static bool is_ours(const struct socket *sock) {
	return (sock->ops == &sop_stream_ops || sock->ops == &sop_dgram_ops) && sock->sk;
}

static const char *leg_name(const struct sop_leg *leg) { return leg ? leg->stack->name : "any"; }

const char *sop_stack_name(const struct socket *sock) {
	return is_ours(sock) ? leg_name(sop_sk(sock)->ps) : NULL;
}

const char *sop_served_stack(const struct socket *sock, bool send) {
	const struct sop_sock *ss;

	if (!is_ours(sock))
		return NULL;
	ss = sop_sk(sock);
	return leg_name(ss->ps ? ss->ps : send ? ss->last.leg : ss->served);
}

const struct sop_sock *sop_sock_next(const struct kernel *k, const struct sop_sock *ss) {
	const struct sop *sop = sop_of(k);

	if (ss)
		return LIST_NEXT(ss, struct sop_sock, node);
	return sop ? LIST_FIRST(&sop->socks, struct sop_sock, node) : NULL;
}

const struct sop_sock *sop_sock_of(const struct socket *sock) {
	return is_ours(sock) ? sop_sk(sock) : NULL;
}

/* The other end of a connection that was accepted: the stack in charge knows it, and is not asked
 * for more than the host has (2: accept()'s way). */
static void peer_of_pin(const struct sop_sock *ss, struct sop_sock_info *info) {
	struct socket *inner = ss->ps ? ss->ps->inner : NULL;
	struct sockaddr_in in;
	int len = sizeof in;

	if (!inner || inner->ops->getname(inner, (struct sockaddr *)&in, &len, 2))
		return;
	info->faddr = ntohl(in.sin_addr.s_addr);
	info->fport = ntohs(in.sin_port);
}

void sop_sock_get(const struct sop_sock *ss, struct sop_sock_info *info) {
	static const char *const pins[] = {"",
#define X(name) #name,
	                                   SOP_PINS(X)
#undef X
	};

	*info = (struct sop_sock_info){
		.type = ss->sk.type,
		.laddr = ss->addr,
		.lport = ss->port,
		.faddr = ss->peer_addr,
		.fport = ss->peer_port,
		.stack = leg_name(ss->ps),
		.why = pins[ss->pin],
	};
	if (!info->fport)
		peer_of_pin(ss, info);
}

const char *sop_sock_leg(const struct sop_sock *ss, unsigned n) {
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->inner && n-- == 0)
			return leg->stack->name;
	return NULL;
}
