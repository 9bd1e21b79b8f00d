/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What users of real systems of this kind complained of, where no ruling's test shows it already
 * (docs/semantics-index.md has the list).  Each test runs with both kinds of card. */
#include "kinds.h"

#include <netinet/tcp.h>
#include <sys/select.h>

#include "host/core/task_internal.h"
#include "net/engine/socket_state.h"

#define LOST(net) (peer_addr(net) + 7) /* nobody on the net */

static struct peer_sock partner[NETS], caller[NETS];

static void send_from(unsigned net, uint16_t port) {
	struct iovec iov = {"data", 4};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = own_addr(net), .port = port};

	if (!partner[net].so) {
		partner[net].event = peer_ignore;
		peer_bound(net, SOCK_DGRAM, &partner[net], 7);
	}
	ck_assert_int_eq(net_send(partner[net].so, &msg), 4);
}

static void datagram_in(void *net) { send_from(GPOINTER_TO_UINT(net), 53); }

static void call_in(void *net) {
	unsigned n = GPOINTER_TO_UINT(net);

	caller[n] = (struct peer_sock){.event = peer_ignore};
	ck_assert_int_eq(peer_open(m.peer[n], SOCK_STREAM, &caller[n]), 0);
	net_connect(caller[n].so, own_addr(n), 80);
}

static void after(struct task *me, sim_time delay, void (*fn)(void *arg), unsigned net) {
	sim_call_at(m.sim, sys_gettime(me) + delay, fn, GUINT_TO_POINTER(net));
}

/* --- socket() in several processes at the same time ------------------------------------------- */

#define MAKERS 4
#define COMMAND SIM_MS

static int maker(struct task *me, void *arg) {
	int fds[10];

	(void)arg;
	for (int i = 0; i < 10; i++) {
		fds[i] = TCP(me);
		ck_assert_int_ge(fds[i], 0);
		ck_assert_int_eq(bind_any(me, fds[i], 0), 0);
	}
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(sys_close(me, fds[i]), 0);
	PROGRAM_END();
}
/* create() waits for slow cards, in none of the processes for another's: the cards' own time is all
 * they share. */
START_TEST(T15_4_sockets_at_the_same_time) {
	m.card.sync_init = true;
	machine_boot();
	for (unsigned n = 1; n < NETS; n++)
		toe_set_cost(m.toe[n], "command", (struct cost_value){COMMAND, 0});
	for (int i = 0; i < MAKERS; i++)
		machine_start("maker", maker);
	machine_run(MAKERS, 3600 * SIM_S);
}
END_TEST

/* --- a socket is pinned under a poller -------------------------------------------------------- */

static int shared;

