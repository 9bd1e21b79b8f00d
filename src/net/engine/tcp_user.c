/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket calls on TCP, with the answers of Linux 2.4 (net/ipv4/tcp.c, af_inet.c). */
#include "net/engine/netif.h"
#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/tcp.h"
#include "net/engine/tcp_listen.h"
#include "net/engine/tcp_recv.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"
#include "net/engine/tcp_tw.h"

#include <poll.h>

static bool connected(const struct tcp_sock *tp) {
	return tcp_synchronised(tp) && tp->us.so.state != TCP_TIME_WAIT;
}

static int take_error(struct user_sock *us) {
	int error = us->error;

	us->error = 0;
	return error;
}

/* --- connect ---------------------------------------------------------------------------------- */

/* A socket that was connected before starts from nothing; its options stay. */
static void start_over(struct tcp_sock *tp) {
	const struct net_params *p = tcp_params(tp);

	tcp_purge(tp);
	tp->flags &= TF_NODELAY | TF_CORK | TF_QUICKACK;
	tp->us.shutdown = 0;
	tp->us.error = tp->us.soft_error = 0;
	tp->rto = p->rto_initial;
	tp->ato = p->delack_min;
	tp->srtt = tp->rttvar = 0;
	tp->last_data_in = tp->last_data_out = 0;
	tp->cwnd = tp->cwnd_count = 0;
	tp->ssthresh = G_MAXINT32;
	tp->reordering = p->dupack_threshold;
	tp->backoff = tp->retries = tp->dupacks = tp->probes = tp->limited = 0;
	tp->snd_wnd = tp->max_wnd = 0;
	tp->snd_wscale = 0;
	tp->urg_state = URG_NONE;
	tp->sacks = 0;
	tp->us.path.generation = 0;
}

static void begin_connection(struct tcp_sock *tp) {
	struct net_stack *st = tcp_stack(tp);
	struct net_sock *so = &tp->us.so;

	if (!tp->iss)
		tp->iss = tcp_initial_seq(st, so);
	tp->snd_una = tp->iss;
	tp->snd_nxt = tp->snd_max = tp->write_seq = tp->iss + 1;
	tp->snd_up = tp->snd_sml = tp->push_seq = tp->iss;
	tp->rcv_nxt = tp->rcv_adv = tp->copied_seq = tp->last_ack = 0;
	tp->rcv_wscale = tcp_choose_wscale(st, tp->us.rcvbuf);
	tp->adv_mss = tcp_announced_mss(tp->us.path.ifp, tp->user_mss);
	tp->mss = tp->adv_mss;
	tp->rcv_ssthresh = window_first(st, tp->us.rcvbuf, tp->window_clamp, tp->adv_mss);
	tp->flags |= TF_TIMING;
	tp->rtt_seq = tp->iss;
	tp->rtt_start = tcp_now(tp);
	so->state = TCP_SYN_SENT;
	pair_insert(&st->tcp_pairs, so);
	st->n.tcp_active_opens++;
	st->n.tcp_begun++;
	tcp_send_syn(tp);
	tcp_arm_retransmit(tp);
	tcp_begins(tp);
}

/* Is the pair free?  With time-stamps PAWS tells the segments of an old connection from those of a
 * new one, so that its TIME_WAIT ends for a socket with a port of its own (Linux 2.4,
 * __tcp_v4_check_established()); what it leaves is where the new one begins. */
static bool take_pair(struct tcp_sock *tp, uint32_t laddr, uint32_t faddr, uint16_t fport) {
	struct net_sock *so = &tp->us.so;
	struct tcp_timewait *tw = (struct tcp_timewait *)pair_find(&so->st->tcp_pairs, laddr,
	                                                           so->lport, faddr, fport);

	tp->iss = tp->ts_recent = 0;
	if (!tw)
		return true;
	if (tw->so.kind != SOCK_KIND_TIMEWAIT || !tw->ts || !(so->flags & SO_F_BOUND_PORT) ||
	    !so->st->params.connect_recycles)
		return false;
	tp->iss = tcp_timewait_above(tw);
	tp->ts_recent = tw->ts_recent;
	tp->ts_stamp = tcp_now(tp);
	tcp_timewait_drop(tw);
	return true;
}

