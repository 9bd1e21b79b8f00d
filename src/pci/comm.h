/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The communication module between host and card: the rings that carry their messages.
 *
 * A command is a 64-byte descriptor in a ring in host memory.  The host fills descriptors and rings
 * a doorbell; the card fetches them by DMA, up to eight at a time, and the data that goes with each:
 * those of several commands are under way at once, as far as the bus lets it (max_outstanding), and
 * while they come the next descriptors are fetched.  Commands start in the order of the ring and
 * complete in any order: one that waits for the network (accept, receive) holds up none behind it.  A completion is a 64-byte entry that the card writes, after
 * the data that goes to the host, into a second ring in host memory; then it raises its interrupt.
 * Unsolicited events travel as entries of the same ring, so their order to completions is kept.
 *
 * Flow control.  A descriptor is free again when the card has fetched it; completions carry how
 * many it has, and an event does when half a ring was fetched since the last of them.  The card may
 * fill as many entries as the host has room for; how many the host took goes back with each
 * doorbell, or by a posted write of its own when none comes.
 *
 * Handles.  The host names sockets and commands: an index, used again, with a generation that makes
 * it unique.  So nobody waits for the card to name a new socket, and what arrives for something
 * that is gone is recognised by its generation.
 *
 * Noticing.  Either completions interrupt the host (COMM_QUIET ones excepted), or the host looks at
 * its ring by itself and asks for an interrupt only when it stops looking (comm_conf.on_demand).
 *
 * This file knows the bus but neither the host's kernel nor the card's firmware: what either side
 * pays is charged by its owner.
 */
#ifndef PCI_COMM_H
#define PCI_COMM_H

#include <stdbool.h>

#include "pci/bus.h"
#include "pci/message.h"

/* --- the rings ------------------------------------------------------------------------------ */

struct comm;

struct comm_conf {
	unsigned commands;     /* descriptors, > 0 */
	unsigned completions;  /* entries, > 0 */
	sim_time irq_throttle; /* least time between two interrupts; 0: none */
	bool on_demand;        /* no interrupts but those asked for by comm_arm() */
};

/* The card's end: a command has arrived with its data.  `cmd` is valid during the call only. */
typedef void (*comm_deliver)(void *arg, const struct comm_command *cmd);

struct comm *comm_new(struct sim *sim, struct pci_dev *dev, const struct comm_conf *conf,
                      comm_deliver deliver, void *arg);
/* After the run, or when the device has been removed. */
void comm_free(struct comm *comm);

/* Stops both ends for good: the card was reset or is gone.  Nothing more arrives at either. */
void comm_stop(struct comm *comm);

/* The host's end. */

/* Takes a descriptor for a command to come; false if none is free. */
bool comm_reserve(struct comm *comm);
/* Writes a command into a descriptor reserved before. */
void comm_publish(struct comm *comm, const struct comm_command *cmd);
/* Tells the card of all commands published and completions taken so far: a posted write.  Returns
 * the CPU's stall, as pci_post_write(). */
sim_time comm_doorbell(struct comm *comm);
/* The same, and the host stops looking at its ring (on_demand): the first entry behind those taken
 * so far raises one interrupt, also if it is there already.  The next doorbell takes it back. */
sim_time comm_arm(struct comm *comm);
/* Takes the oldest completion that has arrived; false if there is none. */
bool comm_take(struct comm *comm, struct comm_completion *entry);
bool comm_pending(const struct comm *comm);
/* The same without taking it; completions taken so far. */
bool comm_peek(const struct comm *comm, struct comm_completion *entry);
uint64_t comm_taken(const struct comm *comm);
/* So many completions taken are not known to the card that the host should ring. */
bool comm_credit_due(const struct comm *comm);
/* The cause register: does the card assert its interrupt?  Reading it (comm_ack) clears it. */
bool comm_asserted(const struct comm *comm);
void comm_ack(struct comm *comm);
/* Free descriptors as the host knows. */
unsigned comm_room(const struct comm *comm);
/* The flow of a command or of its answer, if anybody listens; else 0. */
sim_flow comm_flow(const struct comm *comm, uint32_t id, uint32_t generation);

/* The card's end. */

/* Writes `length` bytes of data (0: none), then the entry, to the host; then interrupts it if
 * asked.  Entries arrive in order.  The entry is copied; `head` is filled in. */
void comm_post(struct comm *comm, const struct comm_completion *entry, uint32_t length,
               bool interrupt);

/* A card that lies.  X(name, key in scenarios, what the host sees) */
#define COMM_FAULTS(X)                                                                             \
	X(NONE, "none", "what the card has done")                                                  \
	X(WRONG_COMMAND, "wrong-command", "answers to commands that nobody gave")                  \
	X(WRONG_SOCKET, "wrong-socket", "answers that name another socket")                        \
	X(WRONG_COUNT, "wrong-count", "answers that count more bytes than there can be")           \
	X(LATE, "late", "completions and events come so much later")                               \
	X(DOUBLED, "doubled", "each completion and event comes twice")                             \
	X(LOST_IRQ, "lost-irq", "no interrupt comes")                                              \
	X(SPURIOUS_IRQ, "spurious-irq", "each so often an interrupt comes for nothing")            \
	X(DAMAGED_WRITE, "damaged-write", "what the card writes into host memory is damaged")      \
	X(DAMAGED_READ, "damaged-read", "what it fetches from there is")

enum comm_fault {
#define X(name, key, text) COMM_FAULT_##name,
	COMM_FAULTS(X)
#undef X
};
extern const char *const comm_fault_names[]; /* the keys; ends with NULL */
/* From now on.  `time` > 0: of LATE and SPURIOUS_IRQ. */
void comm_lie(struct comm *comm, enum comm_fault fault, sim_time time);

/* Reads host memory again: `dma->bytes` of a command's data that the card had no room for.  As
 * pci_dma_start(); done() runs in the card. */
void comm_read(struct comm *comm, struct pci_dma *dma);

/* What passes between host and card, told when it arrives: what captures record. */
enum comm_sight {
	COMM_SAW_DOORBELL,   /* at the card; struct comm_doorbell */
	COMM_SAW_COMMAND,    /* at the card, its data too; struct comm_command */
	COMM_SAW_COMPLETION, /* at the host, its data too; struct comm_completion */
	COMM_SAW_INTERRUPT,  /* the card raises its line; NULL */
};
struct comm_doorbell {
	uint64_t published, taken; /* commands and completions so far */
	bool arm;                  /* the host stops looking: the next entry shall interrupt it */
};
typedef void (*comm_tap_fn)(void *arg, enum comm_sight what, const void *message);
/* NULL: no longer. */
void comm_tap(struct comm *comm, comm_tap_fn fn, void *arg);

struct comm_counters {
	uint64_t commands, doorbells, completions, interrupts;
	uint64_t fetches; /* DMA reads of descriptors: less than commands when they were batched */
	uint64_t held;    /* completions that waited for room in the host's ring */
	uint64_t arms;
};
/* For tests: how often doorbells and interrupts were saved is seen nowhere else. */
void comm_counters(const struct comm *comm, struct comm_counters *counters);

#endif
