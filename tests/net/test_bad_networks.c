/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole machine on bad wires: a program answers every byte that a peer sends, through the NIC and
 * the kernel's TCP on one wire, through a card's on the other.  What comes back must be what went,
 * whatever the wires do in both directions.
 */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>

#include "host/nic.h"
#include "host/syscalls.h"
#include "net/peer.h"
#include "run_suite.h"
#include "toe/toe.h"
#include "transfer.h"

enum { CHUNK = 8192, BYTES = 2000000, PORT = 7, NIC = 0, CARD = 1, WIRES = 2, SEEDS = 3 };

/* Of the seeds all but the first begin near 2^32, on both sides of each wire. */
static bool near_wrap;

/* A peer's side: sends a pattern, and checks that it comes back. */
struct echo {
	struct peer_sock ps; /* first */
	struct peer *peer;
	uint64_t sent, returned, wrong;
	bool ended;
	unsigned errors;
};

static struct sim *sim;
static struct kernel *kernel;
static struct link *wire[WIRES];
static struct echo echo[WIRES];
static unsigned served;

/* --- the machine's program -------------------------------------------------------------------- */

static int serve(struct task *me, void *arg) {
	bool card = GPOINTER_TO_UINT(arg) == CARD;
	struct sockaddr_in sin = inet_address(card ? "10.0.1.1" : "10.0.0.1", PORT);
	int listener = sys_socket(me, card ? AF_TOE : AF_INET, SOCK_STREAM, 0), fd;
	char data[CHUNK];
	ssize_t n;

	if (sys_bind(me, listener, (struct sockaddr *)&sin, sizeof sin) < 0 ||
	    sys_listen(me, listener, 1) < 0 || (fd = sys_accept(me, listener, NULL, NULL)) < 0)
		return 1;
	while ((n = sys_read(me, fd, data, sizeof data)) > 0)
		if (sys_write(me, fd, data, (size_t)n) != n)
			return 1;
	served += n == 0;
	sys_close(me, fd);
	return 0;
}

/* --- the peers' ------------------------------------------------------------------------------- */

static void feed(struct echo *e) {
	char data[CHUNK];

	while (e->sent < BYTES) {
		struct iovec iov = {data, MIN(CHUNK, BYTES - e->sent)};
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
	if (events & (NET_EV_CONNECTED | NET_EV_WRITE) && e->sent < BYTES)
		feed(e);
}

static void begin(void *arg) {
	struct echo *e = arg;

	e->ps.event = event;
	g_assert(peer_open(e->peer, SOCK_STREAM, &e->ps) == 0);
	g_assert(net_connect(e->ps.so, e == &echo[CARD] ? 0x0a000101U : 0x0a000001U, PORT) ==
	         -EINPROGRESS);
}

/* The wires were bad indeed. */
static uint64_t bad_frames(void) {
	struct link_counters c;
	uint64_t n = 0;

	for (unsigned i = 0; i < WIRES; i++)
		for (unsigned end = 0; end < 2; end++) {
			port_counters(link_port(wire[i], end), &c);
			n += c.lost + c.corrupted + c.duplicated + c.reordered;
		}
	return n;
}

/* --- the world -------------------------------------------------------------------------------- */

static void irq(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void peer_up(unsigned i, const struct fault_conf *fault) {
	static const char *const names[WIRES] = {"nic", "card"};
	struct link_conf lc = {.name = names[i],
	                       .bits_per_s = 100000000,
	                       .propagation = SIM_MS,
	                       .fault = {*fault, *fault}};
	struct peer_conf pc = {.name = names[i],
	                       .addr = 0x0a000002U | i << 8,
	                       .netmask = 0xffffff00U,
	                       .mac = {2, 0, 0, 0, (uint8_t)i, 2}};

	net_params_preset(&pc.params, "linux-2.4");
	if (near_wrap)
		begin_near_wrap(&pc.params, BYTES / 3);
	wire[i] = link_new(sim, &lc);
	echo[i] = (struct echo){.peer = peer_new(sim, &pc, link_port(wire[i], 1))};
}

static struct toe *machine_up(struct pci_bus **bus, struct nic **nic) {
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;
	struct toe_conf tc;

	kernel_conf_default(&kc);
	if (near_wrap)
		begin_near_wrap(&kc.net, BYTES / 2);
	kernel = kernel_new(sim, &kc);
	pci_conf_default(&pc);
	*bus = pci_bus_new(sim, "pci0", &pc);
	pci_bus_on_irq(*bus, irq, kernel);
	nic_conf_default(&nc);
	*nic = nic_new(kernel, *bus, link_port(wire[NIC], 0), &nc);
	ck_assert_int_eq(dev_configure(kernel, "eth0", "10.0.0.1", "255.255.255.0"), 0);
	toe_conf_default(&tc);
	tc.name = "toe0";
	if (near_wrap)
		begin_near_wrap(&tc.net, 1000);
	struct toe *toe = toe_new(kernel, *bus, link_port(wire[CARD], 0), &tc);
	ck_assert_int_eq(toe_configure(toe, "10.0.1.1", "255.255.255.0", NULL), 0);
	return toe;
}

START_TEST(every_byte_comes_back) {
	const struct fault_conf *fault = &bad_wires[(unsigned)_i % BAD_WIRES];
	struct pci_bus *bus;
	struct nic *nic;

	near_wrap = (unsigned)_i >= BAD_WIRES;
	sim = sim_new(1 + (uint64_t)_i / BAD_WIRES);
	for (unsigned i = 0; i < WIRES; i++)
		peer_up(i, fault);
	struct toe *toe = machine_up(&bus, &nic);
	for (unsigned i = 0; i < WIRES; i++) {
		process_start(kernel, "echo", serve, GUINT_TO_POINTER(i));
		sim_call_at(sim, 10 * SIM_MS, begin, &echo[i]);
	}
	sim_run(sim, 1800 * SIM_S);
	ck_assert_uint_eq(served, WIRES);
	for (unsigned i = 0; i < WIRES; i++) {
		ck_assert_uint_eq(echo[i].errors, 0);
		ck_assert_uint_eq(echo[i].returned, BYTES);
		ck_assert_uint_eq(echo[i].wrong, 0);
		ck_assert(echo[i].ended);
	}
	ck_assert(bad_frames() > 50 || fault->jitter);
	toe_free(toe);
	nic_free(nic);
	kernel_free(kernel);
	for (unsigned i = 0; i < WIRES; i++) {
		peer_free(echo[i].peer);
		link_free(wire[i]);
	}
	pci_bus_free(bus);
	sim_free(sim);
	frame_pool_drain();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("bad networks");
	TCase *tc = tcase_create("machine");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, every_byte_comes_back, 0, SEEDS * BAD_WIRES);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
