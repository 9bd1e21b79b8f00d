/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TCP: what its files share.  Internal to the engine.
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
 *   tcp_cookie.c SYN cookies
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/engine/internal.h"

/* --- sequence numbers (RFC 793 3.3): comparison modulo 2^32 ----------------------------------- */

static inline bool seq_lt(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }
static inline bool seq_le(uint32_t a, uint32_t b) { return (int32_t)(a - b) <= 0; }
static inline bool seq_gt(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }
static inline bool seq_ge(uint32_t a, uint32_t b) { return (int32_t)(a - b) >= 0; }
static inline uint32_t seq_max(uint32_t a, uint32_t b) { return seq_gt(a, b) ? a : b; }
static inline uint32_t seq_min(uint32_t a, uint32_t b) { return seq_lt(a, b) ? a : b; }

/* --- segments --------------------------------------------------------------------------------- */

struct range {
	uint32_t start, end;
};

enum { SACK_BLOCKS = 4 };

struct tcp_options {
	uint16_t mss;   /* 0: absent */
	int8_t wscale;  /* -1: absent */
	bool sack_ok, ts;
	uint32_t ts_val, ts_ecr;
	uint8_t sacks;
	struct range sack[SACK_BLOCKS];
};

struct segment {
	const struct ip_info *ip;
	struct net_if *ifp;
	struct frame *frame; /* payload; NULL once taken */
	uint32_t seq, ack, wnd;
	uint32_t len; /* payload bytes */
	uint16_t sport, dport, urg;
	uint8_t flags;
	struct tcp_options opt;
};

/* Bytes of sequence space. */
static inline uint32_t seg_space(const struct segment *s) {
	return s->len + !!(s->flags & TCP_SYN) + !!(s->flags & TCP_FIN);
}

/* --- the send buffer: a ring that grows ------------------------------------------------------- */

struct sendbuf {
	uint8_t *ring;
	uint32_t size; /* power of two, 0: none */
	uint32_t head, len;
};
void sendbuf_append(struct sendbuf *b, const struct net_msg *msg, size_t skip, size_t len);
void sendbuf_drop(struct sendbuf *b, uint32_t len);
void sendbuf_copy(const struct sendbuf *b, uint32_t at, void *to, size_t len);
void sendbuf_free(struct sendbuf *b);

/* --- connections ------------------------------------------------------------------------------ */

enum tcp_due { DUE_RETRANSMIT, DUE_DELACK, DUE_SLOW, DUE_COUNT };
/* DUE_RETRANSMIT: retransmission or persist; DUE_SLOW: keep-alive or FIN_WAIT_2. */

enum tcp_flag {
	TF_TS = 1,            /* both agreed on time-stamps */
	TF_SACK = 2,
	TF_WSCALE = 4,
	TF_NODELAY = 8,
	TF_CORK = 16,
	TF_ACK_NOW = 32,
	TF_FIN_QUEUED = 64,   /* a FIN follows the last byte of the buffer */
	TF_FIN_SENT = 128,
	TF_RECOVERY = 256,    /* fast recovery */
	TF_LOSS = 512,        /* after a time-out, until `recover` is acknowledged */
	TF_PINGPONG = 1024,   /* interactive: delay ACKs */
	TF_PERSIST = 2048,    /* DUE_RETRANSMIT is the persist timer */
	TF_TIMING = 4096,     /* an RTT is being measured */
	TF_DSACK = 8192,      /* `twice` is to be reported */
	TF_FIN_RCVD = 16384,
	TF_UNDO = 32768,      /* a reduction of the window may yet turn out to be wrong */
	TF_QUICKACK = 65536,  /* TCP_QUICKACK: no delayed ACKs at all */
	TF_FIN_EARLY = 131072, /* a FIN came before the data below it: fin_seq */
	TF_WAS_OPEN = 262144,  /* has been established */
	TF_REORDERED = 1048576, /* segments of ours were: no FACK */
	TF_ECN = 4194304,       /* both agreed on ECN */
	TF_ECN_ECHO = 8388608,  /* congestion was experienced: told until the peer has slowed down */
	TF_ECN_REDUCED = 16777216, /* the next new data says that we have */
	TF_CWR = 2097152,       /* the window shrinks without a loss, until cwr_end is passed */
	TF_UNDO_SENT = 524288, /* something was sent again since the reduction */
	TF_MORE = 33554432,     /* more is to come from the user: small segments wait (TF_MORETOCOME) */
	TF_LAST_IDLE = 67108864, /* nothing was out when it began to come (TF_LASTIDLE) */
	TF_REFUSED = 134217728, /* the machine's own queue did not take what was sent last */
};

