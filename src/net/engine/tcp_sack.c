/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sender's side of SACK: RFC 2018's scoreboard, RFC 3517's recovery, RFC 2883's duplicates. */
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_send.h"

/* --- scoreboard ------------------------------------------------------------------------------- */

static uint32_t board_add(struct scoreboard *b, uint32_t start, uint32_t end) {
	uint32_t i = 0, j, had = 0;

	while (i < b->count && seq_lt(b->ranges[i].end, start))
		i++;
	for (j = i; j < b->count && seq_le(b->ranges[j].start, end); j++) {
		had += b->ranges[j].end - b->ranges[j].start;
		start = seq_min(start, b->ranges[j].start);
		end = seq_max(end, b->ranges[j].end);
	}
	if (j == i) {
		if (b->count == b->size) {
			b->size = MAX(8, 2 * b->size);
			b->ranges = g_renew(struct range, b->ranges, b->size);
		}
		memmove(b->ranges + i + 1, b->ranges + i, (b->count - i) * sizeof(struct range));
		b->count++;
	} else {
		memmove(b->ranges + i + 1, b->ranges + j, (b->count - j) * sizeof(struct range));
		b->count -= j - i - 1;
	}
	b->ranges[i] = (struct range){start, end};
	return end - start - had;
}

/* RFC 2883 section 4: the first block lies below the ACK or within the second. */
static bool is_dsack(const struct segment *s) {
	const struct range *r = s->opt.sack;

	if (seq_ge(r[0].start, r[0].end))
		return false;
	return seq_le(r[0].end, s->ack) ||
	       (s->opt.sacks > 1 && seq_ge(r[0].start, r[1].start) && seq_le(r[0].end, r[1].end));
}

/* Bytes of [from, to) that are not SACKed. */
static uint32_t holes(const struct tcp_sock *tp, uint32_t from, uint32_t to) {
	uint32_t bytes;

	if (seq_ge(from, to))
		return 0;
	bytes = to - from;
	for (uint32_t i = 0; i < tp->board.count; i++) {
		uint32_t start = seq_max(tp->board.ranges[i].start, from);
		uint32_t end = seq_min(tp->board.ranges[i].end, to);

		if (seq_lt(start, end))
			bytes -= end - start;
	}
	return bytes;
}

uint32_t sack_highest(const struct tcp_sock *tp) {
	return tp->board.count ? tp->board.ranges[tp->board.count - 1].end : tp->snd_una;
}

/* [from, to) has arrived, while what lies below `top` had seemed to be overtaken.  What of it was
 * not sent again was late, not lost (Linux 2.4, tcp_sacktag_write_queue()): the first of it; `top` if
 * there is none. */
static uint32_t late(const struct tcp_sock *tp, uint32_t from, uint32_t to, uint32_t top) {
	if (tp->flags & TF_LOSS)
		return top;
	if (tp->flags & TF_RECOVERY)
		from = seq_max(from, tp->high_rxt);
	from = sack_skip(tp, from);
	return seq_lt(from, seq_min(to, top)) ? from : top;
}

bool sack_update(struct tcp_sock *tp, const struct segment *s) {
	struct net_counters *n = &tcp_stack(tp)->n;
	uint32_t fresh = 0, full = tcp_full(tp), top = sack_highest(tp), first_late = top;
	unsigned first = 0;

	if (is_dsack(s)) {
		n->tcp_dsacks_in++;
		if (undo_duplicate(tp, &s->opt.sack[0]) && seq_gt(top, s->opt.sack[0].end) &&
		    !holes(tp, s->opt.sack[0].start, s->opt.sack[0].end))
			reordering_seen(tp, top - s->opt.sack[0].start); /* both came */
		first = 1;
	}
	for (unsigned i = first; i < s->opt.sacks; i++) {
		const struct range *r = &s->opt.sack[i];

		if (seq_ge(r->start, r->end) || seq_le(r->start, s->ack) ||
		    seq_lt(r->start, tp->snd_una) || seq_gt(r->end, tp->snd_max))
			continue;
		first_late = seq_min(first_late, late(tp, r->start, r->end, top));
		fresh += board_add(&tp->board, r->start, r->end);
	}
	if (first_late != top)
		reordering_seen(tp, sack_highest(tp) - first_late);
	n->tcp_sacked_segments += (fresh + full - 1) / full;
	return fresh > 0;
}

void sack_clear(struct tcp_sock *tp) {
	g_free(tp->board.ranges);
	tp->board = (struct scoreboard){0};
}

void sack_advance(struct tcp_sock *tp, uint32_t una_before, bool blocks) {
	struct scoreboard *b = &tp->board;
	uint32_t gone = 0, top = sack_highest(tp), from;

	if (!b->count)
		return;
	from = late(tp, una_before, tp->snd_una, top);
	if (blocks && from != top) /* 2.4 looks no further */
		reordering_seen(tp, seq_max(top, tp->snd_una) - from);
	while (gone < b->count && seq_le(b->ranges[gone].end, tp->snd_una))
		gone++;
	b->count -= gone;
	memmove(b->ranges, b->ranges + gone, b->count * sizeof(struct range));
	if (b->count && seq_lt(b->ranges[0].start, tp->snd_una))
		b->ranges[0].start = tp->snd_una;
	if (!b->count)
		sack_clear(tp);
}

