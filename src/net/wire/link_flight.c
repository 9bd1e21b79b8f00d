/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frame is the next to arrive? */
#include "net/wire/link_flight.h"

/* The next frame is scheduled before this one is handed over: the receiver may send. */
static void arrive(void *arg) {
	struct flight *fl = arg;
	struct frame *frame = frame_queue_pop(&fl->frames);

	if (fl->frames.head)
		sim_at(fl->sim, &fl->ev, fl->frames.head->stamp);
	fl->deliver(fl->arg, frame);
}

void flight_init(struct flight *fl, struct sim *sim,
                 void (*deliver)(void *arg, struct frame *frame), void *arg) {
	*fl = (struct flight){.sim = sim, .deliver = deliver, .arg = arg};
	sim_event_init(&fl->ev, arrive, fl);
}

/* A frame that is due before the last one (which was held back) goes in behind its equals. */
static void insert(struct frame_queue *q, struct frame *frame) {
	struct frame **at = &q->head;

	while ((*at)->stamp <= frame->stamp)
		at = &(*at)->next;
	frame->next = *at;
	*at = frame;
	q->count++;
}

void flight_add(struct flight *fl, struct frame *frame, sim_time when) {
	struct frame *head = fl->frames.head;

	frame->stamp = when;
	if (head && when < fl->last) {
		insert(&fl->frames, frame);
	} else {
		frame_queue_push(&fl->frames, frame);
		fl->last = when;
	}
	if (fl->frames.head != head)
		sim_at(fl->sim, &fl->ev, when);
}

void flight_clear(struct flight *fl) {
	sim_cancel(fl->sim, &fl->ev);
	frame_queue_flush(&fl->frames);
}
