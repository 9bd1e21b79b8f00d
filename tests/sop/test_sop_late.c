/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards that are added under open sockets: servers that only wait get them too, and at once.  Each
 * test runs with both kinds of card. */
#include "kinds.h"
#include "net/engine/socket_state.h"

#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/select.h>

#define LATE 2            /* the net of the card that is added ... */
#define PLUG (100 * SIM_MS) /* ... then, and ... */
#define CALL (400 * SIM_MS) /* ... then called */
#define SLOW (30 * SIM_MS)

static struct peer_sock caller;
static sim_time answered; /* the caller was connected; 0: not yet */

static void note_answer(struct peer_sock *ps, unsigned events) {
	(void)events;
	if (!answered && net_state(ps->so) == TCP_ESTABLISHED)
		answered = sim_now(m.sim);
}

static void plug(void *unused) {
	(void)unused;
	machine_plug_card(LATE);
}

static void call(void *unused) {
	(void)unused;
	caller.event = note_answer;
	ck_assert_int_eq(peer_open(m.peer[LATE], SOCK_STREAM, &caller), 0);
	net_connect(caller.so, own_addr(LATE), 80);
}

static void drop(void *unused) {
	struct iovec iov = {"late", 4};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = own_addr(LATE), .port = 53};

	(void)unused;
	caller.event = peer_ignore;
	ck_assert_int_eq(peer_open(m.peer[LATE], SOCK_DGRAM, &caller), 0);
	ck_assert_int_eq(net_send(caller.so, &msg), 4);
}

/* `cards` at boot, one more at PLUG, `event` from its net at CALL. */
static void run(program main, unsigned cards, void (*event)(void *unused)) {
	m.cards = cards;
	machine_boot();
	machine_start("test", main);
	sim_call_at(m.sim, PLUG, plug, NULL);
	sim_call_at(m.sim, CALL, event, NULL);
	machine_run(1, 3600 * SIM_S);
}

static void take_late(struct task *me, int fd) {
	int new = sys_accept(me, fd, NULL, NULL);

	ck_assert_msg(new >= 0, "accept: %s", g_strerror(-new));
	ck_assert_str_eq(stack_of(me, new), "toe1");
	sys_close(me, new);
}

/* --- sockets that nobody touches -------------------------------------------------------------- */

static int idle_listener(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80);

	(void)arg;
	nonblocking(me, fd);
	sys_nanosleep(me, SIM_S);
	ck_assert_int_gt(answered, CALL); /* while we slept */
	ck_assert_int_lt(answered, CALL + SIM_MS);
	ck_assert_uint_eq(counter("late_legs"), 1);
	take_late(me, fd);
	sys_close(me, fd);
	PROGRAM_END();
}
static void run_idle_listener(int accept, unsigned cards) {
	m.sop.accept = accept;
	run(idle_listener, cards, call);
}
START_TEST(T1_4_idle_listener) { run_idle_listener(SOP_ACCEPT_PER_CALL, 1); }
END_TEST
START_TEST(T1_4_idle_listener_standing) { run_idle_listener(SOP_ACCEPT_STANDING, 1); }
END_TEST
START_TEST(T1_4_idle_listener_first_card) { run_idle_listener(SOP_ACCEPT_PER_CALL, 0); }
END_TEST

static int idle_receiver(struct task *me, void *arg) {
	int fd = UDP(me);
	char buf[8];

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	sys_nanosleep(me, SIM_S);
	ck_assert_uint_eq(counter("late_legs"), 1);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 4); /* it was kept */
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T1_4_idle_receiver) { run(idle_receiver, 1, drop); }
END_TEST

/* What cannot or need not join: the port is busy there, the socket is pinned, or not bound yet. */
static void plug_busy(void *unused) {
	struct net_sock *so;

	(void)unused;
	machine_plug_card(LATE);
	ck_assert_int_eq(net_sock_open(toe_stack(m.toe[LATE]), SOCK_STREAM, 0, NULL, &so), 0);
	ck_assert_int_eq(net_bind(so, 0, 80), 0);
}

