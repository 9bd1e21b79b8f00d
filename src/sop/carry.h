/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program has set and every inner socket must have: SOL_SOCKET options, which the socket
 * layer keeps on the outer sock (carry.c); other options and groups, which are recorded and said
 * again to inner sockets made later (replay.c).
 */
#ifndef SOP_CARRY_H
#define SOP_CARRY_H

#include "sop/leg.h"

/* An option below SOL_SOCKET's level that a program set, for inner sockets made later. */
struct sop_option {
	int level, name, len;
	uint8_t *val;
};

/* What IP_ADD_MEMBERSHIP or IP_MULTICAST_IF asked for, and the stack that carries it out (NULL: it
 * was not asked) by which of its interfaces. */
struct sop_membership {
	struct ip_mreqn request;
	struct sop_stack *stack;
	uint32_t device;
	unsigned count; /* so often */
};

/* --- SOL_SOCKET (carry.c) --------------------------------------------------------------------- */

/* The program has set that option. */
void sop_note_option(struct sop_sock *ss, int name);
/* Copies those that it has set onto the leg, if they changed. */
void leg_sync_options(struct sop_leg *leg);
/* A child has what its listener had. */
void sop_inherit_options(struct sop_sock *child, const struct sop_sock *from);
/* Shows the program what of the buffers is in force: after the set of stacks has changed. */
void sop_show_buffers(struct sop_sock *ss);

/* --- the records (replay.c) ------------------------------------------------------------------- */

void sop_record_option(struct sop_sock *ss, const struct sop_option *opt);
/* Sets all recorded options on a fresh inner socket. */
void leg_replay_options(struct sop_leg *leg);
void sop_forget_options(struct sop_sock *ss);

/* The stack of the interface that a request about a group names; NULL: of none. */
struct sop_stack *sop_group_stack(const struct sop *sop, const struct ip_mreqn *r);
/* What the request means on the stack now. */
struct sop_membership sop_membership(const struct ip_mreqn *r, struct sop_stack *st);
void sop_record_group(struct sop_sock *ss, const struct ip_mreqn *r, struct sop_stack *st);
/* The newest record that a request to leave fits, -1: none. */
int sop_find_group(const struct sop_sock *ss, const struct ip_mreqn *r);
struct sop_membership *sop_nth_group(const struct sop_sock *ss, guint i);
/* A fresh inner socket joins what was joined on its stack, or on one whose place it takes. */
void leg_replay_groups(struct sop_leg *leg);
/* The card in the place of one that is gone, NULL: there is none yet; the leg takes over from it.
 */
struct sop_stack *sop_heir_of(const struct sop_sock *ss, const struct sop_membership *m);
void leg_take_over(struct sop_leg *leg, struct sop_membership *m, int name);
void sop_forget_groups(struct sop_sock *ss);

#endif
