/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole machine: a NIC (10.0.0.1) and two TOE cards (10.0.1.1, 10.0.2.1) under one unmodified
 * INADDR_ANY program, with a peer (10.0.N.2) on each net.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/inet.h"
#include "host/nic.h"
#include "host/syscalls.h"
#include "net/peer.h"
#include "sop/sop.h"
#include "toe/toe.h"

#define NETS 3
#define ROUNDS 5
#define BYTES 20000U

struct client {
	struct peer_sock ps; /* first */
	unsigned net, round;
	uint64_t sent, received;
	bool good;
};

static struct {
	struct sim *sim;
	struct kernel *k;
	struct pci_bus *bus;
	struct link *link[NETS];
	struct peer *peer[NETS];
	struct nic *nic;
	struct toe *toe[NETS];
	struct module *module;
	struct client client[NETS];
	unsigned served[NETS], done, ended;
	sim_time pinged; /* when the last answer was read */
} w;

static const char *const stack_names[NETS] = {"inet", "toe0", "toe1"};

/* --- the machine ------------------------------------------------------------------------------ */

static void on_irq(void *k, unsigned line, bool high) { irq_level(k, line, high); }

static void plug(unsigned n) {
	char name[16], addr[32];
	struct link_conf lc = {.name = name, .bits_per_s = 1000000000, .propagation = SIM_US};
	struct peer_conf pc = {.name = name, .addr = 0x0a000002U | n << 8, .netmask = 0xffffff00U,
	                       .mac = {2, 0, 0, 0, 1, (uint8_t)n}};
	struct nic_conf nc;
	struct toe_conf tc;

	snprintf(name, sizeof name, "wire%u", n);
	snprintf(addr, sizeof addr, "10.0.%u.1", n);
	net_params_preset(&pc.params, "linux-2.4");
	w.link[n] = link_new(w.sim, &lc);
	w.peer[n] = peer_new(w.sim, &pc, link_port(w.link[n], 1));
	if (!n) {
		nic_conf_default(&nc);
		w.nic = nic_new(w.k, w.bus, link_port(w.link[n], 0), &nc);
		ck_assert_int_eq(dev_configure(w.k, nc.name, addr, "255.255.255.0"), 0);
		return;
	}
	toe_conf_default(&tc);
	snprintf(name, sizeof name, "toe%u", n - 1);
	tc.name = name;
	tc.mac[5] = (uint8_t)n;
	w.toe[n] = toe_new(w.k, w.bus, link_port(w.link[n], 0), &tc);
	ck_assert_int_eq(toe_configure(w.toe[n], addr, "255.255.255.0", NULL), 0);
}

static void machine_up(int accept, int receive) {
	static const struct {
		const char *name;
		sim_time each;
	} costs[] = {{"syscall", 700 * SIM_NS},     {"context_switch", 2 * SIM_US},
	             {"sop_dispatch", 1400 * SIM_NS}, {"sop_create", 3 * SIM_US},
	             {"tcp_tx_segment", 13 * SIM_US}, {"irq", 7 * SIM_US},
	             {"comm_command", 2 * SIM_US},    {"kernel_thread", 20 * SIM_US}};
	struct kernel_conf kc;
	struct pci_conf pc;
	struct sop_conf sc;

	w.sim = sim_new(3);
	kernel_conf_default(&kc);
	w.k = kernel_new(w.sim, &kc);
	for (size_t i = 0; i < G_N_ELEMENTS(costs); i++)
		ck_assert_int_eq(
			kernel_set_cost(w.k, costs[i].name, (struct cost_value){costs[i].each, 0}), 0);
	pci_conf_default(&pc);
	w.bus = pci_bus_new(w.sim, "pci0", &pc);
	pci_bus_on_irq(w.bus, on_irq, w.k);
	for (unsigned n = 0; n < NETS; n++)
		plug(n);
	sop_conf_default(&sc);
	sc.accept = accept;
	sc.receive = receive;
	w.module = sop_module_new(&sc);
	ck_assert_int_eq(module_load(w.k, w.module), 0);
}

