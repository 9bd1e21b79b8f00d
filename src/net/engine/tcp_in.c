/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A segment arrives: RFC 793, pages 65 to 76, with the corrections of RFC 1122 and RFC 1323. */
#include "net/engine/chain.h"
#include "net/engine/ip.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_listen.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"
#include "net/engine/tcp_tw.h"

/* --- whose it is ------------------------------------------------------------------------------ */

struct tcp_sock *tcp_find_listener(const struct net_stack *st, uint32_t addr, uint16_t port,
                                   const struct net_if *ifp) {
	struct net_sock *so = table_chain(&st->listen_table, port_hash(port)), *best = NULL;

	for (; so; so = so->hash_next) {
		if (so->lport != port || (so->laddr && so->laddr != addr) ||
		    (user_sock(so)->device && user_sock(so)->device != ifp))
			continue;
		if (!best || (so->laddr && !best->laddr))
			best = so;
	}
	return (struct tcp_sock *)best;
}

/* Of a frame from its Ethernet header on: the hash of what it is for.  False: it is no TCP segment. */
static bool pair_of(const struct frame *frame, uint32_t *hash) {
	const uint8_t *ip = frame->bytes + frame->start + ETH_HEADER, *h = ip + IP_HEADER;

	if (frame->len < ETH_HEADER + IP_HEADER + TCP_HEADER || get16(ip - 2) != ETH_IP ||
	    ip[0] != 0x45 || ip[9] != IPPROTO_TCP)
		return false;
	*hash = tuple_hash(get32(ip + 16), get16(h + 2), get32(ip + 12), get16(h));
	return true;
}

/* Few connections are near anyway. */
void net_expect(const struct net_stack *st, const struct frame *frame, bool next) {
	enum { FEW = 32 };
	const struct pair_table *table = &st->tcp_pairs;
	uintptr_t entry;
	uint32_t hash;

	if (table->count < FEW || !pair_of(frame, &hash))
		return;
	if (!next) {
		__builtin_prefetch(&table->entries[hash & table->mask]);
		return;
	}
	for (uint32_t i = hash; (entry = table->entries[i & table->mask]); i++)
		if ((entry & PAIR_MARK) == pair_mark(hash)) {
			tcp_prefetch(pair_sock(entry));
			return;
		}
}

bool net_is_plain(const struct net_stack *st, const struct frame *frame) {
	const uint8_t *ip = frame->bytes + frame->start + ETH_HEADER, *h = ip + IP_HEADER;
	const struct net_sock *so;
	uint32_t hash;

	if (!pair_of(frame, &hash) || (get16(ip + 6) & (IP_MF | IP_OFFSET)) ||
	    (h[13] & (TCP_SYN | TCP_FIN | TCP_RST | TCP_URG)))
		return false;
	so = pair_find(&st->tcp_pairs, get32(ip + 16), get16(h + 2), get32(ip + 12), get16(h));
	return so && so->kind == SOCK_KIND_TCP && tcp_synchronised((const struct tcp_sock *)so);
}

static bool parse(struct net_stack *st, struct segment *s) {
	struct frame *f = s->frame;
	const uint8_t *h = frame_data(f);
	uint32_t pseudo = pseudo_sum(s->ip->src, s->ip->dst, IPPROTO_TCP, f->len);
	size_t header;

	if (f->len < TCP_HEADER)
		return false;
	header = (size_t)(h[12] >> 4) * 4;
	if (header < TCP_HEADER || header > f->len)
		return false;
	if (cksum_fold(frame_sum(f, pseudo)) != 0) {
		st->n.tcp_bad_checksum++;
		return false;
	}
	s->sport = get16(h);
	s->dport = get16(h + 2);
	s->seq = get32(h + 4);
	s->ack = get32(h + 8);
	s->flags = h[13];
	s->wnd = get16(h + 14);
	s->urg = get16(h + 18);
	if (!tcp_options_parse(h + TCP_HEADER, header - TCP_HEADER, &s->opt))
		s->opt.sacks = 0; /* what could be read stands: RFC 1122 4.2.2.5 */
	frame_pull(f, header);
	s->len = f->len;
	return true;
}

inline void tcp_deliver(struct net_stack *st, struct segment *s) {
	const struct ip_info *ip = s->ip;
	struct net_sock *so = pair_find(&st->tcp_pairs, ip->dst, s->dport, ip->src, s->sport);
	struct tcp_sock *lp;

	if (so && so->kind == SOCK_KIND_TCP) {
		__builtin_prefetch(so->user, 1); /* who will probably be told of it */
		tcp_segment((struct tcp_sock *)so, s);
	} else if (so && so->kind == SOCK_KIND_REQUEST) {
		tcp_request_input((struct tcp_request *)so, s);
	} else if (so) {
		tcp_timewait_input((struct tcp_timewait *)so, s);
	} else if ((lp = tcp_find_listener(st, ip->dst, s->dport, s->ifp))) {
		tcp_listen_input(lp, s, 0);
	} else {
		tcp_reset_for(st, s);
	}
	if (s->frame)
		frame_free(s->frame);
}

