/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What has been written and not acknowledged?  The send buffer, a ring that grows.  Internal to the
 * engine.
 */
#ifndef NET_TCP_BUF_H
#define NET_TCP_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "net/engine/spare.h"

struct net_msg;

struct sendbuf {
	uint8_t *ring;
	uint32_t size; /* power of two, 0: none */
	uint32_t head, len;
};
/* Rings that a stack's connections do not need at the moment, by size. */
enum { RING_FIRST = 512, RING_SIZES = 16 };
struct ring_pool {
	struct spares of[RING_SIZES];
};
void ring_pool_clear(struct ring_pool *pool);

void sendbuf_append(struct sendbuf *b, struct ring_pool *pool, const struct net_msg *msg,
                    size_t skip, size_t len);
void sendbuf_drop(struct sendbuf *b, struct ring_pool *pool, uint32_t len);
/* Copies a part; its checksum's sum (cksum.h). */
uint32_t sendbuf_copy(const struct sendbuf *b, uint32_t at, void *to, size_t len);
void sendbuf_free(struct sendbuf *b, struct ring_pool *pool);

#endif
