/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hash tables of sockets: chains through the sockets themselves, so that no entry is allocated. */
#include "net/engine/table.h"

#include <glib.h>
#include <netinet/tcp.h>

#include "net/engine/slab.h"

enum { TABLE_FIRST = 16 };

static void grow(struct sock_table *table) {
	uint32_t old = table->heads ? table->mask + 1 : 0;
	uint32_t size = old ? 2 * old : TABLE_FIRST;
	struct net_sock **heads = large_alloc0(size * sizeof *heads);

	for (uint32_t i = 0; i < old; i++) {
		struct net_sock *so = table->heads[i];

		while (so) {
			struct net_sock *next = so->hash_next;
			struct net_sock **head = &heads[port_hash(so->lport) & (size - 1)];

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
