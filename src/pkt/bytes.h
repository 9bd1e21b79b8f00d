/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers as bytes: what building packets and looking at them share. */
#ifndef PKT_BYTES_H
#define PKT_BYTES_H

#include <stdint.h>
#include <string.h>

#include "net/engine/frame.h"

enum {
	ETH_BYTES = 14,
	ARP_BYTES = 28,
	IP_BYTES = 20,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
	ICMP_BYTES = 8,
};

/* The script's end of the wire. */
static const uint8_t far_mac[6] = {2, 0, 0, 0, 0xff, 1};

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static inline void put16(uint8_t *p, uint32_t v) {
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void put32(uint8_t *p, uint32_t v) {
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline uint32_t pseudo_header(uint32_t src, uint32_t dst, uint8_t protocol, size_t len) {
	uint8_t h[12] = {0};

	put32(h, src);
	put32(h + 4, dst);
	h[9] = protocol;
	put16(h + 10, (uint32_t)len);
	return cksum_add(0, h, sizeof h);
}

#endif
