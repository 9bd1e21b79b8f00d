/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz_check.h"
#include "net/engine/chain.h"
#include "net/engine/ip.h"
#include "net/engine/socket_state.h"
#include "net/engine/tcp_listen.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_tw.h"

/* --- connections ------------------------------------------------------------------------------ */

/* The end of what a receiver may hold: Linux takes the whole of a segment that begins in the window. */
static uint32_t edge(const struct tcp_sock *tp) {
	return tp->rcv_adv + (tcp_params(tp)->growing_window ? FRAME_MTU : 0);
}

static void check_blocks(const struct tcp_sock *tp) {
	must(tp->sacks <= SACK_BLOCKS);
	must(!(tp->flags & TF_DSACK) || seq_lt(tp->twice.start, tp->twice.end));
	for (unsigned i = 0; i < tp->sacks; i++) {
		must(seq_gt(tp->sack[i].start, tp->rcv_nxt));
		must(seq_gt(tp->sack[i].end, tp->sack[i].start));
		must(tp->ooo && seq_le(tp->sack[i].end, edge(tp)));
	}
}

static void check_receiving(const struct tcp_sock *tp) {
	uint32_t at = tp->copied_seq, count = 0, fin = !!(tp->flags & TF_FIN_RCVD);

	for (const struct frame *f = tp->rcvq.head; f; f = f->next, count++) {
		must(f->mark == at);
		at += f->len;
	}
	must(count == tp->rcvq.count);
	must(at - tp->copied_seq == tcp_readable_bytes(tp));
	must(at + fin == tp->rcv_nxt);
	/* A FIN may take the number behind the window. */
	must(seq_le(tp->rcv_nxt, edge(tp) + fin));
	must(seq_le(tp->last_ack, tp->rcv_nxt));
	at = tp->rcv_nxt;
	count = 0;
	for (const struct frame *f = tp->ooo; f; f = f->next, count++) {
		must(seq_gt(f->mark, at) || (count && f->mark == at));
		must(f->len > 0);
		at = f->mark + f->len;
		must(seq_le(at, edge(tp)));
		if (!f->next)
			must(tp->ooo_last == f);
	}
	must(count == tp->ooo_count);
	check_blocks(tp);
}

static void check_board(const struct tcp_sock *tp) {
	uint32_t at = tp->snd_una;

	for (uint32_t i = 0; i < tp->board.count; i++) {
		must(i ? seq_gt(tp->board.ranges[i].start, at)
		       : seq_ge(tp->board.ranges[i].start, at));
		must(seq_gt(tp->board.ranges[i].end, tp->board.ranges[i].start));
		at = tp->board.ranges[i].end;
		must(seq_le(at, tp->snd_max));
	}
	must(!tp->board.count || tp->flags & TF_SACK);
}

static bool may_send(const struct tcp_sock *tp) {
	return tp->us.so.state != TCP_SYN_SENT && tp->us.so.state != TCP_SYN_RECV;
}

static void check_sending(const struct tcp_sock *tp) {
	must(seq_le(tp->snd_una, tp->snd_nxt) && seq_le(tp->snd_nxt, tp->snd_max));
	must(seq_le(tp->snd_max, tp->write_seq + !!(tp->flags & TF_FIN_SENT)));
	must(tp->buf.len <= tp->buf.size && (tp->buf.size & (tp->buf.size - 1)) == 0);
	must(tp->snd_wnd <= tp->max_wnd || !may_send(tp));
	check_board(tp);
	if (!may_send(tp))
		return;
	must(tp->buf.len == (seq_gt(tp->write_seq, tp->snd_una) ? tp->write_seq - tp->snd_una : 0));
	must(tp->cwnd >= tcp_full(tp) / 2 && tp->mss >= 28);
	must(seq_le(tp->snd_una, tp->recover + 1) && seq_le(tp->recover, tp->snd_max));
	must(!(tp->flags & TF_RECOVERY) || !(tp->flags & TF_LOSS));
}

