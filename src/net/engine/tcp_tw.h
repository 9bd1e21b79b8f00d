/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stays of a connection that is over?  TIME_WAIT.  Internal to the engine.
 */
#ifndef NET_TCP_TW_H
#define NET_TCP_TW_H

#include "net/engine/tcp.h"
#include "sim/list.h"

/* A connection in TIME_WAIT. */
struct tcp_timewait {
	struct net_sock so;
	struct list_node node; /* in the stack's `timewaits` */
	sim_time expires;
	uint32_t snd_nxt, rcv_nxt, window, ts_recent;
	bool ts;
};

/* tcp_tw.c */
void tcp_time_wait(struct tcp_sock *tp); /* moves the connection there and ends the socket */
void tcp_timewait_input(struct tcp_timewait *tw, struct segment *s);
void tcp_timewait_drop(struct tcp_timewait *tw);
/* Where the numbers of a connection that follows begin: above all that may be on its way; never 0. */
uint32_t tcp_timewait_above(const struct tcp_timewait *tw);
void tcp_timewait_fire(struct net_stack *st, struct net_timer *t);
void tcp_timewait_free(struct net_sock *so);

#endif
