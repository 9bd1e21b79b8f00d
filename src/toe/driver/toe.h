/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TOE card and its driver.
 *
 * The card: a firmware processor with costs of its own, a target module that carries out the
 * host's commands on the card's own TCP/IP stack, and an Ethernet port.  The driver: the host's
 * end of the communication module (pci/comm.h), a toedev whose inner sockets turn each socket
 * operation into a command, and the AF_TOE family for programs that name the card's family.
 */
#ifndef TOE_TOE_H
#define TOE_TOE_H

#include "host/dev/toedev.h"
#include "host/socket/socket.h"
#include "toe/card/card.h"
#include "toe/driver/kind_list.h"

struct toe;

/* Kinds of card: how the driver learns of completions.  TOE_KIND_INTERRUPT: a doorbell for each
 * command, an interrupt for completions (the paper's); TOE_KIND_POLLING: doorbells for batches, a
 * completion ring that the driver polls.  Each is a file channel_*.c, and meson.build lists them. */
enum toe_kind {
#define X(kind, KIND) TOE_KIND_##KIND,
	TOE_KINDS(X)
#undef X
};

struct toe_conf {
	enum toe_kind kind;
	const char *name; /* of the interface, "toe0"; copied */
	uint8_t mac[6];
	uint16_t mtu;          /* of the interface at first, 68..9000 */
	unsigned irq;          /* line 0..31 */
	double clock_scale;    /* firmware processor: 2 = twice as fast (costs are divided by it) */
	unsigned ring;         /* command descriptors */
	unsigned rx_ring;      /* frames that the port holds until the firmware has taken them in */
	unsigned max_sockets;  /* sockets and connections the card can hold; 0: no limit */
	uint32_t buffer_bytes; /* card memory for socket buffers; 0: no limit */
	bool run_to_completion; /* commands wait their turn among frames; else they interrupt the
	                             stack's work, as a doorbell does under an embedded OS */
	enum card_data_path data_path;
	sim_time path_latency; /* of a frame through the hardware data path, beside its cost */
	uint32_t tso;          /* largest segment that hardware cuts into frames, bytes; 0: none */
	uint32_t
		pin_from; /* bytes of a send or receive that the card fetches from, or leaves in, the
	                      program's own pages; less are copied; 0: all are */
	bool posted_sends;        /* a send for which the card has room is not waited for */
	bool sync_init;           /* the initialise command is waited for (paper) or posted */
	sim_time command_timeout; /* after which the driver declares the card dead */
	sim_time irq_throttle;    /* least time between two interrupts; 0: none */
	/* of a card that is polled */
	sim_time poll_spin;    /* how long a task looks for its answer before it sleeps */
	sim_time poll_period;  /* between two looks of the driver's timer, > 0 */
	unsigned poll_rounds;  /* looks in vain until the driver arms the card's interrupt */
	struct net_params net; /* of the card's stack */
};

/* "bsd-card" stack, MTU 1500, ring of 256, posted initialise, 10 s time-out, interrupts; if it is
 * polled: spins for 20 us, looks each 20 us, arms after 20 looks in vain. */
void toe_conf_default(struct toe_conf *conf);

/* Plugs a card into the bus, attaches its port, loads its driver and registers its toedev.  The
 * AF_TOE family is registered with the first card.  The interface is down and without address. */
struct toe *toe_new(struct kernel *k, struct pci_bus *bus, struct port *port,
                    const struct toe_conf *conf);
void toe_free(struct toe *toe);
/* For tests: the card as the kernel's registry has it. */
struct toedev *toe_dev(struct toe *toe);
/* Sets a firmware cost by key; -ENOENT. */
int toe_set_cost(struct toe *toe, const char *name, struct cost_value value);
/* Address, mask, gateway (NULL: none) and up, as a scenario configures it before the run. */
int toe_configure(struct toe *toe, const char *addr, const char *netmask, const char *gateway);

/* Faults: the firmware stops answering (host finds out by time-out), or the card is pulled out
 * (the bus tells the driver at once).  `slow` multiplies all firmware costs from now on. */
void toe_fail(struct toe *toe);
void toe_remove(struct toe *toe);
bool toe_plugged(const struct toe *toe); /* false: it was pulled */
void toe_slow(struct toe *toe, double factor);
/* The card lies from now on (pci/comm.h): the driver takes it out when it finds that out, before
 * anybody has got anything of it. */
void toe_lie(struct toe *toe, enum comm_fault fault, sim_time time);
/* For tests: what the driver says of a card that it has taken out, such as "it does not answer"; NULL: it is
 * there.  And whom it tells when it happens, from softirq or task context. */
const char *toe_why(const struct toe *toe);
void toe_on_death(struct toe *toe, void (*fn)(void *arg, const char *why), void *arg);

/* Tells what passes between host and card from now on; fn NULL: no longer. */
void toe_tap(struct toe *toe, comm_tap_fn fn, void *arg);

struct toe_usage {
	sim_time busy, window; /* of the firmware processor since the last reset */
	sim_time path_busy;    /* of the data path */
	uint64_t commands, events, late_answers, sockets, connections;
	uint64_t rx_dropped; /* frames that found no receive buffer */
};
void toe_usage_get(const struct toe *toe, struct toe_usage *usage);
void toe_usage_reset(struct toe *toe); /* resets the cost accounts too */
const struct cost_table *toe_costs(const struct toe *toe);
struct net_stack *toe_stack(struct toe *toe);
/* Name of the card ("toe0") that a socket is on, as AF_TOE and inner sockets are; NULL: on none. */
const char *toe_socket_card(const struct socket *sock);

/* The AF_TOE family: socket(AF_TOE, ...) opens on the first card, or, after bind() or connect(),
 * on the card that the address calls for. */
extern const struct net_proto_family toe_family_ops;

#endif
