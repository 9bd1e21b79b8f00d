/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes on their way, in a buffer that goes around.
 */
#ifndef HOST_RING_H
#define HOST_RING_H

#include <sys/uio.h>

struct ring {
	char *bytes;
	size_t size, start, len; /* bytes[start ...] are there, around the end */
};

static inline size_t ring_room(const struct ring *ring) { return ring->size - ring->len; }

/* Takes up to `len` bytes of a vector, from `offset` of it on: as many as there is room for. */
size_t ring_put(struct ring *ring, const struct iovec *iov, size_t n, size_t offset, size_t len);
/* Copies up to `len` bytes, the oldest first, into the vector at `offset` of it: as many as there
 * are. */
size_t ring_peek(const struct ring *ring, const struct iovec *iov, size_t n, size_t offset,
                 size_t len);
/* Drops so many (no more than there are), the oldest first. */
void ring_drop(struct ring *ring, size_t len);

#endif
