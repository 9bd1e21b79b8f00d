/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the card's processor pays for, when, and what is seen of it before. */
#include <arpa/inet.h>
#include <netinet/tcp.h>

#include "run_suite.h"
#include "toe_world.h"

static struct peer_conn server, conn, client;

static void cost(const char *name, sim_time each) {
	ck_assert_int_eq(toe_set_cost(W.toe[0], name, (struct cost_value){each, 0}), 0);
}

/* --- nothing is seen before it is paid for ------------------------------------------------------- */

#define DATAGRAM (100 * SIM_US)
#define COMMAND (10 * SIM_US)
#define AHEAD (300 * SIM_US)

static sim_time asked_at, returned_at, wire_at;
static int got;

static void peer_datagram(void *arg) {
	static struct peer_sock ps;
	char byte = 'x';
	struct iovec iov = {&byte, 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = 0x0a000001, .port = 53};

	(void)arg;
	ps = (struct peer_sock){.event = NULL};
	EXPECT_INT(peer_open(W.peer[0], SOCK_DGRAM, &ps), 0);
	EXPECT_INT(net_send(ps.so, &msg), 1);
	wire_at = sim_now(W.sim);
}

static int early_program(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0);
	char byte;

	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	sim_call_at(W.sim, sys_gettime(me) + AHEAD - *(const int *)arg * 10 * SIM_US, peer_datagram,
	            NULL);
	user_charge(me, COST_USER_WORK, 0); /* AHEAD */
	asked_at = sys_gettime(me);
	got = (int)sys_recv(me, fd, &byte, 1, 0);
	returned_at = sys_gettime(me);
	W.programs++;
	return 0;
}

/*
 * A datagram comes to the card, which works 100 us on it; a receive command comes i * 10 us after it.
 * The answer does not leave before the datagram is paid for, the command too: whichever way they
 * overlap, the processor has worked off both.
 */
START_TEST(datagram_is_not_had_before_it_is_paid) {
	int early = _i;

	world_up(1);
	kernel_set_cost(W.kernel, "user_work", (struct cost_value){AHEAD, 0});
	cost("datagram", DATAGRAM);
	cost("command", COMMAND);
	peer_connect_at(SIM_MS, 0, 9, &client); /* ARP */
	start_at(50 * SIM_MS, early_program, &early);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(got, 1);
	/* 64 bytes of wire and 1 us of cable; the processor is free before */
	EXPECT(returned_at >= wire_at + DATAGRAM + COMMAND || asked_at > wire_at + DATAGRAM);
	EXPECT(returned_at >= asked_at + COMMAND);
	world_down();
}
END_TEST

/* --- connections -------------------------------------------------------------------------------- */

#define CONNECTION (150 * SIM_US)

static struct pollfd writable(int fd) { return (struct pollfd){.fd = fd, .events = POLLOUT}; }

static int connects(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);

	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), *(const int *)arg);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

/* A non-blocking connect that is polled, and asked for its outcome by a second connect(). */
static int connects_nonblocking(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	struct pollfd pfd = writable(fd);

	EXPECT_INT(sys_fcntl(me, fd, F_SETFL, O_NONBLOCK), 0);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), -EINPROGRESS);
	EXPECT_INT(sys_poll(me, &pfd, 1, 1000), 1);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), *(const int *)arg);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

static int accepts(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80), child;

	(void)arg;
	child = sys_accept(me, fd, NULL, NULL);
	EXPECT(child >= 0);
	EXPECT_INT(sys_close(me, child), 0);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

static int never_accepts(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80);

	(void)arg;
	EXPECT_INT(sys_nanosleep(me, SIM_S), 0);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

enum answer { SERVED, REFUSED, CALLS };