enum urgent_state { URG_NONE, URG_AWAITED, URG_VALID, URG_READ };

struct scoreboard {
	struct range *ranges; /* SACKed, sorted, apart */
	uint32_t count, size;
};

struct listener; /* what LISTEN sockets have in addition */

/* In the order of use: what nearly every segment touches stands together, what only loss, options
 * or the ends of a connection need stands last. */
struct tcp_sock {
	struct user_sock us; /* first */
	uint32_t flags;

	/* sending */
	uint32_t snd_una, snd_nxt, snd_max;
	uint32_t write_seq; /* behind the last byte of the buffer */
	uint32_t snd_wnd, max_wnd, snd_wl1, snd_wl2;
	uint32_t snd_up, snd_sml, push_seq; /* push_seq: behind what is not to be held back */
	uint32_t cwnd, ssthresh, cwnd_count, recover;
	uint16_t mss;      /* of segments we send, without options' bytes taken off */
	uint8_t snd_wscale, rcv_wscale;
	uint8_t backoff, retries, dupacks, probes;
	uint8_t limited;   /* segments sent by limited transmit */
	uint8_t quick;     /* immediate ACKs left */
	uint8_t urg_state, sacks;
	uint16_t reordering; /* duplicate ACKs that mean loss */
	uint16_t rcv_mss;  /* size of the peer's full segments, as seen */
	uint16_t adv_mss;
	struct sendbuf buf;

	/* receiving */
	uint32_t rcv_nxt, rcv_adv, last_ack, copied_seq;
	uint32_t rcv_ssthresh; /* most that is offered for now */
	uint32_t ts_recent, rtt_seq;
	sim_time ts_stamp, last_data_in, last_data_out, ato;
	struct frame_queue rcvq;
	struct frame *ooo, *ooo_last; /* sorted by mark, the first byte's sequence number */

	/* round-trip time */
	sim_time srtt, rttvar, rto, rtt_start;

	/* timers: one entry in the heap for all, never later than the earliest date */
	sim_time due[DUE_COUNT];
	struct net_timer timer;
	sim_time last_heard;
	struct scoreboard board;
	uint32_t window_clamp; /* 0: none */

	/* seldom */
	uint32_t iss, irs, high_rxt, cwr_end, fin_seq, urg_seq, ooo_count;
	uint32_t retransmits_total;
	/* the last reduction of the window: what it covers, retransmissions that have not come back
	 * as duplicates, behind the highest of them, when the first left, and the threshold before */
	uint32_t undo_una, undo_end, undo_retrans, undo_high, undo_clock, undo_ssthresh;
	struct range sack[SACK_BLOCKS], twice; /* blocks to report; what came twice */
	uint16_t peer_mss; /* as announced */
	uint16_t user_mss; /* TCP_MAXSEG */
	uint8_t urg_byte;
	/* options; 0: the stack's */
	uint8_t keep_probes, syn_count;
	uint16_t defer_accept_s;
	uint32_t keep_idle_s, keep_interval_s;
	int32_t linger2_s; /* -1: no FIN_WAIT_2 at all */

	struct tcp_sock *parent, *accept_next; /* while in an accept queue */
	struct listener *listener;
};

enum { CACHE_LINE = 64 };
/* How much of a connection an ordinary segment touches. */
#define TCP_SOCK_HOT offsetof(struct tcp_sock, iss)

/* With many connections each line of one is far away.  Asked for together they arrive together. */
static inline void tcp_prefetch(const void *so) {
	for (size_t at = 0; so && at < TCP_SOCK_HOT; at += CACHE_LINE)
		__builtin_prefetch((const char *)so + at, 1);
}

struct listener {
	struct tcp_sock *head, **tail;
	uint32_t queued, backlog;
	uint32_t requests, young; /* SYN queue; young: not yet retransmitted */
	sim_time cookies_until;   /* after an overflow: how long ACKs of SYN cookies count; 0: not */
};

