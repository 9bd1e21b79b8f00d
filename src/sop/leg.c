/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of a leg: opening and dropping the inner socket, standing before its callbacks.
 */
#include "sop/leg.h"

#include <fcntl.h>
#include <signal.h>

#include "sop/sock.h"

/* --- callbacks -----------------------------------------------------------------------------------
 *
 * Tasks blocked inside an inner operation sleep on the inner socket: the callback that was there
 * wakes them.  Those that wait for several stacks sleep in any_wait or poll on the outer socket.
 * SIGIO and SIGURG go to the owner of the outer socket's file, since nothing but the outer socket
 * has one.
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

int leg_open(struct sop_leg *leg) {
	struct sop_sock *ss = leg->ss;
	struct sop_stack *st = leg->stack;
	struct socket *inner = sock_alloc_inner(sop_kernel(ss), ss->sk.type);
	int err = sop_stack_socket(st, inner, ss->sk.protocol);

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
