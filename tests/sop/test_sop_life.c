/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beginnings and ends: how the initialise command is sent, close in its forms, cards that fall
 * silent, counters.  Each test runs with both kinds of card. */
#include "kinds.h"
#include "net/engine/socket_state.h"

#include <netinet/tcp.h>

#define LOST(net) (peer_addr(net) + 7) /* nobody on the net */
#define TIMEOUT SIM_S                  /* the driver's patience in these tests */

static struct peer_sock server[NETS], conn[NETS], client[NETS];

static void take_one(struct peer_sock *ps, unsigned events) {
	unsigned net = (unsigned)(ps - server);

	(void)events;
	if (!conn[net].so)
		peer_accept(m.peer[net], ps, &conn[net]);
}

static void serve(unsigned net, void (*event)(struct peer_sock *ps, unsigned events)) {
	server[net].event = take_one;
	conn[net].event = event;
	peer_bound(net, SOCK_STREAM, &server[net], 7);
}

static unsigned ends; /* nets whose client saw the end of its connection: bits */

static void note_end(struct peer_sock *ps, unsigned events) {
	if (events & (NET_EV_ERROR | NET_EV_CLOSED | NET_EV_HANGUP))
		ends |= 1U << (ps - client);
}

/* The peers of the nets in `which` (bits) call port 80. */
static void call_in(void *which) {
	for (unsigned net = 0; net < NETS; net++) {
		if (!(GPOINTER_TO_UINT(which) & 1U << net))
			continue;
		client[net] = (struct peer_sock){.event = note_end};
		ck_assert_int_eq(peer_open(m.peer[net], SOCK_STREAM, &client[net]), 0);
		net_connect(client[net].so, own_addr(net), 80);
	}
}

static void call_soon(struct task *me, unsigned which) {
	sim_call_at(m.sim, sys_gettime(me) + SIM_MS, call_in, GUINT_TO_POINTER(which));
}

static void fall_silent(void *unused) {
	(void)unused;
	toe_fail(m.toe[1]);
}

static void plug_out(void *unused) {
	(void)unused;
	toe_remove(m.toe[1]);
}

static unsigned socks_on(unsigned net) {
	struct net_stack *st = net ? toe_stack(m.toe[net]) : m.k->stack;
	unsigned n = 0;

	for (struct net_sock *so = NULL; (so = net_sock_next(st, so));)
		n++;
	return n;
}

static unsigned socks_anywhere(void) {
	unsigned n = 0;

	for (unsigned net = 0; net < NETS; net++)
		n += socks_on(net);
	return n;
}

/* --- the initialise command ------------------------------------------------------------------- */

#define COMMAND (30 * SIM_US) /* of the card's processor */

static sim_time create_time;

static int creates(struct task *me, void *arg) {
	sim_time start = sys_gettime(me);

	(void)arg;
	for (int i = 0; i < 10; i++)
		ck_assert_int_ge(TCP(me), 0);
	create_time = (sys_gettime(me) - start) / 10;
	PROGRAM_END();
}

static void time_create(bool sync) {
	m.card.sync_init = sync;
	machine_boot();
	for (unsigned n = 1; n < NETS; n++)
		ck_assert_int_eq(toe_set_cost(m.toe[n], "command", (struct cost_value){COMMAND, 0}),
		                 0);
	machine_start("test", creates);
	machine_run(1, SIM_S);
}
START_TEST(T1_2_initialise_posted) {
	time_create(false);
	ck_assert_int_gt(create_time, 3 * SIM_US); /* sop_create */
	ck_assert_int_lt(create_time, 2 * COMMAND);
}
END_TEST
START_TEST(T1_2_initialise_waited_for) {
	time_create(true);
	ck_assert_int_gt(create_time, 2 * COMMAND); /* two cards, one after the other */
}
END_TEST

/* Cards that hold one socket: the posted command of the second comes back refused, sooner or later
 * than the program goes on. */
