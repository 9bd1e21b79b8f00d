/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AF_TOE: for programs that were changed to name the card. */
#include <errno.h>

#include "toe/driver/driver.h"
#include "toe/driver/toe_sock.h"

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
