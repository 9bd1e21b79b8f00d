/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do frames get through a card beside its processor? */
#include "toe/card/data_path.h"

#include <string.h>

#include "net/engine/stack.h"
#include "net/engine/wire.h"

/* Addresses and ports of a TCP segment, where a header without IP options has them; its sequence number. */
#define PAIR_AT (FRAME_ETHER + 12U)
#define PAIR_LEN 12U
#define SEQ_AT (PAIR_AT + PAIR_LEN)

/* What asks for items of the pipeline. */
enum { PATH_IN, PATH_OUT, PATH_OUTPUT };

/* Frames on their way through, in order: all take as long. */
struct passage {
	struct data_path *path;
	struct frame_queue frames; /* frame->stamp: when it is through */
	struct sim_event through;
	void (*deliver)(struct card *card, struct frame *frame);
};

struct data_path {
	struct card *card;
	const struct path_ops *ops;
	struct firmware *pipe;
	sim_time latency;
	uint32_t tso; /* bytes of a large segment; 0: none */
	bool hardware;
	struct frame_queue in, out; /* before it */
	struct frame_queue held;    /* before `in`: the firmware has what came before them */
	unsigned unpaid,
		behind; /* of `out`: until the firmware has worked off what made them; those behind */
	struct passage arriving, leaving;
	/* the large segment that grows: whose, when, how large */
	uint8_t names[PAIR_LEN];
	uint32_t next; /* sequence number */
	sim_time date;
	size_t bytes;
};

/* --- through ---------------------------------------------------------------------------------- */

static void passage_through(void *arg) {
	struct passage *p = arg;
	struct card *card = p->path->card;

	while (p->frames.head && p->frames.head->stamp <= sim_now(card->sim))
		p->deliver(card, frame_queue_pop(&p->frames));
	if (p->frames.head)
		sim_at(card->sim, &p->through, p->frames.head->stamp);
}

static void passage_enter(void *passage, void *frame) {
	struct passage *p = passage;
	struct card *card = p->path->card;
	struct frame *f = frame;

	if (card->silent) {
		frame_free(f);
		return;
	}
	f->stamp = sim_now(card->sim) + p->path->latency;
	frame_queue_push(&p->frames, f);
	if (!sim_pending(&p->through))
		sim_at(card->sim, &p->through, f->stamp);
}

static void passage_init(struct passage *p, struct data_path *path,
                         void (*deliver)(struct card *card, struct frame *frame)) {
	p->path = path;
	p->deliver = deliver;
	sim_event_init(&p->through, passage_through, p);
}

static void passage_stop(struct passage *p) {
	sim_cancel(p->path->card->sim, &p->through);
	frame_queue_flush(&p->frames);
}

/* --- in --------------------------------------------------------------------------------------- */

static bool same_connection(const struct frame *a, const struct frame *b) {
	return b->len >= PAIR_AT + PAIR_LEN &&
	       memcmp(a->bytes + a->start + PAIR_AT, b->bytes + b->start + PAIR_AT, PAIR_LEN) == 0;
}

bool path_takes(const struct data_path *path, const struct frame *frame) {
	return path->hardware && net_is_plain(path->card->stack, frame);
}

/* Whether the firmware still has a segment of that connection, from before it was established. */
static bool firmware_has(const struct card *card, const struct frame *frame) {
	if (card->receiving && same_connection(frame, card->receiving))
		return true;
	for (const struct frame *f = card->rx.head; f; f = f->next)
		if (same_connection(frame, f))
			return true;
	return false;
}

void path_receive(struct data_path *path, struct frame *frame) {
	if (firmware_has(path->card, frame)) {
		frame_queue_push(&path->held, frame);
		return;
	}
	frame_queue_push(&path->in, frame);
	fw_kick(path->pipe, PATH_IN);
}

void path_resume(struct data_path *path) {
	struct frame_queue held;
	struct frame *frame;

	if (!path->held.head)
		return;
	held = path->held;
	path->held = (struct frame_queue){0};
	while ((frame = frame_queue_pop(&held)))
		path_receive(path, frame);
}

static void in_run(void *arg) {
	struct data_path *path = arg;
	struct frame *frame = frame_queue_pop(&path->in);
	size_t payload;
	bool data = net_classify(frame, &payload) == NET_KIND_DATA;

	fw_flow(path->pipe, frame->flow);
	fw_charge(path->pipe, data ? TOE_COST_PATH_RX : TOE_COST_PATH_ACK, payload);
	fw_defer(path->pipe, passage_enter, &path->arriving, frame);
}

/* --- out -------------------------------------------------------------------------------------- */

bool path_sends(const struct data_path *path, enum net_kind kind) {
	return path->hardware && (kind == NET_KIND_DATA || kind == NET_KIND_ACK);
}

