/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An offload card and its driver (group->live: struct toe). */
#include "toe/driver/toe.h"

#include <errno.h>

#include "lab/kinds/parts.h"
#include "lab/world/captures.h"
#include "lab/world/meters.h"

struct conf {
	struct toe_conf toe;
	char *bus, *costs;
	struct net_address address;
	uint32_t gateway;
	unsigned irq;
	int stack;
	bool plugged;
	sim_time fails_at, removed_at; /* 0: never */
};

static const char *const toe_kinds[] = {
#define X(kind, KIND) #kind,
	TOE_KINDS(X)
#undef X
		NULL,
};

static const char *const data_paths[] = {"firmware", "hardware", NULL};

static const struct key keys[] = {
	NEED("bus", TEXT, bus, "pci", "the pci group it is plugged into"),
	REF("costs", TEXT, costs, "toecost",
            "the group of type toecost that gives the firmware's costs"),
	K("address", NETWORK, address, "of the interface"),
	R("mtu", BYTES, toe.mtu, 68, FRAME_MTU_JUMBO, "of the interface"),
	K("gateway", ADDRESS, gateway, "default route, or any for none"),
	R("irq", COUNT, irq, 0, 31, "interrupt line; not given: one of its own"),
	K("plugged", BOOL, plugged, "no: the card is left out"),
	R("clock_scale", FACTOR, toe.clock_scale, 0.001, 1e6,
          "speed of the firmware processor; 2: twice as fast"),
	C("kind", toe.kind, toe_kinds,
          "how completions are noticed: by interrupt, or in a ring that the driver polls"),
	R("ring", COUNT, toe.ring, 4, 65536, "command descriptors"),
	R("rx_ring", COUNT, toe.rx_ring, 4, 65536, "receive buffers, a frame each"),
	R("max_sockets", COUNT, toe.max_sockets, 0, 1e7, "the card holds; 0: no limit"),
	R("buffer", BYTES, toe.buffer_bytes, 0, 4e9, "card memory; 0B: no limit"),
	K("posted_sends", BOOL, toe.posted_sends,
          "a send for which the card has room returns when its command is in the ring"),
	R("pin_from", BYTES, toe.pin_from, 0, COMM_MAX_DATA,
          "sends and receives of so many bytes are not copied: the program's pages are pinned "
          "for the card (comm_pin); 0B: all are copied"),
	K("sync_init", BOOL, toe.sync_init, "the initialise command is waited for"),
	R("command_timeout", TIME, toe.command_timeout, SIM_MS, DAY,
          "after which the card is declared dead"),
	R("irq_throttle", TIME, toe.irq_throttle, 0, SIM_S,
          "least time between interrupts; 0s: none"),
	R("poll_spin", TIME, toe.poll_spin, 0, SIM_S,
          "polling: a task looks for its answer this long before it sleeps"),
	R("poll_period", TIME, toe.poll_period, SIM_US, SIM_S,
          "polling: between two looks of the driver's timer"),
	R("poll_rounds", COUNT, toe.poll_rounds, 1, 1e6,
          "polling: looks in vain until the driver arms the interrupt"),
	K("run_to_completion", BOOL, toe.run_to_completion,
          "commands wait their turn among frames, instead of interrupting the stack"),
	C("data_path", toe.data_path, data_paths,
          "who sends and receives the data of established connections: the firmware, or a "
          "pipeline of its own (costs path_* of its toecost group)"),
	R("path_latency", TIME, toe.path_latency, 0, SIM_S,
          "of a frame through the hardware data path, each way, beside its cost"),
	R("tso", BYTES, toe.tso, 0, 65535,
          "largest segment that the card's hardware cuts into frames; 0B: it cuts none"),
	C("stack", stack, stack_words, "preset of the card's TCP/IP stack"),
	R("fails_at", TIME, fails_at, 0, DAY, "the firmware stops; 0s: never"),
	R("removed_at", TIME, removed_at, 0, DAY, "the card is pulled out; 0s: never"),
};

static void init(void *conf) {
	struct conf *c = conf;

	toe_conf_default(&c->toe);
	c->bus = g_strdup("pci0");
	c->costs = g_strdup("toecost");
	c->stack = 1;
	c->plugged = true;
}

/* --- life ------------------------------------------------------------------------------------- */