static void machine_down(void) {
	ck_assert_int_eq(w.module->use_count, 0);
	ck_assert_int_eq(module_unload(w.k, "sop"), 0);
	ck_assert_ptr_eq(w.k->net_families[PF_INET], &inet_family_ops);
	for (unsigned n = 1; n < NETS; n++)
		toe_free(w.toe[n]);
	nic_free(w.nic);
	kernel_free(w.k);
	for (unsigned n = 0; n < NETS; n++) {
		peer_free(w.peer[n]);
		link_free(w.link[n]);
	}
	pci_bus_free(w.bus);
	sop_module_free(w.module);
	sim_free(w.sim);
	frame_pool_drain();
}

static int bind_any(struct task *me, int fd, uint16_t port) {
	struct sockaddr_in sin = inet_address("0.0.0.0", port);

	return sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static const char *stack_of(struct task *me, int fd) {
	int err;

	return sop_stack_name(sockfd_lookup(me, fd, &err));
}

static unsigned net_of(struct task *me, int fd) {
	unsigned n = 0;

	while (n < NETS - 1 && strcmp(stack_of(me, fd), stack_names[n]) != 0)
		n++;
	return n;
}

/* --- streams: an echo server ------------------------------------------------------------------ */

static uint64_t key_of(const struct client *c) { return c->net * 100 + c->round; }

static void client_open(struct client *c);

static void client_send(struct client *c) {
	uint8_t buf[4096];

	while (c->sent < BYTES) {
		size_t len = MIN(sizeof buf, BYTES - c->sent);
		struct iovec iov = {buf, len};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n;

		pattern_fill(key_of(c), c->sent, buf, len);
		n = net_send(c->ps.so, &msg);
		if (n <= 0)
			return;
		c->sent += (uint64_t)n;
	}
}

static void client_event(struct peer_sock *ps, unsigned events) {
	struct client *c = (struct client *)ps;
	uint8_t buf[4096];
	struct iovec iov = {buf, sizeof buf};
	ssize_t n;

	if (events & NET_EV_ERROR)
		c->good = false;
	client_send(c);
	for (;;) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n <= 0)
			break;
		c->good &= pattern_check(key_of(c), c->received, buf, (size_t)n);
		c->received += (uint64_t)n;
	}
	if (c->received < BYTES)
		return;
	peer_close(w.peer[c->net], ps, false);
	w.done += c->good;
	if (++c->round < ROUNDS)
		client_open(c);
}

static void client_open(struct client *c) {
	c->ps = (struct peer_sock){.event = client_event};
	c->sent = c->received = 0;
	c->good = true;
	ck_assert_int_eq(peer_open(w.peer[c->net], SOCK_STREAM, &c->ps), 0);
	ck_assert_int_eq(net_connect(c->ps.so, 0x0a000001U | c->net << 8, 80), -EINPROGRESS);
}

static void clients_start(void *unused) {
	(void)unused;
	for (unsigned n = 0; n < NETS; n++) {
		w.client[n].net = n;
		client_open(&w.client[n]);
	}
}

static void echo(struct task *me, int fd) {
	uint8_t buf[3000];
	ssize_t n;

	while ((n = sys_read(me, fd, buf, sizeof buf)) > 0)
		ck_assert_int_eq(sys_write(me, fd, buf, (size_t)n), n);
	ck_assert_int_eq(n, 0);
}