static int tcp_connect(struct user_sock *us, uint32_t addr, uint16_t port) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	struct net_sock *so = &us->so;
	uint32_t source = so->flags & SO_F_BOUND_ADDR ? source_of(so) : 0;
	int err;

	if (so->state == TCP_SYN_SENT || so->state == TCP_SYN_RECV)
		return -EALREADY;
	if (so->state != TCP_CLOSE)
		return -EISCONN;
	addr = path_destination(addr, source, us->device);
	start_over(tp);
	if (is_broadcast(so->st, addr) || IN_MULTICAST(addr))
		return -ENETUNREACH;
	err = path_find(so->st, &us->path, addr, source, us->device);
	if (err)
		return err;
	if (!source)
		source = path_source(&us->path, addr);
	if (!so->bind_pprev && port_bind(so, source, 0))
		return -EAGAIN;
	if (!take_pair(tp, source, addr, port))
		return -EADDRNOTAVAIL;
	so->laddr = source;
	so->faddr = addr;
	so->fport = port;
	begin_connection(tp);
	return -EINPROGRESS;
}

static int tcp_disconnect(struct user_sock *us) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	struct net_sock *so = &us->so;

	if (so->state == TCP_LISTEN)
		tcp_listen_stop(tp);
	else if (so->state != TCP_CLOSE)
		tcp_abort(tp, 0);
	start_over(tp);
	so->faddr = 0;
	so->fport = 0;
	if (!so->bind_pprev)
		so->lport = 0;
	if (!(so->flags & SO_F_BOUND_ADDR))
		so->laddr = 0;
	return 0;
}

/* --- send and receive ------------------------------------------------------------------------- */

static size_t tcp_space(const struct user_sock *us) {
	const struct tcp_sock *tp = (const struct tcp_sock *)us;

	return us->sndbuf > tp->buf.len ? us->sndbuf - tp->buf.len : 0;
}

static int may_write(struct tcp_sock *tp) {
	struct user_sock *us = &tp->us;
	int error;

	if (us->so.state == TCP_SYN_SENT || us->so.state == TCP_SYN_RECV)
		return -EAGAIN;
	error = take_error(us);
	if (error)
		return -error;
	if (us->shutdown & SHUT_SEND ||
	    (us->so.state != TCP_ESTABLISHED && us->so.state != TCP_CLOSE_WAIT))
		return -EPIPE;
	return 0;
}

static ssize_t tcp_send(struct user_sock *us, const struct net_msg *msg) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	size_t len = msg_length(msg), room;
	bool more, held;
	int err;

	tcp_prefetch(tp);
	/* Who goes through very many does so in the order in which he opened them, mostly: in the slab the
	 * next one stands behind this one (or nothing does, at the end of a chunk). */
	if (us->so.flags & SO_F_SLAB)
		tcp_prefetch(tp + 1);
	err = may_write(tp);
	if (err)
		return err;
	room = tcp_space(us);
	if (len && !room)
		return -EAGAIN;
	len = MIN(len, room);
	if (!len)
		return 0;
	sendbuf_append(&tp->buf, &us->so.st->rings, msg, 0, len);
	tp->write_seq += (uint32_t)len;
	if (msg->flags & MSG_OOB)
		tp->snd_up = tp->write_seq;
	/* For this call, and not if the buffer is full: as tcp_sendmsg() of 2.4 before it sleeps. */
	more = msg->flags & MSG_MORE && tcp_space(us);
	held = tp->flags & TF_MORE;
	if (more)
		tp->flags |= TF_MORE;
	/* Half a window is pushed nevertheless (2.4, forced_push()). */
	if (!more || seq_gt(tp->write_seq, tp->push_seq + tp->max_wnd / 2))
		tp->push_seq = tp->write_seq;
	tcp_push(tp);
	if (!held)
		tp->flags &= ~(uint32_t)TF_MORE;
	if (msg->flags & MSG_OOB && tp->snd_max != tp->write_seq && tcp_params(tp)->bsd_urgent)
		tcp_send_ack(tp); /* the pointer at least */
	return (ssize_t)len;
}

void tcp_hold(struct user_sock *us, bool more) {
	struct tcp_sock *tp = (struct tcp_sock *)us;

	if (more) {
		tp->flags |= TF_MORE;
		return;
	}
	tp->flags &= ~(uint32_t)TF_MORE;
	tcp_push(tp);
}

/* The user read, or enlarged the buffer: the peer may have to know. */
static void room_changed(struct user_sock *us) {
	struct tcp_sock *tp = (struct tcp_sock *)us;

	if (connected(tp) && !(tp->flags & TF_FIN_RCVD) && window_update_due(tp))
		tcp_send_ack(tp);
}

