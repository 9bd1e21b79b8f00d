/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of one size that was given back, and waits for the next who needs the like: what comes and goes
 * with every connection or process is not allocated anew each time.  A list belongs to whoever hands out the
 * memory, who clears it at his end.  Blocks keep what they hold but for their first word.
 */
#ifndef NET_SPARE_H
#define NET_SPARE_H

#include <stddef.h>

/* Under AddressSanitizer everything is an allocation of its own, so that late uses show. */
#if defined(__SANITIZE_ADDRESS__)
#define SPARES_KEPT 0
#elif defined(__has_feature)
#define SPARES_KEPT !__has_feature(address_sanitizer)
#else
#define SPARES_KEPT 1
#endif

struct spare_block {
	struct spare_block *next;
};

/* All zero is empty. */
struct spares {
	struct spare_block *first;
};

/* NULL: there is none. */
static inline void *spare_take(struct spares *spares) {
	struct spare_block *block = spares->first;

	if (block)
		spares->first = block->next;
	return block;
}

static inline void spare_give(struct spares *spares, void *memory, void (*release)(void *memory)) {
	struct spare_block *block = (struct spare_block *)memory;

	if (!SPARES_KEPT) {
		release(memory);
		return;
	}
	block->next = spares->first;
	spares->first = block;
}

static inline void spares_clear(struct spares *spares, void (*release)(void *memory)) {
	void *memory;

	while ((memory = spare_take(spares)))
		release(memory);
}

#endif
