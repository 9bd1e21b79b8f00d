/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which hardware address has a neighbour, and is it known still?  Internal to the engine.
 */
#ifndef NET_ARP_H
#define NET_ARP_H

#include "net/engine/frame.h"
#include "net/engine/internal.h"
#include "net/engine/path.h"
#include "net/engine/timer.h"

/* NUD_* of Linux 2.4.  STALE and what comes behind it: the address is known and in use. */
enum arp_state {
	ARP_INCOMPLETE,
	ARP_REACHABLE,
	ARP_STALE, /* not confirmed for long */
	ARP_DELAY, /* and in use again: a layer above may yet confirm it */
	ARP_PROBE, /* none did: it is asked */
	ARP_PERMANENT,
};

struct arp_entry {
	uint32_t addr;
	enum arp_state state;
	uint8_t mac[6];
	uint8_t tries;
	struct net_if *ifp;
	struct net_stack *st;
	struct frame_queue pending;
	sim_time confirmed;   /* when it was last known to be there */
	sim_time fresh_until; /* while REACHABLE: not before that it is stale */
	sim_time updated;     /* when its hardware address came */
	struct net_timer timer;
};

/* arp.c */
void arp_input(struct net_stack *st, struct net_if *ifp, struct frame *f);
struct arp_entry *arp_lookup(struct net_stack *st, struct net_if *ifp, uint32_t addr);
/* RFC 1122 2.3.2.1: advice from above that an entry may be out of date, or is not. */
void arp_doubt(struct arp_entry *e);
void arp_confirm(struct arp_entry *e);
static inline void path_confirm(const struct net_stack *st, const struct path *path) {
	if (!path->arp || path->generation != st->path_generation)
		return;
	path->arp->confirmed = stack_now(st);
	if (path->arp->state != ARP_REACHABLE)
		arp_confirm(path->arp);
}
/* Sends an Ethernet frame (its first 14 bytes already pushed) to the entry, or queues it.  False: the
 * machine's own queue did not take it (what waits for an address counts as taken). */
bool arp_send(struct net_stack *st, struct arp_entry *e, struct frame *f, enum net_kind kind,
              size_t payload);
void arp_flush(struct net_stack *st, const struct net_if *ifp);
void arp_entry_free(gpointer entry);

#endif