static void fail_card(void *card) { toe_fail(card); }
static void remove_card(void *card) { toe_remove(card); }

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;
	g_autofree char *addr = quantity_format_address(c->address.addr);
	g_autofree char *mask = quantity_format_address(net_address_mask(&c->address));
	g_autofree char *gateway = c->gateway ? quantity_format_address(c->gateway) : NULL;
	int rc;

	if (!c->plugged)
		return true;
	c->toe.name = group->name;
	c->toe.irq = world_irq(world, group);
	world_mac(world, c->toe.mac);
	group->live = toe_new(pci_host(world, c->bus), pci_called(world, c->bus),
	                      world_port(world, group->name), &c->toe);
	world_stack(world, toe_stack(group->live));
	toecost_apply(world->sc, c->costs, group->live);
	if (c->fails_at)
		sim_call_at(world->sim, c->fails_at, fail_card, group->live);
	if (c->removed_at)
		sim_call_at(world->sim, c->removed_at, remove_card, group->live);
	if (c->address.prefix == 0)
		return true;
	rc = toe_configure(group->live, addr, mask, gateway);
	return rc == 0 || world_failed(group, "address", rc, error);
}

static void end(struct group *group) { toe_free(group->live); }

/* Plugs in a card that was left out (plugged = no): -EEXIST, or what its configuration said. */
static int insert(struct world *world, struct group *group) {
	if (group->live)
		return -EEXIST;
	((struct conf *)group->conf)->plugged = true;
	return build(world, group, NULL) ? 0 : -EINVAL;
}

static int act(struct world *world, struct group *group, const struct deed *deed) {
	if (deed->what == DEED_INSERT)
		return insert(world, group);
	if (!group->live || !toe_plugged(group->live))
		return -ENODEV;
	toe_on_death(group->live, deed->taken_out, deed->arg);
	if (deed->what == DEED_FAIL)
		toe_fail(group->live);
	else if (deed->what == DEED_REMOVE)
		toe_remove(group->live);
	else if (deed->what == DEED_LIE)
		toe_lie(group->live, (enum comm_fault)deed->lie, deed->time);
	else
		toe_slow(group->live, deed->factor);
	return 0;
}

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "busy",
         .unit = "%",
         .help = "of its time that the firmware works",
         .adds = ADDS_MAX,
         .bins = true,
         .head = "busy",
         .column = "card_busy_pct"},
	{.name = "busy_us",
         .unit = "us",
         .help = "time that the firmware worked",
         .adds = ADDS_SUM},
	{.name = "path_busy",
         .unit = "%",
         .help = "of its time that its hardware data path works",
         .adds = ADDS_MAX},
	{.name = "commands",
         .unit = "1",
         .help = "commands that it took from the host",
         .adds = ADDS_SUM,
         .bins = true,
         .head = "commands"},
	{.name = "events",
         .unit = "1",
         .help = "events that it told the host",
         .adds = ADDS_SUM,
         .head = "events"},
	{.name = "late_answers",
         .unit = "1",
         .help = "answers to commands that had been given up",
         .adds = ADDS_SUM},
	{.name = "connections",
         .unit = "1",
         .help = "connections established",
         .adds = ADDS_SUM,
         .head = "connections"},
	{.name = "rx_dropped",
         .unit = "1",
         .help = "frames that found no receive buffer",
         .adds = ADDS_SUM,
         .head = "dropped"},
	MEASURES_REFUSED,
	MEASURES_STACK,
	MEASURES_COSTS,
};

static void tell_toe(struct reading *r, const struct group *group) {
	const struct net_if *ifp = net_if_find(toe_stack(group->live), group->name);
	struct net_if_counters refused = {0};
	struct toe_usage usage;

	if (ifp)
		net_if_count(ifp, &refused);
	tell_refused(r, &refused);
	toe_usage_get(group->live, &usage);
	tell(r, "busy", percent(usage.busy, usage.window));
	tell(r, "busy_us", sim_to_us(usage.busy));
	tell(r, "path_busy", percent(usage.path_busy, usage.window));
	tell(r, "commands", (double)usage.commands);
	tell(r, "events", (double)usage.events);
	tell(r, "late_answers", (double)usage.late_answers);
	tell(r, "connections", (double)usage.connections);
	tell(r, "rx_dropped", (double)usage.rx_dropped);
	tell_stack(r, toe_stack(group->live));
	tell_costs(r, toe_costs(group->live));
}

static void reset(struct group *group) { toe_usage_reset(group->live); }

