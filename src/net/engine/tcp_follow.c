/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What changed of the connections that somebody follows?  Nothing else of the engine knows that they are
 * followed: a look at how one stands, and at how it stood, tells what happened in between.
 */
#include "net/engine/follow.h"

#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_timer.h"

enum phase { PHASE_NONE, PHASE_SLOW_START, PHASE_AVOIDANCE };

struct followed {
	struct tcp_sock *tp;
	const struct net_follower *follower;
	void *connection;
	struct net_look look; /* the last */
	/* and what it was made of */
	uint32_t flags, retransmits;
	uint8_t retries, backoff, probes;
	bool synchronised;
	enum phase phase;
};

static enum phase phase_of(const struct tcp_sock *tp) {
	if (!tcp_synchronised(tp) || tp->flags & (TF_RECOVERY | TF_CWR))
		return PHASE_NONE;
	return tp->cwnd < tp->ssthresh ? PHASE_SLOW_START : PHASE_AVOIDANCE;
}

static bool is_over(const struct tcp_sock *tp) {
	return tp->us.so.state == TCP_CLOSE || tp->us.so.flags & SO_F_DEAD;
}

/* Its place in the table may have been taken by its TIME_WAIT. */
static int state_of(const struct tcp_sock *tp, const struct net_look *names) {
	const struct net_sock *other;

	if (!is_over(tp))
		return tp->us.so.state;
	other = pair_find(&tcp_stack(tp)->tcp_pairs, names->laddr, names->lport, names->faddr,
	                  names->fport);
	return other && other->kind == SOCK_KIND_TIMEWAIT ? TCP_TIME_WAIT : TCP_CLOSE;
}

/* --- what happened ---------------------------------------------------------------------------- */

static unsigned steps_of_loss(const struct followed *f, const struct tcp_sock *tp) {
	const uint32_t recovers = TF_RECOVERY | TF_LOSS;
	uint32_t came = tp->flags & ~f->flags;
	bool again = tp->retries > f->retries || tp->backoff > f->backoff;
	unsigned steps = 0;

	if (again && !(tp->flags & TF_PERSIST) && (tp->flags & TF_LOSS || !tcp_synchronised(tp)))
		steps |= NET_STEP_RTO;
	if (came & TF_RECOVERY)
		steps |= NET_STEP_FAST_RETRANSMIT;
	if (tp->retransmits_total > f->retransmits)
		steps |= NET_STEP_RETRANSMISSION;
	if (came & TF_CWR)
		steps |= NET_STEP_CWR;
	if (f->flags & ~tp->flags & TF_UNDO && tp->ssthresh > f->look.ssthresh)
		steps |= NET_STEP_UNDO;
	if (f->flags & recovers && !(tp->flags & recovers) && tcp_synchronised(tp))
		steps |= NET_STEP_RECOVERY_END;
	return steps;
}

static unsigned steps_of_window(const struct followed *f, const struct tcp_sock *tp) {
	enum phase phase = phase_of(tp);
	unsigned steps = 0;

	/* Nothing but restart_after_idle() makes the window of a connection smaller that sends nothing. */
	if (f->synchronised && tp->cwnd < f->look.cwnd && !f->look.in_flight &&
	    !(tp->flags & (TF_RECOVERY | TF_LOSS | TF_CWR)))
		steps |= NET_STEP_IDLE;
	if (phase != f->phase && phase == PHASE_SLOW_START)
		steps |= NET_STEP_SLOW_START;
	if (phase != f->phase && phase == PHASE_AVOIDANCE)
		steps |= NET_STEP_AVOIDANCE;
	if (f->synchronised && tcp_synchronised(tp)) {
		if (f->look.rwnd && !tp->snd_wnd)
			steps |= NET_STEP_ZERO_WINDOW;
		if (!f->look.rwnd && tp->snd_wnd)
			steps |= NET_STEP_WINDOW_OPENS;
	}
	if (tp->probes > f->probes)
		steps |= tp->flags & TF_PERSIST ? NET_STEP_PROBE : NET_STEP_KEEPALIVE;
	return steps;
}