static int cannot_join(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80), pinned = listen_at(me, own_addr(1), 81),
	    raw = TCP(me);
	int other = listen_at(me, INADDR_ANY, 82);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	(void)arg;
	sys_nanosleep(me, SIM_S);
	ck_assert_uint_eq(counter("partial_bind"), 1);
	ck_assert_uint_eq(counter("late_legs"), 1);    /* the other */
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0); /* skipped, not broken */
	ck_assert_uint_eq(counter("partial_bind"), 1);
	ck_assert_int_eq(bind_any(me, raw, 83), 0); /* joins as it is used */
	ck_assert_uint_eq(counter("late_legs"), 2);
	for (int i = 0; i < 4; i++)
		sys_close(me, (int[]){fd, pinned, raw, other}[i]);
	PROGRAM_END();
}
START_TEST(T1_4_busy_port_is_skipped) {
	m.cards = 1;
	machine_boot();
	machine_start("test", cannot_join);
	sim_call_at(m.sim, PLUG, plug_busy, NULL);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* The new card is slow: meanwhile the socket is closed, bound, told to listen, and used. */
static void plug_slow(void *unused) {
	(void)unused;
	machine_plug_card(LATE);
	toe_set_cost(m.toe[LATE], "command", (struct cost_value){SLOW, 0});
}

static int closes(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80);
	sim_time start;

	(void)arg;
	sys_nanosleep(me, PLUG + SLOW / 2);
	start = sys_gettime(me);
	ck_assert_int_eq(sys_close(me, fd), 0); /* waits for the command that is under way */
	ck_assert_int_lt(sys_gettime(me) - start, 4 * SLOW);
	sys_nanosleep(me, 10 * SLOW);
	ck_assert_int_eq(m.module->use_count, 0);
	PROGRAM_END();
}
START_TEST(T1_4_T14a_closed_while_it_joins) {
	m.cards = 1;
	machine_boot();
	machine_start("test", closes);
	sim_call_at(m.sim, PLUG, plug_slow, NULL);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

static int listens(struct task *me, void *arg) {
	int u = UDP(me), fd = TCP(me); /* the newest joins first */
	struct pollfd pfd[] = {{.fd = u, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	sim_time start;

	(void)arg;
	nonblocking(me, fd);
	ck_assert_int_eq(bind_any(me, fd, 80), 0);
	ck_assert_int_eq(bind_any(me, u, 53), 0);
	ck_assert_int_eq(sys_poll(me, pfd, 2, 0), 1); /* the first card is asked, once */
	sys_nanosleep(me, PLUG + SLOW / 2);
	start = sys_gettime(me);
	ck_assert_int_eq(sys_poll(me, pfd, 2, 0), 1); /* T15.4: neither waits for the card */
	ck_assert_int_eq(pfd[1].revents, POLLHUP);
	ck_assert_int_lt(sys_gettime(me) - start, SIM_MS);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0); /* does */
	sys_nanosleep(me, SIM_S);
	ck_assert_int_gt(answered, CALL);
	take_late(me, fd);
	sys_close(me, fd);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T1_4_T15_4_listens_while_it_joins) {
	m.cards = 1;
	machine_boot();
	machine_start("test", listens);
	sim_call_at(m.sim, PLUG, plug_slow, NULL);
	sim_call_at(m.sim, CALL, call, NULL);
	machine_run(1, 3600 * SIM_S);
}
END_TEST

/* --- sleepers --------------------------------------------------------------------------------- */

static int asleep_in_accept(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80);

	(void)arg;
	take_late(me, fd);
	ck_assert_int_lt(sys_gettime(me), CALL + 2 * SIM_MS);
	sys_close(me, fd);
	PROGRAM_END();
}
static void run_accept(int accept, unsigned cards) {
	m.sop.accept = accept;
	run(asleep_in_accept, cards, call);
}
START_TEST(T1_4_T4_1_asleep_in_accept) { run_accept(SOP_ACCEPT_PER_CALL, 1); }
END_TEST
START_TEST(T1_4_T4_1_asleep_in_accept_standing) { run_accept(SOP_ACCEPT_STANDING, 1); }
END_TEST
START_TEST(T1_4_T4_1_asleep_in_accept_first_card) { run_accept(SOP_ACCEPT_PER_CALL, 0); }
END_TEST
START_TEST(T1_4_T4_1_asleep_in_accept_first_card_standing) { run_accept(SOP_ACCEPT_STANDING, 0); }
END_TEST

/* Two cards, the first so slow that it still joins when the second comes. */
static void plug_first(void *unused) {
	(void)unused;
	machine_plug_card(1);
	toe_set_cost(m.toe[1], "command", (struct cost_value){SLOW, 0});
	sim_call_at(m.sim, sim_now(m.sim) + SLOW / 2, plug, NULL);
}
static void run_two(program main, void (*event)(void *unused)) {
	m.cards = 0;
	machine_boot();
	machine_start("test", main);
	sim_call_at(m.sim, PLUG, plug_first, NULL);
	sim_call_at(m.sim, CALL, event, NULL);
	machine_run(1, 3600 * SIM_S);
}
START_TEST(T1_4_T4_1_two_cards_while_asleep_in_accept) { run_two(asleep_in_accept, call); }
END_TEST

static int asleep_in_poll(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	(void)arg;
	nonblocking(me, fd);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, -1), 1);
	ck_assert_int_lt(sys_gettime(me), CALL + 2 * SIM_MS);
	take_late(me, fd);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T1_4_T10f_asleep_in_poll) { run(asleep_in_poll, 1, call); }
