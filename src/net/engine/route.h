/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stack's routes and its ARP cache, for its owner: which way does a packet go?  Addresses are in
 * host byte order.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

struct net_stack;
struct net_if;

struct net_route {
	uint32_t dst, mask, gateway; /* gateway 0: on link */
	uint32_t metric;
	struct net_if *ifp;
};
/* -EEXIST, -ENETUNREACH (the gateway is no neighbour), -ENETDOWN (nor may its interface be down). */
int net_route_add(struct net_stack *st, const struct net_route *rt);
/* Deletes the first that has this prefix, and the gateway, interface and metric where they are given
 * (not 0): -ESRCH.  Which that would be; NULL: none. */
int net_route_del(struct net_stack *st, const struct net_route *rt);
const struct net_route *net_route_match(const struct net_stack *st, const struct net_route *rt);
/* Longest prefix, then lowest metric, then newest, connected ones oldest first, as fn_hash_insert() of
 * 2.4 sorts them.  NULL if none; only interfaces that are up. */
const struct net_route *net_route_lookup(const struct net_stack *st, uint32_t dst);
const struct net_route *net_route_next(const struct net_stack *st, const struct net_route *rt);
bool net_is_local(const struct net_stack *st, uint32_t addr);
/* Counts changes of addresses and routes: lets callers drop what they cached. */
uint32_t net_config_generation(const struct net_stack *st);

/* ARP cache: permanent entries may be set; lookups return -ENXIO. */
int net_arp_set(struct net_stack *st, uint32_t addr, const uint8_t mac[6]);
int net_arp_get(const struct net_stack *st, uint32_t addr, uint8_t mac[6]);
int net_arp_del(struct net_stack *st, uint32_t addr);

struct net_arp_entry {
	uint32_t addr;
	uint8_t mac[6];
	bool complete, permanent;
	const struct net_if *ifp; /* NULL: not known yet */
};
/* The entry with the lowest address above `after` (-1: the first); false if there is none. */
bool net_arp_next(const struct net_stack *st, int64_t after, struct net_arp_entry *entry);

#endif
