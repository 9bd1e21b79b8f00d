/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does an acknowledgement say of the network, and how much may be in it?  Internal to the
 * engine.
 */
#ifndef NET_TCP_CONGESTION_H
#define NET_TCP_CONGESTION_H

#include "net/engine/tcp.h"

/* tcp_ack.c */
/* Handles the ACK of an acceptable segment; false if it is to be dropped. */
bool tcp_ack_input(struct tcp_sock *tp, const struct segment *s);
void tcp_rtt_sample(struct tcp_sock *tp, sim_time rtt);
void tcp_enter_loss(struct tcp_sock *tp);
void tcp_quench(struct tcp_sock *tp);

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
void undo_begin(struct tcp_sock *tp);                       /* the window is about to be reduced */
void undo_retransmitted(struct tcp_sock *tp, uint32_t end); /* a segment is sent again */
/* A D-SACK came; true if it is for what was sent again. */
bool undo_duplicate(struct tcp_sock *tp, const struct range *r);
/* Takes the reduction back if the ACK, of so many bytes, shows that it was wrong. */
void undo_try(struct tcp_sock *tp, const struct segment *s, uint32_t acked);

/* tcp_ecn.c */
uint8_t ecn_syn_flags(const struct tcp_sock *tp, bool reply);
void ecn_agree(struct tcp_sock *tp,
               const struct segment *s); /* s: the peer's SYN, or SYN and ACK */
/* ECN bits of the IP header for a segment under TF_ECN, new data or not; adds to its TCP flags. */
uint8_t ecn_mark(struct tcp_sock *tp, bool fresh, uint8_t *flags);
void ecn_reduced(struct tcp_sock *tp); /* the window was */
static inline bool ecn_echoed(const struct tcp_sock *tp, const struct segment *s) {
	return tp->flags & TF_ECN && (s->flags & (TCP_ECE | TCP_SYN)) == TCP_ECE;
}
void ecn_data_input(struct tcp_sock *tp, const struct segment *s);

#endif
