/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole machine: a NIC (eth0, 10.0.0.1) and two TOE cards (toe0, 10.0.1.1; toe1, 10.0.2.1) under
 * SOP, with a peer (10.0.N.2) on each net.  Tests set m.sop and m.card before machine_boot().
 *
 * It asserts with GLib, so that programs without Check can use it as well.
 */
#ifndef TESTS_SOP_MACHINE_WORLD_H
#define TESTS_SOP_MACHINE_WORLD_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "echo_peer.h"
#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "host/inet/inet.h"
#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/wire/peer.h"
#include "nets.h"
#include "sim/watch.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

static struct {
	struct sim *sim;
	struct kernel *k;
	struct pci_bus *bus;
	struct link *link[NETS];
	struct link
		*uplink[NETS]; /* from a switch to the peer; NULL: the peer is on the wire itself */
	struct ether_switch *sw;
	struct peer *peer[NETS];
	struct nic *nic;
	struct toe *toe[NETS]; /* [0] is the NIC's place: NULL */
	struct module *module;
	struct sop_conf sop;
	struct toe_conf card;
	struct kernel_conf kernel;
	uint64_t seed;
	uint32_t peer_isn;       /* of the peers' connections; 0: RFC 1948's */
	unsigned cards;          /* plugged in at boot */
	unsigned twin;           /* this card is in the net of the stack before it; 0: none is */
	struct fault_conf fault; /* of all wires, each way */
	sim_time peer_latency;   /* from a frame's arrival to the peer's stack */
	unsigned ended;          /* programs that came to their end */
} m;

static const char *const stack_names[] = {"inet", "toe0", "toe1"}; /* of the nets */

static inline void on_irq(void *k, unsigned line, bool high) { irq_level(k, line, high); }

static inline void machine_defaults(void) {
	m.seed = 3;
	m.cards = NETS - 1;
	sop_conf_default(&m.sop);
	toe_conf_default(&m.card);
	kernel_conf_default(&m.kernel);
}

/* The twin is on a switch with the stack before it and that one's peer; its own peer is alone. */
static inline struct port *machine_peer_port(unsigned n, const struct link_conf *lc) {
	if (!m.twin || (n != m.twin && n + 1 != m.twin))
		return link_port(m.link[n], 1);
	m.uplink[n] = link_new(m.sim, lc);
	if (!m.sw)
		m.sw = ether_switch_new(m.sim, "switch", SIM_US);
	ether_switch_plug(m.sw, link_port(m.link[n], 1));
	if (n != m.twin)
		ether_switch_plug(m.sw, link_port(m.uplink[n], 0));
	return link_port(m.uplink[n], 1);
}

static inline uint32_t machine_addr(unsigned n) {
	return m.twin && n == m.twin ? own_addr(n - 1) + 2 : own_addr(n);
}

/* A wire to net n with a peer at its end. */
static inline void machine_wire(unsigned n) {
	char name[16];
	struct link_conf lc = {.name = name,
	                       .bits_per_s = 1000000000,
	                       .propagation = SIM_US,
	                       .fault = {m.fault, m.fault}};
	struct peer_conf pc = {.name = name,
	                       .addr = peer_addr(n),
	                       .netmask = 0xffffff00U,
	                       .mac = {2, 0, 0, 0, 1, (uint8_t)n},
	                       .latency = m.peer_latency};

	snprintf(name, sizeof name, "wire%u", n);
	net_params_preset(&pc.params, "linux-2.4");
	pc.params.isn = m.peer_isn;
	m.link[n] = link_new(m.sim, &lc);
	m.peer[n] = peer_new(m.sim, &pc, machine_peer_port(n, &lc));
}

static inline void machine_plug_nic(void) {
	struct nic_conf nc;

	nic_conf_default(&nc);
	m.nic = nic_new(m.k, m.bus, link_port(m.link[0], 0), &nc);
	g_assert_cmpint(dev_configure(m.k, nc.name, "10.0.0.1", "255.255.255.0"), ==, 0);
}

/* Also while the machine runs. */
static inline void machine_plug_card(unsigned n) {
	char name[16], addr[32];
	struct toe_conf tc = m.card;

	snprintf(name, sizeof name, "toe%u", n - 1);
	snprintf(addr, sizeof addr, "10.0.%u.%u", machine_addr(n) >> 8 & 0xff,
	         machine_addr(n) & 0xff);
	tc.name = name;
	tc.mac[5] = (uint8_t)n;
	m.toe[n] = toe_new(m.k, m.bus, link_port(m.link[n], 0), &tc);
	g_assert_cmpint(toe_configure(m.toe[n], addr, "255.255.255.0", NULL), ==, 0);
}