/* TCP takes single frames: a segment that came in fragments is put into one, if it fits. */
static struct frame *chain_to_frame(struct frame *chain, size_t len) {
	struct frame *f = NULL;

	if (!chain->next)
		return chain;
	if (len <= FRAME_MTU_MAX - IP_HEADER) {
		f = frame_new(FRAME_PAYLOAD_AT, len);
		for (const struct frame *part = chain; part; part = part->next) {
			memcpy(frame_data(f) + f->len, part->bytes + part->start, part->len);
			f->len = (uint16_t)(f->len + part->len);
		}
	}
	chain_free(chain);
	return f;
}

inline void tcp_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                      struct frame *chain, size_t len) {
	struct frame *f = chain_to_frame(chain, len);
	struct segment s;

	if (!f)
		return;
	s.ip = ip;
	s.ifp = ifp;
	s.frame = f;
	st->n.tcp_in++;
	if (!parse(st, &s)) {
		frame_free(f);
		return;
	}
	if (s.flags & TCP_RST)
		st->n.tcp_resets_in++;
	if (!st->locked || !tcp_wait_for_user(st, &s))
		tcp_deliver(st, &s);
}

/* --- SYN_SENT --------------------------------------------------------------------------------- */

static void agree_options(struct tcp_sock *tp, const struct segment *s) {
	const struct net_params *p = tcp_params(tp);

	tp->peer_mss = s->opt.mss;
	if (p->timestamps && s->opt.ts) {
		tp->flags |= TF_TS;
		tp->ts_recent = s->opt.ts_val;
		tp->ts_stamp = tcp_now(tp);
	}
	if (p->sack && s->opt.sack_ok)
		tp->flags |= TF_SACK;
	if (p->window_scaling && s->opt.wscale >= 0) {
		tp->flags |= TF_WSCALE;
		tp->snd_wscale = (uint8_t)s->opt.wscale;
	} else {
		tp->rcv_wscale = 0;
	}
	ecn_agree(tp, s);
	tcp_set_mss(tp);
}

static void first_window(struct tcp_sock *tp, const struct segment *s) {
	tp->snd_wnd = tp->max_wnd = s->wnd;
	tp->snd_wl1 = s->seq;
	tp->snd_wl2 = s->ack;
}

static void syn_sent_input(struct tcp_sock *tp, struct segment *s) {
	bool acked = s->flags & TCP_ACK;

	if (acked && (seq_le(s->ack, tp->iss) || seq_gt(s->ack, tp->snd_max))) {
		tcp_reset_for(tcp_stack(tp), s);
		return;
	}
	if (s->flags & TCP_RST) {
		if (acked)
			tcp_fail(tp, ECONNREFUSED);
		return;
	}
	if (!(s->flags & TCP_SYN))
		return;
	tp->irs = s->seq;
	tp->rcv_nxt = tp->copied_seq = tp->last_ack = s->seq + 1;
	/* What our SYN offered counted from a number not known then. */
	tp->rcv_ssthresh =
		window_first(tcp_stack(tp), tp->us.rcvbuf, tp->window_clamp, tp->adv_mss);
	tp->rcv_adv = tp->rcv_nxt + tp->rcv_ssthresh;
	if (!tcp_params(tp)->growing_window)
		tp->rcv_ssthresh = UINT32_MAX;
	agree_options(tp, s);
	first_window(tp, s);
	if (!acked) {
		/* Simultaneous open: RFC 793 figure 8. */
		tp->us.so.state = TCP_SYN_RECV;
		tp->retries = tp->backoff = 0;
		tcp_send_syn(tp);
		tcp_arm_retransmit(tp);
		return;
	}
	tp->snd_una = s->ack;
	if (tp->flags & TF_TIMING) {
		tp->flags &= ~(uint32_t)TF_TIMING;
		tcp_rtt_sample(tp, tcp_now(tp) - tp->rtt_start);
	}
	tcp_established(tp);
	sock_event(&tp->us, NET_EV_CONNECTED | NET_EV_WRITE);
	tp->flags |= TF_ACK_NOW;
	s->seq++;
	s->flags &= (uint8_t)~TCP_SYN;
	tcp_urgent_input(tp, s);
	tcp_data_input(tp, s);
	tcp_output_due(tp);
}

/* --- checks ----------------------------------------------------------------------------------- */

