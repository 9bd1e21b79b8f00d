/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does Perfetto say it?  One packet for each beginning, end and mark, in the order of their dates; a value
 * goes with the packet before it if it is of the same date.  Packets belong to sequences: each has its own
 * names, told once and then by number, its own clock, told as the nanoseconds since the packet before, and a track
 * that is meant where none is named.  A track has a sequence while much happens on it:
 * whose was silent for long goes to another.  If none was, it shares one that means no track.  What is belated
 * has one whose dates are whole.
 *
 * perfetto.proto has the messages and their fields.  They are written by hand: a library that knows any
 * message took longer than all the rest of a trace together.
 */
#include <string.h>

#include "trace/heard.h"

enum { SHARED = 1, BELATED, SEQUENCES = 128, CLOCK_BOOT = 6, CLOCK_SINCE_LAST = 64, ANEW = 1 };
enum { TYPE_BEGIN = 1, TYPE_END, TYPE_MARK, TYPE_COUNT };
enum { ORDER_BY_RANK = 3, ANNOTATION_CALL = 1 };

/* A sequence goes to another track after so many packets of others. */
#define LONG 512U

/* What a field is written as. */
enum { WIRE_NUMBER, WIRE_BYTES = 2 };

/* All machines that this runs on are little-endian; most numbers have up to three bytes, of seven bits each.  As
 * many as four are written. */
static inline uint8_t *put_number(uint8_t *at, uint64_t value) {
	uint32_t bytes;

	if (value <= 0x7f) {
		*at = (uint8_t)value;
		return at + 1;
	}
	if (value <= 0x3fff) {
		bytes = (uint32_t)(value + (value & 0x3f80)) | 0x80;
		memcpy(at, &bytes, sizeof bytes);
		return at + 2;
	}
	while (value > 0x7f) {
		*at++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8_t)value;
	return at;
}

static inline uint8_t *put_field(uint8_t *at, unsigned field, uint64_t value) {
	return put_number(put_number(at, field << 3 | WIRE_NUMBER), value);
}

/* A message of less than 128 bytes follows: where its length is to stand, which close_part() puts there. */
static inline uint8_t *open_part(uint8_t *at, unsigned field, uint8_t **length) {
	*length = put_number(at, field << 3 | WIRE_BYTES);
	return *length + 1;
}

