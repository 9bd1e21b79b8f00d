/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket interface: checks what is common to the protocols and hands on to their sock_ops. */
#include "net/engine/sock.h"
#include "net/engine/internal.h"
#include "net/engine/mcast.h"
#include "net/engine/netif.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/wire.h"

#include <poll.h>

/* --- life ------------------------------------------------------------------------------------- */

void sock_init(struct net_sock *so, struct net_stack *st, enum sock_kind kind) {
	so->st = st;
	so->kind = (uint8_t)kind;
	so->state = TCP_CLOSE;
	so->all_next = st->socks;
	so->all_pprev = &st->socks;
	if (st->socks)
		st->socks->all_pprev = &so->all_next;
	st->socks = so;
	so->flags |= SO_F_LISTED;
	/* A TIME_WAIT or half-open connection occupies no connection block. */
	if (sock_is_user(so))
		st->sock_count++;
}

/* What a 2.4 host shows its programs for sockets that are not TCP's (sysctl_wmem_default,
 * sysctl_rmem_default), so it is in force on whatever stack serves them: the largest datagram fits. */
enum { DATAGRAM_BUFFER = 65535 };

void user_sock_init(struct user_sock *us, struct net_stack *st, enum sock_kind kind,
                    const struct sock_ops *ops) {
	bool stream = kind == SOCK_KIND_TCP;

	sock_init(&us->so, st, kind);
	us->ops = ops;
	us->sndbuf = stream ? st->params.sndbuf : DATAGRAM_BUFFER;
	us->rcvbuf = stream ? st->params.rcvbuf : DATAGRAM_BUFFER;
	us->ttl = DEFAULT_TTL;
	us->pmtudisc = IP_PMTUDISC_WANT;
	us->rcvlowat = 1;
	st->n.socks_opened++;
}

void sock_unhash(struct net_sock *so) {
	struct net_stack *st = so->st;

	if (!(so->flags & SO_F_HASHED))
		return;
	if (so->kind == SOCK_KIND_UDP)
		table_remove(&st->udp_table, so, port_hash(so->lport));
	else if (so->state == TCP_LISTEN)
		table_remove(&st->listen_table, so, port_hash(so->lport));
	else
		pair_remove(&st->tcp_pairs, so);
}

void sock_unlink(struct net_sock *so) {
	sock_unhash(so);
	if (so->kind == SOCK_KIND_RAW) {
		struct net_sock **at = &so->st->raws;

		while (*at && *at != so)
			at = &(*at)->hash_next;
		if (*at)
			*at = so->hash_next;
	}
	port_leave(so);
	if (so->flags & SO_F_LISTED) {
		*so->all_pprev = so->all_next;
		if (so->all_next)
			so->all_next->all_pprev = so->all_pprev;
		so->flags &= (uint16_t)~SO_F_LISTED;
		if (sock_is_user(so))
			so->st->sock_count--;
	}
}

void sock_bury(struct net_sock *so) {
	if (so->flags & SO_F_DEAD)
		return;
	sock_unlink(so);
	so->flags = (uint16_t)((so->flags & ~SO_F_OWNED) | SO_F_DEAD);
	so->hash_next = so->st->graveyard;
	so->st->graveyard = so;
}

void sock_free(struct net_sock *so) {
	if (so->st->locked == so)
		so->st->locked = NULL;
	if (!sock_is_user(so)) {
		so->st->protocols->of[IPPROTO_TCP]->free(so);
		return;
	}
	mcast_close(user_sock(so));
	user_sock(so)->ops->destroy(user_sock(so));
}

inline void sock_event(struct user_sock *us, unsigned events) {
	struct net_stack *st = us->so.st;

	if (!(us->so.flags & SO_F_OWNED))
		return;
	if (!us->events) {
		us->event_next = NULL;
		*st->event_tail = &us->so;
		st->event_tail = &us->event_next;
	}
	us->events |= (uint8_t)events;
}

static const struct protocol *protocol_of_type(const struct net_stack *st, int type) {
	switch (type) {
	case SOCK_STREAM:
		return st->protocols->of[IPPROTO_TCP];
	case SOCK_DGRAM:
		return st->protocols->of[IPPROTO_UDP];
	default:
		return st->protocols->raw;
	}
}

