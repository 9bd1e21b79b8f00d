/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acknowledgements: RTT (RFC 2988), congestion control (2581, 3042, 3782), windows (793, 1323). */
#include "net/engine/arp.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"

/* --- round-trip time -------------------------------------------------------------------------- */

void tcp_rtt_sample(struct tcp_sock *tp, sim_time rtt) {
	const struct net_params *p = tcp_params(tp);
	sim_time rto;

	if (!tp->srtt) {
		tp->srtt = MAX(rtt, 1);
		tp->rttvar = rtt / 2;
	} else {
		sim_time delta = rtt - tp->srtt;

		tp->rttvar += (ABS(delta) - tp->rttvar) / 4;
		tp->srtt = MAX(tp->srtt + delta / 8, 1);
	}
	rto = tp->srtt + MAX(4 * tp->rttvar, p->linux_rto ? p->rto_min : SIM_MS);
	tp->rto = CLAMP(rto, p->rto_min, p->rto_max);
	tp->backoff = 0;
}

static void measure(struct tcp_sock *tp, const struct segment *s) {
	if (tp->flags & TF_TIMING) {
		if (seq_gt(s->ack, tp->rtt_seq)) {
			tp->flags &= ~(uint32_t)TF_TIMING;
			tcp_rtt_sample(tp, tcp_now(tp) - tp->rtt_start);
		}
	} else if (tp->flags & TF_TS && s->opt.ts && s->opt.ts_ecr) {
		/* RFC 1323's echo tells which copy is acknowledged; its clock is coarse. */
		uint32_t ticks = tcp_clock(tcp_stack(tp)) - s->opt.ts_ecr;

		if (ticks < 1000U * 1000U)
			tcp_rtt_sample(tp, MAX(ticks, 1U) * SIM_MS);
	}
}

/* --- congestion ------------------------------------------------------------------------------- */

static void halve(struct tcp_sock *tp, uint32_t flight) {
	undo_begin(tp);
	slow_reduce(tp, flight);
}

void tcp_enter_loss(struct tcp_sock *tp) {
	/* Once per loss: a repeated time-out of the same segment says nothing new. */
	if (!tp->retries)
		halve(tp, tp->flags & TF_LOSS ? tcp_flight(tp) : tp->snd_max - tp->snd_una);
	tp->cwnd = tcp_full(tp);
	tp->recover = tp->snd_max;
	tp->snd_nxt = tp->snd_una;
	tp->dupacks = 0;
	tp->limited = 0;
	tp->reordering = MIN(tp->reordering, tcp_params(tp)->dupack_threshold);
	tp->flags &= ~(uint32_t)(TF_RECOVERY | TF_TIMING | TF_CWR);
	tp->flags |= TF_LOSS;
	sack_clear(tp); /* the receiver may have reneged: RFC 2018 section 5.1 */
}

/* RFC 1122 4.2.3.9: a source quench starts slowly, as a time-out does, but nothing was lost.  One
 * that finds a slow start begun asks for no more.  2.4 halves its rate (tcp_v4_err()). */
void tcp_quench(struct tcp_sock *tp) {
	if (tcp_params(tp)->rate_halving) {
		slow_asked(tp);
		return;
	}
	if (!tcp_synchronised(tp) || tp->flags & (TF_RECOVERY | TF_LOSS) ||
	    tp->cwnd <= tcp_full(tp))
		return;
	halve(tp, MIN(tp->snd_max - tp->snd_una, tp->cwnd));
	tp->flags &= ~(uint32_t)TF_UNDO;
	tp->cwnd = tcp_full(tp);
}

/* If our own queue refuses it, high_rxt stays below what is to be sent, and the next ACK tries again. */
static void resend_first(struct tcp_sock *tp) {
	uint32_t len = tcp_first_len(tp);

	len = sack_hole_end(tp, tp->snd_una, tp->snd_una + len) - tp->snd_una;
	if (tcp_send_range(tp, tp->snd_una, len))
		tp->high_rxt = tp->snd_una + MAX(len, 1U);
	else
		tp->high_rxt = tp->snd_una - 1;
}

