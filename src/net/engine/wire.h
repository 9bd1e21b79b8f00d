/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headers as bytes: big-endian access and the offsets and constants of Ethernet, ARP, IPv4 (RFC
 * 791), ICMP (RFC 792), UDP (RFC 768) and TCP (RFC 793).  Internal to the engine.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include <stdint.h>
#include <string.h>

#include "net/engine/frame.h"

static inline uint16_t get16(const uint8_t *p) {
	uint16_t v;
	memcpy(&v, p, 2);
	return __builtin_bswap16(v);
}
static inline uint32_t get32(const uint8_t *p) {
	uint32_t v;
	memcpy(&v, p, 4);
	return __builtin_bswap32(v);
}
static inline void put16(uint8_t *p, uint16_t v) {
	v = __builtin_bswap16(v);
	memcpy(p, &v, 2);
}
static inline void put32(uint8_t *p, uint32_t v) {
	v = __builtin_bswap32(v);
	memcpy(p, &v, 4);
}

/* The swaps above are for the little-endian machines that the simulator is built for. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "byte order");

enum {
	ETH_HEADER = 14,
	ETH_IP = 0x0800,
	ETH_ARP = 0x0806,

	ARP_BYTES = 28,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,

	IP_HEADER = 20,
	IP_DF = 0x4000,
	IP_MF = 0x2000,
	IP_OFFSET = 0x1fff,
	DEFAULT_TTL = 64, /* Linux 2.4: sysctl_ip_default_ttl */

	OPT_ALERT = 0x94, /* RFC 2113: its length is 4, its value 0 */
	OPT_ALERT_BYTES = 4,

	ICMP_HEADER = 8,
	ICMP_ECHOREPLY = 0,
	ICMP_UNREACH = 3,
	ICMP_QUENCH = 4,
	ICMP_ECHO = 8,
	ICMP_EXCEEDED = 11,
	ICMP_PARAMETER = 12,
	ICMP_UNREACH_HOST = 1,
	ICMP_UNREACH_PROTOCOL = 2,
	ICMP_UNREACH_PORT = 3,
	ICMP_UNREACH_NEEDFRAG = 4,
	ICMP_EXCEEDED_REASSEMBLY = 1,

	IGMP_BYTES = 8,
	IGMP_QUERY = 0x11,
	IGMP_REPORT_V1 = 0x12,
	IGMP_REPORT_V2 = 0x16,
	IGMP_LEAVE = 0x17,

	UDP_HEADER = 8,

	TCP_HEADER = 20,
	TCP_OPTIONS_MAX = 40,
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* Where payloads begin in frames that the stack builds: room for Ethernet, IP and the longest TCP
 * header, rounded to a multiple of eight; a whole MTU of IP payload still fits behind it. */
#define FRAME_PAYLOAD_AT 96
_Static_assert(FRAME_PAYLOAD_AT >= ETH_HEADER + IP_HEADER + TCP_HEADER + TCP_OPTIONS_MAX, "room");
_Static_assert(FRAME_PAYLOAD_AT + FRAME_MTU - IP_HEADER <= 64 + FRAME_MAX, "room");
_Static_assert(FRAME_PAYLOAD_AT + FRAME_MTU_MAX - IP_HEADER <= 64 + FRAME_ETHER + FRAME_MTU_MAX,
               "room");

#endif
