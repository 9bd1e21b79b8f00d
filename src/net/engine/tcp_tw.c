/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TIME_WAIT: what is left of a connection is a small record in the table, its port, and a place in
 * a queue ordered by expiry, for which one timer suffices.
 */
#include "net/engine/tcp_tw.h"
#include "net/engine/ip.h"
#include "net/engine/tcp_listen.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"

/* The wait is the same for all, so the place is nearly always the end. */
static void enqueue(struct tcp_timewait *tw) {
	struct net_stack *st = tw->so.st;
	struct tcp_timewait *after = LIST_LAST(&st->timewaits, struct tcp_timewait, node);

	tw->expires = timer_date(st, stack_now(st) + st->params.time_wait);
	while (after && after->expires > tw->expires)
		after = LIST_PREV(after, struct tcp_timewait, node);
	list_add_after(&st->timewaits, after ? &after->node : NULL, &tw->node);
	if (!timer_runs(&st->tw_timer) || tw->expires < st->tw_timer.when)
		timer_set(st, &st->tw_timer, tw->expires);
}

void tcp_timewait_free(struct net_sock *so) {
	struct tcp_timewait *tw = (struct tcp_timewait *)so;

	list_remove(&so->st->timewaits, &tw->node);
	g_slice_free(struct tcp_timewait, tw);
}

void tcp_timewait_drop(struct tcp_timewait *tw) {
	list_remove(&tw->so.st->timewaits, &tw->node);
	sock_bury(&tw->so);
}

uint32_t tcp_timewait_above(const struct tcp_timewait *tw) {
	uint32_t first = tw->snd_nxt + 65535 + 2;

	return first ? first : 1;
}

void tcp_timewait_fire(struct net_stack *st, struct net_timer *t) {
	timer_acts(st);
	for (struct tcp_timewait *tw;
	     (tw = LIST_FIRST(&st->timewaits, struct tcp_timewait, node));) {
		if (tw->expires > stack_now(st)) {
			timer_set(st, t, tw->expires);
			break;
		}
		tcp_timewait_drop(tw);
	}
}

void tcp_time_wait(struct tcp_sock *tp) {
	struct net_sock *so = &tp->us.so;
	struct net_stack *st = so->st;
	struct tcp_timewait *tw = g_slice_new0(struct tcp_timewait);

	sock_init(&tw->so, st, SOCK_KIND_TIMEWAIT);
	tw->so.laddr = so->laddr;
	tw->so.faddr = so->faddr;
	tw->so.fport = so->fport;
	tw->so.state = TCP_TIME_WAIT;
	tw->so.flags |= so->flags & SO_F_REUSEADDR;
	tw->snd_nxt = tp->snd_max;
	tw->rcv_nxt = tp->rcv_nxt;
	tw->window = seq_gt(tp->rcv_adv, tp->rcv_nxt) ? tp->rcv_adv - tp->rcv_nxt : 0;
	tw->window >>= tp->rcv_wscale;
	tw->ts = tp->flags & TF_TS;
	tw->ts_recent = tp->ts_recent;
	port_join(&tw->so, so->lport);
	st->n.tcp_time_waits++;
	tcp_done(tp); /* takes its entry out of the table before ours goes in */
	pair_insert(&st->tcp_pairs, &tw->so);
	enqueue(tw);
}

static void send_ack(const struct tcp_timewait *tw) {
	struct net_stack *st = tw->so.st;
	uint8_t options[TCP_TS_BYTES];
	struct raw_segment r = {.src = tw->so.laddr,
	                        .dst = tw->so.faddr,
	                        .seq = tw->snd_nxt,
	                        .ack = tw->rcv_nxt,
	                        .sport = tw->so.lport,
	                        .dport = tw->so.fport,
	                        .window = tw->window,
	                        .flags = TCP_ACK,
	                        .options = options};

	if (tw->ts)
		r.options_len = tcp_options_ts(options, tcp_clock(st), tw->ts_recent);
	tcp_send_raw(st, NULL, &r);
}

/* May a SYN open the connection anew?  Its numbers must lie above the old ones: RFC 1122
 * 4.2.2.13, or with time-stamps RFC 1323 appendix B.2. */
static bool reopens(const struct tcp_timewait *tw, const struct segment *s) {
	if (!tw->so.st->params.time_wait_reuse || (s->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return false;
	return seq_gt(s->seq, tw->rcv_nxt) ||
	       (tw->ts && s->opt.ts && seq_gt(s->opt.ts_val, tw->ts_recent));
}

void tcp_timewait_input(struct tcp_timewait *tw, struct segment *s) {
	struct net_stack *st = tw->so.st;

	if (s->flags & TCP_RST) {
		/* RFC 1337: old duplicates then find no one who would know them. */
		if (s->seq == tw->rcv_nxt && !st->params.rfc1337)
			tcp_timewait_drop(tw);
		return;
	}
	if (reopens(tw, s)) {
		struct tcp_sock *lp = tcp_find_listener(st, s->ip->dst, s->dport, s->ifp);

		if (lp) {
			uint32_t least = tcp_timewait_above(tw);

			st->n.tcp_time_wait_reused++;
			tcp_timewait_drop(tw);
			tcp_listen_input(lp, s, least);
			return;
		}
	}
	if (!seg_space(s) && s->seq == tw->rcv_nxt)
		return;           /* an ordinary late ACK */
	if (s->flags & TCP_FIN) { /* the peer did not get our last ACK: wait anew */
		list_remove(&tw->so.st->timewaits, &tw->node);
		enqueue(tw);
	}
	send_ack(tw);
}
