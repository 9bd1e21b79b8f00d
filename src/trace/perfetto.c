/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does Perfetto say it?  One packet for each beginning, end, mark and value, in the order of their
 * dates; names once, and then by number; each date as the nanoseconds since the packet before.
 *
 * perfetto.proto has the messages and their fields.  They are written by hand: a library that knows any
 * message took longer than all the rest of a trace together.
 */
#include <string.h>

#include "trace/heard.h"

enum { SEQUENCE = 1, CLOCK_BOOT = 6, CLOCK_SINCE_LAST = 64, ANEW = 1 };
enum { TYPE_BEGIN = 1, TYPE_END, TYPE_MARK, TYPE_COUNT };
enum { ORDER_BY_RANK = 3, ANNOTATION_CALL = 1 };

/* What a field is written as. */
enum { WIRE_NUMBER, WIRE_FIXED64, WIRE_BYTES };

static uint8_t *put_number(uint8_t *at, uint64_t value) {
	while (value > 0x7f) {
		*at++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8_t)value;
	return at;
}

/* --- what stands at the head ------------------------------------------------------------------ */

static void add_number(GByteArray *message, unsigned field, uint64_t value) {
	uint8_t bytes[20], *end = put_number(bytes, field << 3 | WIRE_NUMBER);

	end = put_number(end, value);
	g_byte_array_append(message, bytes, (guint)(end - bytes));
}

static void add_bytes(GByteArray *message, unsigned field, const void *data, size_t n) {
	uint8_t bytes[20], *end = put_number(bytes, field << 3 | WIRE_BYTES);

	end = put_number(end, n);
	g_byte_array_append(message, bytes, (guint)(end - bytes));
	g_byte_array_append(message, data, (guint)n);
}

/* Adds a message, which is freed. */
static void add_message(GByteArray *message, unsigned field, GByteArray *part) {
	add_bytes(message, field, part->data, part->len);
	g_byte_array_unref(part);
}

static void put_packet(struct out *out, GByteArray *packet) {
	GByteArray *framed = g_byte_array_new();

	add_number(packet, 10, SEQUENCE);
	add_message(framed, 1, packet);
	out_put(out, framed->data, framed->len);
	g_byte_array_unref(framed);
}

static GByteArray *clock_at_0(unsigned id, bool since_last) {
	GByteArray *clock = g_byte_array_new();

	add_number(clock, 1, id);
	add_number(clock, 2, 0);
	if (since_last)
		add_number(clock, 3, true);
	return clock;
}

static GByteArray *named(unsigned number, const char *name) {
	GByteArray *message = g_byte_array_new();

	add_number(message, 1, number);
	add_bytes(message, 2, name, strlen(name));
	return message;
}

/* Clocks and all names. */
static void put_beginning(const struct trace *trace, struct out *out) {
	GByteArray *packet = g_byte_array_new(), *clocks = g_byte_array_new();
	GByteArray *defaults = g_byte_array_new(), *names = g_byte_array_new();

	add_message(clocks, 1, clock_at_0(CLOCK_BOOT, false));
	add_message(clocks, 1, clock_at_0(CLOCK_SINCE_LAST, true));
	add_number(defaults, 58, CLOCK_SINCE_LAST);
	for (guint i = 1; i < trace->names->len; i++)
		add_message(names, 2, named(i, trace->names->pdata[i]));
	for (guint i = 1; i < trace->names->len; i++)
		if (trace->is_layer[i])
			add_message(names, 1, named(i, trace->names->pdata[i]));
	add_message(names, 3, named(ANNOTATION_CALL, "call"));
	add_message(packet, 6, clocks);
	add_message(packet, 12, names);
	add_number(packet, 13, ANEW);
	add_message(packet, 59, defaults);
	put_packet(out, packet);
}

static void put_track(struct out *out, const struct sim_track *track) {
	GByteArray *packet = g_byte_array_new(), *descriptor = named(track->nr, track->name);

	if (track->parent)
		add_number(descriptor, 5, track->parent->nr);
	if (track->unit) {
		GByteArray *counter = g_byte_array_new();

		add_bytes(counter, 6, track->unit, strlen(track->unit));
		add_message(descriptor, 8, counter);
	} else {
		add_number(descriptor, 11, ORDER_BY_RANK);
	}
	add_number(descriptor, 12, track->rank);
	add_message(packet, 60, descriptor);
	put_packet(out, packet);
}