END_TEST
START_TEST(T1_4_T10f_asleep_in_poll_first_card) { run(asleep_in_poll, 0, call); }
END_TEST

static int asleep_in_select(struct task *me, void *arg) {
	int fd = UDP(me);
	fd_set set;
	char buf[8];

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	ck_assert_int_eq(sys_select(me, fd + 1, &set, NULL, NULL, NULL), 1);
	ck_assert_int_lt(sys_gettime(me), CALL + 2 * SIM_MS);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 4);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T1_4_T10f_asleep_in_select) { run(asleep_in_select, 1, drop); }
END_TEST

static int asleep_in_recv(struct task *me, void *arg) {
	int fd = UDP(me);
	char buf[8];

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), 4);
	/* an interval; or, where one of the cards is slow, the sweep that was under way */
	ck_assert_int_lt(sys_gettime(me), CALL + (m.cards ? 11 * SIM_MS : 5 * SLOW));
	sys_close(me, fd);
	PROGRAM_END();
}
static void run_recv(int receive, unsigned cards) {
	m.sop.receive = receive;
	run(asleep_in_recv, cards, drop);
}
START_TEST(T1_4_T7_1_asleep_in_recv) { run_recv(SOP_RECV_INTERVAL, 1); }
END_TEST
START_TEST(T1_4_T7_1_asleep_in_recv_wait_all) { run_recv(SOP_RECV_WAIT_ALL, 1); }
END_TEST
START_TEST(T1_4_T7_1_asleep_in_recv_first_card) { run_recv(SOP_RECV_INTERVAL, 0); }
END_TEST

START_TEST(T1_4_T7_1_two_cards_while_asleep_in_recv) {
	m.sop.receive = SOP_RECV_WAIT_ALL;
	run_two(asleep_in_recv, drop);
}
END_TEST

/* --- a card goes under sockets that nobody touches -------------------------------------------- */

static int loses(struct task *me, void *arg) {
	int fd = listen_at(me, INADDR_ANY, 80), u = UDP(me);

	(void)arg;
	ck_assert_int_eq(bind_any(me, u, 53), 0);
	sys_nanosleep(me, PLUG / 2);
	toe_remove(m.toe[1]);
	sys_nanosleep(me, SIM_MS);
	ck_assert_uint_eq(counter("lost_legs"), 2);
	sys_nanosleep(me, SIM_S);
	ck_assert_uint_eq(counter("late_legs"), 2); /* and the other comes */
	sys_close(me, fd);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T1_4_T15_1_one_goes_one_comes) { run(loses, 1, drop); }
END_TEST

/* The card in charge of a connected datagram socket fails, and aiming elsewhere does too: what is
 * left of it neither serves nor keeps a sleeper awake. */
static int aims_in_vain(struct task *me, void *arg) {
	struct timeval tv = {.tv_usec = 50000};
	int fd = UDP(me);
	char byte;

	(void)arg;
	ck_assert_int_eq(bind_any(me, fd, 53), 0);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(1), 7), 0);
	toe_remove(m.toe[1]);
	ck_assert_int_eq(connect_to(me, fd, peer_addr(0) | 0xff, 7), -EACCES);
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_15_T15_1_aimed_elsewhere_after_a_failure) {
	m.sop.receive = SOP_RECV_WAIT_ALL;
	machine_do(aims_in_vain);
}
END_TEST

/* --- SO_BINDTODEVICE -------------------------------------------------------------------------- */

static int device(struct task *me, int fd, const char *name) {
	char padded[IFNAMSIZ] = "";

	g_strlcpy(padded, name, sizeof padded);
	return sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, padded, sizeof padded);
}

