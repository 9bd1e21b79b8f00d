/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls on sockets: what can a user do with one?  Calls never block (stack.h); addresses and
 * ports are in host byte order.  socket_state.h tells how a socket stands.
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

struct net_stack;
struct net_sock;
struct net_if;

/* Opens a socket of SOCK_STREAM, SOCK_DGRAM or SOCK_RAW (ICMP).  -ENOBUFS, -EPROTONOSUPPORT,
 * -ESOCKTNOSUPPORT. */
int net_sock_open(struct net_stack *st, int type, int protocol, void *user, struct net_sock **so);
void net_sock_set_user(struct net_sock *so, void *user);
void *net_sock_user(const struct net_sock *so);

/* -EADDRINUSE, -EADDRNOTAVAIL, -EINVAL (already bound), port 0 draws one. */
int net_bind(struct net_sock *so, uint32_t addr, uint16_t port);
int net_listen(struct net_sock *so, int backlog);
/* Takes an established connection off the queue: -EAGAIN, -EINVAL (not listening).  The child's
 * user pointer is `user`. */
int net_accept(struct net_sock *so, void *user, struct net_sock **child);
/* TCP: -EINPROGRESS when under way, then NET_EV_CONNECTED or NET_EV_ERROR; -EALREADY, -EISCONN;
 * UDP: 0 at once.  -ENETUNREACH, -EADDRNOTAVAIL, -EAGAIN (no port left). */
int net_connect(struct net_sock *so, uint32_t addr, uint16_t port);
/* Undoes connect (AF_UNSPEC). */
int net_disconnect(struct net_sock *so);

struct net_msg {
	const struct iovec *iov;
	size_t iovlen;
	uint32_t addr; /* to or from; addr 0 and port 0: none */
	uint16_t port;
	int flags; /* in: MSG_OOB; send: MSG_MORE; recv: MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE; out:
	                  MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE, MSG_OOB */
	struct net_if *ifp; /* out, recv: where a datagram arrived */
	/* Control messages of a datagram, as sendmsg() and recvmsg() lay them out: IP_PKTINFO goes both
	 * ways; IP_TTL, IP_TOS and IP_RECVERR are received. */
	void *control;
	size_t controllen; /* recv: in: room, out: bytes used; a stream leaves it alone */
	/* send: a datagram in fragments that leave as there is room for each; all 0 at first.  When
	 * -EAGAIN comes the rest is still to be sent, by the same call once more.  NULL: all at once, if
	 * there is room for the first (2.4's non-blocking sends). */
	struct net_progress *progress;
};
struct net_progress {
	unsigned done; /* fragments that have left */
	uint16_t id;   /* of the datagram */
};
/* Most bytes of control messages that a datagram can bring. */
#define NET_CONTROL_MAX 256U
/* What IP_PKTINFO among control messages asks for; 0: nothing.  -EINVAL for messages that are
 * malformed, or of IP and unknown. */
struct net_pktinfo {
	uint32_t index, source; /* of the interface; address */
};
int net_pktinfo(const void *control, size_t len, struct net_pktinfo *info);

/* Bytes taken into the send buffer, or -EAGAIN when there is no room; a datagram takes room until the
 * owner's hardware has sent it.  -ENOBUFS: his queue refused a datagram of a socket with IP_RECVERR.
 * -EPIPE, -ENOTCONN,
 * -EMSGSIZE, -EDESTADDRREQ, -ENETUNREACH, -EACCES (broadcast), the pending error. */
ssize_t net_send(struct net_sock *so, const struct net_msg *msg);
/* A stream's owner gathers what its user writes in parts: small segments wait until it says that no more
 * is to come, and then go by the rules for one write.  Nothing for other sockets. */
void net_hold(struct net_sock *so, bool more);
/* Bytes received (0: end of stream; without room for any: there is something to read), or -EAGAIN,
 * -ENOTCONN, -EINVAL (no urgent data), the pending error.  With MSG_ERRQUEUE: the bytes that came
 * back with the oldest queued error (IP_RECVERR), or -EAGAIN. */
ssize_t net_recv(struct net_sock *so, struct net_msg *msg);

int net_shutdown(struct net_sock *so, int how); /* SHUT_*; -ENOTCONN */
/* The user lets go of the socket: it sends what is buffered and FIN, or RST when unread data is
 * left (RFC 2525 2.17) or `abort` (linger 0), and is freed by the stack when the protocol is done. */
void net_close(struct net_sock *so, bool abort);

/* Takes the pending error (positive errno), 0 if none. */
int net_take_error(struct net_sock *so);

/* Option at SOL_SOCKET, IPPROTO_TCP or IPPROTO_IP; -ENOPROTOOPT, -EINVAL.  Groups (mcast.c):
 * -ENODEV, -EADDRINUSE, -EADDRNOTAVAIL, -ENOBUFS (more than 20 of a socket). */
int net_setopt(struct net_sock *so, int level, int name, const void *value, socklen_t len);
int net_getopt(struct net_sock *so, int level, int name, void *value, socklen_t *len);

/* A user's work on a socket takes time: between net_lock() and net_unlock() segments for it wait (for a
 * listener those of connections that it has not handed over), and its timers act later, as under the
 * socket lock of Linux 2.4.  One socket of a stack at a time.  net_locked_input() takes what has waited so
 * far, in order, and is false if nothing has; the socket may be gone then, or be closed before: a closed one
 * discards it. */
void net_lock(struct net_sock *so);
bool net_locked_input(struct net_stack *st);
void net_unlock(struct net_stack *st);

#endif
