/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a connection begin, fail and end? */
#include "net/engine/tcp.h"
#include "net/engine/chain.h"
#include "net/engine/icmp.h"
#include "net/engine/ip.h"
#include "net/engine/netif.h"
#include "net/engine/tcp_congestion.h"
#include "net/engine/tcp_listen.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"
#include "net/engine/tcp_tw.h"

G_STATIC_ASSERT(offsetof(struct tcp_sock, due) / CACHE_LINE ==
                (offsetof(struct tcp_sock, timer) + sizeof(struct net_timer) - 1) / CACHE_LINE);

/* Few have memory of their own each, and checkers of memory see where it ends; AddressSanitizer, of all. */
enum { FEW = SPARES_KEPT ? 1000 : INT_MAX };

struct tcp_sock *tcp_new(struct net_stack *st) {
	bool many = st->tcp_pairs.count > FEW;
	struct tcp_sock *tp =
		many ? slab_take(&st->tcp_slab, sizeof *tp) : spare_take(&st->spare_socks);

	if (!tp)
		tp = g_aligned_alloc(1, sizeof(*tp), CACHE_LINE);
	memset(tp, 0, sizeof(*tp));
	user_sock_init(&tp->us, st, SOCK_KIND_TCP, &tcp_ops);
	if (many)
		tp->us.so.flags |= SO_F_SLAB;
	tcp_timer_init(tp);
	tp->rto = st->params.rto_initial;
	tp->ato = st->params.delack_min;
	tp->ssthresh = G_MAXINT32;
	tp->reordering = st->params.dupack_threshold;
	if (!st->params.nagle_default)
		tp->flags |= TF_NODELAY;
	return tp;
}

void tcp_release(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);

	if (tp->us.so.flags & SO_F_SLAB)
		slab_give(&st->tcp_slab, tp);
	else
		spare_give(&st->spare_socks, tp, g_aligned_free);
}

/* --- numbers that a connection starts from ---------------------------------------------------- */

/* RFC 1948: a hash of the connection plus a clock that ticks every 4 us. */
uint32_t tcp_initial_seq(struct net_stack *st, const struct net_sock *so) {
	uint64_t tuple = (uint64_t)so->laddr << 32 | so->faddr;
	uint64_t ports = (uint64_t)so->lport << 16 | so->fport;
	uint64_t h = stack_mix(st->seed ^ stack_mix(tuple) ^ ports);

	if (st->params.isn)
		return st->params.isn;
	return (uint32_t)h + (uint32_t)(stack_now(st) / (4 * SIM_US));
}

uint32_t tcp_initial_window(const struct net_stack *st, uint32_t mss) {
	if (st->params.initial_window)
		return st->params.initial_window * mss;
	return MIN(4 * mss, MAX(2 * mss, 4380U)); /* RFC 3390 (1) */
}

uint16_t tcp_announced_mss(const struct net_if *ifp, uint16_t user_mss) {
	uint16_t mss = MIN(ifp->st->params.mss, ifp->mtu - IP_HEADER - TCP_HEADER);

	return user_mss ? MIN(mss, user_mss) : mss;
}

uint8_t tcp_choose_wscale(const struct net_stack *st, uint32_t rcvbuf) {
	uint8_t scale = 0;

	while (st->params.window_scaling && scale < 14 && rcvbuf >> scale > 65535)
		scale++;
	return scale;
}

void tcp_set_mss(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);
	uint32_t mss = tp->peer_mss ? tp->peer_mss : 536; /* RFC 1122 4.2.2.6 */

	bool found = !path_find(st, &tp->us.path, tp->us.so.faddr, tp->us.so.laddr, tp->us.device);

	if (found)
		mss = MIN(mss, path_mtu(st, &tp->us.path, tp->us.so.faddr) - 40U); /* headers */
	if (!found || !tp->us.path.ifp->loopback)
		mss = MIN(mss, st->params.mss);
	if (tp->user_mss)
		mss = MIN(mss, tp->user_mss);
	tp->mss = (uint16_t)MAX(mss, 28);
}