static const struct {
	program main;
	enum answer peer; /* serves, refuses, or calls itself */
	int result;
	unsigned connections;
} ways[] = {
	{connects, SERVED, 0, 1},
	{connects_nonblocking, SERVED, 0, 1},
	{accepts, CALLS, 0, 1},
	{never_accepts, CALLS, 0, 1},
	{connects, REFUSED, -ECONNREFUSED, 0},
	{connects_nonblocking, REFUSED, -ECONNREFUSED, 0},
};

static sim_time paid(unsigned id) { return toe_costs(W.toe[0])->account[id].time; }

static void nothing(void *arg) { (void)arg; }

/* However it came and whoever asked for it: when a connection is over it has paid once. */
START_TEST(a_connection_pays_once) {
	struct toe_usage usage;
	int result = ways[_i].result;

	server = conn = client = (struct peer_conn){0};
	world_up(1);
	cost("connection", CONNECTION + 1);
	if (ways[_i].peer == SERVED)
		peer_serve(0, 80, &server, &conn);
	if (ways[_i].peer == CALLS)
		peer_connect_at(SIM_MS, 0, 80, &client);
	start_at(0, ways[_i].main, &result);
	sim_call_at(W.sim, 190 * SIM_S, nothing,
	            NULL); /* the accounts are those of the last event */
	run(200 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(paid(TOE_COST_CONNECTION), CONNECTION + 1);
	EXPECT_INT(toe_costs(W.toe[0])->account[TOE_COST_CONNECTION].charges, 1);
	toe_usage_get(W.toe[0], &usage);
	EXPECT_INT(usage.connections, ways[_i].connections);
	world_down();
}
END_TEST

/* --- accept is not serial ------------------------------------------------------------------------ */

#define CLIENTS 8
static sim_time accept_took;

static int accepts_all(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80);
	sim_time start;

	(void)arg;
	EXPECT_INT(sys_nanosleep(me, 100 * SIM_MS), 0);
	start = sys_gettime(me);
	for (unsigned i = 0; i < CLIENTS; i++)
		EXPECT(sys_accept(me, fd, NULL, NULL) >= 0);
	accept_took = sys_gettime(me) - start;
	W.programs++;
	return 0;
}

static sim_time accept_time(sim_time connection) {
	static struct peer_conn clients[CLIENTS];

	memset(clients, 0, sizeof clients);
	world_up(1);
	cost("connection", connection);
	for (unsigned i = 0; i < CLIENTS; i++)
		peer_connect_at((i ? 2 : 1) * SIM_MS + i * SIM_US, 0, 80,
		                &clients[i]); /* ARP first */
	start_at(0, accepts_all, NULL);
	run(SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
	return accept_took;
}

/* Connections that wait in the queue were paid for as they came: to accept them all takes less than to
 * set one up, let alone eight of them one after the other. */
START_TEST(accept_is_no_longer_for_the_connection) {
	ck_assert_int_lt(accept_time(10 * SIM_MS), 5 * SIM_MS);
}
END_TEST

/* --- the receive ring ---------------------------------------------------------------------------- */

enum { FLOOD = 2000, RING = 16 };
#define FLOOD_INTERVAL (6 * SIM_US)
#define FLOOD_COST (30 * SIM_US)
static struct peer_sock flooder;
static sim_time flood_start, call_answered;

static void flood_one(void *arg) {
	char byte[18] = {0};
	struct iovec iov = {byte, sizeof byte};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = 0x0a000001, .port = 53};

	(void)arg;
	EXPECT_INT(net_send(flooder.so, &msg), sizeof byte);
}

static int floods(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_DGRAM, 0), small = 1;

	(void)arg;
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 53), 0);
	EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	EXPECT_INT(sys_close(me, listener(me, "10.0.0.1", 80)), 0);
	fd = listener(me, "10.0.0.1", 80);
	EXPECT(sys_accept(me, fd, NULL, NULL) >= 0);
	call_answered = sys_gettime(me);
	W.programs++;
	return 0;
}

