/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is a TCP connection, and how does its life go?  Internal to the engine, as are the others,
 * each with a question of its own: tcp_segment.h, tcp_buf.h, tcp_send.h, tcp_recv.h, tcp_sack.h (what
 * arrived), tcp_congestion.h (how fast), tcp_timer.h, tcp_listen.h (before a connection), tcp_tw.h
 * (after it).
 *
 *   tcp.c        life of a connection, state changes        tcp_listen.c  SYN queue, accept queue
 *   tcp_in.c     a segment arrives                          tcp_tw.c      TIME_WAIT
 *   tcp_ack.c    its acknowledgement: RTT, congestion       tcp_timer.c   timers
 *   tcp_sack.c   SACK scoreboard and recovery               tcp_opt.c     header options
 *   tcp_data.c   its data: reassembly, urgent               tcp_buf.c     send buffer
 *   tcp_blocks.c what SACK reports of it                    tcp_user.c    socket calls
 *   tcp_window.c the window that is offered
 *   tcp_out.c    what may be sent, and building segments
 *   tcp_slow.c   rate halving, reordering                   tcp_ecn.c     congestion marks
 *   tcp_undo.c   taking back a reduction of the window      tcp_sockopt.c options
 *   tcp_cookie.c SYN cookies                                tcp_follow.c  who looks on
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/engine/frame.h"
#include "net/engine/internal.h"
#include "net/engine/sock.h"
#include "net/engine/tcp_buf.h"
#include "net/engine/tcp_segment.h"
#include "net/engine/timer.h"

enum tcp_due { DUE_RETRANSMIT, DUE_DELACK, DUE_SLOW, DUE_COUNT };
/* DUE_RETRANSMIT: retransmission or persist; DUE_SLOW: keep-alive or FIN_WAIT_2. */

enum tcp_flag {
	TF_TS = 1, /* both agreed on time-stamps */
	TF_SACK = 2,
	TF_WSCALE = 4,
	TF_NODELAY = 8,
	TF_CORK = 16,
	TF_ACK_NOW = 32,
	TF_FIN_QUEUED = 64, /* a FIN follows the last byte of the buffer */
	TF_FIN_SENT = 128,
	TF_RECOVERY = 256,  /* fast recovery */
	TF_LOSS = 512,      /* after a time-out, until `recover` is acknowledged */
	TF_PINGPONG = 1024, /* interactive: delay ACKs */
	TF_PERSIST = 2048,  /* DUE_RETRANSMIT is the persist timer */
	TF_TIMING = 4096,   /* an RTT is being measured */
	TF_DSACK = 8192,    /* `twice` is to be reported */
	TF_FIN_RCVD = 16384,
	TF_UNDO = 32768,        /* a reduction of the window may yet turn out to be wrong */
	TF_QUICKACK = 65536,    /* TCP_QUICKACK: no delayed ACKs at all */
	TF_FIN_EARLY = 131072,  /* a FIN came before the data below it: fin_seq */
	TF_WAS_OPEN = 262144,   /* has been established */
	TF_REORDERED = 1048576, /* segments of ours were: no FACK */
	TF_ECN = 4194304,       /* both agreed on ECN */
	TF_ECN_ECHO = 8388608, /* congestion was experienced: told until the peer has slowed down */
	TF_ECN_REDUCED = 16777216, /* the next new data says that we have */
	TF_CWR = 2097152,          /* the window shrinks without a loss, until cwr_end is passed */
	TF_UNDO_SENT = 524288,     /* something was sent again since the reduction */
	TF_MORE = 33554432, /* more is to come from the user: small segments wait (TF_MORETOCOME) */
	TF_LAST_IDLE = 67108864, /* nothing was out when it began to come (TF_LASTIDLE) */
	TF_REFUSED = 134217728,  /* the machine's own queue did not take what was sent last */
};

enum urgent_state { URG_NONE, URG_AWAITED, URG_VALID, URG_READ };

struct scoreboard {
	struct range *ranges; /* SACKed, sorted, apart */
	uint32_t count, size;
};

struct listener; /* what LISTEN sockets have in addition */

enum { CACHE_LINE = 64 };

/* In the order of use: what nearly every segment touches stands together, what only loss, options
 * or the ends of a connection need stands last. */
struct tcp_sock {
	_Alignas(CACHE_LINE) struct user_sock us; /* first */
	uint32_t flags;

	/* sending */
	uint32_t snd_una, snd_nxt, snd_max;
	uint32_t leaving;   /* end of the segment that was last made */
	uint32_t write_seq; /* behind the last byte of the buffer */
	uint32_t snd_wnd, max_wnd, snd_wl1, snd_wl2;
	uint32_t snd_up, snd_sml, push_seq; /* push_seq: behind what is not to be held back */
	uint32_t cwnd, ssthresh, cwnd_count, recover;
	uint16_t mss; /* of segments we send, without options' bytes taken off */
	uint8_t snd_wscale, rcv_wscale;
	uint8_t backoff, retries, dupacks, probes;
	uint8_t limited; /* segments sent by limited transmit */
	uint8_t quick;   /* immediate ACKs left */
	uint8_t urg_state, sacks;
	uint16_t reordering; /* duplicate ACKs that mean loss */
	uint16_t rcv_mss;    /* size of the peer's full segments, as seen */
	uint16_t adv_mss;
	struct sendbuf buf;

