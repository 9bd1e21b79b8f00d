/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How do commands and completions cross the bus?  What all kinds of card share (channel.c), and the
 * table of functions that a kind has of its own (channel_*.c; meson.build lists the kinds).
 */
#ifndef TOE_CHANNEL_H
#define TOE_CHANNEL_H

#include "host/core/soft_timer.h"
#include "toe/driver/command.h"

/*
 * How commands reach a kind of card, and its completions the host.  Task context, or softirq where
 * said.  `submit` charges for the command and makes it visible to the card; it may sleep for room,
 * unless in softirq, where it is false if there is none.  `wait` sleeps until the command may be
 * DONE, a signal came if the task's state allows, or the time is over, and returns what is left of
 * it.  `collect` takes one completion that has arrived and hands it to toe_complete(); false if
 * there was none.  `interrupt` is the handler of the card's line.  `open` and `close` (NULL: nothing
 * to do) make and end what the kind has of its own; commands still outstanding are lost then.
 */
struct comm_ops {
	bool on_demand; /* the card interrupts only when armed */
	void (*open)(struct toe *toe);
	void (*close)(struct toe *toe);
	bool (*submit)(struct toe *toe, struct toe_cmd *cmd);
	sim_time (*wait)(struct toe *toe, struct toe_cmd *cmd, sim_time timeout);
	bool (*collect)(struct toe *toe);
	irq_handler interrupt;
};

/* A polled channel's own. */
struct toe_poll {
	struct soft_timer timer;
	bool due;        /* the tasklet shall look */
	bool acking;     /* the write that ends the interrupt is on its way */
	unsigned empty;  /* looks in a row that found nothing */
	unsigned unrung; /* commands that no doorbell has told of */
};

/* Takes a descriptor; a task sleeps until there is one.  False in softirq context if there is none,
 * and when the card died. */
bool channel_reserve(struct toe *toe);
/* Charges for building the command and writes it into the descriptor. */
void channel_publish(struct toe *toe, struct toe_cmd *cmd);
/* Rings the doorbell behind the charges so far; arms the card with it (comm_arm()). */
void channel_ring(struct toe *toe);
/* A posted write found the bridge full: the stall is charged with what comes next. */
void channel_stalled(struct toe *toe, sim_time stall);
void channel_arm(struct toe *toe);
/* Takes one completion, and gives credit back when it is due; false if there is none. */
bool channel_take(struct toe *toe);

#define X(kind, KIND) extern const struct comm_ops channel_##kind;
TOE_KINDS(X)
#undef X

#endif
