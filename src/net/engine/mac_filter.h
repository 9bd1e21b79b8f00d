/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The receive filter of an Ethernet controller: which frames it takes off the wire.  That of the
 * Intel 8254x, which NICs, cards and peers have here: the station's own address, broadcasts, and
 * of groups 14 exactly and those beyond by a table of 4,096 bits, which lets strangers through that
 * fall on the same bit (the stack looks again).
 */
#ifndef NET_MAC_FILTER_H
#define NET_MAC_FILTER_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct net_if;

enum { MAC_FILTER_EXACT = 14, MAC_FILTER_WORDS = 128 };

struct mac_filter {
	uint8_t station[6];
	bool promisc, allmulti; /* all frames; all groups */
	uint8_t exact_count;
	uint8_t exact[MAC_FILTER_EXACT][6];
	uint32_t hash[MAC_FILTER_WORDS];
};

/* The station's address and broadcasts, no groups. */
void mac_filter_init(struct mac_filter *filter, const uint8_t station[6]);
/* What an interface wants: its address, mode and groups. */
void mac_filter_load(struct mac_filter *filter, const struct net_if *ifp);
/* Registers that a driver writes to turn one into the other: the mode, two for each exact address,
 * one for each word of the table. */
unsigned mac_filter_writes(const struct mac_filter *from, const struct mac_filter *to);
/* Frames too short for an address are taken: they are the stack's to judge. */
bool mac_filter_takes(const struct mac_filter *filter, const struct frame *frame);

/* The Ethernet address of a group: RFC 1112 6.4.  32 groups share each. */
static inline void mac_of_group(uint8_t mac[6], uint32_t group) {
	mac[0] = 0x01, mac[1] = 0x00, mac[2] = 0x5e;
	mac[3] = (uint8_t)(group >> 16 & 0x7f);
	mac[4] = (uint8_t)(group >> 8);
	mac[5] = (uint8_t)group;
}

#endif
