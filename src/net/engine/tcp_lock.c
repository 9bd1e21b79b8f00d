/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A user at work on a socket keeps the network away from it: 2.4's socket lock.  What a call does here
 * it does at once, whatever time it takes its owner; so until the owner is through, segments for the
 * socket wait in a queue (tcp_v4_rcv(), sk_add_backlog()), timers come again later (tcp_write_timer()),
 * and of ICMP errors no more than a note is made (tcp_v4_err()).
 */
#include "net/engine/ip.h"
#include "net/engine/socket.h"
#include "net/engine/tcp_listen.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"

struct tcp_waiting {
	struct tcp_waiting *next;
	struct segment s;
	struct ip_info ip;
};

void net_lock(struct net_sock *so) {
	g_assert(!so->st->locked);
	so->st->locked = so;
}

bool tcp_wait_for_user(struct net_stack *st, const struct segment *s) {
	struct net_sock *so = pair_find(&st->tcp_pairs, s->ip->dst, s->dport, s->ip->src, s->sport);
	struct tcp_waiting *w;

	if (!so)
		so = (struct net_sock *)tcp_find_listener(st, s->ip->dst, s->dport, s->ifp);
	else if (so->kind == SOCK_KIND_REQUEST) /* its listener takes what is for it */
		so = &((struct tcp_request *)so)->listener->us.so;
	if (!so || so != st->locked)
		return false;
	w = g_slice_new(struct tcp_waiting);
	w->next = NULL;
	w->s = *s;
	w->ip = *s->ip;
	w->s.ip = &w->ip;
	*st->waiting_last = w;
	st->waiting_last = &w->next;
	return true;
}

static struct tcp_waiting *take(struct net_stack *st) {
	struct tcp_waiting *w = st->waiting;

	if (!w)
		return NULL;
	st->waiting = w->next;
	if (!st->waiting)
		st->waiting_last = &st->waiting;
	return w;
}

/* What has waited is for this socket and no other: one that is closed by now discards it, as
 * tcp_rcv_state_process(), where a segment that comes later is reset. */
static void taken(struct net_stack *st, struct segment *s) {
	if (st->locked && st->locked->state != TCP_CLOSE)
		tcp_deliver(st, s);
	else
		frame_free(s->frame);
}

bool net_locked_input(struct net_stack *st) {
	struct tcp_waiting *w;

	if (!st->waiting)
		return false;
	while ((w = take(st))) {
		taken(st, &w->s);
		stack_look(st);
		g_slice_free(struct tcp_waiting, w);
	}
	stack_leave(st);
	return true;
}

void net_unlock(struct net_stack *st) {
	struct net_sock *so = st->locked;

	st->locked = NULL;
	/* The ACK whose time came meanwhile (ack.blocked). */
	if (so && so->kind == SOCK_KIND_TCP && tcp_sock(so)->flags & TF_ACK_NOW)
		tcp_output_due(tcp_sock(so));
	stack_leave(st);
}

void tcp_timer_locked(struct tcp_sock *tp, enum tcp_due which) {
	if (which == DUE_DELACK)
		tp->flags |= TF_ACK_NOW;
	else
		tcp_due_set(tp, which, tcp_now(tp) + 50 * SIM_MS); /* HZ / 20 */
}

void tcp_waiting_free(struct net_stack *st) {
	struct tcp_waiting *w;

	while ((w = take(st))) {
		frame_free(w->s.frame);
		g_slice_free(struct tcp_waiting, w);
	}
}
