/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links.  A direction knows until when its wire is taken; a frame's departure and arrival follow
 * when it is handed over, so that neither the queue nor the serialisation need events.  A frame
 * costs one event, its arrival; a second one, its departure, only if the sender wants to know.
 */
#include "net/wire/link.h"

#include <glib.h>
#include <math.h>

#include "net/wire/fault.h"
#include "net/wire/link_flight.h"
#include "sim/watch.h"

struct port {
	struct link *link;
	struct port *peer;
	const struct port_ops *ops;
	void *arg;
	void (*tap)(void *arg, const struct frame *frame, bool tx);
	void *tap_arg;
	/* the direction that begins here */
	const struct sim_track *track; /* NULL: nobody has listened yet */
	char *name;                    /* of this end */
	struct fault *fault;           /* NULL: a perfect wire */
	sim_time reorder_delay;
	sim_time busy_until;   /* the last bit taken so far leaves */
	sim_time last_arrival; /* of what keeps the order */
	struct flight leaving; /* frames whose departure the owner wants to know */
	struct flight arriving;
	struct link_counters count;
};

struct link {
	struct sim *sim;
	const struct sim_track *track;
	uint64_t bits_per_s;
	sim_time per_byte; /* 0: a byte does not last whole picoseconds */
	sim_time propagation;
	uint16_t frame_max;  /* bytes that get to the other end */
	sim_time queue_time; /* that a full queue takes to send; SIM_NEVER: no limit */
	struct port port[2];
};

/* --- what is told of it ----------------------------------------------------------------------- */

/* A switch may have a thousand links: a direction has its line when a frame goes there. */
static const struct sim_track *direction(struct port *port) {
	g_autofree char *name = NULL;

	if (port->track)
		return port->track;
	name = g_strconcat(port->name, " -> ", port->peer->name, NULL);
	port->track = sim_track(port->link->sim, port->link->track, name, 0);
	return port->track;
}

/* The frame occupies the wire until `end`; it was sent when that begins, or said to be. */
static SIM_TELLS void tell_sent(struct port *port, struct frame *frame, sim_time start,
                                sim_time end) {
	sim_flow flow = frame_flow(port->link->sim, frame);
	const char *name = frame_name(frame);

	if (start > sim_now(port->link->sim))
		sim_tell_mark(direction(port), "sent", flow);
	sim_tell_span(direction(port), NULL, name, start, end, flow);
}

static SIM_TELLS void tell_seen(struct port *from, struct frame *frame) {
	const struct port_ops *ops = from->peer->ops;

	if (!ops || !ops->hands_on)
		sim_tell_mark(direction(from), "seen", frame_flow(from->link->sim, frame));
}

/* --- a frame's way ---------------------------------------------------------------------------- */

static void deliver(void *arg, struct frame *frame) {
	struct port *from = arg, *to = from->peer;

	if (sim_heard(from->link->track))
		tell_seen(from, frame);
	if (to->ops && to->ops->coming && from->arriving.frames.head)
		to->ops->coming(to->arg, from->arriving.frames.head, true);
	if (to->tap)
		to->tap(to->tap_arg, frame, false);
	if (to->ops)
		to->ops->receive(to->arg, frame);
	else
		frame_free(frame);
}