/* A half-open passive connection (Linux: open_request). */
struct tcp_request {
	struct net_sock so;
	struct tcp_sock *listener;
	struct net_timer timer;
	sim_time sent;
	uint32_t iss, irs, ts_recent, window;
	struct tcp_options opt; /* of the SYN */
	uint8_t retries, rcv_wscale;
	bool ecn;               /* agreed on */
	bool acked;             /* the ACK came while there was no room */
	bool again;             /* the SYN came again, and its answer was sent again */
	bool unreachable;       /* an ICMP error about the SYN,ACK came */
	bool cookie;            /* made of a SYN cookie: when the SYN,ACK left is not known */
};

/* A connection in TIME_WAIT. */
struct tcp_timewait {
	struct net_sock so;
	struct tcp_timewait *next, *prev;
	sim_time expires;
	uint32_t snd_nxt, rcv_nxt, window, ts_recent;
	bool ts;
};

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

/* tcp.c */
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

/* tcp_opt.c */
bool tcp_options_parse(const uint8_t *p, size_t len, struct tcp_options *opt);
size_t tcp_options_syn(uint8_t *p, const struct tcp_options *opt);
/* The time-stamp option as ordinary segments have it, padded. */
enum { TCP_TS_BYTES = 12 };
size_t tcp_options_ts(uint8_t *p, uint32_t val, uint32_t ecr);
/* Options of an ordinary segment: time-stamp and, on ACKs, SACK blocks. */
size_t tcp_options_data(const struct tcp_sock *tp, uint8_t *p, bool sacks);
static inline size_t tcp_options_size(const struct tcp_sock *tp) {
	return tp->flags & TF_TS ? TCP_TS_BYTES : 0;
}

/* tcp_out.c */
/* Payload bytes of a full segment. */
static inline uint32_t tcp_full(const struct tcp_sock *tp) {
	return tp->mss - (uint32_t)tcp_options_size(tp);
}
/* Payload bytes of the first segment that is sent again: nothing that was not sent before. */
static inline uint32_t tcp_first_len(const struct tcp_sock *tp) {
	return MIN(MIN(tp->buf.len, tp->snd_max - tp->snd_una), tcp_full(tp));
}
void tcp_push(struct tcp_sock *tp);
/* May add FIN.  False: there is nothing to send, or the machine's own queue refused it (TF_REFUSED). */
bool tcp_send_range(struct tcp_sock *tp, uint32_t seq, uint32_t len);
void tcp_send_ack(struct tcp_sock *tp);
/* SYN, or SYN and ACK in SYN_RECV; a probe of the window, or whether the peer lives.  False: the machine's
 * own queue refused it. */
bool tcp_send_syn(struct tcp_sock *tp);
bool tcp_send_probe(struct tcp_sock *tp);
void tcp_send_reset(struct tcp_sock *tp);
void tcp_output_due(struct tcp_sock *tp); /* after input: new segments, then a due ACK */
/* Segments that belong to no full connection. */
struct raw_segment {
	uint32_t src, dst, seq, ack, window;
	uint16_t sport, dport;
	uint8_t flags;
	const uint8_t *options;
	size_t options_len;
};
bool tcp_send_raw(struct net_stack *st, struct path *path, const struct raw_segment *r); /* likewise */
void tcp_reset_for(struct net_stack *st, const struct segment *s);

/* tcp_window.c; bytes */
/* What a SYN offers, given the buffer, TCP_WINDOW_CLAMP (0: none) and our MSS. */
uint32_t window_first(const struct net_stack *st, uint32_t rcvbuf, uint32_t clamp, uint32_t mss);
uint32_t window_most(const struct tcp_sock *tp);  /* the largest there may be */
uint32_t window_offer(const struct tcp_sock *tp); /* of the next segment */
bool window_update_due(const struct tcp_sock *tp);
void window_grow(struct tcp_sock *tp, uint32_t len); /* so many bytes came in order */
void window_queued(struct tcp_sock *tp);             /* something joined a queue */

/* tcp_ack.c */
/* Handles the ACK of an acceptable segment; false if it is to be dropped. */
bool tcp_ack_input(struct tcp_sock *tp, const struct segment *s);
void tcp_rtt_sample(struct tcp_sock *tp, sim_time rtt);
void tcp_update_window(struct tcp_sock *tp, const struct segment *s);
void tcp_enter_loss(struct tcp_sock *tp);
void tcp_quench(struct tcp_sock *tp);

