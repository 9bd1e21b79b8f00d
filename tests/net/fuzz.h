/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the fuzz target share. */
#ifndef FUZZ_H
#define FUZZ_H

#include "fuzz_check.h"

#define OURS 0x0a000001U
#define THEIRS 0x0a000002U

/* --- an input's bytes ------------------------------------------------------------------------- */

struct input {
	const uint8_t *data;
	size_t left;
};

/* 0 when there are no more. */
static inline uint8_t input_byte(struct input *in) {
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}
static inline uint16_t input_word(struct input *in) {
	uint8_t high = input_byte(in);

	return (uint16_t)(high << 8 | input_byte(in));
}

/* Mostly nothing or little, sometimes far. */
int32_t input_offset(struct input *in);

/* The parameters that a byte chooses, for a stack. */
void input_params(uint8_t b, struct net_params *params);

/* --- one stack, and somebody who makes up what arrives ------------------------------------------ */

enum { SOCKS = 8, VIEWS = 8, PORTS = 4 };

/* What the other side knows of a connection, from the segments that the stack sent. */
struct view {
	uint16_t lport, fport;
	uint32_t next, ack; /* behind the last byte sent; what it expects */
	uint32_t una;       /* acknowledged so far */
	uint32_t first;     /* of the oldest segment seen */
};

struct fuzz {
	struct input in; /* first */
	struct net_stack *st;
	struct net_if *ifp;
	sim_time now, timer;
	struct net_sock *so[SOCKS];
	struct view view[VIEWS];
	unsigned views;
	unsigned full; /* frames that its own queue refuses yet */
	struct watch watch;
};

static inline uint16_t fuzz_port(struct fuzz *z) {
	return (uint16_t)(1 + input_byte(&z->in) % PORTS);
}

/* fuzz_calls.c: a call on one of the sockets. */
void fuzz_call(struct fuzz *z, unsigned call);

/* fuzz_peer.c: what arrives, and what is made of what the stack sends. */
void fuzz_see(struct fuzz *z, const uint8_t *tcp, size_t payload);
void fuzz_answer(struct fuzz *z, struct view v, size_t len);
enum { ARRIVALS = 17 };
void fuzz_arrival(struct fuzz *z, unsigned which); /* below ARRIVALS */

/* fuzz_pair.c: two stacks on a wire that loses, doubles, spoils and shuffles; what is written at
 * one end is read at the other. */
void fuzz_pair(const uint8_t *data, size_t size);

#endif
