/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the bytes are.  Where the script says "..." the runner fills in payload that tells its place
 * in the stream, in both directions: what is put together wrongly, or sent again from the wrong
 * place, shows.
 *
 * A connection is known by its descriptor.  What goes through another one (a duplicate), text of
 * the script's own, files and urgent bytes out of line make a stream that is not looked at any more.
 */
#include "pkt/stream.h"

#include "pkt/conn.h"
#include "pkt/run.h"

uint8_t stream_byte(uint32_t seq) { return (uint8_t)(seq * 131); }

static struct conn *conn_of(struct run *r, int64_t fd) {
	for (guint i = r->conns->len; i-- > 0;) {
		struct conn *c = r->conns->pdata[i];

		if (c->fd == fd && c->kind == PACKET_TCP)
			return c;
	}
	r->unsure = true;
	return NULL;
}

void stream_fill(struct run *r, int64_t fd, size_t ahead, uint8_t *buf, size_t len) {
	const struct conn *c = conn_of(r, fd);

	for (size_t i = 0; c && i < len; i++)
		buf[i] = stream_byte((uint32_t)(1 + c->written + ahead + i));
}

void stream_wrote(struct run *r, int64_t fd, int64_t n) {
	struct conn *c = conn_of(r, fd);

	if (c && n > 0)
		c->written += (uint32_t)n;
}

void stream_odd(struct run *r, int64_t fd) {
	struct conn *c = conn_of(r, fd);

	if (c)
		c->odd_out = true;
}

bool stream_read(struct run *r, int64_t fd, const uint8_t *buf, size_t n, bool taken) {
	struct conn *c = conn_of(r, fd);

	if (!c || c->odd_in || r->unsure)
		return true;
	for (size_t i = 0; i < n; i++)
		if (buf[i] != stream_byte((uint32_t)(1 + c->taken + i)))
			return false;
	c->taken += taken ? (uint32_t)n : 0;
	return true;
}

bool stream_sent(const struct run *r, const struct conn *c, uint32_t seq, const uint8_t *data,
                 size_t n) {
	if (c->odd_out || r->unsure || c->fd < 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (data[i] != stream_byte(seq + (uint32_t)i))
			return false;
	return true;
}