static int refused_late(struct task *me, void *arg) {
	int first = TCP(me), at_once = TCP(me), later = TCP(me), waits = TCP(me), fd, err,
	    len = sizeof err;

	(void)arg;
	ck_assert_int_eq(bind_any(me, at_once, 80), 0);
	sys_nanosleep(me, SIM_S);
	ck_assert_int_eq(bind_any(me, later, 81), 0);
	ck_assert_int_eq(sys_listen(me, later, 5), 0);
	ck_assert_int_eq(sys_getsockopt(me, later, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	ck_assert_int_eq(err, 0);
	struct pollfd pfd = {.fd = later, .events = POLLIN};
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0);
	ck_assert_int_eq(bind_to(me, waits, own_addr(1), 82), -ENOBUFS);
	fd = TCP(me);
	ck_assert_int_eq(bind_to(me, fd, own_addr(1), 82), -ENOBUFS); /* before it is known */
	ck_assert_uint_ge(counter("partial_create"), 4);
	ck_assert_int_eq(connect_to(me, waits, peer_addr(0), 9), -ECONNREFUSED); /* INET goes on */
	for (int i = 0; i < 5; i++)
		sys_close(me, (int[]){first, at_once, later, waits, fd}[i]);
	PROGRAM_END();
}
START_TEST(T1_1_T1_2_posted_and_refused) {
	m.card.max_sockets = 1;
	machine_do(refused_late);
}
END_TEST
START_TEST(T1_1_T1_2_waited_for_and_refused) {
	m.card.max_sockets = 1;
	m.card.sync_init = true;
	machine_do(refused_late);
}
END_TEST

/* --- release ---------------------------------------------------------------------------------- */

static int closes(struct task *me, void *arg) {
	int fd = TCP(me), u = UDP(me), bound = TCP(me), half = TCP(me);

	(void)arg;
	ck_assert_int_eq(bind_any(me, u, 53), 0);
	ck_assert_int_eq(bind_to(me, bound, own_addr(2), 80), 0);
	nonblocking(me, half);
	ck_assert_int_eq(connect_to(me, half, LOST(1), 7), -EINPROGRESS); /* i */
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_uint_ge(socks_anywhere(), 3 + 3 + 1 + 3);
	ck_assert_int_eq(sys_close(me, fd), 0); /* a */
	ck_assert_int_eq(sys_close(me, u), 0);
	ck_assert_int_eq(sys_close(me, bound), 0);
	ck_assert_int_eq(sys_close(me, half), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_uint_eq(socks_anywhere(), 0);
	ck_assert_int_eq(m.module->use_count, 0);
	PROGRAM_END();
}
START_TEST(T14a_T14i_all_stacks) { machine_do(closes); }
END_TEST

/* Data that the peer does not take holds a lingering close for its full time, once; of a socket whose
 * connect is under way, other stacks included, nobody waits. */
static int lingers(struct task *me, void *arg) {
	struct linger ling = {1, 3}, reset = {1, 0};
	g_autofree char *buf = g_malloc0(300000);
	int fd = TCP(me), half = TCP(me);
	sim_time start;

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &ling, sizeof ling), 0);
	ck_assert_int_eq(sys_setsockopt(me, half, SOL_SOCKET, SO_LINGER, &ling, sizeof ling), 0);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	while (sys_send(me, fd, buf, 300000, MSG_DONTWAIT) > 0)
		sys_nanosleep(me, SIM_S);
	start = sys_gettime(me);
	sys_close(me, fd);
	ck_assert_int_ge(sys_gettime(me) - start, 3 * SIM_S - SIM_MS);
	ck_assert_int_lt(sys_gettime(me) - start, 4 * SIM_S);
	nonblocking(me, half);
	ck_assert_int_eq(connect_to(me, half, LOST(1), 7), -EINPROGRESS);
	start = sys_gettime(me);
	sys_close(me, half);
	ck_assert_int_lt(sys_gettime(me) - start, SIM_S);
	fd = TCP(me); /* 0 seconds: a reset */
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	peer_close(m.peer[1], &conn[1], true);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	start = sys_gettime(me);
	sys_close(me, fd);
	ck_assert_int_lt(sys_gettime(me) - start, SIM_S);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(net_state(conn[1].so), TCP_CLOSE);
	PROGRAM_END();
}
START_TEST(T14b_linger) {
	machine_boot();
	serve(1, peer_ignore);
	machine_start("test", lingers);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* Connections on three stacks, one is taken: closing the listener ends the others on their peers. */
static int surplus(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80), new;

	(void)arg;
	call_soon(me, 7);
	new = sys_accept(me, fd, NULL, NULL);
	ck_assert_int_ge(new, 0);
	sys_nanosleep(me, 100 * SIM_MS);
	ck_assert_uint_eq(ends, 0);
	sys_close(me, fd);
	sys_nanosleep(me, 100 * SIM_MS);
	ck_assert_int_eq(__builtin_popcount(ends), 2);
	sys_close(me, new);
	ck_assert_int_eq(m.module->use_count, 0); /* e: the threads are gone with it */
	PROGRAM_END();
}
static void run_surplus(int mode) {
	m.sop.accept = mode;
	machine_do(surplus);
}
START_TEST(T14d_T14e_surplus_per_call) { run_surplus(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T14d_T14e_surplus_standing) { run_surplus(SOP_ACCEPT_STANDING); }
END_TEST

/* Datagrams keep coming to a polled socket that is closed meanwhile: events of the old ones do not
 * reach the new ones. */
static void shower(void *unused) {
	struct iovec iov = {"x", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = own_addr(1), .port = 53};

	(void)unused;
	if (m.ended)
		return;
	net_send(client[1].so, &msg);
	sim_call_at(m.sim, sim_now(m.sim) + 11 * SIM_US, shower, NULL);
}

static int late(struct task *me, void *arg) {
	(void)arg;
	kernel_set_cost(m.k, "user_work", (struct cost_value){0, SIM_NS});
	for (unsigned i = 0; i < 300; i++) {
		int fd = UDP(me);
		struct pollfd pfd = {.fd = fd, .events = POLLIN};

		ck_assert_int_eq(bind_any(me, fd, i % 2 ? 53 : 54), 0);
		ck_assert_int_ge(sys_poll(me, &pfd, 1, 0), 0);
		if (!(i % 2)) /* nobody sends there */
			ck_assert_int_eq(pfd.revents, 0);
		user_charge(me, COST_USER_WORK, 10000 + i * 100);
		ck_assert_int_eq(sys_close(me, fd), 0);
	}
	PROGRAM_END();
}
START_TEST(T14f_late_answers) {
	machine_boot();
	client[1].event = peer_ignore;
	ck_assert_int_eq(peer_open(m.peer[1], SOCK_DGRAM, &client[1]), 0);
	sim_call_at(m.sim, 0, shower, NULL);
	machine_start("test", late);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* The machine closes first, so its stack is in TIME_WAIT: on that stack the port is not free. */
static int time_wait(struct task *me, void *arg) {
	int fd = TCP(me), new, one = 1;

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	call_soon(me, 1U << 1);
	new = sys_accept(me, fd, NULL, NULL);
	sys_close(me, new);
	sys_close(me, fd);
	sys_nanosleep(me, 10 * SIM_MS);
	peer_close(m.peer[1], &client[1], false);
	sys_nanosleep(me, 100 * SIM_MS);
	fd = TCP(me);
	ck_assert_int_eq(bind_any(me, fd, 80), -EADDRINUSE);
	new = TCP(me);
	ck_assert_int_eq(bind_to(me, new, own_addr(2), 80), 0); /* others have it free */
	sys_close(me, new);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	sys_close(me, fd);
	sys_nanosleep(me, 300 * SIM_S);
	fd = TCP(me);
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T14g_time_wait) { machine_do(time_wait); }
END_TEST

/* accept() without a descriptor left: the connection is closed, not leaked. */
static int no_descriptor(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80), count, last = fd;

	(void)arg;
	nonblocking(me, fd);
	count = m.module->use_count;
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL),
	                 -EAGAIN); /* T14h: released without a sock */
	ck_assert_int_eq(m.module->use_count, count);
	while ((fd = sys_dup(me, last)) >= 0)
		last = fd;
	ck_assert_int_eq(fd, -EMFILE);
	call_soon(me, 1U << 2);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_accept(me, last, NULL, NULL), -EMFILE);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_uint_eq(ends, 1U << 2);
	ck_assert_int_eq(m.module->use_count, count);
	PROGRAM_END();
}
START_TEST(T4_7_T14h_no_descriptor) {
	m.kernel.max_files = 16;
	machine_do(no_descriptor);
}
END_TEST

