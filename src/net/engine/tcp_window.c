/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The window that is offered.  BSD and the RFCs offer what is free.  Linux 2.4 begins with four
 * segments and lets the offer grow by two for each that comes, as long as buffers of that kind will
 * fit the memory of a socket (tcp_input.c, "Tuning advertised window").
 */
#include "net/engine/tcp_recv.h"

/* What comes to a NIC's buffer besides its MTU, of 1,500 at least: 36 and 16 bytes, and its sk_buff.
 * Memory is 4/3 of the window that it stands for (tcp_adv_win_scale = 2). */
enum { BUFFER_EXTRA = 212, MOST_FIRST = 32767, SEGMENT = 1460 };

/* Segments of the first offer: four, less of longer ones (tcp_select_initial_window()). */
static uint32_t first_segments(uint32_t mss) {
	return mss > 3 * SEGMENT ? 2 : mss > SEGMENT ? 3 : 4;
}

static uint32_t truesize_of_segment(const struct tcp_sock *tp) {
	return MAX(FRAME_MTU, tp->adv_mss + IP_HEADER + TCP_HEADER) + BUFFER_EXTRA;
}

static uint32_t window_of(uint32_t memory) { return memory - memory / 4; }

static uint32_t memory_of(const struct tcp_sock *tp) { return tp->us.rcvbuf / 3 * 4; }

uint32_t window_first(const struct net_stack *st, uint32_t rcvbuf, uint32_t clamp, uint32_t mss) {
	uint32_t space = clamp ? MIN(rcvbuf, clamp) : rcvbuf;

	if (!st->params.growing_window)
		return MIN(space, 65535U);
	if (space > mss) /* tcp_select_initial_window() */
		space = space / mss * mss;
	return MIN(MIN(space, (uint32_t)MOST_FIRST), first_segments(mss) * mss);
}

/* The largest there may be. */
static uint32_t window_most(const struct tcp_sock *tp) {
	uint32_t space = tp->us.rcvbuf, mss = tp->adv_mss, most = space;

	if (tp->window_clamp)
		most = MIN(most, tp->window_clamp);
	/* A segment is kept for what is on its way (tcp_init_buffer_space()). */
	if (tcp_params(tp)->growing_window && most > 2 * mss && most + mss > space)
		most = MAX(2 * mss, space - mss);
	return most;
}

/* __tcp_select_window(): multiples of the peer's segments, and what was offered while it is near. */
static inline uint32_t linux_offer(const struct tcp_sock *tp) {
	uint32_t most = window_most(tp), edge = tp->copied_seq + most;
	uint32_t known = seq_gt(tp->rcv_adv, tp->rcv_nxt) ? tp->rcv_adv - tp->rcv_nxt : 0;
	uint32_t free = seq_gt(edge, tp->rcv_nxt) ? edge - tp->rcv_nxt : 0;
	uint32_t mss = MAX(MIN(tp->rcv_mss, MIN(most, tp->rcv_ssthresh)), 1);
	uint32_t window = tp->rcv_adv - tp->last_ack;

	if (free < most / 2 && free < mss)
		return known;
	free = MIN(free, tp->rcv_ssthresh);
	if (window + mss <= free || window > free)
		window = free / mss * mss;
	return MAX(window, known);
}

/* Out-of-order data lies inside the window already offered, so only what the user has not read
 * counts.  The right edge never moves back, and moves on only by a worthwhile step: receiver's
 * silly-window avoidance, RFC 1122 4.2.3.3. */
static uint32_t bsd_offer(const struct tcp_sock *tp) {
	uint32_t most = window_most(tp), edge = tp->copied_seq + most;
	uint32_t known = seq_gt(tp->rcv_adv, tp->rcv_nxt) ? tp->rcv_adv - tp->rcv_nxt : 0;
	uint32_t free = seq_gt(edge, tp->rcv_nxt) ? edge - tp->rcv_nxt : 0;

	return free < most / 4 && free < tp->mss ? known : MAX(free, known);
}

