/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a command that waits for the network, and who hears that it came?  The queues of
 * a socket, those who serve them, and events to the host (target_wait.c).
 */
#ifndef TOE_CARD_TARGET_WAIT_H
#define TOE_CARD_TARGET_WAIT_H

#include "toe/card/internal.h"

typedef int (*target_serve)(struct card_sock *cs, struct card_cmd *cc);
void queue_push(struct card_queue *q, struct card_cmd *cc);
/* Serves a command now, or lets it stand in the queue. */
int target_enter(struct card_sock *cs, struct card_queue *q, target_serve serve,
                 struct card_cmd *cc);
/* Asks for a look at the socket in the next target_settle(). */
void target_touch(struct card_sock *cs);
void target_settle(struct card *card);
/* The same for who is not the firmware: it shall do that. */
void target_due(struct card *card);
void target_came_run(void *card);
void target_event(void *owner, struct net_sock *so, unsigned events); /* net_ops */
int target_accept(struct card_sock *cs, struct card_cmd *cc);
int target_connect(struct card_sock *cs, struct card_cmd *cc);
int target_recv(struct card_sock *cs, struct card_cmd *cc);
int target_send(struct card_sock *cs, struct card_cmd *cc);
int target_linger(struct card_sock *cs, struct card_cmd *cc);
/* Data to be sent were appended (or are about to be): the output item sends them. */
void target_push(struct card_sock *cs);
void target_cancel(struct card_sock *cs, uint32_t id);
/* Firmware: data that were fetched again have come. */
void target_data_run(void *card);
/* Answers all that waits on the socket with `result`. */
void target_flush(struct card_sock *cs, int result);

#endif