/* --- cards that fall silent ------------------------------------------------------------------- */

static unsigned answered;

static int blocked_stream(struct task *me, void *arg) {
	int fd = TCP(me);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	struct sockaddr_in sin;
	int len = sizeof sin;
	sim_time start;
	char byte;

	(void)arg;
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, 0), -ECONNRESET);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 1);
	ck_assert_int_eq(pfd.revents & (POLLERR | POLLHUP), POLLERR | POLLHUP);
	ck_assert_int_eq(sys_send(me, fd, &byte, 1, MSG_NOSIGNAL), -ECONNRESET);
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&sin, &len), 0); /* T8e */
	ck_assert_uint_eq(g_ntohl(sin.sin_addr.s_addr), own_addr(1));
	ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&sin, &len), 0);
	ck_assert_uint_eq(g_ntohs(sin.sin_port), 7);
	start = sys_gettime(me);
	sys_close(me, fd); /* T14c */
	ck_assert_int_lt(sys_gettime(me) - start, SIM_MS);
	PROGRAM_END();
}

static int blocked_dgram(struct task *me, void *arg) {
	int fd = UDP(me);
	char byte;

	(void)arg;
	ck_assert_int_eq(bind_to(me, fd, own_addr(1), 53), 0);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, 0), -ENETDOWN);
	sys_close(me, fd);
	PROGRAM_END();
}