bool path_cutter(const struct data_path *path, enum net_kind kind) {
	return path->tso && kind == NET_KIND_DATA;
}

bool path_cuts(struct data_path *path, const struct frame *frame, enum net_kind kind,
               size_t payload) {
	const uint8_t *head = frame->bytes + frame->start;
	uint32_t seq;
	sim_time now;
	bool more;

	if (!path->tso)
		return false;
	if (kind != NET_KIND_DATA) {
		path->bytes = 0;
		return false;
	}
	now = sim_now(path->card->sim);
	seq = get32(head + SEQ_AT);
	more = path->bytes && path->date == now && path->next == seq &&
	       memcmp(path->names, head + PAIR_AT, PAIR_LEN) == 0 &&
	       path->bytes + payload <= path->tso && (path->hardware || path->card->tx.head);
	memcpy(path->names, head + PAIR_AT, PAIR_LEN);
	path->next = seq + (uint32_t)payload;
	path->date = now;
	path->bytes = more ? path->bytes + payload : payload;
	return more;
}

/* The firmware has paid for a frame.  What came behind it, from the pipeline itself, has waited too: frames
 * leave in the order in which the stack made them. */
static void frame_paid(void *a, void *b) {
	struct data_path *path = a;

	(void)b;
	fw_kick(path->pipe, PATH_OUT);
	if (--path->unpaid)
		return;
	for (; path->behind; path->behind--)
		fw_kick(path->pipe, PATH_OUT);
}

void path_transmit(struct data_path *path, struct frame *frame) {
	frame_queue_push(&path->out, frame);
	if (fw_working(path->card->fw)) {
		path->unpaid++;
		fw_defer(path->card->fw, frame_paid, path, NULL);
	} else if (path->unpaid) {
		path->behind++;
	} else {
		fw_kick(path->pipe, PATH_OUT);
	}
}

/* A frame that the processor has sent is only cut. */
static enum toe_cost out_cost(const struct data_path *path, const struct frame *frame) {
	if (card_frame_kind(frame) != NET_KIND_DATA)
		return TOE_COST_PATH_ACK;
	return path->hardware && !(frame->mark & CARD_FRAME_MORE) ? TOE_COST_PATH_TX
	                                                          : TOE_COST_PATH_CUT;
}

static void out_run(void *arg) {
	struct data_path *path = arg;
	struct frame *frame = frame_queue_pop(&path->out);

	if (sim_heard(path->card->track))
		fw_flow(path->pipe, frame_flow(path->card->sim, frame));
	fw_charge(path->pipe, out_cost(path, frame), card_frame_payload(frame));
	fw_defer(path->pipe, passage_enter, &path->leaving, frame);
}

bool path_output_due(struct data_path *path) {
	if (!path || !path->hardware)
		return false;
	fw_kick(path->pipe, PATH_OUTPUT);
	return true;
}

static void output_run(void *arg) {
	const struct data_path *path = arg;

	path->ops->output(path->card);
}

/* --- life ------------------------------------------------------------------------------------- */

struct data_path *path_new(struct card *card, const struct card_conf *conf,
                           const struct path_ops *ops) {
	struct data_path *path;

	if (conf->data_path == CARD_PATH_FIRMWARE && !conf->tso)
		return NULL;
	path = g_new0(struct data_path, 1);
	path->card = card;
	path->ops = ops;
	path->hardware = conf->data_path == CARD_PATH_HARDWARE;
	path->latency = conf->path_latency;
	path->tso = conf->tso;
	path->pipe = fw_new(sim_track(card->sim, card->track, "data path", 1), &card->costs, 1);
	fw_source(path->pipe, PATH_IN, FW_BASE, in_run, path);
	fw_source(path->pipe, PATH_OUT, FW_BASE, out_run, path);
	fw_source(path->pipe, PATH_OUTPUT, FW_BASE, output_run, path);
	passage_init(&path->arriving, path, ops->in);
	passage_init(&path->leaving, path, ops->out);
	return path;
}

void path_stop(struct data_path *path) {
	if (!path)
		return;
	fw_stop(path->pipe);
	frame_queue_flush(&path->held);
	frame_queue_flush(&path->in);
	frame_queue_flush(&path->out);
	passage_stop(&path->arriving);
	passage_stop(&path->leaving);
}

void path_free(struct data_path *path) {
	if (!path)
		return;
	fw_free(path->pipe);
	g_free(path);
}

sim_time path_busy(const struct data_path *path) { return path ? fw_busy(path->pipe) : 0; }

void path_reset(struct data_path *path) {
	if (path)
		fw_reset(path->pipe);
}

void path_account(const struct data_path *path) {
	if (path)
		fw_costs(path->pipe);
}
