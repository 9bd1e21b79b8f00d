/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking back a reduction of the congestion window that no loss had caused: segments were late, not
 * lost.  Two things tell, as in Linux 2.4: each retransmission comes back as a duplicate (D-SACK,
 * RFC 3708), or an ACK echoes a time-stamp from before the first retransmission (RFC 3522).
 */
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_send.h"

void undo_begin(struct tcp_sock *tp) {
	if (!tcp_params(tp)->undo)
		return;
	/* A second reduction on top of the first goes back to before both. */
	if (tp->flags & TF_CWR) /* reduced for a reason that stands */
		tp->undo_ssthresh = tp->ssthresh;
	else if (!(tp->flags & (TF_RECOVERY | TF_LOSS)))
		tp->undo_ssthresh = MAX(tp->ssthresh, tp->cwnd / 4 * 3);
	tp->undo_una = tp->snd_una;
	tp->undo_end = tp->snd_max;
	tp->undo_retrans = 0;
	tp->undo_high = tp->snd_una;
	tp->flags &= ~(uint32_t)TF_UNDO_SENT;
	tp->flags |= TF_UNDO;
}

void undo_retransmitted(struct tcp_sock *tp, uint32_t end) {
	if (!(tp->flags & TF_UNDO))
		return;
	tp->undo_retrans++;
	tp->undo_high = seq_max(tp->undo_high, end);
	if (tp->flags & TF_UNDO_SENT)
		return;
	tp->flags |= TF_UNDO_SENT;
	tp->undo_clock = tcp_clock(tcp_stack(tp));
}

/* Beyond what was sent again it is the network that made two of one (Linux 2.4 asks each segment for
 * TCPCB_RETRANS). */
bool undo_duplicate(struct tcp_sock *tp, const struct range *r) {
	if (!(tp->flags & TF_UNDO) || !tp->undo_retrans || seq_lt(r->start, tp->undo_una) ||
	    seq_gt(r->end, tp->undo_high))
		return false;
	tp->undo_retrans--;
	return true;
}

static void undo(struct tcp_sock *tp, uint32_t acked) {
	uint32_t flight = tp->snd_max - tp->snd_una, full = tcp_full(tp), back = tp->ssthresh;

	tcp_stack(tp)->n.tcp_undos++;
	/* What fast recovery took for lost was late (tcp_try_undo_partial()). */
	if (tp->flags & TF_RECOVERY && acked)
		reordering_seen(tp, acked + (tp->flags & TF_SACK ? sack_highest(tp) - tp->snd_una
		                                                 : (tp->dupacks + 1U) * full));
	/* Half a window was taken: twice the threshold gives it back, but not as a burst. */
	if (tp->undo_ssthresh > tp->ssthresh)
		back = 2 * tp->ssthresh;
	tp->cwnd = MIN(MAX(tp->cwnd, back), flight + TCP_BURST * full);
	tp->ssthresh = MAX(tp->ssthresh, tp->undo_ssthresh);
	tp->cwnd_count = 0;
	tp->snd_nxt = tp->snd_max;
	tp->recover = tp->snd_una - 1;
	tp->dupacks = tp->limited = tp->backoff = 0;
	tp->flags &= ~(uint32_t)(TF_RECOVERY | TF_LOSS | TF_UNDO);
}

void undo_try(struct tcp_sock *tp, const struct segment *s, uint32_t acked) {
	bool early = acked && tp->flags & TF_TS && s->opt.ts && s->opt.ts_ecr &&
	             seq_lt(s->opt.ts_ecr, tp->undo_clock);

	if (!(tp->flags & TF_UNDO_SENT))
		return;
	if (!tp->undo_retrans || (early && tp->flags & (TF_RECOVERY | TF_LOSS)))
		undo(tp, acked);
	else if (seq_gt(tp->snd_una, tp->undo_end))
		tp->flags &= ~(uint32_t)TF_UNDO;
}
