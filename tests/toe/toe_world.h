/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine with up to two TOE cards on one bus, each card with a peer at the other end of its
 * wire.  Card i is 10.0.<i>.1, its peer 10.0.<i>.2.
 *
 * Nothing is asserted while the world runs (SimGrid does not like to be left in the middle): EXPECT
 * notes the first thing that was wrong, and world_down() judges.
 */
#ifndef TESTS_TOE_TOE_WORLD_H
#define TESTS_TOE_TOE_WORLD_H

#include <check.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "host/boot/boot.h"
#include "host/file/file.h"
#include "host/socket/syscalls.h"
#include "net/engine/socket.h"
#include "net/engine/stack.h"
#include "net/wire/peer.h"
#include "toe/driver/toe.h"

#define CARDS 2

struct world {
	struct sim *sim;
	struct kernel *kernel;
	struct pci_bus *bus;
	struct link *link[CARDS];
	struct peer *peer[CARDS];
	struct toe *toe[CARDS];
	unsigned cards;
	unsigned programs; /* started and not ended */
};

static struct world W;
static char *wrong;
static enum toe_kind kind; /* of the cards: every test runs with each */
static bool hardware;      /* their data have a path beside the processor ... */
static bool posted;        /* ... and sends are not waited for */

#define EXPECT(condition)                                                                          \
	do {                                                                                           \
		if (!(condition) && !wrong)                                                                \
			wrong = g_strdup_printf("line %d, at %" PRId64 " ns: %s", __LINE__,                    \
			                        sim_now(W.sim) / SIM_NS, #condition);                          \
	} while (0)

/* Like EXPECT, but shows both numbers. */
#define EXPECT_INT(value, wanted)                                                                  \
	do {                                                                                           \
		long long got_ = (value), wanted_ = (wanted);                                              \
		if (got_ != wanted_ && !wrong)                                                             \
			wrong = g_strdup_printf("line %d, at %" PRId64 " ns: %s is %lld, not %lld", __LINE__,  \
			                        sim_now(W.sim) / SIM_NS, #value, got_, wanted_);               \
	} while (0)

static inline void irq_to_kernel(void *arg, unsigned line, bool high) {
	irq_level(arg, line, high);
}

static const char *const path_costs[] = {"path_tx", "path_cut", "path_rx", "path_ack"};

static inline void card_up(unsigned i, const struct toe_conf *template) {
	char name[8], addr[16], link_name[8];
	struct toe_conf conf = *template;
	struct link_conf link = {
		.name = link_name, .bits_per_s = 1000000000, .propagation = SIM_US};
	struct peer_conf peer = {
		.name = "peer",
		.addr = 0x0a000002U | i << 8,
		.netmask = 0xffffff00U,
		.mac = {2, 0, 0, 0, (uint8_t)i, 2},
	};

	g_snprintf(name, sizeof name, "toe%u", i);
	g_snprintf(link_name, sizeof link_name, "link%u", i);
	g_snprintf(addr, sizeof addr, "10.0.%u.1", i);
	conf.name = name;
	conf.kind = kind;
	if (hardware) {
		conf.data_path = CARD_PATH_HARDWARE;
		conf.path_latency = SIM_US;
		conf.tso = 65535;
		conf.posted_sends = posted;
	}
	conf.mac[5] = (uint8_t)i;
	net_params_preset(&peer.params, "linux-2.4");
	W.link[i] = link_new(W.sim, &link);
	W.toe[i] = toe_new(W.kernel, W.bus, link_port(W.link[i], 0), &conf);
	for (unsigned c = 0; hardware && c < G_N_ELEMENTS(path_costs); c++)
		toe_set_cost(W.toe[i], path_costs[c], (struct cost_value){SIM_US, 0});
	W.peer[i] = peer_new(W.sim, &peer, link_port(W.link[i], 1));
	ck_assert_int_eq(toe_configure(W.toe[i], addr, "255.255.255.0", NULL), 0);
}

static inline void world_up_conf(unsigned cards, const struct toe_conf *conf) {
	struct kernel_conf kernel;
	struct pci_conf pci;

	W = (struct world){.cards = cards};
	W.sim = sim_new(7);
	kernel_conf_default(&kernel);
	W.kernel = kernel_new(W.sim, &kernel);
	pci_conf_default(&pci);
	W.bus = pci_bus_new(W.sim, "pci0", &pci);
	pci_bus_on_irq(W.bus, irq_to_kernel, W.kernel);
	for (unsigned i = 0; i < cards; i++)
		card_up(i, conf);
}

static inline void world_up(unsigned cards) {
	struct toe_conf conf;

	toe_conf_default(&conf);
	world_up_conf(cards, &conf);
}

/* Setups of a test case. */
static inline void kind_interrupt(void) { kind = TOE_KIND_INTERRUPT; }
static inline void kind_polling(void) { kind = TOE_KIND_POLLING; }
static inline void kind_hardware(void) {
	kind = TOE_KIND_INTERRUPT;
	hardware = true;
}

static inline void kind_posted(void) {
	kind_hardware();
	posted = true;
}

/* A suite's tests, once for each kind of card. */
static inline void suite_add_kinds(Suite *suite, void (*add)(TCase *tcase)) {
	TCase *interrupt = tcase_create("interrupt"), *polling = tcase_create("polling"),
	      *path = tcase_create("hardware");

	tcase_add_checked_fixture(interrupt, kind_interrupt, NULL);
	tcase_add_checked_fixture(polling, kind_polling, NULL);
	tcase_add_checked_fixture(path, kind_hardware, NULL);
	tcase_set_timeout(interrupt, 60);
	tcase_set_timeout(path, 60);
	tcase_set_timeout(polling, 60);
	add(interrupt);
	add(polling);
	add(path);
	suite_add_tcase(suite, interrupt);
	suite_add_tcase(suite, polling);
	suite_add_tcase(suite, path);
}

static inline void world_down(void) {
	for (unsigned i = 0; i < W.cards; i++)
		if (W.toe[i])
			toe_free(W.toe[i]);
	kernel_free(W.kernel);
	for (unsigned i = 0; i < W.cards; i++) {
		peer_free(W.peer[i]);
		link_free(W.link[i]);
	}
	pci_bus_free(W.bus);
	sim_free(W.sim);
	frame_pool_drain();
	ck_assert_msg(!wrong, "%s", wrong);
}

static inline void run(sim_time until) { sim_run(W.sim, until); }

/* --- programs of the machine ----------------------------------------------------------------- */

struct program_start {
	program main;
	void *arg;
};

static inline void start_now(void *arg) {
	struct program_start *p = arg;

	process_start(W.kernel, "program", p->main, p->arg);
	g_free(p);
}

static inline void start_at(sim_time when, program main, void *arg) {
	struct program_start *p = g_new(struct program_start, 1);

	*p = (struct program_start){main, arg};
	sim_call_at(W.sim, when, start_now, p);
}

static inline int bind_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in in = inet_address(addr, port);

	return sys_bind(me, fd, (struct sockaddr *)&in, sizeof in);
}

static inline int connect_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in in = inet_address(addr, port);

	return sys_connect(me, fd, (struct sockaddr *)&in, sizeof in);
}

