/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a packet of the script become frames, and what does a frame of the machine hold?
 * Building is packet.c's, taking apart dissect.c's.
 */
#ifndef PKT_FRAMES_H
#define PKT_FRAMES_H

#include "net/wire/link.h"
#include "pkt/conn.h"

/* Sends an inbound packet, in as many frames as it takes; false after run_fail(). */
bool packet_send(struct run *r, struct conn *c, const struct event *ev);

/* What a frame of the machine holds; of a fragment only what IP says. */
struct dissected {
	uint8_t protocol, tos, ttl;
	bool fragment, more, bad_checksum; /* more: it is not the last fragment */
	uint16_t id;
	size_t frag_start, frag_end;
	uint32_t src, dst;
	uint16_t sport, dport;
	uint16_t payload; /* bytes behind the transport header */
	uint32_t seq, ack;
	uint16_t win, urg;
	uint8_t flags, icmp_type, icmp_code;
	uint16_t echo_id, icmp_mtu;
	/* Of the packet that an ICMP message quotes: protocol (0: none), UDP's payload, TCP's seq. */
	uint8_t quoted;
	uint32_t quoted_number;
	uint8_t reserved;              /* the four bits before TCP's flags */
	const uint8_t *options, *data; /* data: TCP's payload */
	size_t options_len;
};
/* False if it is no IPv4 packet. */
bool packet_dissect(const struct frame *f, struct dissected *d);
/* Puts a fragment to those before it; true if the datagram is whole now, which *d then holds. */
bool packet_reassemble(struct run *r, const struct frame *f, struct dissected *d);
/* Answers an ARP request of the machine; takes the frame. False if it is none (frame not taken). */
bool packet_answer_arp(struct run *r, struct frame *f);

#endif
