/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a socket stand?  Nothing here changes one.
 */
#ifndef NET_SOCKET_STATE_H
#define NET_SOCKET_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_stack;
struct net_sock;

/* POLLIN, POLLOUT, POLLERR, POLLHUP, POLLPRI as tcp_poll and datagram_poll of 2.4 give them. */
unsigned net_poll(const struct net_sock *so);

int net_peek_error(const struct net_sock *so);
/* All that can be read was, and an error waits: a call that has moved bytes leaves it to the next. */
bool net_only_error(const struct net_sock *so);

int net_sockname(const struct net_sock *so, uint32_t *addr, uint16_t *port);
int net_peername(const struct net_sock *so, uint32_t *addr, uint16_t *port); /* -ENOTCONN */

/* What ioctl asks: bytes readable in the stream or of the next datagram; bytes not yet
 * acknowledged, or memory of datagrams not yet sent; whether the read pointer is at the urgent mark. */
int net_readable(const struct net_sock *so);
int net_unsent(const struct net_sock *so);
bool net_at_mark(const struct net_sock *so);
/* Free send-buffer space in bytes. */
size_t net_send_space(const struct net_sock *so);
/* In net_ops.output: bytes in the send buffer behind the segment that leaves; 0 for datagrams. */
uint32_t net_send_rest(const struct net_sock *so);

/* TCP state (TCP_ESTABLISHED ... of <netinet/tcp.h>), TCP_CLOSE for others. */
int net_state(const struct net_sock *so);
/* For tests, which bound it: bytes of memory the socket holds: struct, queued data, options. */
size_t net_sock_memory(const struct net_sock *so);

/* Walks all sockets (netstat); NULL: first.  Sockets in TIME_WAIT are included. */
struct net_sock *net_sock_next(struct net_stack *st, struct net_sock *so);

/* What netstat shows of a socket of any kind. */
struct net_sock_info {
	int type, state; /* SOCK_STREAM ...; TCP_ESTABLISHED ... */
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	int recv_q, send_q; /* bytes; 0 in listeners and where there are no queues */
};
void net_sock_get(const struct net_sock *so, struct net_sock_info *info);

#endif