/* As for any device that is not there (2.4: dev_get_by_name() finds none). */
static int dead_device(struct task *me, void *arg) {
	int fd = TCP(me), before = TCP(me);

	(void)arg;
	ck_assert_int_eq(device(me, fd, "toe1"), -ENODEV);
	ck_assert_int_eq(device(me, before, "toe0"), 0);
	ck_assert_str_eq(stack_of(me, before), "toe0");
	toe_fail(m.toe[1]);
	ck_assert_int_eq(bind_any(me, fd, 80), 0); /* finds out */
	ck_assert_int_eq(device(me, fd, "toe0"), -ENODEV);
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_int_eq(bind_any(me, before, 81), -ENETDOWN);
	ck_assert_int_eq(device(me, before, "toe0"), -ENODEV);
	ck_assert_int_eq(device(me, before, ""), 0); /* free again, on what is left */
	ck_assert_int_eq(bind_any(me, before, 81), 0);
	ck_assert_int_eq(connect_to(me, before, peer_addr(0), 9), -ECONNREFUSED);
	sys_close(me, fd);
	sys_close(me, before);
	PROGRAM_END();
}
START_TEST(T11f_device_of_a_dead_card) {
	m.cards = 1;
	m.card.command_timeout = SIM_S;
	machine_do(dead_device);
}
END_TEST

static unsigned refused_net;

/* What lies in the error queue wakes nobody twice: who reads sleeps until there is a datagram. */
static int reads_behind_an_error(struct task *me, void *unused) {
	struct timeval tv = {.tv_usec = 50000};
	struct sockaddr_in refused = at(peer_addr(refused_net), 9999);
	int fd = UDP(me), on = 1;
	sim_time start;
	char byte = 0;

	(void)unused;
	sys_setsockopt(me, fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	ck_assert_int_eq(bind_any(me, fd, 5000), 0);
	ck_assert_int_eq(
		sys_sendto(me, fd, &byte, 1, 0, (struct sockaddr *)&refused, sizeof refused), 1);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, 0), -ECONNREFUSED);
	start = sys_gettime(me);
	ck_assert_int_eq(sys_recv(me, fd, &byte, 1, 0), -EAGAIN);
	ck_assert_int_ge(sys_gettime(me) - start, 40 * SIM_MS); /* five ticks, the first begun */
	PROGRAM_END();
}

START_TEST(T7_1_error_queue_wakes_once) {
	m.sop.receive = SOP_RECV_WAIT_ALL;
	refused_net = (unsigned)_i; /* by the NIC, by a card */
	machine_do(reads_behind_an_error);
}
END_TEST

static void add(TCase *tc) {
	tcase_add_loop_test(tc, T7_1_error_queue_wakes_once, 0, 2);
	tcase_add_test(tc, T1_4_idle_listener);
	tcase_add_test(tc, T1_4_idle_listener_standing);
	tcase_add_test(tc, T1_4_idle_listener_first_card);
	tcase_add_test(tc, T1_4_idle_receiver);
	tcase_add_test(tc, T1_4_busy_port_is_skipped);
	tcase_add_test(tc, T1_4_T14a_closed_while_it_joins);
	tcase_add_test(tc, T1_4_T15_4_listens_while_it_joins);
	tcase_add_test(tc, T1_4_T4_1_asleep_in_accept);
	tcase_add_test(tc, T1_4_T4_1_asleep_in_accept_standing);
	tcase_add_test(tc, T1_4_T4_1_asleep_in_accept_first_card);
	tcase_add_test(tc, T1_4_T4_1_asleep_in_accept_first_card_standing);
	tcase_add_test(tc, T1_4_T4_1_two_cards_while_asleep_in_accept);
	tcase_add_test(tc, T1_4_T7_1_two_cards_while_asleep_in_recv);
	tcase_add_test(tc, T5_15_T15_1_aimed_elsewhere_after_a_failure);
	tcase_add_test(tc, T1_4_T10f_asleep_in_poll);
	tcase_add_test(tc, T1_4_T10f_asleep_in_poll_first_card);
	tcase_add_test(tc, T1_4_T10f_asleep_in_select);
	tcase_add_test(tc, T1_4_T7_1_asleep_in_recv);
	tcase_add_test(tc, T1_4_T7_1_asleep_in_recv_wait_all);
	tcase_add_test(tc, T1_4_T7_1_asleep_in_recv_first_card);
	tcase_add_test(tc, T1_4_T15_1_one_goes_one_comes);
	tcase_add_test(tc, T11f_device_of_a_dead_card);
}

int main(void) { return run_kinds("sop_late", add); }
