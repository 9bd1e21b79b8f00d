/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for objects of which there are very many, in pages of 2 MiB if the kernel has some: where each
 * object is far away, so is the entry of the page table that says where.  Internal to the engine.
 */
#ifndef NET_SLAB_H
#define NET_SLAB_H

#include <stddef.h>

struct slab_chunk;

/* Of objects of one size, a multiple of a pointer's; all zero: none yet. */
struct slab {
	struct slab_chunk *chunks;
	void *free; /* each names the next */
};

void *slab_take(struct slab *slab, size_t size);
void slab_give(struct slab *slab, void *object);
void slab_clear(struct slab *slab); /* with all that was taken */

/* A table, all zero, that begins a cache line; likewise in large pages if it fills any.  For
 * g_aligned_free(). */
void *large_alloc0(size_t size);

#endif
