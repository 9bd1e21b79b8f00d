/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine on a wire for the tests of INET and the NIC: kernel, bus, one or two NICs, each with a
 * link to a peer.  The machine is 10.0.N.1 and the peer 10.0.N.2 on net N = 0, 1.
 *
 * A world of the simulator can live once per operating-system process, so each Check test makes one
 * of its own (Check forks).
 */
#ifndef TESTS_HOST_NET_WORLD_H
#define TESTS_HOST_NET_WORLD_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "host/inet/inet.h"
#include "host/socket/syscalls.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/socket.h"
#include "net/wire/peer.h"

#define NETS 2
#define HOST_ADDR(net) (0x0a000001U | (uint32_t)(net) << 8)
#define PEER_ADDR(net) (0x0a000002U | (uint32_t)(net) << 8)

struct net_world {
	struct sim *sim;
	struct kernel *k;
	struct pci_bus *bus;
	struct link *link[NETS];
	struct nic *nic[NETS];
	struct peer *peer[NETS];
	unsigned ended; /* programs that came to their end */
	bool freed;
};

static inline void net_world_card(struct net_world *w, unsigned n, const struct nic_conf *conf) {
	struct link_conf lc = {
		.name = n ? "wire1" : "wire0", .bits_per_s = 1000000000, .propagation = SIM_US};
	struct peer_conf pc = {.name = n ? "peer1" : "peer0",
	                       .addr = PEER_ADDR(n),
	                       .netmask = 0xffffff00U,
	                       .mac = {2, 0, 0, 0, 1, (uint8_t)n}};
	char addr[32];

	net_params_preset(&pc.params, "linux-2.4");
	w->link[n] = link_new(w->sim, &lc);
	w->nic[n] = nic_new(w->k, w->bus, link_port(w->link[n], 0), conf);
	ck_assert_ptr_nonnull(w->nic[n]);
	w->peer[n] = peer_new(w->sim, &pc, link_port(w->link[n], 1));
	snprintf(addr, sizeof addr, "10.0.%u.1", n);
	ck_assert_int_eq(dev_configure(w->k, conf->name, addr, "255.255.255.0"), 0);
}

static inline void net_world_irq(void *arg, unsigned line, bool high) {
	irq_level(arg, line, high);
}

/* `conf` NULL: a NIC as nic_conf_default() has it. */
static inline void net_world_init(struct net_world *w, const struct nic_conf *conf) {
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;

	*w = (struct net_world){.sim = sim_new(1)};
	kernel_conf_default(&kc);
	w->k = kernel_new(w->sim, &kc);
	pci_conf_default(&pc);
	w->bus = pci_bus_new(w->sim, "pci0", &pc);
	pci_bus_on_irq(w->bus, net_world_irq, w->k);
	nic_conf_default(&nc);
	net_world_card(w, 0, conf ? conf : &nc);
}

/* Values of a real machine's size, so that charges and their order are at work. */
static inline void net_world_costs(struct net_world *w) {
	static const struct {
		const char *name;
		sim_time each, per_byte;
	} costs[] = {
		{"syscall", 700 * SIM_NS, 0},
		{"dispatch", 1200 * SIM_NS, 0},
		{"context_switch", 2 * SIM_US, 0},
		{"wakeup", SIM_US, 0},
		{"tcp_sendmsg", 4500 * SIM_NS, 0},
		{"tcp_recvmsg", 4 * SIM_US, 0},
		{"copy_tx", 0, 4500},
		{"copy_rx", 0, 3000},
		{"tcp_tx_segment", 8 * SIM_US, 0},
		{"tcp_rx_data", 8 * SIM_US, 0},
		{"tcp_rx_ack", 6 * SIM_US, 0},
		{"csum_rx", 0, 1000},
		{"udp_tx", 8 * SIM_US, 0},
		{"udp_rx", 7 * SIM_US, 0},
		{"udp_sendmsg", 4 * SIM_US, 0},
		{"udp_recvmsg", 4 * SIM_US, 0},
		{"nic_tx", 500 * SIM_NS, 0},
		{"nic_rx", 700 * SIM_NS, 0},
		{"nic_tx_clean", 200 * SIM_NS, 0},
		{"irq", 3 * SIM_US, 0},
		{"softirq", SIM_US, 0},
		{"mmio_write", 400 * SIM_NS, 0},
		{"packet_other", 5 * SIM_US, 0},
		{"tcp_connection", 30 * SIM_US, 0},
	};

	for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
		ck_assert_int_eq(
			kernel_set_cost(w->k, costs[i].name,
		                        (struct cost_value){costs[i].each, costs[i].per_byte}),
			0);
}

/* Addresses that are resolved at the start, so that a burst does not wait for ARP. */
static inline void net_world_know_each_other(struct net_world *w, unsigned net) {
	struct net_stack *peer = peer_stack(w->peer[net]);
	struct net_if_config conf;

	net_if_get(net_if_find(peer, "eth0"), &conf);
	ck_assert_int_eq(net_arp_set(w->k->stack, PEER_ADDR(net), conf.mac), 0);
	ck_assert_int_eq(net_arp_set(peer, HOST_ADDR(net), nic_netdev(w->nic[net])->mac), 0);
}

