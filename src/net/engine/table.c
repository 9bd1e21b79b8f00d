/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hash tables of sockets: chains through the sockets themselves, so that no entry is allocated. */
#include "net/engine/table.h"

#include <glib.h>
#include <netinet/tcp.h>

#include "net/engine/slab.h"

enum { TABLE_FIRST = 16 };

uint32_t tuple_hash(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport) {
	uint64_t x = ((uint64_t)faddr << 32 | (uint64_t)fport << 16 | lport) ^ laddr;

	x *= 0x9e3779b97f4a7c15U;
	return (uint32_t)(x >> 32) ^ (uint32_t)(x >> 13);
}

/* The hash of a socket that is in a table: by its tuple if it has a peer, else by its port. */
static uint32_t rehash(const struct net_sock *so) {
	return so->kind == SOCK_KIND_UDP || so->state == TCP_LISTEN ? port_hash(so->lport)
	                                                            : sock_hash(so);
}

static void grow(struct sock_table *table) {
	uint32_t old = table->heads ? table->mask + 1 : 0;
	uint32_t size = old ? 2 * old : TABLE_FIRST;
	struct net_sock **heads = large_alloc0(size * sizeof *heads);

	for (uint32_t i = 0; i < old; i++) {
		struct net_sock *so = table->heads[i];

		while (so) {
			struct net_sock *next = so->hash_next;
			struct net_sock **head = &heads[rehash(so) & (size - 1)];

			so->hash_next = *head;
			*head = so;
			so = next;
		}
	}
	g_aligned_free(table->heads);
	table->heads = heads;
	table->mask = size - 1;
}

void table_insert(struct sock_table *table, struct net_sock *so, uint32_t hash) {
	struct net_sock **head;

	if (!table->heads || table->count > table->mask / 2)
		grow(table);
	head = &table->heads[hash & table->mask];
	so->hash_next = *head;
	*head = so;
	so->flags |= SO_F_HASHED;
	table->count++;
}

void table_remove(struct sock_table *table, struct net_sock *so, uint32_t hash) {
	struct net_sock **at = &table->heads[hash & table->mask];

	while (*at != so)
		at = &(*at)->hash_next;
	*at = so->hash_next;
	so->hash_next = NULL;
	so->flags &= (uint16_t)~SO_F_HASHED;
	table->count--;
}

void table_free(struct sock_table *table) {
	g_aligned_free(table->heads);
	*table = (struct sock_table){0};
}
