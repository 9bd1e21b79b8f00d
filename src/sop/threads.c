/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocking accept on several stacks: kernel threads ask them all at once for the caller.
 *
 * A thread sleeps inside its stack's accept.  What it gets it puts into the listener's queue, from
 * which callers take before any stack is asked: a connection that two stacks deliver at the same
 * time, or that comes when the caller has left (signal, time-out), waits there for the next call.
 *
 *   per call (the paper): an accept call makes a thread for each stack that has none.  A thread
 *   that delivered ends; one that did not keeps sleeping and serves the next call.
 *
 *   standing: a thread for each stack as long as the socket listens.  After a delivery it waits
 *   until that was taken, so that the queue of the stack keeps its limit.
 */
#include "sop/threads.h"

#include "sop/target.h"

static struct sop_acceptor *acceptor_get(struct sop_sock *ss) {
	if (!ss->acceptor) {
		struct sop_acceptor *acc = g_new0(struct sop_acceptor, 1);

		acc->tail = &acc->head;
		wait_queue_init(&acc->room);
		wait_queue_init(&acc->gone);
		ss->acceptor = acc;
	}
	return ss->acceptor;
}

/* --- the queue -------------------------------------------------------------------------------- */

static void deliver(struct sop_leg *leg, struct socket *inner, bool made) {
	struct sop_sock *ss = leg->ss;
	struct sop_acceptor *acc = ss->acceptor;
	struct sop_delivery *d = g_slice_new(struct sop_delivery);

	charge(sop_kernel(ss), COST_SOP_HANDOFF, 0);
	*d = (struct sop_delivery){.stack = leg->stack, .inner = inner, .made = made};
	*acc->tail = d;
	acc->tail = &d->next;
	leg->untaken++;
	if (++acc->queued > acc->waiting)
		sop_count(ss, SOP_EV_surplus_queued);
	wake_up(sop_kernel(ss), &ss->callers);
	if (!acc->waiting && ss->sk.socket) /* pollers */
		wake_up(sop_kernel(ss), &ss->sk.socket->wait);
}

bool sop_has_surplus(const struct sop_sock *ss) { return ss->acceptor && ss->acceptor->head; }

bool sop_take_surplus(struct sop_sock *ss, struct sop_delivery *d) {
	struct sop_acceptor *acc = ss->acceptor;
	struct sop_delivery *first;

	if (!acc || !acc->head)
		return false;
	first = acc->head;
	*d = *first;
	acc->head = first->next;
	if (!acc->head)
		acc->tail = &acc->head;
	acc->queued--;
	sop_leg_of(ss, d->stack)->untaken--;
	g_slice_free(struct sop_delivery, first);
	wake_up_all(sop_kernel(ss), &acc->room);
	return true;
}

/* Resets the connections that nobody took. */
static void sop_close_surplus(struct sop_sock *ss) {
	struct sop_delivery d;

	while (sop_take_surplus(ss, &d)) {
		sop_count(ss, SOP_EV_surplus_closed);
		if (d.inner->sk) {
			d.inner->sk->linger = true; /* linger 0: reset, as a listener's queue is */
			d.inner->sk->lingertime = 0;
		}
		sock_release(d.inner);
	}
}

/* All stacks leave LISTEN; nobody will take the surplus. */
void sop_end_listening(struct sop_sock *ss) {
	sop_listens_no_more(ss);
	sop_close_surplus(ss);
	sop_wake_callers(ss);
	if (ss->acceptor)
		wake_up_all(sop_kernel(ss), &ss->acceptor->room);
}

/* --- the threads ------------------------------------------------------------------------------ */

static bool thread_wanted(const struct sop_leg *leg) {
	return !leg->stop && leg->ss->listening && leg->inner && !leg->lost;
}

/* The paper's accept makes the new socket, twins and all, before it is known who will deliver. */
static bool makes_twins(const struct sop_leg *leg) {
	return leg->ss->sop->conf.accept == SOP_ACCEPT_PER_CALL;
}

/* Another round?  Standing threads go on when their own last connection was taken, so that of
 * stacks that are always ready each has one in the queue and they take turns there, or when callers
 * wait; those made for a call when more callers wait than connections lie ready. */
static bool thread_goes_on(struct sop_leg *leg) {
	struct kernel *k = sop_kernel(leg->ss);
	struct sop_acceptor *acc = leg->ss->acceptor;

	if (makes_twins(leg))
		return thread_wanted(leg) && acc->waiting > acc->queued;
	wait_until_on(k, &acc->room, false, TASK_INTERRUPTIBLE,
	              !thread_wanted(leg) || !leg->untaken || acc->queued <= acc->waiting, 0,
	              schedule(k));
	return thread_wanted(leg);
}

