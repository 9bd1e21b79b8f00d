/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection's timers.  Retransmission timers are set again with every ACK, nearly always to a
 * later date, and hardly ever go off.  So the connection keeps the true dates in due[], and its one
 * entry in the stack's heap may lie earlier than all of them: when that fires and nothing is due,
 * it is simply set again.
 */
#include "net/engine/tcp_timer.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"

static void fire(struct net_stack *st, struct net_timer *t);

void tcp_timer_init(struct tcp_sock *tp) {
	for (int i = 0; i < DUE_COUNT; i++)
		tp->due[i] = SIM_NEVER;
	tp->timer.fire = fire;
}

inline void tcp_due_set(struct tcp_sock *tp, enum tcp_due which, sim_time when) {
	when = timer_date(tcp_stack(tp), when);
	tp->due[which] = when;
	if (!timer_runs(&tp->timer) || when < tp->timer.when)
		timer_set(tcp_stack(tp), &tp->timer, when);
}

void tcp_due_stop(struct tcp_sock *tp, enum tcp_due which) { tp->due[which] = SIM_NEVER; }

sim_time tcp_backed_off(const struct tcp_sock *tp) {
	sim_time rto = tp->rto, most = tcp_params(tp)->rto_max;

	for (unsigned i = 0; i < tp->backoff && rto < most; i++)
		rto *= 2;
	return MIN(rto, most);
}

inline void tcp_arm_retransmit(struct tcp_sock *tp) {
	tp->flags &= ~(uint32_t)TF_PERSIST;
	if (tp->snd_una == tp->snd_max)
		tcp_due_stop(tp, DUE_RETRANSMIT);
	else
		tcp_due_set(tp, DUE_RETRANSMIT, tcp_now(tp) + tcp_backed_off(tp));
}

void tcp_arm_persist(struct tcp_sock *tp) {
	const struct net_params *p = tcp_params(tp);

	tp->flags |= TF_PERSIST;
	tcp_due_set(tp, DUE_RETRANSMIT,
	            tcp_now(tp) + CLAMP(tcp_backed_off(tp), p->persist_min, p->persist_max));
}

static sim_time keep_idle(const struct tcp_sock *tp) {
	return tp->keep_idle_s ? tp->keep_idle_s * SIM_S : tcp_params(tp)->keepalive_idle;
}

void tcp_arm_keepalive(struct tcp_sock *tp) {
	if (tp->us.so.flags & SO_F_KEEPALIVE && tcp_synchronised(tp) &&
	    tp->us.so.state != TCP_FIN_WAIT2)
		tcp_due_set(tp, DUE_SLOW, tcp_now(tp) + keep_idle(tp));
}

/* --- what happens when a date comes ----------------------------------------------------------- */

static void gave_up(struct tcp_sock *tp) {
	tcp_fail(tp, tp->us.soft_error ? tp->us.soft_error : ETIMEDOUT);
}

/* What the machine's own queue refused says nothing about the net: no back-off, and another try soon
 * (TCP_RESOURCE_PROBE_INTERVAL of 2.4). */
static sim_time soon(const struct tcp_sock *tp) {
	return tcp_now(tp) + MIN(tcp_backed_off(tp), SIM_S / 2);
}

static void syn_timeout(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);
	unsigned most = tp->us.so.state == TCP_SYN_RECV ? st->params.synack_retries
	                                                : st->params.syn_retries;

	if (tp->syn_count && tp->us.so.state == TCP_SYN_SENT)
		most = tp->syn_count;
	if (tp->retries >= most) {
		gave_up(tp);
		return;
	}
	if (!tcp_send_syn(tp)) {
		tp->retries = MAX(tp->retries, 1);
		tcp_due_set(tp, DUE_RETRANSMIT, soon(tp));
		return;
	}
	tp->retries++;
	tp->backoff++;
	tp->flags &= ~(uint32_t)TF_TIMING;
	st->n.tcp_syn_retransmits++;
	tcp_arm_retransmit(tp);
}

/* How often to try: an orphan is not worth as much (Linux 2.4, tcp_orphan_retries()). */
static unsigned most_retries(const struct tcp_sock *tp) {
	return tcp_orphan(tp) ? MIN(tcp_params(tp)->retries2, 8) : tcp_params(tp)->retries2;
}

/* The peer took its window back, but answers: then it is probed like any closed window, for as long
 * as it likes (RFC 1122 4.2.2.16 and 17; Linux 2.4, tcp_retransmit_timer()). */
static bool shut_and_alive(const struct tcp_sock *tp) {
	return tp->snd_wnd == 0 && !tcp_orphan(tp) &&
	       tcp_now(tp) - tp->last_heard <= tcp_params(tp)->rto_max;
}

/* The first segment again, at least; false if the machine's own queue refused even that. */
static bool send_again(struct tcp_sock *tp) {
	tp->flags &= ~(uint32_t)TF_REFUSED;
	/* A window that shrank to nothing must not stop the one segment, or FIN, that finds out. */
	if (tp->snd_wnd == 0)
		tcp_send_range(tp, tp->snd_una, tcp_first_len(tp));
	else
		tcp_push(tp);
	return !(tp->flags & TF_REFUSED) || tp->snd_nxt != tp->snd_una;
}

