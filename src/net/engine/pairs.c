/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in the table of connections is there room for one, and what follows when one goes? */
#include "net/engine/pairs.h"

#include <glib.h>

#include "net/engine/slab.h"

enum { PAIRS_FIRST = 16 };

static void put(struct pair_table *table, uintptr_t entry, uint32_t hash) {
	while (table->entries[hash & table->mask])
		hash++;
	table->entries[hash & table->mask] = entry;
}

static void grow(struct pair_table *table) {
	uint32_t old = table->entries ? table->mask + 1 : 0;
	uint32_t size = old ? 2 * old : PAIRS_FIRST;
	uintptr_t *entries = table->entries;

	table->entries = large_alloc0(size * sizeof *table->entries);
	table->mask = size - 1;
	for (uint32_t i = 0; i < old; i++)
		if (entries[i])
			put(table, entries[i], sock_hash(pair_sock(entries[i])));
	g_aligned_free(entries);
}

void pair_insert(struct pair_table *table, struct net_sock *so) {
	uint32_t hash = sock_hash(so);

	g_assert(((uintptr_t)so & PAIR_MARK) == 0);
	if (!table->entries || table->count > table->mask / 2)
		grow(table);
	put(table, (uintptr_t)so | pair_mark(hash), hash);
	so->flags |= SO_F_HASHED;
	table->count++;
}

/* Whoever stands behind the gap because it was not free moves into it, and leaves one. */
void pair_remove(struct pair_table *table, struct net_sock *so) {
	uint32_t mask = table->mask, gap = sock_hash(so) & mask, i;
	uintptr_t entry;

	while (pair_sock(table->entries[gap]) != so)
		gap = (gap + 1) & mask;
	for (i = (gap + 1) & mask; (entry = table->entries[i]); i = (i + 1) & mask) {
		uint32_t home = sock_hash(pair_sock(entry)) & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		table->entries[gap] = entry;
		gap = i;
	}
	table->entries[gap] = 0;
	so->flags &= (uint16_t)~SO_F_HASHED;
	table->count--;
}

void pairs_free(struct pair_table *table) {
	g_aligned_free(table->entries);
	*table = (struct pair_table){0};
}