static int polls(struct task *me, void *arg) {
	struct pollfd pfd = {.fd = shared, .events = POLLIN};
	char buf[8];

	(void)arg;
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	ck_assert_int_eq(pfd.revents, POLLIN);
	ck_assert_int_eq(sys_recv(me, shared, buf, sizeof buf, MSG_DONTWAIT), 4);
	PROGRAM_END();
}
static int pins(struct task *me, void *arg) {
	(void)arg;
	shared = UDP(me);
	ck_assert_int_eq(bind_any(me, shared, 53), 0);
	ck_assert_int_gt(sys_fork(me, polls, NULL), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(connect_to(me, shared, peer_addr(2), 7), 0);
	ck_assert_str_eq(stack_of(me, shared), "toe1");
	after(me, 10 * SIM_MS, datagram_in, 2);
	sys_waitpid(me, -1, NULL, 0);
	sys_close(me, shared);
	PROGRAM_END();
}
START_TEST(T10a_T10f_pinned_under_a_poller) {
	machine_boot();
	machine_start("pins", pins);
	machine_run(2, 3600 * SIM_S);
}
END_TEST

/* --- no card at all --------------------------------------------------------------------------- */

/* Waiting with nothing offloaded ends in time, and is waiting: few events pass. */
static int waits(struct task *me, void *arg) {
	int u = UDP(me), l = listen_at(me, INADDR_ANY, 80);
	struct timeval tv = {1, 0};
	struct pollfd pfd = {.fd = l, .events = POLLIN};
	fd_set set;
	char byte;
	uint64_t events = sim_events_run(m.sim);

	(void)arg;
	FD_ZERO(&set);
	FD_SET(u, &set);
	ck_assert_int_eq(sys_select(me, u + 1, &set, NULL, NULL, &tv), 0);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 1000), 0);
	tv = (struct timeval){1, 0};
	ck_assert_int_eq(sys_setsockopt(me, u, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_setsockopt(me, l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_recv(me, u, &byte, 1, 0), -EAGAIN);
	ck_assert_int_eq(sys_accept(me, l, NULL, NULL), -EAGAIN);
	ck_assert_int_ge(sys_gettime(me), 4 * SIM_S);
	ck_assert_int_lt(sys_gettime(me), 4 * SIM_S + 100 * SIM_MS);
	ck_assert_uint_lt(sim_events_run(m.sim) - events, 200);
	sys_close(me, u);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T10f_T7_5_no_card) {
	m.cards = 0;
	m.sop.receive = SOP_RECV_WAIT_ALL;
	machine_do(waits);
}
END_TEST
START_TEST(T10f_T7_5_no_card_interval) {
	m.cards = 0;
	machine_do(waits);
}
END_TEST

/* --- to other stacks of the same machine ------------------------------------------------------ */

/* A client reaches a server of its own machine by each of the machine's addresses, streams and
 * datagrams; the child is on the stack of that address. */
static int reaches(struct task *me, void *arg) {
	static const uint32_t addrs[] = {0x7f000001, 0x0a000001, 0x0a000101, 0x0a000201};
	static const char *const stacks[] = {"inet", "inet", "toe0", "toe1"};
	int l = listen_at(me, INADDR_ANY, 80), u = UDP(me);
	char buf[8];

	(void)arg;
	ck_assert_int_eq(bind_any(me, u, 53), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(addrs); i++) {
		int fd = TCP(me), child, from = UDP(me);
		struct sockaddr_in to = at(addrs[i], 53);

		ck_assert_int_eq(connect_to(me, fd, addrs[i], 80), 0);
		child = sys_accept(me, l, NULL, NULL);
		ck_assert_int_ge(child, 0);
		ck_assert_str_eq(stack_of(me, child), stacks[i]);
		ck_assert_int_eq(sys_send(me, fd, "hello", 5, 0), 5);
		ck_assert_int_eq(sys_recv(me, child, buf, 5, MSG_WAITALL), 5);
		ck_assert_int_eq(
			sys_sendto(me, from, "you", 3, 0, (struct sockaddr *)&to, sizeof to), 3);
		ck_assert_int_eq(sys_recv(me, u, buf, sizeof buf, 0), 3);
		sys_close(me, from);
		sys_close(me, fd);
		sys_close(me, child);
	}
	sys_close(me, l);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T5_3_own_addresses) { machine_do(reaches); }
END_TEST

/* --- listen in one process, accept and poll in others ----------------------------------------- */

static int worker(struct task *me, void *arg) {
	struct pollfd pfd = {.fd = shared, .events = POLLIN};
	int new;

	(void)arg;
	do
		ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	while ((new = sys_accept(me, shared, NULL, NULL)) == -EAGAIN); /* another was faster */
	ck_assert_int_ge(new, 0);
	sys_close(me, new);
	PROGRAM_END();
}
static int lister(struct task *me, void *arg) {
	(void)arg;
	shared = listen_at(me, INADDR_ANY, 80);
	nonblocking(me, shared);
	for (unsigned i = 0; i < NETS; i++)
		ck_assert_int_gt(sys_fork(me, worker, NULL), 0);
	sys_close(me, shared); /* the children have it */
	for (unsigned i = 0; i < NETS; i++)
		after(me, 10 * SIM_MS, call_in, i);
	for (unsigned i = 0; i < NETS; i++)
		ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	PROGRAM_END();
}
START_TEST(T4_5_T10g_workers_poll) {
	machine_boot();
	machine_start("lister", lister);
	machine_run(1 + NETS, 3600 * SIM_S);
}
END_TEST

/* Threads that a call has left behind take the connection before the poller asks for it: the card
 * answers their command, and has nothing to announce any more. */
static int left_behind(struct task *me, void *arg) {
	struct timeval tv = {.tv_usec = 50000};
	int l = listen_at(me, INADDR_ANY, 80), new;
	struct pollfd pfd = {.fd = l, .events = POLLIN};

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_accept(me, l, NULL, NULL), -EAGAIN);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0);
	after(me, 10 * SIM_MS, call_in, 1);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 1000), 1);
	ck_assert_int_lt(sys_gettime(me), 80 * SIM_MS);
	ck_assert_int_eq(pfd.revents, POLLIN);
	nonblocking(me, l);
	new = sys_accept(me, l, NULL, NULL);
	ck_assert_int_ge(new, 0);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0);
	sys_close(me, new);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T10f_T10g_T4_2_left_behind) { machine_do(left_behind); }
