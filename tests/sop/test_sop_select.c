/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * select() servers on a card, by AF_TOE and under SOP: whenever a client comes, and whatever else
 * the processor is at, none is slept over.
 */
#include "machine_world.h"

#include <check.h>

#include "run_suite.h"

enum { DATES = 51, PORT = 80, BYTES = 5 };

static const sim_time loads[] = {0, 90 * SIM_US, 310 * SIM_US, 683 * SIM_US};

static struct {
	int family;
	sim_time load; /* how long the other program is in the kernel at a time; 0: there is none */
	bool over;
	int listener[DATES];
} rig;

/* --- the client ------------------------------------------------------------------------------- */

struct client {
	struct peer_sock ps; /* first */
	uint16_t port;
	unsigned answered;
};

static struct client client[DATES];

static void client_event(struct peer_sock *ps, unsigned events) {
	struct client *c = (struct client *)ps;
	char buf[BYTES] = "hello";
	struct iovec iov = {buf, sizeof buf};
	struct net_msg msg = {.iov = &iov, .iovlen = 1};
	ssize_t n;

	if (events & NET_EV_CONNECTED)
		net_send(ps->so, &msg);
	n = net_recv(ps->so, &msg);
	c->answered += n > 0 ? (unsigned)n : 0;
}

static void client_calls(void *arg) {
	struct client *c = arg;

	g_assert_cmpint(net_connect(c->ps.so, own_addr(1), c->port), ==, -EINPROGRESS);
}

static void client_at(unsigned i, sim_time when, uint16_t port) {
	client[i] = (struct client){.ps.event = client_event, .port = port};
	g_assert_cmpint(peer_open(m.peer[1], SOCK_STREAM, &client[i].ps), ==, 0);
	sim_call_at(m.sim, when, client_calls, &client[i]);
}

/* --- the machine's programs ------------------------------------------------------------------- */

/* Readable within that time? */
static int selects(struct task *me, int fd, sim_time time) {
	struct timeval tv = {.tv_sec = time / SIM_S, .tv_usec = time % SIM_S / SIM_US};
	fd_set in;

	FD_ZERO(&in);
	FD_SET(fd, &in);
	return sys_select(me, fd + 1, &in, NULL, NULL, &tv);
}

static int hog(struct task *me, void *arg) {
	int fd = sys_open(me, "/file", O_RDONLY);
	char byte;

	(void)arg;
	while (!rig.over) {
		sys_read(me, fd, &byte, 1);
		sys_lseek(me, fd, 0, SEEK_SET);
	}
	PROGRAM_END();
}

static int open_listener(struct task *me, unsigned port) {
	int fd = sys_socket(me, rig.family, SOCK_STREAM, 0);
	uint32_t addr = rig.family == AF_TOE ? own_addr(1) : INADDR_ANY;

	g_assert_cmpint(bind_to(me, fd, addr, (uint16_t)port), ==, 0);
	g_assert_cmpint(sys_listen(me, fd, 20), ==, 0);
	return fd;
}

static void begin_load(struct task *me) {
	if (rig.load)
		sys_fork(me, hog, NULL);
	else
		m.ended++;
}

static void answer(struct task *me, int fd) {
	char buf[BYTES];

	g_assert_cmpint(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), ==, BYTES);
	g_assert_cmpint(sys_send(me, fd, buf, sizeof buf, 0), ==, BYTES);
}

/* Accepts, and then waits for the bytes with select(). */
static int accepting_server(struct task *me, void *arg) {
	int fd = open_listener(me, PORT), child;

	(void)arg;
	g_assert_cmpint(selects(me, fd, 0), ==, 0);
	begin_load(me);
	for (unsigned i = 0; i < DATES; i++) {
		child = sys_accept(me, fd, NULL, NULL);
		g_assert_cmpint(selects(me, child, SIM_S), ==, 1);
		answer(me, child);
		sys_close(me, child);
	}
	rig.over = true;
	PROGRAM_END();
}

/* Client i calls then; dates that step through a turn of the load, and more. */
static sim_time date(unsigned i) { return 20 * SIM_MS + i * (100 * SIM_MS + 14 * SIM_US); }

/* The listener is asked for the first time by another process, while a connection is handed over:
 * bytes come when the accepting one is already asleep. */
static int asker(struct task *me, void *arg) {
	(void)arg;
	for (unsigned i = 0; i < DATES; i++) {
		sys_nanosleep(me, 20 * SIM_MS + i * (100 * SIM_MS + 18 * SIM_US) - sys_gettime(me));
		selects(me, rig.listener[i], 0);
	}
	PROGRAM_END();
}

