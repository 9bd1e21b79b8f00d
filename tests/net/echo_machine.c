/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "echo_machine.h"

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "host/boot/boot.h"
#include "near_wrap.h"
#include "net/engine/socket.h"

enum { CHUNK = 8192 };

static const char *const addresses[WIRES] = {"10.0.0.1", "10.0.1.1"};

uint32_t echo_address(unsigned wire) { return 0x0a000001U | wire << 8; }

struct net_stack *echo_stack(const struct echo_machine *m, unsigned wire) {
	return wire == CARD ? toe_stack(m->toe) : m->kernel->stack;
}

/* --- the machine's program -------------------------------------------------------------------- */

struct program {
	struct echo_machine *m;
	unsigned wire;
};

static int answer(struct task *me, int fd) {
	char data[CHUNK];
	ssize_t n, done = 0;

	while ((n = sys_read(me, fd, data, sizeof data)) > 0)
		if ((done = sys_write(me, fd, data, (size_t)n)) != n)
			break;
	return n == 0 ? 1 : n < 0 ? (int)n : done < 0 ? (int)done : -EIO;
}

static int serve(struct task *me, void *arg) {
	struct program *p = arg;
	struct echo_machine *m = p->m;
	unsigned wire = p->wire;
	struct sockaddr_in sin = inet_address(addresses[wire], ECHO_PORT);
	int fd, on = 1;
	int listener = sys_socket(me, wire == CARD ? AF_TOE : AF_INET, SOCK_STREAM, 0);

	g_free(p);
	if (sys_bind(me, listener, (struct sockaddr *)&sin, sizeof sin) < 0 ||
	    sys_listen(me, listener, 1) < 0 || (fd = sys_accept(me, listener, NULL, NULL)) < 0 ||
	    sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) < 0)
		return 1;
	m->served[wire] = answer(me, fd);
	sys_close(me, fd);
	return 0;
}

/* --- the peers' ------------------------------------------------------------------------------- */

static void feed(struct echo *e) {
	char data[CHUNK];

	while (e->sent < ECHO_BYTES) {
		struct iovec iov = {data, MIN(CHUNK, ECHO_BYTES - e->sent)};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		pattern_fill(1, e->sent, data, iov.iov_len);
		ssize_t n = net_send(e->ps.so, &msg);
		if (n <= 0)
			return;
		e->sent += (uint64_t)n;
	}
	net_shutdown(e->ps.so, SHUT_WR);
}

static void collect(struct echo *e) {
	char data[CHUNK];
	ssize_t n;

	do {
		struct iovec iov = {data, sizeof data};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(e->ps.so, &msg);
		if (n > 0) {
			e->wrong += !pattern_check(1, e->returned, data, (size_t)n);
			e->returned += (uint64_t)n;
		}
	} while (n > 0);
	e->ended |= n == 0;
}

static void event(struct peer_sock *ps, unsigned events) {
	struct echo *e = (struct echo *)ps;

	if (events & NET_EV_ERROR) {
		e->errors++;
		return;
	}
	if (events & NET_EV_READ)
		collect(e);
	if (events & (NET_EV_CONNECTED | NET_EV_WRITE) && e->sent < ECHO_BYTES)
		feed(e);
}

static void begin(struct echo_machine *m, unsigned wire) {
	struct peer_sock *ps = &m->echo[wire].ps;
	int on = 1;

	ps->event = event;
	g_assert(peer_open(m->peer[wire], SOCK_STREAM, ps) == 0);
	g_assert(net_setopt(ps->so, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0);
	g_assert(net_connect(ps->so, echo_address(wire), ECHO_PORT) == -EINPROGRESS);
}

static void begin_all(void *arg) {
	for (unsigned i = 0; i < WIRES; i++)
		begin(arg, i);
}

void echo_machine_begin(struct echo_machine *m) {
	for (unsigned i = 0; i < WIRES; i++) {
		struct program *p = g_new(struct program, 1);

		*p = (struct program){m, i};
		process_start(m->kernel, "echo", serve, p);
	}
	sim_call_at(m->sim, 10 * SIM_MS, begin_all, m);
}

/* --- the world -------------------------------------------------------------------------------- */

static void irq(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void peer_up(struct echo_machine *m, unsigned i, const struct fault_conf *fault,
                    uint32_t before_wrap) {
	static const char *const names[WIRES] = {"nic", "card"};
	struct link_conf lc = {.name = names[i],
	                       .bits_per_s = 100000000,
	                       .propagation = SIM_MS,
	                       .fault = {*fault, *fault}};
	struct peer_conf pc = {.name = names[i],
	                       .addr = echo_address(i) + 1,
	                       .netmask = 0xffffff00U,
	                       .mac = {2, 0, 0, 0, (uint8_t)i, 2}};

	net_params_preset(&pc.params, "linux-2.4");
	if (before_wrap)
		begin_near_wrap(&pc.params, before_wrap);
	m->wire[i] = link_new(m->sim, &lc);
	m->peer[i] = peer_new(m->sim, &pc, link_port(m->wire[i], 1));
}

static void host_up(struct echo_machine *m, uint32_t before_wrap) {
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;
	struct toe_conf tc;

	kernel_conf_default(&kc);
	toe_conf_default(&tc);
	tc.name = "toe0";
	if (before_wrap) {
		begin_near_wrap(&kc.net, before_wrap);
		begin_near_wrap(&tc.net, before_wrap);
	}
	m->kernel = kernel_new(m->sim, &kc);
	pci_conf_default(&pc);
	m->bus = pci_bus_new(m->sim, "pci0", &pc);
	pci_bus_on_irq(m->bus, irq, m->kernel);
	nic_conf_default(&nc);
	m->nic = nic_new(m->kernel, m->bus, link_port(m->wire[NIC], 0), &nc);
	ck_assert_int_eq(dev_configure(m->kernel, "eth0", addresses[NIC], "255.255.255.0"), 0);
	m->toe = toe_new(m->kernel, m->bus, link_port(m->wire[CARD], 0), &tc);
	ck_assert_int_eq(toe_configure(m->toe, addresses[CARD], "255.255.255.0", NULL), 0);
}

void echo_machine_up(struct echo_machine *m, uint64_t seed, const struct fault_conf *fault,
                     uint32_t before_wrap) {
	*m = (struct echo_machine){.sim = sim_new(seed)};
	for (unsigned i = 0; i < WIRES; i++)
		peer_up(m, i, fault, before_wrap);
	host_up(m, before_wrap);
}

void echo_machine_down(struct echo_machine *m) {
	toe_free(m->toe);
	nic_free(m->nic);
	kernel_free(m->kernel);
	for (unsigned i = 0; i < WIRES; i++) {
		peer_free(m->peer[i]);
		link_free(m->wire[i]);
	}
	pci_bus_free(m->bus);
	sim_free(m->sim);
	frame_pool_drain();
}
