/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do these bytes sum up to?  As many at a time as the processor can take. */
#include "net/engine/cksum.h"

#include <glib.h>
#include <string.h>

#include "net/engine/vectors.h"

/* --- many words at once ----------------------------------------------------------------------- */

/* The compiler makes of eight numbers a vector of AVX2, or two of SSE2. */
#define LANES 8
#define WIDE(name) name##_8
#include "net/engine/cksum_words.h"

static uint64_t sum_plain(const uint8_t *from, size_t len) { return add_8(false, NULL, from, len); }
static uint64_t copy_plain(uint8_t *to, const uint8_t *from, size_t len) {
	return add_8(true, to, from, len);
}

#ifdef VECTORS_X86
#define LANES 16
#define WIDE(name) name##_16
#include "net/engine/cksum_words.h"

__attribute__((target("avx2"))) static uint64_t sum_avx2(const uint8_t *from, size_t len) {
	return add_8(false, NULL, from, len);
}
__attribute__((target("avx2"))) static uint64_t copy_avx2(uint8_t *to, const uint8_t *from,
                                                          size_t len) {
	return add_8(true, to, from, len);
}

__attribute__((target("avx512f"))) static uint64_t sum_avx512(const uint8_t *from, size_t len) {
	return add_16(false, NULL, from, len);
}
__attribute__((target("avx512f"))) static uint64_t copy_avx512(uint8_t *to, const uint8_t *from,
                                                               size_t len) {
	return add_16(true, to, from, len);
}
#endif

const struct cksum_unit cksum_units[] = {
#ifdef VECTORS_X86
	{"AVX-512", has_avx512, sum_avx512, copy_avx512},
	{"AVX2", has_avx2, sum_avx2, copy_avx2},
#endif
	{"plain", any_processor, sum_plain, copy_plain},
};
const size_t cksum_units_n = G_N_ELEMENTS(cksum_units);

static const struct cksum_unit *best_unit(void) {
	static const struct cksum_unit *best;

	if (G_UNLIKELY(!best)) {
		best = cksum_units;
		while (!best->here())
			best++;
	}
	return best;
}

/* --- any bytes -------------------------------------------------------------------------------- */

/* Fewer than 64 bytes. */
INLINED uint64_t add_rest(bool copies, uint8_t *to, const uint8_t *p, size_t len) {
	uint64_t words = 0;

#define ADD(type, value)                                                                           \
	do {                                                                                       \
		type word;                                                                         \
                                                                                                   \
		memcpy(&word, p, sizeof word);                                                     \
		if (copies) {                                                                      \
			memcpy(to, &word, sizeof word);                                            \
			to += sizeof word;                                                         \
		}                                                                                  \
		words += (value);                                                                  \
		p += sizeof word;                                                                  \
		len -= sizeof word;                                                                \
	} while (0)
	while (len >= 8)
		ADD(uint64_t, (uint32_t)word + (word >> 32));
	if (len >= 4)
		ADD(uint32_t, word);
	if (len >= 2)
		ADD(uint16_t, word);
	if (len) /* an odd byte is the first of a word */
		ADD(uint8_t, GUINT16_TO_BE((uint16_t)(word << 8)));
#undef ADD
	return words;
}

/* To network order, which RFC 1071 section 2 allows at the end, and behind what was summed before. */
static uint32_t add_total(uint32_t sum, uint64_t total) {
	total = (total & 0xffffffffU) + (total >> 32);
	total = (total & 0xffffU) + (total >> 16);
	total = (total & 0xffffU) + (total >> 16);
	sum += GUINT16_FROM_BE((uint16_t)total);
	return (sum & 0xffffU) + (sum >> 16);
}

uint32_t cksum_add(uint32_t sum, const void *data, size_t len) {
	const uint8_t *p = (const uint8_t *)data;
	uint64_t total = 0;

	for (size_t run; (run = MIN(len, CKSUM_RUN) & ~(size_t)63); p += run, len -= run)
		total += best_unit()->sum(p, run);
	return add_total(sum, total + add_rest(false, NULL, p, len));
}

uint32_t cksum_copy(uint32_t sum, void *to, const void *from, size_t len) {
	const uint8_t *p = (const uint8_t *)from;
	uint8_t *out = (uint8_t *)to;
	uint64_t total = 0;

	for (size_t run; (run = MIN(len, CKSUM_RUN) & ~(size_t)63);
	     p += run, out += run, len -= run)
		total += best_unit()->copy(out, p, run);
	return add_total(sum, total + add_rest(true, out, p, len));
}
