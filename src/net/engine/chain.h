/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Payloads that span several frames (reassembled datagrams, streams): where does a frame belong?
 * Internal to the engine.
 */
#ifndef NET_CHAIN_H
#define NET_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "net/engine/frame.h"

struct chain_gone {
	uint32_t frames, bytes;
};
/* Finds the place of `f` in a list sorted by mark, the number of a frame's first byte (modulo
 * 2^32), in which no byte is twice: `f` loses what the frame before it has and its end to the frame
 * behind; frames that it covers go, and are added to `gone`.  NULL: nothing of it is new. */
struct frame **chain_place(struct frame **at, struct frame *f, struct chain_gone *gone);
void chain_free(struct frame *chain);
uint8_t *chain_flatten(const struct frame *chain, size_t len); /* g_free() it */

#endif