void tcp_established(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);

	tp->us.so.state = TCP_ESTABLISHED;
	tp->flags |= TF_WAS_OPEN;
	st->n.tcp_established++;
	tcp_set_mss(tp);
	/* A lost SYN is a sign of congestion: RFC 3390 section 2. */
	tp->cwnd = tp->retries ? tcp_full(tp) : tcp_initial_window(st, tcp_full(tp));
	/* And no round trip was measured: RFC 6298 5.7. */
	if (tp->retries && !tp->srtt)
		tp->rto = MAX(tp->rto, 3 * SIM_S);
	tp->rcv_mss = MIN(536, tp->adv_mss);
	if (st->params.growing_window) /* tcp_initialize_rcv_mss() */
		tp->rcv_mss = (uint16_t)MAX(MIN(tp->rcv_mss, tp->rcv_ssthresh / 2), 88);
	tp->retries = tp->backoff = 0;
	tp->recover = tp->iss;
	tp->snd_sml = tp->snd_up = tp->push_seq = tp->snd_una;
	tp->last_heard = tcp_now(tp);
	tcp_due_stop(tp, DUE_RETRANSMIT);
	tcp_arm_keepalive(tp);
}

/* --- the end ---------------------------------------------------------------------------------- */

bool tcp_orphan(const struct tcp_sock *tp) {
	return !(tp->us.so.flags & SO_F_OWNED) && !tp->parent;
}

void tcp_purge(struct tcp_sock *tp) {
	frame_queue_flush(&tp->rcvq);
	chain_free(tp->ooo);
	tp->ooo = tp->ooo_last = NULL;
	tp->ooo_count = 0;
	sendbuf_free(&tp->buf, &tcp_stack(tp)->rings);
	sack_clear(tp);
}

static void forget_name(struct tcp_sock *tp) {
	struct net_sock *so = &tp->us.so;

	if (so->flags & SO_F_BOUND_PORT)
		return;
	port_leave(so);
	/* What never became a connection shows the port that it holds: none. */
	if (!(tp->flags & TF_WAS_OPEN)) {
		so->lport = 0;
		if (!(so->flags & SO_F_BOUND_ADDR))
			so->laddr = 0;
	}
}

void tcp_done(struct tcp_sock *tp) {
	struct net_sock *so = &tp->us.so;
	struct net_stack *st = so->st;

	sock_unhash(so);
	if (so->state == TCP_SYN_SENT || so->state == TCP_SYN_RECV)
		st->n.tcp_attempt_fails++;
	st->n.tcp_over += so->state != TCP_LISTEN && so->state != TCP_CLOSE;
	timer_stop(st, &tp->timer);
	tcp_timer_init(tp);
	so->state = TCP_CLOSE;
	tp->us.shutdown = SHUT_BOTH;
	sendbuf_free(&tp->buf, &st->rings);
	sack_clear(tp);
	chain_free(tp->ooo);
	tp->ooo = tp->ooo_last = NULL;
	forget_name(tp);
	if (tcp_orphan(tp)) {
		tcp_purge(tp);
		sock_bury(so);
		return;
	}
	sock_event(&tp->us, NET_EV_CLOSED | NET_EV_READ | NET_EV_WRITE | NET_EV_HANGUP);
}

void tcp_fail(struct tcp_sock *tp, int error) {
	tp->us.error = error;
	sock_event(&tp->us, NET_EV_ERROR);
	tcp_done(tp);
}

void tcp_abort(struct tcp_sock *tp, int error) {
	switch (tp->us.so.state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_RECV:
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSE_WAIT:
		tcp_send_reset(tp);
		break;
	default:
		break;
	}
	if (error)
		tcp_fail(tp, error);
	else
		tcp_done(tp);
}

/* Our FIN is acknowledged.  Without a user nobody will ever read what the peer may yet send: wait
 * for its FIN for a limited time (Linux: tcp_fin_timeout, 60 s; TCP_LINGER2). */
void tcp_enter_fin_wait2(struct tcp_sock *tp) {
	sim_time wait = tp->linger2_s > 0 ? tp->linger2_s * SIM_S : tcp_params(tp)->time_wait;

	tp->us.so.state = TCP_FIN_WAIT2;
	sock_event(&tp->us, NET_EV_FIN_ACKED);
	if (!tcp_orphan(tp))
		return;
	if (tp->linger2_s < 0)
		tcp_abort(tp, 0);
	else
		tcp_due_set(tp, DUE_SLOW, tcp_now(tp) + wait);
}