uint32_t sack_skip(const struct tcp_sock *tp, uint32_t seq) {
	for (uint32_t i = 0; i < tp->board.count; i++) {
		const struct range *r = &tp->board.ranges[i];

		if (seq_lt(seq, r->start))
			break;
		if (seq_lt(seq, r->end))
			return r->end;
	}
	return seq;
}

uint32_t sack_hole_end(const struct tcp_sock *tp, uint32_t seq, uint32_t end) {
	for (uint32_t i = 0; i < tp->board.count; i++)
		if (seq_gt(tp->board.ranges[i].start, seq))
			return seq_min(end, tp->board.ranges[i].start);
	return end;
}

uint32_t sack_bytes(const struct tcp_sock *tp) {
	uint32_t bytes = 0;

	for (uint32_t i = 0; i < tp->board.count; i++)
		bytes += tp->board.ranges[i].end - tp->board.ranges[i].start;
	return bytes;
}

/* --- recovery (RFC 3517) ---------------------------------------------------------------------- */

/* IsLost() for every byte at once: what is not SACKed below this edge is lost, since DupThresh
 * ranges, or more than DupThresh - 1 segments' worth of bytes, are SACKed above it.  FACK counts
 * the holes between them in. */
static uint32_t lost_edge(const struct tcp_sock *tp) {
	const struct scoreboard *b = &tp->board;
	uint32_t threshold = tp->reordering, ranges = 0, bytes = 0;

	if (tcp_params(tp)->fack && !(tp->flags & TF_REORDERED) && b->count)
		return seq_max(sack_highest(tp) - threshold * tcp_full(tp), tp->snd_una);

	for (uint32_t i = b->count; i-- > 0;) {
		ranges++;
		bytes += b->ranges[i].end - b->ranges[i].start;
		if (ranges >= threshold || bytes > (threshold - 1) * tcp_full(tp))
			return b->ranges[i].start;
	}
	return tp->snd_una;
}

bool sack_is_loss(const struct tcp_sock *tp) {
	return tp->board.count && seq_gt(lost_edge(tp), tp->snd_una);
}

/* SetPipe(): what is not SACKed and not lost is in the network, and what was sent again too. */
uint32_t sack_pipe(const struct tcp_sock *tp) {
	uint32_t resent = tp->flags & TF_RECOVERY ? holes(tp, tp->snd_una, tp->high_rxt) : 0;

	return holes(tp, lost_edge(tp), tp->snd_max) + resent;
}

uint32_t tcp_lost_bytes(const struct tcp_sock *tp) {
	if (tp->flags & TF_LOSS) /* all that was out at the time-out */
		return holes(tp, tp->snd_una, seq_min(tp->recover, tp->snd_max));
	if (tp->flags & TF_SACK)
		return holes(tp, tp->snd_una, lost_edge(tp));
	return tp->flags & TF_RECOVERY ? MIN(tcp_full(tp), tp->snd_max - tp->snd_una) : 0;
}

uint32_t tcp_resent_bytes(const struct tcp_sock *tp) {
	if (tp->flags & TF_LOSS)
		return holes(tp, tp->snd_una, seq_min(tp->snd_nxt, tp->recover));
	if (!(tp->flags & TF_RECOVERY))
		return 0;
	return tp->flags & TF_SACK ? holes(tp, tp->snd_una, tp->high_rxt) : tcp_lost_bytes(tp);
}

/* Sends again the first hole at or above high_rxt that begins below `limit`. */
static bool resend_hole(struct tcp_sock *tp, uint32_t limit) {
	uint32_t seq = sack_skip(tp, seq_max(tp->high_rxt, tp->snd_una)), end;

	/* nor beyond a window that shrank: RFC 1122 4.2.2.16 */
	if (seq_ge(seq, limit) || seq_ge(seq, tp->snd_una + MAX(tp->snd_wnd, 1U)))
		return false;
	end = seq_min(sack_hole_end(tp, seq, seq + tcp_full(tp)), tp->write_seq);
	if (!tcp_send_range(tp, seq, seq_gt(end, seq) ? end - seq : 0))
		return false;
	tp->high_rxt = seq_max(end, seq + 1);
	return true;
}

static bool send_new(struct tcp_sock *tp) {
	uint32_t seq = tp->snd_max, len;

	if (seq_gt(seq, tp->write_seq))
		return false;
	len = MIN(tp->write_seq - seq, tcp_full(tp));
	if (!len && !(tp->flags & TF_FIN_QUEUED))
		return false;
	if ((int32_t)(tp->snd_una + tp->snd_wnd - seq) < (int32_t)MAX(len, 1U))
		return false;
	tp->snd_nxt = seq;
	return tcp_send_range(tp, seq, len);
}

/* NextSeg(), rules 1 to 3.  The machine's own queue, if it is full, is not asked again. */
static bool send_something(struct tcp_sock *tp) {
	uint32_t highest =
		tp->board.count ? tp->board.ranges[tp->board.count - 1].start : tp->snd_una;

	if (resend_hole(tp, lost_edge(tp)))
		return true;
	if (!(tp->flags & TF_REFUSED) && send_new(tp))
		return true;
	return !(tp->flags & TF_REFUSED) && resend_hole(tp, highest);
}

/* While cwnd - pipe holds a segment. */
void sack_push(struct tcp_sock *tp) {
	uint32_t full = tcp_full(tp);

	tp->flags &= ~(uint32_t)TF_REFUSED;
	while ((int32_t)(tp->cwnd - sack_pipe(tp)) >= (int32_t)full)
		if (!send_something(tp))
			break;
}
