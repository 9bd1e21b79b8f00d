/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A socket's foot in one stack: opening and dropping the inner socket, standing before its
 * callbacks, and calling its operations.
 */
#include "sop/internal.h"

#include <signal.h>

/* --- sleeping --------------------------------------------------------------------------------- */

void sop_waiter_join(struct sop_waiter *w, struct kernel *k, struct wait_queue *wq,
                     bool exclusive) {
	w->wq = wq;
	wait_entry_init(&w->entry, current_task(k));
	if (exclusive)
		add_wait_queue_exclusive(wq, &w->entry);
	else
		add_wait_queue(wq, &w->entry);
}

void sop_waiter_leave(struct sop_waiter *w) {
	if (w->wq)
		remove_wait_queue(w->wq, &w->entry);
	w->wq = NULL;
}

/* --- callbacks -----------------------------------------------------------------------------------
 *
 * Tasks blocked inside an inner operation sleep on the inner socket: the callback that was there
 * wakes them.  Those that wait for several stacks sleep in any_wait or poll on the
 * outer socket.  SIGIO and SIGURG go to the
 * owner of the outer socket's file, since nothing but the outer socket has one.
 */

static void stir(struct sop_leg *leg, int sig, int band) {
	struct sop_sock *ss = leg->ss;

	leg->stirred = true;
	if (wait_queue_active(&ss->any_wait))
		wake_up(sop_kernel(ss), &ss->any_wait);
	if (wait_queue_active(&ss->sk.socket->wait))
		wake_up(sop_kernel(ss), &ss->sk.socket->wait);
	if (ss->sk.socket->file)
		sock_wake_async(ss->sk.socket, sig, band);
}

static void leg_state_change(struct sock *sk) {
	struct sop_leg *leg = sk->user;

	leg->saved.state_change(sk);
	stir(leg, SIGIO, POLL_HUP);
}

static void leg_data_ready(struct sock *sk) {
	struct sop_leg *leg = sk->user;

	leg->saved.data_ready(sk);
	stir(leg, SIGIO, POLL_IN);
}

static void leg_write_space(struct sock *sk) {
	struct sop_leg *leg = sk->user;

	leg->saved.write_space(sk);
	stir(leg, SIGIO, POLL_OUT);
}

/* A posted initialise command was refused after all: the stack is absent, as if it had said so at
 * once. */
static bool is_late_refusal(const struct sop_leg *leg, const struct sock *sk) {
	return !sop_is_inet(leg->stack) && leg->state == LEG_OPEN && sk->err == ENOBUFS;
}

static void leg_error_report(struct sock *sk) {
	struct sop_leg *leg = sk->user;

	leg->saved.error_report(sk);
	if (is_late_refusal(leg, sk)) {
		leg->stack->count[SOP_STACK_refused]++;
		sop_count(leg->ss, SOP_EV_partial_create);
		leg->lost = leg != leg->ss->ps;
	}
	stir(leg, SIGIO, POLL_ERR);
}

static void leg_urgent(struct sock *sk) {
	struct sop_leg *leg = sk->user;

	leg->saved.urgent(sk);
	stir(leg, SIGURG, POLL_PRI);
}

static void hook(struct sop_leg *leg) {
	struct sock *sk = leg->inner->sk;

	leg->saved.state_change = sk->state_change;
	leg->saved.data_ready = sk->data_ready;
	leg->saved.write_space = sk->write_space;
	leg->saved.error_report = sk->error_report;
	leg->saved.urgent = sk->urgent;
	sk->user = leg;
	sk->state_change = leg_state_change;
	sk->data_ready = leg_data_ready;
	sk->write_space = leg_write_space;
	sk->error_report = leg_error_report;
	sk->urgent = leg_urgent;
}

static void unhook(struct sop_leg *leg) {
	struct sock *sk = leg->inner->sk;

	if (!sk)
		return;
	sk->state_change = leg->saved.state_change;
	sk->data_ready = leg->saved.data_ready;
	sk->write_space = leg->saved.write_space;
	sk->error_report = leg->saved.error_report;
	sk->urgent = leg->saved.urgent;
	sk->user = NULL;
}

/* --- open, graft, drop ------------------------------------------------------------------------ */

static int create(struct sop_stack *st, struct socket *inner, int protocol) {
	return st->gone ? -ENETDOWN : st->ops->create(st, inner, protocol);
}

