/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bulk transfer between two machines over a wire, for tests: a program at each end, every byte
 * checked.  As in the bus's tests: note while the world runs, judge when it has stopped.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "near_wrap.h"
#include "net/wire/peer.h"

/* What wires do to frames: loss at random and in bursts, corruption, duplicates, reordering,
 * jitter, and all of it. */
enum { BAD_WIRES = 8 };
extern const struct fault_conf bad_wires[BAD_WIRES];

/* One transfer: a wire, a machine at each end, a program on each. */
struct transfer {
	struct sim *sim;
	struct peer_sock from, listener, to;
	struct link *link; /* its own, or NULL */
	struct peer *peer[2];
	uint16_t port;
	uint64_t bytes, sent, received, wrong;
	bool ended;  /* the receiver saw the end of the stream */
	bool paused; /* the receiver does not read */
	unsigned errors;
	sim_time began, done; /* first byte written; last byte read */
	struct {
		uint64_t bytes;
		sim_time when;
	} mark[2]; /* of the steady state: begin and end */
};

/* Puts the machines up and makes the sender begin at `start`: it connects, writes `bytes`, and
 * closes.  The wire's MTU is the machines', too.  The marks are set to a quarter and 19 twentieths of the stream. */
void transfer_up(struct transfer *t, struct sim *sim, const struct link_conf *wire,
                 const struct net_params *params, uint64_t bytes, sim_time start);
/* The same between machines that exist, over whatever joins them; `port` tells transfers apart. */
void transfer_between(struct transfer *t, struct sim *sim, struct peer *from, struct peer *to,
                      uint16_t port, uint64_t bytes, sim_time start);
void transfer_down(struct transfer *t);
/* Makes the receiver read on. */
void transfer_resume(struct transfer *t);
/* Between the marks, in Mbit/s. */
double transfer_goodput(const struct transfer *t);
/* 0: the sender's; 1: the receiver's. */
const struct net_counters *transfer_counters(const struct transfer *t, unsigned end);

#endif