static ssize_t receive_urgent(struct tcp_sock *tp, struct net_msg *msg) {
	bool peek = msg->flags & MSG_PEEK;

	if (tp->us.so.flags & SO_F_OOBINLINE || tp->urg_state == URG_NONE ||
	    tp->urg_state == URG_READ)
		return -EINVAL;
	if (tp->urg_state == URG_AWAITED)
		return -EAGAIN;
	msg->flags = MSG_OOB;
	if (!msg_length(msg)) {
		msg->flags |= MSG_TRUNC;
		return 0;
	}
	msg_put(msg, 0, &tp->urg_byte, 1);
	if (!peek)
		tp->urg_state = URG_READ;
	return 1;
}

static ssize_t tcp_recv(struct user_sock *us, struct net_msg *msg) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	size_t room = msg_length(msg);
	ssize_t n;
	bool peek;
	int error;

	if (us->so.state == TCP_LISTEN)
		return -ENOTCONN;
	if (msg->flags & MSG_OOB)
		return receive_urgent(tp, msg);
	n = tcp_data_read(tp, msg);
	peek = msg->flags & MSG_PEEK;
	msg->flags = 0;
	if (n > 0) {
		msg->addr = us->so.faddr;
		msg->port = us->so.fport;
		if (!peek)
			room_changed(us);
		return n;
	}
	/* The order of 2.4's tcp_recvmsg(): bytes that a call without room leaves, the peer's FIN, errors. */
	if ((!room && tcp_readable_bytes(tp)) || tp->flags & TF_FIN_RCVD)
		return 0;
	error = take_error(us);
	if (error)
		return -error;
	if (us->shutdown & SHUT_RECV)
		return 0;
	return us->so.state == TCP_CLOSE ? -ENOTCONN : -EAGAIN;
}

/* --- closing ---------------------------------------------------------------------------------- */

/* Sends FIN behind what is buffered, and enters the state that belongs to it. */
static void close_sending(struct tcp_sock *tp) {
	struct net_sock *so = &tp->us.so;

	if (so->state == TCP_ESTABLISHED)
		so->state = TCP_FIN_WAIT1;
	else if (so->state == TCP_CLOSE_WAIT)
		so->state = TCP_LAST_ACK;
	else if (so->state != TCP_SYN_RECV)
		return;
	tp->flags |= TF_FIN_QUEUED;
	tcp_push(tp);
}

static int tcp_shutdown(struct user_sock *us, int bits) {
	struct tcp_sock *tp = (struct tcp_sock *)us;

	switch (us->so.state) {
	case TCP_CLOSE:
		us->shutdown |= (uint8_t)bits;
		return -ENOTCONN;
	case TCP_LISTEN: /* inet_shutdown() disconnects: nothing is left of it but the port */
		if (bits & SHUT_RECV)
			tcp_disconnect(us);
		return 0;
	case TCP_SYN_SENT: /* the same */
		tcp_disconnect(us);
		us->error = ECONNRESET;
		sock_event(us, NET_EV_ERROR);
		return 0;
	default:
		us->shutdown |= (uint8_t)bits;
		if (bits & SHUT_SEND)
			close_sending(tp);
		sock_event(us, NET_EV_READ | NET_EV_WRITE);
		return 0;
	}
}

static void tcp_close(struct user_sock *us, bool abort) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	bool unread = tcp_readable_bytes(tp) > 0;

	us->shutdown = SHUT_BOTH;
	switch (us->so.state) {
	case TCP_CLOSE:
		tcp_purge(tp);
		sock_bury(&us->so);
		return;
	case TCP_LISTEN:
		tcp_listen_stop(tp);
		return;
	case TCP_SYN_SENT:
		tcp_done(tp);
		return;
	default:
		break;
	}
	/* Data lost must not look like an orderly end: RFC 2525 2.17. */
	if (abort || unread) {
		tcp_abort(tp, 0);
		return;
	}
	frame_queue_flush(&tp->rcvq);
	if (us->so.state == TCP_FIN_WAIT2)
		tcp_enter_fin_wait2(tp);
	else
		close_sending(tp);
}

/* --- questions -------------------------------------------------------------------------------- */

