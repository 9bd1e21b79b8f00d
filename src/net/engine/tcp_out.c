/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may be sent now, and what does its header say?  The windows, Nagle, silly windows, probes,
 * resets.
 */
#include "net/engine/ip.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"

/* --- the window we offer ---------------------------------------------------------------------- */

static uint16_t window_field(struct tcp_sock *tp, bool scaled) {
	unsigned shift = scaled ? tp->rcv_wscale : 0;
	uint32_t offer = window_offer(tp), field = MIN(offer >> shift, 65535U);

	/* Scaling rounds down, but what was offered stays offered. */
	if (field < 65535 && seq_lt(tp->rcv_nxt + (field << shift), tp->rcv_adv))
		field++;
	tp->rcv_adv = seq_max(tp->rcv_adv, tp->rcv_nxt + (field << shift));
	return (uint16_t)field;
}

/* --- building segments ------------------------------------------------------------------------ */

static enum net_kind kind_of(size_t len, uint8_t flags) {
	if (len)
		return NET_KIND_DATA;
	return flags & (TCP_SYN | TCP_FIN | TCP_RST) ? NET_KIND_CONTROL : NET_KIND_ACK;
}

/* Completes the fixed part and the checksum.  The TCP header begins in `f`, whose payload is summed, and its options
 * too; the rest of the sum is made of the numbers that are written, as in ip_header(). */
static inline void finish_header(struct frame *f, const struct raw_segment *r, size_t options_len,
                                 uint32_t options_sum) {
	uint8_t *h = frame_data(f);
	uint32_t ack = r->flags & TCP_ACK ? r->ack : 0, sum;
	uint16_t offset = (uint16_t)((TCP_HEADER + options_len) << 10 | r->flags), check;

	sum = options_sum + f->sum + r->sport + r->dport + cksum_two(r->seq) + cksum_two(ack) +
	      offset + (uint16_t)r->window;
	check = cksum_fold(sum + pseudo_sum(r->src, r->dst, IPPROTO_TCP, f->len));
	put16(h, r->sport);
	put16(h + 2, r->dport);
	put32(h + 4, r->seq);
	put32(h + 8, ack);
	put16(h + 12, offset);
	put16(h + 14, (uint16_t)r->window);
	put16(h + 16, check);
	put16(h + 18, 0);
	/* Who checks it need not read the header again either. */
	frame_summed(f, sum + check);
}

bool tcp_send_raw(struct net_stack *st, struct path *path, const struct raw_segment *r) {
	struct path own = {0};
	struct ip_out out = {.src = r->src,
	                     .dst = r->dst,
	                     .protocol = IPPROTO_TCP,
	                     .ttl = DEFAULT_TTL,
	                     .df = true,
	                     .kind = kind_of(0, r->flags)};
	struct frame *f;

	if (!path)
		path = &own;
	if (path_find(st, path, r->dst, r->src, NULL)) {
		st->n.ip_no_route++;
		return true;
	}
	f = frame_new(FRAME_PAYLOAD_AT, 0);
	frame_summed(f, 0);
	memcpy(frame_push(f, r->options_len), r->options ? r->options : f->bytes, r->options_len);
	frame_push(f, TCP_HEADER);
	finish_header(f, r, r->options_len, cksum_header(0, r->options, r->options_len));
	if (!ip_output(st, path, &out, f))
		return false;
	st->n.tcp_out++;
	if (r->flags & TCP_RST)
		st->n.tcp_resets_out++;
	return true;
}

/* An ACK left: nothing is owed any more. */
static void ack_sent(struct tcp_sock *tp) {
	tp->last_ack = tp->rcv_nxt;
	if (tp->quick)
		tp->quick--;
	/* What came twice is reported once: RFC 2883 section 4. */
	tp->flags &= ~(uint32_t)(TF_ACK_NOW | TF_DSACK);
	tcp_due_stop(tp, DUE_DELACK);
}

