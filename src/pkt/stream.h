/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which byte of a connection is this?  Buffers of calls are filled with bytes that tell their
 * place, so that each byte that comes back, or goes out, can be checked.
 */
#ifndef PKT_STREAM_H
#define PKT_STREAM_H

#include "pkt/conn.h"

/* The byte at a sequence number that counts from the connection's initial one. */
uint8_t stream_byte(uint32_t seq);
/* Fills a buffer for the connection of a descriptor of the script's, whose first byte comes `ahead`
 * bytes behind what was written. */
void stream_fill(struct run *r, int64_t fd, size_t ahead, uint8_t *buf, size_t len);
/* n bytes were written (negative: none). */
void stream_wrote(struct run *r, int64_t fd, int64_t n);
/* Bytes of another origin are about to be written. */
void stream_odd(struct run *r, int64_t fd);
/* Whether bytes that were read (`taken`: for good) are the next ones. */
bool stream_read(struct run *r, int64_t fd, const uint8_t *buf, size_t n, bool taken);
/* Whether bytes that the machine sent from a sequence number are those. */
bool stream_sent(const struct run *r, const struct conn *c, uint32_t seq, const uint8_t *data,
                 size_t n);

#endif
