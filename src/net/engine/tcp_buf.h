/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What has been written and not acknowledged?  The send buffer, a ring that grows.  Internal to the
 * engine.
 */
#ifndef NET_TCP_BUF_H
#define NET_TCP_BUF_H

#include <stddef.h>
#include <stdint.h>

struct net_msg;

struct sendbuf {
	uint8_t *ring;
	uint32_t size; /* power of two, 0: none */
	uint32_t head, len;
};
void sendbuf_append(struct sendbuf *b, const struct net_msg *msg, size_t skip, size_t len);
void sendbuf_drop(struct sendbuf *b, uint32_t len);
/* Copies a part; its checksum's sum (cksum.h). */
uint32_t sendbuf_copy(const struct sendbuf *b, uint32_t at, void *to, size_t len);
void sendbuf_free(struct sendbuf *b);

#endif