static inline void net_world_free(struct net_world *w) {
	for (unsigned n = 0; n < NETS; n++) {
		if (!w->link[n])
			continue;
		nic_free(w->nic[n]);
		peer_free(w->peer[n]);
		link_free(w->link[n]);
	}
	kernel_free(w->k);
	pci_bus_free(w->bus);
	sim_free(w->sim);
	frame_pool_drain();
}

/* Runs `main(task, w)` as the only program; it must come to its end (`w->ended`). */
static inline void net_world_run(struct net_world *w, program main) {
	process_start(w->k, "test", main, w);
	sim_run(w->sim, 600 * SIM_S);
	ck_assert_msg(w->ended > 0, "the program did not come to its end");
}

/* The last line of a program. */
#define PROGRAM_END(w)                                                                             \
	do {                                                                                       \
		(w)->ended++;                                                                      \
		return 0;                                                                          \
	} while (0)

/* --- programs of the peer ---------------------------------------------------------------------- */

enum { ECHO_MAX = 1 << 20 };

/* A peer's socket that keeps what it received and sends `out_len` bytes from `out`; then, if
 * `finish`, its FIN.  An echo sends what it received. */
struct peer_prog {
	struct peer_sock ps; /* first */
	struct peer *peer;
	struct peer_prog *child; /* of a listener: takes the connection */
	uint8_t *in;
	size_t in_len;
	const uint8_t *out;
	size_t out_len, out_done;
	bool echo, finish, finished, eof, connected;
	bool deaf; /* does not read */
	int error;
};

static inline void peer_prog_send(struct peer_prog *p) {
	const uint8_t *from = p->echo ? p->in : p->out;
	size_t len = p->echo ? p->in_len : p->out_len;

	while (p->out_done < len) {
		struct iovec iov = {(void *)(from + p->out_done), len - p->out_done};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_send(p->ps.so, &msg);

		if (n <= 0)
			return;
		p->out_done += (size_t)n;
	}
	if (!p->finished && ((p->echo && p->eof) || (p->finish && !p->echo))) {
		p->finished = true;
		net_shutdown(p->ps.so, SHUT_WR);
	}
}

static inline void peer_prog_recv(struct peer_prog *p) {
	while (!p->deaf && !p->eof) {
		struct iovec iov = {p->in + p->in_len, ECHO_MAX - p->in_len};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(p->ps.so, &msg);

		if (n < 0)
			return;
		p->eof = n == 0;
		p->in_len += (size_t)n;
	}
}

static inline void peer_prog_event(struct peer_sock *ps, unsigned events) {
	struct peer_prog *p = (struct peer_prog *)ps;

	if (p->child) {
		if (!p->child->ps.so && !peer_accept(p->peer, ps, &p->child->ps))
			peer_prog_event(&p->child->ps, NET_EV_READ | NET_EV_WRITE);
		return;
	}
	if (events & NET_EV_CONNECTED)
		p->connected = true;
	if (events & NET_EV_ERROR)
		p->error = net_take_error(ps->so);
	peer_prog_recv(p);
	peer_prog_send(p);
}

static inline void peer_prog_init(struct peer_prog *p, struct peer *peer) {
	*p = (struct peer_prog){.ps.event = peer_prog_event, .peer = peer};
	p->in = g_malloc0(ECHO_MAX);
}

static inline void peer_prog_free(struct peer_prog *p) { g_free(p->in); }

/* A listener on `port` whose first connection is `child`'s. */
static inline void peer_prog_listen(struct peer_prog *l, struct peer *peer, uint16_t port,
                                    struct peer_prog *child) {
	*l = (struct peer_prog){.ps.event = peer_prog_event, .peer = peer, .child = child};
	ck_assert_int_eq(peer_open(peer, SOCK_STREAM, &l->ps), 0);
	ck_assert_int_eq(net_bind(l->ps.so, INADDR_ANY, port), 0);
	ck_assert_int_eq(net_listen(l->ps.so, 5), 0);
}

static inline void fill(uint8_t *buf, size_t len) {
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(i * 131 + (i >> 8) * 7);
}

/* What all charges of the machine come to, and what its processor has worked: the same. */
static inline uint64_t net_world_accounted(const struct net_world *w) {
	uint64_t sum = 0;

	for (unsigned i = 0; i < HOST_COST_COUNT; i++)
		sum += (uint64_t)w->k->costs.account[i].time;
	return sum;
}

static inline uint64_t net_world_busy(const struct net_world *w) {
	struct cpu_usage usage;
	uint64_t sum = 0;

	cpu_usage_get(w->k, &usage);
	for (unsigned i = 0; i < CPU_MODES; i++)
		sum += (uint64_t)usage.busy[i];
	return sum;
}

#endif