static inline void close_part(const uint8_t *end, uint8_t *length) {
	*length = (uint8_t)(end - length - 1);
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

static void put_packet(struct out *out, unsigned sequence, GByteArray *packet) {
	GByteArray *framed = g_byte_array_new();

	add_number(packet, 10, sequence);
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

/* What is meant where a packet of the sequence does not say otherwise; 0: no track. */
static GByteArray *defaults_of(uint32_t track) {
	GByteArray *defaults = g_byte_array_new();

	if (track) {
		GByteArray *event = g_byte_array_new();

		add_number(event, 11, track);
		add_message(defaults, 11, event);
	}
	add_number(defaults, 58, CLOCK_SINCE_LAST);
	return defaults;
}

static uint8_t *put_text(uint8_t *at, unsigned field, const char *text, size_t length) {
	*at++ = (uint8_t)(field << 3 | WIRE_BYTES);
	at = put_number(at, length);
	memcpy(at, text, length);
	return at + length;
}

/* Lines come by the ten thousand, so this is put together in place.  TRACK_BYTES: all but names and unit. */
#define TRACK_BYTES 128U
static void put_track(struct out *out, const struct sim_track *track) {
	size_t length = strlen(track->name), unit = track->unit ? strlen(track->unit) : 0;
	g_autofree uint8_t *body = g_malloc(length + unit + TRACK_BYTES);
	uint8_t head[TRACK_BYTES], sizes[20], *at = put_field(body, 1, track->nr), *end = head;
	size_t size;

	at = put_text(at, 2, track->name, length);
	if (track->parent)
		at = put_field(at, 5, track->parent->nr);
	if (track->unit) {
		*at++ = 8 << 3 | WIRE_BYTES;
		at = put_number(at, (size_t)(put_number(sizes, unit) - sizes) + 1 + unit);
		at = put_text(at, 6, track->unit, unit);
	} else {
		at = put_field(at, 11, ORDER_BY_RANK);
	}
	at = put_field(at, 12, track->rank);
	/* The packet's other fields stand before the descriptor. */
	size = (size_t)(at - body);
	end = put_field(end, 10, SHARED);
	end = put_number(end, 60 << 3 | WIRE_BYTES);
	end = put_number(end, size);
	sizes[0] = 1 << 3 | WIRE_BYTES;
	out_put(out, sizes, (size_t)(put_number(sizes + 1, (size_t)(end - head) + size) - sizes));
	out_put(out, head, (size_t)(end - head));
	out_put(out, body, size);
}

/* --- lines and sequences ---------------------------------------------------------------------- */

/* What a root has worked, by names: all below it. */
struct root {
	const struct sim_track *track;
	sim_time sums[NAMES_MOST];
};

/* What is known of a track. */
struct line {
	const struct sim_track *track; /* NULL: nothing was heard of it yet */
	struct root *root;
	sim_flow flow; /* that it was told of last */
	uint32_t open;
	uint8_t sequence; /* 0: none of its own */
};

struct sequence {
	uint64_t now;   /* nanoseconds, of the packet before */
	uint64_t spoke; /* the packet before, by its number */
	uint32_t track; /* that is meant; 0: none */
};
enum { KNOWN_NAME = 1, KNOWN_LAYER };

/* A name as a field of an event, and as that of its category, made once. */
struct word {
	uint8_t name[4], layer[4];
	uint8_t n; /* bytes of each: 2 or 3, as NAMES_MOST is 2^12 */
};

/* What a sequence has been told of a name: it as a name, it as a category; and with which layer it came last. */
struct known {
	uint16_t with; /* 1 more than the layer's number; 0: it did not come */
	uint8_t as;
};

struct writing {
	const struct trace *trace;
	struct out *out;
	struct sequence sequences[SEQUENCES];
	unsigned n_sequences;
	/* By names and sequences: side by side, as there are few names. */
	struct known (*known)[SEQUENCES];
	struct word words[NAMES_MOST];
	struct line *lines; /* by the tracks' numbers */
	uint32_t n_lines;
	GPtrArray *roots;
	uint64_t packets; /* with events */
	uint64_t last;    /* nanoseconds: the latest date of all packets */
	unsigned burst;   /* the name of a DMA's bursts */
	uint64_t card;    /* 1 more than that of the first command; 0: none came */
	/* The last packet, its event, where both end (NULL: nothing goes with it), its date. */
	uint8_t *packet, *event, *packet_end;
	uint64_t packet_when;
	unsigned riders; /* values that it has */
};

static void sequence_begin(struct writing *w, unsigned nr, uint32_t track) {
	struct sequence *s = &w->sequences[nr];
	GByteArray *packet = g_byte_array_new(), *clocks = g_byte_array_new();
	GByteArray *names = g_byte_array_new();

	s->track = track;
	w->known[0][nr].as = KNOWN_NAME | KNOWN_LAYER; /* there is none */
	add_message(clocks, 1, clock_at_0(CLOCK_BOOT, false));
	if (nr != BELATED)
		add_message(clocks, 1, clock_at_0(CLOCK_SINCE_LAST, true));
	add_message(names, 3, named(ANNOTATION_CALL, "call"));
	add_message(packet, 6, clocks);
	add_message(packet, 12, names);
	add_number(packet, 13, ANEW);
	if (nr != BELATED)
		add_message(packet, 59, defaults_of(track));
	put_packet(w->out, nr, packet);
}

static struct root *root_of(struct writing *w, const struct sim_track *track) {
	struct root *root;

	while (track->parent)
		track = track->parent;
	for (guint i = 0; i < w->roots->len; i++) {
		root = w->roots->pdata[i];
		if (root->track == track)
			return root;
	}
	root = g_new0(struct root, 1);
	root->track = track;
	g_ptr_array_add(w->roots, root);
	return root;
}

/* Of whom nothing was heard so far: those above are told of first. */
static struct line *line_new(struct writing *w, const struct sim_track *track) {
	if (track->nr >= w->n_lines) {
		uint32_t n = MAX(track->nr + 1, 2 * w->n_lines);

		w->lines = g_renew(struct line, w->lines, n);
		memset(w->lines + w->n_lines, 0, (n - w->n_lines) * sizeof *w->lines);
		w->n_lines = n;
	}
	if (!w->lines[track->nr].track) {
		if (track->parent)
			line_new(w, track->parent);
		put_track(w->out, track);
		w->lines[track->nr] = (struct line){.track = track, .root = root_of(w, track)};
	}
	return &w->lines[track->nr];
}

static inline struct line *line_of(struct writing *w, const struct sim_track *track) {
	if (G_UNLIKELY(track->nr >= w->n_lines || !w->lines[track->nr].track))
		return line_new(w, track);
	return &w->lines[track->nr];
}

static void make_word(struct writing *w, unsigned name) {
	struct word *word = &w->words[name];
	uint8_t field[8];

	word->n = (uint8_t)(put_field(field, 10, name) - field);
	memcpy(word->name, field, sizeof word->name);
	put_field(field, 3, name);
	memcpy(word->layer, field, sizeof word->layer);
}

/* A name that the sequence had not, or last with another layer. */
static __attribute__((noinline)) void put_names(struct writing *w, unsigned nr,
                                                const struct heard *h) {
	struct known *name = &w->known[h->name][nr], *layer = &w->known[h->layer][nr];
	GByteArray *names = g_byte_array_new(), *packet;

	name->with = (uint16_t)(h->layer + 1);
	if (!(layer->as & KNOWN_LAYER))
		add_message(names, 1, named(h->layer, w->trace->names[h->layer]));
	if (!(name->as & KNOWN_NAME))
		add_message(names, 2, named(h->name, w->trace->names[h->name]));
	if (g_str_equal(w->trace->names[h->name], "dma"))
		w->burst = h->name;
	layer->as |= KNOWN_LAYER;
	name->as |= KNOWN_NAME;
	make_word(w, h->layer);
	make_word(w, h->name);
	if (names->len) {
		packet = g_byte_array_new();
		add_message(packet, 12, names);
		put_packet(w->out, nr, packet);
	} else {
		g_byte_array_unref(names);
	}
}

/* From now on the sequence means the track. */
static void put_turn(struct writing *w, unsigned nr, uint32_t track) {
	uint8_t *at = out_room(w->out, EVENT_BYTES), *packet, *defaults, *event;

	at = put_field(open_part(at, 1, &packet), 10, nr);
	at = open_part(open_part(at, 59, &defaults), 11, &event);
	at = put_field(at, 11, track);
	close_part(at, event);
	at = put_field(at, 58, CLOCK_SINCE_LAST);
	close_part(at, defaults);
	close_part(at, packet);
	w->out->end = at;
}

/* For a line that has none: a new one, or that which was silent for longest. */
static __attribute__((noinline)) unsigned sequence_find(struct writing *w, struct line *line) {
	unsigned nr = BELATED + 1;

	if (w->n_sequences < SEQUENCES) {
		nr = w->n_sequences++;
		sequence_begin(w, nr, line->track->nr);
	} else {
		for (unsigned i = nr + 1; i < SEQUENCES; i++)
			if (w->sequences[i].spoke < w->sequences[nr].spoke)
				nr = i;
		if (w->packets - w->sequences[nr].spoke < LONG)
			return SHARED;
		w->lines[w->sequences[nr].track].sequence = 0;
		w->sequences[nr].track = line->track->nr;
		put_turn(w, nr, line->track->nr);
	}
	line->sequence = (uint8_t)nr;
	return nr;
}

/* --- events ----------------------------------------------------------------------------------- */

/* What leads from one to another is drawn; not within a call, nor along a track from step to step of one piece
 * of work, nor by way of the bursts of a transfer that is drawn itself. */
static inline bool draws_flow(const struct writing *w, struct line *line, const struct heard *h) {
	sim_flow before = line->flow;

	if (!h->flow || sim_flow_kind(h->flow) == SIM_FLOW_CALL)
		return false;
	line->flow = h->flow;
	return h->flow != before && h->name != w->burst;
}

/* A flow's number in Perfetto, of few bytes: its kind is in the last two bits, and a command's slot and card lie
 * below how often the slot was used.  What has no room so is written whole. */
enum { SHORT_WAKE, LONG_COMMAND, SHORT_COMMAND, SHORT_FRAME };
#define SHORT_SLOT_BITS 6
#define SHORT_CARD_BITS 3
static uint64_t short_flow(struct writing *w, sim_flow flow) {
	uint64_t number = sim_flow_number(flow), used = number & 0xffffff;
	uint64_t slot = number >> 24 & 0xffffff, card = number >> 48;

	if (sim_flow_kind(flow) != SIM_FLOW_COMMAND)
		return number << 2 |
		       (sim_flow_kind(flow) == SIM_FLOW_WAKE ? SHORT_WAKE : SHORT_FRAME);
	if (!w->card)
		w->card = card + 1;
	card ^= w->card - 1;
	if (slot >> SHORT_SLOT_BITS || card >> SHORT_CARD_BITS)
		return number << 2 | LONG_COMMAND;
	return ((used << SHORT_SLOT_BITS | slot) << SHORT_CARD_BITS | card) << 2 | SHORT_COMMAND;
}

/* What a beginning or a mark has besides. */
static inline uint8_t *put_what(struct writing *w, struct line *line, const struct heard *h,
                                uint8_t *at) {
	const struct word *name = &w->words[h->name], *layer = &w->words[h->layer];

	if (h->layer) {
		memcpy(at, layer->layer, sizeof layer->layer);
		at += layer->n;
	} else if (sim_flow_kind(h->flow) == SIM_FLOW_CALL) {
		uint8_t *call;

		at = put_field(open_part(at, 4, &call), 1, ANNOTATION_CALL);
		at = put_field(at, 3, sim_flow_number(h->flow));
		close_part(at, call);
	}
	memcpy(at, name->name, sizeof name->name);
	at += name->n;
	/* Not flow_ids: there each has eight bytes. */
	return draws_flow(w, line, h) ? put_field(at, 36, short_flow(w, h->flow)) : at;
}

/* What stands between a packet's date and what its event says besides, as one number: the packet's sequence, the
 * event and its length, which comes later, its type. */
#define HEAD(nr, type) \
	((uint64_t)(10 << 3 | WIRE_NUMBER) | (uint64_t)(nr) << 8 | \
	 (uint64_t)(11 << 3 | WIRE_BYTES) << 16 | (uint64_t)(9 << 3 | WIRE_NUMBER) << 32 | \
	 (uint64_t)(type) << 40)
#define HEAD_EVENT 4 /* where the event begins in it */
#define HEAD_BYTES 6

/* A packet of at most EVENT_BYTES.  Each says its date, if it is that of the packet before, too: Perfetto drops
 * events that say none. */
static inline uint8_t *put_event(struct writing *w, unsigned nr, struct line *line,
                                 const struct heard *h, int type, uint64_t when, uint8_t *at) {
	struct sequence *s = &w->sequences[nr];
	const uint64_t head = HEAD(nr, type);
	uint8_t *const packet = at, *event;

	packet[0] = 1 << 3 | WIRE_BYTES;
	packet[2] = 8 << 3 | WIRE_NUMBER;
	at = put_number(packet + 3, when - s->now);
	s->now = nr == BELATED ? 0 : when;
	s->spoke = ++w->packets;
	memcpy(at, &head, sizeof head);
	event = at + HEAD_EVENT;
	at += HEAD_BYTES;
	if (nr <= BELATED)
		at = put_field(at, 11, line->track->nr);
	if (type == TYPE_COUNT)
		at = put_field(at, 30, h->flow);
	else if (type != TYPE_END)
		at = put_what(w, line, h, at);
	packet[1] = (uint8_t)(at - packet - 2);
	event[-1] = (uint8_t)(at - event);
	w->packet = packet;
	w->event = event;
	w->packet_when = when;
	w->riders = 0;
	/* Perfetto takes what goes with a value before that: the last would not be the one that holds. */
	w->packet_end = type == TYPE_COUNT ? NULL : at;
	return at;
}

/* A value goes with the packet before, if that is of its date and has room.  (Where what was put behind it did
 * not fit and the buffer began anew, its end is no longer where that packet's was.) */
#define RIDER_BYTES 22U /* and what put_number() writes too many */
#define RIDERS_MOST 8U /* that Perfetto takes */
static inline bool ride(struct writing *w, const struct line *line, const struct heard *h,
                        uint64_t when) {
	uint8_t *at = w->packet_end;

	if (when != w->packet_when || at != w->out->end || w->riders == RIDERS_MOST ||
	    w->packet[1] + RIDER_BYTES >= EVENT_BYTES - 2)
		return false;
	w->riders++;
	at = put_field(at, 31, line->track->nr);
	at = put_field(at, 12, h->flow);
	w->packet[1] = (uint8_t)(at - w->packet - 2);
	w->event[-1] = (uint8_t)(at - w->event);
	w->out->end = at;
	/* Perfetto takes what stands behind a 0 for another. */
	w->packet_end = h->flow ? at : NULL;
	return true;
}

/* A beginning or a mark: what has to be known before it is. */
static inline void prepare(struct writing *w, unsigned nr, struct line *line,
                           const struct heard *h) {
	if (G_UNLIKELY(w->known[h->name][nr].with != h->layer + 1))
		put_names(w, nr, h);
	if (h->layer)
		line->root->sums[h->name] += h->end - h->start;
}

static inline void take_one(struct writing *w, struct line *line, const struct heard *h, int type,
                            uint64_t when, bool late) {
	unsigned nr = late ? BELATED : line->sequence;

	if (type == TYPE_END && !line->open)
		return; /* what began before somebody listened */
	if (G_UNLIKELY(!nr))
		nr = sequence_find(w, line);
	if (type == TYPE_BEGIN || type == TYPE_MARK)
		prepare(w, nr, line, h);
	line->open += (uint32_t)((type == TYPE_BEGIN) - (type == TYPE_END));
	w->out->end = put_event(w, nr, line, h, type, when, out_room(w->out, EVENT_BYTES));
}

static void take(void *arg, const struct told *told, const struct instant *at, size_t n,
                 bool late) {
	struct writing *w = arg;

	if (w->out->error || !n)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct heard *h = heard_at(told, &at[i]);
		struct line *line = line_of(w, h->track);
		uint64_t when = (uint64_t)at[i].when / SIM_NS;

		if (at[i].turn == TURN_END)
			take_one(w, line, h, TYPE_END, when, late);
		else if (at[i].turn == TURN_BEGIN)
			take_one(w, line, h, TYPE_BEGIN, when, late);
		else if (h->kind == HEARD_MARK)
			take_one(w, line, h, TYPE_MARK, when, late);
		else if (late || !ride(w, line, h, when))
			take_one(w, line, h, TYPE_COUNT, when, late);
	}
	w->last = MAX(w->last, (uint64_t)at[n - 1].when / SIM_NS);
}

/* --- the end ---------------------------------------------------------------------------------- */

/* In the file's nanoseconds they would be off by one a span; these are exact: "server: tcp_sendmsg, ps". */
static void put_sums(struct writing *w) {
	const struct sim_track line = {
		.name = "sums", .nr = w->n_lines, .rank = SIM_RANK_PEER, .parent = NULL};
	GByteArray *packet = g_byte_array_new(), *event = g_byte_array_new();

	put_track(w->out, &line);
	add_number(event, 9, TYPE_MARK);
	add_bytes(event, 23, line.name, strlen(line.name));
	add_number(event, 11, line.nr);
	for (guint i = 0; i < w->roots->len; i++) {
		const struct root *root = w->roots->pdata[i];

		for (unsigned name = 1; name <= w->trace->n_names; name++) {
			g_autofree char *text = NULL;
			GByteArray *sum;

			if (!root->sums[name])
				continue;
			text = g_strdup_printf("%s: %s, ps", root->track->name,
			                       w->trace->names[name]);
			sum = g_byte_array_new();
			add_number(sum, 4, (uint64_t)root->sums[name]);
			add_bytes(sum, 10, text, strlen(text));
			add_message(event, 4, sum);
		}
	}
	add_number(packet, 8, w->last - w->sequences[SHARED].now);
	add_message(packet, 11, event);
	put_packet(w->out, SHARED, packet);
}

/* What is under way when a trace ends, ends there. */
static void close_all(struct writing *w) {
	uint64_t when = MAX((uint64_t)w->trace->ended / SIM_NS, w->last);

	for (uint32_t i = 0; i < w->n_lines; i++)
		for (struct line *line = &w->lines[i]; line->open; line->open--)
			w->out->end =
				put_event(w, line->sequence ? line->sequence : SHARED, line, NULL,
			                  TYPE_END, when, out_room(w->out, EVENT_BYTES));
}

static void *begin(const struct trace *trace, struct out *out) {
	struct writing *w = g_new0(struct writing, 1);

	w->trace = trace;
	w->out = out;
	w->roots = g_ptr_array_new_with_free_func(g_free);
	w->n_sequences = BELATED + 1;
	w->known = g_malloc0(NAMES_MOST * sizeof *w->known);
	sequence_begin(w, SHARED, 0);
	sequence_begin(w, BELATED, 0);
	return w;
}

static void end(void *arg) {
	struct writing *w = arg;

	close_all(w);
	put_sums(w);
	g_free(w->known);
	g_ptr_array_unref(w->roots);
	g_free(w->lines);
	g_free(w);
}

const struct format perfetto = {.begin = begin, .take = take, .end = end};
