/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accept(): one stack is asked directly, several in turn when the call may not block, else by
 * threads (threads.c).  A connection makes one more SOP socket, pinned to the stack it came from.
 */
#include "sop/ops.h"

#include <fcntl.h>

#include "sop/threads.h"

/*
 * The paper makes the connection's socket with the routine of socket(), twins and initialise
 * commands included, and releases those that turn out not to be needed.  The twin on the stack that
 * delivered may have been made already, for the connection to move into.  With standing threads the
 * socket is made lean: only the leg of the stack that delivered.
 */
static struct sop_leg *child_leg(struct sop_sock *child, const struct sop_delivery *d, bool twins) {
	struct sop_leg *leg;

	if (twins) {
		sop_count(child, SOP_EV_twins_made);
		sop_open_legs(child, d->made ? d->stack : NULL);
	}
	leg = sop_leg_of(child, d->stack);
	return leg ? leg : sop_add_leg(child, d->stack);
}

static void adopt(struct sop_sock *ss, struct socket *newsock, const struct sop_delivery *d) {
	const struct sop_face face = {ss->sk.socket->ops, ss->sk.option_changed,
	                              ss->sk.fetch_error};
	bool twins = !ss->ps && ss->sop->conf.accept == SOP_ACCEPT_PER_CALL;
	struct sop_sock *child =
		sop_sock_new(ss->sop, newsock, SOCK_STREAM, ss->sk.protocol, &face);
	struct sop_leg *leg;

	sop_inherit_options(child, ss);
	leg = child_leg(child, d, twins);
	leg_graft(leg, d->inner);
	sop_adopts(child, leg, ss);
}

/* The connection of one stack went away before it was taken: ask the next. */
static bool asks_next(int err) { return err == -EAGAIN || err == -ECONNABORTED; }

/* Without blocking: a hard error of one stack does not hide a connection of another; with none
 * ready, the first one is the answer. */
static int accept_sweep(struct sop_sock *ss, const struct sop_set *set, struct sop_delivery *d) {
	int answer = -EAGAIN;

	sop_count(ss, SOP_EV_accept_sweeps);
	for (unsigned i = 0; i < set->n; i++) {
		struct sop_leg *leg = set->leg[i];
		int err = leg_accept(leg, O_NONBLOCK, &d->inner);

		if (!err) {
			d->stack = leg->stack;
			d->made = false;
			ss->served = leg;
			return 0;
		}
		if (!asks_next(err) && !card_is_gone(leg, err) && answer == -EAGAIN)
			answer = err;
	}
	return answer;
}

/* A look at a listener with one leg: *several says that it has more now, and then nobody was asked.
 */
static int look_alone(struct sop_sock *ss, struct sop_delivery *d, bool *several) {
	struct sop_set set;

	if (ss->epoch != ss->sop->epoch)
		sop_refresh(ss);
	sop_choose_step(ss, SOP_OP_accept, 0, &set);
	if (!ss->listening || !set.n)
		return -EINVAL;
	*several = set.n > 1;
	if (*several)
		return 0;
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		leg->stirred = false;
	return accept_sweep(ss, &set, d);
}

/* Nothing has happened since the look: it is safe to sleep.  Whoever is at it following the list of
 * stacks wakes us. */
static bool is_calm(const struct sop_sock *ss) {
	for (const struct sop_leg *leg = ss->legs; leg; leg = leg->next)
		if (leg->stirred)
			return false;
	return ss->listening && (ss->epoch == ss->sop->epoch || ss->locker);
}

/*
 * One stack only, so no threads; but the caller sleeps in SOP, not in the stack, and so hears of a
 * card that is added meanwhile: *several, and nothing was accepted.
 */
static int accept_alone(struct sop_sock *ss, struct sop_delivery *d, bool *several) {
	struct kernel *k = sop_kernel(ss);
	sim_time timeo = sock_rcvtimeo(&ss->sk, false);
	WAIT_PLACE place = {.wq = NULL};
	int err;

	wait_join(&place, k, &ss->any_wait, true);
	while ((err = look_alone(ss, d, several)) == -EAGAIN && timeo) {
		set_task_state(current_task(k), TASK_INTERRUPTIBLE);
		if (signal_pending(current_task(k))) {
			err = sock_intr_errno(timeo);
			break;
		}
		if (is_calm(ss))
			timeo = schedule_timeout(k, timeo);
	}
	set_task_state(current_task(k), TASK_RUNNING);
	wait_leave(&place);
	if ((err || *several) && !is_calm(ss)) /* we may have been chosen for what we do not take */
		wake_up(k, &ss->any_wait);
	return err;
}

static int take(struct sop_sock *ss, const struct sop_set *set, int flags, struct sop_delivery *d) {
	bool several = set->n > 1;

	if (sop_take_surplus(ss, d))
		return 0;
	if (!set->n)
		return -EINVAL;
	if (set->rule == SOP_FOR_alone) {
		*d = (struct sop_delivery){.stack = set->leg[0]->stack};
		return leg_accept(set->leg[0], flags, &d->inner);
	}
	if (flags & O_NONBLOCK)
		return accept_sweep(ss, set, d);
	if (!several) {
		int err = accept_alone(ss, d, &several);

		if (!several)
			return err;
	}
	return sop_accept_by_threads(ss, d);
}

int sop_accept(struct socket *sock, struct socket *newsock, int flags) {
	struct sop_sock *ss = sop_sk(sock);
	struct sop_delivery d;
	struct sop_set set;
	int err;

	sop_choose(ss, SOP_OP_accept, &set);
	if (!ss->listening)
		return -EINVAL;
	err = take(ss, &set, flags, &d);
	if (err)
		return err;
	adopt(ss, newsock, &d);
	return 0;
}
