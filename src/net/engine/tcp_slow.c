/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slowing down as Linux 2.4 does (net/ipv4/tcp_input.c), where RFC 2581 halves the window in one
 * step: rate halving (tcp_cwnd_down()), bursts cut off (tcp_moderate_cwnd()), and what asks for it
 * without a loss (tcp_enter_cwr()).  And how far segments may be late before that is loss
 * (tcp_update_reordering()).
 */
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_send.h"

enum { MOST_REORDERING = 127 }; /* TCP_MAX_REORDERING */

uint32_t tcp_in_network(const struct tcp_sock *tp) {
	uint32_t out = tp->snd_max - tp->snd_una, arrived = tp->dupacks * tcp_full(tp);

	if (tp->flags & TF_LOSS)
		return tcp_flight(tp);
	if (tp->flags & TF_SACK)
		return sack_pipe(tp);
	return out - MIN(out, arrived);
}

void slow_reduce(struct tcp_sock *tp, uint32_t flight) {
	uint32_t full = tcp_full(tp);
	/* Half of the window (tcp_recalc_ssthresh()) or of what is out (RFC 2581 3.1). */
	uint32_t half = tcp_params(tp)->rate_halving ? tp->cwnd / full / 2 * full : flight / 2;

	tp->ssthresh = MAX(half, 2 * full);
	tp->cwnd_count = 0;
	ecn_reduced(tp);
}

void slow_step(struct tcp_sock *tp, uint32_t lost) {
	uint32_t full = tcp_full(tp), network = tcp_in_network(tp);

	tp->cwnd_count = !tp->cwnd_count;
	if (!tp->cwnd_count && tp->cwnd >= MAX(tp->ssthresh / 2, full) + full)
		tp->cwnd -= full;
	tp->cwnd = MIN(tp->cwnd, network - MIN(network, lost) + full);
}

void slow_moderate(struct tcp_sock *tp) {
	if (tcp_params(tp)->rate_halving)
		tp->cwnd = MIN(tp->cwnd, tcp_in_network(tp) + TCP_BURST * tcp_full(tp));
}

void slow_asked(struct tcp_sock *tp) {
	uint32_t full = tcp_full(tp);

	if (!tcp_synchronised(tp) || tp->flags & (TF_RECOVERY | TF_LOSS | TF_CWR))
		return;
	slow_reduce(tp, MIN(tp->snd_max - tp->snd_una, tp->cwnd));
	if (tcp_params(tp)->rate_halving)
		tp->cwnd = MIN(tp->cwnd, tcp_in_network(tp) + full);
	else
		tp->cwnd = tp->ssthresh;
	tp->cwr_end = tp->snd_max;
	tp->flags &= ~(uint32_t)TF_UNDO;
	tp->flags |= TF_CWR;
}

void slow_acked(struct tcp_sock *tp) {
	if (seq_gt(tp->snd_una, tp->cwr_end)) {
		tp->cwnd = MIN(tp->cwnd, tp->ssthresh);
		tp->cwnd_count = 0;
		tp->flags &= ~(uint32_t)TF_CWR;
	} else if (tcp_params(tp)->rate_halving) {
		slow_step(tp, 0);
	}
}

/* --- reordering ------------------------------------------------------------------------------- */

void reordering_seen(struct tcp_sock *tp, uint32_t bytes) {
	uint32_t full = tcp_full(tp), metric = (bytes + full - 1) / full;

	if (metric <= tp->reordering)
		return;
	if (tcp_params(tp)->adapt_reordering)
		tp->reordering = (uint16_t)MIN(metric, MOST_REORDERING);
	tp->flags |= TF_REORDERED;
}

/* With a threshold that has grown a small window may never hold as many duplicates: then half of
 * it must do, if nothing new can be sent that would bring more (tcp_time_to_recover(), 4). */
static bool stuck(const struct tcp_sock *tp) {
	uint32_t full = tcp_full(tp), out = tp->snd_max - tp->snd_una;
	uint32_t arrived = tp->flags & TF_SACK ? sack_bytes(tp) : tp->dupacks * full;

	return tp->reordering > tcp_params(tp)->dupack_threshold && out <= tp->reordering * full &&
	       arrived >= MAX(out / 2, tcp_params(tp)->dupack_threshold * full) &&
	       (seq_ge(tp->snd_max, tp->write_seq) || out >= tp->snd_wnd);
}

bool reordering_is_loss(const struct tcp_sock *tp) {
	return tp->dupacks >= tp->reordering || (tp->flags & TF_SACK && sack_is_loss(tp)) ||
	       stuck(tp);
}