static bool is_passing(int err) { return err == -ECONNABORTED || err == -EAGAIN || err == -EINTR; }

/* A hard error is the caller's to know; that the listener was shut down, or the card is gone,
 * everybody sees for himself. */
static void report(struct sop_leg *leg, int err) {
	struct sop_acceptor *acc = leg->ss->acceptor;

	if (card_is_gone(leg, err))
		leg->lost = true;
	else if (leg->ss->listening && !acc->err)
		acc->err = err;
	sop_wake_callers(leg->ss);
}

/* Also when the thread is unwound at the end of a run: so nothing here may charge or wake. */
static void thread_ended(struct sop_leg **leg) {
	(*leg)->thread = NULL;
	(*leg)->ss->acceptor->running--;
}

static void thread_loop(struct sop_leg *arg) {
	struct sop_leg *leg __attribute__((cleanup(thread_ended))) = arg;

	while (thread_wanted(leg)) {
		struct socket *inner = NULL;
		bool made = makes_twins(leg) && leg->stack->td->op.accepts_into_made;
		int err = made ? leg_accept_made(leg, &inner) : leg_accept(leg, 0, &inner);

		if (!err) {
			deliver(leg, inner, made);
			if (!thread_goes_on(leg))
				return;
		} else if (!is_passing(err)) {
			leg_unmake(leg);
			if (!leg->stop)
				report(leg, err);
			return;
		}
	}
}

static int accept_thread(struct task *me, void *arg) {
	struct sop_leg *leg = arg;
	struct sop_acceptor *acc = leg->ss->acceptor;

	thread_loop(leg);
	if (!acc->running)
		wake_up_all(task_kernel(me), &acc->gone);
	return 0;
}

static void start_threads(struct sop_sock *ss) {
	struct sop_set set;

	sop_choose_step(ss, SOP_OP_accept, 0, &set);
	for (unsigned i = 0; i < set.n; i++) {
		struct sop_leg *leg = set.leg[i];

		if (leg->thread)
			continue;
		leg->stop = false;
		leg->thread = kernel_thread(sop_kernel(ss), "sop_accept", accept_thread, leg);
		if (!leg->thread)
			continue;
		ss->acceptor->running++;
		sop_count(ss, SOP_EV_accept_threads);
	}
}

void sop_stop_threads(struct sop_sock *ss) {
	struct kernel *k = sop_kernel(ss);
	struct sop_acceptor *acc = ss->acceptor;

	if (!acc)
		return;
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next) {
		leg->stop = true;
		if (leg->thread)
			send_sig(k, leg->thread, SIGKILL);
	}
	wake_up_all(k, &acc->room);
	wait_event(k, &acc->gone, false, !acc->running);
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		leg_unmake(leg);
	sop_close_surplus(ss);
	g_free(acc);
	ss->acceptor = NULL;
}

/* --- the caller ------------------------------------------------------------------------------- */

/* One look: 0 with *d filled, -EAGAIN to sleep on, or the answer. */
static int look(struct sop_sock *ss, struct sop_delivery *d, sim_time timeo) {
	struct sop_acceptor *acc = ss->acceptor;
	int err;

	if (sop_take_surplus(ss, d))
		return 0;
	if (!ss->listening)
		return -EINVAL;
	if (acc->err) {
		err = acc->err;
		acc->err = 0;
		return err;
	}
	if (signal_pending(current_task(sop_kernel(ss))))
		return sock_intr_errno(timeo);
	if (ss->epoch != ss->sop->epoch)
		sop_refresh(ss);
	start_threads(ss);
	return -EAGAIN;
}

int sop_accept_by_threads(struct sop_sock *ss, struct sop_delivery *d) {
	struct kernel *k = sop_kernel(ss);
	struct sop_acceptor *acc = acceptor_get(ss);
	sim_time timeo = sock_rcvtimeo(&ss->sk, false);
	int err = -EAGAIN; /* nobody has looked yet */

	acc->waiting++;
	wait_until_on(k, &ss->callers, true, TASK_INTERRUPTIBLE,
	              (err = look(ss, d, timeo)) != -EAGAIN, timeo ? 0 : -EAGAIN,
	              timeo = schedule_timeout(k, timeo));
	acc->waiting--;
	if (err && acc->head) /* we were chosen but do not take it */
		wake_up(k, &ss->callers);
	return err;
}