/* Open to all stacks: one silent card, and service goes on. */
static int goes_on(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80), new;

	(void)arg;
	new = sys_accept(me, fd, NULL, NULL);
	ck_assert_str_eq(stack_of(me, new), "toe1");
	sys_close(me, new);
	answered++;
	sys_close(me, fd);
	PROGRAM_END();
}

static int sleeps_on_all(struct task *me, void *arg) {
	int fd = UDP(me);
	char byte;

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 9), 0);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, 0), 1);
	answered++;
	sys_close(me, fd);
	PROGRAM_END();
}

static void send_datagram(void *unused) {
	struct iovec iov = {"x", 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = own_addr(2), .port = 9};

	(void)unused;
	client[0].event = peer_ignore;
	ck_assert_int_eq(peer_open(m.peer[2], SOCK_DGRAM, &client[0]), 0);
	ck_assert_int_eq(net_send(client[0].so, &msg), 1);
}

static void run_death(void (*how)(void *unused), int accept, int receive) {
	m.card.command_timeout = TIMEOUT;
	m.sop.accept = accept;
	m.sop.receive = receive;
	machine_boot();
	serve(1, peer_ignore);
	machine_start("stream", blocked_stream);
	machine_start("dgram", blocked_dgram);
	machine_start("listener", goes_on);
	machine_start("receiver", sleeps_on_all);
	sim_call_at(m.sim, 10500 * SIM_MS, how, NULL);
	sim_call_at(m.sim, 20 * SIM_S, call_in, GUINT_TO_POINTER(1U << 2));
	sim_call_at(m.sim, 20 * SIM_S, send_datagram, NULL);
	sim_run(m.sim, 3600 * SIM_S);
	ck_assert_uint_eq(m.ended, 4);
	ck_assert_uint_eq(answered, 2);
	ck_assert_uint_eq(counter("cards_failed"), 1);
	ck_assert_uint_ge(counter("lost_legs"), 2);
	machine_down();
}
START_TEST(T15_1_T14c_T8e_silence) {
	run_death(fall_silent, SOP_ACCEPT_PER_CALL, SOP_RECV_INTERVAL);
}
END_TEST
START_TEST(T15_1_T14c_T8e_silence_improved) {
	run_death(fall_silent, SOP_ACCEPT_STANDING, SOP_RECV_WAIT_ALL);
}
END_TEST
START_TEST(T15_1_T14c_T8e_removal) { run_death(plug_out, SOP_ACCEPT_PER_CALL, SOP_RECV_INTERVAL); }
END_TEST

/* A command sleeps on the silent card until the time-out; close of a socket that had never used it
 * and calls of others on other stacks are not held up. */
static int held_fd;
static int sleeper(struct task *me, void *arg) {
	int fd = UDP(me);

	(void)arg;
	toe_slow(m.toe[1], 1e6);
	held_fd = fd;
	ck_assert_int_eq(bind_any(me, fd, 53), 0); /* without the card in the end */
	ck_assert_int_ge(sys_gettime(me), TIMEOUT);
	ck_assert_uint_ge(counter("partial_bind"), 1);
	sys_close(me, fd);
	PROGRAM_END();
}

static int other(struct task *me, void *arg) {
	int fd = TCP(me), l;
	char buf[8];

	(void)arg;
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(2), 7), -ECONNREFUSED);
	l = listen_at(me, own_addr(2), 80);
	ck_assert_int_ge(l, 0);
	ck_assert_int_eq(sys_recv(me, fd, buf, 1, 0), -ENOTCONN);
	sys_close(me, l);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T15_1_T15_4_command_times_out) {
	m.card.command_timeout = TIMEOUT;
	machine_boot();
	ck_assert_int_eq(toe_set_cost(m.toe[1], "command", (struct cost_value){10 * SIM_US, 0}), 0);
	machine_start("sleeper", sleeper);
	machine_start("other", other);
	machine_run(2, 3600 * SIM_S);
}
END_TEST

