/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do the bytes of a trace get into their file? */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "trace/heard.h"

/* Of what is packed, at a time. */
#define PACKED_BYTES ((size_t)1 << 16)

struct packer {
	z_stream stream;
	uint8_t bytes[PACKED_BYTES];
};

static void write_all(struct out *out, const uint8_t *at, size_t left) {
	while (left && !out->error) {
		ssize_t n = write(out->fd, at, left);

		if (n < 0 && errno != EINTR)
			out->error = errno;
		at += MAX(n, 0);
		left -= (size_t)MAX(n, 0);
	}
}

static void pack(struct out *out, int flush) {
	z_stream *z = &out->packer->stream;

	z->next_in = out->bytes;
	z->avail_in = (uInt)(out->end - out->bytes);
	do {
		z->next_out = out->packer->bytes;
		z->avail_out = PACKED_BYTES;
		deflate(z, flush);
		write_all(out, out->packer->bytes, PACKED_BYTES - z->avail_out);
	} while (!z->avail_out);
}

/* The quickest way: a second of a web server is 5 MB, then 1.4. */
void out_open(struct out *out, int fd, bool packed) {
	*out = (struct out){.fd = fd, .bytes = g_malloc(OUT_BYTES)};
	out->end = out->bytes;
	if (!packed)
		return;
	out->packer = g_new0(struct packer, 1);
	/* 16: a head and a sum as gzip's. */
	if (deflateInit2(&out->packer->stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16,
	                 MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		out->error = ENOMEM;
}

void out_flush(struct out *out) {
	if (out->packer)
		pack(out, Z_NO_FLUSH);
	else
		write_all(out, out->bytes, (size_t)(out->end - out->bytes));
	out->end = out->bytes;
}

int out_close(struct out *out) {
	if (out->packer) {
		pack(out, Z_FINISH);
		deflateEnd(&out->packer->stream);
		g_free(out->packer);
	} else {
		out_flush(out);
	}
	g_free(out->bytes);
	return out->error;
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
