/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of pattern files: blocks of 4 KiB that begin with a mixed counter, from which the words
 * of eight bytes go on by a fixed step.  So any piece can be made or checked without the pieces before
 * it, for an addition a word; a piece in another's place, be it a byte or a block away, differs.
 * Little endian on every machine.
 *
 * To add is cheaper than to fetch the same bytes from a table: four or eight words an instruction, and nothing
 * but the caller's buffer is touched.
 */
#include "host/file/pattern.h"

#include <string.h>

#include "host/file/file.h"
#include "net/engine/vectors.h"

#define WORD sizeof(uint64_t)
#define BLOCK (4096 / WORD)
/* Of SplitMix64: 2^64 over the golden ratio.  Odd, so no two words of a block are alike. */
#define STEP UINT64_C(0x9e3779b97f4a7c15)

/* SplitMix64's output function (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 * OOPSLA 2014) on a counter: each bit of key and block reaches each bit of the word. */
static uint64_t block_start(uint64_t key, uint64_t block) {
	uint64_t z = key + (block + 1) * STEP;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* --- words of one block ----------------------------------------------------------------------- */

/* Vectors handled in one turn of a loop, and what is added to the words of the first. */
#define UNROLLED 4
static const uint64_t steps[] = {0,        STEP,     2 * STEP, 3 * STEP,
                                 4 * STEP, 5 * STEP, 6 * STEP, 7 * STEP};

/* The compiler makes of four words a vector of AVX2, or two of SSE2. */
#define LANES 4
#define WIDE(name) name##_4
#include "host/file/pattern_words.h"

static void fill_plain(uint8_t *to, uint64_t word, size_t n) { fill_4(to, word, n); }
static bool check_plain(const uint8_t *from, uint64_t word, size_t n) {
	return check_4(from, word, n);
}

#ifdef VECTORS_X86
#define LANES 8
#define WIDE(name) name##_8
#include "host/file/pattern_words.h"

__attribute__((target("avx2"))) static void fill_avx2(uint8_t *to, uint64_t word, size_t n) {
	fill_4(to, word, n);
}
__attribute__((target("avx2"))) static bool check_avx2(const uint8_t *from, uint64_t word,
                                                       size_t n) {
	return check_4(from, word, n);
}

__attribute__((target("avx512f"))) static void fill_avx512(uint8_t *to, uint64_t word, size_t n) {
	fill_8(to, word, n);
}
__attribute__((target("avx512f"))) static bool check_avx512(const uint8_t *from, uint64_t word,
                                                            size_t n) {
	return check_8(from, word, n);
}
#endif

const struct pattern_unit pattern_units[] = {
#ifdef VECTORS_X86
	{"AVX-512", has_avx512, fill_avx512, check_avx512},
	{"AVX2", has_avx2, fill_avx2, check_avx2},
#endif
	{"plain", any_processor, fill_plain, check_plain},
};
const size_t pattern_units_n = G_N_ELEMENTS(pattern_units);

static const struct pattern_unit *best_unit(void) {
	static const struct pattern_unit *best;

	if (G_UNLIKELY(!best)) {
		best = pattern_units;
		while (!best->here())
			best++;
	}
	return best;
}

/* --- any bytes -------------------------------------------------------------------------------- */

/* Bytes from `offset` on that are handled in one go: a part of a word, or whole words of a block. */
struct piece {
	uint64_t word; /* the first */
	size_t within; /* where in it the bytes begin */
	size_t words;  /* 0: only a part of it */
	size_t bytes;
};

static struct piece piece_at(uint64_t key, uint64_t offset, size_t len) {
	uint64_t index = offset / WORD;
	struct piece p = {
		.word = block_start(key, index / BLOCK) + index % BLOCK * STEP,
		.within = offset % WORD,
	};

	if (p.within || len < WORD) {
		p.bytes = MIN(WORD - p.within, len);
		p.word = GUINT64_TO_LE(p.word);
	} else {
		p.words = MIN(len / WORD, BLOCK - index % BLOCK);
		p.bytes = p.words * WORD;
	}
	return p;
}

void pattern_fill(uint64_t key, uint64_t offset, void *buf, size_t len) {
	const struct pattern_unit *unit = best_unit();
	uint8_t *to = buf;

	for (struct piece p; len > 0; to += p.bytes, offset += p.bytes, len -= p.bytes) {
		p = piece_at(key, offset, len);
		if (p.words)
			unit->fill(to, p.word, p.words);
		else
			memcpy(to, (const uint8_t *)&p.word + p.within, p.bytes);
	}
}

bool pattern_check(uint64_t key, uint64_t offset, const void *buf, size_t len) {
	const struct pattern_unit *unit = best_unit();
	const uint8_t *from = buf;

	for (struct piece p; len > 0; from += p.bytes, offset += p.bytes, len -= p.bytes) {
		p = piece_at(key, offset, len);
		if (p.words ? !unit->check(from, p.word, p.words)
		            : memcmp(from, (const uint8_t *)&p.word + p.within, p.bytes) != 0)
			return false;
	}
	return true;
}