static int echo_server(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 10), 0);
	for (unsigned i = 0; i < NETS * ROUNDS; i++) {
		struct sockaddr_in sin;
		int len = sizeof sin, new = sys_accept(me, fd, (struct sockaddr *)&sin, &len);
		unsigned n;

		ck_assert_msg(new >= 0, "accept: %s", g_strerror(-new));
		n = net_of(me, new);
		w.served[n]++;
		ck_assert_uint_eq(g_ntohl(sin.sin_addr.s_addr), 0x0a000002U | n << 8);
		echo(me, new);
		ck_assert_int_eq(sys_close(me, new), 0);
	}
	sys_close(me, fd);
	w.ended++;
	return 0;
}

static void run_echo(int accept) {
	machine_up(accept, SOP_RECV_INTERVAL);
	process_start(w.k, "echo", echo_server, NULL);
	sim_call_at(w.sim, SIM_MS, clients_start, NULL);
	sim_run(w.sim, 100 * SIM_S);
	ck_assert_uint_eq(w.ended, 1);
	ck_assert_uint_eq(w.done, NETS * ROUNDS);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(w.served[n], ROUNDS);
	machine_down();
}
START_TEST(echo_on_three_nets_thread_per_call) { run_echo(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(echo_on_three_nets_standing_threads) { run_echo(SOP_ACCEPT_STANDING); }
END_TEST

/* --- a card is pulled out under the sleeping server ------------------------------ */

static void pull(void *unused) {
	(void)unused;
	toe_remove(w.toe[1]);
}

static void client2_start(void *unused) {
	(void)unused;
	w.client[2].net = 2;
	client_open(&w.client[2]);
}

/* A connection on the card that will go, and the listener on all. */
static int survivor(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), new;

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 10), 0);
	for (int i = 0; i < ROUNDS; i++) {
		new = sys_accept(me, fd, NULL, NULL);
		ck_assert_msg(new >= 0, "accept: %s", g_strerror(-new));
		ck_assert_str_eq(stack_of(me, new), "toe1");
		echo(me, new);
		sys_close(me, new);
	}
	sys_close(me, fd);
	w.ended++;
	return 0;
}

