/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do frames of one payload stay in order, none twice? */
#include "net/engine/chain.h"

#include <glib.h>
#include <string.h>

void chain_free(struct frame *chain) {
	while (chain) {
		struct frame *next = chain->next;

		frame_free(chain);
		chain = next;
	}
}

static int32_t beyond(uint32_t a, uint32_t b) { return (int32_t)(a - b); }
static uint32_t end_of(const struct frame *f) { return f->mark + f->len; }

struct frame **chain_place(struct frame **at, struct frame *f, struct chain_gone *gone) {
	while (*at && beyond((*at)->mark, f->mark) <= 0) {
		int32_t cut = beyond(end_of(*at), f->mark);

		if (cut >= f->len)
			return NULL;
		if (cut > 0) {
			frame_pull(f, (size_t)cut);
			f->mark += (uint32_t)cut;
		}
		at = &(*at)->next;
	}
	while (*at && beyond(end_of(*at), end_of(f)) <= 0) {
		struct frame *covered = *at;

		*at = covered->next;
		gone->frames++;
		gone->bytes += covered->len;
		frame_free(covered);
	}
	if (*at && beyond(end_of(f), (*at)->mark) > 0)
		f->len = (uint16_t)((*at)->mark - f->mark);
	return at;
}

uint8_t *chain_flatten(const struct frame *chain, size_t len) {
	uint8_t *flat = g_malloc(MAX(len, 1)), *at = flat;

	for (; chain; chain = chain->next) {
		memcpy(at, chain->bytes + chain->start, chain->len);
		at += chain->len;
	}
	return flat;
}
