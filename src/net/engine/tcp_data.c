/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Received data: in order, out of order, urgent; and when it is acknowledged. */
#include "net/engine/chain.h"
#include "net/engine/socket.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"
#include "net/engine/tcp_tw.h"

/* --- out of order ----------------------------------------------------------------------------- */

static uint32_t frame_end(const struct frame *f) { return f->mark + f->len; }

void tcp_note_duplicate(struct tcp_sock *tp, const struct segment *s) {
	if (s->len && seq_lt(s->seq, tp->rcv_nxt))
		blocks_duplicate(tp, s->seq, seq_min(s->seq + s->len, tp->rcv_nxt));
}

/* Inserts a segment's frame where it belongs; what is already there is kept. */
static void queue_ooo(struct tcp_sock *tp, struct frame *f) {
	bool last = tp->ooo_last && seq_ge(f->mark, frame_end(tp->ooo_last));
	uint32_t start = f->mark, end = frame_end(f);
	struct chain_gone gone = {0};
	struct frame **at;

	if (!last)
		blocks_overlap(tp, start, end);
	at = chain_place(last ? &tp->ooo_last->next : &tp->ooo, f, &gone);
	if (!at) {
		frame_free(f);
		blocks_arrived(tp, start,
		               end); /* the block that it lies in: RFC 2883 section 4.2 */
		return;
	}
	tp->ooo_count -= gone.frames;
	start = f->mark;
	end = frame_end(f);
	f->next = *at;
	*at = f;
	if (!f->next)
		tp->ooo_last = f;
	tp->ooo_count++;
	window_queued(tp);
	blocks_arrived(tp, start, end);
}

static void drop_ooo(struct tcp_sock *tp) {
	chain_free(tp->ooo);
	tp->ooo = tp->ooo_last = NULL;
	tp->ooo_count = 0;
	tp->sacks = 0;
}

/* --- in order --------------------------------------------------------------------------------- */

/* Appends to the receive queue.  Small segments are put into the frame before them, so that a
 * stream of single bytes does not occupy a frame for each. */
static void queue_in_order(struct tcp_sock *tp, struct frame *f) {
	/* `next` is a frame's first member: the queue's tail is the last frame. */
	struct frame *last = tp->rcvq.head ? (struct frame *)tp->rcvq.tail : NULL;

	tcp_stack(tp)->n.tcp_bytes_in += f->len;
	tp->rcv_nxt += f->len;
	if (last && f->len < 256 && last->start + last->len + f->len <= last->size) {
		memcpy(frame_data(last) + last->len, frame_data(f), f->len);
		last->len = (uint16_t)(last->len + f->len);
		frame_free(f);
	} else {
		frame_queue_push(&tp->rcvq, f);
	}
}

/* Moves over what has become contiguous.  What the segment that filled the hole had too came
 * twice. */
static void drain_ooo(struct tcp_sock *tp, uint32_t filled) {
	blocks_overlap(tp, filled, tp->rcv_nxt);
	while (tp->ooo && seq_le(tp->ooo->mark, tp->rcv_nxt)) {
		struct frame *f = tp->ooo;
		uint32_t old = tp->rcv_nxt - f->mark;

		tp->ooo = f->next;
		tp->ooo_count--;
		if (old >= f->len) {
			frame_free(f);
			continue;
		}
		frame_pull(f, old);
		f->mark += old;
		queue_in_order(tp, f);
	}
	if (!tp->ooo)
		tp->ooo_last = NULL;
	if (tp->sacks)
		blocks_forget(tp);
}

/* How many ACKs in a row go out at once: tcp_incr_quickack() of Linux 2.4. */
static void quick_again(struct tcp_sock *tp) {
	const struct net_params *p = tcp_params(tp);
	uint32_t window = p->growing_window ? tp->rcv_adv - tp->last_ack : tp->us.rcvbuf;
	uint32_t most = MAX(2, window / (2U * tp->rcv_mss));

	tp->quick = (uint8_t)MAX(tp->quick, MIN(p->quickacks, most));
}

/* A longer delay than the shortest is worth no more than a round trip: tcp_send_delayed_ack(). */
static sim_time ack_delay(const struct tcp_sock *tp) {
	sim_time least = tcp_params(tp)->delack_min;

	if (tp->ato <= least || !tp->srtt)
		return tp->ato;
	return MIN(tp->ato, MAX(tp->srtt, least));
}

/* Is an ACK due at once, or may it wait?  RFC 1122 4.2.3.2, RFC 2581 4.2; quick ACKs and the
 * adapting delay as in Linux 2.4 (tcp_event_data_recv). */