END_TEST
START_TEST(T10f_T10g_T4_2_left_behind_standing) {
	m.sop.accept = SOP_ACCEPT_STANDING;
	machine_do(left_behind);
}
END_TEST

/* --- descriptors beyond FD_SETSIZE ------------------------------------------------------------ */

#define MANY 1500

static int beyond(struct task *me, void *arg) {
	int fd = UDP(me), high = fd;
	struct pollfd pfd = {.events = POLLIN};
	struct sockaddr_in sin;
	int len = sizeof sin;
	char buf[8];

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	while (high < MANY) {
		high = sys_dup(me, fd);
		ck_assert_int_gt(high, 0);
	}
	pfd.fd = high;
	after(me, SIM_MS, datagram_in, 1);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	ck_assert_int_eq(sys_recv(me, high, buf, sizeof buf, MSG_DONTWAIT), 4);
	ck_assert_int_eq(sys_getsockname(me, high, (struct sockaddr *)&sin, &len), 0);
	ck_assert_uint_eq(g_ntohs(sin.sin_port), 53);
	PROGRAM_END();
}
START_TEST(T10f_T8f_high_descriptor) {
	m.kernel.max_files = 2 * MANY;
	machine_do(beyond);
}
END_TEST

/* --- "which stack is my socket on?" ----------------------------------------------------------- */

static const char *served(struct task *me, int fd, bool send) {
	int err;

	return sop_served_stack(sockfd_lookup(me, fd, &err), send);
}

/* Also of a socket that is on all of them: by the last datagram, either way; and in the list that
 * sopstat prints. */
static int asks(struct task *me, void *arg) {
	int fd = UDP(me);
	struct sop_sock_info info;
	const struct sop_sock *ss;
	char buf[8];

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	ck_assert_str_eq(served(me, fd, false), "any");
	for (unsigned net = 0; net < NETS; net++) {
		struct sockaddr_in to = at(peer_addr(net), 9);

		send_from(net, 53);
		ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 4);
		ck_assert_str_eq(served(me, fd, false), stack_names[net]);
		ck_assert_int_eq(sys_sendto(me, fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to),
		                 1);
		ck_assert_str_eq(served(me, fd, true), stack_names[net]);
	}
	ss = sop_sock_next(m.k, NULL);
	ck_assert_ptr_nonnull(ss);
	sop_sock_get(ss, &info);
	ck_assert_str_eq(info.stack, "any");
	ck_assert_uint_eq(info.lport, 53);
	for (unsigned net = 0; net < NETS; net++)
		ck_assert_str_eq(sop_sock_leg(ss, net), stack_names[net]);
	ck_assert_ptr_null(sop_sock_leg(ss, NETS));
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T15_3_which_stack) { machine_do(asks); }
END_TEST

/* --- counters that nothing else shows --------------------------------------------------------- */

