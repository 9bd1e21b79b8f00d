/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sums of many words at once, in vectors of LANES numbers of 32 bits.  cksum.c includes it once for each width, as
 * vectors that are wider than the processor's are made of it badly.
 */
typedef uint32_t WIDE(vector) __attribute__((vector_size(LANES * sizeof(uint32_t))));

/* Each number holds two words, which are added apart; in a run the sums cannot overflow. */
INLINED uint64_t WIDE(add)(bool copies, uint8_t *to, const uint8_t *from, size_t len) {
	WIDE(vector) low = {0}, high = {0};
	uint64_t total = 0;

	for (; len > 0; len -= 64)
		for (size_t i = 0; i < 64 / sizeof low; i++, from += sizeof low) {
			WIDE(vector) words;

			memcpy(&words, from, sizeof words);
			if (copies) {
				memcpy(to, &words, sizeof words);
				to += sizeof words;
			}
			low += words & 0xffff;
			high += words >> 16;
		}
	low += high;
	for (int i = 0; i < LANES; i++)
		total += low[i];
	return total;
}

#undef LANES
#undef WIDE