static unsigned steps_of_life(const struct followed *f, const struct tcp_sock *tp,
                              const struct net_look *now) {
	uint32_t came = tp->flags & ~f->flags;
	unsigned steps = 0;

	if (came & TF_WAS_OPEN)
		steps |= NET_STEP_ESTABLISHED;
	if (came & TF_FIN_SENT)
		steps |= NET_STEP_FIN_SENT;
	if (came & TF_FIN_RCVD)
		steps |= NET_STEP_FIN_RECEIVED;
	if (now->state == TCP_TIME_WAIT)
		steps |= NET_STEP_TIME_WAIT;
	else if (is_over(tp))
		steps |= tp->us.error ? NET_STEP_FAILED : NET_STEP_CLOSED;
	return steps;
}

/* --- looking ---------------------------------------------------------------------------------- */

static struct net_look look_at(const struct tcp_sock *tp, const struct net_look *names) {
	struct net_look look = *names;

	look.state = state_of(tp, names);
	look.cwnd = tp->cwnd;
	look.ssthresh = tp->ssthresh == G_MAXINT32 ? NET_NO_THRESHOLD : tp->ssthresh;
	look.in_flight = is_over(tp) ? 0 : tp->snd_max - tp->snd_una;
	look.rwnd = tp->snd_wnd;
	look.srtt = tp->srtt;
	look.rto = tcp_backed_off(tp);
	look.steps = 0;
	return look;
}

static void remember(struct followed *f, const struct net_look *look) {
	const struct tcp_sock *tp = f->tp;

	f->look = *look;
	f->look.steps = 0;
	f->flags = tp->flags;
	f->retransmits = tp->retransmits_total;
	f->retries = tp->retries;
	f->backoff = tp->backoff;
	f->probes = tp->probes;
	f->synchronised = tcp_synchronised(tp);
	f->phase = phase_of(tp);
}

static bool same(const struct net_look *a, const struct net_look *b) {
	return a->state == b->state && a->cwnd == b->cwnd && a->ssthresh == b->ssthresh &&
	       a->in_flight == b->in_flight && a->rwnd == b->rwnd && a->srtt == b->srtt &&
	       a->rto == b->rto && a->steps == b->steps;
}

/* False: it is over. */
static bool look_again(struct followed *f) {
	const struct tcp_sock *tp = f->tp;
	struct net_look now = look_at(tp, &f->look);

	now.steps = steps_of_loss(f, tp) | steps_of_window(f, tp) | steps_of_life(f, tp, &now);
	if (!f->connection) {
		/* It has just begun, and nothing was told of it. */
		now.steps |= NET_STEP_OPEN;
		f->connection = f->follower->begins(f->follower->arg, tcp_stack(tp)->name, &now);
		if (!f->connection)
			return false;
		f->follower->changed(f->connection, &now);
	} else if (!same(&now, &f->look)) {
		f->follower->changed(f->connection, &now);
	}
	remember(f, &now);
	return !is_over(tp);
}

static void look(struct net_stack *st) {
	for (GSList *at = st->followed, *next; at; at = next) {
		next = at->next;
		if (look_again(at->data))
			continue;
		g_free(at->data);
		st->followed = g_slist_delete_link(st->followed, at);
	}
	if (!st->followed)
		st->look = NULL;
}

/* --- who is followed -------------------------------------------------------------------------- */

static void begins(struct net_sock *so) {
	struct net_stack *st = so->st;
	struct followed *f = g_new0(struct followed, 1);

	f->tp = tcp_sock(so);
	f->follower = st->follower;
	f->look = (struct net_look){
		.laddr = so->laddr, .faddr = so->faddr, .lport = so->lport, .fport = so->fport};
	st->followed = g_slist_prepend(st->followed, f);
	st->look = look;
}

void net_follow(struct net_stack *st, const struct net_follower *follower) {
	st->follower = follower;
	st->begins = follower ? begins : NULL;
	if (follower)
		return;
	st->look = NULL;
	g_slist_free_full(st->followed, g_free);
	st->followed = NULL;
}
