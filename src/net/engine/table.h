/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which socket has these addresses and ports, and which ports are free?  Internal to the engine.
 */
#ifndef NET_TABLE_H
#define NET_TABLE_H

#include "net/engine/sock.h"

/* A hash of sockets, chained through hash_next; grows with its load. */
struct sock_table {
	struct net_sock **heads;
	uint32_t mask, count;
};

/* table.c */
void table_insert(struct sock_table *table, struct net_sock *so, uint32_t hash);
void table_remove(struct sock_table *table, struct net_sock *so, uint32_t hash);
void table_free(struct sock_table *table);
static inline uint32_t tuple_hash(uint32_t laddr, uint16_t lport, uint32_t faddr, uint16_t fport) {
	uint64_t x = ((uint64_t)faddr << 32 | (uint64_t)fport << 16 | lport) ^ laddr;

	x *= 0x9e3779b97f4a7c15U;
	return (uint32_t)(x >> 32) ^ (uint32_t)(x >> 13);
}
static inline uint32_t sock_hash(const struct net_sock *so) {
	return tuple_hash(so->laddr, so->lport, so->faddr, so->fport);
}
static inline uint32_t port_hash(uint16_t port) { return port * 2654435761U >> 12; }
static inline struct net_sock *table_chain(const struct sock_table *table, uint32_t hash) {
	return table->heads ? table->heads[hash & table->mask] : NULL;
}

/* port.c */
int port_bind(struct net_sock *so, uint32_t addr, uint16_t port); /* 0 draws one */
void port_join(struct net_sock *so, uint16_t port);               /* without asking */
void port_leave(struct net_sock *so);
void port_bucket_free(void *bucket);
bool port_listen_conflict(const struct net_sock *so);

#endif
