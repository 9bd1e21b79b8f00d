/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passive opens as in Linux 2.4: a SYN makes a small request in the SYN queue; the ACK that
 * completes the handshake makes the connection and puts it into the accept queue.  When that is
 * full the ACK is dropped and the request stays, so that the client's next segment, or its answer
 * to the SYN,ACK sent again, may yet succeed.
 */
#include "net/engine/tcp_listen.h"
#include "net/engine/icmp.h"
#include "net/engine/ip.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"

int tcp_listen(struct user_sock *us, int backlog) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	struct net_sock *so = &us->so;
	struct net_stack *st = so->st;
	uint32_t most = st->params.somaxconn;

	if (so->state != TCP_CLOSE && so->state != TCP_LISTEN)
		return -EINVAL;
	if (backlog >= 0)
		most = MIN((uint32_t)backlog, most);
	if (so->state == TCP_LISTEN) {
		tp->listener->backlog = most;
		return 0;
	}
	if (!so->bind_pprev) {
		so->lport = 0;
		if (port_bind(so, so->laddr, 0))
			return -EADDRINUSE;
	} else if (port_listen_conflict(so)) {
		return -EADDRINUSE;
	}
	tp->listener = g_new0(struct listener, 1);
	tp->listener->backlog = most;
	tp->us.shutdown = 0;
	so->state = TCP_LISTEN;
	table_insert(&st->listen_table, so, port_hash(so->lport));
	return 0;
}

/* Connections have come to wait for accept(), or wait no longer. */
static void wait_changed(struct net_stack *st, int by) {
	st->acceptable += (unsigned)by;
	if (st->ops->waiting)
		st->ops->waiting(st->owner, st->acceptable);
}

int tcp_accept(struct user_sock *us, void *user, struct net_sock **child) {
	struct tcp_sock *tp = (struct tcp_sock *)us, *first;
	struct listener *l = tp->listener;

	if (us->so.state != TCP_LISTEN)
		return -EINVAL;
	first = l->head;
	if (!first)
		return -EAGAIN;
	l->head = first->accept_next;
	l->queued--;
	wait_changed(us->so.st, -1);
	first->accept_next = NULL;
	first->parent = NULL;
	first->us.so.user = user;
	first->us.so.flags |= SO_F_OWNED;
	*child = &first->us.so;
	return 0;
}

static void request_leave(struct tcp_request *rq) {
	struct listener *l = rq->listener->listener;

	l->requests--;
	if (!rq->retries)
		l->young--;
	timer_stop(rq->so.st, &rq->timer);
	sock_bury(&rq->so);
}

static void request_drop(struct tcp_request *rq) {
	rq->so.st->n.tcp_over++;
	request_leave(rq);
}

void tcp_listen_stop(struct tcp_sock *tp) {
	struct listener *l = tp->listener;
	struct net_sock *so = tp->us.so.st->socks;

	while (so && l->requests) {
		struct net_sock *next = so->all_next;

		if (so->kind == SOCK_KIND_REQUEST && ((struct tcp_request *)so)->listener == tp)
			request_drop((struct tcp_request *)so);
		so = next;
	}
	wait_changed(tp->us.so.st, -(int)l->queued);
	while (l->head) {
		struct tcp_sock *child = l->head;

		l->head = child->accept_next;
		child->parent = NULL;
		if (child->us.so.state == TCP_CLOSE)
			sock_bury(&child->us.so);
		else
			tcp_abort(child, 0);
	}
	tcp_done(tp);
	g_free(l);
	tp->listener = NULL;
}

/* --- requests --------------------------------------------------------------------------------- */

void tcp_request_free(struct net_sock *so) {
	struct tcp_request *rq = (struct tcp_request *)so;

	timer_stop(so->st, &rq->timer);
	g_slice_free(struct tcp_request, rq);
}

