/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shutdown() and close().
 */
#include "sop/ops.h"

#include "sop/merge.h"
#include "sop/threads.h"

static ssize_t shutdown_one(struct sop_leg *leg, void *arg) {
	return leg_shutdown(leg, *(const int *)arg);
}

/* The bits count even when the answer is ENOTCONN, and sleepers wake (inet_shutdown of 2.4). */
static void note(struct sop_sock *ss, int how) {
	if (how != SHUT_WR)
		ss->sk.shutdown |= RCV_SHUTDOWN;
	if (how != SHUT_RD)
		ss->sk.shutdown |= SEND_SHUTDOWN;
	wake_up_all(sop_kernel(ss), &ss->any_wait);
}

static bool was_taken_back(const struct sop_sock *ss, const struct sop_leg *leg) {
	return ss->ps == leg && ss->sk.socket->state == SS_CONNECTING &&
	       leg->inner->state == SS_UNCONNECTED;
}

/* Both calls may sleep: meanwhile a process in connect() may have learned that the attempt is over,
 * and freed the socket. */
static int shutdown_pinned(struct sop_sock *ss, int how) {
	struct sop_leg *leg = ss->ps;
	int err = shutdown_one(leg, &how);

	if (ss->sk.type != SOCK_STREAM || ss->pin != SOP_PIN_connect)
		return err;
	if (was_taken_back(ss, leg))
		sop_fetch_error(&ss->sk);
	if (was_taken_back(ss, leg))
		sop_ends_connect(ss);
	else if (ss->ps == leg)
		sop_takes_over_state(ss);
	return err;
}

int sop_shutdown(struct socket *sock, int how) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_set set;
	bool listening;
	int err;

	SOP_LOCKED held = sop_lock(ss); /* or a late card would begin to listen meanwhile */
	sop_choose(ss, SOP_OP_shutdown, &set);
	listening = ss->listening;
	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	if (ss->ps && !listening)
		return shutdown_pinned(ss, how);
	if (listening && how != SHUT_WR)
		sop_end_listening(ss);
	err = sop_inet_answers(&set, shutdown_one, &how);
	if (!listening)
		note(ss, how);
	else
		wake_up_all(sop_kernel(ss), &ss->any_wait);
	if (how != SHUT_WR)
		sop_review_port(ss);
	return err;
}

static void release_parked(struct sop_sock *ss) {
	for (GSList *l = ss->parked; l; l = l->next)
		sock_release(l->data);
	g_slist_free(ss->parked);
}

/*
 * Every stack's release.  Threads first, so that nobody sleeps in an inner socket; losers before
 * the stack in charge, which alone may linger.  On a failed accept() the socket layer passes a
 * socket that never got a sock.
 */
int sop_release(struct socket *sock) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_leg *ps;

	if (!ss)
		return 0;
	charge(sop_kernel(ss), COST_SOP_DISPATCH, 0);
	ss->sop->op_count[SOP_OP_release]++;
	SOP_CHECK(ss);
	sop_leave_alone(ss);
	sop_listens_no_more(ss);
	sop_stop_threads(ss);
	sop_release_losers(ss);
	ps = ss->ps;
	if (ps && ps->inner) {
		leg_sync_options(ps);
		leg_drop(ps);
	}
	release_parked(ss);
	sock->sk = NULL;
	sop_sock_free(ss);
	return 0;
}