static int counts(struct task *me, void *arg) {
	int l = listen_at(me, INADDR_ANY, 80), new, u = UDP(me), fd = TCP(me);

	(void)arg;
	after(me, SIM_MS, call_in, 1);
	new = sys_accept(me, l, NULL, NULL);
	ck_assert_int_ge(new, 0);
	ck_assert_uint_eq(counter("toe0.accepted"), 1);
	ck_assert_uint_eq(counter("inet.accepted") + counter("toe1.accepted"), 0);
	ck_assert_uint_eq(counter("pins.accept"), 1);
	sys_close(me, new);
	nonblocking(me, l);
	sys_gettime(me); /* what is not worked off yet is, when the far end calls */
	call_in(GUINT_TO_POINTER(2));
	sys_nanosleep(me, SIM_MS);
	new = sys_accept(me, l, NULL, NULL);
	ck_assert_int_ge(new, 0);
	ck_assert_uint_eq(counter("toe1.accepted"), 1);
	ck_assert_uint_eq(counter("accept_threads"), 3);
	ck_assert_int_eq(counter("twins_made") > 0, m.sop.accept == SOP_ACCEPT_PER_CALL);
	ck_assert_int_eq(bind_any(me, u, 53), 0);
	ck_assert_int_eq(sys_recv(me, u, &(char){0}, 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_uint_eq(counter("recv_sweeps"), 1);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(0), 9), -ECONNREFUSED);
	ck_assert_uint_eq(counter("connect_sweeps"), 0); /* one stack has a route */
	ck_assert_int_eq(connect_to(me, u, peer_addr(0), 9), 0);
	ck_assert_uint_eq(counter("pins.connect"), 1);
	ck_assert_uint_eq(counter("unpins"), 0);
	ck_assert_int_eq(sys_connect(me, u, &(struct sockaddr){.sa_family = AF_UNSPEC},
	                             sizeof(struct sockaddr)),
	                 0);
	ck_assert_uint_eq(counter("unpins"), 1);
	toe_remove(m.toe[2]);
	sys_nanosleep(me, SIM_MS);
	ck_assert_uint_eq(counter("cards_removed") + counter("cards_failed"), 1);
	ck_assert_uint_eq(counter("lost_legs"), 2); /* of listener and receiver */
	for (int i = 0; i < 4; i++)
		sys_close(me, (int[]){l, new, u, fd}[i]);
	PROGRAM_END();
}
START_TEST(T15_3_more_counters) { machine_do(counts); }
END_TEST
START_TEST(T15_3_more_counters_standing) {
	m.sop.accept = SOP_ACCEPT_STANDING;
	machine_do(counts);
}
END_TEST

/* --- accept: what is queued is reset, whoever ends the listener ------------------------------- */