/* The options of an ordinary segment, nearly always a time-stamp alone: what was just written is not read again. */
static inline size_t put_options(const struct tcp_sock *tp, struct frame *f, bool sacks,
                                 uint32_t *sum) {
	uint8_t options[TCP_OPTIONS_MAX];
	size_t n;

	if (G_LIKELY(tp->flags & TF_TS && !(sacks && (tp->sacks || tp->flags & TF_DSACK)))) {
		uint32_t now = tcp_clock(tcp_stack(tp));

		*sum = TCP_TS_SUM + cksum_two(now) + cksum_two(tp->ts_recent);
		return tcp_options_ts(frame_push(f, TCP_TS_BYTES), now, tp->ts_recent);
	}
	n = tcp_options_data(tp, options, sacks);
	memcpy(frame_push(f, n), options, n);
	*sum = cksum_header(0, options, n);
	return n;
}

/* Says how far what is urgent reaches.  RFC 1624: the checksum changes by what was added to the 0 there. */
static void put_urgent(struct frame *f, uint16_t up) {
	uint8_t *h = frame_data(f);

	put16(h + 18, up);
	put16(h + 16, cksum_fold((uint32_t)(uint16_t)~get16(h + 16) + up));
}

/* Sends one segment of the connection: `len` bytes of the buffer from `seq`, again or not.  False: the
 * machine's own queue did not take it, for which the connection slows down; its ACK is not repeated
 * (tcp_transmit_skb() of 2.4).  For want of a route it is lost. */
static inline bool transmit(struct tcp_sock *tp, uint32_t seq, uint32_t len, uint8_t flags,
                            bool again) {
	struct net_stack *st = tcp_stack(tp);
	struct net_sock *so = &tp->us.so;
	struct frame *f = frame_new(FRAME_PAYLOAD_AT, len);
	uint32_t options_sum;
	size_t n;
	struct raw_segment r = {.src = so->laddr,
	                        .dst = so->faddr,
	                        .seq = seq,
	                        .ack = tp->rcv_nxt,
	                        .sport = so->lport,
	                        .dport = so->fport,
	                        .flags = flags};
	struct ip_out out = {.src = so->laddr,
	                     .dst = so->faddr,
	                     .protocol = IPPROTO_TCP,
	                     .ttl = tp->us.ttl,
	                     .tos = tp->us.tos,
	                     .df = us_dont_fragment(&tp->us),
	                     .kind = kind_of(len, flags),
	                     .payload = len};

	if (path_find(st, &tp->us.path, so->faddr, so->laddr, tp->us.device)) {
		st->n.ip_no_route++;
		frame_free(f);
		return true;
	}
	f->len = (uint16_t)len;
	frame_summed(f, sendbuf_copy(&tp->buf, seq - tp->snd_una, frame_data(f), len));
	/* A reset of our own has the time-stamp too, as tcp_send_active_reset() sends it. */
	n = put_options(tp, f, !(flags & TCP_RST) && len + 48 <= tp->mss, &options_sum);
	frame_push(f, TCP_HEADER);
	r.window = flags & TCP_RST ? 0 : window_field(tp, true);
	if (tp->flags & TF_ECN)
		out.tos |= ecn_mark(tp, len && !again, &r.flags);
	/* not in a probe, which lies below the window, unless something is urgent */
	if (seq_gt(tp->snd_up, seq_max(seq, tp->snd_una))) {
		r.flags |= TCP_URG;
		put16(frame_data(f) + 18, 0);
	}
	finish_header(f, &r, n, options_sum);
	if (r.flags & TCP_URG)
		put_urgent(f, (uint16_t)MIN(tp->snd_up - seq - st->params.stdurg, 65535U));
	if (flags & TCP_ACK)
		ack_sent(tp);
	tp->leaving = seq + len;
	if (!ip_output(st, &tp->us.path, &out, f)) {
		slow_asked(tp);
		return false;
	}
	st->n.tcp_out++;
	st->n.tcp_bytes_out += len;
	if (flags & TCP_RST)
		st->n.tcp_resets_out++;
	return true;
}