static bool halves_rate(const struct tcp_sock *tp) { return tcp_params(tp)->rate_halving; }

/* One step, and what may be sent beyond the window: without SACK, which knows, a segment for each
 * that has arrived.  The window itself is never inflated. */
static void halve_rate(struct tcp_sock *tp, bool resends) {
	bool known = tp->flags & TF_SACK && sack_is_loss(tp);

	slow_step(tp, resends && !known ? tcp_full(tp) : 0);
	tp->limited = tp->flags & TF_SACK ? 0 : tp->dupacks;
}

static void enter_recovery(struct tcp_sock *tp) {
	tcp_stack(tp)->n.tcp_fast_retransmits++;
	/* What limited transmit sent beyond the window does not count: RFC 5681 3.2 (2). */
	if (tp->flags & TF_CWR) /* slowing down already */
		undo_begin(tp);
	else
		halve(tp, MIN(tp->snd_max - tp->snd_una, tp->cwnd));
	tp->recover = tp->snd_max;
	tp->snd_nxt = tp->snd_max;
	tp->high_rxt = tp->snd_una;
	tp->flags &= ~(uint32_t)TF_CWR;
	tp->flags |= TF_RECOVERY;
	if (halves_rate(tp)) {
		halve_rate(tp, true);
	} else {
		tp->limited = 0;
		tp->cwnd = tp->ssthresh;
		if (!(tp->flags & TF_SACK))
			tp->cwnd += tcp_params(tp)->dupack_threshold * tcp_full(tp);
	}
	resend_first(tp);
	tcp_arm_retransmit(tp);
}

static void duplicate_in_recovery(struct tcp_sock *tp) {
	if (seq_lt(tp->high_rxt, tp->snd_una))
		resend_first(tp);
	if (!(tp->flags & TF_SACK) && !halves_rate(tp))
		tp->cwnd += tcp_full(tp);
	if (!halves_rate(tp))
		return;
	if (tp->dupacks < 255)
		tp->dupacks++;
	halve_rate(tp, false);
}

/* Segments that left the network: one for each duplicate (RFC 3042), for Linux all that SACK names. */
static uint32_t arrived(const struct tcp_sock *tp) {
	return tp->flags & TF_SACK && halves_rate(tp) ? sack_bytes(tp) / tcp_full(tp) : tp->dupacks;
}

static void duplicate_ack(struct tcp_sock *tp) {
	const struct net_params *p = tcp_params(tp);

	tcp_stack(tp)->n.tcp_dup_acks_in++;
	if (tp->flags & TF_RECOVERY) {
		duplicate_in_recovery(tp);
		return;
	}
	if (tp->dupacks < 255)
		tp->dupacks++;
	/* Below `recover`, and without SACK at it too, the duplicates may be of our own making: RFC
	 * 3782 section 3 (1), "covers more than recover". */
	if (seq_lt(tp->snd_una, tp->recover) ||
	    (tp->snd_una == tp->recover && !(tp->flags & TF_SACK)))
		return;
	if (reordering_is_loss(tp))
		enter_recovery(tp);
	else if (p->limited_transmit)
		tp->limited = (uint8_t)MIN(arrived(tp), tp->reordering - 1U);
}

static void partial_ack(struct tcp_sock *tp, uint32_t acked) {
	uint32_t full = tcp_full(tp);

	tcp_arm_retransmit(tp);
	if (halves_rate(tp)) {
		/* One segment filled the hole, the others had been counted (tcp_remove_reno_sacks()). */
		uint32_t counted = (acked + full - 1) / full - 1;

		tp->dupacks -= (uint8_t)MIN(counted, tp->dupacks);
		halve_rate(tp, !(tp->flags & TF_SACK));
	}
	if (tp->flags & TF_SACK) { /* sack_push() finds what to send */
		tp->high_rxt = seq_max(tp->high_rxt, tp->snd_una);
		return;
	}
	if (halves_rate(tp)) {
		resend_first(tp);
		return;
	}
	tp->cwnd -= MIN(acked, tp->cwnd - full);
	if (acked >= full)
		tp->cwnd += full;
	resend_first(tp);
}

