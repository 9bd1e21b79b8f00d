/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Behind which port is this station?  A switch that learns, and floods what it has not learnt. */
#include <glib.h>

#include "net/wire/link.h"
#include "net/wire/link_flight.h"

struct switch_port {
	struct ether_switch *sw;
	struct port *port;
	guint index;
	guint64 last_source; /* the station heard last: spares looking it up again */
};

/* Stations that frames went to lately, by their address's last bits: they need not be looked up. */
enum { RECENT = 16 };

struct ether_switch {
	char *name;
	sim_time latency;
	GPtrArray *ports;     /* of struct switch_port */
	GHashTable *stations; /* address -> struct switch_port, as pointers */
	struct recent {
		guint64 address;
		struct switch_port *out; /* NULL: nobody */
	} recent[RECENT];
	struct flight fabric; /* frames being forwarded; `mark` is the port of entry */
};

/* A station's address as a number; the last bytes, which differ most, are the low ones. */
static guint64 address(const uint8_t *mac) {
	guint64 a = 0;

	for (int i = 0; i < 6; i++)
		a = a << 8 | mac[i];
	return a;
}

static gpointer key(guint64 addr) { return GSIZE_TO_POINTER((gsize)addr); }

static struct switch_port *find(struct ether_switch *sw, guint64 addr) {
	struct recent *recent = &sw->recent[addr % RECENT];

	if (recent->address != addr || !recent->out) {
		recent->address = addr;
		recent->out = g_hash_table_lookup(sw->stations, key(addr));
	}
	return recent->out;
}

static void flood(struct ether_switch *sw, struct frame *frame, guint from) {
	for (guint i = 0; i < sw->ports->len; i++) {
		struct switch_port *out = g_ptr_array_index(sw->ports, i);

		if (i != from)
			port_send(out->port, frame_copy(frame));
	}
	frame_free(frame);
}

static void forward(void *arg, struct frame *frame) {
	struct ether_switch *sw = arg;
	const uint8_t *dst = frame_data(frame);
	guint from = frame->mark;
	struct switch_port *out = NULL;

	if (!(dst[0] & 1)) /* neither broadcast nor multicast */
		out = find(sw, address(dst));
	if (!out)
		flood(sw, frame, from);
	else if (out->index != from)
		port_send(out->port, frame);
	else
		frame_free(frame); /* the station is on the side that it came from */
}

/* A station that has moved is found at its new port from its first frame on; the old port's memory
 * of the last source must not stand in the way when it comes back. */
static void learn(struct switch_port *in, const uint8_t *src) {
	struct ether_switch *sw = in->sw;
	guint64 addr = address(src);

	if (addr == in->last_source || (src[0] & 1))
		return;
	struct switch_port *old = g_hash_table_lookup(sw->stations, key(addr));
	if (old && old != in && old->last_source == addr)
		old->last_source = 0;
	g_hash_table_insert(sw->stations, key(addr), in);
	sw->recent[addr % RECENT].out = NULL;
	in->last_source = addr;
}

static void switch_receive(void *arg, struct frame *frame) {
	struct switch_port *in = arg;
	struct ether_switch *sw = in->sw;

	if (frame->len < 14) {
		frame_free(frame);
		return;
	}
	learn(in, frame_data(frame) + 6);
	frame->mark = in->index;
	flight_add(&sw->fabric, frame, frame->stamp + sw->latency);
}

static const struct port_ops switch_port_ops = {.receive = switch_receive, .hands_on = true};

struct ether_switch *ether_switch_new(struct sim *sim, const char *name, sim_time latency) {
	struct ether_switch *sw = g_new0(struct ether_switch, 1);

	g_assert(latency >= 0);
	sw->name = g_strdup(name);
	sw->latency = latency;
	sw->ports = g_ptr_array_new_with_free_func(g_free);
	sw->stations = g_hash_table_new(g_direct_hash, g_direct_equal);
	flight_init(&sw->fabric, sim, forward, sw);
	return sw;
}

void ether_switch_plug(struct ether_switch *sw, struct port *port) {
	struct switch_port *sp = g_new0(struct switch_port, 1);

	sp->sw = sw;
	sp->port = port;
	sp->index = sw->ports->len;
	g_ptr_array_add(sw->ports, sp);
	port_attach(port, &switch_port_ops, sp);
}

void ether_switch_free(struct ether_switch *sw) {
	flight_clear(&sw->fabric);
	g_ptr_array_free(sw->ports, TRUE);
	g_hash_table_destroy(sw->stations);
	g_free(sw->name);
	g_free(sw);
}
