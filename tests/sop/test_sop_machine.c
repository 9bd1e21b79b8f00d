/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One unmodified INADDR_ANY program over NIC and two cards: streams, datagrams, a card pulled out. */
#include <check.h>

#include "machine_world.h"
#include "run_suite.h"

#define ROUNDS 5
#define BYTES 20000U

struct client {
	struct peer_sock ps; /* first */
	unsigned net, round;
	uint64_t sent, received;
	bool good;
};

static struct {
	struct client client[NETS];
	unsigned served[NETS], done;
	sim_time pinged; /* when the last answer was read */
} w;

static void machine_up(int accept, int receive) {
	machine_defaults();
	m.sop.accept = accept;
	m.sop.receive = receive;
	machine_boot();
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
	peer_close(m.peer[c->net], ps, false);
	w.done += c->good;
	if (++c->round < ROUNDS)
		client_open(c);
}

static void client_open(struct client *c) {
	c->ps = (struct peer_sock){.event = client_event};
	c->sent = c->received = 0;
	c->good = true;
	ck_assert_int_eq(peer_open(m.peer[c->net], SOCK_STREAM, &c->ps), 0);
	ck_assert_int_eq(net_connect(c->ps.so, own_addr(c->net), 80), -EINPROGRESS);
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
		ck_assert_uint_eq(g_ntohl(sin.sin_addr.s_addr), peer_addr(n));
		echo(me, new);
		ck_assert_int_eq(sys_close(me, new), 0);
	}
	sys_close(me, fd);
	PROGRAM_END();
}

static void run_echo(int accept) {
	machine_up(accept, SOP_RECV_INTERVAL);
	process_start(m.k, "echo", echo_server, NULL);
	sim_call_at(m.sim, SIM_MS, clients_start, NULL);
	sim_run(m.sim, 100 * SIM_S);
	ck_assert_uint_eq(m.ended, 1);
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
	toe_remove(m.toe[1]);
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
	PROGRAM_END();
}

static void run_survivor(int accept) {
	machine_up(accept, SOP_RECV_INTERVAL);
	process_start(m.k, "survivor", survivor, NULL);
	sim_call_at(m.sim, 5 * SIM_MS, pull, NULL);
	sim_call_at(m.sim, 50 * SIM_MS, client2_start, NULL);
	sim_run(m.sim, 100 * SIM_S);
	ck_assert_uint_eq(m.ended, 1);
	ck_assert_uint_eq(w.done, ROUNDS);
	machine_down();
}
START_TEST(T15_1_card_pulled_thread_per_call) { run_survivor(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T15_1_card_pulled_standing_threads) { run_survivor(SOP_ACCEPT_STANDING); }
END_TEST

/* --- datagrams -------------------------------------------------------------------------------- */

/* One unbound socket, all nets: a round trip takes a tick, or as long as it takes. */
static int pinger(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	char addr[32], buf[100];

	(void)arg;
	for (unsigned i = 0; i < NETS * 4; i++) {
		unsigned n = i % NETS;

		snprintf(addr, sizeof addr, "10.0.%u.2", n);
		struct sockaddr_in to = inet_address(addr, 7), from;
		int len = sizeof from;
		ck_assert_int_eq(
			sys_sendto(me, fd, "ping", 5, 0, (struct sockaddr *)&to, sizeof to), 5);
		ck_assert_int_eq(
			sys_recvfrom(me, fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len),
			5);
		ck_assert_str_eq(buf, "ping");
		ck_assert_uint_eq(from.sin_addr.s_addr, to.sin_addr.s_addr);
	}
	w.pinged = sys_gettime(me);
	sys_close(me, fd);
	PROGRAM_END();
}

static void run_ping(int receive, sim_time least, sim_time most) {
	struct peer_sock server[NETS];

	machine_defaults();
	m.sop.receive = receive;
	m.peer_latency = SIM_MS; /* no answer lies there when the first sweep asks */
	machine_boot();
	for (unsigned n = 0; n < NETS; n++) {
		server[n] = (struct peer_sock){.event = peer_echo};
		ck_assert_int_eq(peer_open(m.peer[n], SOCK_DGRAM, &server[n]), 0);
		ck_assert_int_eq(net_bind(server[n].so, 0, 7), 0);
	}
	process_start(m.k, "ping", pinger, NULL);
	sim_run(m.sim, 100 * SIM_S);
	ck_assert_uint_eq(m.ended, 1);
	ck_assert_int_ge(w.pinged, least);
	ck_assert_int_le(w.pinged, most);
	machine_down();
}
START_TEST(T7_1_ping_at_intervals) { run_ping(SOP_RECV_INTERVAL, 110 * SIM_MS, 135 * SIM_MS); }
END_TEST
START_TEST(T7_1_ping_wait_on_all) { run_ping(SOP_RECV_WAIT_ALL, 12 * SIM_MS, 20 * SIM_MS); }
END_TEST

/* One unbound socket, whose datagrams of 64,000 bytes fill the send buffer of the stack that they go by:
 * the next for that net waits, or is told so, and is not sent by another; the others have room. */
enum { LARGE = 64000, PIECES = 44 };

static unsigned sent[NETS], large[NETS];

static void count_large(struct peer_sock *ps, unsigned events) {
	static uint8_t buf[LARGE];
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};

	(void)events;
	while (net_recv(ps->so, &msg) == LARGE)
		large[*(unsigned *)(ps + 1)]++;
}

