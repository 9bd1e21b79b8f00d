/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection of stack A whose other side is written by hand: what several test programs share. */
#ifndef RAW_FIXTURE_H
#define RAW_FIXTURE_H

#include <check.h>

#include "two_stacks.h"

/* No options, ACKs after 100 ms, RFC 2988's own RTO. */
void plain(struct net_params *p);

#define EXPECT(w, s, f)                                                                            \
	do {                                                                                       \
		ck_assert_msg(catch_seg(w, s), "no segment");                                      \
		ck_assert_int_eq((s)->flags, f);                                                   \
	} while (0)
#define NOTHING(w) ck_assert_uint_eq((w)->caught.count, 0)

/* A's window begins at 5001; una is iss + 1. */
extern struct world *w;
extern struct net_sock *so;
extern uint32_t iss;
extern struct seg s;

/* Fixtures: an established connection, MSS 1000, the tester's window 20,000; with SACK, 60,000. */
void up(void);
void up_sack(void);
void down(void);

/* A segment of the tester's with a window of 20,000. */
void from_peer(uint8_t flags, uint32_t seq, uint32_t ack, const char *text);
/* With MSS 1000 and no time-stamps: slow start puts twelve segments under way, the peer's window
 * then being 60,000.  The first one's number. */
uint32_t twelve(void);
/* The same, of `len` bytes written: the twelve segments end at 20,000. */
uint32_t twelve_of(size_t len);
/* An ACK with one or two SACK blocks (end2 0: one) and a window of 60,000. */
void sack_from_peer(uint32_t ack, uint32_t start, uint32_t end, uint32_t start2, uint32_t end2);

/* An ICMP error of the peer's about a segment of the connection's. */
struct icmp {
	uint8_t type, code;
	uint16_t mtu, total; /* of "too big"; total length of the segment, 0: 40 */
	uint32_t seq;
	uint16_t port; /* of ours; 0: the connection's */
};
void icmp_from_peer(const struct icmp *icmp);

struct tcp_info info(void);

#endif
