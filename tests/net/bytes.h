/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in packets: `bytes` bytes at `p`, the highest first. */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include <stdint.h>

static inline void put(uint8_t *p, uint32_t v, int bytes) {
	while (bytes--)
		*p++ = (uint8_t)(v >> 8 * bytes);
}

static inline uint32_t get(const uint8_t *p, int bytes) {
	uint32_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

#endif
