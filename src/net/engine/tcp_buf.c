/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in the ring is the byte with this sequence number? */
#include "net/engine/tcp_buf.h"

#include <glib.h>
#include <string.h>

#include "net/engine/cksum.h"
#include "net/engine/sock.h"
#include "net/engine/socket.h"

/* A ring is given back when it runs empty: an idle connection stays small, and the next one to send
 * gets memory that is still in the cache. */
static struct spares *rings_of(struct ring_pool *pool, uint32_t size) {
	unsigned which = (unsigned)__builtin_ctz(size / RING_FIRST);

	return which < RING_SIZES ? &pool->of[which] : NULL;
}

static uint8_t *ring_new(struct ring_pool *pool, uint32_t size) {
	struct spares *spares = rings_of(pool, size);
	uint8_t *ring = spares ? spare_take(spares) : NULL;

	return ring ? ring : g_malloc(size);
}

static void ring_free(struct ring_pool *pool, struct sendbuf *b) {
	struct spares *spares;

	if (!b->size)
		return;
	spares = rings_of(pool, b->size);
	if (spares)
		spare_give(spares, b->ring, g_free);
	else
		g_free(b->ring);
}

void ring_pool_clear(struct ring_pool *pool) {
	for (unsigned i = 0; i < RING_SIZES; i++)
		spares_clear(&pool->of[i], g_free);
}

/* Of `len` bytes from `at` on, those that lie before the ring's end. */
static uint32_t before_end(const struct sendbuf *b, uint32_t at, uint32_t len) {
	return MIN(len, b->size - at);
}

static void grow(struct sendbuf *b, struct ring_pool *pool, uint32_t need) {
	uint32_t size = MAX(b->size, RING_FIRST), first = before_end(b, b->head, b->len);
	uint8_t *ring;

	while (size < need)
		size *= 2;
	if (size == b->size)
		return;
	ring = ring_new(pool, size);
	if (b->len) {
		memcpy(ring, b->ring + b->head, first);
		memcpy(ring + first, b->ring, b->len - first);
	}
	ring_free(pool, b);
	b->ring = ring;
	b->size = size;
	b->head = 0;
}

void sendbuf_append(struct sendbuf *b, struct ring_pool *pool, const struct net_msg *msg,
                    size_t skip, size_t len) {
	uint32_t at, first;

	grow(b, pool, b->len + (uint32_t)len);
	at = (b->head + b->len) & (b->size - 1);
	first = before_end(b, at, (uint32_t)len);
	msg_get(msg, skip, b->ring + at, first);
	if (len > first)
		msg_get(msg, skip + first, b->ring, len - first);
	b->len += (uint32_t)len;
}

void sendbuf_drop(struct sendbuf *b, struct ring_pool *pool, uint32_t len) {
	b->len -= len;
	if (b->len) {
		b->head = (b->head + len) & (b->size - 1);
		return;
	}
	sendbuf_free(b, pool);
}

inline uint32_t sendbuf_copy(const struct sendbuf *b, uint32_t at, void *to, size_t len) {
	uint32_t from, first, sum;

	if (!len)
		return 0;
	from = (b->head + at) & (b->size - 1);
	first = before_end(b, from, (uint32_t)len);
	sum = cksum_copy(0, to, b->ring + from, first);
	if (len == first)
		return sum;
	return cksum_join(sum, first, cksum_copy(0, (uint8_t *)to + first, b->ring, len - first));
}

void sendbuf_free(struct sendbuf *b, struct ring_pool *pool) {
	ring_free(pool, b);
	*b = (struct sendbuf){0};
}
