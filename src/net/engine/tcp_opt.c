/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP header options: RFC 793 (MSS), 1323 (window scale, time-stamps), 2018 and 2883 (SACK). */
#include "net/engine/tcp_segment.h"
#include "net/engine/tcp_send.h"

enum {
	KIND_EOL = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_WSCALE = 3,
	KIND_SACK_OK = 4,
	KIND_SACK = 5,
	KIND_TS = 8,
};

static void parse_sacks(const uint8_t *p, size_t len, struct tcp_options *opt) {
	opt->sacks = 0;
	for (size_t at = 2; at + 8 <= len && opt->sacks < SACK_BLOCKS; at += 8)
		opt->sack[opt->sacks++] = (struct range){get32(p + at), get32(p + at + 4)};
}

static void parse_one(const uint8_t *p, size_t len, struct tcp_options *opt) {
	if (p[0] == KIND_MSS && len == 4) {
		opt->mss = get16(p + 2);
	} else if (p[0] == KIND_WSCALE && len == 3) {
		opt->wscale = (int8_t)MIN(p[2], 14); /* RFC 1323 2.3 */
	} else if (p[0] == KIND_SACK_OK && len == 2) {
		opt->sack_ok = true;
	} else if (p[0] == KIND_SACK && len >= 10 && (len - 2) % 8 == 0) {
		parse_sacks(p, len, opt);
	} else if (p[0] == KIND_TS && len == 10) {
		opt->ts = true;
		opt->ts_val = get32(p + 2);
		opt->ts_ecr = get32(p + 6);
	}
}

bool tcp_options_parse(const uint8_t *p, size_t len, struct tcp_options *opt) {
	opt->mss = 0;
	opt->wscale = -1;
	opt->sack_ok = opt->ts = false;
	opt->sacks = 0;
	if (len == 12 && get32(p) == 0x0101080aU) { /* what nearly every segment has: NOP NOP TS */
		opt->ts = true;
		opt->ts_val = get32(p + 4);
		opt->ts_ecr = get32(p + 8);
		return true;
	}
	for (size_t at = 0; at < len && p[at] != KIND_EOL;) {
		size_t n;

		if (p[at] == KIND_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= len)
			return false;
		n = p[at + 1];
		if (n < 2 || at + n > len)
			return false;
		parse_one(p + at, n, opt);
		at += n;
	}
	return true;
}

static uint8_t *put_ts(uint8_t *p, uint32_t val, uint32_t ecr) {
	put32(p + 2, val);
	put32(p + 6, ecr);
	p[0] = KIND_TS;
	p[1] = 10;
	return p + 10;
}

/* The order of Linux 2.4, tcp_syn_build_options(). */
size_t tcp_options_syn(uint8_t *p, const struct tcp_options *opt) {
	uint8_t *at = p;

	*at++ = KIND_MSS;
	*at++ = 4;
	put16(at, opt->mss);
	at += 2;
	if (opt->ts) {
		*at++ = opt->sack_ok ? KIND_SACK_OK : KIND_NOP;
		*at++ = opt->sack_ok ? 2 : KIND_NOP;
		at = put_ts(at, opt->ts_val, opt->ts_ecr);
	} else if (opt->sack_ok) {
		*at++ = KIND_NOP;
		*at++ = KIND_NOP;
		*at++ = KIND_SACK_OK;
		*at++ = 2;
	}
	if (opt->wscale >= 0) {
		*at++ = KIND_NOP;
		*at++ = KIND_WSCALE;
		*at++ = 3;
		*at++ = (uint8_t)opt->wscale;
	}
	return (size_t)(at - p);
}

size_t tcp_options_ts(uint8_t *p, uint32_t val, uint32_t ecr) {
	p[0] = p[1] = KIND_NOP;
	put_ts(p + 2, val, ecr);
	return TCP_TS_BYTES;
}

static uint8_t *put_block(uint8_t *p, const struct range *r) {
	put32(p, r->start);
	put32(p + 4, r->end);
	return p + 8;
}

size_t tcp_options_data(const struct tcp_sock *tp, uint8_t *p, bool sacks) {
	uint8_t *at = p;
	unsigned twice = tp->flags & TF_DSACK ? 1 : 0;

	if (tp->flags & TF_TS)
		at += tcp_options_ts(at, tcp_clock(tcp_stack(tp)), tp->ts_recent);
	if (sacks && tp->sacks + twice) {
		/* Forty bytes of options hold four blocks, three beside a time-stamp. */
		unsigned n = MIN(tp->sacks + twice, tp->flags & TF_TS ? 3U : 4U);

		*at++ = KIND_NOP;
		*at++ = KIND_NOP;
		*at++ = KIND_SACK;
		*at++ = (uint8_t)(2 + 8 * n);
		if (twice)
			at = put_block(at, &tp->twice);
		for (unsigned i = 0; i < n - twice; i++)
			at = put_block(at, &tp->sack[i]);
	}
	return (size_t)(at - p);
}