bool tcp_send_syn(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);
	struct net_sock *so = &tp->us.so;
	bool reply = so->state == TCP_SYN_RECV;
	uint8_t options[TCP_OPTIONS_MAX];
	struct tcp_options opt = {
		.mss = tp->adv_mss,
		.wscale = reply ? (tp->flags & TF_WSCALE ? (int8_t)tp->rcv_wscale : -1)
	                        : (st->params.window_scaling ? (int8_t)tp->rcv_wscale : -1),
		.sack_ok = reply ? (tp->flags & TF_SACK) != 0 : st->params.sack,
		.ts = reply ? (tp->flags & TF_TS) != 0 : st->params.timestamps,
		.ts_val = tcp_clock(st),
		.ts_ecr = tp->ts_recent,
	};
	struct raw_segment r = {.src = so->laddr,
	                        .dst = so->faddr,
	                        .seq = tp->iss,
	                        .ack = tp->rcv_nxt,
	                        .sport = so->lport,
	                        .dport = so->fport,
	                        .flags = (reply ? TCP_SYN | TCP_ACK : TCP_SYN) |
	                                 ecn_syn_flags(tp, reply),
	                        .options = options};

	r.options_len = tcp_options_syn(options, &opt);
	r.window = window_field(tp, false);
	if (tp->us.device)
		path_find(st, &tp->us.path, so->faddr, so->laddr, tp->us.device);
	tp->last_data_out = tcp_now(tp);
	if (reply)
		ack_sent(tp);
	return tcp_send_raw(st, &tp->us.path, &r);
}

/* Sequence number of a segment without data: the next, or the edge of a window that shrank. */
static uint32_t empty_seq(const struct tcp_sock *tp) {
	uint32_t edge = tp->snd_una + tp->snd_wnd;

	return seq_lt(edge, tp->snd_max) ? edge : tp->snd_max;
}

void tcp_send_ack(struct tcp_sock *tp) { transmit(tp, empty_seq(tp), 0, TCP_ACK, false); }

/* A number just below the window makes the peer answer with its window: what Linux sends as
 * window probe and as keep-alive (RFC 1122 4.2.3.6). */
bool tcp_send_probe(struct tcp_sock *tp) {
	return transmit(tp, tp->snd_una - 1, 0, TCP_ACK, false);
}

void tcp_send_reset(struct tcp_sock *tp) {
	transmit(tp, empty_seq(tp), 0, TCP_RST | TCP_ACK, false);
}

/* RFC 793 3.4: the reset that a segment for no connection gets. */
void tcp_reset_for(struct net_stack *st, const struct segment *s) {
	struct raw_segment r = {.src = s->ip->dst,
	                        .dst = s->ip->src,
	                        .sport = s->dport,
	                        .dport = s->sport,
	                        .flags = TCP_RST};

	if (s->flags & TCP_RST || !net_is_local(st, s->ip->dst))
		return;
	if (s->flags & TCP_ACK) {
		r.seq = s->ack;
	} else {
		r.flags |= TCP_ACK;
		r.ack = s->seq + seg_space(s);
	}
	tcp_send_raw(st, NULL, &r);
}

/* --- sending data ----------------------------------------------------------------------------- */

