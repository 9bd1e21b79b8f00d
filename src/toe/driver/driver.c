/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a card's driver begin, and what does it do when the card is gone? */
#include "toe/driver/driver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "host/dev/dev.h"
#include "net/engine/iface.h"
#include "toe/driver/channel.h"
#include "toe/driver/command.h"
#include "toe/driver/config.h"
#include "toe/driver/toe_sock.h"

/* Completions that the host has room for, in multiples of the command ring: more than its commands
 * at a time, since those that wait for the network hold no descriptor. */
#define COMPLETIONS_PER_COMMAND 4U

void toe_conf_default(struct toe_conf *conf) {
	*conf = (struct toe_conf){
		.name = "toe0",
		.mac = {0x02, 0x70, 0x6f, 0x65, 0, 0},
		.irq = 10,
		.mtu = FRAME_MTU,
		.clock_scale = 1,
		.ring = 256,
		.rx_ring = 256,
		.command_timeout = 10 * SIM_S,
		.poll_spin = 20 * SIM_US,
		.poll_period = 20 * SIM_US,
		.poll_rounds = 20,
	};
	net_params_preset(&conf->net, "bsd-card");
	conf->max_sockets = conf->net.max_socks;
}

/* --- toedev ------------------------------------------------------------------------------------ */

static int dev_create(struct toedev *td, struct socket *sock, int protocol) {
	return toe_sock_create(td_toe(td), sock, AF_INET, protocol);
}

static struct net_stack *dev_stack(struct toedev *td) { return toe_stack(td_toe(td)); }

static const struct toedev_ops toe_toedev_ops = {
	.create = dev_create,
	.accepts_into_made = true,
	.owns_addr = config_owns_addr,
	.route = config_route,
	.is_broadcast = config_is_broadcast,
	.on_link = config_on_link,
	.ioctl = config_ioctl,
	.route_metric = config_route_metric,
	.generation = config_generation,
	.stack = dev_stack,
};

/* --- the tasklet --------------------------------------------------------------------------------- */

/* One softirq serves all cards of the machine, a step each in turn. */
static bool tasklet(void *arg) {
	struct kernel *k = arg;
	bool more = false;

	for (struct toedev *td = toedev_first(k); td; td = td->next)
		if (is_toe(td))
			more |= commands_step(td_toe(td));
	return more;
}

/* --- life -------------------------------------------------------------------------------------- */

static const struct comm_ops *const channels[] = {
#define X(kind, KIND) [TOE_KIND_##KIND] = &channel_##kind,
	TOE_KINDS(X)
#undef X
};

static struct card *plug_in(const struct toe *toe, struct port *port) {
	const struct toe_conf *conf = &toe->conf;
	struct card_conf card = {
		.name = conf->name,
		.mtu = conf->mtu,
		.index = toe->index,
		.clock_scale = conf->clock_scale,
		.rx_ring = conf->rx_ring,
		.max_sockets = conf->max_sockets,
		.buffer_bytes = conf->buffer_bytes,
		.run_to_completion = conf->run_to_completion,
		.data_path = conf->data_path,
		.path_latency = conf->path_latency,
		.tso = conf->tso,
		.net = conf->net,
	};

	memcpy(card.mac, conf->mac, sizeof card.mac);
	return card_new(toe->kernel->sim, port, &card);
}

static void channel_open(struct toe *toe, struct pci_bus *bus, struct port *port) {
	struct comm_conf comm = {
		.commands = toe->conf.ring,
		.completions = toe->conf.ring * COMPLETIONS_PER_COMMAND,
		.irq_throttle = toe->conf.irq_throttle,
		.on_demand = channels[toe->conf.kind]->on_demand,
	};

	toe->channel = channels[toe->conf.kind];
	if (toe->channel->open)
		toe->channel->open(toe);
	toe->dev = pci_dev_add(bus, toe->td.name, toe->conf.irq);
	toe->card = plug_in(toe, port);
	toe->comm = comm_new(toe->kernel->sim, toe->dev, &comm, card_command, toe->card);
	card_attach(toe->card, toe->comm);
	request_irq(toe->kernel, toe->conf.irq, toe->channel->interrupt, toe->td.name, toe);
}