static inline int listener(struct task *me, const char *addr, uint16_t port) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);

	EXPECT(fd >= 0);
	EXPECT_INT(bind_to(me, fd, addr, port), 0);
	EXPECT_INT(sys_listen(me, fd, 10), 0);
	return fd;
}

/* --- programs of the peer -------------------------------------------------------------------- */

/* One end of a connection on a peer: sends `to_send` bytes of a pattern, checks what it gets. */
struct peer_conn {
	struct peer_sock ps; /* first */
	struct peer *peer;
	uint64_t key_tx, key_rx;
	uint64_t to_send, sent, received;
	bool connected, ended, close_when_sent, echo, failed;
	int error;
	struct peer_conn *accepted; /* of a listener: what the next connection becomes */
};

static inline void conn_fill(struct peer_conn *c) {
	uint8_t buf[8192];

	while (c->sent < c->to_send) {
		size_t len = MIN(sizeof buf, c->to_send - c->sent);
		struct iovec iov = {buf, len};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n;

		pattern_fill(c->key_tx, c->sent, buf, len);
		n = net_send(c->ps.so, &msg);
		if (n <= 0)
			return;
		c->sent += (uint64_t)n;
	}
	if (c->close_when_sent) {
		c->close_when_sent = false;
		net_shutdown(c->ps.so, SHUT_WR);
	}
}

static inline void conn_drain(struct peer_conn *c) {
	uint8_t buf[8192];
	struct iovec iov = {buf, sizeof buf};

	for (;;) {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		ssize_t n = net_recv(c->ps.so, &msg);

		if (n == 0)
			c->ended = true;
		if (n <= 0)
			return;
		EXPECT(pattern_check(c->key_rx, c->received, buf, (size_t)n));
		c->received += (uint64_t)n;
		if (c->echo)
			c->to_send = c->received;
	}
}

static inline void conn_event(struct peer_sock *ps, unsigned events) {
	struct peer_conn *c = (struct peer_conn *)ps;

	if (c->accepted && c->accepted->ps.so == NULL) {
		c->accepted->ps.event = conn_event;
		if (peer_accept(c->peer, ps, &c->accepted->ps) == 0)
			conn_event(&c->accepted->ps, NET_EV_READ | NET_EV_WRITE | NET_EV_CONNECTED);
		return;
	}
	if (events & NET_EV_CONNECTED)
		c->connected = true;
	if (events & NET_EV_ERROR) {
		c->failed = true;
		c->error = net_take_error(ps->so);
	}
	if (c->connected) {
		conn_drain(c);
		conn_fill(c);
	}
}

/* A server on peer i whose first connection is `conn`. */
static inline void peer_serve(unsigned i, uint16_t port, struct peer_conn *server,
                              struct peer_conn *conn) {
	server->peer = conn->peer = W.peer[i];
	server->accepted = conn;
	server->ps.event = conn_event;
	ck_assert_int_eq(peer_open(W.peer[i], SOCK_STREAM, &server->ps), 0);
	ck_assert_int_eq(net_bind(server->ps.so, 0, port), 0);
	ck_assert_int_eq(net_listen(server->ps.so, 10), 0);
}

struct peer_start {
	struct peer_conn *conn;
	uint32_t addr;
	uint16_t port;
};

static inline void peer_connect_now(void *arg) {
	struct peer_start *s = arg;

	EXPECT_INT(net_connect(s->conn->ps.so, s->addr, s->port), -EINPROGRESS);
	g_free(s);
}

/* A client on peer i that connects to the card at `when`. */
static inline void peer_connect_at(sim_time when, unsigned i, uint16_t port,
                                   struct peer_conn *conn) {
	struct peer_start *s = g_new(struct peer_start, 1);

	conn->peer = W.peer[i];
	conn->ps.event = conn_event;
	ck_assert_int_eq(peer_open(W.peer[i], SOCK_STREAM, &conn->ps), 0);
	*s = (struct peer_start){conn, 0x0a000001U | i << 8, port};
	sim_call_at(W.sim, when, peer_connect_now, s);
}

#endif
