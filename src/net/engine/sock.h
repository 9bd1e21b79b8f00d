/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What do sockets of all protocols have, what does a protocol do for one, and how does one end?
 * Internal to the engine.
 *
 * Life of a socket: while `owned`, the user holds it.  A protocol that is done with a socket takes
 * it out of every table (sock_unlink); if nobody owns it any more it goes to the stack's graveyard,
 * which is emptied when a call into the stack returns (stack_leave), so that no function down the
 * call chain ever meets freed memory.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "net/engine/path.h"

struct mcast;
struct net_msg;
struct net_if;

enum sock_kind {
	SOCK_KIND_TCP,
	SOCK_KIND_TIMEWAIT,
	SOCK_KIND_REQUEST,
	SOCK_KIND_UDP,
	SOCK_KIND_RAW,
};

enum sock_flag {
	SO_F_OWNED = 1,      /* the user holds it: events are delivered */
	SO_F_BOUND_ADDR = 2, /* bind gave the address */
	SO_F_BOUND_PORT = 4, /* bind gave the port: it outlives a failed connect */
	SO_F_REUSEADDR = 8,
	SO_F_KEEPALIVE = 16,
	SO_F_BROADCAST = 32,
	SO_F_OOBINLINE = 64,
	SO_F_DEAD = 128,   /* in the graveyard */
	SO_F_HASHED = 256, /* in the demultiplexing table */
	SO_F_LISTED = 512, /* in the list of all sockets */
	SO_F_DONTROUTE = 1024,
	SO_F_NO_SOURCE = 2048, /* bound to a group or a broadcast address: never sent from */
	SO_F_SLAB = 4096,      /* one of very many: its memory is of the stack's slab */
};

/* What every kind has; kept short, since TIME_WAIT and SYN queues hold tens of thousands.  What
 * each segment touches stands first: with ten thousand connections every cache line of one is cold. */
struct net_sock {
	struct net_sock *hash_next;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	uint8_t kind;
	uint8_t state; /* TCP_ESTABLISHED ... */
	uint16_t flags;
	struct net_stack *st;
	void *user;
	struct net_sock *all_next, **all_pprev;
	struct net_sock *bind_next, **bind_pprev; /* users of a port; pprev NULL: none held */
};

/* What sockets of users have beyond that. */
struct user_sock {
	struct net_sock so;
	const struct sock_ops *ops;
	struct net_if *device; /* SO_BINDTODEVICE */
	int rcvlowat;
	int linger_on, linger_s; /* remembered for getsockopt; the owner acts on them */
	uint8_t priority;
	/* what each segment touches */
	uint8_t shutdown; /* bit 0: receive, bit 1: send */
	uint8_t ttl, tos;
	uint8_t events;     /* gathered, delivered when the call returns */
	uint8_t pmtudisc;   /* IP_MTU_DISCOVER: IP_PMTUDISC_ */
	uint8_t cmsg_flags; /* what goes with received datagrams: CMSG_ */
	bool recverr;       /* IP_RECVERR */
	uint32_t sndbuf,
		rcvbuf;        /* payload bytes; sndbuf of datagrams: memory, see dgram_buffer.c */
	int error, soft_error; /* positive errno */
	struct path path;
	struct net_sock *event_next;
	struct mcast *mcast; /* mcast.c; NULL: all as it was */
};

enum { CMSG_PKTINFO = 1, CMSG_TTL = 2, CMSG_TOS = 4 };
enum { SHUT_RECV = 1, SHUT_SEND = 2, SHUT_BOTH = 3 };

/* What a protocol does for a user's socket. */
struct sock_ops {
	int (*listen)(struct user_sock *us, int backlog);
	int (*accept)(struct user_sock *us, void *user, struct net_sock **child);
	int (*connect)(struct user_sock *us, uint32_t addr, uint16_t port);
	int (*disconnect)(struct user_sock *us);
	ssize_t (*send)(struct user_sock *us, const struct net_msg *msg);
	ssize_t (*recv)(struct user_sock *us, struct net_msg *msg);
	int (*shutdown)(struct user_sock *us, int bits);
	void (*close)(struct user_sock *us, bool abort);
	unsigned (*poll)(const struct user_sock *us);
	int (*setopt)(struct user_sock *us, int name, int value); /* of the protocol's own level */
	int (*getopt)(struct user_sock *us, int name, void *value, socklen_t *len);
	int (*readable)(const struct user_sock *us);
	int (*unsent)(const struct user_sock *us);
	size_t (*space)(const struct user_sock *us);
	size_t (*memory)(const struct user_sock *us);
	void (*rcvbuf_changed)(struct user_sock *us);
	void (*keepalive_changed)(struct user_sock *us); /* NULL: it has none */
	void (*forget_interface)(struct user_sock *us,
	                         const struct net_if *ifp); /* NULL: knows none */
	void (*forget_errors)(struct user_sock *us);   /* the queue of IP_RECVERR; NULL: has none */
	void (*fail)(struct user_sock *us, int error); /* hardware gone */
	void (*destroy)(struct user_sock *us);         /* frees what it holds, and itself */
};

static inline struct user_sock *user_sock(const struct net_sock *so) {
	return (struct user_sock *)so;
}
/* What packets leave from; 0: the address of the interface that they take. */
static inline uint32_t source_of(const struct net_sock *so) {
	return so->flags & SO_F_NO_SOURCE ? 0 : so->laddr;
}
static inline bool sock_is_user(const struct net_sock *so) {
	return so->kind != SOCK_KIND_TIMEWAIT && so->kind != SOCK_KIND_REQUEST;
}

/* ip_dont_fragment() of 2.4. */
static inline bool us_dont_fragment(const struct user_sock *us) {
	return us->pmtudisc != IP_PMTUDISC_DONT;
}

/* sock.c */
void sock_init(struct net_sock *so, struct net_stack *st, enum sock_kind kind);
void user_sock_init(struct user_sock *us, struct net_stack *st, enum sock_kind kind,
                    const struct sock_ops *ops);
void sock_event(struct user_sock *us, unsigned events);
void sock_unhash(struct net_sock *so); /* segments do not find it any more */
void sock_unlink(struct net_sock *so); /* from every table */
void sock_bury(struct net_sock *so);   /* unlink and free when the call returns */
void sock_free(struct net_sock *so);   /* at once, whatever its kind */
size_t msg_length(const struct net_msg *msg);
/* Copies between a flat buffer and a message's iovec, `skip` bytes into it. */
void msg_put(const struct net_msg *msg, size_t skip, const void *data, size_t len);
void msg_get(const struct net_msg *msg, size_t skip, void *data, size_t len);

/* sockopt.c */
int option_put(void *value, socklen_t *len, const void *from, size_t size);

#endif