int net_sock_open(struct net_stack *st, int type, int protocol, void *user, struct net_sock **so) {
	struct user_sock *us;

	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW)
		return -ESOCKTNOSUPPORT;
	if ((type == SOCK_STREAM && protocol != 0 && protocol != IPPROTO_TCP) ||
	    (type == SOCK_DGRAM && protocol != 0 && protocol != IPPROTO_UDP) ||
	    (type == SOCK_RAW && protocol != IPPROTO_ICMP))
		return -EPROTONOSUPPORT;
	if (!stack_room(st))
		return -ENOBUFS;
	us = protocol_of_type(st, type)->open(st, protocol);
	us->so.user = user;
	us->so.flags |= SO_F_OWNED;
	*so = &us->so;
	return 0;
}

void net_close(struct net_sock *so, bool abort) {
	struct net_stack *st = so->st;

	so->flags &= (uint16_t)~SO_F_OWNED;
	mcast_close(user_sock(so)); /* inet_release() does not wait for the protocol either */
	user_sock(so)->ops->close(user_sock(so), abort);
	stack_leave(st);
}

/* --- small questions -------------------------------------------------------------------------- */

void net_sock_set_user(struct net_sock *so, void *user) { so->user = user; }
void *net_sock_user(const struct net_sock *so) { return so->user; }
int net_state(const struct net_sock *so) { return so->state; }

int net_take_error(struct net_sock *so) {
	int error = net_peek_error(so);

	if (error)
		user_sock(so)->error = 0;
	return error;
}

int net_peek_error(const struct net_sock *so) {
	return sock_is_user(so) ? user_sock(so)->error : 0;
}

bool net_only_error(const struct net_sock *so) {
	return net_peek_error(so) && net_readable(so) <= 0;
}

int net_sockname(const struct net_sock *so, uint32_t *addr, uint16_t *port) {
	*addr = so->laddr;
	*port = so->lport;
	return 0;
}

int net_peername(const struct net_sock *so, uint32_t *addr, uint16_t *port) {
	if (!so->fport ||
	    (so->kind == SOCK_KIND_TCP && (so->state == TCP_CLOSE || so->state == TCP_SYN_SENT)))
		return -ENOTCONN;
	*addr = so->faddr;
	*port = so->fport;
	return 0;
}

struct net_sock *net_sock_next(struct net_stack *st, struct net_sock *so) {
	return so ? so->all_next : st->socks;
}

void net_sock_get(const struct net_sock *so, struct net_sock_info *info) {
	bool queues = sock_is_user(so) && so->state != TCP_LISTEN;

	*info = (struct net_sock_info){
		.type = so->kind == SOCK_KIND_UDP   ? SOCK_DGRAM
	                : so->kind == SOCK_KIND_RAW ? SOCK_RAW
	                                            : SOCK_STREAM,
		.state = so->state,
		.laddr = so->laddr,
		.faddr = so->faddr,
		.lport = so->lport,
		.fport = so->fport,
		.recv_q = queues ? MAX(0, net_readable(so)) : 0,
		.send_q = queues ? MAX(0, net_unsent(so)) : 0,
	};
}

size_t net_sock_memory(const struct net_sock *so) {
	return sock_is_user(so)
	               ? user_sock(so)->ops->memory(user_sock(so))
	               : so->st->protocols->of[IPPROTO_TCP]->bytes((enum sock_kind)so->kind);
}

unsigned net_poll(const struct net_sock *so) {
	return sock_is_user(so) ? user_sock(so)->ops->poll(user_sock(so)) : POLLHUP;
}

int net_readable(const struct net_sock *so) { return user_sock(so)->ops->readable(user_sock(so)); }
int net_unsent(const struct net_sock *so) { return user_sock(so)->ops->unsent(user_sock(so)); }
size_t net_send_space(const struct net_sock *so) {
	return user_sock(so)->ops->space(user_sock(so));
}

/* --- operations ------------------------------------------------------------------------------- */

int net_bind(struct net_sock *so, uint32_t addr, uint16_t port) {
	struct net_stack *st = so->st;
	int err;

	if (so->lport || so->state != TCP_CLOSE)
		return -EINVAL;
	if (addr && !net_is_local(st, addr) && !is_broadcast(st, addr) && !IN_MULTICAST(addr))
		return -EADDRNOTAVAIL;
	if (so->kind != SOCK_KIND_RAW) {
		err = port_bind(so, addr, port);
		if (err)
			return err;
	}
	so->laddr = addr;
	so->flags &= (uint16_t)~(SO_F_BOUND_ADDR | SO_F_BOUND_PORT | SO_F_NO_SOURCE);
	so->flags |= (uint16_t)((addr ? SO_F_BOUND_ADDR : 0) | (port ? SO_F_BOUND_PORT : 0) |
	                        (addr && !net_is_local(st, addr) ? SO_F_NO_SOURCE : 0));
	if (so->kind == SOCK_KIND_UDP)
		table_insert(&st->udp_table, so, port_hash(so->lport));
	return 0;
}

