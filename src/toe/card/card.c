/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a card do with a frame, and with what its stack hands back?  What plugs the engine
 * into port, firmware and bus.
 */
#include "net/engine/iface.h"
#include "net/engine/stack.h"
#include "toe/card/internal.h"

#include "toe/card/data_path.h"
#include "toe/card/target.h"
#include "toe/card/target_wait.h"

static const struct cost_desc card_cost_descs[TOE_COST_COUNT] = {
#define X(id, key, layer_name, text) [TOE_COST_##id] = {#key, layer_name, text},
	TOE_COSTS(X)
#undef X
};

/* --- the wire ---------------------------------------------------------------------------------- */

static const enum toe_cost tx_costs[] = {
	[NET_KIND_DATA] = TOE_COST_TX_SEGMENT, [NET_KIND_ACK] = TOE_COST_TX_ACK,
	[NET_KIND_CONTROL] = TOE_COST_CONTROL, [NET_KIND_UDP] = TOE_COST_DATAGRAM,
	[NET_KIND_OTHER] = TOE_COST_OTHER,     [NET_KIND_FORWARD] = TOE_COST_OTHER,
};

static const enum toe_cost rx_costs[] = {
	[NET_KIND_DATA] = TOE_COST_RX_SEGMENT, [NET_KIND_ACK] = TOE_COST_RX_ACK,
	[NET_KIND_CONTROL] = TOE_COST_CONTROL, [NET_KIND_UDP] = TOE_COST_DATAGRAM,
	[NET_KIND_OTHER] = TOE_COST_OTHER,     [NET_KIND_FORWARD] = TOE_COST_OTHER,
};

static void charge_frame(struct card *card, enum toe_cost cost, size_t payload) {
	fw_charge(card->fw, cost, 0);
	if (payload)
		fw_charge(card->fw, TOE_COST_BYTE, payload);
}

/* The port gives a frame's memory back when its last bit has left.  That is no work of the processor's,
 * but to go on with a send that waited for it is. */
static void frame_left(void *arg) {
	struct card *card = arg;
	struct card_leaving *l = g_queue_pop_head(&card->leaving);

	l->owner->released(l->owner, l->truesize);
	g_slice_free(struct card_leaving, l);
	l = g_queue_peek_head(&card->leaving);
	if (l)
		sim_at(card->sim, &card->left, l->date);
	if (net_has_events(card->stack) && !fw_stopped(card->fw))
		fw_kick(card->fw, SOURCE_SENT);
}

static void sent_run(void *arg) {
	struct card *card = arg;

	net_sent(card->stack);
	target_settle(card);
}

static void frame_leaves(struct card *card, struct frame *frame) {
	struct card_leaving *l;

	if (!frame->owner) {
		port_send(card->port, frame);
		return;
	}
	l = g_slice_new(struct card_leaving);
	l->owner = g_steal_pointer(&frame->owner);
	l->truesize = frame->truesize;
	port_send(card->port, frame);
	l->date = MAX(port_free_at(card->port), sim_now(card->sim));
	g_queue_push_tail(&card->leaving, l);
	if (!sim_pending(&card->left))
		sim_at(card->sim, &card->left, l->date);
}

static void frame_out(struct card *card, struct frame *frame) {
	if (card->silent)
		frame_free(frame);
	else
		frame_leaves(card, frame);
}

/* A frame, or all that were one large segment. */
static void frames_transmit(void *a, void *b) {
	struct card *card = a;

	for (struct frame *frame = b, *next; frame; frame = next) {
		next = frame->next;
		frame->next = NULL;
		if (card->path && !card->silent && path_cutter(card->path, card_frame_kind(frame)))
			path_transmit(card->path, frame);
		else
			frame_out(card, frame);
	}
}

static bool stack_output(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                         size_t payload) {
	struct card *card = owner;

	(void)ifp; /* there is one */
	if (card->silent) {
		frame_free(frame);
		return true;
	}
	frame->mark = (uint32_t)kind << 16;
	if (kind != NET_KIND_OTHER)
		frame->mark |= (uint32_t)payload;
	if (card->path && path_cuts(card->path, frame, kind, payload))
		frame->mark |= CARD_FRAME_MORE;
	if (card->path && path_sends(card->path, kind)) {
		path_transmit(card->path, frame);
		return true;
	}
	frame_queue_push(&card->tx, frame);
	if (!(frame->mark & CARD_FRAME_MORE))
		fw_kick(card->fw, SOURCE_TRANSMIT);
	return true;
}

static void transmit_run(void *arg) {
	struct card *card = arg;
	struct frame *frame = frame_queue_pop(&card->tx), *last = frame;
	size_t payload = card_frame_payload(frame);

	while (card->tx.head && card->tx.head->mark & CARD_FRAME_MORE) {
		last = last->next = frame_queue_pop(&card->tx);
		payload += card_frame_payload(last);
	}
	if (sim_heard(card->track))
		fw_flow(card->fw, frame_flow(card->sim, frame));
	charge_frame(card, tx_costs[card_frame_kind(frame)], payload);
	fw_defer(card->fw, frames_transmit, card, frame);
}