/* False: the machine's own queue refused it. */
static bool send_synack(struct tcp_request *rq) {
	struct net_stack *st = rq->so.st;
	uint8_t options[TCP_OPTIONS_MAX];
	struct path path = {0};
	struct tcp_options opt = rq->opt;
	struct raw_segment r = {.src = rq->so.laddr,
	                        .dst = rq->so.faddr,
	                        .seq = rq->iss,
	                        .ack = rq->irs + 1,
	                        .sport = rq->so.lport,
	                        .dport = rq->so.fport,
	                        .window = rq->window,
	                        .flags = TCP_SYN | TCP_ACK | (rq->ecn ? TCP_ECE : 0),
	                        .options = options};

	if (path_find(st, &path, rq->so.faddr, rq->so.laddr, rq->listener->us.device))
		return true;
	opt.mss = tcp_announced_mss(path.ifp, rq->listener->user_mss);
	opt.wscale = opt.wscale >= 0 ? (int8_t)rq->rcv_wscale : -1;
	opt.ts_val = tcp_clock(st);
	opt.ts_ecr = rq->ts_recent;
	r.options_len = tcp_options_syn(options, &opt);
	return tcp_send_raw(st, &path, &r);
}

/* 2.4 gives a request up whose answer does not get past its own queue: tcp_v4_conn_request(),
 * tcp_synack_timer(). */
static void request_fire(struct net_stack *st, struct net_timer *t) {
	struct tcp_request *rq =
		(struct tcp_request *)((char *)t - offsetof(struct tcp_request, timer));
	sim_time wait = st->params.rto_initial;

	timer_acts(st);
	if (rq->retries >= st->params.synack_retries || !send_synack(rq)) {
		st->n.tcp_attempt_fails++;
		request_drop(rq);
		return;
	}
	if (!rq->retries++)
		rq->listener->listener->young--;
	st->n.tcp_syn_retransmits++;
	for (unsigned i = 0; i < rq->retries && wait < st->params.rto_max; i++)
		wait *= 2;
	timer_set(st, &rq->timer, stack_now(st) + MIN(wait, st->params.rto_max));
}

/* What a SYN, or the ACK of a cookie, says. */
static void request_fill(struct tcp_request *rq, struct tcp_sock *lp, const struct segment *s) {
	struct net_stack *st = tcp_stack(lp);

	rq->so.st = st;
	rq->so.laddr = s->ip->dst;
	rq->so.faddr = s->ip->src;
	rq->so.lport = s->dport;
	rq->so.fport = s->sport;
	rq->listener = lp;
	rq->sent = stack_now(st);
	rq->irs = s->seq;
	rq->window =
		window_first(st, lp->us.rcvbuf, lp->window_clamp, tcp_announced_mss(s->ifp, 0));
}

static void request_options(struct tcp_request *rq, const struct segment *s) {
	struct net_stack *st = rq->so.st;

	rq->opt = s->opt;
	rq->ts_recent = s->opt.ts_val;
	rq->opt.ts &= st->params.timestamps;
	rq->opt.sack_ok &= st->params.sack;
	rq->ecn = st->params.ecn && (s->flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR);
	if (!st->params.window_scaling)
		rq->opt.wscale = -1;
	if (rq->opt.wscale >= 0)
		rq->rcv_wscale = tcp_choose_wscale(st, rq->listener->us.rcvbuf);
}

/* In the SYN queue. */
static struct tcp_request *request_new(const struct tcp_request *from) {
	struct net_stack *st = from->so.st;
	struct tcp_request *rq = g_slice_new(struct tcp_request);
	struct net_sock *so = &rq->so;

	*rq = *from;
	sock_init(so, st, SOCK_KIND_REQUEST);
	so->state = TCP_SYN_RECV;
	rq->timer.fire = request_fire;
	pair_insert(&st->tcp_pairs, so);
	rq->listener->listener->requests++;
	rq->listener->listener->young++;
	st->n.tcp_begun++;
	return rq;
}

