/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of pattern files: word i of eight bytes is a mixed counter, so any piece can be made or
 * checked without the pieces before it.  Little endian on every machine.
 */
#include <string.h>

#include "host/file.h"

#define WORD sizeof(uint64_t)

/* SplitMix64's output function (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 * OOPSLA 2014) on a counter: each bit of key and index reaches each bit of the word. */
static inline uint64_t pattern_word(uint64_t key, uint64_t index) {
	uint64_t z = key + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return GUINT64_TO_LE(z ^ (z >> 31));
}

/* Bytes up to the next word boundary, at most `len`. */
static size_t head_length(uint64_t offset, size_t len) {
	size_t within = offset % WORD;

	return within ? MIN(len, WORD - within) : 0;
}

void pattern_fill(uint64_t key, uint64_t offset, void *buf, size_t len) {
	size_t head = head_length(offset, len);
	uint64_t index = offset / WORD, word;
	uint8_t *to = buf;

	if (head) {
		word = pattern_word(key, index++);
		memcpy(to, (const uint8_t *)&word + offset % WORD, head);
		to += head;
		len -= head;
	}
	for (; len >= WORD; to += WORD, len -= WORD) {
		word = pattern_word(key, index++);
		memcpy(to, &word, WORD);
	}
	if (len) {
		word = pattern_word(key, index);
		memcpy(to, &word, len);
	}
}

bool pattern_check(uint64_t key, uint64_t offset, const void *buf, size_t len) {
	size_t head = head_length(offset, len);
	uint64_t index = offset / WORD, word, wrong = 0, have;
	const uint8_t *from = buf;

	if (head) {
		word = pattern_word(key, index++);
		if (memcmp(from, (const uint8_t *)&word + offset % WORD, head) != 0)
			return false;
		from += head;
		len -= head;
	}
	/* Differences are gathered, not branched on: every byte that a client gets passes here. */
	for (; len >= WORD; from += WORD, len -= WORD) {
		memcpy(&have, from, WORD);
		wrong |= have ^ pattern_word(key, index++);
	}
	word = pattern_word(key, index);
	return wrong == 0 && (len == 0 || memcmp(from, &word, len) == 0);
}
