/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which stack is this socket on? */
#include "script/whose.h"

#include "sop/sop.h"
#include "toe/driver/toe.h"

const char *whose_socket(const struct socket *sock, enum whose_call call) {
	const char *name = sop_stack_name(sock);

	if (name)
		return call == WHOSE_ANY ? name : sop_served_stack(sock, call == WHOSE_SEND);
	name = toe_socket_card(sock);
	if (name)
		return name;
	return sock->ops && sock->ops->family == AF_INET ? "inet" : NULL;
}