inline uint32_t window_offer(const struct tcp_sock *tp) {
	const struct net_params *p = tcp_params(tp);
	uint32_t most, edge, step;

	if (p->growing_window && tcp_synchronised(tp))
		return linux_offer(tp);
	if (p->bsd_window && tcp_synchronised(tp))
		return bsd_offer(tp);
	most = MIN(window_most(tp), tp->rcv_ssthresh);
	edge = tp->copied_seq + most;
	step = MIN(most / 2, tp->adv_mss);
	if (seq_lt(edge, tp->rcv_adv + step))
		edge = tp->rcv_adv;
	return seq_gt(edge, tp->rcv_nxt) ? edge - tp->rcv_nxt : 0;
}

/* After a read: is a window update worth a segment of its own?  When it at least doubles what the
 * peer knows of (Linux 2.4, cleanup_rbuf()), or has grown by two segments or half the buffer (BSD,
 * tcp_output()). */
bool window_update_due(const struct tcp_sock *tp) {
	uint32_t known = seq_gt(tp->rcv_adv, tp->rcv_nxt) ? tp->rcv_adv - tp->rcv_nxt : 0;
	uint32_t most = window_most(tp), now;
	bool bsd = tcp_params(tp)->bsd_window;

	/* No offer is twice what is more than half of the most: as cleanup_rbuf() does, at no cost. */
	if (!bsd && 2 * known > most)
		return false;
	now = window_offer(tp);
	if (bsd)
		return now - known >= MIN(2U * tp->mss, (most + 1) / 2);
	return now > known && now >= 2 * known;
}

/* --- growing ---------------------------------------------------------------------------------- */

/* Small segments waste memory: the window grows while it is small enough for that not to matter
 * (__tcp_grow_window()). */
static uint32_t growth(const struct tcp_sock *tp, uint32_t len) {
	uint32_t truesize = window_of(truesize_of_segment(tp)), window = tp->us.rcvbuf / 2;

	if (truesize <= len)
		return 2 * tp->adv_mss;
	for (truesize /= 2; tp->rcv_ssthresh <= window; truesize /= 2, window /= 2)
		if (truesize <= len)
			return 2 * tp->rcv_mss;
	return 0;
}

inline void window_grow(struct tcp_sock *tp, uint32_t len) {
	uint32_t most = window_most(tp), unread = tp->rcv_nxt - tp->copied_seq, more;

	if (len < 128 || tp->rcv_ssthresh >= most || tp->rcv_ssthresh + unread >= tp->us.rcvbuf)
		return;
	more = growth(tp, len);
	if (!more)
		return;
	tp->rcv_ssthresh = MIN(tp->rcv_ssthresh + more, most);
	tp->quick = (uint8_t)MIN(tp->quick | 1, tcp_params(tp)->quickacks); /* let the peer know */
}

/* tcp_clamp_window(): segments turned out smaller than the window foresaw, and memory has run out. */
static void clamp(struct tcp_sock *tp, uint32_t memory) {
	uint32_t used = tp->rcv_nxt - tp->copied_seq, least = 2U * tp->adv_mss;

	tp->quick = 0;
	for (const struct frame *f = tp->ooo; f; f = f->next)
		used += f->len;
	if (memory >= 2 * memory_of(tp))
		used /= 2;
	used = MAX(used > tp->rcv_mss ? used - tp->rcv_mss : used, least);
	if (!tp->ooo)
		tp->window_clamp = MIN(window_most(tp), used);
	tp->rcv_ssthresh = MIN(window_most(tp), least);
}

inline void window_queued(struct tcp_sock *tp) {
	uint32_t memory = (uint32_t)(tp->rcvq.count + tp->ooo_count) * truesize_of_segment(tp);

	/* Behind a hole the buffer may double (tcp_rmem). */
	if (tcp_params(tp)->growing_window && memory > memory_of(tp) * (tp->ooo ? 2 : 1))
		clamp(tp, memory);
}