/* tcp_sack.c */
/* Takes in the blocks of an ACK; true if they say something new. */
bool sack_update(struct tcp_sock *tp, const struct segment *s);
void sack_advance(struct tcp_sock *tp, uint32_t una_before, bool blocks); /* in the ACK */
void sack_clear(struct tcp_sock *tp);
/* Bytes not acknowledged that are taken for lost, and that were sent again (TCP_INFO's fields). */
uint32_t tcp_lost_bytes(const struct tcp_sock *tp);
uint32_t tcp_resent_bytes(const struct tcp_sock *tp);
uint32_t sack_pipe(const struct tcp_sock *tp);
void sack_push(struct tcp_sock *tp); /* NextSeg() while the pipe has room */
uint32_t sack_skip(const struct tcp_sock *tp, uint32_t seq); /* past what is SACKed */
uint32_t sack_hole_end(const struct tcp_sock *tp, uint32_t seq, uint32_t end);
uint32_t sack_highest(const struct tcp_sock *tp); /* behind it, or snd_una */
bool sack_is_loss(const struct tcp_sock *tp);
uint32_t sack_bytes(const struct tcp_sock *tp);

/* tcp_ecn.c */
uint8_t ecn_syn_flags(const struct tcp_sock *tp, bool reply);
void ecn_agree(struct tcp_sock *tp, const struct segment *s); /* s: the peer's SYN, or SYN and ACK */
/* ECN bits of the IP header for a segment under TF_ECN, new data or not; adds to its TCP flags. */
uint8_t ecn_mark(struct tcp_sock *tp, bool fresh, uint8_t *flags);
void ecn_reduced(struct tcp_sock *tp); /* the window was */
static inline bool ecn_echoed(const struct tcp_sock *tp, const struct segment *s) {
	return tp->flags & TF_ECN && (s->flags & (TCP_ECE | TCP_SYN)) == TCP_ECE;
}
void ecn_data_input(struct tcp_sock *tp, const struct segment *s);

/* tcp_cookie.c */
/* The number of the SYN,ACK that answers a SYN, for an MSS that the peer announced (0: none). */
uint32_t cookie_make(struct net_stack *st, const struct segment *s, uint16_t mss);
/* Does an ACK return one?  *mss: what is left of the peer's MSS, 0: the default. */
bool cookie_check(const struct net_stack *st, const struct segment *s, uint16_t *mss);
sim_time cookie_lifetime(const struct net_stack *st); /* after an overflow */

/* tcp_slow.c */
enum { TCP_BURST = 3 }; /* segments at once, when ACKs went astray; Linux 2.4, tcp_max_burst() */
/* Bytes that the network is thought to hold. */
uint32_t tcp_in_network(const struct tcp_sock *tp);
void slow_reduce(struct tcp_sock *tp, uint32_t flight); /* the threshold, not the window yet */
/* An ACK came while the window is to shrink; `lost`: bytes that are not in the network after all, and
 * about to be sent again. */
void slow_step(struct tcp_sock *tp, uint32_t lost);
void slow_moderate(struct tcp_sock *tp); /* no burst after an ACK for many */
/* Slow down though nothing was lost: ECN, a local queue that is full (Linux 2.4, tcp_enter_cwr()). */
void slow_asked(struct tcp_sock *tp);
void slow_acked(struct tcp_sock *tp); /* an ACK came under TF_CWR: one step, or the end */
/* What was not sent again came `bytes` late, behind the highest that arrived. */
void reordering_seen(struct tcp_sock *tp, uint32_t bytes);
bool reordering_is_loss(const struct tcp_sock *tp);

/* tcp_undo.c */
void undo_begin(struct tcp_sock *tp);         /* the window is about to be reduced */
void undo_retransmitted(struct tcp_sock *tp, uint32_t end); /* a segment is sent again */
/* A D-SACK came; true if it is for what was sent again. */
bool undo_duplicate(struct tcp_sock *tp, const struct range *r);
/* Takes the reduction back if the ACK, of so many bytes, shows that it was wrong. */
void undo_try(struct tcp_sock *tp, const struct segment *s, uint32_t acked);

