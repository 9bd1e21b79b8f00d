/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a card do with a connection's data without its processor?
 *
 * A *data path* is a pipeline beside the processor.  It takes the segments of connections that are
 * established: those that go out, with data or as pure ACKs, and those that come in without SYN, FIN, RST or
 * urgent data.  Each takes it for a cost of its own (TOE_COST_PATH_*), one after the other, and is then
 * `path_latency` on its way through.  Hand-shakes, ends, timers, datagrams and commands stay with
 * the processor, as does telling the host of what came.
 *
 * Cutting (`tso`): what a connection sends at one instant is one large segment up to so many bytes.  A card
 * whose processor sends pays for it once, and the pipeline cuts the frames; a card whose pipeline sends pays
 * once for beginning.
 */
#ifndef TOE_DATA_PATH_H
#define TOE_DATA_PATH_H

#include "toe/card/internal.h"

/* What the card does with what comes through. */
struct path_ops {
	void (*in)(struct card *card, struct frame *frame);  /* to the stack */
	void (*out)(struct card *card, struct frame *frame); /* to the port */
	void (*output)(struct card *card); /* an item of output: a socket that has data to send */
};

/* For a card that has one, by its configuration; else NULL.  The card's cost table is there. */
struct data_path *path_new(struct card *card, const struct card_conf *conf,
                           const struct path_ops *ops);
void path_free(struct data_path *path); /* NULL: nothing */
/* The card is silent from now on. */
void path_stop(struct data_path *path);

/* Whether it takes a frame that comes in.  What the firmware has not taken in yet of the connection goes first:
 * the frame waits for that. */
bool path_takes(const struct data_path *path, const struct frame *frame);
void path_receive(struct data_path *path, struct frame *frame);
/* The firmware has taken a frame in. */
void path_resume(struct data_path *path);
/* Whether it sends frames of that kind without the processor. */
bool path_sends(const struct data_path *path, enum net_kind kind);
/* Whether a frame that the stack hands out is one more of the segment whose part the last one was. */
bool path_cuts(struct data_path *path, const struct frame *frame, enum net_kind kind,
               size_t payload);
/* Whether frames of that kind are cut by it, whoever sent them. */
bool path_cutter(const struct data_path *path, enum net_kind kind);
/* To the wire; marked as stack_output() of card.c does. */
void path_transmit(struct data_path *path, struct frame *frame);
/* Sockets with data to send are its work: one more item of that kind.  False: they are the processor's. */
bool path_output_due(struct data_path *path);

/* Time worked since the last reset, and that reset. */
sim_time path_busy(const struct data_path *path);
void path_reset(struct data_path *path);
/* Brings the card's accounts up to now. */
void path_account(const struct data_path *path);

#endif