static sim_time busy(const struct group *group) {
	struct toe_usage usage;

	toe_usage_get(group->live, &usage);
	return usage.busy;
}

/* Of the firmware's time in percent-seconds, else a count. */
static double total(const struct group *group, const char *measure) {
	struct toe_usage usage;

	toe_usage_get(group->live, &usage);
	return g_str_equal(measure, "busy") ? 100 * sim_to_s(usage.busy) : (double)usage.commands;
}

/* --- what passes between card and host, as lines of text -------------------------------------- */

/* The name in a command; NULL: it has none. */
static const struct comm_address *command_address(const struct comm_command *cmd) {
	switch (cmd->opcode) {
	case COMM_BIND:
		return &cmd->u.bind;
	case COMM_CONNECT:
		return &cmd->u.connect.to;
	case COMM_SEND:
		return &cmd->u.send.to;
	default:
		return NULL;
	}
}

static char *command_line(const struct comm_command *cmd) {
	const struct comm_address *to = command_address(cmd);
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "command %u.%u %s", cmd->id, cmd->generation,
	                comm_opcode_name(cmd->opcode));
	if (cmd->sock.generation)
		g_string_append_printf(line, " socket %u.%u", cmd->sock.index,
		                       cmd->sock.generation);
	if (to && (to->addr || to->port)) {
		g_autofree char *addr = quantity_format_address(to->addr);

		g_string_append_printf(line, " %s:%u", addr, to->port);
	}
	if (cmd->length)
		g_string_append_printf(line, ", %u bytes %s", cmd->length,
		                       cmd->flags & COMM_TO_CARD ? "to the card"
		                                                 : "at most to the host");
	if (cmd->flags & COMM_NONBLOCK)
		g_string_append(line, ", does not wait");
	if (cmd->flags & COMM_QUIET)
		g_string_append(line, ", quiet");
	return g_string_free(g_steal_pointer(&line), FALSE);
}

static char *completion_line(const struct comm_completion *entry) {
	g_autoptr(GString) line = g_string_new(NULL);

	if (entry->kind == COMM_EVENT)
		g_string_printf(line, "event socket %u.%u, poll mask 0x%x", entry->sock.index,
		                entry->sock.generation, entry->poll);
	else if (entry->result < 0)
		g_string_printf(line, "completion %u.%u: %s", entry->id, entry->generation,
		                g_strerror(-entry->result));
	else
		g_string_printf(line, "completion %u.%u: %d", entry->id, entry->generation,
		                entry->result);
	if (entry->length)
		g_string_append_printf(line, ", %u bytes to the host", entry->length);
	return g_string_free(g_steal_pointer(&line), FALSE);
}

static char *doorbell_line(const struct comm_doorbell *bell) {
	return g_strdup_printf("doorbell: %" G_GUINT64_FORMAT " commands, %" G_GUINT64_FORMAT
	                       " completions taken%s",
	                       bell->published, bell->taken,
	                       bell->arm ? ", next one shall interrupt" : "");
}

static void take(void *capture, enum comm_sight what, const void *message) {
	g_autofree char *line = what == COMM_SAW_DOORBELL     ? doorbell_line(message)
	                        : what == COMM_SAW_COMMAND    ? command_line(message)
	                        : what == COMM_SAW_COMPLETION ? completion_line(message)
	                                                      : g_strdup("interrupt");

	capture_text(capture, line);
}

static void stop_taking(void *card) { toe_tap(card, NULL, NULL); }

static bool capture(struct captures *captures, const struct group *group, GError **error) {
	struct capture *side;

	if (!group->live)
		return true;
	if (!captures_interface(captures, group, error))
		return false;
	side = captures_text(captures, group, "-pci.pcap", stop_taking, group->live, error);
	if (side)
		toe_tap(group->live, take, side);
	return side;
}

const struct kind kind_toe = {
	.name = "toe",
	.help = "an offload card",
	.title = "Offload cards",
	.is = "machine interface server eventful",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.net = offsetof(struct conf, toe.net),
	.init = init,
	.stage = STAGE_CARD,
	.ends = ENDS_OFFLOAD,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.columns_at = 4,
	.reset = reset,
	.tell = tell_toe,
	.total = total,
	.capture = capture,
	.deeds = 1U << DEED_FAIL | 1U << DEED_REMOVE | 1U << DEED_SLOW | 1U << DEED_LIE |
                 1U << DEED_INSERT,
	.act = act,
	.busy = busy,
};
