/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A long life: a SOP machine with two cards makes, uses and closes sockets, ten million operations
 * by default.  Prints resident memory along the way and operations per wall second; fails when
 * memory grows.
 *
 *     sop_long [OPERATIONS [standing]]
 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/wire/peer.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

#define NETS 3
#define PORT 7
#define REPORTS 10
#define GROWTH_KB 2048 /* what malloc may keep for itself after the first tenth */

static struct peer *peer[NETS];
static struct peer_sock server[NETS], datagrams[NETS];
static uint64_t total, done;
static long first_kb, last_kb;
static gint64 started;

/* --- counterparts ----------------------------------------------------------------------------- */

struct conn {
	struct peer_sock ps; /* first */
	unsigned net;
};

static void conn_event(struct peer_sock *ps, unsigned events) {
	struct conn *c = (struct conn *)ps;
	char buf[512];
	ssize_t n;

	(void)events;
	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n <= 0)
			break;
		iov.iov_len = (size_t)n;
		net_send(ps->so, &msg);
	}
	if (n != -EAGAIN) {
		peer_close(peer[c->net], ps, false);
		g_free(c);
	}
}

static struct conn *conn_new(unsigned net) {
	struct conn *c = g_new0(struct conn, 1);

	c->ps.event = conn_event;
	c->net = net;
	return c;
}

static void serve(struct peer_sock *ps, unsigned events) {
	unsigned net = (unsigned)(ps - server);
	struct conn *c = conn_new(net);

	(void)events;
	while (peer_accept(peer[net], ps, &c->ps) == 0)
		c = conn_new(net);
	g_free(c);
}

static void echo_datagrams(struct peer_sock *ps, unsigned events) {
	char buf[512];

	(void)events;
	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(ps->so, &msg);

		if (n <= 0)
			return;
		iov.iov_len = (size_t)n;
		net_send(ps->so, &msg);
	}
}

static void call_host(unsigned net, uint16_t port) {
	struct conn *c = conn_new(net);

	if (peer_open(peer[net], SOCK_STREAM, &c->ps) < 0 ||
	    net_connect(c->ps.so, 0x0a000001U | net << 8, port) != -EINPROGRESS)
		g_error("a peer cannot call");
}

/* --- the program ------------------------------------------------------------------------------ */

static long resident_kb(void) {
	long pages = 0, unused;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%ld %ld", &unused, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void count(struct task *me, unsigned n) {
	uint64_t before = done * REPORTS / total;

	done += n;
	if (done * REPORTS / total == before)
		return;
	last_kb = resident_kb();
	if (!first_kb)
		first_kb = last_kb;
	printf("%5.1f %%  %ld KB  %.0f operations/s  %.0f s simulated\n",
	       100.0 * (double)done / (double)total, last_kb,
	       (double)done * 1e6 / (double)(g_get_monotonic_time() - started),
	       (double)sys_gettime(me) / (double)SIM_S);
	fflush(stdout);
}

static struct sockaddr_in at(uint32_t addr, uint16_t port) {
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = g_htons(port), .sin_addr.s_addr = g_htonl(addr)};
}

/* A connection out. */
static void out(struct task *me, unsigned net) {
	struct sockaddr_in to = at(0x0a000002U | net << 8, PORT);
	const struct linger reset = {1, 0}; /* no TIME_WAIT: ports would run out first */
	char buf[64] = {0};
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), len = sizeof to;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	if (sys_connect(me, fd, (struct sockaddr *)&to, sizeof to) < 0)
		g_error("connect failed");
	sys_send(me, fd, buf, sizeof buf, 0);
	sys_poll(me, &pfd, 1, -1);
	sys_recv(me, fd, buf, sizeof buf, 0);
	sys_getsockname(me, fd, (struct sockaddr *)&to, &len);
	sys_close(me, fd);
	count(me, 8);
}

/* Datagrams from one socket to all nets. */
static void exchange(struct task *me) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	char buf[64] = {0};

	for (unsigned net = 0; net < NETS; net++) {
		struct sockaddr_in to = at(0x0a000002U | net << 8, PORT);

		sys_sendto(me, fd, buf, sizeof buf, 0, (struct sockaddr *)&to, sizeof to);
		sys_recv(me, fd, buf, sizeof buf, 0);
	}
	sys_close(me, fd);
	count(me, 2 + NETS * 2);
}