static unsigned tcp_poll(const struct user_sock *us) {
	const struct tcp_sock *tp = (const struct tcp_sock *)us;
	uint32_t ready = tcp_readable_bytes(tp);
	unsigned mask = us->error ? POLLERR : 0;

	if (us->so.state == TCP_LISTEN)
		return tp->listener->head ? POLLIN | POLLRDNORM : 0;
	if (us->shutdown == SHUT_BOTH || us->so.state == TCP_CLOSE)
		mask |= POLLHUP;
	if (us->shutdown & SHUT_RECV)
		mask |= POLLIN | POLLRDNORM;
	if (us->so.state == TCP_SYN_SENT || us->so.state == TCP_SYN_RECV)
		return mask;
	/* An urgent byte alone, not in line, is no data to read. */
	if (ready > 1 ||
	    (ready == 1 && (tp->urg_state == URG_NONE || tp->urg_seq != tp->copied_seq ||
	                    us->so.flags & SO_F_OOBINLINE)))
		mask |= POLLIN | POLLRDNORM;
	if (!(us->shutdown & SHUT_SEND) && tcp_space(us) * 3 >= us->sndbuf)
		mask |= POLLOUT | POLLWRNORM;
	if (tp->urg_state == URG_VALID)
		mask |= POLLPRI;
	return mask;
}

static int tcp_readable(const struct user_sock *us) {
	const struct tcp_sock *tp = (const struct tcp_sock *)us;
	uint32_t ready;

	if (us->so.state == TCP_LISTEN)
		return -EINVAL;
	if (us->so.state == TCP_SYN_SENT || us->so.state == TCP_SYN_RECV)
		return 0;
	ready = tcp_readable_bytes(tp);
	/* Up to the mark, without the urgent byte itself: Linux 2.4, tcp_ioctl(SIOCINQ). */
	if (tp->urg_state != URG_NONE && !(us->so.flags & SO_F_OOBINLINE) &&
	    seq_lt(tp->urg_seq, tp->copied_seq + ready))
		return (int)(tp->urg_seq == tp->copied_seq ? ready - 1
		                                           : tp->urg_seq - tp->copied_seq);
	return (int)ready;
}

static int tcp_unsent(const struct user_sock *us) {
	const struct tcp_sock *tp = (const struct tcp_sock *)us;

	return us->so.state == TCP_LISTEN ? -EINVAL : (int)tp->buf.len;
}

uint32_t net_send_rest(const struct net_sock *so) {
	const struct tcp_sock *tp = (const struct tcp_sock *)so;

	if (so->kind != SOCK_KIND_TCP || seq_gt(tp->leaving, tp->write_seq))
		return 0;
	return tp->write_seq - tp->leaving;
}

bool net_at_mark(const struct net_sock *so) {
	const struct tcp_sock *tp = (const struct tcp_sock *)so;

	return so->kind == SOCK_KIND_TCP && tp->urg_state != URG_NONE &&
	       tp->copied_seq == tp->urg_seq;
}

static size_t frames_memory(const struct frame *f) {
	size_t sum = 0;

	for (; f; f = f->next)
		sum += sizeof *f + f->size;
	return sum;
}

static size_t tcp_memory(const struct user_sock *us) {
	const struct tcp_sock *tp = (const struct tcp_sock *)us;

	return sizeof(*tp) + tp->buf.size + tp->board.size * sizeof(struct range) +
	       frames_memory(tp->rcvq.head) + frames_memory(tp->ooo) +
	       (tp->listener ? sizeof(*tp->listener) : 0);
}

static void tcp_hardware_gone(struct user_sock *us, int error) {
	struct tcp_sock *tp = (struct tcp_sock *)us;

	us->error = error;
	sock_event(us, NET_EV_ERROR);
	tp->parent = NULL;
	/* Its requests and children are in the list of sockets too, and fail in their turn. */
	tcp_done(tp);
	g_free(tp->listener);
	tp->listener = NULL;
}

static void tcp_destroy(struct user_sock *us) {
	struct tcp_sock *tp = (struct tcp_sock *)us;

	timer_stop(us->so.st, &tp->timer);
	tcp_purge(tp);
	g_free(tp->listener);
	tcp_release(tp);
}

static void keepalive_changed(struct user_sock *us) { tcp_arm_keepalive((struct tcp_sock *)us); }

const struct sock_ops tcp_ops = {
	.listen = tcp_listen,
	.accept = tcp_accept,
	.connect = tcp_connect,
	.disconnect = tcp_disconnect,
	.send = tcp_send,
	.recv = tcp_recv,
	.shutdown = tcp_shutdown,
	.close = tcp_close,
	.poll = tcp_poll,
	.setopt = tcp_setopt,
	.getopt = tcp_getopt,
	.readable = tcp_readable,
	.unsent = tcp_unsent,
	.space = tcp_space,
	.memory = tcp_memory,
	.rcvbuf_changed = room_changed,
	.keepalive_changed = keepalive_changed,
	.fail = tcp_hardware_gone,
	.destroy = tcp_destroy,
};