/* [seq, end) with `len` bytes of data has left. */
static inline void has_left(struct tcp_sock *tp, uint32_t seq, uint32_t len, uint32_t end,
                            bool again) {
	if (again) {
		tcp_stack(tp)->n.tcp_retransmits++;
		tp->retransmits_total++;
		undo_retransmitted(tp, end);
		tp->flags &= ~(uint32_t)TF_TIMING; /* Karn: an ACK would be ambiguous */
	} else if (!(tp->flags & TF_TIMING)) {
		tp->flags |= TF_TIMING;
		tp->rtt_seq = seq;
		tp->rtt_start = tcp_now(tp);
	}
	if (len < tcp_full(tp) && seq_ge(seq, tp->snd_max))
		tp->snd_sml = seq + len;
	if (seq == tp->snd_nxt)
		tp->snd_nxt = end;
	tp->snd_max = seq_max(tp->snd_max, tp->snd_nxt);
	tp->last_data_out = tcp_now(tp);
	if (tp->last_data_in && tp->last_data_out - tp->last_data_in < tp->ato)
		tp->flags |= TF_PINGPONG;
	if (tp->flags & TF_PERSIST || tp->due[DUE_RETRANSMIT] == SIM_NEVER)
		tcp_arm_retransmit(tp);
}

/* What the machine's own queue refuses was never sent: it stays what is to be sent next, and is tried
 * again at the next ACK, or by a timer if none is to come (tcp_write_xmit() of 2.4). */
inline bool tcp_send_range(struct tcp_sock *tp, uint32_t seq, uint32_t len) {
	uint32_t end = seq + len;
	bool fin = tp->flags & TF_FIN_QUEUED && end == tp->write_seq &&
	           (tp->flags & TF_FIN_SENT || seq_lt(end, tp->snd_una + tp->snd_wnd));
	bool again = seq_lt(seq, tp->snd_max);
	uint8_t flags = TCP_ACK;

	if (!len && !fin)
		return false;
	/* Not if the user said that more comes. */
	if (len && end == tp->write_seq && end == tp->push_seq)
		flags |= TCP_PSH;
	if (fin)
		flags |= TCP_FIN;
	if (!transmit(tp, seq, len, flags, again)) {
		tp->flags |= TF_REFUSED;
		return false;
	}
	tp->flags &= ~(uint32_t)TF_REFUSED;
	if (fin) {
		tp->flags |= TF_FIN_SENT;
		end++;
	}
	has_left(tp, seq, len, end, again);
	return true;
}

/* Nagle's rule (RFC 896): a small segment waits while anything is unacknowledged that was before the
 * user wrote (BSD: `idle`, nothing was when output began); as refined by Minshall and used by Linux
 * 2.4, while another small one is.  A cork holds every small segment back, and so does more to come. */
static bool held_back(const struct tcp_sock *tp, bool idle) {
	/* nor if something is urgent (tcp_snd_test(); BSD's t_force) */
	if (tp->flags & TF_FIN_QUEUED || seq_gt(tp->snd_up, tp->snd_una))
		return false;
	if (tp->flags & (TF_CORK | TF_MORE))
		return true;
	if (tp->flags & TF_NODELAY)
		return false;
	if (!tcp_params(tp)->minshall)
		return !idle;
	return seq_gt(tp->snd_sml, tp->snd_una) && seq_le(tp->snd_sml, tp->snd_nxt);
}

/* Sends the next segment from snd_nxt, if windows and rules permit. */
static bool send_next(struct tcp_sock *tp, bool idle) {
	uint32_t seq, avail, full = tcp_full(tp), len;
	int32_t window, congestion;
	bool again;

	if (tp->flags & TF_LOSS && tp->board.count)
		tp->snd_nxt = seq_min(sack_skip(tp, tp->snd_nxt), tp->snd_max);
	seq = tp->snd_nxt;
	if (seq_gt(seq, tp->write_seq))
		return false; /* the FIN is out */
	again = seq_lt(seq, tp->snd_max);
	avail = tp->write_seq - seq;
	len = MIN(avail, full);
	if (!len && !(tp->flags & TF_FIN_QUEUED))
		return false;
	/* What is sent again ends where the new begins: tcp_retrans_try_collapse() of 2.4 stops at
	 * send_head.  A FIN alone may be what is sent again. */
	if (again)
		len = MIN(len, tp->snd_max - seq);
	if (again && tp->board.count)
		len = MIN(len, sack_hole_end(tp, seq, seq + len) - seq);
	window = (int32_t)(tp->snd_una + tp->snd_wnd - seq);
	congestion = (int32_t)(tp->snd_una + tp->cwnd + tp->limited * full - seq);
	if (congestion < (int32_t)len && seq != tp->snd_una)
		return false;
	if (window < (int32_t)MAX(len, 1U)) {
		/* Sender's silly-window avoidance: RFC 1122 4.2.3.4 (3); for what is new. */
		if (window <= 0 || (!again && (uint32_t)window < tp->max_wnd / 2))
			return false;
		len = MIN((uint32_t)window, len);
	} else if (len < full && len == avail && !again && held_back(tp, idle)) {
		return false;
	}
	return tcp_send_range(tp, seq, len);
}