/* --- ICMP ------------------------------------------------------------------------------------- */

/* Does the quoted segment belong to something we sent and that is unacknowledged? */
static bool plausible(const struct tcp_sock *tp, uint32_t seq) {
	return seq_ge(seq, tp->snd_una) && seq_le(seq, tp->snd_max);
}

static void too_big(struct tcp_sock *tp) {
	uint16_t before = tp->mss;

	if (!tcp_synchronised(tp))
		return;
	tcp_set_mss(tp);
	tp->mss = MIN(tp->mss, before); /* the estimate may have become too old just now */
	if (tp->mss == before || tp->snd_una == tp->snd_max)
		return;
	/* RFC 1191 6.4: send again at once, and do not take it for congestion. */
	sack_clear(tp);
	tp->flags &= ~(uint32_t)(TF_RECOVERY | TF_TIMING);
	tp->flags |= TF_LOSS;
	tp->recover = tp->snd_max;
	tp->snd_nxt = tp->snd_una;
	tcp_push(tp);
}

/* What ends an attempt to connect: anything, or what RFC 1122 4.2.3.9 calls hard, which a parameter
 * problem is not. */
static bool ends_attempt(const struct tcp_sock *tp, const struct icmp_news *news) {
	return !tcp_synchronised(tp) &&
	       (tcp_params(tp)->icmp_aborts_connect || (news->hard && news->error != EPROTO));
}

/* Who has asked for it (IP_RECVERR) hears of what ends nothing at once. */
static void tell_error(struct tcp_sock *tp, int error) {
	tp->us.error = error;
	sock_event(&tp->us, NET_EV_ERROR);
}

/* A user is at work on it: a note, for errors (2.4 counts LockDroppedIcmps). */
static void icmp_locked(struct tcp_sock *tp, const struct icmp_news *news) {
	if (!news->quench && !news->mtu)
		tp->us.soft_error = news->error;
}

static void tcp_icmp(struct net_stack *st, const struct ip_info *ip, const uint8_t *header,
                     size_t len, const struct icmp_news *news) {
	uint16_t lport = get16(header), fport = get16(header + 2);
	struct net_sock *so = pair_find(&st->tcp_pairs, ip->src, lport, ip->dst, fport);
	struct tcp_sock *tp;

	(void)len; /* 8 bytes at least, which is all that it looks at */
	if (so && so->kind == SOCK_KIND_REQUEST &&
	    !tcp_locked(&((struct tcp_request *)so)->listener->us.so))
		tcp_request_icmp((struct tcp_request *)so, get32(header + 4), news);
	if (!so || so->kind != SOCK_KIND_TCP)
		return;
	tp = tcp_sock(so);
	if (!plausible(tp, get32(header + 4)))
		return;
	if (tcp_locked(so))
		icmp_locked(tp, news);
	else if (news->quench)
		tcp_quench(tp);
	else if (news->mtu)
		too_big(tp);
	else if (ends_attempt(tp, news))
		tcp_fail(tp, news->error);
	else if (tp->us.recverr)
		tell_error(tp, news->error);
	else
		tp->us.soft_error = news->error; /* told if the connection times out */
}

/* --- the protocol ----------------------------------------------------------------------------- */

static struct user_sock *tcp_open(struct net_stack *st, int protocol) {
	(void)protocol; /* there is one */
	return &tcp_new(st)->us;
}

static void kind_free(struct net_sock *so) {
	if (so->kind == SOCK_KIND_TIMEWAIT)
		tcp_timewait_free(so);
	else
		tcp_request_free(so);
}

static size_t kind_bytes(enum sock_kind kind) {
	return kind == SOCK_KIND_TIMEWAIT ? sizeof(struct tcp_timewait)
	                                  : sizeof(struct tcp_request);
}

static void tcp_init(struct net_stack *st) { st->tw_timer.fire = tcp_timewait_fire; }

const struct protocol tcp_protocol = {
	.open = tcp_open,
	.input = tcp_input,
	.icmp = tcp_icmp,
	.free = kind_free,
	.bytes = kind_bytes,
	.hold = tcp_hold,
	.init = tcp_init,
	.exit = tcp_waiting_free,
};