struct toe *toe_new(struct kernel *k, struct pci_bus *bus, struct port *port,
                    const struct toe_conf *conf) {
	struct toe *toe = g_new0(struct toe, 1);

	g_return_val_if_fail(conf->ring > 0 && conf->rx_ring > 0 && conf->clock_scale > 0 &&
	                             conf->irq < 32,
	                     NULL);
	toe->kernel = k;
	toe->conf = *conf;
	g_strlcpy(toe->td.name, conf->name, sizeof toe->td.name);
	toe->conf.name = toe->td.name;
	toe->td.ops = &toe_toedev_ops;
	toe->td.priv = toe;
	toe->index = dev_new_index(k);
	commands_init(toe);
	channel_open(toe, bus, port);
	config_init(toe);
	open_softirq(k, SOFTIRQ_TASKLET, tasklet, k);
	sock_register(k, &toe_family_ops); /* -EEXIST: an earlier card did */
	if (register_toedev(k, &toe->td)) {
		toe_free(toe);
		return NULL;
	}
	return toe;
}

void toe_free(struct toe *toe) {
	struct kernel *k = toe->kernel;
	bool last = true;

	/* Layers above let go of their sockets now, and the card is asked nothing any more. */
	toe->failing = true;
	if (toedev_find(k, toe->td.name) == &toe->td)
		unregister_toedev(&toe->td);
	for (struct toedev *td = toedev_first(k); td; td = td->next)
		last &= !is_toe(td);
	if (last)
		sock_unregister(k, AF_TOE);
	free_irq(k, toe->conf.irq, toe);
	if (toe->channel->close)
		toe->channel->close(toe);
	comm_stop(toe->comm);
	commands_exit(toe);
	card_free(toe->card);
	pci_dev_remove(toe->dev); /* the bus forgets the transfers that comm_free() frees */
	comm_free(toe->comm);
	config_exit(toe);
	g_free(toe);
}

void toe_tap(struct toe *toe, comm_tap_fn fn, void *arg) { comm_tap(toe->comm, fn, arg); }

struct toedev *toe_dev(struct toe *toe) { return &toe->td; }

struct net_stack *toe_stack(struct toe *toe) { return card_stack(toe->card); }

/* --- set-up ------------------------------------------------------------------------------------ */

static bool parse_addr(const char *text, uint32_t *addr) {
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

int toe_configure(struct toe *toe, const char *addr, const char *netmask, const char *gateway) {
	uint32_t ip, mask, gw = 0;
	int err;

	if (!parse_addr(addr, &ip) || !parse_addr(netmask, &mask) ||
	    (gateway && !parse_addr(gateway, &gw)))
		return -EINVAL;
	err = net_if_configure(toe->shadow_if, ip, mask, gw);
	return err ? err : card_configure(toe->card, ip, mask, gw);
}

int toe_set_cost(struct toe *toe, const char *name, struct cost_value value) {
	struct cost_table *costs = card_costs(toe->card);
	int id = cost_find(costs, name);

	if (id < 0)
		return -ENOENT;
	costs->value[id] = value;
	return 0;
}

const struct cost_table *toe_costs(const struct toe *toe) { return card_costs(toe->card); }

/* --- faults ------------------------------------------------------------------------------------ */

void toe_fail(struct toe *toe) { card_stop(toe->card); }

void toe_remove(struct toe *toe) {
	card_stop(toe->card);
	comm_stop(toe->comm);
	pci_dev_remove(toe->dev);
	toe_doomed(toe, "it is gone");
}

bool toe_plugged(const struct toe *toe) { return pci_present(toe->dev); }

void toe_lie(struct toe *toe, enum comm_fault fault, sim_time time) {
	comm_lie(toe->comm, fault, time);
}

const char *toe_why(const struct toe *toe) { return toe->td.dead ? toe->why : NULL; }

void toe_on_death(struct toe *toe, void (*fn)(void *arg, const char *why), void *arg) {
	toe->on_death = fn;
	toe->on_death_arg = arg;
}

void toe_slow(struct toe *toe, double factor) { card_slow(toe->card, factor); }

/* --- usage ------------------------------------------------------------------------------------- */

void toe_usage_get(const struct toe *toe, struct toe_usage *usage) {
	struct card_meters card;

	card_meters(toe->card, &card);
	*usage = (struct toe_usage){
		.busy = card.busy,
		.window = card.window,
		.path_busy = card.path_busy,
		.commands = card.commands,
		.events = card.events,
		.late_answers = toe->n_late,
		.sockets = card.sockets,
		.rx_dropped = card.rx_dropped,
		.connections = card.connections,
	};
}

void toe_usage_reset(struct toe *toe) {
	card_meters_reset(toe->card);
	toe->n_late = 0;
}
