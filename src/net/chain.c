/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/internal.h"

void chain_free(struct frame *chain) {
	while (chain) {
		struct frame *next = chain->next;

		frame_free(chain);
		chain = next;
	}
}

uint8_t *chain_flatten(const struct frame *chain, size_t len) {
	uint8_t *flat = g_malloc(MAX(len, 1)), *at = flat;

	for (; chain; chain = chain->next) {
		memcpy(at, chain->bytes + chain->start, chain->len);
		at += chain->len;
	}
	return flat;
}
