/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine with a NIC and a card, a peer at the end of each wire: a program for each interface
 * answers every byte that the peer sends, through the kernel's TCP here and the card's there.
 */
#ifndef ECHO_MACHINE_H
#define ECHO_MACHINE_H

#include "host/dev/nic.h"
#include "host/socket/syscalls.h"
#include "net/wire/peer.h"
#include "toe/driver/toe.h"

enum { NIC = 0, CARD = 1, WIRES = 2, ECHO_PORT = 7, ECHO_BYTES = 2000000 };

/* A peer's side: sends a pattern, and checks that it comes back. */
struct echo {
	struct peer_sock ps; /* first */
	uint64_t sent, returned, wrong;
	bool ended;
	unsigned errors;
};

struct echo_machine {
	struct sim *sim;
	struct kernel *kernel;
	struct pci_bus *bus;
	struct nic *nic;
	struct toe *toe;
	struct link *wire[WIRES]; /* end 0: the machine's */
	struct peer *peer[WIRES];
	struct echo echo[WIRES];
	int served[WIRES]; /* 1: the whole stream; negative: the errno it ended with */
};

/* Wires of 100 Mbit/s and 2 ms there and back, with `fault` both ways.  All sockets ask with
 * keep-alives.  `before_wrap` not 0: sequence numbers begin so many bytes before 2^32. */
void echo_machine_up(struct echo_machine *m, uint64_t seed, const struct fault_conf *fault,
                     uint32_t before_wrap);
/* Starts programs and peers on both wires: ECHO_BYTES there and back. */
void echo_machine_begin(struct echo_machine *m);
void echo_machine_down(struct echo_machine *m);

/* The machine's address on a wire, and the stack that has it. */
uint32_t echo_address(unsigned wire);
struct net_stack *echo_stack(const struct echo_machine *m, unsigned wire);

#endif
