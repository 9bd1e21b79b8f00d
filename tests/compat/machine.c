/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine.h"

#include <stdio.h>

#include "host/boot/boot.h"
#include "host/dev/dev.h"
#include "host/dev/nic.h"
#include "sim/watch.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

/* Two nets, 10.0.0/24 of the tests and 10.9.0/24, with a peer on each; which of NIC and card is
 * where makes the way. */
#define NETS 2
/* A program that has not come to its end by then hangs. */
#define PATIENCE (2000 * SIM_S)

const char *const way_names[WAYS] = {"inet", "sop-inet", "sop-card", "sop-polled"};

static const struct {
	bool sop;
	unsigned nic, card; /* index of its net */
	enum toe_kind kind;
} ways[WAYS] = {
	{false, 0, 1, TOE_KIND_INTERRUPT},
	{true, 0, 1, TOE_KIND_INTERRUPT},
	{true, 1, 0, TOE_KIND_INTERRUPT},
	{true, 1, 0, TOE_KIND_POLLING},
};

static const char *const addrs[NETS] = {ME, "10.9.0.1"};

struct machine {
	struct sim *sim;
	struct kernel *kernel;
	struct pci_bus *bus;
	struct link *link[NETS];
	struct peer *peer[NETS];
	struct nic *nic;
	struct toe *toe;
	struct module *sop;
	struct way *way;
	compat_test test;
};

static void on_irq(void *k, unsigned line, bool high) { irq_level(k, line, high); }

static void net_up(struct machine *m, unsigned n) {
	char name[8];
	struct link_conf link = {.name = name, .bits_per_s = 1000000000, .propagation = SIM_US};
	struct peer_conf peer = {.name = name,
	                         .addr = 0x0a000002U + n * 0x90000U,
	                         .netmask = 0xffffff00U,
	                         .mac = {2, 0, 0, 0, 1, (uint8_t)n}};

	snprintf(name, sizeof name, "wire%u", n);
	net_params_preset(&peer.params, "linux-2.4");
	m->link[n] = link_new(m->sim, &link);
	m->peer[n] = peer_new(m->sim, &peer, link_port(m->link[n], 1));
}

static void nic_up(struct machine *m, unsigned n) {
	struct nic_conf conf;

	nic_conf_default(&conf);
	m->nic = nic_new(m->kernel, m->bus, link_port(m->link[n], 0), &conf);
	if (dev_configure(m->kernel, conf.name, addrs[n], "255.255.255.0") < 0)
		g_error("the NIC cannot be configured");
}

static void card_up(struct machine *m, unsigned n, enum toe_kind kind) {
	struct toe_conf conf;

	toe_conf_default(&conf);
	conf.kind = kind;
	m->toe = toe_new(m->kernel, m->bus, link_port(m->link[n], 0), &conf);
	if (toe_configure(m->toe, addrs[n], "255.255.255.0", NULL) < 0)
		g_error("the card cannot be configured");
}

static void sop_up(struct machine *m) {
	struct sop_conf conf;

	sop_conf_default(&conf);
	m->sop = sop_module_new(&conf);
	if (module_load(m->kernel, m->sop) < 0)
		g_error("SOP cannot be loaded");
}

static struct machine *machine_up(unsigned index) {
	struct machine *m = g_new0(struct machine, 1);
	struct kernel_conf kernel;
	struct pci_conf pci;

	m->sim = sim_new(5);
	sim_watch(m->sim, NULL, NULL);
	kernel_conf_default(&kernel);
	m->kernel = kernel_new(m->sim, &kernel);
	pci_conf_default(&pci);
	m->bus = pci_bus_new(m->sim, "pci0", &pci);
	pci_bus_on_irq(m->bus, on_irq, m->kernel);
	for (unsigned n = 0; n < NETS; n++)
		net_up(m, n);
	nic_up(m, ways[index].nic);
	card_up(m, ways[index].card, ways[index].kind);
	if (ways[index].sop)
		sop_up(m);
	return m;
}

static void check_leaks(struct machine *m, struct way *way) {
	if (!m->sop || way->why)
		return;
	if (m->sop->use_count)
		way->why = g_strdup_printf("%d SOP sockets are left", m->sop->use_count);
	else if (module_unload(m->kernel, "sop") < 0)
		way->why = g_strdup("SOP cannot be unloaded");
}

static void machine_down(struct machine *m) {
	toe_free(m->toe);
	nic_free(m->nic);
	kernel_free(m->kernel);
	for (unsigned n = 0; n < NETS; n++) {
		peer_free(m->peer[n]);
		link_free(m->link[n]);
	}
	pci_bus_free(m->bus);
	if (m->sop)
		sop_module_free(m->sop);
	sim_free(m->sim);
	frame_pool_drain();
	g_free(m);
}

static int program_main(struct task *me, void *arg) {
	struct machine *m = arg;
	int result = m->test(me, m->way);

	m->way->ended = true;
	return result;
}

void machine_run(struct way *way, unsigned index, compat_test test) {
	struct machine *m = machine_up(index);

	*way = (struct way){.name = way_names[index],
	                    .machine = m,
	                    .kernel = m->kernel,
	                    .peer = m->peer[0],
	                    .remotes = g_ptr_array_new()};
	m->way = way;
	m->test = test;
	process_start(m->kernel, "test", program_main, m);
	sim_run(m->sim, PATIENCE);
	if (!way->ended && !way->why)
		way->why = g_strdup("hangs");
	check_leaks(m, way);
	machine_down(m);
	for (guint i = 0; i < way->remotes->len; i++) {
		struct remote *r = g_ptr_array_index(way->remotes, i);

		g_byte_array_free(r->got, TRUE);
		g_free(r->to_send);
		g_free(r);
	}
	g_ptr_array_free(way->remotes, TRUE);
}

void machine_later(struct machine *m, sim_time delay, void (*fn)(void *arg), void *arg) {
	sim_call_at(m->sim, sim_now(m->sim) + delay, fn, arg);
}

sim_time machine_now(const struct machine *m) { return sim_now(m->sim); }
