/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is sent, and how?  Internal to the engine.
 */
#ifndef NET_TCP_SEND_H
#define NET_TCP_SEND_H

#include "net/engine/tcp.h"

struct path;

/* tcp_opt.c */
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
bool tcp_send_raw(struct net_stack *st, struct path *path,
                  const struct raw_segment *r); /* likewise */
void tcp_reset_for(struct net_stack *st, const struct segment *s);

#endif