/* --- events ----------------------------------------------------------------------------------- */

struct writing {
	const struct trace *trace;
	uint64_t now;    /* nanoseconds, of the packet before */
	sim_flow *flows; /* what the last work on each track was for */
	unsigned burst;  /* the name of a DMA's bursts */
};

/* What leads from one to another is drawn; not within a call, nor from step to step of one piece of
 * work, nor by way of the bursts of a transfer that is drawn itself. */
static bool draws_flow(struct writing *w, const struct heard *h) {
	sim_flow before;

	if (!h->flow || sim_flow_kind(h->flow) == SIM_FLOW_CALL)
		return false;
	if (!h->layer)
		return true;
	before = w->flows[h->track];
	w->flows[h->track] = h->flow;
	return h->flow != before && h->name != w->burst;
}

/* What a beginning or a mark has besides. */
static uint8_t *put_what(struct writing *w, const struct heard *h, uint8_t *at) {
	if (h->layer) {
		*at++ = 3 << 3 | WIRE_NUMBER;
		at = put_number(at, h->layer);
	} else if (sim_flow_kind(h->flow) == SIM_FLOW_CALL) {
		uint8_t *length;

		*at++ = 4 << 3 | WIRE_BYTES;
		length = at++;
		*at++ = 1 << 3 | WIRE_NUMBER;
		*at++ = ANNOTATION_CALL;
		*at++ = 3 << 3 | WIRE_NUMBER;
		at = put_number(at, sim_flow_number(h->flow));
		*length = (uint8_t)(at - length - 1);
	}
	*at++ = 10 << 3 | WIRE_NUMBER;
	at = put_number(at, h->name);
	if (draws_flow(w, h)) {
		at = put_number(at, 47 << 3 | WIRE_FIXED64);
		memcpy(at, &h->flow, sizeof h->flow); /* both little-endian */
		at += sizeof h->flow;
	}
	return at;
}

/* A packet of at most EVENT_BYTES, all of whose lengths fit into a byte. */
static uint8_t *put_event(struct writing *w, const struct heard *h, const struct instant *in,
                          uint8_t *at) {
	uint64_t when = (uint64_t)in->when / SIM_NS;
	uint8_t *packet, *event;
	int type = in->turn == TURN_END     ? TYPE_END
	           : in->turn == TURN_BEGIN ? TYPE_BEGIN
	           : heard_is_count(h)      ? TYPE_COUNT
	                                    : TYPE_MARK;

	*at++ = 1 << 3 | WIRE_BYTES;
	packet = at++;
	*at++ = 8 << 3 | WIRE_NUMBER;
	at = put_number(at, when - w->now);
	*at++ = 10 << 3 | WIRE_NUMBER;
	*at++ = SEQUENCE;
	*at++ = 11 << 3 | WIRE_BYTES;
	event = at++;
	*at++ = 9 << 3 | WIRE_NUMBER;
	*at++ = (uint8_t)type;
	*at++ = 11 << 3 | WIRE_NUMBER;
	at = put_number(at, h->track);
	if (type == TYPE_COUNT) {
		at = put_number(at, 30 << 3 | WIRE_NUMBER);
		at = put_number(at, h->flow);
	} else if (type != TYPE_END) {
		at = put_what(w, h, at);
	}
	*event = (uint8_t)(at - event - 1);
	*packet = (uint8_t)(at - packet - 1);
	w->now = when;
	return at;
}

void perfetto_write(const struct trace *trace, struct out *out) {
	struct writing w = {.trace = trace};
	size_t n;
	struct instant *instants = heard_in_order(trace, &n);

	w.flows = g_new0(sim_flow, trace->tracks->len + 1);
	w.burst = GPOINTER_TO_UINT(g_hash_table_lookup(trace->known, "dma"));
	put_beginning(trace, out);
	for (guint i = 0; i < trace->tracks->len; i++)
		if (trace->tracks->pdata[i])
			put_track(out, trace->tracks->pdata[i]);
	for (size_t i = 0; i < n && !out->error; i++)
		out->end = put_event(&w, &trace->heard[instants[i].heard], &instants[i],
		                     out_room(out, EVENT_BYTES));
	g_free(instants);
	g_free(w.flows);
}