/* Flips a bit, or drops the frame if no checksum would find it: ARP has none.  False: dropped. */
static bool corrupt(struct port *port, struct frame *frame, uint32_t bit) {
	const uint8_t *type = frame_data(frame) + 12;

	port->count.corrupted++;
	if (frame->len < 14 || type[0] != 0x08 || type[1] != 0x00) {
		frame_free(frame);
		return false;
	}
	frame_data(frame)[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	frame_doubt(frame);
	return true;
}

/* The wire of a link with faults. */
static void fly_faulty(struct port *port, struct frame *frame, sim_time arrival) {
	struct fault_verdict verdict;

	fault_next(port->fault, frame->len, &verdict);
	if (verdict.lost) {
		port->count.lost++;
		frame_free(frame);
		return;
	}
	if (verdict.corrupt && !corrupt(port, frame, verdict.bit))
		return;
	arrival = MAX(arrival + verdict.jitter, port->last_arrival);
	if (verdict.held) {
		port->count.reordered++;
		arrival += port->reorder_delay;
	} else {
		port->last_arrival = arrival;
	}
	struct frame *copy = verdict.duplicate ? frame_copy(frame) : NULL;
	flight_add(&port->arriving, frame, arrival);
	if (copy) {
		port->count.duplicated++;
		flight_add(&port->arriving, copy, arrival);
	}
}

static void fly(struct port *port, struct frame *frame, sim_time departure) {
	sim_time arrival = departure + port->link->propagation;
	const struct port *to = port->peer;

	if (to->ops && to->ops->coming)
		to->ops->coming(to->arg, frame, false);
	if (frame->len > port->link->frame_max) {
		port->count.too_long++;
		frame_free(frame);
	} else if (port->fault) {
		fly_faulty(port, frame, arrival);
	} else {
		flight_add(&port->arriving, frame, arrival);
	}
}

static void depart(void *arg, struct frame *frame) {
	struct port *port = arg;

	fly(port, frame, frame->stamp);
	if (port->ops && port->ops->sent)
		port->ops->sent(port->arg);
}

static sim_time serialise(const struct link *link, size_t bytes) {
	if (link->per_byte)
		return link->per_byte * (sim_time)bytes;
	return sim_serialise(bytes, link->bits_per_s);
}

bool port_send(struct port *port, struct frame *frame) {
	struct link *link = port->link;
	sim_time now = sim_now(link->sim);
	sim_time duration = serialise(link, frame_wire_bytes(frame));

	if (port->busy_until > now && port->busy_until - now + duration > link->queue_time) {
		port->count.dropped_full++;
		frame_free(frame);
		return false;
	}
	sim_seen(link->sim, "a frame on the wire");
	port->count.frames++;
	port->count.bytes += frame->len;
	if (port->tap)
		port->tap(port->tap_arg, frame, true);
	port->busy_until = MAX(port->busy_until, now) + duration;
	if (sim_heard(link->track))
		tell_sent(port, frame, port->busy_until - duration, port->busy_until);
	if (port->ops && port->ops->sent)
		flight_add(&port->leaving, frame, port->busy_until);
	else
		fly(port, frame, port->busy_until);
	return true;
}

sim_time port_free_at(const struct port *port) { return port->busy_until; }

uint32_t port_backlog(const struct port *port, sim_time when) {
	const struct link *link = port->link;
	sim_time left = port->busy_until - when;

	if (left <= 0)
		return 0;
	/* To the nearest: frames' times were rounded up to picoseconds. */
	return (uint32_t)((double)left * (double)link->bits_per_s / (8.0 * (double)SIM_S) + 0.5);
}

bool port_holds(const struct port *port, uint32_t bytes, sim_time when) {
	const struct link *link = port->link;
	sim_time left = port->busy_until - when;

	/* To the nearest, without a division. */
	if (link->per_byte)
		return 2 * left >= (2 * (sim_time)bytes - 1) * link->per_byte;
	return port_backlog(port, when) >= bytes;
}

bool port_keeps(const struct port *port, uint32_t bytes) {
	return port->link->queue_time >= serialise(port->link, bytes);
}

void port_attach(struct port *port, const struct port_ops *ops, void *arg) {
	port->ops = ops;
	port->arg = arg;
}

void port_counters(const struct port *port, struct link_counters *counters) {
	*counters = port->count;
}

void port_tap(struct port *port, void (*fn)(void *arg, const struct frame *frame, bool tx),
              void *arg) {
	port->tap = fn;
	port->tap_arg = arg;
}

static void port_init(struct link *link, unsigned end, const struct link_conf *conf) {
	struct port *port = &link->port[end];

	port->link = link;
	port->peer = &link->port[1 - end];
	port->name = conf->ends[end] ? g_strdup(conf->ends[end]) : g_strdup_printf("%u", end);
	port->fault = fault_new(link->sim, conf->name, end, &conf->fault[end]);
	port->reorder_delay = conf->fault[end].reorder_delay;
	flight_init(&port->leaving, link->sim, depart, port);
	flight_init(&port->arriving, link->sim, deliver, port);
}

struct link *link_new(struct sim *sim, const struct link_conf *conf) {
	const uint64_t byte = 8 * (uint64_t)SIM_S;
	struct link *link = g_new0(struct link, 1);

	g_assert(conf->bits_per_s > 0 && conf->propagation >= 0);
	link->sim = sim;
	link->track = conf->track ? conf->track : sim_track(sim, NULL, conf->name, SIM_RANK_WIRE);
	link->bits_per_s = conf->bits_per_s;
	link->per_byte = byte % conf->bits_per_s ? 0 : (sim_time)(byte / conf->bits_per_s);
	link->propagation = conf->propagation;
	link->frame_max = conf->mtu ? FRAME_ETHER + conf->mtu : UINT16_MAX;
	link->queue_time = SIM_NEVER;
	if (conf->queue_bytes)
		link->queue_time = (sim_time)ceil((double)conf->queue_bytes * (double)byte /
		                                  (double)conf->bits_per_s);
	for (unsigned end = 0; end < 2; end++)
		port_init(link, end, conf);
	return link;
}

void link_free(struct link *link) {
	for (unsigned end = 0; end < 2; end++) {
		struct port *port = &link->port[end];

		flight_clear(&port->leaving);
		flight_clear(&port->arriving);
		fault_free(port->fault);
		g_free(port->name);
	}
	g_free(link);
}

struct port *link_port(struct link *link, unsigned end) {
	g_assert(end < 2);
	return &link->port[end];
}