static void output_push(const struct card *card) {
	if (card->output->len) /* else it was pushed before its turn */
		target_push(g_ptr_array_index(card->output, 0));
}

static void output_run(void *arg) {
	struct card *card = arg;

	output_push(card);
	target_settle(card);
}

static void path_output(struct card *card) {
	output_push(card);
	target_due(card);
}

static void port_receive(void *arg, struct frame *frame) {
	struct card *card = arg;

	if (fw_stopped(card->fw) || !mac_filter_takes(&card->filter, frame)) {
		if (!fw_stopped(card->fw))
			net_if_left(card->ifp, frame);
		frame_free(frame);
	} else if (!net_if_takes(card->ifp, frame)) {
		frame_free(frame);
	} else if (card->rx_used == card->rx_ring) {
		card->n_rx_dropped++;
		frame_free(frame);
	} else if (card->path && path_takes(card->path, frame)) {
		card->rx_used++;
		path_receive(card->path, frame);
	} else {
		card->rx_used++;
		frame_queue_push(&card->rx, frame);
		fw_kick(card->fw, SOURCE_RECEIVE);
	}
}

static void frame_in(struct card *card, struct frame *frame) {
	card->rx_used--;
	net_input(card->stack, card->ifp, frame);
	target_due(card);
}

static void load_filter(void *a, void *b) {
	struct card *card = a;

	mac_filter_load(&card->filter, b);
}

/* The port's registers are at the processor's side: setting them is part of the command.  Before the
 * run the card has what it is given. */
static void stack_filter(void *owner, struct net_if *ifp) {
	struct card *card = owner;

	if (fw_working(card->fw))
		fw_defer(card->fw, load_filter, card, ifp);
	else
		load_filter(card, ifp);
}

static void frame_received(void *a, void *b) {
	struct card *card = a;

	card->receiving = NULL;
	if (card->silent) {
		frame_free(b);
		return;
	}
	card->rx_used--;
	net_input(card->stack, card->ifp, b);
	target_settle(card);
	if (card->path)
		path_resume(card->path);
}

/* A command that comes in between does not see what the frame brings before it is paid for. */
static void receive_run(void *arg) {
	struct card *card = arg;
	struct frame *frame = frame_queue_pop(&card->rx);
	size_t payload = 0;
	enum net_kind kind = net_classify(frame, &payload);

	card->receiving = frame;
	fw_flow(card->fw, frame->flow);
	charge_frame(card, rx_costs[kind], payload);
	fw_then(card->fw, frame_received, card, frame);
}

/* --- timers ------------------------------------------------------------------------------------ */

static void timer_due(void *arg) {
	struct card *card = arg;

	if (card->timer_queued)
		return;
	card->timer_queued = true;
	fw_kick(card->fw, SOURCE_TIMER);
}

static void timers_work(void *a, void *b) {
	struct card *card = a;

	(void)b;
	card->timer_queued = false;
	if (card->silent)
		return;
	net_timer(card->stack);
	target_settle(card);
}

static void timer_run(void *arg) {
	struct card *card = arg;

	fw_charge(card->fw, TOE_COST_TIMER, 0);
	fw_then(card->fw, timers_work, card, NULL);
}

static void stack_timer(void *owner, sim_time when) {
	struct card *card = owner;

	if (when == SIM_NEVER)
		sim_cancel(card->sim, &card->timer);
	else
		sim_at(card->sim, &card->timer, MAX(when, sim_now(card->sim)));
}

/* --- commands ---------------------------------------------------------------------------------- */

void card_command(void *arg, const struct comm_command *cmd) {
	struct card *card = arg;
	struct card_cmd *cc;

	if (fw_stopped(card->fw))
		return;
	cc = card_cmd_new(card);
	cc->cmd = *cmd;
	cc->here = cmd->length;
	queue_push(&card->commands, cc);
	fw_kick(card->fw, SOURCE_COMMAND);
}

/* --- life -------------------------------------------------------------------------------------- */

static void stack_waiting(void *owner, unsigned connections) {
	const struct card *card = owner;

	sim_count(card->waiting, connections);
}

static const struct net_ops card_net_ops = {
	.output = stack_output,
	.event = target_event,
	.timer = stack_timer,
	.filter = stack_filter,
	.waiting = stack_waiting,
};

static void port_coming(void *arg, const struct frame *frame, bool next) {
	const struct card *card = arg;

	net_expect(card->stack, frame, next);
}

static const struct port_ops card_port_ops = {.receive = port_receive, .coming = port_coming};

/* Buffers are carved out of the card's memory in whole sockets' worth, so memory is a limit on
 * their number. */
static uint32_t sock_limit(const struct card_conf *conf) {
	uint64_t each = (uint64_t)conf->net.sndbuf + conf->net.rcvbuf;
	uint32_t by_memory = conf->buffer_bytes ? (uint32_t)MAX(conf->buffer_bytes / each, 1) : 0;

	if (!by_memory || !conf->max_sockets)
		return MAX(by_memory, conf->max_sockets);
	return MIN(by_memory, conf->max_sockets);
}

