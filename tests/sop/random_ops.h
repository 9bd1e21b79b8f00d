/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random sequences of socket calls: what a sequence is.
 *
 * A sequence is made from a seed alone.  Three processes carry out its calls: A and B from the start,
 * C is forked by A and has A's descriptors.  Each operation stands for itself (what is not possible
 * when its turn comes is skipped), so any part of a sequence is a sequence too: that is how a failing
 * one is shrunk.
 */
#ifndef TESTS_SOP_RANDOM_OPS_H
#define TESTS_SOP_RANDOM_OPS_H

#include <stdbool.h>
#include <stdint.h>

#define RANDOM_OPS 300 /* longest sequence */
#define RANDOM_CARDS 6

/* X(name, weight).  The first three, and `member`, make sockets of some use in one step. */
#define RANDOM_KINDS(X)                                                                            \
	X(server, 8) X(client, 8) X(receiver, 4) X(socket, 7) X(close, 6) X(bind, 5) X(listen, 3)      \
	X(accept, 12) X(connect, 7) X(disconnect, 1) X(send, 7) X(sendmsg, 4) X(writev, 2)             \
	X(sendto, 6) X(recv, 7) X(recvmsg, 5) X(readv, 3) X(names, 3) X(poll, 3) X(select, 3)          \
	X(ioctl, 3) X(setsockopt, 8) X(getsockopt, 3) X(shutdown, 3) X(nonblock, 2) X(async, 1)        \
	X(dup, 1) X(sendfile, 1) X(raw, 2) X(toe, 2) X(sleep, 3) X(callers, 14) X(datagrams, 6)        \
	X(member, 3) X(join, 4) X(leave, 3) X(mcast, 4) X(gatherings, 5) X(groute, 1)                  \
	X(fork, 2) X(kill, 1) X(fault, 1) X(lie, 1) X(plug, 1) X(module, 1) X(reconfigure, 1)

enum random_kind {
#define X(name, weight) RANDOM_##name,
	RANDOM_KINDS(X)
#undef X
		RANDOM_KIND_COUNT
};

struct random_op {
	uint8_t kind, process;
	uint32_t a, b, c; /* what they mean depends on the kind */
};

/* The machine that a sequence runs on. */
struct random_setup {
	uint8_t accept, receive, card_kind[1 + RANDOM_CARDS], cards; /* index 0: the NIC */
	uint8_t twin;   /* this card is in the net of the stack before it; 0: none is */
	uint8_t spared; /* no fault strikes this stack, where a witness talks all the time */
	bool witness, sync_init, listen_all, refused_only, faults, few_files;
	bool bad_wire;        /* frames are lost, damaged, doubled, and change places */
	uint32_t max_sockets; /* of a card; 0: as many as it likes */
};

struct random_sequence {
	uint64_t seed;
	struct random_setup setup;
	unsigned n;
	struct random_op op[RANDOM_OPS];
};

void random_sequence_make(struct random_sequence *seq, uint64_t seed, unsigned n);
/* Prints the operations that `keep` has (NULL: all). */
void random_sequence_print(const struct random_sequence *seq, const bool *keep);

/* random_world.c: runs the operations that `keep` has, in this operating-system process, which can
 * hold one world only.  Returns the digest of all results and times, and *calls; exits with a
 * message when something is wrong. */
uint64_t random_world_run(const struct random_sequence *seq, const bool *keep, uint64_t *calls);

#endif
