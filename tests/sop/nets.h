/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nets of the whole machine: 0 is the NIC's, the others are the cards'. */
#ifndef TESTS_SOP_NETS_H
#define TESTS_SOP_NETS_H

#include <glib.h>
#include <netinet/in.h>

#ifndef NETS
#define NETS 3
#endif

static inline uint32_t own_addr(unsigned net) { return 0x0a000001U | net << 8; }
static inline uint32_t peer_addr(unsigned net) { return 0x0a000002U | net << 8; }

static inline struct sockaddr_in at(uint32_t addr, uint16_t port) {
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = g_htons(port), .sin_addr.s_addr = g_htonl(addr)};
}

#endif