static void schedule_ack(struct tcp_sock *tp, uint32_t len) {
	const struct net_params *p = tcp_params(tp);
	sim_time now = tcp_now(tp), gap = now - tp->last_data_in;

	tp->rcv_mss = (uint16_t)MAX(tp->rcv_mss, MIN(len, tp->adv_mss));
	if (!tp->last_data_in) {
		quick_again(tp);
		tp->ato = p->delack_min;
	} else if (gap <= p->delack_min / 2) {
		tp->ato = tp->ato / 2 + p->delack_min / 2;
	} else if (gap < tp->ato) {
		tp->ato = tp->ato / 2 + gap;
	} else if (gap > tp->rto) {
		quick_again(tp); /* the sender has begun anew with a small window */
	}
	tp->ato = CLAMP(tp->ato, p->delack_min, p->delack_max);
	tp->last_data_in = MAX(now, 1);
	if (tp->ooo || tp->flags & TF_QUICKACK || (tp->quick && !(tp->flags & TF_PINGPONG)) ||
	    !tp->ato ||
	    (p->bsd_acks ? tp->due[DUE_DELACK] != SIM_NEVER
	                 : tp->rcv_nxt - tp->last_ack > (p->delack_segments - 1U) * tp->rcv_mss))
		tp->flags |= TF_ACK_NOW;
	else if (tp->due[DUE_DELACK] == SIM_NEVER)
		tcp_due_set(tp, DUE_DELACK, now + ack_delay(tp));
}

static void fin_arrived(struct tcp_sock *tp) {
	struct net_sock *so = &tp->us.so;

	tp->rcv_nxt++;
	tp->flags |= TF_FIN_RCVD | TF_ACK_NOW;
	drop_ooo(tp); /* nothing follows a FIN: RFC 793 page 75 */
	tp->us.shutdown |= SHUT_RECV;
	sock_event(&tp->us, NET_EV_READ | NET_EV_HANGUP);
	switch (so->state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		so->state = TCP_CLOSE_WAIT;
		break;
	case TCP_FIN_WAIT1:
		so->state = TCP_CLOSING; /* our FIN is not acknowledged, or it were FIN_WAIT_2 */
		break;
	case TCP_FIN_WAIT2:
		tcp_send_ack(tp);
		tcp_time_wait(tp);
		break;
	default:
		break;
	}
}

/* Cuts what lies outside the window; false if nothing remains to be done.  Linux 2.4 takes all of a
 * segment that begins in the window (tcp_data_queue()), which it makes small. */
static bool trim(struct tcp_sock *tp, struct segment *s) {
	uint32_t old = seq_lt(s->seq, tp->rcv_nxt) ? tp->rcv_nxt - s->seq : 0;
	uint32_t edge = seq_max(tp->rcv_adv, tp->rcv_nxt);

	if (old) {
		tcp_note_duplicate(tp, s);
		tp->flags |= TF_ACK_NOW;
		old = MIN(old, s->len);
		frame_pull(s->frame, old);
		s->seq += old;
		s->len -= old;
	}
	if (tcp_params(tp)->growing_window && seq_lt(s->seq, edge))
		return s->len || s->flags & TCP_FIN;
	if (seq_gt(s->seq + s->len, edge)) {
		s->len = seq_lt(s->seq, edge) ? edge - s->seq : 0;
		s->frame->len = (uint16_t)s->len;
		s->flags &= (uint8_t)~TCP_FIN; /* it is beyond the window too */
		tp->flags |= TF_ACK_NOW;
	}
	return s->len || s->flags & TCP_FIN;
}

inline void tcp_data_input(struct tcp_sock *tp, struct segment *s) {
	bool fin;

	if (!seg_space(s) || tp->flags & TF_FIN_RCVD || !trim(tp, s)) {
		if (seg_space(s))
			tp->flags |= TF_ACK_NOW;
		return;
	}
	fin = s->flags & TCP_FIN;
	s->frame->mark = s->seq;
	if (s->len && tp->flags & TF_ECN)
		ecn_data_input(tp, s);
	if (s->seq != tp->rcv_nxt) {
		tp->flags |= TF_ACK_NOW;
		tcp_stack(tp)->n.tcp_out_of_order++;
		if (fin) {
			tp->flags |= TF_FIN_EARLY;
			tp->fin_seq = s->seq + s->len;
		}
		/* Bound what tiny segments can occupy. */
		if (s->len && tp->ooo_count < 64 + tp->us.rcvbuf / 256) {
			queue_ooo(tp, s->frame);
			s->frame = NULL;
		}
		return;
	}
	if (s->len) {
		bool gap = tp->ooo != NULL;

		queue_in_order(tp, s->frame);
		s->frame = NULL;
		if (gap)
			drain_ooo(tp, s->seq);
		schedule_ack(tp, s->len);
		if (tcp_params(tp)->growing_window) {
			window_grow(tp, s->len);
			window_queued(tp);
		}
		if (gap)
			tp->flags |= TF_ACK_NOW; /* a gap was filled: RFC 2581 4.2 */
		sock_event(&tp->us, NET_EV_READ);
	}
	if ((fin && s->seq + s->len == tp->rcv_nxt) ||
	    (tp->flags & TF_FIN_EARLY && tp->fin_seq == tp->rcv_nxt))
		fin_arrived(tp);
}