/* Every timer has a purpose, and nothing that is still to be said or heard is forgotten. */
static void check_timers(const struct tcp_sock *tp) {
	sim_time first = MIN(tp->due[0], MIN(tp->due[1], tp->due[2]));
	bool fin = (tp->flags & TF_FIN_QUEUED) && tp->snd_una != tp->write_seq + 1;
	bool say = tp->buf.len || fin || tp->snd_una != tp->snd_max || !may_send(tp);
	bool orphan_waits = tp->us.so.state == TCP_FIN_WAIT2 && tcp_orphan(tp);

	must(first == SIM_NEVER || (timer_runs(&tp->timer) && tp->timer.when <= first));
	must(say == (tp->due[DUE_RETRANSMIT] != SIM_NEVER));
	if (tp->flags & TF_PERSIST)
		must(tp->snd_una == tp->snd_max);
	if (tp->due[DUE_DELACK] != SIM_NEVER)
		must(tp->last_ack != tp->rcv_nxt);
	must(!(tp->flags & TF_ACK_NOW) || !tcp_synchronised(tp));
	/* What an ACK is owed for has a date, if there is a way at all. */
	if (may_send(tp) && tp->last_ack != tp->rcv_nxt && tp->us.path.generation)
		must(tp->due[DUE_DELACK] != SIM_NEVER);
	if (orphan_waits)
		must(tp->due[DUE_SLOW] != SIM_NEVER);
}

static void check_connection(const struct tcp_sock *tp) {
	uint8_t state = tp->us.so.state;

	must((state == TCP_LISTEN) == (tp->listener != NULL));
	if (state == TCP_CLOSE) {
		must(!timer_runs(&tp->timer) && !tp->buf.len && !tp->ooo);
		return;
	}
	must(tp->us.so.flags & SO_F_HASHED);
	if (state == TCP_LISTEN)
		return;
	check_sending(tp);
	check_timers(tp);
	if (state != TCP_SYN_SENT)
		check_receiving(tp);
}

/* --- the rest of a stack ---------------------------------------------------------------------- */

static void check_listener(struct net_stack *st, const struct tcp_sock *lp) {
	const struct listener *l = lp->listener;
	uint32_t queued = 0, requests = 0, young = 0;

	for (const struct tcp_sock *tp = l->head; tp; tp = tp->accept_next, queued++)
		must(tp->parent == lp);
	for (struct net_sock *so = NULL; (so = net_sock_next(st, so));) {
		const struct tcp_request *rq = (const struct tcp_request *)so;

		if (so->kind != SOCK_KIND_REQUEST || rq->listener != lp)
			continue;
		must(timer_runs(&rq->timer));
		requests++;
		young += !rq->retries;
	}
	must(queued == l->queued && requests == l->requests && young == l->young);
}

static void check_time_wait(const struct net_stack *st) {
	const struct tcp_timewait *before = NULL;

	for (const struct tcp_timewait *tw = LIST_FIRST(&st->timewaits, struct tcp_timewait, node);
	     tw; before = tw, tw = LIST_NEXT(tw, struct tcp_timewait, node)) {
		must(LIST_PREV(tw, struct tcp_timewait, node) == before);
		must(!before || before->expires <= tw->expires);
		must(tw->so.kind == SOCK_KIND_TIMEWAIT && tw->so.flags & SO_F_HASHED);
	}
	must(LIST_LAST(&st->timewaits, struct tcp_timewait, node) == before);
	must(!before ||
	     (timer_runs(&st->tw_timer) &&
	      st->tw_timer.when <= LIST_FIRST(&st->timewaits, struct tcp_timewait, node)->expires));
}

static void check_heap(const struct net_stack *st) {
	const struct timers *h = &st->timers;

	must(h->row_at == h->row_end &&
	     !h->wheel); /* there are not so many; test_many.c has them */
	for (uint32_t i = 0; i < h->count; i++) {
		const struct net_timer *t = h->heap[i].timer;

		must(t->place == i + 1 && t->when == h->heap[i].when && t->turn == h->heap[i].turn);
		must(!i || h->heap[(i - 1) / 4].when <= h->heap[i].when);
	}
}

void check_stack(struct net_stack *st) {
	unsigned n = 0, parts = 0;

	must(!st->event_head && !st->graveyard);
	for (struct net_sock *so = NULL; (so = net_sock_next(st, so)); n += sock_is_user(so)) {
		if (so->kind != SOCK_KIND_TCP)
			continue;
		check_connection(tcp_sock(so));
		if (so->state == TCP_LISTEN)
			check_listener(st, tcp_sock(so));
	}
	must(n == st->sock_count);
	check_time_wait(st);
	check_heap(st);
	for (const struct list_node *at = st->reassembly_age.first; at; at = at->next)
		parts++;
	must(parts == g_hash_table_size(st->reassembly));
	must(st->reassembly_bytes <= (parts ? 256 * 1024 : 0));
}

/* --- what leaves ------------------------------------------------------------------------------ */

