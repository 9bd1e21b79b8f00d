/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The communication module between host and card: the messages, and the rings that carry them.
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
#include <stdint.h>

#include "pci/bus.h"

/* --- messages ------------------------------------------------------------------------------ */

/* X(name, what it asks for) */
#define COMM_OPS(X)                                                                                \
	X(NOP, "is the card alive?")                                                               \
	X(SOCKET, "initialise socket `sock` of type arg[0], protocol arg[1]")                      \
	X(BIND, "to addr, port; answers with the local name")                                      \
	X(LISTEN, "backlog arg[0]")                                                                \
	X(ACCEPT, "the next connection becomes socket `child`; answers with its names")            \
	X(CONNECT, "to addr, port; arg[0]: goes on with the attempt under way")                    \
	X(DISCONNECT, "undoes connect")                                                            \
	X(SEND, "data, the last arg[1] bytes of it control messages; arg[0]: MSG_ flags; addr, "   \
	        "port: of a datagram")                                                             \
	X(RECV, "arg[0]: MSG_ flags; arg[1]: least bytes to wait for; port: room for control "     \
	        "messages at the end of the data")                                                 \
	X(GETNAME, "arg[0]: the peer's is wanted")                                                 \
	X(SETSOCKOPT, "arg[0], arg[1]: level and name; data: the value")                           \
	X(GETSOCKOPT, "the same; answers with the value as data")                                  \
	X(SHUTDOWN, "arg[0]: SHUT_")                                                               \
	X(LINGER, "ends sending; answered when all is acknowledged, FIN included")                 \
	X(RELEASE, "arg[0]: with a reset")                                                         \
	X(CANCEL, "command id arg[0] shall wait no longer")                                        \
	X(POLL, "tell changes of the poll mask from now on; answers with it")                      \
	X(QUERY, "SIOCINQ, SIOCOUTQ or SIOCATMARK (arg[0]): answers with the number")              \
	X(CONFIG, "interface, route and ARP set-up: data is the request")

enum comm_opcode {
#define X(name, text) COMM_##name,
	COMM_OPS(X)
#undef X
	COMM_OPCODES
};
/* "SEND" */
const char *comm_opcode_name(unsigned opcode);

enum comm_flag {
	COMM_NONBLOCK = 1, /* what would wait is answered -EAGAIN or -EINPROGRESS */
	COMM_TO_CARD = 2,  /* the card fetches `length` bytes at `data` with the command */
	COMM_TO_HOST = 4,  /* the card may write up to `length` bytes to `data` */
	COMM_QUIET = 8,    /* the answer needs no interrupt unless it is an error */
	COMM_ABORT = 16,   /* the connection shall be reset */
	COMM_CONTINUES = 32, /* the call has moved bytes: an error is left for the next one */
};

/* A socket of a card, named by the host. */
struct comm_handle {
	uint32_t index, generation;
};

/* Bytes of data that one command may carry, control messages not counted. */
#define COMM_MAX_DATA 65536U

struct comm_command {
	uint32_t id, generation; /* of the command */
	struct comm_handle sock, child;
	uint32_t addr;
	uint16_t port;
	uint8_t opcode, flags;
	int32_t arg[2];
	uint32_t length;
	void *data; /* in host memory; stays put until the answer */
};

enum comm_kind { COMM_ANSWER, COMM_EVENT };

struct comm_completion {
	uint32_t id, generation; /* of the command; 0 in events */
	struct comm_handle sock;
	int32_t result;          /* 0, a count, or a negative errno */
	uint32_t length;         /* bytes written to the command's data */
	uint32_t laddr, faddr;   /* the socket's name (of ACCEPT: the child's), and the peer's where */
	uint16_t lport, fport;   /* the opcode answers with it; a datagram's source */
	uint16_t poll;           /* the socket's poll mask after this */
	uint16_t child_poll;     /* the accepted socket's */
	uint32_t head;           /* the ring's own: descriptors fetched */
	uint16_t msg_flags;      /* of a receive: MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE, MSG_OOB */
	uint16_t control;        /* how many of the bytes written, the last, are control messages */
	uint8_t kind, urgent;
	uint8_t state;           /* the socket's TCP state after this */
	uint8_t interest, child_interest; /* the host is told when their poll masks change */
	uint8_t damaged;         /* its check sum, over the data too, is wrong */
};

#define COMM_ENTRY_BYTES 64U
_Static_assert(sizeof(struct comm_command) <= COMM_ENTRY_BYTES, "a descriptor is 64 bytes");
_Static_assert(sizeof(struct comm_completion) <= COMM_ENTRY_BYTES, "an entry is 64 bytes");

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
void comm_counters(const struct comm *comm, struct comm_counters *counters);

#endif
