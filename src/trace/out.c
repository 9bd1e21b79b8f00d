/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do the bytes of a trace get into their file? */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "trace/heard.h"

void out_flush(struct out *out) {
	const uint8_t *at = out->bytes;

	while (at < out->end && !out->error) {
		ssize_t n = write(out->fd, at, (size_t)(out->end - at));

		if (n < 0 && errno != EINTR)
			out->error = errno;
		at += MAX(n, 0);
	}
	out->end = out->bytes;
}

void out_put(struct out *out, const void *bytes, size_t n) {
	const uint8_t *at = bytes;

	while (n) {
		size_t part = MIN(n, OUT_BYTES / 2);

		memcpy(out_room(out, part), at, part);
		out->end += part;
		at += part;
		n -= part;
	}
}