int net_listen(struct net_sock *so, int backlog) {
	struct user_sock *us = user_sock(so);
	int err;

	if (!us->ops->listen)
		return -EOPNOTSUPP;
	err = us->ops->listen(us, backlog);
	stack_leave(so->st);
	return err;
}

int net_accept(struct net_sock *so, void *user, struct net_sock **child) {
	struct user_sock *us = user_sock(so);

	return us->ops->accept ? us->ops->accept(us, user, child) : -EOPNOTSUPP;
}

int net_connect(struct net_sock *so, uint32_t addr, uint16_t port) {
	struct net_stack *st = so->st;
	int err = user_sock(so)->ops->connect(user_sock(so), addr, port);

	stack_leave(st);
	return err;
}

int net_disconnect(struct net_sock *so) {
	struct net_stack *st = so->st;
	int err = user_sock(so)->ops->disconnect(user_sock(so));

	stack_leave(st);
	return err;
}

ssize_t net_send(struct net_sock *so, const struct net_msg *msg) {
	struct net_stack *st = so->st;
	ssize_t n = user_sock(so)->ops->send(user_sock(so), msg);

	stack_leave(st);
	return n;
}

void net_hold(struct net_sock *so, bool more) {
	if (so->kind == SOCK_KIND_TCP)
		so->st->protocols->of[IPPROTO_TCP]->hold(user_sock(so), more);
	stack_leave(so->st);
}

ssize_t net_recv(struct net_sock *so, struct net_msg *msg) {
	struct net_stack *st = so->st;
	ssize_t n = user_sock(so)->ops->recv(user_sock(so), msg);

	stack_leave(st);
	return n;
}

int net_shutdown(struct net_sock *so, int how) {
	struct net_stack *st = so->st;
	int err;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	/* SHUT_RD, WR, RDWR are 0, 1, 2; one more makes them a mask of directions. */
	err = user_sock(so)->ops->shutdown(user_sock(so), how + 1);
	stack_leave(st);
	return err;
}

/* --- messages --------------------------------------------------------------------------------- */

size_t msg_length(const struct net_msg *msg) {
	size_t len = 0;

	for (size_t i = 0; i < msg->iovlen; i++)
		len += msg->iov[i].iov_len;
	return len;
}

static void msg_walk(const struct net_msg *msg, size_t skip, uint8_t *data, size_t len, bool put) {
	for (size_t i = 0; i < msg->iovlen && len; i++) {
		const struct iovec *v = &msg->iov[i];
		size_t n;

		if (skip >= v->iov_len) {
			skip -= v->iov_len;
			continue;
		}
		n = MIN(len, v->iov_len - skip);
		if (put)
			memcpy((uint8_t *)v->iov_base + skip, data, n);
		else
			memcpy(data, (const uint8_t *)v->iov_base + skip, n);
		skip = 0;
		data += n;
		len -= n;
	}
}

void msg_put(const struct net_msg *msg, size_t skip, const void *data, size_t len) {
	msg_walk(msg, skip, (uint8_t *)data, len, true);
}

void msg_get(const struct net_msg *msg, size_t skip, void *data, size_t len) {
	msg_walk(msg, skip, data, len, false);
}

/* --- leaving a call --------------------------------------------------------------------------- */

inline void stack_leave(struct net_stack *st) {
	struct net_sock *so;

	stack_look(st);
	while ((so = st->event_head)) {
		struct user_sock *us = user_sock(so);
		unsigned events = us->events;

		st->event_head = us->event_next;
		if (!st->event_head)
			st->event_tail = &st->event_head;
		us->events = 0;
		us->event_next = NULL;
		if (so->flags & SO_F_OWNED)
			st->ops->event(st->owner, so, events);
	}
	while ((so = st->graveyard)) {
		st->graveyard = so->hash_next;
		sock_free(so);
	}
}

bool stack_room(struct net_stack *st) {
	if (!st->params.max_socks || st->sock_count < st->params.max_socks)
		return true;
	st->n.socks_refused++;
	return false;
}

void net_sent(struct net_stack *st) { stack_leave(st); }
bool net_has_events(const struct net_stack *st) { return st->event_head != NULL; }
