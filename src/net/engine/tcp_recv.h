/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a segment that arrives, and what may the peer send?  Internal to the engine.
 */
#ifndef NET_TCP_RECV_H
#define NET_TCP_RECV_H

#include "net/engine/tcp.h"

/* tcp_in.c */
void tcp_segment(struct tcp_sock *tp, struct segment *s);
/* Hands a segment to whom it is for, and frees it. */
void tcp_deliver(struct net_stack *st, struct segment *s);
struct tcp_sock *tcp_find_listener(const struct net_stack *st, uint32_t addr, uint16_t port,
                                   const struct net_if *ifp);
void tcp_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
               struct frame *chain, size_t len);

/* tcp_lock.c: segments for a socket whose user is at work */
/* True if the segment is for a socket whose user is at work, and waits. */
bool tcp_wait_for_user(struct net_stack *st, const struct segment *s);
void tcp_waiting_free(struct net_stack *st);
static inline bool tcp_locked(const struct net_sock *so) { return so->st->locked == so; }

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

/* tcp_window.c; bytes */
/* What a SYN offers, given the buffer, TCP_WINDOW_CLAMP (0: none) and our MSS. */
uint32_t window_first(const struct net_stack *st, uint32_t rcvbuf, uint32_t clamp, uint32_t mss);
uint32_t window_offer(const struct tcp_sock *tp); /* of the next segment */
bool window_update_due(const struct tcp_sock *tp);
void window_grow(struct tcp_sock *tp, uint32_t len); /* so many bytes came in order */
void window_queued(struct tcp_sock *tp);             /* something joined a queue */

#endif
