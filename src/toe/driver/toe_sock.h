/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the host keep of a card's socket, and how do its data move?  The host's half, and the
 * steps that streams and datagrams share.
 *
 * The driver keeps a copy of what can be asked often (name, poll mask, TCP state), so that it costs
 * no command; every answer of the card brings the copies up to date when it arrives.  What the
 * connection does by itself the copies do not show: so no operation is judged by them that the card
 * itself could judge, and a name is asked for while a connection is being made.
 */
#ifndef TOE_TOE_SOCK_H
#define TOE_TOE_SOCK_H

#include "toe/driver/driver.h"

struct toe_sock {
	struct sock sk; /* first */
	struct toe *toe;
	struct comm_handle handle;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	int state;           /* of TCP */
	bool interest;       /* the card tells changes of the mask */
	bool movable;        /* AF_TOE: bind and connect may choose another card */
	unsigned naming;     /* commands on the way that may give it a name */
	bool sized[2];       /* the program has set SO_SNDBUF, SO_RCVBUF */
	GArray *options;     /* set on the card before it had a name; NULL: none */
	unsigned mask;       /* poll mask, as far as the host knows */
	uint32_t room;       /* of its send buffer, as the card told it last */
	uint32_t unanswered; /* bytes of posted sends that the card has not answered */
	sim_time stamp;      /* when data were last received; 0: never */
};

static inline struct toe_sock *toe_sk(const struct socket *sock) {
	return (struct toe_sock *)sock->sk;
}

extern const struct proto_ops toe_stream_ops, toe_dgram_ops;

/* family.c: makes `sock` a socket of the card and initialises it there.  toedev_ops.create and AF_TOE. */
int toe_sock_create(struct toe *toe, struct socket *sock, int family, int protocol);
/* A sock of the card that only the host knows of: to become an accepted connection. */
struct toe_sock *toe_sock_new(struct toe *toe, struct socket *sock, int family, int type,
                              int protocol);
/* Initialises it on the card: posted, or waited for if the card is configured so. */
int toe_sock_init(struct toe_sock *ts);
/* Frees the host's half. */
void toe_sock_free(struct toe_sock *ts);
/* The card has taken an option: a socket that may still move takes it along. */
void toe_sock_keep_option(struct toe_sock *ts, int level, int name, const void *val, size_t len);
/* An AF_TOE socket that was not used yet goes over to another card; who waits on it, too. */
int toe_sock_move(struct toe_sock *ts, struct toe *toe);
/* The card of the machine that owns an address, or that has the best route to it; NULL: none. */
struct toe *toe_by_addr(const struct kernel *k, uint32_t addr);
struct toe *toe_by_route(const struct kernel *k, uint32_t dst);

/* From command.c: an entry about a socket came in, which answers `cmd` (NULL: none); a posted
 * command was answered, or failed; the card died. */
void toe_sock_heard(struct toe *toe, const struct comm_completion *entry,
                    const struct comm_command *cmd);
void toe_sock_answered(struct toe *toe, const struct comm_command *cmd);
void toe_sock_posted_error(struct toe *toe, const struct comm_command *cmd, int error);
void toe_socks_died(struct toe *toe);
void toe_socks_exit(struct toe *toe);

/* Out of an answer. */
void toe_sock_peer(struct toe_sock *ts, const struct comm_completion *answer);
/* Was it never used?  Then another card will do as well. */
bool toe_sock_unused(const struct toe_sock *ts);
/* toe_cmd_wait(), or toe_cmd_call() without a time-out, for what may give the socket a name: another
 * process does not move it meanwhile. */
int toe_cmd_name(struct toe_sock *ts, struct toe_cmd *cmd, sim_time *timeout);

/* Sends `len` bytes of a message from `offset` on as one command: what toe_cmd_wait() gives. */
int toe_send_part(struct toe_sock *ts, const struct msghdr *msg, size_t offset, size_t len,
                  int flags, uint32_t addr, uint16_t port, sim_time *timeout);
/* Receives up to `len` bytes, at least `least` unless the stream ends, into a message at `offset`;
 * *answer says the rest. */
int toe_recv_part(struct toe_sock *ts, struct msghdr *msg, size_t offset, size_t len, int flags,
                  size_t least, sim_time *timeout, struct comm_completion *answer);
/* A CONNECT command; see toe_cmd_wait(). */
int toe_connect_command(struct toe_sock *ts, uint32_t addr, uint16_t port, bool again,
                        sim_time *timeout);
int toe_disconnect(struct toe_sock *ts);
/* Address of a connect: -EINVAL, -EAFNOSUPPORT, or 0 with *unspec for AF_UNSPEC. */
int toe_connect_addr(const struct sockaddr *addr, int addr_len, uint32_t *ip, uint16_t *port,
                     bool *unspec);

#endif