int leg_open(struct sop_leg *leg) {
	struct sop_sock *ss = leg->ss;
	struct sop_stack *st = leg->stack;
	struct socket *inner = sock_alloc_inner(sop_kernel(ss), ss->sk.type);
	int err = create(st, inner, ss->sk.protocol);

	if (err) {
		sock_release(inner);
		st->count[SOP_STACK_refused]++;
		return err;
	}
	if (leg->inner) { /* another process opened it while this one waited for the card */
		sock_release(inner);
		return 0;
	}
	st->count[SOP_STACK_opened]++;
	leg->inner = inner;
	leg->state = LEG_OPEN;
	leg->opt_seq = 0;
	leg->lost = leg->stirred = false;
	hook(leg);
	leg_replay_options(leg);
	leg_replay_groups(leg);
	if (ss->sk.socket->file && ss->sk.socket->file->flags & O_ASYNC)
		leg_poll(leg, NULL, NULL); /* the others were asked when O_ASYNC was set */
	return 0;
}

void leg_graft(struct sop_leg *leg, struct socket *inner) {
	leg_drop(leg);
	leg->inner = inner;
	leg->state = LEG_CONNECTED;
	leg->opt_seq = 0;
	inner->state = SS_CONNECTED;
	hook(leg);
}

/* Forgets every mention of the leg as a place that something came from or went to. */
static void forget(struct sop_leg *leg) {
	struct sop_sock *ss = leg->ss;

	if (ss->last.leg == leg)
		ss->last.leg = NULL;
	if (ss->peeked == leg)
		ss->peeked = NULL;
	if (ss->drain == leg)
		ss->drain = NULL;
	if (ss->stamped == leg)
		ss->stamped = NULL;
	sop_forget_origins(ss, leg);
}

void leg_drop(struct sop_leg *leg) {
	struct socket *inner = leg->inner;

	if (!inner)
		return;
	unhook(leg);
	leg->inner = NULL;
	leg->state = LEG_ABSENT;
	leg->lost = false;
	forget(leg);
	if (leg->busy || wait_queue_active(&inner->wait)) {
		leg->ss->parked = g_slist_prepend(leg->ss->parked, inner);
		return;
	}
	if (inner->sk && leg != leg->ss->ps)
		inner->sk->linger = false;
	sock_release(inner);
}

int leg_reopen(struct sop_leg *leg) {
	leg_drop(leg);
	return leg_open(leg);
}

int leg_catch_up(struct sop_leg *leg) {
	struct sop_sock *ss = leg->ss;
	int err = 0;

	if (ss->bound && leg->state == LEG_OPEN)
		err = leg_bind(leg, ss->addr, ss->port);
	if (!err && ss->listening && leg->state == LEG_BOUND)
		err = leg_listen(leg, ss->backlog);
	return err;
}

/* --- operations ------------------------------------------------------------------------------- */

/* The inner socket, held until leave().  NULL: another process that has the SOP socket has dropped
 * the leg since it was chosen, because its card failed while this one slept in the stack before. */
static inline struct socket *enter(struct sop_leg *leg) {
	struct socket *inner = leg->inner;

	if (!inner)
		return NULL;
	if (leg->opt_seq != leg->ss->sk.opt_seq)
		leg_sync_options(leg);
	leg->busy++;
	return inner;
}

static inline void leave(struct sop_leg *leg) { leg->busy--; }

/* After a call that may have slept: is it still the same inner socket? */
static inline void advance(struct sop_leg *leg, const struct socket *inner,
                           enum sop_leg_state state) {
	if (leg->inner == inner)
		leg->state = state;
}

int leg_bind(struct sop_leg *leg, uint32_t addr, uint16_t port) {
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = g_htons(port),
		.sin_addr.s_addr = g_htonl(addr),
	};
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->bind(inner, (struct sockaddr *)&sin, sizeof sin);
	leave(leg);
	if (!err)
		advance(leg, inner, LEG_BOUND);
	return card_is_gone(leg, err) ? -ENETDOWN : err; /* there was no connection to be reset */
}

int leg_listen(struct sop_leg *leg, int backlog) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->listen(inner, backlog);
	leave(leg);
	if (!err)
		advance(leg, inner, LEG_LISTENING);
	return card_is_gone(leg, err) ? -ENETDOWN : err;
}

int leg_connect(struct sop_leg *leg, const struct sockaddr *addr, int len, int flags) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->connect(inner, addr, len, flags);
	leave(leg);
	if (!err)
		advance(leg, inner, LEG_CONNECTED);
	return err;
}

int leg_disconnect(struct sop_leg *leg) {
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->connect(inner, &unspec, sizeof unspec, 0);
	leave(leg);
	if (leg->state > LEG_BOUND)
		advance(leg, inner, LEG_BOUND);
	return err;
}

/* Also when a sleeping thread is unwound at the end of a run. */
static void release_new(struct socket **sock) {
	if (*sock)
		sock_release(*sock);
}