/* --- urgent data ------------------------------------------------------------------------------ */

static void consume(struct tcp_sock *tp, uint32_t seq) {
	struct frame *f;

	while ((f = tp->rcvq.head) && seq_le(frame_end(f), seq))
		frame_free(frame_queue_pop(&tp->rcvq));
	if (f && seq_lt(f->mark, seq)) {
		frame_pull(f, seq - f->mark);
		f->mark = seq;
	}
	tp->copied_seq = seq;
	if (tp->urg_state != URG_NONE && seq_gt(seq, tp->urg_seq))
		tp->urg_state = URG_NONE;
}

/* The pointer points behind the urgent byte for BSD and Linux, to it for RFC 1122; not into what is
 * here already (tcp_check_urg(); BSD's rcv_up follows rcv_nxt). */
__attribute__((noinline)) void tcp_urgent_input(struct tcp_sock *tp, const struct segment *s) {
	bool to_it = tcp_params(tp)->stdurg;
	uint32_t at = s->seq + s->urg - (s->urg && !to_it);
	/* Nothing follows a FIN, urgent or not: RFC 793 page 74. */
	bool fresh = s->flags & TCP_URG && (s->urg || to_it || tcp_params(tp)->urgent_zero) &&
	             !(tp->flags & TF_FIN_RCVD) && seq_ge(at, tp->rcv_nxt) &&
	             (tp->urg_state == URG_NONE || seq_gt(at, tp->urg_seq));

	if (fresh) {
		/* The urgent byte that the reader stands at is not his next (2.4, tcp_check_urg()). */
		if (tp->urg_state != URG_NONE && tp->urg_seq == tp->copied_seq &&
		    tp->copied_seq != tp->rcv_nxt && !(tp->us.so.flags & SO_F_OOBINLINE))
			consume(tp, tp->copied_seq + 1);
		tp->urg_seq = at;
		tp->urg_state = URG_AWAITED;
		sock_event(&tp->us, NET_EV_URGENT);
	}
	if (tp->urg_state == URG_AWAITED && seq_ge(tp->urg_seq, s->seq) &&
	    seq_lt(tp->urg_seq, s->seq + s->len)) {
		tp->urg_byte = frame_data(s->frame)[tp->urg_seq - s->seq];
		tp->urg_state = URG_VALID;
		sock_event(&tp->us, NET_EV_URGENT);
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

uint32_t tcp_readable_bytes(const struct tcp_sock *tp) {
	return tp->rcv_nxt - tp->copied_seq - !!(tp->flags & TF_FIN_RCVD);
}

ssize_t tcp_data_read(struct tcp_sock *tp, struct net_msg *msg) {
	size_t room = msg_length(msg), done = 0;
	bool discard = msg->flags & MSG_TRUNC, inline_urgent = tp->us.so.flags & SO_F_OOBINLINE;
	uint32_t seq = tp->copied_seq;

	for (const struct frame *f = tp->rcvq.head; f && done < room;) {
		uint32_t have = frame_end(f) - seq, n = (uint32_t)MIN(have, room - done);

		if (!have) {
			f = f->next;
			continue;
		}
		if (tp->urg_state != URG_NONE && tp->urg_seq == seq) {
			if (done)
				break; /* a read stops at the mark */
			if (!inline_urgent) {
				seq++;
				continue;
			}
		} else if (tp->urg_state != URG_NONE && seq_lt(seq, tp->urg_seq)) {
			n = MIN(n, tp->urg_seq - seq);
		}
		if (!discard)
			msg_put(msg, done, f->bytes + f->start + (seq - f->mark), n);
		seq += n;
		done += n;
	}
	if (!(msg->flags & MSG_PEEK) && seq != tp->copied_seq)
		consume(tp, seq);
	return (ssize_t)done;
}