static int ends_listening(struct task *me, void *arg) {
	bool shutdown = GPOINTER_TO_INT(arg);
	int l = listen_at(me, INADDR_ANY, 80), new;

	for (unsigned net = 0; net < NETS; net++)
		after(me, SIM_MS, call_in, net);
	new = sys_accept(me, l, NULL, NULL);
	ck_assert_int_ge(new, 0);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_uint_ge(counter("surplus_queued"), 1);
	if (shutdown) {
		ck_assert_int_eq(sys_shutdown(me, l, SHUT_RD), 0);
		ck_assert_uint_eq(counter("surplus_closed"), counter("surplus_queued"));
	} else {
		sys_close(me, l);
	}
	sys_nanosleep(me, 10 * SIM_MS);
	for (unsigned net = 0; net < NETS; net++) /* at once: reset, not closed in order */
		ck_assert_int_eq(net_state(caller[net].so),
		                 strcmp(stack_of(me, new), stack_names[net]) ? TCP_CLOSE
		                                                             : TCP_ESTABLISHED);
	if (shutdown)
		sys_close(me, l);
	sys_close(me, new);
	PROGRAM_END();
}
static void run_ends(bool shutdown, int accept) {
	m.sop.accept = accept;
	machine_boot();
	process_start(m.k, "test", ends_listening, GINT_TO_POINTER(shutdown));
	machine_run(1, 3600 * SIM_S);
}
START_TEST(T14d_T13c_queued_are_reset_by_close) { run_ends(false, SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T14d_T13c_queued_are_reset_by_close_standing) { run_ends(false, SOP_ACCEPT_STANDING); }
END_TEST
START_TEST(T14d_T13c_queued_are_reset_by_shutdown) { run_ends(true, SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T14d_T13c_queued_are_reset_by_shutdown_standing) { run_ends(true, SOP_ACCEPT_STANDING); }
END_TEST

/* --- SO_LINGER set after the connection, and an old error ------------------------------------- */

static int late_changes(struct task *me, void *arg) {
	struct linger reset = {1, 0};
	int fd = TCP(me), err, len = sizeof err;

	(void)arg;
	after(me, SIM_MS, call_in, 1);
	int l = listen_at(me, INADDR_ANY, 80), new = sys_accept(me, l, NULL, NULL);
	ck_assert_int_eq(sys_setsockopt(me, new, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	ck_assert_int_eq(sys_close(me, new), 0); /* T14b: the last word is in force */
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(net_state(caller[1].so), TCP_CLOSE);
	nonblocking(me, fd); /* T13g: what an attempt left does not spoil the next */
	ck_assert_int_eq(connect_to(me, fd, LOST(1), 7), -EINPROGRESS);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_RDWR), 0);
	ck_assert_int_eq(connect_to(me, fd, LOST(2), 7), -EINPROGRESS);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	ck_assert_int_eq(err, 0);
	sys_close(me, fd);
	sys_close(me, l);
	PROGRAM_END();
}
START_TEST(T14b_T13g_T11a_late_changes) { machine_do(late_changes); }
END_TEST

/* Set on the listener while a process sleeps in accept: the next connection has it. */
static int takes_and_closes(struct task *me, void *arg) {
	int new = sys_accept(me, shared, NULL, NULL);

	(void)arg;
	ck_assert_int_ge(new, 0);
	sys_close(me, new);
	PROGRAM_END();
}
static int sets_linger(struct task *me, void *arg) {
	struct linger reset = {1, 0};

	(void)arg;
	shared = listen_at(me, INADDR_ANY, 80);
	ck_assert_int_gt(sys_fork(me, takes_and_closes, NULL), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_setsockopt(me, shared, SOL_SOCKET, SO_LINGER, &reset, sizeof reset),
	                 0);
	after(me, SIM_MS, call_in, 1);
	sys_waitpid(me, -1, NULL, 0);
	sys_nanosleep(me, SIM_MS);
	ck_assert_int_eq(net_state(caller[1].so), TCP_CLOSE); /* reset */
	sys_close(me, shared);
	PROGRAM_END();
}
static void run_linger(int accept) {
	m.sop.accept = accept;
	machine_boot();
	machine_start("test", sets_linger);
	machine_run(2, 3600 * SIM_S);
}
START_TEST(T14b_T4_9_linger_set_under_accept) { run_linger(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T14b_T4_9_linger_set_under_accept_standing) { run_linger(SOP_ACCEPT_STANDING); }
END_TEST

/* --- shutdown under a receiver; buffers as INET has them --------------------------------------- */

static int receives(struct task *me, void *arg) {
	char byte;

	(void)arg;
	ck_assert_int_eq(sys_recv(me, shared, &byte, 1, 0), 0);
	ck_assert_int_lt(sys_gettime(me), 60 * SIM_MS); /* an interval on top */
	PROGRAM_END();
}
static int shuts(struct task *me, void *arg) {
	(void)arg;
	shared = UDP(me);
	ck_assert_int_eq(bind_any(me, shared, 53), 0);
	ck_assert_int_gt(sys_fork(me, receives, NULL), 0);
	sys_nanosleep(me, 20 * SIM_MS);
	ck_assert_int_eq(sys_shutdown(me, shared, SHUT_RD), -ENOTCONN);
	ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	PROGRAM_END();
}
static void run_shuts(int receive, unsigned cards) {
	m.cards = cards;
	m.sop.receive = receive;
	machine_boot();
	machine_start("shuts", shuts);
	machine_run(2, 3600 * SIM_S);
}
START_TEST(T13b_T7_8_shut_under_a_receiver) { run_shuts(SOP_RECV_INTERVAL, 2); }
END_TEST
START_TEST(T13b_T7_8_shut_under_a_receiver_wait_all) { run_shuts(SOP_RECV_WAIT_ALL, 2); }
END_TEST
START_TEST(T13b_T7_8_shut_under_a_receiver_no_card) { run_shuts(SOP_RECV_INTERVAL, 0); }
END_TEST

static int buffer(struct task *me, int fd, int name) {
	int value = 0, len = sizeof value;

	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, name, &value, &len), 0);
	return value;
}

static void shows(struct task *me, int fd, int sndbuf, int rcvbuf) {
	ck_assert_int_eq(buffer(me, fd, SO_SNDBUF), sndbuf);
	ck_assert_int_eq(buffer(me, fd, SO_RCVBUF), rcvbuf);
}

/* What a program is shown before it sets anything: the least while several stacks may serve, then
 * what the one in charge has. */
static int shown(struct task *me, void *arg) {
	int to_inet = TCP(me), to_card = TCP(me), dgram = UDP(me);

	(void)arg;
	shows(me, to_inet, 2 * 33333, 2 * 30000);
	ck_assert_int_eq(connect_to(me, to_inet, peer_addr(0), 90), -ECONNREFUSED);
	ck_assert_int_eq(bind_to(me, to_inet, own_addr(0), 0), 0);
	shows(me, to_inet, 2 * 33333, 2 * 44444);
	ck_assert_int_eq(bind_to(me, to_card, own_addr(1), 0), 0);
	shows(me, to_card, 2 * 40000, 2 * 30000);
	shows(me, dgram, 65535, 65535);
	ck_assert_int_eq(bind_to(me, dgram, own_addr(1), 0), 0);
	shows(me, dgram, 65535, 65535);
	PROGRAM_END();
}
START_TEST(T12c_buffers_in_force) {
	m.kernel.net.sndbuf = 33333;
	m.kernel.net.rcvbuf = 44444;
	m.card.net.sndbuf = 40000;
	m.card.net.rcvbuf = 30000;
	machine_do(shown);
}
END_TEST

/* A stack that grants less than is asked for is what is shown, at once, and then all have as much. */
static int granted(struct task *me, void *arg) {
	int fd = TCP(me), ask = 60000;

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &ask, sizeof ask), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &ask, sizeof ask), 0);
	shows(me, fd, 2 * 20000, 2 * 50000);
	ck_assert_int_eq(bind_to(me, fd, own_addr(0), 0), 0);
	shows(me, fd, 2 * 20000, 2 * 50000);
	sys_close(me, fd);
	fd = TCP(me);
	ck_assert_int_eq(bind_to(me, fd, own_addr(0), 0), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDBUF, &ask, sizeof ask), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVBUF, &ask, sizeof ask), 0);
	shows(me, fd, 2 * 60000, 2 * 50000);
	PROGRAM_END();
}
START_TEST(T12c_buffers_granted) {
	m.kernel.net.rcvbuf_max = 50000;
	m.card.net.sndbuf_max = 20000;
	machine_do(granted);
}
END_TEST

