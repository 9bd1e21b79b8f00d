/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When does a connection do something by itself?  Internal to the engine.
 */
#ifndef NET_TCP_TIMER_H
#define NET_TCP_TIMER_H

#include "net/engine/tcp.h"

/* tcp_timer.c */
void tcp_timer_init(struct tcp_sock *tp);
void tcp_due_set(struct tcp_sock *tp, enum tcp_due which, sim_time when);
void tcp_due_stop(struct tcp_sock *tp, enum tcp_due which);
void tcp_arm_retransmit(struct tcp_sock *tp); /* restart, if anything is outstanding */
void tcp_arm_persist(struct tcp_sock *tp);
void tcp_arm_keepalive(struct tcp_sock *tp);
sim_time tcp_backed_off(const struct tcp_sock *tp);

/* tcp_lock.c: a timer goes off while the user is at work */
void tcp_timer_locked(struct tcp_sock *tp, enum tcp_due which);

#endif