/* Costs of about the paper's size, so that calls take time and overlap. */
static inline void machine_costs(void) {
	static const struct {
		const char *name;
		sim_time each;
	} costs[] = {{"syscall", 700 * SIM_NS},       {"context_switch", 2 * SIM_US},
	             {"sop_dispatch", 1400 * SIM_NS}, {"sop_create", 3 * SIM_US},
	             {"tcp_tx_segment", 13 * SIM_US}, {"irq", 7 * SIM_US},
	             {"comm_command", 2 * SIM_US},    {"kernel_thread", 20 * SIM_US}};

	for (size_t i = 0; i < G_N_ELEMENTS(costs); i++)
		g_assert_cmpint(
			kernel_set_cost(m.k, costs[i].name, (struct cost_value){costs[i].each, 0}),
			==, 0);
}

static inline void machine_load(void) {
	if (!m.module)
		m.module = sop_module_new(&m.sop);
	g_assert_cmpint(module_load(m.k, m.module), ==, 0);
}

/* Up and configured, SOP not loaded yet. */
static inline void machine_power(void) {
	struct pci_conf pc;

	m.sim = sim_new(m.seed);
	sim_watch(m.sim, NULL, NULL);
	m.k = kernel_new(m.sim, &m.kernel);
	machine_costs();
	pci_conf_default(&pc);
	m.bus = pci_bus_new(m.sim, "pci0", &pc);
	pci_bus_on_irq(m.bus, on_irq, m.k);
	for (unsigned n = 0; n < NETS; n++)
		machine_wire(n);
	machine_plug_nic();
	for (unsigned n = 1; n <= m.cards; n++)
		machine_plug_card(n);
}

static inline void machine_boot(void) {
	machine_power();
	machine_load();
}

static inline void machine_down(void) {
	g_assert_cmpint(m.module->use_count, ==, 0);
	g_assert_cmpint(module_unload(m.k, "sop"), ==, 0);
	g_assert_true(m.k->net_families[PF_INET] == &inet_family_ops);
	for (unsigned n = 1; n < NETS; n++)
		if (m.toe[n])
			toe_free(m.toe[n]);
	nic_free(m.nic);
	kernel_free(m.k);
	for (unsigned n = 0; n < NETS; n++) {
		peer_free(m.peer[n]);
		link_free(m.link[n]);
		if (m.uplink[n])
			link_free(m.uplink[n]);
	}
	if (m.sw)
		ether_switch_free(m.sw);
	pci_bus_free(m.bus);
	sop_module_free(m.module);
	sim_free(m.sim);
	frame_pool_drain();
}

/* Runs `programs` programs, which all must come to their ends. */
static inline void machine_run(unsigned programs, sim_time until) {
	sim_run(m.sim, until);
	g_assert_cmpuint(m.ended, ==, programs);
	machine_down();
}

static inline void machine_start(const char *name, program main) {
	process_start(m.k, name, main, NULL);
}

/* --- what programs say ------------------------------------------------------------------------ */

static inline int bind_to(struct task *me, int fd, uint32_t addr, uint16_t port) {
	struct sockaddr_in sin = at(addr, port);

	return sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static inline int bind_any(struct task *me, int fd, uint16_t port) {
	return bind_to(me, fd, INADDR_ANY, port);
}

static inline int connect_to(struct task *me, int fd, uint32_t addr, uint16_t port) {
	struct sockaddr_in sin = at(addr, port);

	return sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static inline int listen_at(struct task *me, uint32_t addr, uint16_t port) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	g_assert_cmpint(bind_to(me, fd, addr, port), ==, 0);
	g_assert_cmpint(sys_listen(me, fd, 10), ==, 0);
	return fd;
}

static inline int nonblocking(struct task *me, int fd) {
	return sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
}

static inline const char *stack_of(struct task *me, int fd) {
	int err;

	return sop_stack_name(sockfd_lookup(me, fd, &err));
}

static inline uint64_t counter(const char *name) {
	const char *n;
	uint64_t v;

	for (size_t i = 0; sop_counter(m.module, i, &n, &v); i++)
		if (strcmp(n, name) == 0)
			return v;
	g_error("no counter %s", name);
}

#define TCP(me) sys_socket(me, AF_INET, SOCK_STREAM, 0)
#define UDP(me) sys_socket(me, AF_INET, SOCK_DGRAM, 0)
#define PROGRAM_END()                                                                              \
	do {                                                                                           \
		m.ended++;                                                                                 \
		return 0;                                                                                  \
	} while (0)

/* --- peers ------------------------------------------------------------------------------------ */

static inline void peer_ignore(struct peer_sock *ps, unsigned events) { (void)ps, (void)events; }

static inline void peer_bound(unsigned n, int type, struct peer_sock *ps, uint16_t port) {
	g_assert_cmpint(peer_open(m.peer[n], type, ps), ==, 0);
	g_assert_cmpint(net_bind(ps->so, 0, port), ==, 0);
	if (type == SOCK_STREAM)
		g_assert_cmpint(net_listen(ps->so, 20), ==, 0);
}

#endif