/* Taken up by an item of the firmware. */
static sim_time timers_due(const void *arg) {
	const struct card *card = arg;

	return card->silent || card->timer_queued ? SIM_NEVER : net_next_timer(card->stack);
}

static const struct path_ops card_path_ops = {
	.in = frame_in,
	.out = frame_out,
	.output = path_output,
};

struct card *card_new(struct sim *sim, struct port *port, const struct card_conf *conf) {
	struct card *card = g_new0(struct card, 1);
	struct net_conf net = {
		.name = conf->name,
		.params = conf->net,
		.ops = &card_net_ops,
		.owner = card,
		.clock = sim_clock(sim),
		.seed = sim_seed(sim) ^ g_str_hash(conf->name),
	};

	net.params.max_socks = sock_limit(conf);
	card->sim = sim;
	card->port = port;
	card->rx_ring = conf->rx_ring;
	sim_event_init(&card->timer, timer_due, card);
	sim_event_init(&card->left, frame_left, card);
	card->track = sim_track(sim, NULL, conf->name, SIM_RANK_CARD);
	card->waiting = sim_counter(sim, card->track, "accept queue", "connections", 1);
	cost_table_init(&card->costs, card_cost_descs, TOE_COST_COUNT);
	card->fw =
		fw_new(sim_track(sim, card->track, "firmware", 0), &card->costs, conf->clock_scale);
	fw_source(card->fw, SOURCE_RECEIVE, FW_BASE, receive_run, card);
	fw_source(card->fw, SOURCE_TRANSMIT, FW_BASE, transmit_run, card);
	fw_source(card->fw, SOURCE_TIMER, FW_BASE, timer_run, card);
	fw_source(card->fw, SOURCE_OUTPUT, FW_BASE, output_run, card);
	fw_source(card->fw, SOURCE_COMMAND, conf->run_to_completion ? FW_BASE : FW_URGENT,
	          target_run, card);
	fw_source(card->fw, SOURCE_DATA, conf->run_to_completion ? FW_BASE : FW_URGENT,
	          target_data_run, card);
	fw_source(card->fw, SOURCE_SENT, FW_BASE, sent_run, card);
	fw_source(card->fw, SOURCE_CAME, FW_URGENT, target_came_run, card);
	card->path = path_new(card, conf, &card_path_ops);
	target_init(card);
	card->stack = net_stack_new(&net);
	card->duty = (struct sim_duty){.name = "timers of a card", .due = timers_due, .arg = card};
	sim_duty_add(sim, &card->duty);
	card->ifp = net_if_add(card->stack, conf->name, conf->mac, conf->mtu, card);
	net_if_set_index(card->ifp, conf->index);
	mac_filter_init(&card->filter, conf->mac);
	port_attach(port, &card_port_ops, card);
	return card;
}

void card_attach(struct card *card, struct comm *comm) { card->comm = comm; }

void card_stop(struct card *card) {
	card->silent = true;
	fw_stop(card->fw);
	path_stop(card->path);
	sim_cancel(card->sim, &card->timer);
	sim_cancel(card->sim, &card->left);
	frame_queue_flush(&card->rx);
	frame_queue_flush(&card->tx);
	while (card->leaving.length) {
		struct card_leaving *l = g_queue_pop_head(&card->leaving);

		l->owner->released(l->owner, l->truesize);
		g_slice_free(struct card_leaving, l);
	}
}

void card_free(struct card *card) {
	card_stop(card);
	port_attach(card->port, NULL, NULL); /* what is on the wire finds nobody */
	target_exit(card);
	sim_duty_remove(card->sim, &card->duty);
	net_stack_free(card->stack);
	sim_cancel(card->sim, &card->timer);
	path_free(card->path);
	fw_free(card->fw);
	cost_table_clear(&card->costs);
	g_free(card);
}

void card_slow(struct card *card, double factor) { fw_slow(card->fw, factor); }

int card_configure(struct card *card, uint32_t addr, uint32_t mask, uint32_t gateway) {
	return net_if_configure(card->ifp, addr, mask, gateway);
}

/* --- meters ------------------------------------------------------------------------------------ */

void card_meters(const struct card *card, struct card_meters *meters) {
	*meters = (struct card_meters){
		.busy = fw_busy(card->fw),
		.window = sim_now(card->sim) - fw_window_start(card->fw),
		.path_busy = path_busy(card->path),
		.commands = card->n_commands,
		.events = card->n_events,
		.sockets = card->n_sockets,
		.rx_dropped = card->n_rx_dropped,
		.connections = net_stack_counters(card->stack)->tcp_established - card->established,
	};
}

void card_meters_reset(struct card *card) {
	fw_reset(card->fw);
	path_reset(card->path);
	card->n_commands = card->n_events = card->n_sockets = card->n_rx_dropped = 0;
	card->established = net_stack_counters(card->stack)->tcp_established;
}

struct cost_table *card_costs(const struct card *card) {
	path_account(card->path);
	return fw_costs(card->fw);
}

struct net_stack *card_stack(const struct card *card) { return card->stack; }
