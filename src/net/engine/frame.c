/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/engine/frame.h"

#include <glib.h>
#include <string.h>

/*
 * A pool is a free list a thread: runs in parallel threads never share one, and a frame needs no
 * lock.  Its frames are alike, so memory is given back only by frame_pool_drain().
 */
enum { SMALL, LARGE, SIZES };
static const uint16_t sizes[SIZES] = {64 + FRAME_MAX, 64 + FRAME_ETHER + FRAME_MTU_MAX};
static _Thread_local struct frame *pools[SIZES];

/* Under AddressSanitizer every frame is an allocation of its own, so that late uses show. */
#if defined(__SANITIZE_ADDRESS__)
#define POOLED 0
#elif defined(__has_feature)
#define POOLED !__has_feature(address_sanitizer)
#else
#define POOLED 1
#endif

struct frame *frame_new(size_t headroom, size_t room) {
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
	return f;
}

void frame_orphan(struct frame *frame) {
	struct frame_owner *owner = g_steal_pointer(&frame->owner);

	if (owner)
		owner->released(owner, frame->truesize);
}

void frame_free(struct frame *frame) {
	unsigned which = frame->size == sizes[SMALL] ? SMALL : LARGE;

	if (frame->owner)
		frame_orphan(frame);

	if (!POOLED) {
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

void frame_queue_push(struct frame_queue *q, struct frame *f) {
	if (!q->head)
		q->tail = &q->head;
	f->next = NULL;
	*q->tail = f;
	q->tail = &f->next;
	q->count++;
}

struct frame *frame_queue_pop(struct frame_queue *q) {
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

/* Words of 8 bytes in machine order, and how often their sum overflowed. */
struct word_sum {
	uint64_t sum, carries;
};

/* Two instructions where the processor has an add with carry. */
static inline void add_word(struct word_sum *total, const uint8_t *p) {
	uint64_t word;

	memcpy(&word, p, sizeof word);
	total->carries += __builtin_add_overflow(total->sum, word, &total->sum);
}

static inline void add_four(struct word_sum *total, const uint8_t *p) {
	add_word(total, p);
	add_word(total, p + 8);
	add_word(total, p + 16);
	add_word(total, p + 24);
}

/* Fewer than 8 bytes. */
static uint64_t add_rest(uint64_t sum, const uint8_t *p, size_t len) {
	for (; len >= 2; len -= 2, p += 2) {
		uint16_t word;

		memcpy(&word, p, sizeof word);
		sum += word;
	}
	/* An odd byte is the first of a word. */
	return sum + (len ? GUINT16_TO_BE((uint16_t)(*p << 8)) : 0);
}

/*
 * The sum is of 16-bit words in network order, as a number: header fields may be added to it as
 * host integers.  Within a call the words are summed in machine order and in 64-bit pieces, which
 * RFC 1071 section 2 allows as long as the result is swapped back.  Only the last of several calls
 * may be given an odd length.
 */
uint32_t cksum_add(uint32_t sum, const void *data, size_t len) {
	struct word_sum words = {0};
	const uint8_t *p = data;
	uint64_t total;

	for (; len >= 64; len -= 64, p += 64) {
		add_four(&words, p);
		add_four(&words, p + 32);
	}
	for (; len >= 8; len -= 8, p += 8)
		add_word(&words, p);
	total = (words.sum & 0xffffffffU) + (words.sum >> 32) + words.carries;
	if (len)
		total = add_rest(total, p, len);
	total = (total & 0xffffffffU) + (total >> 32);
	total = (total & 0xffffU) + (total >> 16);
	total = (total & 0xffffU) + (total >> 16);
	sum += GUINT16_FROM_BE((uint16_t)total);
	return (sum & 0xffffU) + (sum >> 16);
}

uint16_t cksum_fold(uint32_t sum) {
	sum = (sum & 0xffffU) + (sum >> 16);
	sum = (sum & 0xffffU) + (sum >> 16);
	return (uint16_t)~sum;
}
