/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bulk transfer between two whole machines: one TCP connection over 1 Gbit/s and 50 us each way,
 * MSS 1460, with host, NIC and PCI models on both sides and real bytes, checked at the end.  Prints
 * segments per second of processor time, from the first event on; bench/ns3_bulk.cc is the same transfer
 * in ns-3.
 *
 *     bulk [BYTES]
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "host/socket/syscalls.h"

#define CHUNK 65536U
#define PORT 5001
#define KEY 42U

struct machine {
	struct kernel *k;
	struct pci_bus *pci;
	struct nic *nic;
};

static uint64_t total;
static uint64_t received, wrong;

static void irq(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void machine_new(struct machine *m, struct sim *sim, const char *name, struct port *port,
                        const char *addr) {
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;

	kernel_conf_default(&kc);
	kc.name = name;
	m->k = kernel_new(sim, &kc);
	/* Costs of a processor of today's kind, so that the wire is what limits. */
	kernel_set_cost(m->k, "syscall", (struct cost_value){100 * SIM_NS, 0});
	kernel_set_cost(m->k, "tcp_tx_segment", (struct cost_value){1 * SIM_US, 0});
	kernel_set_cost(m->k, "tcp_rx_data", (struct cost_value){1 * SIM_US, 0});
	kernel_set_cost(m->k, "tcp_rx_ack", (struct cost_value){500 * SIM_NS, 0});
	kernel_set_cost(m->k, "irq", (struct cost_value){1 * SIM_US, 0});
	pci_conf_default(&pc);
	m->pci = pci_bus_new(sim, name, &pc);
	pci_bus_on_irq(m->pci, irq, m->k);
	nic_conf_default(&nc);
	/* At most 8,000 interrupts a second: the default of Intel's gigabit driver. */
	nc.irq_throttle = 125 * SIM_US;
	nc.mac[5] = (uint8_t)name[0];
	m->nic = nic_new(m->k, m->pci, port, &nc);
	if (dev_configure(m->k, "eth0", addr, "255.255.255.0") < 0)
		g_error("cannot configure %s", addr);
}

static int receiver(struct task *me, void *arg) {
	struct sockaddr_in sin = inet_address("0.0.0.0", PORT);
	g_autofree char *buf = g_malloc(CHUNK);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	if (sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin) < 0 || sys_listen(me, fd, 5) < 0)
		return 1;
	int conn = sys_accept(me, fd, NULL, NULL);
	for (ssize_t n; (n = sys_read(me, conn, buf, CHUNK)) > 0;) {
		wrong += !pattern_check(KEY, received, buf, (size_t)n);
		received += (uint64_t)n;
	}
	return 0;
}

static int sender(struct task *me, void *arg) {
	struct sockaddr_in sin = inet_address("10.0.0.2", PORT);
	g_autofree char *buf = g_malloc(CHUNK);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	sys_nanosleep(me, SIM_MS);
	if (sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin) < 0)
		return 1;
	for (uint64_t sent = 0; sent < total;) {
		size_t len = MIN(CHUNK, total - sent);
		pattern_fill(KEY, sent, buf, len);
		ssize_t n = sys_write(me, fd, buf, len);
		if (n <= 0)
			return 1;
		sent += (uint64_t)n;
	}
	sys_close(me, fd);
	return 0;
}

int main(int argc, char **argv) {
	struct sim *sim = sim_new(1);
	struct link_conf lc = {
		.name = "wire", .bits_per_s = 1000000000, .propagation = 50 * SIM_US};
	struct machine a, b;

	total = argc > 1 ? strtoull(argv[1], NULL, 10) : 500000000U;
	struct link *wire = link_new(sim, &lc);
	machine_new(&a, sim, "a", link_port(wire, 0), "10.0.0.1");
	machine_new(&b, sim, "b", link_port(wire, 1), "10.0.0.2");
	process_start(b.k, "receiver", receiver, NULL);
	process_start(a.k, "sender", sender, NULL);
	/* Loaded before, as ns-3 is, whose libraries are linked. */
	const char *why = sim_load();
	if (why)
		g_error("SimGrid cannot be loaded: %s", why);
	clock_t start = clock();
	sim_run(sim, 3600 * SIM_S);
	double cpu = (double)(clock() - start) / CLOCKS_PER_SEC;
	double segments = (double)received / 1460;
	printf("sopsim  %.0f bytes, %.0f segments, %.2f s, %.0f segments/s, "
	       "%.1f events/segment, %.3f switches/segment\n",
	       (double)received, segments, cpu, segments / cpu,
	       (double)sim_events_run(sim) / segments, (double)sim_switches(sim) / segments);
	if (received != total || wrong)
		fprintf(stderr,
		        "bulk: %" G_GUINT64_FORMAT " bytes of %" G_GUINT64_FORMAT
		        ", %" G_GUINT64_FORMAT " wrong chunks\n",
		        received, total, wrong);
	return received == total && !wrong ? 0 : 1;
}
