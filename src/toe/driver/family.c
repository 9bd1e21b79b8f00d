/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets are a card's?  Those that SOP makes there, and AF_TOE, for programs that were changed to name it. */
#include <errno.h>
#include <netinet/in.h>

#include "toe/driver/config.h"
#include "toe/driver/driver.h"
#include "toe/driver/toe_sock.h"

int toe_sock_create(struct toe *toe, struct socket *sock, int family, int protocol) {
	bool stream = sock->type == SOCK_STREAM;
	struct toe_sock *ts;
	int err;

	if (!stream && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol && protocol != (stream ? IPPROTO_TCP : IPPROTO_UDP))
		return -EPROTONOSUPPORT;
	if (toe->td.dead)
		return -ENETDOWN;
	ts = toe_sock_new(toe, sock, family, sock->type, stream ? IPPROTO_TCP : IPPROTO_UDP);
	sock->ops = stream ? &toe_stream_ops : &toe_dgram_ops;
	sock->state = SS_UNCONNECTED;
	err = toe_sock_init(ts);
	if (err) {
		sock->sk = NULL;
		toe_sock_free(ts);
	}
	return err;
}

const char *toe_socket_card(const struct socket *sock) {
	if (!sock->sk || (sock->ops != &toe_stream_ops && sock->ops != &toe_dgram_ops))
		return NULL;
	return toe_sk(sock)->toe->td.name;
}

static int family_create(struct kernel *k, struct socket *sock, int protocol) {
	int err;

	for (struct toedev *td = toedev_first(k); td; td = td->next) {
		if (!is_toe(td) || td->dead)
			continue;
		err = toe_sock_create(td_toe(td), sock, AF_TOE, protocol);
		if (!err)
			toe_sk(sock)->movable = true;
		return err;
	}
	return -ENETDOWN;
}

const struct net_proto_family toe_family_ops = {
	.family = AF_TOE,
	.create = family_create,
};
