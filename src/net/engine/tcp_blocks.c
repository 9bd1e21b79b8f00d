/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiver's side of SACK: which blocks the next ACK reports (RFC 2018 section 4), and what came
 * twice (RFC 2883 section 4). */
#include "net/engine/tcp_recv.h"

static uint32_t frame_end(const struct frame *f) { return f->mark + f->len; }

/* Puts [start, end) first among the blocks, and drops those that it covers. */
static void put_first(struct tcp_sock *tp, uint32_t start, uint32_t end) {
	unsigned n = 1;
	struct range kept[SACK_BLOCKS] = {{start, end}};

	for (unsigned i = 0; i < tp->sacks && n < SACK_BLOCKS; i++)
		if (seq_gt(tp->sack[i].start, end) || seq_lt(tp->sack[i].end, start))
			kept[n++] = tp->sack[i];
	memcpy(tp->sack, kept, n * sizeof(kept[0]));
	tp->sacks = (uint8_t)n;
}

void blocks_arrived(struct tcp_sock *tp, uint32_t start, uint32_t end) {
	struct range run = {0, 0};

	if (!(tp->flags & TF_SACK))
		return;
	if (tp->sacks && tp->sack[0].end == start && tp->ooo_last->mark == start) {
		tp->sack[0].end = end;
		return;
	}
	for (const struct frame *f = tp->ooo; f; f = f->next) {
		if (f == tp->ooo || f->mark != run.end) {
			if (f != tp->ooo && seq_ge(run.end, end))
				break;
			run.start = f->mark;
		}
		run.end = frame_end(f);
	}
	put_first(tp, run.start, run.end);
}

void blocks_forget(struct tcp_sock *tp) {
	unsigned n = 0;

	for (unsigned i = 0; i < tp->sacks; i++)
		if (seq_gt(tp->sack[i].start, tp->rcv_nxt))
			tp->sack[n++] = tp->sack[i];
	tp->sacks = (uint8_t)n;
}

/* A second piece before the ACK leaves counts if it follows the first: the report names one
 * contiguous sequence, the lowest (Linux 2.4, tcp_dsack_extend()). */
void blocks_duplicate(struct tcp_sock *tp, uint32_t start, uint32_t end) {
	if (!(tp->flags & TF_SACK) || !tcp_params(tp)->dsack)
		return;
	if (!(tp->flags & TF_DSACK)) {
		tp->twice = (struct range){start, end};
		tp->flags |= TF_DSACK;
	} else if (seq_le(start, tp->twice.end) && seq_ge(end, tp->twice.start)) {
		tp->twice.start = seq_min(tp->twice.start, start);
		tp->twice.end = seq_max(tp->twice.end, end);
	}
}

void blocks_overlap(struct tcp_sock *tp, uint32_t start, uint32_t end) {
	for (const struct frame *f = tp->ooo; f && seq_lt(f->mark, end); f = f->next)
		if (seq_gt(frame_end(f), start))
			blocks_duplicate(tp, seq_max(f->mark, start), seq_min(frame_end(f), end));
}
