/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wires and switches: full-duplex Ethernet links with serialisation, propagation, finite queues
 * and faults, and a store-and-forward learning switch.
 *
 * A link end is a `struct port`.  A device sends frames into its port and gets frames and "sent"
 * notices through its callbacks.  All faults come from seeded streams or from a list of frame
 * numbers, per direction.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "net/engine/frame.h"
#include "sim/trace.h"

struct link;
struct port;
struct ether_switch;

/* Fault model of one direction; all 0 is a perfect wire. */
struct fault_conf {
	double loss;       /* probability per frame */
	double burst_loss; /* Gilbert-Elliott: loss probability in the bad state ... */
	double burst_enter, burst_leave; /* ... and the transition probabilities per frame */
	double corrupt;   /* probability that one random bit of the frame flips, behind the MAC's
	                           check, as in a bad buffer: checksums must find it.  What has none
	                           (ARP) is lost instead, as if the MAC had found it. */
	double duplicate; /* probability that a second copy arrives right behind the frame */
	double reorder;   /* probability that a frame is held back ... */
	sim_time reorder_delay; /* ... for this long */
	sim_time jitter;        /* uniform extra delay 0..jitter, order kept */
	const uint32_t *drop;   /* frame numbers (from 1) to drop, ascending, 0-terminated (copied);
	                           or NULL */
};

struct link_conf {
	const char *name;     /* names the random streams; copied */
	uint64_t bits_per_s;  /* > 0 */
	sim_time propagation; /* >= 0 */
	uint32_t
		queue_bytes; /* transmit queue in front of the wire, each direction, in bytes of wire
	                           (frame_wire_bytes()); an idle wire takes any frame; 0: no limit */
	uint16_t mtu;        /* longest packet that gets to the other end; 0: any */
	struct fault_conf fault[2];    /* from end 0 to 1, from 1 to 0 */
	const struct sim_track *track; /* above its two directions; NULL: one of its name */
	const char *ends[2]; /* what the ends are called there; copied; NULL: "0" and "1" */
};

struct port_ops {
	/* A frame arrived whole; ownership passes. */
	void (*receive)(void *arg, struct frame *frame);
	/* The last bit of a frame left this port (NULL: not wanted).  Once per frame sent, in order. */
	void (*sent)(void *arg);
	/* A frame is on its way to this port, and may be lost yet; once more with `next` when the one
	 * before it arrives (NULL: not wanted).  Nothing that others can see may come of it. */
	void (*coming)(void *arg, const struct frame *frame, bool next);
	/* A switch: what arrives goes on, and nobody has seen it yet. */
	bool hands_on;
};

/* An idle link.  *conf is copied; values out of range abort (scenarios are checked where they are
 * read).  Random streams are named "link.<name>.<end>.<purpose>", and exist for the faults in
 * use. */
struct link *link_new(struct sim *sim, const struct link_conf *conf);
/* Frees the link and the frames on it. */
void link_free(struct link *link);
struct port *link_port(struct link *link, unsigned end); /* 0 or 1 */
/* Who uses this end from now on; ops NULL: nobody, frames that arrive vanish.  *ops must outlive
 * the port; attach before the first frame is sent, since `sent` is only told of frames sent
 * later. */
void port_attach(struct port *port, const struct port_ops *ops, void *arg);

/* Queues a frame for transmission; false and the frame freed if the queue was full. */
bool port_send(struct port *port, struct frame *frame);
/* When the last bit of what it was given leaves; not in the future: it has. */
sim_time port_free_at(const struct port *port);
/* Bytes of wire (frame_wire_bytes()) that will be waiting, or still to be sent of the frame being sent, at a date (>=
 * now) if no other is sent until then. */
uint32_t port_backlog(const struct port *port, sim_time when);
/* Whether that is `bytes` (> 0) or more. */
bool port_holds(const struct port *port, uint32_t bytes, sim_time when);
/* Whether it never drops a frame while it holds fewer bytes than that. */
bool port_keeps(const struct port *port, uint32_t bytes);

/* The number that traces tie a frame together by, given when it is first asked for. */
static inline sim_flow frame_flow(struct sim *sim, struct frame *frame) {
	if (!frame->flow)
		frame->flow = sim_flow_new(sim, SIM_FLOW_FRAME);
	return frame->flow;
}

struct link_counters {
	uint64_t frames, bytes; /* taken for transmission; bytes as frames count them */
	uint64_t dropped_full;  /* not taken: the queue was full */
	uint64_t too_long, lost, corrupted, duplicated, reordered; /* of those taken */
};
void port_counters(const struct port *port, struct link_counters *counters); /* what it sent */

/* Watches every frame that a port takes for transmission (tx), when it does, before any fault, and
 * every frame that arrives at it: for captures.  One watcher a port; NULL: none. */
void port_tap(struct port *port, void (*fn)(void *arg, const struct frame *frame, bool tx),
              void *arg);

/* A learning store-and-forward switch; plug links' ends in.  `latency` is its forwarding time after
 * the last bit.  Its output queues are those of the plugged ports (link_conf.queue_bytes).
 * Stations are learned from source addresses and never forgotten; it floods what it does not
 * know. */
struct ether_switch *ether_switch_new(struct sim *sim, const char *name, sim_time latency);
void ether_switch_plug(struct ether_switch *sw, struct port *port);
/* Frees the switch, not the links; nothing may arrive at the plugged ports any more. */
void ether_switch_free(struct ether_switch *sw);

#endif
