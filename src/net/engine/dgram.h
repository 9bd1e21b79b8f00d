/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What UDP and raw sockets share: a queue of whole datagrams.  Internal to the engine. */
#ifndef NET_DGRAM_H
#define NET_DGRAM_H

#include "net/engine/ip.h"
#include "net/engine/sock.h"

struct icmp_news;

/* How a packet came. */
struct arrival {
	struct net_if *ifp; /* NULL: it is gone */
	uint32_t dst;
	uint8_t ttl, tos;
};

struct dgram {
	struct dgram *next;
	struct frame *chain;
	struct arrival from;
	size_t len;
	uint32_t addr;
	uint16_t port;
};

struct dgram_error;
struct dgram_buffer;

struct dgram_sock {
	struct user_sock us; /* first */
	struct dgram *head, **tail;
	struct dgram_error *errors;
	struct dgram_buffer *sending; /* NULL: nothing was sent yet */
	size_t queued;                /* bytes of the receive buffer */
	int protocol;
};

/* Where a datagram goes: the socket's own path if it is connected there, else one for this time. */
struct dgram_to {
	uint32_t addr;
	uint16_t port;
	uint32_t source; /* 0: the interface's */
	struct path *path, own;
};

/* As their operations have it.  Another connect keeps the source of the first. */
int dgram_connect(struct user_sock *us, uint32_t addr, uint16_t port);
int dgram_disconnect(struct user_sock *us);
/* Judges a send: destination, control messages, pending error, route, broadcast permission. */
int dgram_destination(struct user_sock *us, const struct net_msg *msg, struct dgram_to *to);
void dgram_out(struct user_sock *us, const struct dgram_to *to, uint8_t protocol,
               struct ip_out *out);
/* Takes the chain; drops it when the receive buffer is full. */
void dgram_queue(struct dgram_sock *ds, struct frame *chain, size_t len, const struct ip_info *ip,
                 uint16_t port, struct net_if *ifp);
/* Queued datagrams no longer say that they came through `ifp`. */
void dgram_forget_interface(struct user_sock *us, const struct net_if *ifp);
struct frame *chain_copy(const struct frame *chain);

/* dgram_buffer.c: what has been sent and is still in the machine. */
uint32_t dgram_sending(const struct dgram_sock *ds); /* bytes of memory */
static inline bool dgram_has_room(const struct dgram_sock *ds) {
	return dgram_sending(ds) < ds->us.sndbuf;
}
/* A frame that will carry an IP packet of `len` bytes counts against the send buffer. */
void dgram_owns(struct dgram_sock *ds, struct frame *f, size_t len);
void dgram_buffer_leave(struct dgram_sock *ds); /* the socket goes, what is being sent stays */

/* cmsg.c: room for control messages, and what is put there. */
struct cmsg_room {
	uint8_t *at;
	size_t left;
};
void cmsg_put(struct cmsg_room *room, struct net_msg *msg, int type, const void *data, size_t len);
/* What the socket wants to know of an arrival. */
void cmsg_put_arrival(struct cmsg_room *room, struct net_msg *msg, const struct user_sock *us,
                      const struct arrival *from);

/* dgram_error.c: errors queued for MSG_ERRQUEUE, if IP_RECVERR is set. */
void dgram_icmp_error(struct dgram_sock *ds, const struct ip_info *quoted, uint16_t port,
                      const struct icmp_news *news, const uint8_t *bytes, size_t len);
int dgram_too_big(struct user_sock *us, const struct dgram_to *to); /* -EMSGSIZE */
ssize_t dgram_recv_error(struct dgram_sock *ds, struct net_msg *msg);
void dgram_errors_forget(struct user_sock *us);
void dgram_errors_forget_interface(struct dgram_sock *ds, const struct net_if *ifp);

ssize_t dgram_recv(struct user_sock *us, struct net_msg *msg);
int dgram_shutdown(struct user_sock *us, int bits);
void dgram_close(struct user_sock *us, bool abort);
unsigned dgram_poll(const struct user_sock *us);
int dgram_readable(const struct user_sock *us);
int dgram_unsent(const struct user_sock *us);
size_t dgram_space(const struct user_sock *us);
size_t dgram_memory(const struct user_sock *us);
void dgram_fail(struct user_sock *us, int error);
void dgram_destroy(struct user_sock *us);

/* What their operations have in common. */
#define DGRAM_OPS                                                                                  \
	.recv = dgram_recv, .shutdown = dgram_shutdown, .close = dgram_close, .poll = dgram_poll,  \
	.readable = dgram_readable, .unsent = dgram_unsent, .space = dgram_space,                  \
	.memory = dgram_memory, .forget_errors = dgram_errors_forget, .fail = dgram_fail,          \
	.destroy = dgram_destroy

#endif