/* tcp_data.c */
void tcp_data_input(struct tcp_sock *tp, struct segment *s);
void tcp_urgent_input(struct tcp_sock *tp, const struct segment *s);
void tcp_note_duplicate(struct tcp_sock *tp, const struct segment *s);
ssize_t tcp_data_read(struct tcp_sock *tp, struct net_msg *msg);
uint32_t tcp_readable_bytes(const struct tcp_sock *tp);

/* tcp_blocks.c */
/* [start, end) came, or came again, and waits in the queue: its block goes first. */
void blocks_arrived(struct tcp_sock *tp, uint32_t start, uint32_t end);
void blocks_forget(struct tcp_sock *tp); /* what rcv_nxt has passed */
/* [start, end) came twice; the part of it that waits in the queue did. */
void blocks_duplicate(struct tcp_sock *tp, uint32_t start, uint32_t end);
void blocks_overlap(struct tcp_sock *tp, uint32_t start, uint32_t end);

/* tcp_timer.c */
void tcp_timer_init(struct tcp_sock *tp);
void tcp_due_set(struct tcp_sock *tp, enum tcp_due which, sim_time when);
void tcp_due_stop(struct tcp_sock *tp, enum tcp_due which);
void tcp_arm_retransmit(struct tcp_sock *tp); /* restart, if anything is outstanding */
void tcp_arm_persist(struct tcp_sock *tp);
void tcp_arm_keepalive(struct tcp_sock *tp);
sim_time tcp_backed_off(const struct tcp_sock *tp);

/* tcp_listen.c */
int tcp_listen(struct user_sock *us, int backlog);
int tcp_accept(struct user_sock *us, void *user, struct net_sock **child);
void tcp_listen_stop(struct tcp_sock *tp);
void tcp_listen_input(struct tcp_sock *lp, struct segment *s, uint32_t least_iss);
void tcp_request_input(struct tcp_request *rq, struct segment *s);
void tcp_request_drop(struct tcp_request *rq);
/* An ICMP error about a segment with the number `seq`: nobody is told (Linux 2.4, tcp_v4_err()). */
void tcp_request_icmp(struct tcp_request *rq, uint32_t seq, const struct icmp_news *news);

/* tcp_tw.c */
void tcp_time_wait(struct tcp_sock *tp); /* moves the connection there and ends the socket */
void tcp_timewait_input(struct tcp_timewait *tw, struct segment *s);
void tcp_timewait_drop(struct tcp_timewait *tw);
/* Where the numbers of a connection that follows begin: above all that may be on its way; never 0. */
uint32_t tcp_timewait_above(const struct tcp_timewait *tw);

/* tcp_user.c, tcp_sockopt.c */
extern const struct sock_ops tcp_ops;
int tcp_setopt(struct user_sock *us, int name, int value);
int tcp_getopt(struct user_sock *us, int name, void *value, socklen_t *len);

/* tcp_in.c */
void tcp_segment(struct tcp_sock *tp, struct segment *s);
/* A connection, a request or what waits in TIME_WAIT, by its names; NULL: none. */
struct net_sock *tcp_find_pair(const struct net_stack *st, uint32_t laddr, uint16_t lport,
                               uint32_t faddr, uint16_t fport);
/* Hands a segment to whom it is for, and frees it. */
void tcp_deliver(struct net_stack *st, struct segment *s);
/* tcp_lock.c: true if the segment is for a socket whose user is at work, and waits; what a timer does
 * that goes off meanwhile. */
bool tcp_wait_for_user(struct net_stack *st, const struct segment *s);
void tcp_timer_locked(struct tcp_sock *tp, enum tcp_due which);
static inline bool tcp_locked(const struct net_sock *so) { return so->st->locked == so; }
struct tcp_sock *tcp_find_listener(const struct net_stack *st, uint32_t addr, uint16_t port,
                                   const struct net_if *ifp);

/* What the protocol's table (tcp.c) names of the other files. */
struct tcp_sock *tcp_new(struct net_stack *st);
void tcp_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
               struct frame *chain, size_t len);
void tcp_hold(struct user_sock *us, bool more);
void tcp_timewait_fire(struct net_stack *st, struct net_timer *t);
void tcp_timewait_free(struct net_sock *so);
void tcp_request_free(struct net_sock *so);
void tcp_waiting_free(struct net_stack *st);

#endif