	/* receiving */
	uint32_t rcv_nxt, rcv_adv, last_ack, copied_seq;
	uint32_t rcv_ssthresh; /* most that is offered for now */
	uint32_t ts_recent, rtt_seq;
	uint32_t ooo_count; /* each segment with data asks for it */
	sim_time ts_stamp, last_data_in, last_data_out, ato;
	struct frame_queue rcvq;
	struct frame *ooo, *ooo_last; /* sorted by mark, the first byte's sequence number */

	/* timers: one entry in the heap for all, never later than the earliest date; in one cache line, all
	 * that is touched when it fires for nothing */
	sim_time due[DUE_COUNT];
	struct net_timer timer;

	/* round-trip time */
	sim_time srtt, rttvar, rto, rtt_start;
	sim_time last_heard;
	struct scoreboard board;
	uint32_t window_clamp; /* 0: none */

	/* seldom */
	uint32_t iss, irs, high_rxt, cwr_end, fin_seq, urg_seq;
	uint32_t retransmits_total;
	/* the last reduction of the window: what it covers, retransmissions that have not come back
	 * as duplicates, behind the highest of them, when the first left, and the threshold before */
	uint32_t undo_una, undo_end, undo_retrans, undo_high, undo_clock, undo_ssthresh;
	struct range sack[SACK_BLOCKS], twice; /* blocks to report; what came twice */
	uint16_t peer_mss;                     /* as announced */
	uint16_t user_mss;                     /* TCP_MAXSEG */
	uint8_t urg_byte;
	/* options; 0: the stack's */
	uint8_t keep_probes, syn_count;
	uint16_t defer_accept_s;
	uint32_t keep_idle_s, keep_interval_s;
	int32_t linger2_s; /* -1: no FIN_WAIT_2 at all */

	struct tcp_sock *parent, *accept_next; /* while in an accept queue */
	struct listener *listener;
};

/* How much of a connection an ordinary segment touches. */
#define TCP_SOCK_HOT offsetof(struct tcp_sock, iss)

/* With many connections each line of one is far away.  Asked for together they arrive together. */
static inline void tcp_prefetch(const void *so) {
	for (size_t at = 0; so && at < TCP_SOCK_HOT; at += CACHE_LINE)
		__builtin_prefetch((const char *)so + at, 1);
}

static inline struct tcp_sock *tcp_sock(const struct net_sock *so) { return (struct tcp_sock *)so; }
static inline struct net_stack *tcp_stack(const struct tcp_sock *tp) { return tp->us.so.st; }
static inline struct net_params *tcp_params(const struct tcp_sock *tp) {
	return &tp->us.so.st->params;
}
static inline sim_time tcp_now(const struct tcp_sock *tp) { return *tp->us.so.st->clock; }
static inline uint32_t tcp_flight(const struct tcp_sock *tp) { return tp->snd_nxt - tp->snd_una; }

/* The time-stamp clock ticks in milliseconds (RFC 1323 4.2.2 allows 1 ms to 1 s). */
static inline uint32_t tcp_clock(const struct net_stack *st) {
	return (uint32_t)(stack_now(st) / SIM_MS) + 1 + st->params.timestamp_start;
}

static inline bool tcp_synchronised(const struct tcp_sock *tp) {
	return tp->us.so.state != TCP_CLOSE && tp->us.so.state != TCP_LISTEN &&
	       tp->us.so.state != TCP_SYN_SENT && tp->us.so.state != TCP_SYN_RECV;
}

static inline void tcp_begins(struct tcp_sock *tp) {
	if (G_UNLIKELY(tcp_stack(tp)->begins))
		tcp_stack(tp)->begins(&tp->us.so);
}

/* tcp.c */
struct tcp_sock *tcp_new(struct net_stack *st);
void tcp_release(struct tcp_sock *tp); /* its memory */
uint32_t tcp_initial_seq(struct net_stack *st, const struct net_sock *so);
void tcp_established(struct tcp_sock *tp);
void tcp_set_mss(struct tcp_sock *tp); /* from peer_mss, user_mss and the path */
uint32_t tcp_initial_window(const struct net_stack *st, uint32_t mss);
uint16_t tcp_announced_mss(const struct net_if *ifp, uint16_t user_mss);
uint8_t tcp_choose_wscale(const struct net_stack *st, uint32_t rcvbuf);
/* The connection is over: takes it out of the tables, tells the user, buries an orphan. */
void tcp_done(struct tcp_sock *tp);
void tcp_abort(struct tcp_sock *tp, int error); /* with RST if the state calls for one */
void tcp_fail(struct tcp_sock *tp, int error);  /* without a packet */
void tcp_enter_fin_wait2(struct tcp_sock *tp);
void tcp_purge(struct tcp_sock *tp); /* frees both queues */
bool tcp_orphan(const struct tcp_sock *tp);

/* tcp_user.c, tcp_sockopt.c */
extern const struct sock_ops tcp_ops;
int tcp_setopt(struct user_sock *us, int name, int value);
int tcp_getopt(struct user_sock *us, int name, void *value, socklen_t *len);
void tcp_hold(struct user_sock *us, bool more);

#endif
