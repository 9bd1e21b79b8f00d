/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Internet checksum (RFC 1071).
 *
 * A sum is of 16-bit words in network order, as a number: header fields may be added to it as host
 * integers.  Of several calls that go on from each other only the last may be given an odd length;
 * cksum_join() puts sums together for which that does not hold.
 */
#ifndef NET_CKSUM_H
#define NET_CKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds `len` bytes to a running sum. */
uint32_t cksum_add(uint32_t sum, const void *data, size_t len);
/* The same, of bytes that are copied: they are read once for both. */
uint32_t cksum_copy(uint32_t sum, void *to, const void *from, size_t len);

static inline uint16_t cksum_short(uint32_t sum) {
	sum = (sum & 0xffffU) + (sum >> 16);
	return (uint16_t)((sum & 0xffffU) + (sum >> 16));
}
/* What stands in a header: the complement. */
static inline uint16_t cksum_fold(uint32_t sum) { return (uint16_t)~cksum_short(sum); }

/* What a header field of 32 bits adds to a sum. */
static inline uint32_t cksum_two(uint32_t field) { return (field >> 16) + (field & 0xffffU); }

/* The sum of `len` bytes, which have the sum `a`, and of those behind them, which have `b`. */
static inline uint32_t cksum_join(uint32_t a, size_t len, uint32_t b) {
	uint16_t part = cksum_short(b);

	return cksum_short(a) + (uint32_t)(len % 2 ? __builtin_bswap16(part) : part);
}

/* A header: `len` bytes, a multiple of four.  For these few a call would cost more than the sum. */
static inline uint32_t cksum_header(uint32_t sum, const void *header, size_t len) {
	const uint8_t *p = (const uint8_t *)header;
	uint64_t total = 0, words;

	/* Of 64 bits, too, the carry is added at the other end. */
	for (; len >= sizeof words; len -= sizeof words, p += sizeof words) {
		__builtin_memcpy(&words, p, sizeof words);
		total += words;
		total += total < words;
	}
	if (len) {
		uint32_t word;

		__builtin_memcpy(&word, p, sizeof word);
		total += word;
		total += total < word;
	}
	total = (total & 0xffffffffU) + (total >> 32);
	total = (total & 0xffffU) + (total >> 16);
	return cksum_short(sum) + (uint32_t)__builtin_bswap16(cksum_short((uint32_t)total));
}

/*
 * With what is it computed?  The ways that this build knows, the best first; the first that the
 * processor has is used.  For cksum.c, and for tests, which see that all give the same sums.
 */
struct cksum_unit {
	const char *name;
	bool (*here)(void); /* whether this processor has it */
	/* The sum of 16-bit words in machine order of `len` bytes, a multiple of 64 and at most
	 * CKSUM_RUN; copies them too, unless `to` is NULL. */
	uint64_t (*sum)(const uint8_t *from, size_t len);
	uint64_t (*copy)(uint8_t *to, const uint8_t *from, size_t len);
};
#define CKSUM_RUN 65536U
extern const struct cksum_unit cksum_units[];
extern const size_t cksum_units_n;

#endif
