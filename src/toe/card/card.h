/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TOE card from outside.  All that host and card tell each other goes over the bus
 * (pci/message.h, pci/comm.h): what is here is for who plugs it in, sets it up before the run,
 * measures it or breaks it.
 */
#ifndef TOE_CARD_H
#define TOE_CARD_H

#include "net/engine/params.h"
#include "net/wire/link.h"
#include "pci/comm.h"
#include "sim/cost.h"

struct card;

/* The card's own named costs, worked off by its firmware processor. X(id, key, layer, help) */
#define TOE_COSTS(X)                                                                               \
	X(COMMAND, command, "target", "take, decode and answer one command")                       \
	X(SOCKET, socket, "target", "initialise or free a socket")                                 \
	X(CONNECTION, connection, "card tcp", "set up (half) and tear down (half) a connection")   \
	X(TX_SEGMENT, tx_segment, "card tcp", "send one data segment")                             \
	X(RX_SEGMENT, rx_segment, "card tcp", "receive one data segment")                          \
	X(RX_ACK, rx_ack, "card tcp", "receive one pure ACK")                                      \
	X(CONTROL, control, "card tcp", "send or receive one control segment")                     \
	X(TX_ACK, tx_ack, "card tcp", "send one pure ACK")                                         \
	X(DATAGRAM, datagram, "card udp", "send or receive one datagram")                          \
	X(OTHER, other, "card ip", "ARP, ICMP and fragments, each way")                            \
	X(BYTE, byte, "card tcp", "move one byte by the card's processor (0: by its DMA)")         \
	X(EVENT, event, "target", "tell the host of an event")                                     \
	X(TIMER, timer, "card tcp", "run a timer")                                                  \
	X(PATH_TX, path_tx, "card data path", "hardware: begin to send data, with a first segment") \
	X(PATH_CUT, path_cut, "card data path", "hardware: one more segment cut off (tso)")         \
	X(PATH_RX, path_rx, "card data path", "hardware: receive one data segment")                 \
	X(PATH_ACK, path_ack, "card data path", "hardware: send or receive one pure ACK")

enum toe_cost {
#define X(id, name, layer, help) TOE_COST_##id,
	TOE_COSTS(X)
#undef X
		TOE_COST_COUNT
};

/* Who does the work that the data of an established connection make. */
enum card_data_path {
	CARD_PATH_FIRMWARE, /* its processor */
	CARD_PATH_HARDWARE, /* a pipeline beside it */
};

struct card_conf {
	const char *name; /* of its interface, "toe0"; outlives the card */
	uint8_t mac[6];
	uint16_t mtu;          /* of the interface at first, 68..9000 */
	uint32_t index;        /* the number of its interface on the machine */
	double clock_scale;    /* firmware processor: 2 = twice as fast (costs are divided by it) */
	unsigned rx_ring;      /* frames that the port holds until the firmware has taken them in */
	unsigned max_sockets;  /* sockets and connections the card can hold; 0: no limit */
	uint32_t buffer_bytes; /* card memory for socket buffers; 0: no limit */
	bool run_to_completion; /* commands wait their turn among frames; else they interrupt the
	                           stack's work, as a doorbell does under an embedded OS */
	enum card_data_path data_path;
	sim_time path_latency; /* of a frame through the pipeline, each way, beside its cost */
	uint32_t tso;          /* largest segment that hardware cuts into frames, bytes; 0: none */
	struct net_params net; /* of its stack */
};

/* --- life ------------------------------------------------------------------------------------- */

/* A card at the end of a cable.  It is put to the bus later, since the rings need it, too. */
struct card *card_new(struct sim *sim, struct port *port, const struct card_conf *conf);
void card_attach(struct card *card, struct comm *comm);
void card_free(struct card *card);
/* comm_deliver: a command has arrived. */
void card_command(void *card, const struct comm_command *cmd);
/* It is reset, hangs or is unplugged: silence on the wire and on the bus, for good. */
void card_stop(struct card *card);
/* Multiplies all firmware costs from now on. */
void card_slow(struct card *card, double factor);

/* --- set-up before the run, when there is nobody yet to send commands --------------------------- */

/* Address, mask, up, and a default route unless `gateway` is 0: 0 or a negative errno. */
int card_configure(struct card *card, uint32_t addr, uint32_t mask, uint32_t gateway);
/* What a CONFIG command asks for, with its answer in *config: 0 or a negative errno. */
int card_config(struct card *card, struct comm_config *config);

/* --- meters ----------------------------------------------------------------------------------- */

struct card_meters {
	sim_time busy, window; /* of the firmware processor since the last reset */
	sim_time path_busy;    /* of the data path */
	uint64_t commands, events, sockets, connections;
	uint64_t rx_dropped; /* frames that found no receive buffer */
};
void card_meters(const struct card *card, struct card_meters *meters);
void card_meters_reset(struct card *card); /* resets the cost accounts, too */
/* Values and accounts of the firmware's costs (enum toe_cost). */
struct cost_table *card_costs(const struct card *card);
/* For lists of what it holds: routes, ARP entries, sockets. */
struct net_stack *card_stack(const struct card *card);

#endif
