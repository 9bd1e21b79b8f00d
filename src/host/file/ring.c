/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in the buffer does a byte lie? */
#include "host/file/ring.h"

#include <glib.h>

#include "host/file/iov.h"

size_t ring_put(struct ring *ring, const struct iovec *iov, size_t n, size_t offset, size_t len) {
	size_t done = MIN(len, ring_room(ring));

	for (size_t left = done; left;) {
		size_t end = (ring->start + ring->len) % ring->size;
		size_t part = MIN(left, ring->size - end);

		iov_gather(ring->bytes + end, iov, n, offset, part);
		ring->len += part;
		offset += part;
		left -= part;
	}
	return done;
}

size_t ring_peek(const struct ring *ring, const struct iovec *iov, size_t n, size_t offset,
                 size_t len) {
	size_t done = MIN(len, ring->len), start = ring->start;

	for (size_t left = done; left;) {
		size_t part = MIN(left, ring->size - start);

		iov_scatter(iov, n, offset, ring->bytes + start, part);
		start = (start + part) % ring->size;
		offset += part;
		left -= part;
	}
	return done;
}

void ring_drop(struct ring *ring, size_t len) {
	ring->start = (ring->start + len) % ring->size;
	ring->len -= len;
}
