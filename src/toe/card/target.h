/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does the target module take a command (target_run.c), and how does it answer?  Its life and the socket
 * table (target.c), and what each command does (target_ops.c).
 */
#ifndef TOE_CARD_TARGET_H
#define TOE_CARD_TARGET_H

#include <limits.h>

#include "toe/card/internal.h"

#define TARGET_WAITS INT_MIN /* no answer yet */
void target_init(struct card *card);
void target_exit(struct card *card);
struct card_sock *target_find(struct card *card, const struct comm_handle *handle);
struct card_sock *target_sock_new(struct card *card, const struct comm_handle *handle, int type);
void target_sock_free(struct card_sock *cs);
/* From an item that has called into the stack: charges for connections that have begun, before
 * anybody is told of it; for those that are over, which target_settle() does at its end. */
void card_charge_begun(struct card *card);
void card_charge_over(struct card *card);
bool card_charges_due(const struct card *card); /* either has something to charge */
struct card_cmd *card_cmd_new(struct card *card);
void card_cmd_recycle(struct card_cmd *cc);
/* fw_defer() effect: sends a card_cmd's answer (or event) and frees it. */
void target_post(void *card, void *cmd);
/* Answers the command with `result` and frees it. */
void target_answer(struct card_cmd *cc, int result);
void target_names(const struct net_sock *so, struct comm_completion *answer);

/* target_run.c: the firmware's item of one command. */
void target_run(void *card);
/* target_ops.c: returns the result or TARGET_WAITS. */
int target_execute(struct card *card, struct card_sock *cs, struct card_cmd *cc);

#endif
