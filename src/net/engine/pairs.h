/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which connection has these addresses and ports?  A table of its own, since every segment asks: entries
 * stand side by side, and four bits of the hash in the pointer say which are not worth looking at, so that
 * of a hundred thousand connections, each far away, none but the right one is touched.  Internal to the
 * engine.
 */
#ifndef NET_PAIRS_H
#define NET_PAIRS_H

#include "net/engine/table.h"

/* Open addressing, never more than half full; all zero is empty. */
struct pair_table {
	uintptr_t *entries; /* a socket, which is aligned, and its mark; 0: none */
	uint32_t mask, count;
};

enum { PAIR_MARK = 15 };

static inline uintptr_t pair_mark(uint32_t hash) { return hash >> 28; }
static inline struct net_sock *pair_sock(uintptr_t entry) {
	return (struct net_sock *)(entry & ~(uintptr_t)PAIR_MARK);
}

/* Whose state is not LISTEN. */
void pair_insert(struct pair_table *table, struct net_sock *so);
void pair_remove(struct pair_table *table, struct net_sock *so);
void pairs_free(struct pair_table *table);
/* A connection, a request or what waits in TIME_WAIT, by its names; NULL: none. */
static inline struct net_sock *pair_find(const struct pair_table *table, uint32_t laddr,
                                         uint16_t lport, uint32_t faddr, uint16_t fport) {
	uint32_t hash = tuple_hash(laddr, lport, faddr, fport);
	uintptr_t entry;

	if (!table->count)
		return NULL;
	for (uint32_t i = hash; (entry = table->entries[i & table->mask]); i++) {
		struct net_sock *so;

		entry ^= pair_mark(hash); /* leaves no mark if it is the same */
		so = (struct net_sock *)entry;
		if (!(entry & PAIR_MARK) && so->fport == fport && so->lport == lport &&
		    so->faddr == faddr && so->laddr == laddr)
			return so;
	}
	return NULL;
}

#endif
