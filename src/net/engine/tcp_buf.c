/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/engine/tcp_buf.h"

#include <glib.h>
#include <string.h>

#include "net/engine/sock.h"
#include "net/engine/socket.h"

/* A ring is given back when it runs empty: an idle connection stays small, and the next one to send
 * gets memory that is still in the cache. */
enum { RING_FIRST = 512 };

static void grow(struct sendbuf *b, uint32_t need) {
	uint32_t size = MAX(b->size, RING_FIRST);
	uint8_t *ring;

	while (size < need)
		size *= 2;
	if (size == b->size)
		return;
	ring = g_malloc(size);
	sendbuf_copy(b, 0, ring, b->len);
	g_free(b->ring);
	b->ring = ring;
	b->size = size;
	b->head = 0;
}

void sendbuf_append(struct sendbuf *b, const struct net_msg *msg, size_t skip, size_t len) {
	uint32_t at, first;

	grow(b, b->len + (uint32_t)len);
	at = (b->head + b->len) & (b->size - 1);
	first = MIN((uint32_t)len, b->size - at);
	msg_get(msg, skip, b->ring + at, first);
	if (len > first)
		msg_get(msg, skip + first, b->ring, len - first);
	b->len += (uint32_t)len;
}

void sendbuf_drop(struct sendbuf *b, uint32_t len) {
	b->len -= len;
	if (b->len) {
		b->head = (b->head + len) & (b->size - 1);
		return;
	}
	sendbuf_free(b);
}

void sendbuf_copy(const struct sendbuf *b, uint32_t at, void *to, size_t len) {
	uint32_t from, first;

	if (!len)
		return;
	from = (b->head + at) & (b->size - 1);
	first = MIN((uint32_t)len, b->size - from);
	memcpy(to, b->ring + from, first);
	if (len > first)
		memcpy((uint8_t *)to + first, b->ring, len - first);
}

void sendbuf_free(struct sendbuf *b) {
	g_free(b->ring);
	*b = (struct sendbuf){0};
}
