/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine under test: a kernel without costs, a bus without latency worth speaking of, and on
 * the script's wire the NIC (INET, SOP over INET) or the card (SOP over a card).  With SOP there is
 * always the other device too, on a wire that leads nowhere, so that SOP has a choice to make.
 */
#include "pkt/machine.h"

#include <arpa/inet.h>

#include "host/boot/boot.h"
#include "host/dev/dev.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "pkt/bytes.h"
#include "pkt/conf.h"
#include "pkt/script.h"
#include "sim/watch.h"

enum { IDLE_NET = 0x0a090900 }; /* 10.9.9.0/24, of the other device */

static void raise_line(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static char *dotted(uint32_t addr) {
	struct in_addr in = {htonl(addr)};
	char text[INET_ADDRSTRLEN];

	return g_strdup(inet_ntop(AF_INET, &in, text, sizeof text));
}

static struct link *new_link(struct machine *m, const char *name) {
	struct link_conf conf = {
		.name = name, .bits_per_s = 100000000000ULL, .ends = {"machine", "script"}};

	return link_new(m->sim, &conf);
}

/* As near to nothing as it goes: dates shall be the protocol's. */
static void new_bus(struct machine *m) {
	struct pci_conf pci;

	pci_conf_default(&pci);
	pci.latency = 10 * SIM_NS;
	pci.host_read_latency = 10 * SIM_NS;
	pci.dma_setup = 0;
	pci.bandwidth_scale = 100;
	m->bus = pci_bus_new(m->sim, "pci0", &pci);
	pci_bus_on_irq(m->bus, raise_line, m->kernel);
}

static void set_mtu(struct net_stack *st, const char *name, uint16_t mtu) {
	struct net_if *ifp = net_if_find(st, name);
	struct net_if_config conf;

	net_if_get(ifp, &conf);
	conf.mtu = mtu;
	net_if_set(ifp, &conf);
}

static int add_nic(struct machine *m, const struct run_conf *conf, bool tested) {
	struct nic_conf nic;
	g_autofree char *addr = dotted(tested ? conf->local_ip : IDLE_NET + 1);
	g_autofree char *mask = dotted(tested ? conf->netmask : 0xffffff00U);
	struct net_route route = {.gateway = conf->gateway_ip};
	int rc;

	nic_conf_default(&nic);
	m->nic = nic_new(m->kernel, m->bus, link_port(tested ? m->link : m->idle_link, 0), &nic);
	rc = dev_configure(m->kernel, "eth0", addr, mask);
	if (rc || !tested)
		return rc;
	set_mtu(m->kernel->stack, "eth0", conf->mtu);
	route.ifp = net_if_find(m->kernel->stack, "eth0");
	return net_route_add(m->kernel->stack, &route);
}

static int add_card(struct machine *m, const struct run_conf *conf, bool tested) {
	struct toe_conf toe;
	g_autofree char *addr = dotted(tested ? conf->local_ip : IDLE_NET + 0x101);
	g_autofree char *mask = dotted(tested ? conf->netmask : 0xffffff00U);
	g_autofree char *gateway = dotted(conf->gateway_ip);
	int rc;

	toe_conf_default(&toe);
	toe.name = "toe0";
	toe.irq = 10;
	if (tested)
		toe.net = conf->net;
	m->toe = toe_new(m->kernel, m->bus, link_port(tested ? m->link : m->idle_link, 0), &toe);
	rc = toe_configure(m->toe, addr, mask, tested ? gateway : NULL);
	if (rc || !tested)
		return rc;
	set_mtu(toe_stack(m->toe), "toe0", conf->mtu);
	return 0;
}

static int load_sop(struct machine *m) {
	struct sop_conf conf;

	sop_conf_default(&conf);
	m->sop = sop_module_new(&conf);
	return module_load(m->kernel, m->sop);
}

static int build(struct machine *m, const struct run_conf *conf) {
	bool card = conf->via == VIA_SOP_TOE;
	int rc = add_nic(m, conf, !card);

	if (rc == 0 && conf->via != VIA_INET)
		rc = add_card(m, conf, card);
	if (rc == 0 && conf->via != VIA_INET)
		rc = load_sop(m);
	m->stack = card && m->toe ? toe_stack(m->toe) : m->kernel->stack;
	/* packetdrill's device has no neighbours to look for, and no datagram waits for them. */
	return rc ? rc : net_arp_set(m->stack, conf->gateway_ip, far_mac);
}

bool machine_new(struct machine *m, const struct run_conf *conf, GError **error) {
	struct kernel_conf kernel;
	int rc;

	*m = (struct machine){.sim = sim_new(1)};
	sim_watch(m->sim, NULL, NULL); /* a script that breaks a rule of time is a defect */
	kernel_conf_default(&kernel);
	kernel.tick = 0;
	kernel.net = conf->net;
	m->kernel = kernel_new(m->sim, &kernel);
	new_bus(m);
	m->link = new_link(m, "wire");
	m->idle_link = new_link(m, "idle");
	m->far = link_port(m->link, 1);
	rc = build(m, conf);
	if (rc)
		g_set_error(error, SCRIPT_ERROR, OUTCOME_FAILED,
		            "the machine cannot be set up so: %s", g_strerror(-rc));
	return rc == 0;
}

void machine_free(struct machine *m) {
	if (m->toe)
		toe_free(m->toe);
	nic_free(m->nic);
	kernel_free(m->kernel);
	if (m->sop)
		sop_module_free(m->sop);
	pci_bus_free(m->bus);
	link_free(m->link);
	link_free(m->idle_link);
	sim_free(m->sim);
	frame_pool_drain();
}