/* RFC 1323 4.2.1: a time-stamp older than the newest seen marks an old duplicate, unless the newest
 * itself is more than 24 days old. */
static bool paws_reject(const struct tcp_sock *tp, const struct segment *s) {
	return tp->flags & TF_TS && s->opt.ts && !(s->flags & TCP_RST) &&
	       seq_lt(s->opt.ts_val, tp->ts_recent) &&
	       tcp_now(tp) - tp->ts_stamp < 24 * 86400 * SIM_S;
}

/* RFC 793 page 69.  The left side is judged by what was acknowledged, and the right edge itself is
 * inside for an empty segment, so that reordered ACKs count (Linux 2.4, tcp_sequence()). */
static bool acceptable(const struct tcp_sock *tp, const struct segment *s) {
	uint32_t edge = seq_max(tp->rcv_adv, tp->rcv_nxt);

	return seq_ge(s->seq + seg_space(s), tp->last_ack) && seq_le(s->seq, edge) &&
	       !(seg_space(s) && seq_le(s->seq + seg_space(s), tp->rcv_nxt));
}

static void reset_arrived(struct tcp_sock *tp) {
	bool bsd = tcp_params(tp)->bsd_closing;

	switch (tp->us.so.state) {
	case TCP_SYN_RECV:
		tcp_fail(tp, ECONNREFUSED);
		break;
	case TCP_CLOSE_WAIT:
		tcp_fail(
			tp,
			EPIPE); /* Linux 2.4, tcp_reset(): a card's programs, too, are a 2.4 host's */
		break;
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		if (bsd)
			tcp_done(tp);
		else
			tcp_fail(tp, ECONNRESET);
		break;
	default:
		tcp_fail(tp, ECONNRESET);
	}
}

/* A retransmitted SYN, with or without ACK, in SYN_RECV: what is left once the SYN is taken off. */
static void strip_syn(struct tcp_sock *tp, struct segment *s) {
	if (tp->us.so.state != TCP_SYN_RECV || !(s->flags & TCP_SYN) || s->seq != tp->irs)
		return;
	s->flags &= (uint8_t)~TCP_SYN;
	s->seq++;
	if (!(s->flags & TCP_ACK))
		tcp_send_syn(tp);
	else
		tp->flags |= TF_ACK_NOW; /* the peer may still wait for ours */
}

/* What an acknowledged FIN changes; false if the connection is gone. */
static bool fin_acked(struct tcp_sock *tp) {
	if (!(tp->flags & TF_FIN_SENT) || tp->snd_una != tp->write_seq + 1)
		return true;
	switch (tp->us.so.state) {
	case TCP_FIN_WAIT1:
		tcp_enter_fin_wait2(tp);
		return tp->us.so.state == TCP_FIN_WAIT2;
	case TCP_CLOSING:
		sock_event(&tp->us, NET_EV_FIN_ACKED);
		tcp_time_wait(tp);
		return false;
	case TCP_LAST_ACK:
		sock_event(&tp->us, NET_EV_FIN_ACKED);
		tcp_done(tp);
		return false;
	default:
		return true;
	}
}

/* RFC 793 page 69: answered with an ACK.  An old one may be a copy of a segment whose ACK we need,
 * of the peer's FIN for instance, if the first came before what it acknowledges. */
static void unacceptable(struct tcp_sock *tp, struct segment *s) {
	tcp_note_duplicate(tp, s);
	tcp_send_ack(tp);
	if (seq_gt(s->seq, tp->rcv_nxt) || (s->flags & (TCP_ACK | TCP_SYN)) != TCP_ACK ||
	    !tcp_synchronised(tp) || seq_le(s->ack, tp->snd_una) || seq_gt(s->ack, tp->snd_max))
		return;
	if (tcp_ack_input(tp, s) && fin_acked(tp))
		tcp_push(tp);
}

/* The time-stamp that is echoed: of the segment that moves the ACK, not of one behind a gap (RFC 1323
 * 3.4).  One that is out of date has been rejected, unless TS.Recent itself is. */
static void note_timestamp(struct tcp_sock *tp, const struct segment *s) {
	if (!(tp->flags & TF_TS) || !s->opt.ts || seq_gt(s->seq, tp->last_ack))
		return;
	tp->ts_recent = s->opt.ts_val;
	tp->ts_stamp = tcp_now(tp);
}

/* RFC 5961: who sent what looks like an attack learns the numbers and may say it again.  Not more
 * often than ten times a second (section 7). */
static void challenge(struct tcp_sock *tp) {
	enum { MOST_A_SECOND = 10 };
	struct net_stack *st = tcp_stack(tp);

	if (stack_now(st) - st->challenge_second >= SIM_S) {
		st->challenge_second = stack_now(st);
		st->challenges = 0;
	}
	if (st->challenges++ < MOST_A_SECOND)
		tcp_send_ack(tp);
}

