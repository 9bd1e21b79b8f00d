/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz_check.h"

static void check_receiving(const struct tcp_sock *tp) {
	uint32_t at = tp->copied_seq, count = 0;

	for (const struct frame *f = tp->rcvq.head; f; f = f->next) {
		must(f->mark == at);
		at += f->len;
	}
	must(at - tp->copied_seq == tcp_readable_bytes(tp));
	at = tp->rcv_nxt;
	for (const struct frame *f = tp->ooo; f; f = f->next, count++) {
		must(seq_gt(f->mark, at) || (count && f->mark == at));
		must(f->len > 0);
		at = f->mark + f->len;
		if (!f->next)
			must(tp->ooo_last == f || !tp->ooo_last);
	}
	must(count == tp->ooo_count);
	must(tp->sacks <= SACK_BLOCKS);
}

static void check_sending(const struct tcp_sock *tp) {
	uint32_t at = tp->snd_una;
	bool fin = (tp->flags & TF_FIN_QUEUED) && tp->snd_una != tp->write_seq + 1;
	bool may_send = tp->us.so.state != TCP_SYN_SENT && tp->us.so.state != TCP_SYN_RECV;

	must(seq_le(tp->snd_una, tp->snd_nxt) && seq_le(tp->snd_nxt, tp->snd_max));
	must(seq_le(tp->snd_max, tp->write_seq + 1));
	if (may_send)
		must(tp->buf.len == (seq_gt(tp->write_seq, tp->snd_una) ? tp->write_seq - tp->snd_una
		                                                        : 0));
	must(tp->buf.len <= tp->buf.size);
	for (uint32_t i = 0; i < tp->board.count; i++) {
		must(seq_ge(tp->board.ranges[i].start, at));
		must(seq_gt(tp->board.ranges[i].end, tp->board.ranges[i].start));
		at = tp->board.ranges[i].end;
		must(seq_le(at, tp->snd_max));
	}
	if (may_send)
		must(tp->cwnd >= tcp_full(tp) / 2 && tp->mss >= 28);
	/* Nothing that is still to be said or acknowledged may be forgotten. */
	if (tp->buf.len || fin || tp->snd_una != tp->snd_max)
		must(tp->due[DUE_RETRANSMIT] != SIM_NEVER);
}

void check_connection(const struct tcp_sock *tp) {
	uint8_t state = tp->us.so.state;
	sim_time first = MIN(tp->due[0], MIN(tp->due[1], tp->due[2]));

	must(state != TCP_LISTEN || tp->listener);
	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return;
	must(tp->us.so.flags & SO_F_HASHED);
	must(first == SIM_NEVER || (timer_runs(&tp->timer) && tp->timer.when <= first));
	check_sending(tp);
	if (state != TCP_SYN_SENT)
		check_receiving(tp);
}
