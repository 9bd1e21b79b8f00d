/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What arrived at the peer, and what is taken for lost?  The SACK scoreboard.  Internal to the
 * engine.
 */
#ifndef NET_TCP_SACK_H
#define NET_TCP_SACK_H

#include "net/engine/tcp.h"

/* Takes in the blocks of an ACK; true if they say something new. */
bool sack_update(struct tcp_sock *tp, const struct segment *s);
void sack_advance(struct tcp_sock *tp, uint32_t una_before, bool blocks); /* in the ACK */
void sack_clear(struct tcp_sock *tp);
/* Bytes not acknowledged that are taken for lost, and that were sent again (TCP_INFO's fields). */
uint32_t tcp_lost_bytes(const struct tcp_sock *tp);
uint32_t tcp_resent_bytes(const struct tcp_sock *tp);
uint32_t sack_pipe(const struct tcp_sock *tp);
void sack_push(struct tcp_sock *tp);                         /* NextSeg() while the pipe has room */
uint32_t sack_skip(const struct tcp_sock *tp, uint32_t seq); /* past what is SACKed */
uint32_t sack_hole_end(const struct tcp_sock *tp, uint32_t seq, uint32_t end);
uint32_t sack_highest(const struct tcp_sock *tp); /* behind it, or snd_una */
bool sack_is_loss(const struct tcp_sock *tp);
uint32_t sack_bytes(const struct tcp_sock *tp);

#endif
