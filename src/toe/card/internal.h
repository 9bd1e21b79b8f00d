/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the card hold?  Its sockets, the commands in its memory, and itself: what its
 * firmware's files share.
 *
 *   card.c         life, Ethernet port, the stack's outputs and timers
 *   data_path.c    segments that the processor does not touch
 *   target_run.c   the target module: takes commands
 *   target_ops.c   what each command does
 *   target_wait.c  commands that wait for the network; events to the host
 *   target.c       the socket table, answers
 *
 * The stack calls its owner back in the middle of its work, so a socket event is only noted
 * (card_sock.events, the list of dirty sockets).  Whoever called into the stack calls
 * target_settle() afterwards, which serves the commands that waited for those sockets and tells the
 * host of changed poll masks.
 *
 * Output.  A send command is answered when the data are in the send buffer.  The segments are a
 * matter of the card's own: the target holds them back until the processor comes to its output
 * item, so that small sends that follow one another closely share a segment whenever the card is
 * the slower one, as in a stack whose socket layer only appends.  Frames that the stack has built
 * are charged and sent by an item each.
 */
#ifndef TOE_CARD_INTERNAL_H
#define TOE_CARD_INTERNAL_H

#include <glib.h>

#include "net/engine/mac_filter.h"
#include "net/engine/stack.h"
#include "sim/watch.h"
#include "toe/card/card.h"
#include "toe/card/firmware.h"

/* What asks for items of the firmware's loop. */
enum {
	SOURCE_RECEIVE,
	SOURCE_TRANSMIT,
	SOURCE_TIMER,
	SOURCE_COMMAND,
	SOURCE_OUTPUT,
	SOURCE_DATA,
	SOURCE_SENT,
	SOURCE_CAME,
};
_Static_assert(SOURCE_CAME < FW_SOURCES, "sources");

/* A command in the card's memory. */
struct card_cmd {
	struct comm_command cmd;
	struct comm_completion answer;
	struct card *card;
	struct card_cmd *next;
	uint32_t done;    /* bytes moved so far, by sends and receives that wait */
	uint32_t here;    /* of a send: its data up to here are in the card, but for those done */
	uint32_t to_host; /* bytes of data that go with the answer */
	bool waited;      /* it stands, or stood, in a queue of its socket */
};

/* Data of a send that had to wait: they are fetched again when there is room. */
struct card_fetch {
	struct card *card;
	struct comm_handle sock;
	uint32_t id, generation; /* of the command */
	struct pci_dma dma;
	struct card_fetch *next; /* free ones, or those that have come */
};

struct card_queue {
	struct card_cmd *head, *tail;
};

/* A socket as the target module knows it. */
struct card_sock {
	struct card *card;
	struct net_sock *so;
	struct comm_handle handle;
	int type;
	unsigned events; /* enum net_event, not looked at yet */
	unsigned told;   /* poll mask that the host knows */
	bool interest;   /* the host wants to hear of changes */
	bool dirty;
	bool lingering;
	bool telling;  /* an event is under way: it will carry the mask of its time */
	bool held;     /* small segments are held back until the output item */
	bool fetching; /* data of the first send that waits are on their way */
	bool corked;   /* the program holds them back itself (TCP_CORK) */
	/* what waits: for connections or the handshake, for data, for room, for the last ACK */
	struct card_queue accepts, connects, recvs, sends, lingers;
};

/* A frame that its port is sending, and whose send buffer waits for that. */
struct card_leaving {
	struct frame_owner *owner;
	uint32_t truesize;
	sim_time date; /* of its last bit */
};

struct data_path;

struct card {
	struct sim *sim;
	const struct sim_track *track, *waiting; /* of all of it; of connections for accept() */
	struct comm *comm;
	struct port *port;
	struct firmware *fw;
	struct cost_table costs; /* of its processors */
	struct data_path *path;  /* NULL: all is the firmware's */
	struct net_stack *stack;
	struct net_if *ifp;
	struct mac_filter filter; /* of its Ethernet port */
	struct frame_queue rx, tx;
	const struct frame *receiving; /* by the firmware, until it is paid for; NULL: none */
	GQueue leaving;                /* struct card_leaving, first to leave first */
	struct sim_event left;
	unsigned rx_ring, rx_used; /* receive buffers: all, and those with a frame */
	struct card_queue commands;
	struct card_cmd *pool; /* free ones */
	GPtrArray *cmds;       /* all of them */
	struct card_fetch *free_fetches, *came, *came_last;
	GPtrArray *fetches;
	GPtrArray *socks;     /* by index of their handles */
	GPtrArray *dirty;     /* sockets with events, in the order of the first */
	GPtrArray *output;    /* sockets with data that the output item shall send */
	GPtrArray *lingering; /* sockets with commands that wait for the last ACK */
	struct sim_event timer;
	struct sim_duty duty;           /* the stack's timers */
	bool timer_queued;              /* a timer item waits for the firmware */
	bool silent;                    /* stopped: nothing goes out any more */
	uint64_t begun_paid, over_paid; /* connections: set-ups and tear-downs charged */
	uint64_t n_commands, n_events, n_sockets, n_rx_dropped;
	uint64_t established; /* before the last reset of the counters */
};

/* A frame on its way out is marked with what it is. */
#define CARD_FRAME_MORE (1U << 24) /* cut off the same large segment as the one before it */
static inline enum net_kind card_frame_kind(const struct frame *frame) {
	return (enum net_kind)(frame->mark >> 16 & 0xffU);
}
static inline size_t card_frame_payload(const struct frame *frame) { return frame->mark & 0xffffU; }

#endif