static void leave_recovery(struct tcp_sock *tp) {
	uint32_t full = tcp_full(tp), flight = tp->snd_max - tp->snd_una;

	tp->flags &= ~(uint32_t)TF_RECOVERY;
	tp->dupacks = tp->limited = 0;
	if (halves_rate(tp)) {
		tp->cwnd = MIN(tp->cwnd, tp->ssthresh);
		tp->cwnd_count = 0;
		slow_moderate(tp);
		return;
	}
	/* RFC 3782 section 3, step 5, option 1: no burst. */
	tp->cwnd = tp->flags & TF_SACK ? tp->ssthresh : MIN(tp->ssthresh, MAX(flight, full) + full);
}

/* RFC 2581 3.1, once for each ACK. */
static void open_window(struct tcp_sock *tp, uint32_t acked, uint32_t flight_before) {
	uint32_t full = tcp_full(tp);

	/* A window that was not used says nothing about the network (RFC 2861). */
	if (flight_before + full <= tp->cwnd || tp->cwnd > G_MAXINT32 / 2 || tp->flags & TF_CWR)
		return;
	if (tp->cwnd < tp->ssthresh) {
		tp->cwnd += MIN(acked, full);
		return;
	}
	tp->cwnd_count += full;
	if (tp->cwnd_count >= tp->cwnd) {
		tp->cwnd_count -= tp->cwnd;
		tp->cwnd += full;
	}
}

/* --- windows ---------------------------------------------------------------------------------- */

/* RFC 793's rule takes what fills a hole for old, as its number lies below what came before it.  If it
 * acknowledges something Linux 2.4 knows better (tcp_may_update_window()). */
static bool window_is_new(const struct tcp_sock *tp, const struct segment *s) {
	if (tcp_params(tp)->linux_window && seq_gt(s->ack, tp->snd_una))
		return true;
	return seq_gt(s->seq, tp->snd_wl1) ||
	       (s->seq == tp->snd_wl1 &&
	        (seq_gt(s->ack, tp->snd_wl2) || (s->ack == tp->snd_wl2 && s->wnd > tp->snd_wnd)));
}

static void tcp_update_window(struct tcp_sock *tp, const struct segment *s) {
	if (!window_is_new(tp, s)) {
		/* What is acknowledged does not move the right edge. */
		tp->snd_wnd -= MIN(tp->snd_wnd, s->ack - tp->snd_una);
		return;
	}
	if (tp->flags & TF_PERSIST && s->wnd > tp->snd_wnd) {
		tcp_due_stop(tp, DUE_RETRANSMIT);
		tp->flags &= ~(uint32_t)TF_PERSIST;
		tp->backoff = 0;
		tp->probes = 0;
	}
	tp->snd_wnd = s->wnd;
	tp->max_wnd = MAX(tp->max_wnd, s->wnd);
	tp->snd_wl1 = s->seq;
	tp->snd_wl2 = s->ack;
}

/* --- the ACK itself --------------------------------------------------------------------------- */

/* Frees what was acknowledged; wakes a writer when a third of the buffer has become free. */
static void release_sent(struct tcp_sock *tp, uint32_t ack) {
	uint32_t end = seq_min(ack, tp->write_seq), sndbuf = tp->us.sndbuf, used;

	used = tp->buf.len;
	if (seq_gt(end, tp->snd_una))
		sendbuf_drop(&tp->buf, &tcp_stack(tp)->rings, end - tp->snd_una);
	/* Less than a third was free and now is not: used > 2/3 before, <= 2/3 after. */
	if ((uint64_t)used * 3 > (uint64_t)sndbuf * 2 &&
	    (uint64_t)tp->buf.len * 3 <= (uint64_t)sndbuf * 2 && !(tp->us.shutdown & SHUT_SEND))
		sock_event(&tp->us, NET_EV_WRITE);
}

