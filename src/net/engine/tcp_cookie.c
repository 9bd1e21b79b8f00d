/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SYN cookies (Bernstein 1996; RFC 4987 3.6): the number of a SYN,ACK carries what a request would
 * remember, so that its ACK brings a connection back of which nothing was kept.
 *
 * Linux 2.4 (syncookies.c, secure_tcp_syn_cookie()) sends one when the SYN queue is full: a keyed hash of
 * the connection, the peer's number, a counter of minutes in the upper byte, and one of eight sizes of
 * segments under a second hash.  FreeBSD 4.5 (tcp_syncache.c) puts one into every SYN,ACK: one of four
 * sizes and one of 128 stretches of time, each with a secret of its own for four seconds.  Either takes
 * one back only for a while after the queue has overflowed.
 */
#include "net/engine/ip.h"
#include "net/engine/tcp_listen.h"

static uint32_t hash(const struct net_stack *st, const struct segment *s, uint64_t key) {
	uint64_t addresses = (uint64_t)s->ip->src << 32 | s->ip->dst;
	uint64_t ports = (uint64_t)s->sport << 16 | s->dport;

	return (uint32_t)stack_mix(stack_mix(st->seed ^ stack_mix(key)) ^ stack_mix(addresses) ^
	                           ports);
}

/* The index of the largest size that is not above `mss`; the first if none is. */
static uint32_t mss_index(const uint16_t *sizes, uint32_t count, uint16_t mss) {
	while (--count && sizes[count] > mss)
		;
	return count;
}

/* --- Linux ------------------------------------------------------------------------------------ */

enum { COUNTER_SHIFT = 24, COUNTER_TRIES = 4 };
#define BELOW_COUNTER ((1U << COUNTER_SHIFT) - 1)

static const uint16_t linux_sizes[] = {64, 256, 512, 536, 1024, 1440, 1460, 4312};

static uint32_t minutes(const struct net_stack *st) {
	return (uint32_t)(stack_now(st) / (60 * SIM_S));
}

/* Keys of the two hashes: 0, and above it the minute's. */
static uint32_t minute_hash(const struct net_stack *st, const struct segment *s, uint32_t minute) {
	return hash(st, s, 1 + (uint64_t)minute);
}

static uint32_t linux_make(const struct net_stack *st, const struct segment *s, uint16_t mss) {
	uint32_t index, minute = minutes(st);

	index = mss_index(linux_sizes, G_N_ELEMENTS(linux_sizes), mss ? mss : 536);
	return hash(st, s, 0) + s->seq + (minute << COUNTER_SHIFT) +
	       ((minute_hash(st, s, minute) + index) & BELOW_COUNTER);
}

static uint16_t linux_check(const struct net_stack *st, const struct segment *s) {
	uint32_t cookie = s->ack - 1 - hash(st, s, 0) - (s->seq - 1), minute = minutes(st);
	uint32_t age = (minute - (cookie >> COUNTER_SHIFT)) & (UINT32_MAX >> COUNTER_SHIFT), index;

	if (age >= COUNTER_TRIES)
		return 0;
	index = (cookie - minute_hash(st, s, minute - age)) & BELOW_COUNTER;
	return index < G_N_ELEMENTS(linux_sizes) ? linux_sizes[index] : 0;
}

/* --- FreeBSD ---------------------------------------------------------------------------------- */

enum { STRETCHES = 128, STRETCHES_A_SECOND = 32, STRETCHES_A_SECRET = 4, STRETCH_BITS = 7 };
G_STATIC_ASSERT(STRETCHES / STRETCHES_A_SECRET == COOKIE_SECRETS);

/* The first is what RFC 1122 4.2.2.6 assumes of a peer that names none. */
static const uint16_t bsd_sizes[] = {0, 536, 1460, 8960};

static sim_time bsd_lifetime(void) { return STRETCHES * SIM_S / STRETCHES_A_SECOND; }

static uint32_t bsd_hash(const struct net_stack *st, const struct segment *s, uint32_t stretch) {
	const struct cookie_secret *secret = &st->cookie_secrets[stretch / STRETCHES_A_SECRET];

	return hash(st, s, (uint64_t)secret->bits << 32 | stretch % STRETCHES_A_SECRET);
}

static uint32_t bsd_make(struct net_stack *st, const struct segment *s, uint16_t mss) {
	uint32_t stretch = (uint32_t)(stack_now(st) / (SIM_S / STRETCHES_A_SECOND)) % STRETCHES;
	struct cookie_secret *secret = &st->cookie_secrets[stretch / STRETCHES_A_SECRET];
	uint32_t index = mss_index(bsd_sizes, G_N_ELEMENTS(bsd_sizes), mss);

	if (!secret->bits || secret->expires < stack_now(st)) {
		secret->bits = (uint32_t)stack_mix(st->seed ^ (uint64_t)stack_now(st)) | 1;
		secret->expires = stack_now(st) + bsd_lifetime();
	}
	return (index << STRETCH_BITS | stretch) ^ s->seq ^
	       (bsd_hash(st, s, stretch) & ~(STRETCHES - 1u));
}

static bool bsd_check(const struct net_stack *st, const struct segment *s, uint16_t *mss) {
	uint32_t data = (s->ack - 1) ^ (s->seq - 1), stretch = data % STRETCHES, index;
	const struct cookie_secret *secret = &st->cookie_secrets[stretch / STRETCHES_A_SECRET];

	if (!secret->bits || secret->expires < stack_now(st))
		return false;
	index = (data ^ bsd_hash(st, s, stretch)) >> STRETCH_BITS;
	if (index >= G_N_ELEMENTS(bsd_sizes))
		return false;
	*mss = bsd_sizes[index];
	return true;
}

/* --- either ----------------------------------------------------------------------------------- */

uint32_t cookie_make(struct net_stack *st, const struct segment *s, uint16_t mss) {
	return st->params.bsd_syncache ? bsd_make(st, s, mss) : linux_make(st, s, mss);
}

sim_time cookie_lifetime(const struct net_stack *st) {
	return st->params.bsd_syncache ? bsd_lifetime() : st->params.rto_initial;
}

bool cookie_check(const struct net_stack *st, const struct segment *s, uint16_t *mss) {
	if (st->params.bsd_syncache)
		return bsd_check(st, s, mss);
	*mss = linux_check(st, s);
	return *mss > 0;
}