/* As sys_accept does it: the new socket has the listener's ops and no sk yet. */
int leg_accept(struct sop_leg *leg, int flags, struct socket **inner) {
	struct socket *new __attribute__((cleanup(release_new))) = NULL;
	struct socket *listener = enter(leg);
	int err;

	if (!listener)
		return -ENETDOWN;
	new = sock_alloc_inner(listener->kernel, SOCK_STREAM);
	new->ops = listener->ops;
	err = listener->ops->accept(listener, new, flags);
	leave(leg);
	if (err < 0)
		return err;
	leg->stack->count[SOP_STACK_accepted]++;
	*inner = new;
	new = NULL;
	return 0;
}

static int make_socket(struct sop_leg *leg) {
	struct socket *new = sock_alloc_inner(sop_kernel(leg->ss), SOCK_STREAM);
	int err = create(leg->stack, new, leg->ss->sk.protocol);

	if (err)
		sock_release(new);
	else
		leg->made = new;
	return err;
}

int leg_accept_made(struct sop_leg *leg, struct socket **inner) {
	int err = leg->made ? 0 : make_socket(leg);
	struct socket *listener;

	if (err)
		return err;
	listener = enter(leg);
	if (!listener)
		return -ENETDOWN;
	err = listener->ops->accept(listener, leg->made, 0);
	leave(leg);
	if (err < 0)
		return err;
	leg->stack->count[SOP_STACK_accepted]++;
	*inner = leg->made;
	leg->made = NULL;
	return 0;
}

void leg_unmake(struct sop_leg *leg) {
	if (leg->made)
		sock_release(leg->made);
	leg->made = NULL;
}

ssize_t leg_sendmsg(struct sop_leg *leg, struct msghdr *msg, size_t len) {
	struct socket *inner = enter(leg);
	ssize_t n;

	if (!inner)
		return -ENETDOWN;
	n = inner->ops->sendmsg(inner, msg, len);
	leave(leg);
	return n;
}

ssize_t leg_sendpage(struct sop_leg *leg, const void *page, size_t size, int flags) {
	struct socket *inner = enter(leg);
	ssize_t n;

	if (!inner)
		return -ENETDOWN;
	n = inner->ops->sendpage(inner, page, size, flags);
	leave(leg);
	return n;
}

ssize_t leg_recvmsg(struct sop_leg *leg, struct msghdr *msg, size_t len, int flags) {
	struct socket *inner = enter(leg);
	ssize_t n;

	if (!inner)
		return -ENETDOWN;
	n = inner->ops->recvmsg(inner, msg, len, flags);
	leave(leg);
	return n;
}

unsigned leg_poll(struct sop_leg *leg, struct file *file, struct poll_table *table) {
	struct socket *inner = enter(leg);
	unsigned mask;

	if (!inner)
		return 0;
	mask = inner->ops->poll(file, inner, table);
	leave(leg);
	return mask;
}

int leg_getname(struct sop_leg *leg, struct sockaddr *addr, int *len, int peer) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->getname(inner, addr, len, peer);
	leave(leg);
	return err;
}

int leg_take_error(struct sop_leg *leg) {
	struct socket *inner = enter(leg);
	struct sock *sk = inner ? inner->sk : NULL;

	if (!inner)
		return 0;
	if (sk->fetch_error)
		sk->fetch_error(sk);
	leave(leg);
	return -sock_error(sk);
}

int leg_ioctl(struct sop_leg *leg, unsigned long cmd, void *arg) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->ioctl(inner, cmd, arg);
	leave(leg);
	return err;
}

int leg_shutdown(struct sop_leg *leg, int how) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->shutdown(inner, how);
	leave(leg);
	return err;
}

int leg_setsockopt(struct sop_leg *leg, int level, int name, const void *val, int len) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->setsockopt(inner, level, name, val, len);
	leave(leg);
	return err;
}

int leg_getsockopt(struct sop_leg *leg, int level, int name, void *val, int *len) {
	struct socket *inner = enter(leg);
	int err;

	if (!inner)
		return -ENETDOWN;
	err = inner->ops->getsockopt(inner, level, name, val, len);
	leave(leg);
	return err;
}

static struct sockaddr_in own_name(struct sop_leg *leg) {
	struct sockaddr_in sin;
	int len = sizeof sin;

	return leg_getname(leg, (struct sockaddr *)&sin, &len, 0) ? (struct sockaddr_in){0} : sin;
}

uint16_t leg_port(struct sop_leg *leg) {
	struct sockaddr_in sin = own_name(leg);

	return g_ntohs(sin.sin_port);
}

uint32_t leg_address(struct sop_leg *leg) {
	struct sockaddr_in sin = own_name(leg);

	return g_ntohl(sin.sin_addr.s_addr);
}
