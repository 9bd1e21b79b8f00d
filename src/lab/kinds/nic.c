/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An Ethernet card and its driver (group->live: struct nic). */
#include "host/dev/nic.h"

#include "host/dev/dev.h"
#include "lab/kinds/parts.h"
#include "lab/world/captures.h"
#include "lab/world/meters.h"
#include "net/engine/route.h"

struct conf {
	struct nic_conf nic;
	char *bus;
	struct net_address address;
	uint32_t gateway;
	unsigned irq;
	bool plugged;
};

static const struct key keys[] = {
	NEED("bus", TEXT, bus, "pci", "the pci group it is plugged into"),
	K("address", NETWORK, address, "of the interface"),
	R("mtu", BYTES, nic.mtu, 68, FRAME_MTU_JUMBO, "of the interface"),
	K("gateway", ADDRESS, gateway, "default route, or any for none"),
	R("irq", COUNT, irq, 0, 31, "interrupt line; not given: one of its own"),
	K("plugged", BOOL, plugged, "no: the card is left out"),
	R("tx_ring", COUNT, nic.tx_ring, 4, 65536, "transmit descriptors"),
	R("rx_ring", COUNT, nic.rx_ring, 4, 65536, "receive descriptors"),
	R("irq_throttle", TIME, nic.irq_throttle, 0, SIM_S,
          "least time between interrupts; 0s: none"),
	R("rx_irq_frames", COUNT, nic.rx_irq_frames, 1, 65536,
          "the receive interrupt comes when so many frames have"),
	R("rx_irq_delay", TIME, nic.rx_irq_delay, 0, SIM_S, "or so long after the first of them"),
	R("tx_accesses", COUNT, nic.tx_accesses, 0, 100,
          "accesses of I/O ports, or reads, that the processor waits for: for each frame sent"),
	R("clean_accesses", COUNT, nic.clean_accesses, 0, 100, "the same, for each frame cleaned"),
	R("rx_accesses", COUNT, nic.rx_accesses, 0, 100, "the same, for each frame received"),
	R("irq_accesses", COUNT, nic.irq_accesses, 0, 100,
          "the same, for each interrupt beside the read of its cause"),
	K("napi", BOOL, nic.napi, "poll in softirq with the interrupt masked"),
	R("tx_irq_every", COUNT, nic.tx_irq_every, 0, 65536,
          "transmit interrupt each n-th descriptor; 0: none"),
	K("scatter_gather", BOOL, nic.scatter_gather,
          "frames in pieces; with tx_checksum, sendfile() copies nothing"),
	K("tx_checksum", BOOL, nic.tx_checksum, "the card sums up what it sends"),
	K("rx_checksum", BOOL, nic.rx_checksum, "the card sums up what it receives: no csum_rx"),
	R("budget", COUNT, nic.budget, 1, 65536, "frames per poll"),
};

static void init(void *conf) {
	struct conf *c = conf;

	nic_conf_default(&c->nic);
	c->bus = g_strdup("pci0");
	c->plugged = true;
}

static int default_route(struct kernel *k, const char *name, uint32_t gateway) {
	struct net_route route = {.gateway = gateway, .ifp = net_if_find(k->stack, name)};

	return gateway ? net_route_add(k->stack, &route) : 0;
}

static bool build(struct world *world, struct group *group, GError **error) {
	struct conf *c = group->conf;
	struct kernel *k = pci_host(world, c->bus);
	g_autofree char *addr = quantity_format_address(c->address.addr);
	g_autofree char *mask = quantity_format_address(net_address_mask(&c->address));
	int rc;

	if (!c->plugged)
		return true;
	c->nic.name = group->name;
	c->nic.irq = world_irq(world, group);
	world_mac(world, c->nic.mac);
	group->live =
		nic_new(k, pci_called(world, c->bus), world_port(world, group->name), &c->nic);
	if (c->address.prefix == 0)
		return true;
	rc = dev_configure(k, group->name, addr, mask);
	if (rc == 0)
		rc = default_route(k, group->name, c->gateway);
	return rc == 0 || world_failed(group, "address", rc, error);
}

static void end(struct group *group) { nic_free(group->live); }

static bool capture(struct captures *captures, const struct group *group, GError **error) {
	return !group->live || captures_interface(captures, group, error);
}

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "rx_frames",
         .unit = "1",
         .help = "frames received",
         .adds = ADDS_SUM,
         .bins = true,
         .since = SINCE_OPENING,
         .head = "received"},
	{.name = "tx_frames",
         .unit = "1",
         .help = "frames sent",
         .adds = ADDS_SUM,
         .bins = true,
         .since = SINCE_OPENING,
         .head = "sent"},
	{.name = "rx_dropped",
         .unit = "1",
         .help = "frames that found no descriptor, or were for nobody here",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "dropped"},
	{.name = "rx_too_long",
         .unit = "1",
         .help = "frames longer than the interface takes",
         .adds = ADDS_SUM,
         .since = SELDOM,
         .head = "too long"},
	{.name = "tx_dropped",
         .unit = "1",
         .help = "frames that found the queue before the ring full",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "not sent"},
	{.name = "rx_others",
         .unit = "1",
         .help = "frames that came for other stations",
         .adds = ADDS_SUM,
         .since = SELDOM,
         .head = "for others"},
	{.name = "interrupts",
         .unit = "1",
         .help = "of the card",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING,
         .head = "interrupts"},
	{.name = "polls_done",
         .unit = "1",
         .help = "NAPI: turns of the poll list that found no frame left",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
	{.name = "polls_more",
         .unit = "1",
         .help = "NAPI: turns that ended with frames left: by its budget, or the run's of 300",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
	{.name = "polls",
         .unit = "1",
         .help = "NAPI: turns of the poll list",
         .adds = ADDS_SUM,
         .since = SINCE_OPENING},
};

static void tell_nic(struct reading *r, const struct group *group) {
	const struct net_device *dev = nic_netdev(group->live);
	struct net_if_counters refused = {0};
	struct nic_counters c;

	if (dev->ifp)
		net_if_count(dev->ifp, &refused);
	tell_refused(r, &refused);
	nic_counters(group->live, &c);
	tell(r, "rx_frames", (double)c.rx_frames);
	tell(r, "rx_dropped", (double)c.rx_dropped);
	tell(r, "tx_frames", (double)c.tx_frames);
	tell(r, "tx_dropped", (double)dev->tx_dropped);
	tell(r, "interrupts", (double)c.irqs);
	tell(r, "polls_done", (double)dev->polls_done);
	tell(r, "polls_more", (double)dev->polls_more);
	tell(r, "polls", (double)(dev->polls_done + dev->polls_more));
}

static double total(const struct group *group, const char *measure) {
	struct nic_counters c;

	nic_counters(group->live, &c);
	return (double)(g_str_equal(measure, "rx_frames") ? c.rx_frames : c.tx_frames);
}

const struct kind kind_nic = {
	.name = "nic",
	.help = "an Ethernet card",
	.title = "Ethernet cards",
	.is = "machine interface server",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.stage = STAGE_CARD,
	.ends = ENDS_CARD,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_nic,
	.total = total,
	.capture = capture,
};
