/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of pattern files: blocks of 4 KiB that begin with a mixed counter, from which the words
 * of eight bytes go on by a fixed step.  So any piece can be made or checked without the pieces before
 * it, for an addition a word; a piece in another's place, be it a byte or a block away, differs.
 * Little endian on every machine.
 */
#include <string.h>

#include "host/file/file.h"

#define WORD sizeof(uint64_t)
#define BLOCK (4096 / WORD)
/* Of SplitMix64: 2^64 over the golden ratio.  Odd, so no two words of a block are alike. */
#define STEP UINT64_C(0x9e3779b97f4a7c15)

/* As vector units have them. */
typedef uint64_t pair __attribute__((vector_size(16)));

/* SplitMix64's output function (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 * OOPSLA 2014) on a counter: each bit of key and block reaches each bit of the word. */
static uint64_t block_start(uint64_t key, uint64_t block) {
	uint64_t z = key + (block + 1) * STEP;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint8_t *put_word(uint8_t *to, uint64_t word) {
	word = GUINT64_TO_LE(word);
	memcpy(to, &word, WORD);
	return to + WORD;
}

static inline uint8_t *put_pair(uint8_t *to, pair words) {
	words = (pair){GUINT64_TO_LE(words[0]), GUINT64_TO_LE(words[1])};
	memcpy(to, &words, sizeof words);
	return to + sizeof words;
}

/* `n` words of a block, of which `word` is the first. */
static void put_words(uint8_t *to, uint64_t word, size_t n) {
	pair even = {word, word + STEP}, odd = even + 2 * STEP;

	for (; n >= 4; n -= 4) {
		to = put_pair(to, even);
		to = put_pair(to, odd);
		even += 4 * STEP;
		odd += 4 * STEP;
	}
	for (word = even[0]; n > 0; n--, word += STEP)
		to = put_word(to, word);
}

void pattern_fill(uint64_t key, uint64_t offset, void *buf, size_t len) {
	uint8_t *to = buf;

	for (size_t n; len > 0; to += n, offset += n, len -= n) {
		uint64_t index = offset / WORD, within = offset % WORD;
		uint64_t word = block_start(key, index / BLOCK) + index % BLOCK * STEP;

		if (within || len < WORD) {
			word = GUINT64_TO_LE(word);
			n = MIN(WORD - within, len);
			memcpy(to, (const uint8_t *)&word + within, n);
		} else {
			n = MIN(len / WORD, BLOCK - index % BLOCK);
			put_words(to, word, n);
			n *= WORD;
		}
	}
}

bool pattern_check(uint64_t key, uint64_t offset, const void *buf, size_t len) {
	const uint8_t *from = buf;
	uint8_t right[1024];

	for (size_t n; len > 0; from += n, offset += n, len -= n) {
		n = MIN(len, sizeof right);
		pattern_fill(key, offset, right, n);
		if (memcmp(from, right, n) != 0)
			return false;
	}
	return true;
}
