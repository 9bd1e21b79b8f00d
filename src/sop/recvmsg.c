/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recvmsg(): a pinned socket's goes straight to its stack.  A datagram socket on several stacks
 * asks each in turn without blocking; if none has anything and the call may block, again at a fixed
 * interval (the paper), or when one of them stirs.
 */
#include "sop/ops.h"

struct recv_args {
	struct msghdr *msg;
	size_t len;
	int flags;
};

static ssize_t receive(struct sop_leg *leg, struct recv_args *args) {
	struct msghdr fresh = *args->msg;
	ssize_t n = leg_recvmsg(leg, args->msg, args->len, args->flags | MSG_DONTWAIT);

	if (n < 0)
		*args->msg = fresh; /* nothing of a failed attempt shows in the next one's answer */
	return n;
}

/* Data goes before errors: an error found on the way is kept until no stack has data, or SO_ERROR
 * asks; one at a time. */
static void hold_error(struct sop_sock *ss, int err) {
	if (ss->sk.err)
		return;
	ss->sk.err = -err;
	sop_count(ss, SOP_EV_errors_held);
}

static void delivered(struct sop_sock *ss, struct sop_leg *leg, const struct msghdr *msg,
                      int flags) {
	uint32_t addr;
	uint16_t port;

	if (!sockaddr_get_in(msg->msg_name, (int)msg->msg_namelen, &addr, &port))
		sop_came_from(ss, leg, addr);
	ss->stamped = leg;
	ss->peeked = flags & MSG_PEEK ? leg : NULL;
	if (!(flags & MSG_PEEK))
		ss->served = leg;
}

static ssize_t recv_sweep(struct sop_sock *ss, const struct sop_set *set, struct recv_args *args) {
	sop_count(ss, SOP_EV_recv_sweeps);
	for (unsigned i = 0; i < set->n; i++) {
		struct sop_leg *leg = set->leg[i];
		ssize_t n;

		leg->stirred = false;
		n = receive(leg, args);
		if (n > 0 || (n == 0 && !(ss->sk.shutdown & RCV_SHUTDOWN))) {
			delivered(ss, leg, args->msg, args->flags);
			return n;
		}
		if (n < 0 && n != -EAGAIN && !card_is_gone(leg, (int)n))
			hold_error(ss, (int)n);
	}
	if (ss->sk.err)
		return sock_error(&ss->sk);
	return ss->sk.shutdown & RCV_SHUTDOWN ? 0 : -EAGAIN;
}

/* A card sends events only for sockets that are polled: asking makes sure of them, and finds what
 * came since the sweep.  A leg that stirs but was not swept has joined meanwhile.  POLLERR is worth
 * one sweep (*erring: that was in vain): what lies in an error queue (IP_RECVERR) lasts, and no
 * sweep finds it; an error that comes behind it stirs the leg. */
static bool something_stirs(const struct sop_sock *ss, const struct sop_set *set, bool *erring) {
	unsigned events = 0;
	bool yes;

	for (unsigned i = 0; i < set->n; i++)
		events |= leg_poll(set->leg[i], NULL, NULL);
	yes = events & POLLIN || (events & POLLERR && !*erring);
	*erring = events & POLLERR;
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		yes |= leg->stirred && sop_leg_serves(leg);
	return yes;
}

/* One stack alone needs no interval, whatever the mode: it says when something comes. */
static bool sleeps_on_stacks(const struct sop_sock *ss, const struct sop_set *set) {
	return ss->sop->conf.receive == SOP_RECV_WAIT_ALL || set->n == 1;
}

/* Sleeps until it is worth to sweep again: returns what is left of `timeo`. */
static sim_time pause_sweeps(struct sop_sock *ss, const struct sop_set *set, bool *erring,
                             sim_time timeo) {
	struct kernel *k = sop_kernel(ss);
	sim_time step, left;

	if (sleeps_on_stacks(ss, set)) {
		if (!something_stirs(ss, set, erring))
			return schedule_timeout(k, timeo);
		set_task_state(current_task(k), TASK_RUNNING);
		return timeo;
	}
	step = MIN(timeo, kernel_ticks(k, ss->sop->conf.recv_interval));
	left = schedule_timeout(k, step);
	return timeo == SIM_NEVER ? timeo : timeo - step + left;
}

static ssize_t recv_blocking(struct sop_sock *ss, struct recv_args *args, sim_time timeo) {
	struct kernel *k = sop_kernel(ss);
	WAIT_PLACE place = {.wq = NULL};
	struct sop_set set;
	bool erring = false;
	ssize_t n;

	for (;;) {
		if (ss->epoch != ss->sop->epoch)
			sop_refresh(ss);
		sop_choose_step(ss, SOP_STEP_again, 0, &set);
		wait_leave(&place);
		if (sleeps_on_stacks(ss, &set))
			wait_join(&place, k, &ss->any_wait, true);
		n = recv_sweep(ss, &set, args);
		if (n != -EAGAIN || !timeo)
			break;
		set_task_state(current_task(k), TASK_INTERRUPTIBLE);
		if (signal_pending(current_task(k))) {
			n = sock_intr_errno(timeo);
			break;
		}
		timeo = pause_sweeps(ss, &set, &erring, timeo);
	}
	set_task_state(current_task(k), TASK_RUNNING);
	return n;
}

/* Datagrams that had come before a connect aimed the socket elsewhere. */
static ssize_t recv_drain(struct sop_sock *ss, struct recv_args *args) {
	struct sop_leg *leg = ss->drain;
	ssize_t n = receive(leg, args);

	if (n >= 0)
		ss->stamped = leg;
	else if (ss->drain == leg)
		ss->drain = NULL;
	return n;
}

/* The oldest error that some stack has queued; the one that a call would tell is the next then. */
static ssize_t recv_error(struct sop_sock *ss, struct recv_args *args, const struct sop_set *set) {
	ssize_t n = -EAGAIN;

	for (unsigned i = 0; i < set->n && n == -EAGAIN; i++)
		n = receive(set->leg[i], args);
	if (n >= 0)
		ss->sk.err = 0;
	return n;
}

static ssize_t recv_any(struct sop_sock *ss, struct recv_args *args, const struct sop_set *set) {
	bool noblock = args->flags & MSG_DONTWAIT;

	if (set->rule == SOP_FOR_nobody) /* tcp_recv_urg() finds no urgent byte before it asks */
		return args->flags & MSG_OOB && !ss->listening ? -EINVAL : -ENOTCONN;
	if (args->flags & MSG_ERRQUEUE)
		return recv_error(ss, args, set);
	if (noblock)
		return recv_sweep(ss, set, args);
	return recv_blocking(ss, args, sock_rcvtimeo(&ss->sk, false));
}

ssize_t sop_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags) {
	struct sop_sock *ss = sop_sk(sock);
	struct recv_args args = {msg, len, flags};
	struct sop_set set;
	ssize_t n;

	sop_choose(ss, SOP_OP_recvmsg, &set);
	if (set.rule != SOP_FOR_alone)
		return recv_any(ss, &args, &set);
	if (ss->drain && !(flags & MSG_ERRQUEUE)) {
		n = recv_drain(ss, &args);
		if (n >= 0)
			return n;
		if (!ss->ps) { /* another process has disconnected it meanwhile */
			sop_choose_step(ss, SOP_OP_recvmsg, 0, &set);
			return recv_any(ss, &args, &set);
		}
	}
	n = leg_recvmsg(ss->ps, msg, len, flags);
	if (ss->losers && n >= 0)
		sop_release_losers(ss);
	return n;
}