/* The oldest, which was sent the most SYN,ACKs (syncache_insert() of FreeBSD). */
static struct tcp_request *longest_waiting(const struct tcp_sock *lp) {
	struct tcp_request *found = NULL;

	for (struct net_sock *so = tcp_stack(lp)->socks; so; so = so->all_next) { /* newest first */
		struct tcp_request *rq = (struct tcp_request *)so;

		if (so->kind == SOCK_KIND_REQUEST && rq->listener == lp)
			found = rq;
	}
	return found;
}

/* The SYN queue is full: is there to be a place in it, or at least an answer (syncookies)? */
static bool overflowed(struct tcp_sock *lp) {
	struct net_stack *st = tcp_stack(lp);
	const struct net_params *p = &st->params;

	if (p->syncookies)
		lp->listener->cookies_until = stack_now(st) + cookie_lifetime(st);
	if (p->bsd_syncache) {
		st->n.tcp_listen_overflows++;
		request_drop(longest_waiting(lp));
	}
	return p->bsd_syncache || p->syncookies;
}

static uint32_t request_number(const struct tcp_request *rq, const struct segment *s) {
	struct net_stack *st = rq->so.st;
	const struct net_params *p = &st->params;

	if (p->bsd_syncache && p->syncookies && !p->isn)
		return cookie_make(st, s, s->opt.mss);
	return tcp_initial_seq(st, &rq->so);
}

/* Nothing is kept, so no option is agreed to. */
static void answer_with_cookie(struct tcp_request *rq, const struct segment *s) {
	struct net_stack *st = rq->so.st;

	rq->opt.wscale = -1;
	rq->iss = cookie_make(st, s, s->opt.mss);
	st->n.tcp_cookies_sent++;
	send_synack(rq);
}

static void syn_arrived(struct tcp_sock *lp, const struct segment *s, uint32_t least_iss) {
	struct net_stack *st = tcp_stack(lp);
	struct listener *l = lp->listener;
	bool full = l->requests >= st->params.syn_backlog;
	struct tcp_request from = {0}, *rq;

	if (!stack_room(st))
		return;
	if ((l->queued > l->backlog && l->young > 1) || (full && !overflowed(lp))) {
		st->n.tcp_listen_overflows++;
		return;
	}
	request_fill(&from, lp, s);
	if (full && !st->params.bsd_syncache) {
		answer_with_cookie(&from, s);
		return;
	}
	request_options(&from, s);
	from.iss = least_iss ? least_iss : request_number(&from, s);
	rq = request_new(&from);
	if (!send_synack(rq)) {
		st->n.tcp_attempt_fails++;
		request_drop(rq);
		return;
	}
	timer_set(st, &rq->timer, stack_now(st) + st->params.rto_initial);
}

/* BSD gives up at the second error behind the third SYN,ACK sent again (syncache_unreach()). */
enum { SYNACKS_BEFORE_GIVING_UP = 3 };

void tcp_request_icmp(struct tcp_request *rq, uint32_t seq, const struct icmp_news *news) {
	struct net_stack *st = rq->so.st;

	if (seq != rq->iss || news->quench || news->mtu)
		return;
	if (st->params.icmp_aborts_connect ||
	    (rq->unreachable && rq->retries >= SYNACKS_BEFORE_GIVING_UP)) {
		st->n.tcp_attempt_fails++;
		request_drop(rq);
	} else {
		rq->unreachable = true;
	}
}

/* --- from request to connection --------------------------------------------------------------- */

