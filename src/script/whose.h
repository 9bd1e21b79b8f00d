/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Which stack is my socket on?", for the programs that show it to people.
 */
#ifndef SCRIPT_WHOSE_H
#define SCRIPT_WHOSE_H

#include "host/socket/socket.h"

/* What a call on the socket was about: a datagram socket that several stacks serve sends by one
 * and receives from another. */
enum whose_call { WHOSE_ANY, WHOSE_SEND, WHOSE_RECEIVE };

/* The stack of a socket: "inet", a card's name ("toe0"), "any" while several may serve; for a
 * call on a socket of several, the stack that served it last.  NULL: no socket of these. */
const char *whose_socket(const struct socket *sock, enum whose_call call);

#endif