/* Sections 3.2, 4.2 and 5.2: a reset that is not the very next byte, any SYN, an ACK of what was
 * never sent or is older than a window; true if that is all that becomes of the segment. */
static bool challenged(struct tcp_sock *tp, const struct segment *s) {
	bool suspect;

	if (!tcp_params(tp)->rfc5961 || !tcp_synchronised(tp))
		return false;
	if (s->flags & TCP_RST)
		suspect = s->seq != tp->rcv_nxt;
	else
		suspect = s->flags & TCP_SYN ||
		          (s->flags & TCP_ACK && (seq_lt(s->ack, tp->snd_una - tp->max_wnd) ||
		                                  seq_gt(s->ack, tp->snd_max)));
	if (suspect)
		challenge(tp);
	return suspect;
}

/* True if the segment may be looked at further.  Whether its ACK is acceptable comes later: a time-
 * stamp is stored before that by Linux 2.4, by BSD and by RFC 7323. */
static inline bool checks(struct tcp_sock *tp, struct segment *s) {
	struct net_stack *st = tcp_stack(tp);
	bool early = st->params.early_timestamp;

	strip_syn(tp, s);
	if (paws_reject(tp, s)) {
		st->n.tcp_paws_drops++;
		tcp_note_duplicate(tp, s);
		tcp_send_ack(tp);
		return false;
	}
	if (early && !(s->flags & TCP_RST)) /* a reset's is not to be used: RFC 7323 3.2 */
		note_timestamp(tp, s);
	if (!acceptable(tp, s)) {
		if (!(s->flags & TCP_RST))
			unacceptable(tp, s);
		return false;
	}
	if (challenged(tp, s))
		return false;
	if (s->flags & TCP_RST) {
		if (seq_ge(s->seq, tp->rcv_nxt))
			reset_arrived(tp);
		return false;
	}
	if (!early)
		note_timestamp(tp, s);
	if (s->flags & TCP_SYN) {
		tcp_reset_for(st, s);
		reset_arrived(tp);
		return false;
	}
	return s->flags & TCP_ACK;
}

/* --- states ----------------------------------------------------------------------------------- */

static void syn_received_acked(struct tcp_sock *tp, const struct segment *s) {
	bool closing = tp->flags & TF_FIN_QUEUED;

	tp->snd_una = tp->iss + 1;
	tp->snd_nxt = seq_max(tp->snd_nxt, tp->snd_una);
	first_window(tp, s);
	tcp_established(tp);
	sock_event(&tp->us, NET_EV_CONNECTED | NET_EV_WRITE);
	if (closing)
		tp->us.so.state = TCP_FIN_WAIT1;
}

/* Data for a user who has closed can never be delivered: RFC 1122 4.2.2.13. */
static inline bool undeliverable(const struct tcp_sock *tp, const struct segment *s) {
	uint8_t state = tp->us.so.state;

	/* For BSD also behind its FIN; shutdown() is not close(). */
	if (tcp_params(tp)->bsd_closing)
		return tcp_orphan(tp) && state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT &&
		       s->len && seq_gt(s->seq + s->len, tp->rcv_nxt);
	return (state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2) && tp->us.shutdown & SHUT_RECV &&
	       !(tp->flags & TF_FIN_RCVD) && s->len && seq_gt(s->seq + s->len, tp->rcv_nxt);
}

inline void tcp_segment(struct tcp_sock *tp, struct segment *s) {
	struct net_sock *so = &tp->us.so;

	if (so->state == TCP_SYN_SENT) {
		syn_sent_input(tp, s);
		return;
	}
	if (!(s->flags & TCP_SYN)) /* that of a SYN is never scaled: RFC 1323 2.2 */
		s->wnd <<= tp->snd_wscale;
	tp->last_heard = tcp_now(tp);
	tp->probes = 0;
	if (!checks(tp, s))
		return;
	if (so->state == TCP_SYN_RECV) {
		if (seq_le(s->ack, tp->iss) || seq_gt(s->ack, tp->snd_max)) {
			tcp_reset_for(so->st, s);
			return;
		}
		syn_received_acked(tp, s);
	}
	if (!tcp_ack_input(tp, s)) {
		tcp_output_due(tp);
		return;
	}
	if (!fin_acked(tp))
		return;
	if (undeliverable(tp, s)) {
		tcp_reset_for(so->st, s);
		tcp_done(tp);
		return;
	}
	if (s->flags & TCP_URG || tp->urg_state == URG_AWAITED)
		tcp_urgent_input(tp, s);
	tcp_data_input(tp, s);
	if (so->state != TCP_CLOSE)
		tcp_output_due(tp);
}
