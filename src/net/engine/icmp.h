/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does ICMP say of a packet, and to whom?  Internal to the engine.
 */
#ifndef NET_ICMP_H
#define NET_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_info;
struct net_if;
struct net_stack;

/* Answers a packet with an error that quotes its header and first 8 bytes. */
void icmp_error(struct net_stack *st, const struct ip_info *ip, const uint8_t *packet,
                size_t packet_len, uint8_t type, uint8_t code);
/* The same of one that may not be cut into pieces, and is longer than `mtu` on its way on (RFC 1191). */
void icmp_too_big(struct net_stack *st, const struct ip_info *ip, const uint8_t *packet,
                  size_t packet_len, uint16_t mtu);
/* What an ICMP message says about a packet of ours. */
struct icmp_news {
	uint8_t type, code;
	uint32_t info;            /* its MTU or pointer, 0: neither */
	const struct ip_info *ip; /* its own header; NULL: it is this machine that says so */
	struct net_if *ifp;
	int error;    /* positive errno */
	bool hard;    /* trying on makes no sense */
	bool quench;  /* nothing but: slower */
	uint16_t mtu; /* 0: not about that */
};
/* Tells the socket that sent the quoted packet. */
void icmp_notify(struct net_stack *st, const uint8_t *quoted, size_t len,
                 const struct icmp_news *news);

#endif
