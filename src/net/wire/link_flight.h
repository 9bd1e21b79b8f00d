/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames in flight: a delay line with one event, for the first frame, however many are under way.
 * The date is kept in the frame's `stamp`.
 */
#ifndef NET_LINK_FLIGHT_H
#define NET_LINK_FLIGHT_H

#include "net/engine/frame.h"
#include "sim/sim.h"

struct flight {
	struct sim *sim;
	struct frame_queue frames; /* by date, then in order of flight_add() */
	sim_time last;             /* date of the last frame in the queue */
	struct sim_event ev;
	void (*deliver)(void *arg, struct frame *frame);
	void *arg;
};

/* An empty line; deliver(arg, frame) takes each frame over at its date (its `stamp`). */
void flight_init(struct flight *fl, struct sim *sim,
                 void (*deliver)(void *arg, struct frame *frame), void *arg);
/* Hands a frame over, to be delivered at `when` (>= now). */
void flight_add(struct flight *fl, struct frame *frame, sim_time when);
/* Frees what is under way. */
void flight_clear(struct flight *fl);

#endif