static ssize_t send_large(struct task *me, int fd, unsigned n, int flags) {
	static uint8_t buf[LARGE];
	struct sockaddr_in to;
	char addr[32];

	snprintf(addr, sizeof addr, "10.0.%u.2", n);
	to = inet_address(addr, 7);
	return sys_sendto(me, fd, buf, flags < 0 ? 1 : LARGE, MAX(flags, 0), (struct sockaddr *)&to,
	                  sizeof to);
}

static bool writeable(struct task *me, int fd, int timeout) {
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};

	return sys_poll(me, &pfd, 1, timeout) == 1 && pfd.revents & POLLOUT;
}

static int sends_large(struct task *me, void *arg) {
	const sim_time wire = (PIECES * (34 + FRAME_WIRE_OVERHEAD) + LARGE) * 8 * SIM_NS;
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	sim_time start;
	ssize_t got;

	(void)arg;
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_int_eq(send_large(me, fd, n, -1), 1); /* asks for the address */
	sys_nanosleep(me, SIM_MS);
	for (unsigned n = 0; n < NETS; n++) {
		while ((got = send_large(me, fd, n, MSG_DONTWAIT)) == LARGE)
			sent[n]++;
		ck_assert_int_eq(got, -EAGAIN);
		ck_assert(writeable(me, fd, 0)); /* by the others, or by the first again */
		sys_nanosleep(me, SIM_MS);
	}
	for (unsigned n = 0; n < NETS; n++) {
		start = sys_gettime(me);
		for (int i = 0; i < 20; i++)
			ck_assert_int_eq(send_large(me, fd, n, 0), LARGE);
		sent[n] += 20;
		ck_assert_int_ge(sys_gettime(me) - start, 18 * wire);
		ck_assert_int_le(sys_gettime(me) - start, 20 * wire + SIM_MS);
	}
	sys_close(me, fd);
	PROGRAM_END();
}

START_TEST(a_full_buffer_holds_its_own_stack_up) {
	struct {
		struct peer_sock ps; /* first */
		unsigned n;
	} sink[NETS];

	machine_up(SOP_ACCEPT_PER_CALL, SOP_RECV_INTERVAL);
	for (unsigned n = 0; n < NETS; n++) {
		sink[n].ps = (struct peer_sock){.event = count_large};
		sink[n].n = n;
		ck_assert_int_eq(peer_open(m.peer[n], SOCK_DGRAM, &sink[n].ps), 0);
		ck_assert_int_eq(net_bind(sink[n].ps.so, 0, 7), 0);
	}
	process_start(m.k, "large", sends_large, NULL);
	sim_run(m.sim, 100 * SIM_S);
	ck_assert_uint_eq(m.ended, 1);
	for (unsigned n = 0; n < NETS; n++)
		ck_assert_uint_eq(large[n], sent[n]);
	machine_down();
}
END_TEST

/* --- connect ---------------------------------------------------------------------------------- */

static struct peer_sock listeners[NETS], accepted[NETS];
static void take(struct peer_sock *ps, unsigned events) {
	(void)events;
	for (unsigned n = 0; n < NETS; n++)
		if (ps == &listeners[n] && !accepted[n].so) {
			accepted[n].event = peer_echo;
			peer_accept(m.peer[n], ps, &accepted[n]);
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
		ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to),
		                 -ECONNREFUSED);
		ck_assert_str_eq(stack_of(me, fd), "any");
		to = inet_address(addr, 7);
		ck_assert_int_eq(sys_connect(me, fd, (struct sockaddr *)&to, sizeof to), 0);
		ck_assert_str_eq(stack_of(me, fd), stack_names[n]);
		len = sizeof self;
		ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&self, &len), 0);
		ck_assert_uint_eq(g_ntohl(self.sin_addr.s_addr), own_addr(n));
		ck_assert_int_eq(sys_send(me, fd, "hello", 6, 0), 6);
		ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 6);
		ck_assert_str_eq(buf, "hello");
		sys_close(me, fd);
	}
	PROGRAM_END();
}
START_TEST(connect_follows_the_routes) {
	machine_up(SOP_ACCEPT_PER_CALL, SOP_RECV_INTERVAL);
	for (unsigned n = 0; n < NETS; n++) {
		listeners[n] = (struct peer_sock){.event = take};
		ck_assert_int_eq(peer_open(m.peer[n], SOCK_STREAM, &listeners[n]), 0);
		ck_assert_int_eq(net_bind(listeners[n].so, 0, 7), 0);
		ck_assert_int_eq(net_listen(listeners[n].so, 5), 0);
	}
	process_start(m.k, "connect", connector, NULL);
	sim_run(m.sim, 100 * SIM_S);
	ck_assert_uint_eq(m.ended, 1);
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
	tcase_add_test(tc, a_full_buffer_holds_its_own_stack_up);
	tcase_add_test(tc, connect_follows_the_routes);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