static void retransmit_timeout(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);
	uint8_t retries = tp->retries, backoff = tp->backoff;
	bool counts;

	st->n.tcp_timeouts++;
	if (!tcp_synchronised(tp)) {
		syn_timeout(tp);
		return;
	}
	counts = !shut_and_alive(tp);
	if (counts && tp->retries >= most_retries(tp)) {
		gave_up(tp);
		return;
	}
	/* A route may have gone bad: RFC 1122 4.2.3.5, R1. */
	if (tp->retries >= st->params.retries1)
		path_doubt(st, &tp->us.path);
	tcp_enter_loss(tp);
	tp->retries = counts ? tp->retries + 1 : 1;
	tp->backoff = (uint8_t)MIN(tp->backoff + 1, 30);
	tcp_due_stop(tp, DUE_RETRANSMIT);
	if (!send_again(tp)) {
		tp->retries = MAX(retries, 1);
		tp->backoff = backoff;
		tcp_due_set(tp, DUE_RETRANSMIT, soon(tp));
	} else if (tp->due[DUE_RETRANSMIT] == SIM_NEVER) {
		tcp_arm_retransmit(tp);
	}
}

/* A probe, or what was to be sent in its place, was refused by the machine's own queue. */
static void probe_soon(struct tcp_sock *tp) {
	tp->flags |= TF_PERSIST;
	tcp_due_set(tp, DUE_RETRANSMIT, soon(tp));
}

static void persist_timeout(struct tcp_sock *tp) {
	int32_t window = (int32_t)(tp->snd_una + tp->snd_wnd - tp->snd_nxt);
	uint32_t len = MIN(tp->buf.len, tcp_full(tp));

	if (window > 0) {
		/* Held back as silly or by a cork: RFC 1122 4.2.3.4 (4), the override. */
		tcp_due_stop(tp, DUE_RETRANSMIT);
		if (!tcp_send_range(tp, tp->snd_nxt, MIN(len, (uint32_t)window)) &&
		    tp->flags & TF_REFUSED)
			probe_soon(tp);
		return;
	}
	/* As long as the peer answers, a closed window may last (RFC 1122 4.2.2.17); an orphan's
	 * peer gets no more than the usual retries. */
	if (tp->probes >= most_retries(tp)) {
		gave_up(tp);
		return;
	}
	if (!tcp_send_probe(tp)) {
		tp->probes = MAX(tp->probes, 1);
		probe_soon(tp);
		return;
	}
	tp->probes++;
	tp->backoff = (uint8_t)MIN(tp->backoff + 1, 30);
	tcp_stack(tp)->n.tcp_window_probes++;
	tcp_arm_persist(tp);
}

static void delack_timeout(struct tcp_sock *tp) {
	const struct net_params *p = tcp_params(tp);

	if (!tcp_synchronised(tp))
		return;
	/* Nobody answered within the delay: not interactive after all, or slower than thought. */
	if (tp->flags & TF_PINGPONG) {
		tp->flags &= ~(uint32_t)TF_PINGPONG;
		tp->ato = p->delack_min;
	} else {
		tp->ato = MIN(2 * tp->ato, p->delack_max);
	}
	tcp_stack(tp)->n.tcp_delayed_acks++;
	tcp_send_ack(tp);
}

static void slow_timeout(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);
	sim_time quiet = tcp_now(tp) - tp->last_heard;
	sim_time interval =
		tp->keep_interval_s ? tp->keep_interval_s * SIM_S : st->params.keepalive_interval;
	unsigned most = tp->keep_probes ? tp->keep_probes : st->params.keepalive_probes;

	if (tp->us.so.state == TCP_FIN_WAIT2 && tcp_orphan(tp)) {
		tcp_done(tp); /* Linux: tcp_fin_timeout */
		return;
	}
	if (!(tp->us.so.flags & SO_F_KEEPALIVE) || !tcp_synchronised(tp))
		return;
	if (quiet < keep_idle(tp) || tp->snd_max != tp->snd_una || tp->buf.len) {
		tp->probes = tp->buf.len ? tp->probes : 0;
		tcp_due_set(tp, DUE_SLOW, MAX(tp->last_heard + keep_idle(tp), tcp_now(tp) + SIM_S));
		return;
	}
	if (tp->probes >= most) {
		tcp_send_reset(tp);
		gave_up(tp);
		return;
	}
	if (tcp_send_probe(tp)) {
		tp->probes++;
		st->n.tcp_keepalives++;
	} else {
		interval = MIN(interval, SIM_S / 2); /* refused by our own queue */
	}
	tcp_due_set(tp, DUE_SLOW, tcp_now(tp) + interval);
}

static void fire(struct net_stack *st, struct net_timer *t) {
	struct tcp_sock *tp = (struct tcp_sock *)((char *)t - offsetof(struct tcp_sock, timer));
	sim_time now = stack_now(st), next;
	static void (*const action[DUE_COUNT])(struct tcp_sock *) = {
		[DUE_DELACK] = delack_timeout,
		[DUE_SLOW] = slow_timeout,
	};

	for (int i = 0; i < DUE_COUNT; i++) {
		if (tp->due[i] > now)
			continue;
		tp->due[i] = SIM_NEVER;
		timer_acts(st);
		if (tcp_locked(&tp->us.so))
			tcp_timer_locked(tp, i);
		else if (i != DUE_RETRANSMIT)
			action[i](tp);
		else if (tp->flags & TF_PERSIST)
			persist_timeout(tp);
		else
			retransmit_timeout(tp);
		if (tp->us.so.state == TCP_CLOSE)
			return;
	}
	next = MIN(tp->due[0], MIN(tp->due[1], tp->due[2]));
	if (next != SIM_NEVER && (!timer_runs(t) || next < t->when))
		timer_set(st, t, next);
}