static struct tcp_sock *connection_of(const struct net_stack *st, const uint8_t *ip,
                                      const uint8_t *tcp) {
	struct net_sock *so = pair_find(&st->tcp_pairs, get32(ip + 12), get16(tcp), get32(ip + 16),
	                                get16(tcp + 2));

	return so && so->kind == SOCK_KIND_TCP ? tcp_sock(so) : NULL;
}

static struct watched *find(struct watch *w, const struct tcp_sock *tp) {
	const struct net_sock *so = &tp->us.so;
	struct watched *x;

	for (unsigned i = 0; i < MIN(w->n, G_N_ELEMENTS(w->seen)); i++)
		if (w->seen[i].lport == so->lport && w->seen[i].fport == so->fport &&
		    w->seen[i].iss == tp->iss)
			return &w->seen[i];
	x = &w->seen[w->n++ % G_N_ELEMENTS(w->seen)];
	*x = (struct watched){
		.lport = so->lport, .fport = so->fport, .iss = tp->iss, .high = tp->iss + 1};
	return x;
}

static void forget(struct watch *w, uint16_t lport, uint16_t fport) {
	for (unsigned i = 0; i < G_N_ELEMENTS(w->seen); i++)
		if (w->seen[i].lport == lport && w->seen[i].fport == fport)
			w->seen[i].lport = 0;
}

static void watch_window(struct watched *x, const struct tcp_sock *tp, const uint8_t *tcp) {
	unsigned scale = tcp[13] & TCP_SYN ? 0 : tp->rcv_wscale;
	uint32_t edge = get32(tcp + 8) + ((uint32_t)get16(tcp + 14) << scale);

	must(get32(tcp + 8) == tp->rcv_nxt);
	if (tcp[13] & TCP_SYN)
		x->edge_known =
			false; /* a new connection with the old numbers, or its SYN once more */
	must(!x->edge_known || seq_ge(edge, x->edge));
	x->edge = edge;
	x->edge_known = true;
}

static void watch_data(struct watched *x, const struct tcp_sock *tp, uint32_t seq, uint32_t end) {
	if (seq == end)
		return;
	/* It counts as sent once the owner has taken it, which he is about to do. */
	must(seq_ge(seq, tp->snd_una) && seq_le(seq, tp->snd_max));
	must(seq_le(end, tp->write_seq + !!(tp->flags & TF_FIN_QUEUED)));
	if (seq_le(end, x->high))
		return;
	/* What is new keeps to the window, and to congestion's unless the pipe is counted. */
	x->high = end;
	must(seq_le(end, tp->snd_una + tp->snd_wnd));
	if (!(tp->flags & (TF_RECOVERY | TF_LOSS)) && seq != tp->snd_una)
		must(end - tp->snd_una <= tp->cwnd + (tp->limited + 1U) * tcp_full(tp));
}

static void watch_tcp(struct watch *w, const struct net_stack *st, const uint8_t *ip,
                      size_t payload) {
	size_t total = get16(ip + 2);
	const uint8_t *tcp = ip + IP_HEADER;
	struct tcp_sock *tp = connection_of(st, ip, tcp);
	uint32_t seq = get32(tcp + 4), space = (uint32_t)payload;
	struct watched *x;

	must(cksum_fold(cksum_add(0, ip, IP_HEADER)) == 0);
	must(cksum_fold(cksum_add(
		     pseudo_sum(get32(ip + 12), get32(ip + 16), IPPROTO_TCP, total - IP_HEADER),
		     tcp, total - IP_HEADER)) == 0);
	if (!tp && tcp[13] & TCP_SYN) /* of a half-open connection: the old one is gone */
		forget(w, get16(tcp), get16(tcp + 2));
	if (!tp || tcp[13] & TCP_RST || w->late)
		return;
	x = find(w, tp);
	if (tcp[13] & TCP_SYN)
		x->high = tp->iss + 1;
	else
		watch_data(x, tp, seq, seq + space + !!(tcp[13] & TCP_FIN));
	if (tcp[13] & TCP_ACK)
		watch_window(x, tp, tcp);
}

void watch_frame(struct watch *w, struct net_stack *st, struct frame *f, enum net_kind kind,
                 size_t payload) {
	size_t again;

	must(net_classify(f, &again) == kind);
	must(again == payload || kind == NET_KIND_OTHER); /* a fragment's */
	must(f->len >= ETH_HEADER && f->len <= ETH_HEADER + FRAME_MTU);
	if (kind == NET_KIND_DATA || kind == NET_KIND_ACK || kind == NET_KIND_CONTROL)
		watch_tcp(w, st, frame_data(f) + ETH_HEADER, payload);
}
