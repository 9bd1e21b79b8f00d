/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the driver know of a card?  The card as a whole, its commands, sockets and troubles:
 * what the driver's files share.
 *
 *   driver.c       the card as a whole: life, faults, usage
 *   command.c      commands: slots, waiting, time-outs, a card that died
 *   suspect.c      what the driver does not believe
 *   channel.c      how commands and completions cross the bus: what all kinds of card share,
 *   channel_*.c    and a file a kind: with an interrupt for completions, with a ring that is polled
 *   config.c       addresses and routes: the shadow on the host, and the card's copy
 *   toe_sock.c     the host's half of a socket, and what streams and datagrams share
 *   toe_sock_ops.c proto_ops that both have
 *   toe_stream.c, toe_dgram.c, family.c
 *
 * Life of a toe_sock: from create or accept to release.  What arrives for it later is recognised
 * by the generation of its handle, counted and dropped.
 */
#ifndef TOE_DRIVER_H
#define TOE_DRIVER_H

#include <glib.h>

#include "host/dev/toedev.h"
#include "pci/comm.h"
#include "sim/list.h"
#include "sim/watch.h"
#include "toe/driver/channel.h"
#include "toe/driver/toe.h"

struct toe_sock;

struct toe_slot {
	struct toe_sock *ts;
	uint32_t generation;
};

struct toe {
	struct kernel *kernel;
	struct pci_dev *dev;
	struct comm *comm;
	struct card *card;
	struct toedev td;
	struct toe_conf conf;
	const struct comm_ops *channel;
	struct toe_poll poll;

	struct net_stack *shadow;
	struct net_if *shadow_if;
	uint32_t index; /* of its interface, there and on the card */

	GPtrArray *cmds; /* every toe_cmd, by id */
	struct toe_cmd *free_cmds;
	struct list timed;      /* commands with a deadline, which ascends */
	unsigned outstanding;   /* commands SENT */
	struct wait_queue room; /* for tasks that wait for a descriptor */
	struct sim_event watchdog;
	struct sim_duty duty;       /* the watchdog's: the deadlines of `timed` */
	bool watchdog_due, failing; /* for the tasklet */
	bool announced;     /* the card has interrupted, and the tasklet has not taken all */
	unsigned watched;   /* sockets of whose changes the card shall tell */
	unsigned idle_irqs; /* interrupts in a row that found nothing */
	uint64_t silent_at; /* completions taken when some lay there without an interrupt */
	const char *why;    /* what the driver says of a card that is dead or doomed; NULL */
	void (*on_death)(void *arg, const char *why);
	void *on_death_arg;
	struct pci_stall stall; /* of posted writes, not yet charged */

	GArray *slots; /* struct toe_slot, by index of handles */
	GArray *free_slots;

	uint64_t n_late;
};

static inline struct toe *td_toe(const struct toedev *td) { return td->priv; }

#endif