static void child_options(struct tcp_sock *tp, const struct tcp_request *rq,
                          const struct tcp_sock *lp) {
	static const uint32_t inherited = TF_NODELAY | TF_CORK | TF_QUICKACK;

	tp->flags = (lp->flags & inherited);
	if (rq->opt.ts)
		tp->flags |= TF_TS;
	if (rq->opt.sack_ok)
		tp->flags |= TF_SACK;
	if (rq->ecn)
		tp->flags |= TF_ECN;
	if (rq->opt.wscale >= 0) {
		tp->flags |= TF_WSCALE;
		tp->snd_wscale = (uint8_t)rq->opt.wscale;
		tp->rcv_wscale = rq->rcv_wscale;
	}
	tp->peer_mss = rq->opt.mss;
	tp->user_mss = lp->user_mss;
	tp->keep_idle_s = lp->keep_idle_s;
	tp->keep_interval_s = lp->keep_interval_s;
	tp->keep_probes = lp->keep_probes;
	tp->linger2_s = lp->linger2_s;
	tp->window_clamp = lp->window_clamp;
	tp->us.sndbuf = lp->us.sndbuf;
	tp->us.rcvbuf = lp->us.rcvbuf;
	tp->us.ttl = lp->us.ttl;
	tp->us.tos = lp->us.tos;
	tp->us.device = lp->us.device;
	tp->us.linger_on = lp->us.linger_on;
	tp->us.linger_s = lp->us.linger_s;
	tp->us.rcvlowat = lp->us.rcvlowat;
	tp->us.so.flags |= lp->us.so.flags & (SO_F_REUSEADDR | SO_F_KEEPALIVE | SO_F_OOBINLINE);
}

static struct tcp_sock *child_new(struct tcp_request *rq, const struct segment *s) {
	struct net_stack *st = rq->so.st;
	struct tcp_sock *lp = rq->listener, *tp = tcp_new(st);
	struct net_sock *so = &tp->us.so;

	child_options(tp, rq, lp);
	so->laddr = rq->so.laddr;
	so->faddr = rq->so.faddr;
	so->fport = rq->so.fport;
	so->flags |= SO_F_BOUND_ADDR;
	port_join(so, rq->so.lport);
	tp->iss = rq->iss;
	tp->snd_una = tp->snd_nxt = tp->snd_max = tp->write_seq = rq->iss + 1;
	tp->irs = rq->irs;
	tp->rcv_nxt = tp->copied_seq = tp->last_ack = rq->irs + 1;
	tp->rcv_adv = tp->rcv_nxt + rq->window;
	tp->rcv_ssthresh = st->params.growing_window ? rq->window : UINT32_MAX;
	tp->ts_recent = rq->ts_recent;
	tp->ts_stamp = stack_now(st);
	tp->snd_wnd = tp->max_wnd = s->wnd << tp->snd_wscale;
	tp->snd_wl1 = s->seq;
	tp->snd_wl2 = s->ack;
	tp->retries = rq->retries;
	if (!path_find(st, &tp->us.path, so->faddr, so->laddr, tp->us.device))
		tp->adv_mss = tcp_announced_mss(tp->us.path.ifp, tp->user_mss);
	else
		tp->adv_mss = tcp_announced_mss(s->ifp, tp->user_mss);
	tcp_set_mss(tp);
	/* Karn: not of what was sent twice; nor of an ACK that was dropped before. */
	if (!rq->retries && !rq->again && !rq->acked && !rq->cookie)
		tcp_rtt_sample(tp, stack_now(st) - rq->sent);
	tp->parent = lp;
	return tp;
}

static void complete(struct tcp_request *rq, struct segment *s) {
	struct net_stack *st = rq->so.st;
	struct tcp_sock *lp = rq->listener, *tp;
	struct listener *l = lp->listener;

	if (l->queued > l->backlog) { /* tcp_acceptq_is_full(): room for one more than asked for */
		st->n.tcp_listen_overflows++;
		rq->acked = true;
		return;
	}
	if (!stack_room(st))
		return;
	tp = child_new(rq, s);
	request_leave(rq);
	pair_insert(&st->tcp_pairs, &tp->us.so);
	if (!l->head)
		l->tail = &l->head;
	*l->tail = tp;
	l->tail = &tp->accept_next;
	l->queued++;
	wait_changed(st, 1);
	st->n.tcp_passive_opens++;
	tcp_begins(tp);
	tcp_established(tp);
	sock_event(&lp->us, NET_EV_READ);
	tcp_segment(tp, s);
}