static inline void new_ack(struct tcp_sock *tp, const struct segment *s) {
	uint32_t acked = s->ack - tp->snd_una, flight = tcp_flight(tp);

	if (tp->dupacks && halves_rate(tp)) /* 2.4's tcp_packets_in_flight() */
		flight = tcp_in_network(tp);

	measure(tp, s);
	release_sent(tp, s->ack);
	tp->snd_una = s->ack;
	tp->snd_nxt = seq_max(tp->snd_nxt, s->ack);
	tp->retries = 0;
	tp->us.soft_error = 0;
	if (seq_lt(tp->snd_up, tp->snd_una))
		tp->snd_up = tp->snd_una;
	sack_advance(tp, s->ack - acked, s->opt.sacks > 0);
	if (tp->flags & TF_RECOVERY) {
		bool through = seq_ge(s->ack, tp->recover);

		if (!through && (tp->flags & TF_SACK || tcp_params(tp)->newreno)) {
			partial_ack(tp, acked);
			return;
		}
		leave_recovery(tp);
	} else {
		bool disorder = tp->dupacks;

		tp->dupacks = 0;
		tp->limited = 0;
		open_window(tp, acked, flight);
		if (disorder)
			slow_moderate(tp);
	}
	if (tp->flags & TF_LOSS && seq_ge(s->ack, tp->recover))
		tp->flags &= ~(uint32_t)TF_LOSS;
	/* Kept near, or 2 GiB later it would seem to lie ahead. */
	if (!(tp->flags & TF_LOSS) && seq_gt(s->ack, tp->recover))
		tp->recover = s->ack - 1;
	if (!(tp->flags & TF_PERSIST))
		tcp_arm_retransmit(tp);
}

/* Does the ACK say that a segment overtook another?  With SACK every ACK that SACKs something new
 * does, even if it acknowledges something too (Linux 2.4, FLAG_DATA_SACKED; RFC 6675 section 2). */
static bool is_duplicate(const struct tcp_sock *tp, const struct segment *s, bool advanced,
                         bool fresh, bool same_window) {
	if (tp->snd_max == tp->snd_una)
		return false;
	if (advanced)
		return fresh && !(tp->flags & (TF_RECOVERY | TF_LOSS));
	return !s->len && !(s->flags & (TCP_SYN | TCP_FIN)) &&
	       (fresh || (same_window && !(tp->flags & TF_SACK && s->opt.sacks)));
}

inline bool tcp_ack_input(struct tcp_sock *tp, const struct segment *s) {
	uint32_t window = tp->snd_wnd, una = tp->snd_una;
	bool fresh = false;

	if (seq_gt(s->ack, tp->snd_max)) {
		tp->flags |= TF_ACK_NOW; /* acknowledges what was never sent: RFC 793, p. 72 */
		return false;
	}
	if (seq_lt(s->ack, tp->snd_una))
		return true;
	if (tp->flags & TF_SACK && s->opt.sacks)
		fresh = sack_update(tp, s);
	tcp_update_window(tp, s);
	path_confirm(tcp_stack(tp), &tp->us.path); /* dst_confirm() */
	if (s->ack != tp->snd_una)
		new_ack(tp, s);
	if (tp->flags & TF_CWR)
		slow_acked(tp);
	if (ecn_echoed(tp, s))
		slow_asked(tp); /* once per window: RFC 3168 6.1.2 */
	if (is_duplicate(tp, s, tp->snd_una != una, fresh, window == tp->snd_wnd))
		duplicate_ack(tp);
	if (tp->flags & TF_UNDO)
		undo_try(tp, s, tp->snd_una - una);
	return true;
}
