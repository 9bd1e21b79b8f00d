/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of pattern files: blocks of 4 KiB that begin with a mixed counter, from which the words
 * of eight bytes go on by a fixed step.  So any piece can be made or checked without the pieces before
 * it, for an addition a word; a piece in another's place, be it a byte or a block away, differs.
 * Little endian on every machine.
 *
 * To add is cheaper than to fetch the same bytes from a table: four words an instruction, and nothing
 * but the caller's buffer is touched.
 */
#include "host/file/pattern.h"

#include <string.h>

#include "host/file/file.h"

/* The C library knows what the processor has.  (So does the compiler's own library, which a link-time
 * optimisation forgets to link.) */
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define VECTORS_X86
#endif

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

/* The compiler makes of these what the processor has: a vector of AVX2, two of SSE2, four words. */
typedef uint64_t vector __attribute__((vector_size(4 * WORD)));

#define INLINED static inline __attribute__((always_inline))

INLINED void to_little(vector *v) {
	if (G_BYTE_ORDER != G_LITTLE_ENDIAN)
		for (int i = 0; i < 4; i++)
			(*v)[i] = GUINT64_TO_LE((*v)[i]);
}

/* `n` words from `word` on are written to `to`. */
INLINED void fill(uint8_t *to, uint64_t word, size_t n) {
	vector v = {word, word + STEP, word + 2 * STEP, word + 3 * STEP};

#pragma GCC unroll 4
	for (; n >= 4; n -= 4, to += sizeof v, v += 4 * STEP) {
		vector out = v;

		to_little(&out);
		memcpy(to, &out, sizeof out);
	}
	for (word = v[0]; n > 0; n--, to += WORD, word += STEP) {
		uint64_t out = GUINT64_TO_LE(word);

		memcpy(to, &out, WORD);
	}
}

/* Whether they stand at `from`. */
INLINED bool check(const uint8_t *from, uint64_t word, size_t n) {
	vector v = {word, word + STEP, word + 2 * STEP, word + 3 * STEP}, differ = {0};
	uint64_t rest = 0;

#pragma GCC unroll 4
	for (; n >= 4; n -= 4, from += sizeof v, v += 4 * STEP) {
		vector in;

		memcpy(&in, from, sizeof in);
		to_little(&in);
		differ |= in ^ v;
	}
	for (word = v[0]; n > 0; n--, from += WORD, word += STEP) {
		uint64_t in;

		memcpy(&in, from, WORD);
		rest |= GUINT64_FROM_LE(in) ^ word;
	}
	return !(rest | differ[0] | differ[1] | differ[2] | differ[3]);
}

static bool any_processor(void) { return true; }
static void fill_plain(uint8_t *to, uint64_t word, size_t n) { fill(to, word, n); }
static bool check_plain(const uint8_t *from, uint64_t word, size_t n) {
	return check(from, word, n);
}

#ifdef VECTORS_X86
static bool has_avx2(void) { return CPU_FEATURE_ACTIVE(AVX2); }
__attribute__((target("avx2"))) static void fill_avx2(uint8_t *to, uint64_t word, size_t n) {
	fill(to, word, n);
}
__attribute__((target("avx2"))) static bool check_avx2(const uint8_t *from, uint64_t word,
                                                       size_t n) {
	return check(from, word, n);
}
#endif

const struct pattern_unit pattern_units[] = {
#ifdef VECTORS_X86
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
