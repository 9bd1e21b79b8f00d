/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where does a frame's memory come from, and where does it go? */
#include "net/engine/frame.h"

#include <glib.h>
#include <string.h>

#include "net/engine/spare.h"

/*
 * A pool is a free list a thread: runs in parallel threads never share one, and a frame needs no
 * lock.  Its frames are alike, so memory is given back only by frame_pool_drain().
 */
enum { SMALL, LARGE, SIZES };
static const uint16_t sizes[SIZES] = {64 + FRAME_MAX, 64 + FRAME_ETHER + FRAME_MTU_MAX};
static _Thread_local struct frame *pools[SIZES];

inline struct frame *frame_new(size_t headroom, size_t room) {
	unsigned which = headroom + room <= sizes[SMALL] ? SMALL : LARGE;
	struct frame *f = pools[which];

	g_assert(headroom + room <= sizes[which]);
	if (f)
		pools[which] = f->next;
	else
		f = g_malloc(sizeof(*f) + sizes[which]);
	f->size = sizes[which];
	f->next = NULL;
	f->start = (uint16_t)headroom;
	f->len = 0;
	f->looped = false;
	f->mark = 0;
	f->stamp = 0;
	f->owner = NULL;
	f->flow = 0;
	f->sum_end = 0;
	return f;
}

void frame_orphan(struct frame *frame) {
	struct frame_owner *owner = g_steal_pointer(&frame->owner);

	if (owner)
		owner->released(owner, frame->truesize);
}

inline void frame_free(struct frame *frame) {
	unsigned which = frame->size == sizes[SMALL] ? SMALL : LARGE;

	if (frame->owner)
		frame_orphan(frame);

	if (!SPARES_KEPT) {
		g_free(frame);
		return;
	}
	frame->next = pools[which];
	pools[which] = frame;
}

struct frame *frame_copy(const struct frame *frame) {
	struct frame *f = frame_new(frame->start, frame->len);

	f->len = frame->len;
	f->mark = frame->mark;
	f->stamp = frame->stamp;
	f->flow = frame->flow;
	f->sum_at = frame->sum_at;
	f->sum_end = frame->sum_end;
	f->sum = frame->sum;
	memcpy(f->bytes + f->start, frame->bytes + frame->start, frame->len);
	return f;
}

void frame_pool_drain(void) {
	for (unsigned i = 0; i < SIZES; i++)
		while (pools[i]) {
			struct frame *next = pools[i]->next;

			g_free(pools[i]);
			pools[i] = next;
		}
}

inline void frame_queue_push(struct frame_queue *q, struct frame *f) {
	if (!q->head)
		q->tail = &q->head;
	f->next = NULL;
	*q->tail = f;
	q->tail = &f->next;
	q->count++;
}

inline struct frame *frame_queue_pop(struct frame_queue *q) {
	struct frame *f = q->head;

	if (!f)
		return NULL;
	q->head = f->next;
	f->next = NULL;
	q->count--;
	return f;
}

void frame_queue_flush(struct frame_queue *q) {
	struct frame *f;

	while ((f = frame_queue_pop(q)))
		frame_free(f);
}

/* --- checksums -------------------------------------------------------------------------------- */

inline uint32_t frame_sum(const struct frame *f, uint32_t sum) {
	const uint8_t *data = f->bytes + f->start;
	size_t header = (size_t)f->sum_at - f->start;

	if (f->sum_end != f->start + f->len || f->sum_at < f->start)
		return cksum_add(sum, data, f->len);
	if (!header)
		return cksum_join(sum, 0, f->sum);
	sum = header % 4 ? cksum_add(sum, data, header) : cksum_header(sum, data, header);
	return cksum_join(sum, header, f->sum);
}
