/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of one block, LANES of them at a time: WIDE(fill) writes `n` words from `word` on to `to`,
 * WIDE(check) says whether they stand at `from`.  pattern.c includes it once for each width, as of vectors that are
 * wider than the processor's the compiler makes bad code.
 */
typedef uint64_t WIDE(vector) __attribute__((vector_size(LANES * WORD)));

INLINED void WIDE(to_little)(WIDE(vector) * v) {
	if (G_BYTE_ORDER != G_LITTLE_ENDIAN)
		for (unsigned i = 0; i < LANES; i++)
			(*v)[i] = GUINT64_TO_LE((*v)[i]);
}

/* `count` vectors, a number that the compiler knows; `v` is the first, and then the next. */
INLINED void WIDE(fill_some)(uint8_t *to, WIDE(vector) * v, unsigned count) {
	for (unsigned i = 0; i < count; i++, to += sizeof *v, *v += LANES * STEP) {
		WIDE(vector) out = *v;

		WIDE(to_little)(&out);
		memcpy(to, &out, sizeof out);
	}
}

INLINED void WIDE(fill)(uint8_t *to, uint64_t word, size_t n) {
	WIDE(vector) v;

	memcpy(&v, steps, sizeof v);
	v += word;
	for (; n >= UNROLLED * LANES; n -= UNROLLED * LANES, to += UNROLLED * sizeof v)
		WIDE(fill_some)(to, &v, UNROLLED);
	for (; n >= LANES; n -= LANES, to += sizeof v)
		WIDE(fill_some)(to, &v, 1);
	for (word = v[0]; n > 0; n--, to += WORD, word += STEP) {
		uint64_t out = GUINT64_TO_LE(word);

		memcpy(to, &out, WORD);
	}
}

/* The same of what is compared; `differ` takes what differs. */
INLINED void WIDE(check_some)(const uint8_t *from, WIDE(vector) * v, WIDE(vector) * differ,
                              unsigned count) {
	for (unsigned i = 0; i < count; i++, from += sizeof *v, *v += LANES * STEP) {
		WIDE(vector) in;

		memcpy(&in, from, sizeof in);
		WIDE(to_little)(&in);
		*differ |= in ^ *v;
	}
}

INLINED bool WIDE(check)(const uint8_t *from, uint64_t word, size_t n) {
	WIDE(vector) v, differ = {0};
	uint64_t rest = 0;

	memcpy(&v, steps, sizeof v);
	v += word;
	for (; n >= UNROLLED * LANES; n -= UNROLLED * LANES, from += UNROLLED * sizeof v)
		WIDE(check_some)(from, &v, &differ, UNROLLED);
	for (; n >= LANES; n -= LANES, from += sizeof v)
		WIDE(check_some)(from, &v, &differ, 1);
	for (word = v[0]; n > 0; n--, from += WORD, word += STEP) {
		uint64_t in;

		memcpy(&in, from, WORD);
		rest |= GUINT64_FROM_LE(in) ^ word;
	}
	for (unsigned i = 0; i < LANES; i++)
		rest |= differ[i];
	return !rest;
}

#undef LANES
#undef WIDE