static void run_survivor(int accept) {
	machine_up(accept, SOP_RECV_INTERVAL);
	process_start(w.k, "survivor", survivor, NULL);
	sim_call_at(w.sim, 5 * SIM_MS, pull, NULL);
	sim_call_at(w.sim, 50 * SIM_MS, client2_start, NULL);
	sim_run(w.sim, 100 * SIM_S);
	ck_assert_uint_eq(w.ended, 1);
	ck_assert_uint_eq(w.done, ROUNDS);
	machine_down();
}
START_TEST(T15_1_card_pulled_thread_per_call) { run_survivor(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T15_1_card_pulled_standing_threads) { run_survivor(SOP_ACCEPT_STANDING); }
END_TEST

/* --- datagrams -------------------------------------------------------------------------------- */

static void pong(struct peer_sock *ps, unsigned events) {
	char buf[100];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	(void)events;
	while ((n = net_recv(ps->so, &msg)) > 0) {
		struct iovec back = {buf, (size_t)n};
		struct net_msg reply = {.iov = &back, .iovlen = 1, .addr = msg.addr, .port = msg.port};

		ck_assert_int_eq(net_send(ps->so, &reply), n);
	}
}

/* One unbound socket, all nets: a round trip takes a tick if the answer misses the first sweep. */
static int pinger(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	char addr[32], buf[100];

	(void)arg;
	for (unsigned i = 0; i < NETS * 4; i++) {
		unsigned n = i % NETS;

		snprintf(addr, sizeof addr, "10.0.%u.2", n);
		struct sockaddr_in to = inet_address(addr, 7), from;
		int len = sizeof from;
		ck_assert_int_eq(sys_sendto(me, fd, "ping", 5, 0, (struct sockaddr *)&to, sizeof to), 5);
		ck_assert_int_eq(
			sys_recvfrom(me, fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len), 5);
		ck_assert_str_eq(buf, "ping");
		ck_assert_uint_eq(from.sin_addr.s_addr, to.sin_addr.s_addr);
	}
	w.pinged = sys_gettime(me);
	sys_close(me, fd);
	w.ended++;
	return 0;
}

static void run_ping(int receive, sim_time least, sim_time most) {
	struct peer_sock server[NETS];

	machine_up(SOP_ACCEPT_PER_CALL, receive);
	for (unsigned n = 0; n < NETS; n++) {
		server[n] = (struct peer_sock){.event = pong};
		ck_assert_int_eq(peer_open(w.peer[n], SOCK_DGRAM, &server[n]), 0);
		ck_assert_int_eq(net_bind(server[n].so, 0, 7), 0);
	}
	process_start(w.k, "ping", pinger, NULL);
	sim_run(w.sim, 100 * SIM_S);
	ck_assert_uint_eq(w.ended, 1);
	ck_assert_int_ge(w.pinged, least);
	ck_assert_int_le(w.pinged, most);
	machine_down();
}
START_TEST(T7_1_ping_at_intervals) { run_ping(SOP_RECV_INTERVAL, 70 * SIM_MS, 125 * SIM_MS); }
END_TEST
START_TEST(T7_1_ping_wait_on_all) { run_ping(SOP_RECV_WAIT_ALL, 0, 10 * SIM_MS); }
END_TEST

/* --- connect ---------------------------------------------------------------------------------- */

static struct peer_sock listeners[NETS], accepted[NETS];
static void take(struct peer_sock *ps, unsigned events) {
	(void)events;
	for (unsigned n = 0; n < NETS; n++)
		if (ps == &listeners[n] && !accepted[n].so) {
			accepted[n].event = pong;
			peer_accept(w.peer[n], ps, &accepted[n]);
		}
}

static int connector(struct task *me, void *arg) {
	char addr[32], buf[8];

	(void)arg;
	for (unsigned n = 0; n < NETS; n++) {
		int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0), len;
		struct sockaddr_in to, self;

		snprintf(addr, sizeof addr, "10.0.%u.2", n);
		to = inet_address(addr, 9);
		ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), -ECONNREFUSED);
		ck_assert_str_eq(stack_of(me, fd), "any");
		to = inet_address(addr, 7);
		ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
		ck_assert_str_eq(stack_of(me, fd), stack_names[n]);
		len = sizeof self;
		ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&self, &len), 0);
		ck_assert_uint_eq(g_ntohl(self.sin_addr.s_addr), 0x0a000001U | n << 8);
		ck_assert_int_eq(sys_send(me, fd, "hello", 6, 0), 6);
		ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 6);
		ck_assert_str_eq(buf, "hello");
		sys_close(me, fd);
	}
	w.ended++;
	return 0;
}
START_TEST(connect_follows_the_routes) {
	machine_up(SOP_ACCEPT_PER_CALL, SOP_RECV_INTERVAL);
	for (unsigned n = 0; n < NETS; n++) {
		listeners[n] = (struct peer_sock){.event = take};
		ck_assert_int_eq(peer_open(w.peer[n], SOCK_STREAM, &listeners[n]), 0);
		ck_assert_int_eq(net_bind(listeners[n].so, 0, 7), 0);
		ck_assert_int_eq(net_listen(listeners[n].so, 5), 0);
	}
	process_start(w.k, "connect", connector, NULL);
	sim_run(w.sim, 100 * SIM_S);
	ck_assert_uint_eq(w.ended, 1);
	machine_down();
}
END_TEST

int main(void) {
	Suite *s = suite_create("sop_machine");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, echo_on_three_nets_thread_per_call);
	tcase_add_test(tc, echo_on_three_nets_standing_threads);
	tcase_add_test(tc, T15_1_card_pulled_thread_per_call);
	tcase_add_test(tc, T15_1_card_pulled_standing_threads);
	tcase_add_test(tc, T7_1_ping_at_intervals);
	tcase_add_test(tc, T7_1_ping_wait_on_all);
	tcase_add_test(tc, connect_follows_the_routes);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