static int asked_server(struct task *me, void *arg) {
	(void)arg;
	for (unsigned i = 0; i < DATES; i++)
		rig.listener[i] = open_listener(me, PORT + i);
	begin_load(me);
	sys_fork(me, asker, NULL);
	for (unsigned i = 0; i < DATES; i++) {
		int child = sys_accept(me, rig.listener[i], NULL, NULL);

		g_assert_cmpint(selects(me, child, 2 * SIM_S), ==, 1);
		answer(me, child);
		sys_close(me, child);
	}
	rig.over = true;
	PROGRAM_END();
}

/* One loop for the listener and all connections. */
static int select_server(struct task *me, void *arg) {
	int fd = open_listener(me, PORT), top = fd;
	unsigned served = 0;
	fd_set all, in;

	(void)arg;
	begin_load(me);
	FD_ZERO(&all);
	FD_SET(fd, &all);
	while (served < DATES) {
		struct timeval tv = {.tv_sec = 5};

		in = all;
		g_assert_cmpint(sys_select(me, top + 1, &in, NULL, NULL, &tv), >, 0);
		for (int i = 0; i <= top; i++) {
			if (i == fd || !FD_ISSET(i, &in))
				continue;
			answer(me, i);
			FD_CLR(i, &all);
			sys_close(me, i);
			served++;
		}
		if (FD_ISSET(fd, &in)) {
			int child = sys_accept(me, fd, NULL, NULL);

			g_assert_cmpint(child, >=, 0);
			FD_SET(child, &all);
			top = MAX(top, child);
		}
	}
	rig.over = true;
	PROGRAM_END();
}

/* --- tests ------------------------------------------------------------------------------------ */

static const struct {
	int family;
	enum toe_kind kind;
} ways[] = {
	{AF_TOE, TOE_KIND_INTERRUPT},
	{AF_TOE, TOE_KIND_POLLING},
	{AF_INET, TOE_KIND_INTERRUPT},
	{AF_INET, TOE_KIND_POLLING},
};

enum { WAYS = G_N_ELEMENTS(ways), LOADS = G_N_ELEMENTS(loads) };

/* Test i of WAYS * LOADS. */
static void boot(int i) {
	machine_defaults();
	m.card.kind = ways[i % WAYS].kind;
	m.kernel.tick = 0; /* programs sleep to the microsecond */
	m.ended = 0;
	rig.family = ways[i % WAYS].family;
	rig.load = loads[i / WAYS];
	rig.over = false;
	m.module = NULL;
	machine_boot();
	fs_create(m.k, "/file", "file", 4);
	g_assert_cmpint(kernel_set_cost(m.k, "file_read", (struct cost_value){rig.load, 0}), ==, 0);
}

static void all_answered(unsigned programs) {
	machine_run(programs, 60 * SIM_S);
	for (unsigned i = 0; i < DATES; i++)
		g_assert_cmpuint(client[i].answered, ==, BYTES);
}

START_TEST(accepted_connection_is_polled) {
	boot(_i);
	machine_start("server", accepting_server);
	for (unsigned i = 0; i < DATES; i++)
		client_at(i, date(i), PORT);
	all_answered(2);
}
END_TEST

static void client_speaks(void *arg) { client_event(arg, NET_EV_CONNECTED); }

static void client_listens(struct peer_sock *ps, unsigned events) {
	client_event(ps, events & ~(unsigned)NET_EV_CONNECTED);
}

START_TEST(listener_is_polled_meanwhile) {
	boot(_i);
	machine_start("server", asked_server);
	for (unsigned i = 0; i < DATES; i++) {
		client_at(i, date(i), (uint16_t)(PORT + i));
		client[i].ps.event = client_listens;
		sim_call_at(m.sim, date(i) + 50 * SIM_MS, client_speaks, &client[i].ps);
	}
	all_answered(3);
}
END_TEST

START_TEST(none_is_slept_over) {
	boot(_i);
	machine_start("server", select_server);
	for (unsigned i = 0; i < DATES; i++)
		client_at(i, 20 * SIM_MS + i * (3 * SIM_MS + 14 * SIM_US), PORT);
	all_answered(2);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("sop-select");
	TCase *t = tcase_create("select");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, accepted_connection_is_polled, 0, WAYS * LOADS);
	tcase_add_loop_test(t, listener_is_polled_meanwhile, 0, WAYS * LOADS);
	tcase_add_loop_test(t, none_is_slept_over, 0, WAYS * LOADS);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