static void add(TCase *tc) {
	tcase_add_test(tc, T15_4_sockets_at_the_same_time);
	tcase_add_test(tc, T10a_T10f_pinned_under_a_poller);
	tcase_add_test(tc, T10f_T7_5_no_card);
	tcase_add_test(tc, T10f_T7_5_no_card_interval);
	tcase_add_test(tc, T5_3_own_addresses);
	tcase_add_test(tc, T4_5_T10g_workers_poll);
	tcase_add_test(tc, T10f_T10g_T4_2_left_behind);
	tcase_add_test(tc, T10f_T10g_T4_2_left_behind_standing);
	tcase_add_test(tc, T10f_T8f_high_descriptor);
	tcase_add_test(tc, T15_3_which_stack);
	tcase_add_test(tc, T15_3_more_counters);
	tcase_add_test(tc, T15_3_more_counters_standing);
	tcase_add_test(tc, T14d_T13c_queued_are_reset_by_close);
	tcase_add_test(tc, T14d_T13c_queued_are_reset_by_close_standing);
	tcase_add_test(tc, T14d_T13c_queued_are_reset_by_shutdown);
	tcase_add_test(tc, T14d_T13c_queued_are_reset_by_shutdown_standing);
	tcase_add_test(tc, T14b_T4_9_linger_set_under_accept);
	tcase_add_test(tc, T14b_T4_9_linger_set_under_accept_standing);
	tcase_add_test(tc, T13b_T7_8_shut_under_a_receiver);
	tcase_add_test(tc, T13b_T7_8_shut_under_a_receiver_wait_all);
	tcase_add_test(tc, T13b_T7_8_shut_under_a_receiver_no_card);
	tcase_add_test(tc, T12c_buffers_in_force);
	tcase_add_test(tc, T12c_buffers_granted);
	tcase_add_test(tc, T14b_T13g_T11a_late_changes);
}

int main(void) { return run_kinds("sop_users", add); }