/* RFC 793 page 69 for a request: the answer to what lies outside the window. */
static void send_request_ack(const struct tcp_request *rq) {
	struct net_stack *st = rq->so.st;
	uint8_t options[TCP_TS_BYTES];
	struct raw_segment r = {.src = rq->so.laddr,
	                        .dst = rq->so.faddr,
	                        .seq = rq->iss + 1,
	                        .ack = rq->irs + 1,
	                        .sport = rq->so.lport,
	                        .dport = rq->so.fport,
	                        .window = rq->window >> rq->rcv_wscale,
	                        .flags = TCP_ACK,
	                        .options = options};

	if (rq->opt.ts)
		r.options_len = tcp_options_ts(options, tcp_clock(st), rq->ts_recent);
	tcp_send_raw(st, NULL, &r);
}

static bool request_acceptable(const struct tcp_request *rq, const struct segment *s) {
	uint32_t first = rq->irs + 1, space = seg_space(s);

	return seq_le(s->seq, first + rq->window) &&
	       (space ? seq_gt(s->seq + space, first) : seq_ge(s->seq, first));
}

/* RFC 793 pages 69 to 71, SYN-RECEIVED after a passive open. */
void tcp_request_input(struct tcp_request *rq, struct segment *s) {
	struct net_stack *st = rq->so.st;
	bool acceptable = request_acceptable(rq, s);

	if (s->flags & TCP_RST) {
		if (acceptable) {
			st->n.tcp_attempt_fails++;
			request_drop(rq); /* back to LISTEN */
		}
	} else if ((s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && s->seq == rq->irs) {
		rq->again = true;
		send_synack(rq);
	} else if (!acceptable) {
		send_request_ack(rq);
	} else if (s->flags & TCP_SYN) {
		tcp_reset_for(st, s);
		request_drop(rq); /* RFC 1122 4.2.2.20 (e) */
	} else if (!(s->flags & TCP_ACK)) {
		return;
	} else if (s->ack != rq->iss + 1) {
		tcp_reset_for(st, s);
	} else if (rq->listener->defer_accept_s && !seg_space(s)) {
		rq->acked = true; /* TCP_DEFER_ACCEPT: wait for data */
	} else {
		complete(rq, s);
	}
}

/* An ACK of which no request knows: does it bring a cookie back?  What the cookie cannot tell is as if
 * the SYN had not had it. */
static void ack_arrived(struct tcp_sock *lp, struct segment *s) {
	struct net_stack *st = tcp_stack(lp);
	struct listener *l = lp->listener;
	struct tcp_request from = {.cookie = true, .opt.wscale = -1};

	if (!st->params.syncookies || !l->cookies_until || stack_now(st) > l->cookies_until ||
	    s->flags & TCP_SYN || !cookie_check(st, s, &from.opt.mss)) {
		tcp_reset_for(st, s);
		return;
	}
	if (l->queued > l->backlog) {
		st->n.tcp_listen_overflows++;
		return;
	}
	if (!stack_room(st))
		return;
	st->n.tcp_cookies_taken++;
	request_fill(&from, lp, s);
	from.irs = s->seq - 1;
	from.iss = s->ack - 1;
	complete(request_new(&from), s);
}

void tcp_listen_input(struct tcp_sock *lp, struct segment *s, uint32_t least_iss) {
	if (s->flags & TCP_RST)
		return;
	if (s->flags & TCP_ACK)
		ack_arrived(lp, s);
	else if (s->flags & TCP_SYN && net_is_local(tcp_stack(lp), s->ip->dst))
		syn_arrived(lp, s, least_iss);
}