static bool may_send(const struct tcp_sock *tp) {
	switch (tp->us.so.state) {
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
	case TCP_FIN_WAIT1:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return true;
	default:
		return false;
	}
}

/* RFC 2861 3.1 (Linux 2.4, tcp_cwnd_restart()): the window is halved for each RTO of the pause, in
 * whole segments, and the threshold remembers it. */
static void decay(struct tcp_sock *tp, sim_time pause, uint32_t least) {
	uint32_t full = tcp_full(tp), segments = tp->cwnd / full;

	tp->ssthresh = MAX(tp->ssthresh, tp->cwnd / 4 * 3);
	while ((pause -= tp->rto) > 0 && segments * full > least)
		segments /= 2;
	tp->cwnd = MAX(segments * full, least);
}

/* RFC 2581 4.1: after a pause longer than the RTO the ACK clock has stopped. */
static void restart_after_idle(struct tcp_sock *tp) {
	sim_time pause = tcp_now(tp) - tp->last_data_out;
	uint32_t least;

	if (!tcp_params(tp)->idle_restart || tp->snd_max != tp->snd_una || pause <= tp->rto)
		return;
	least = MIN(tp->cwnd, tcp_initial_window(tcp_stack(tp), tcp_full(tp)));
	if (tcp_params(tp)->idle_decay)
		decay(tp, pause, least);
	else
		tp->cwnd = least;
	tp->cwnd_count = 0;
}

/* Was nothing out when the user began to write?  What comes in parts is one write (tcp_output() of
 * FreeBSD 4.5). */
static bool idle_before(struct tcp_sock *tp) {
	bool idle = tp->snd_una == tp->snd_max || tp->flags & TF_LAST_IDLE;

	tp->flags &= ~(uint32_t)TF_LAST_IDLE;
	if (idle && tp->flags & TF_MORE)
		tp->flags |= TF_LAST_IDLE;
	return idle;
}

inline void tcp_push(struct tcp_sock *tp) {
	bool idle;

	if (!may_send(tp))
		return;
	idle = idle_before(tp);
	restart_after_idle(tp);
	if (tp->flags & TF_RECOVERY && tp->flags & TF_SACK)
		sack_push(tp);
	else
		while (send_next(tp, idle))
			;
	/* Something to say, nothing on its way whose ACK would help: ask (RFC 1122 4.2.2.17), or try
	 * again what the machine's own queue refused (tcp_check_probe_timer() of 2.4). */
	if (tp->snd_max == tp->snd_una && tp->due[DUE_RETRANSMIT] == SIM_NEVER &&
	    (tp->buf.len || (tp->flags & (TF_FIN_QUEUED | TF_FIN_SENT)) == TF_FIN_QUEUED))
		tcp_arm_persist(tp);
}

inline void tcp_output_due(struct tcp_sock *tp) {
	tcp_push(tp);
	if (tp->flags & TF_ACK_NOW && tcp_synchronised(tp))
		tcp_send_ack(tp);
}
