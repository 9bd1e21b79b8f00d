/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a segment say?  Sequence numbers, options, and what stands in a header.  Internal to the
 * engine.
 */
#ifndef NET_TCP_SEGMENT_H
#define NET_TCP_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/engine/wire.h"

struct frame;
struct ip_info;
struct net_if;

/* --- sequence numbers (RFC 793 3.3): comparison modulo 2^32 ----------------------------------- */

static inline bool seq_lt(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }
static inline bool seq_le(uint32_t a, uint32_t b) { return (int32_t)(a - b) <= 0; }
static inline bool seq_gt(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }
static inline bool seq_ge(uint32_t a, uint32_t b) { return (int32_t)(a - b) >= 0; }
static inline uint32_t seq_max(uint32_t a, uint32_t b) { return seq_gt(a, b) ? a : b; }
static inline uint32_t seq_min(uint32_t a, uint32_t b) { return seq_lt(a, b) ? a : b; }

/* --- segments --------------------------------------------------------------------------------- */

struct range {
	uint32_t start, end;
};

enum { SACK_BLOCKS = 4 };

struct tcp_options {
	uint16_t mss;  /* 0: absent */
	int8_t wscale; /* -1: absent */
	bool sack_ok, ts;
	uint32_t ts_val, ts_ecr;
	uint8_t sacks;
	struct range sack[SACK_BLOCKS];
};

struct segment {
	const struct ip_info *ip;
	struct net_if *ifp;
	struct frame *frame; /* payload; NULL once taken */
	uint32_t seq, ack, wnd;
	uint32_t len; /* payload bytes */
	uint16_t sport, dport, urg;
	uint8_t flags;
	struct tcp_options opt;
};

/* Bytes of sequence space. */
static inline uint32_t seg_space(const struct segment *s) {
	return s->len + !!(s->flags & TCP_SYN) + !!(s->flags & TCP_FIN);
}

/* tcp_opt.c */
bool tcp_options_parse(const uint8_t *p, size_t len, struct tcp_options *opt);
size_t tcp_options_syn(uint8_t *p, const struct tcp_options *opt);
/* The time-stamp option as ordinary segments have it, padded; the sum of its words but for the two numbers. */
enum { TCP_TS_BYTES = 12, TCP_TS_SUM = 0x0101 + 0x080a };
size_t tcp_options_ts(uint8_t *p, uint32_t val, uint32_t ecr);

#endif