/* A listener on all stacks, a call from each net. */
static void in(struct task *me, uint16_t port) {
	const struct linger reset = {1, 0};
	struct sockaddr_in any = at(INADDR_ANY, port);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), new;

	sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	if (sys_bind(me, fd, (struct sockaddr *)&any, sizeof any) < 0 || sys_listen(me, fd, 5) < 0)
		g_error("no listener on port %u", port);
	for (unsigned net = 0; net < NETS; net++)
		call_host(net, port);
	for (unsigned net = 0; net < NETS; net++) {
		new = sys_accept(me, fd, NULL, NULL);
		if (new < 0)
			g_error("accept failed");
		sys_close(me, new);
	}
	sys_close(me, fd);
	count(me, 5 + NETS * 2);
}

static int program_main(struct task *me, void *arg) {
	(void)arg;
	for (unsigned i = 0; done < total; i++) {
		out(me, i % NETS);
		exchange(me);
		in(me, (uint16_t)(2000 + i % 1000));
	}
	return 0;
}

/* --- the machine ------------------------------------------------------------------------------ */

static void irq(void *k, unsigned line, bool high) { irq_level(k, line, high); }

static void net_new(struct sim *sim, struct kernel *k, struct pci_bus *bus, unsigned n) {
	char name[16], addr[32];
	struct link_conf lc = {.name = name, .bits_per_s = 1000000000, .propagation = SIM_US};
	struct peer_conf pc = {.name = name,
	                       .addr = 0x0a000002U | n << 8,
	                       .netmask = 0xffffff00U,
	                       .mac = {2, 0, 0, 0, 1, (uint8_t)n}};
	struct link *wire;
	struct nic_conf nc;
	struct toe_conf tc;

	g_snprintf(name, sizeof name, "net%u", n);
	g_snprintf(addr, sizeof addr, "10.0.%u.1", n);
	net_params_preset(&pc.params, "linux-2.4");
	wire = link_new(sim, &lc);
	peer[n] = peer_new(sim, &pc, link_port(wire, 1));
	server[n].event = serve;
	datagrams[n].event = echo_datagrams;
	peer_open(peer[n], SOCK_STREAM, &server[n]);
	net_bind(server[n].so, 0, PORT);
	net_listen(server[n].so, 20);
	peer_open(peer[n], SOCK_DGRAM, &datagrams[n]);
	net_bind(datagrams[n].so, 0, PORT);
	nic_conf_default(&nc);
	if (n == 0) {
		nic_new(k, bus, link_port(wire, 0), &nc);
		dev_configure(k, nc.name, addr, "255.255.255.0");
		return;
	}
	toe_conf_default(&tc);
	tc.name = n == 1 ? "toe0" : "toe1";
	tc.mac[5] = (uint8_t)n;
	toe_configure(toe_new(k, bus, link_port(wire, 0), &tc), addr, "255.255.255.0", NULL);
}

int main(int argc, char **argv) {
	struct sim *sim = sim_new(1);
	struct kernel_conf kc;
	struct pci_conf pc;
	struct sop_conf sc;
	struct kernel *k;
	struct pci_bus *bus;

	total = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000U;
	kernel_conf_default(&kc);
	k = kernel_new(sim, &kc);
	kernel_set_cost(k, "syscall", (struct cost_value){SIM_US, 0});
	pci_conf_default(&pc);
	bus = pci_bus_new(sim, "pci0", &pc);
	pci_bus_on_irq(bus, irq, k);
	for (unsigned n = 0; n < NETS; n++)
		net_new(sim, k, bus, n);
	sop_conf_default(&sc);
	sc.receive = SOP_RECV_WAIT_ALL;
	if (argc > 2 && strcmp(argv[2], "standing") == 0)
		sc.accept = SOP_ACCEPT_STANDING;
	if (module_load(k, sop_module_new(&sc)) < 0)
		g_error("SOP is not loaded");
	process_start(k, "program", program_main, NULL);
	started = g_get_monotonic_time();
	printf("       %ld KB\n", resident_kb());
	sim_run(sim, SIM_NEVER);
	printf("%" G_GUINT64_FORMAT
	       " operations, %.0f/s, memory grew by %ld KB after the first tenth\n",
	       done, (double)done * 1e6 / (double)(g_get_monotonic_time() - started),
	       last_kb - first_kb);
	return done >= total && last_kb - first_kb <= GROWTH_KB ? 0 : 1;
}
