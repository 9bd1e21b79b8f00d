/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How single TCP connections fare: window, threshold, flight, time-out, at each change.
 *
 * A connection between two machines of the world has two ends, each with an engine, and each is followed by
 * itself: what a sender does is seen at the sender's.  Ends are numbered in the order in which they begin: one
 * that opens with its SYN, one that is opened when the handshake is complete.
 */
#ifndef LAB_FOLLOW_H
#define LAB_FOLLOW_H

#include "lab/world/world.h"
#include "net/engine/stack.h"

/* More of those that are asked for are counted, not followed. */
#define FOLLOW_MOST 16
/* Rows of each, unless somebody says how many. */
#define FOLLOW_ROWS 500000

/* Whom to follow: the end of a number, or those with a port of their own, at an address or any. */
struct follow_which {
	uint64_t number; /* from 1; 0: by port */
	uint32_t addr;   /* host byte order; 0: any */
	uint16_t port;
	unsigned rows; /* of each at most, > 0; what happens then is not written */
};

/* "7", "10.0.0.1:80", ":80".  False and *error. */
bool follow_parse(const char *text, struct follow_which *which, GError **error);

/* Follows them in all stacks of the world, from now on.  To be made before the world runs, and freed before it
 * is. */
struct follow *follow_new(struct world *world, const struct follow_which *which);
void follow_free(struct follow *follow);
/* A stack that the world has got since. */
void follow_stack(struct follow *follow, struct net_stack *st);

/* After the run: a line "> NAME" before the text of each file: connections.csv, which lists all ends that began,
 * and a tcp-N.csv for each that was followed.  NULL and *error: there was none of those asked for. */
GString *follow_files(const struct follow *follow, GError **error);

#endif
