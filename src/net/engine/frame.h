/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ethernet frames: the bytes that travel.
 *
 * A frame is a flat buffer with head-room, so that TCP, IP and Ethernet put their headers in front
 * of a payload that is written once.  What a frame holds is what a capture shows: real headers,
 * real checksums, real payload.
 *
 * Ownership passes with the pointer: who is handed a frame sends it on, queues it or frees it.
 * Frames come from pools, since one is needed for every segment: one pool for frames of an ordinary
 * Ethernet, one for all longer ones.
 */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/engine/cksum.h"
#include "sim/units.h"

/* An Ethernet's payload (IEEE 802.3), and what an interface may be set to at most: jumbo frames of
 * 9,000 bytes on a wire, 16,436 on the loopback interface (Linux 2.4, drivers/net/loopback.c). */
#define FRAME_MTU 1500
#define FRAME_MTU_JUMBO 9000
#define FRAME_MTU_MAX 16436
/* Longest frame of an MTU, without preamble and FCS. */
#define FRAME_ETHER 14
#define FRAME_MAX (FRAME_ETHER + FRAME_MTU)

/* What a frame occupies on a wire beyond its own bytes: preamble and start delimiter 8, FCS 4,
 * inter-frame gap 12 (IEEE 802.3). */
#define FRAME_WIRE_OVERHEAD 24
/* Shortest frame without FCS; shorter ones are padded on the wire. */
#define FRAME_MIN 60

/* Whose send buffer a frame counts against as long as the machine that sends it has it (skb->sk of
 * Linux 2.4).  `released` is told of each frame's `truesize` when it is freed or has left. */
struct frame_owner {
	void (*released)(struct frame_owner *owner, uint32_t truesize);
};

struct frame {
	struct frame *next;       /* for whoever queues the frame */
	uint16_t start;           /* offset of the first byte in use */
	uint16_t len;             /* bytes in use */
	uint16_t size;            /* of bytes[] */
	uint16_t sum_at, sum_end; /* bytes whose sum is known; sum_end 0: none */
	uint16_t sum;
	bool looped;       /* a copy, for this machine, of what it sent to many (PACKET_LOOPBACK) */
	uint32_t mark;     /* free for who has it (payload bytes, segment kind ...) */
	uint32_t truesize; /* what it counts for; without meaning if nobody owns it */
	sim_time stamp;    /* free for who has it (arrival time ...) */
	struct frame_owner *owner; /* NULL: nobody's */
	uint64_t flow;             /* of its trace; copies have the same; 0: not asked for yet */
	uint8_t bytes[];
};

/* An empty frame whose data begins at `headroom` and may grow to `room` bytes at least; both
 * together at most 64 + FRAME_ETHER + FRAME_MTU_MAX.  Never NULL. */
struct frame *frame_new(size_t headroom, size_t room);
void frame_free(struct frame *frame);
/* What it carries, for people: "TCP data", "SYN", "ARP" ...: a static string. */
const char *frame_name(const struct frame *frame);
/* It has left the machine: it counts against no send buffer any more (skb_orphan()). */
void frame_orphan(struct frame *frame);
/* A frame of its own with the same bytes, nobody's. */
struct frame *frame_copy(const struct frame *frame);

static inline uint8_t *frame_data(struct frame *f) { return f->bytes + f->start; }
/* Grows at the front by n bytes (a header); the caller knows there is room. */
static inline uint8_t *frame_push(struct frame *f, size_t n) {
	f->start = (uint16_t)(f->start - n);
	f->len = (uint16_t)(f->len + n);
	return f->bytes + f->start;
}
/* Drops n bytes at the front (a header that has been read). */
static inline uint8_t *frame_pull(struct frame *f, size_t n) {
	f->start = (uint16_t)(f->start + n);
	f->len = (uint16_t)(f->len - n);
	return f->bytes + f->start;
}
/* A payload is summed when it is copied into its frame, and carries the sum along, and then that of its header
 * besides: who checks them need not read them again, as long as the bytes are the same.  These are all that
 * the frame holds now. */
static inline void frame_summed(struct frame *f, uint32_t sum) {
	f->sum_at = f->start;
	f->sum_end = (uint16_t)(f->start + f->len);
	f->sum = cksum_short(sum);
}
/* Bytes have changed: what was known of them is not any more. */
static inline void frame_doubt(struct frame *f) { f->sum_end = 0; }
/* Adds all bytes of the frame to a sum (cksum.h). */
uint32_t frame_sum(const struct frame *f, uint32_t sum);

/* Bytes that the frame occupies on an Ethernet wire, overhead included. */
static inline size_t frame_wire_bytes(const struct frame *f) {
	return (f->len < FRAME_MIN ? FRAME_MIN : f->len) + FRAME_WIRE_OVERHEAD;
}

/* A FIFO of frames; all zero is empty. */
struct frame_queue {
	struct frame *head, **tail;
	size_t count;
};
void frame_queue_push(struct frame_queue *q, struct frame *f);
struct frame *frame_queue_pop(struct frame_queue *q); /* NULL if empty */
void frame_queue_flush(struct frame_queue *q);

/* Gives the pools' memory back (end of a run; keeps leak checkers quiet). */
void frame_pool_drain(void);

#endif