/* One process sleeps in receive on a card, another polls and sends on the same socket. */
static int shared;
static int reader(struct task *me, void *arg) {
	char byte;

	(void)arg;
	ck_assert_int_eq(sys_recv(me, shared, &byte, 1, 0), 1);
	PROGRAM_END();
}
static int parent(struct task *me, void *arg) {
	struct pollfd pfd = {.events = POLLIN | POLLOUT};
	sim_time start;

	(void)arg;
	shared = pfd.fd = TCP(me);
	ck_assert_int_eq(connect_to(me, shared, peer_addr(1), 7), 0);
	ck_assert_int_gt(sys_fork(me, reader, NULL), 0);
	sys_nanosleep(me, SIM_S);
	start = sys_gettime(me);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 1);
	ck_assert_int_eq(pfd.revents, POLLOUT);
	ck_assert_int_eq(sys_send(me, shared, "x", 1, 0), 1); /* comes back to the reader */
	ck_assert_int_lt(sys_gettime(me) - start, SIM_MS);
	sys_waitpid(me, -1, NULL, 0);
	PROGRAM_END();
}
START_TEST(T15_4_poll_while_another_sleeps) {
	machine_boot();
	serve(1, peer_echo);
	machine_start("parent", parent);
	machine_run(2, 3600 * SIM_S);
}
END_TEST

/* --- counters --------------------------------------------------------------------------------- */

static int counted(struct task *me, void *arg) {
	struct sockaddr_in sin = at(peer_addr(2), 9);
	int fd = TCP(me), b = TCP(me), u = UDP(me);

	(void)arg;
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	ck_assert_int_eq(bind_to(me, b, own_addr(2), 80), 0);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(sys_sendto(me, u, "x", 1, 0, (struct sockaddr *)&sin, sizeof sin),
		                 1);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), 1);
	sys_close(me, fd);
	sys_close(me, b);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T15_3_counters) {
	static const struct {
		const char *name;
		uint64_t value;
	} expected[] = {
		{"calls.socket", 3},  {"calls.bind", 1},      {"calls.connect", 1},
		{"calls.sendmsg", 8}, {"calls.release", 3},   {"calls.accept", 0},
		{"pins.bind", 1},     {"pins.connect", 1},    {"cache_hits", 4},
		{"cache_misses", 1},  {"losers_released", 4}, {"port_draws", 2},
		{"port_redraws", 0},  {"inet.opened", 3},     {"toe0.opened", 3},
		{"toe0.pinned", 1},   {"toe1.pinned", 1},     {"inet.pinned", 0},
	};
	const char *name;
	uint64_t value;

	machine_boot();
	serve(1, peer_ignore);
	machine_start("test", counted);
	sim_run(m.sim, 3600 * SIM_S);
	ck_assert_uint_eq(m.ended, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
		ck_assert_msg(counter(expected[i].name) == expected[i].value, "%s is %d, not %d",
		              expected[i].name, (int)counter(expected[i].name),
		              (int)expected[i].value);
	for (size_t i = 0; sop_counter(m.module, i, &name, &value); i++)
		for (size_t j = 0; j < i; j++) { /* names are one name space */
			const char *before;
			uint64_t unused;

			sop_counter(m.module, j, &before, &unused);
			ck_assert_str_ne(before, name);
		}
	machine_down();
}
END_TEST

static void add(TCase *tc) {
	tcase_add_test(tc, T1_2_initialise_posted);
	tcase_add_test(tc, T1_2_initialise_waited_for);
	tcase_add_test(tc, T1_1_T1_2_posted_and_refused);
	tcase_add_test(tc, T1_1_T1_2_waited_for_and_refused);
	tcase_add_test(tc, T14a_T14i_all_stacks);
	tcase_add_test(tc, T14b_linger);
	tcase_add_test(tc, T14d_T14e_surplus_per_call);
	tcase_add_test(tc, T14d_T14e_surplus_standing);
	tcase_add_test(tc, T14f_late_answers);
	tcase_add_test(tc, T14g_time_wait);
	tcase_add_test(tc, T4_7_T14h_no_descriptor);
	tcase_add_test(tc, T15_1_T14c_T8e_silence);
	tcase_add_test(tc, T15_1_T14c_T8e_silence_improved);
	tcase_add_test(tc, T15_1_T14c_T8e_removal);
	tcase_add_test(tc, T15_1_T15_4_command_times_out);
	tcase_add_test(tc, T15_4_poll_while_another_sleeps);
	tcase_add_test(tc, T15_3_counters);
}

int main(void) { return run_kinds("sop_life", add); }
