/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where do the next object's bytes lie? */
#include "net/engine/slab.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>

enum { CHUNK = 2 << 20, LINE = 64, HEAD = LINE }; /* objects begin behind the head */

struct slab_chunk {
	struct slab_chunk *next;
};

void *large_alloc0(size_t size) {
	void *memory = g_aligned_alloc(1, size, size < CHUNK ? LINE : CHUNK);

	if (size >= CHUNK)
		madvise(memory, size / CHUNK * CHUNK, MADV_HUGEPAGE);
	return memset(memory, 0, size);
}

static void grow(struct slab *slab, size_t size) {
	struct slab_chunk *chunk = large_alloc0(CHUNK);

	chunk->next = slab->chunks;
	slab->chunks = chunk;
	for (size_t at = HEAD + (CHUNK - HEAD) / size * size; at > HEAD; at -= size)
		slab_give(slab, (char *)chunk + at - size);
	g_assert(slab->free);
}

void *slab_take(struct slab *slab, size_t size) {
	void *object;

	if (!slab->free)
		grow(slab, size);
	object = slab->free;
	slab->free = *(void **)object;
	return object;
}

void slab_give(struct slab *slab, void *object) {
	*(void **)object = slab->free;
	slab->free = object;
}

void slab_clear(struct slab *slab) {
	while (slab->chunks) {
		struct slab_chunk *chunk = slab->chunks;

		slab->chunks = chunk->next;
		g_aligned_free(chunk);
	}
	slab->free = NULL;
}