/* Frames that come five times as fast as the card takes them, by the letter: how many find the ring full. */
static unsigned flood_drops(void) {
	sim_time done[FLOOD] = {0}, arrival = 0, last = 0;
	unsigned taken = 0, drops = 0, gone = 0;

	for (unsigned i = 0; i < FLOOD; i++, arrival += FLOOD_INTERVAL) {
		while (gone < taken && done[gone] <= arrival)
			gone++;
		if (taken - gone == RING) {
			drops++;
			continue;
		}
		last = MAX(last, arrival) + FLOOD_COST;
		done[taken++] = last;
	}
	return drops;
}

/* A flood of datagrams fills the ring and no more: what it drops is counted, and a caller waits behind
 * a ring of them at each of its segments and not behind all. */
START_TEST(flood_fills_the_ring_only) {
	struct toe_conf conf;
	struct toe_usage usage;
	unsigned drops = flood_drops();

	client = (struct peer_conn){0};
	toe_conf_default(&conf);
	conf.rx_ring = RING;
	world_up_conf(1, &conf);
	cost("datagram", FLOOD_COST);
	flooder = (struct peer_sock){.event = NULL};
	EXPECT_INT(peer_open(W.peer[0], SOCK_DGRAM, &flooder), 0);
	start_at(0, floods, NULL);
	sim_call_at(W.sim, SIM_MS, flood_one, NULL); /* ARP */
	flood_start = 10 * SIM_MS;
	for (unsigned i = 0; i < FLOOD; i++)
		sim_call_at(W.sim, flood_start + i * FLOOD_INTERVAL, flood_one, NULL);
	peer_connect_at(flood_start + FLOOD * FLOOD_INTERVAL + SIM_US, 0, 80, &client);
	run(10 * SIM_S);
	EXPECT_INT(W.programs, 1);
	toe_usage_get(W.toe[0], &usage);
	EXPECT_INT(usage.rx_dropped, drops);
	/* the SYN came a microsecond behind the flood: into a full ring, or as its last frame */
	EXPECT(call_answered < flood_start + FLOOD * FLOOD_INTERVAL + 3100 * SIM_MS);
	world_down();
}
END_TEST

/* --- sends that wait ----------------------------------------------------------------------------- */

#define SENT 60000
#define TAKEN 4096 /* by the send buffer, at first */
static struct pci_usage before_send, after_send;

static int sends_much(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), size = TAKEN;
	static char buf[SENT];

	(void)arg;
	EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	pattern_fill(1, 0, buf, sizeof buf);
	pci_bus_usage(W.bus, &before_send);
	EXPECT_INT(sys_send(me, fd, buf, sizeof buf, 0), SENT);
	pci_bus_usage(W.bus, &after_send);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

/* What a send could not leave in the send buffer is not kept in the card: it crosses the bus again when
 * there is room. */
START_TEST(what_waits_is_fetched_again) {
	uint64_t bytes;

	server = (struct peer_conn){0};
	conn = (struct peer_conn){.key_rx = 1};
	world_up(1);
	peer_serve(0, 80, &server, &conn);
	start_at(0, sends_much, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(conn.received, SENT);
	bytes = after_send.dma_bytes - before_send.dma_bytes;
	EXPECT_INT(bytes,
	           SENT + (SENT - TAKEN) + 2 * COMM_ENTRY_BYTES); /* a descriptor, an entry */
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_loop_test(tcase, a_connection_pays_once, 0, G_N_ELEMENTS(ways));
	tcase_add_test(tcase, what_waits_is_fetched_again);
	tcase_add_test(tcase, flood_fills_the_ring_only);
	tcase_add_test(tcase, accept_is_no_longer_for_the_connection);
	tcase_add_loop_test(tcase, datagram_is_not_had_before_it_is_paid, 0, 14);
}

int main(void) {
	Suite *suite = suite_create("toe-charge");

	suite_add_kinds(suite, add_tests);
	return run_suite(suite);
}
