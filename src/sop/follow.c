/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cards that come and go under open sockets.
 *
 * A socket that several stacks may serve follows the list of stacks: it gets a leg on a card that
 * was added (initialise, bind, listen) and loses that on one that failed.  Whoever uses it next
 * does that first.  A server that only waits would not be reached by the new card, so the notice
 * starts a kernel thread, which does it for all sockets that are bound.
 */
#include "sop/target.h"

/* Whoever sleeps on several stacks looks again. */
static void wake_sleepers(struct sop_sock *ss) {
	struct kernel *k = sop_kernel(ss);

	wake_up_all(k, &ss->any_wait);
	sop_wake_callers(ss);
	if (ss->sk.socket)
		wake_up_all(k, &ss->sk.socket->wait);
}

/* --- one socket ------------------------------------------------------------------------------- */

static void drop_lost(struct sop_sock *ss) {
	for (struct sop_leg *leg = ss->legs; leg; leg = leg->next) {
		if (!leg->inner || leg == ss->ps || (!leg->lost && !leg->stack->gone))
			continue;
		sop_count(ss, SOP_EV_lost_legs);
		leg_drop(leg);
	}
}

static int open_and_catch_up(struct sop_leg *leg) {
	int err = leg->inner ? 0 : leg_open(leg);

	return err ? err : leg_catch_up(leg);
}

/* A leg that cannot follow is left out: a late card whose port is taken, say. */
static bool join(struct sop_sock *ss, struct sop_stack *st) {
	struct sop_leg *leg = sop_leg_of(ss, st);
	int err;

	if (!leg)
		leg = sop_add_leg(ss, st);
	err = open_and_catch_up(leg);
	if (!err) {
		leg->stirred =
			true; /* who was about to sleep on the others looks at this one first */
		sop_count(ss, SOP_EV_late_legs);
		return true;
	}
	g_debug("sop: %s cannot join port %u: %s", st->name, ss->port, g_strerror(-err));
	sop_count(ss, ss->bound ? SOP_EV_partial_bind : SOP_EV_partial_create);
	leg_drop(leg);
	return false;
}

/* Connected datagram sockets keep the other stacks: they may be aimed elsewhere. */
static bool may_join(const struct sop_sock *ss) {
	return !ss->ps || (ss->sk.type == SOCK_DGRAM && ss->pin == SOP_PIN_connect);
}

/* A process has pinned the socket meanwhile.  While it still connects it goes on to the other
 * stacks if this one refuses. */
static void give_up(struct sop_sock *ss) {
	ss->epoch = ss->sop->epoch - 1;
	if (ss->sk.socket->state != SS_CONNECTING)
		sop_release_losers(ss);
}

/* True: a stack has joined. */
static bool refresh_once(struct sop_sock *ss) {
	bool joined = false;

	ss->epoch = ss->sop->epoch; /* first: opening a leg may sleep */
	drop_lost(ss);
	for (struct sop_stack *st = ss->sop->stacks; st && may_join(ss); st = st->next) {
		struct sop_leg *leg = sop_leg_of(ss, st);

		if (!st->gone && (!leg || leg->state < sop_leg_goal(ss)))
			joined |= join(ss, st);
	}
	if (!may_join(ss))
		give_up(ss);
	return joined;
}

/* Who comes while another process is at it goes on with the legs that there are, and is woken when
 * there are more. */
void sop_refresh(struct sop_sock *ss) {
	bool joined = false;

	if (ss->locker && ss->locker != current_task(sop_kernel(ss)))
		return;
	SOP_LOCKED held = sop_lock(ss);
	while (may_join(ss) && ss->epoch != ss->sop->epoch)
		joined |= refresh_once(ss);
	if (joined)
		wake_sleepers(ss);
}

/* --- groups on a card that is gone --------------------------------------------------------------
 */

/* On the card that has taken its place: NULL, there is none yet. */
static struct sop_leg *heir_leg(struct sop_sock *ss, const struct sop_membership *m) {
	return sop_usable_leg(ss, sop_heir_of(ss, m));
}

static bool groups_wait(struct sop_sock *ss) {
	if (heir_leg(ss, &ss->mcast_if))
		return true;
	for (guint i = 0; ss->groups && i < ss->groups->len; i++)
		if (heir_leg(ss, sop_nth_group(ss, i)))
			return true;
	return false;
}

static void groups_follow(struct sop_sock *ss) {
	struct sop_leg *leg = heir_leg(ss, &ss->mcast_if);

	if (leg)
		leg_take_over(leg, &ss->mcast_if, IP_MULTICAST_IF);
	for (guint i = 0; ss->groups && i < ss->groups->len; i++) {
		leg = heir_leg(ss, sop_nth_group(ss, i));
		if (leg)
			leg_take_over(leg, sop_nth_group(ss, i), IP_ADD_MEMBERSHIP);
	}
}

/* --- all that are bound ----------------------------------------------------------------------- */

static bool is_behind(const struct sop_sock *ss) {
	return ss->bound && !ss->ps && !ss->closing && ss->epoch != ss->sop->epoch;
}

static struct sop_sock *one_behind(const struct sop *sop) {
	struct sop_sock *ss = LIST_FIRST(&sop->socks, struct sop_sock, node);

	while (ss && !is_behind(ss) && (ss->closing || !groups_wait(ss)))
		ss = LIST_NEXT(ss, struct sop_sock, node);
	return ss;
}

/* Also when the thread is unwound at the end of a run: so nothing here may charge or wake. */
static void finished(struct sop_sock **ss) { (*ss)->followed = false; }

static void bring_up(struct sop_sock *arg) {
	struct sop_sock *ss __attribute__((cleanup(finished))) = arg;

	ss->followed = true;
	SOP_LOCKED held = sop_lock(ss);
	if (is_behind(ss))
		sop_refresh(ss);
	if (!ss->closing)
		groups_follow(ss);
}

/* The module stays as long as its thread. */
static void thread_ended(struct sop **sop) {
	(*sop)->follower = NULL;
	(*sop)->module->use_count--;
}

static int follow(struct task *me, void *arg) {
	struct sop *sop __attribute__((cleanup(thread_ended))) = arg;

	for (struct sop_sock *ss; (ss = one_behind(sop));) {
		bring_up(ss);
		wake_up_all(task_kernel(me), &ss->lock_wait); /* release() may wait */
	}
	return 0;
}

void sop_follow(struct sop *sop) {
	if (sop->follower || !one_behind(sop))
		return;
	sop->follower = kernel_thread(sop->kernel, "sop_follow", follow, sop);
	sop->module->use_count++; /* put by thread_ended() */
}

void sop_leave_alone(struct sop_sock *ss) {
	ss->closing = true;
	if (ss->followed)
		wait_event(sop_kernel(ss), &ss->lock_wait, false, !ss->followed);
}
