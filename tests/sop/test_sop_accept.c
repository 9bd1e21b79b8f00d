/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accept: in turn, by threads made per call, by standing threads. */
#include "sop_world.h"

#include "run_suite.h"

static void connect_card1(void *n) { fake_connections(w.card1, 80, GPOINTER_TO_INT(n)); }
static void connect_card2(void *n) { fake_connections(w.card2, 80, GPOINTER_TO_INT(n)); }
static void connect_inet(void *n) { fake_connections(w.inet, 80, GPOINTER_TO_INT(n)); }

/* --- in turn ---------------------------------------------------------------------------------- */

static int turns(struct task *me, void *arg) {
	int fd = listen_any(me, 80), count[3] = {0};

	(void)arg;
	nonblocking(me, fd);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	fake_connections(w.inet, 80, 10);
	fake_connections(w.card2, 80, 10);
	for (int i = 0; i < 10; i++) {
		int new = accept_on(me, fd, NULL);

		count[0] += !strcmp(stack_of(me, new), "inet");
		count[2] += !strcmp(stack_of(me, new), "toe1");
		ck_assert_int_eq(sys_close(me, new), 0);
	}
	ck_assert_int_eq(count[0], 5);
	ck_assert_int_eq(count[2], 5);
	ck_assert_uint_eq(counter("accept_threads"), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_4_nonblocking_round_robin) { world_do(turns); }
END_TEST

/* Stacks that always have a connection ready share evenly, however long it goes on: two of them, and
 * all three. */
#define LONG 999
static unsigned ready; /* a bit for each stack */
static bool without_blocking;

static void fill(struct fake_stack *st) {
	struct fake_sock *listener = fake_find(st, 80);

	if (listener->pending_conns < 5)
		fake_connections(st, 80, 5);
}

static int long_run(struct task *me, void *arg) {
	struct fake_stack *const stacks[] = {w.inet, w.card1, w.card2};
	int fd = listen_any(me, 80), count[3] = {0}, n = __builtin_popcount(ready);

	(void)arg;
	if (without_blocking)
		nonblocking(me, fd);
	for (int i = 0; i < LONG; i++) {
		for (unsigned j = 0; j < 3; j++)
			if (ready & 1U << j)
				fill(stacks[j]);
		int new = accept_on(me, fd, NULL);
		for (unsigned j = 0; j < 3; j++)
			count[j] += !strcmp(stack_of(me, new), j ? stacks[j]->td.name : "inet");
		sys_close(me, new);
	}
	for (unsigned j = 0; j < 3; j++)
		ck_assert_int_le(abs(count[j] - (ready & 1U << j ? LONG / n : 0)), 1);
	sys_close(me, fd);
	PROGRAM_END();
}
static const struct {
	unsigned ready;
	bool without_blocking;
	int mode;
} runs[] = {
	{3, true, SOP_ACCEPT_PER_CALL},  {5, true, SOP_ACCEPT_PER_CALL},
	{6, true, SOP_ACCEPT_PER_CALL},  {7, true, SOP_ACCEPT_PER_CALL},
	{3, false, SOP_ACCEPT_PER_CALL}, {6, false, SOP_ACCEPT_PER_CALL},
	{7, false, SOP_ACCEPT_PER_CALL}, {3, false, SOP_ACCEPT_STANDING},
	{6, false, SOP_ACCEPT_STANDING}, {7, false, SOP_ACCEPT_STANDING},
};
START_TEST(T4_4_even_over_a_long_run) {
	ready = runs[_i].ready;
	without_blocking = runs[_i].without_blocking;
	world_new();
	w.conf.accept = (unsigned)runs[_i].mode;
	world_load();
	world_start("test", long_run);
	world_run(1);
}
END_TEST

static int hard_errors(struct task *me, void *arg) {
	int fd = listen_any(me, 80);

	(void)arg;
	nonblocking(me, fd);
	w.inet->accept_err = -ENOMEM;
	fake_connections(w.card1, 80, 1);
	sys_close(me, accept_on(me, fd, "toe0"));
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -ENOMEM);
	fake_connections(w.inet, 80, 1); /* the next turn begins with the last card */
	w.inet->accept_err = 0;
	sys_close(me, accept_on(me, fd, "inet"));
	w.card1->accept_err = -ENOBUFS;
	w.card2->accept_err = -ENOMEM;
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -ENOBUFS); /* the first in turn */
	w.card1->accept_err = -ENETDOWN; /* that a card has gone is no answer */
	w.card2->accept_err = 0;
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	w.card1->accept_err = 0;
	w.inet->accept_err = -ECONNABORTED;
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	w.inet->accept_err = 0;
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_3_hard_error_hides_nothing) { world_do(hard_errors); }
END_TEST

static int not_listening(struct task *me, void *arg) {
	int fd = TCP(me), u = UDP(me), p = TCP(me);

	(void)arg;
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sys_accept(me, u, NULL, NULL), -EOPNOTSUPP);
	ck_assert_int_eq(bind_to(me, p, "10.0.1.1", 80), 0);
	ck_assert_int_eq(sys_accept(me, p, NULL, NULL), -EINVAL);
	ck_assert_int_eq(w.module->use_count, 3); /* T4.8 */
	ck_assert_int_eq(sys_listen(me, p, 5), 0);
	fake_connections(w.card1, 80, 1);
	clear_logs();
	sys_close(me, accept_on(me, p, "toe0"));
	LOG_IS(w.inet, ""); /* a specific address: one stack, no twins, no threads */
	ck_assert_uint_eq(counter("accept_threads"), 0);
	sys_close(me, fd);
	sys_close(me, u);
	sys_close(me, p);
	PROGRAM_END();
}
START_TEST(T4_7_T4_8_not_listening) { world_do(not_listening); }
END_TEST

/* --- threads ---------------------------------------------------------------------------------- */

static int blocking(struct task *me, void *arg) {
	int fd = listen_any(me, 80), one = 1;
	sim_time now = sim_now(w.sim);

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_KEEPALIVE, &one, 4), 0);
	sim_call_at(w.sim, now + 5 * SIM_MS, connect_card1, GINT_TO_POINTER(1));
	int new = accept_on(me, fd, "toe0");
	ck_assert_int_eq(sim_now(w.sim) - now, 5 * SIM_MS);
	ck_assert_uint_eq(counter("accept_threads"), 3);
	int got = 0, len = sizeof got;
	ck_assert_int_eq(sys_getsockopt(me, new, SOL_SOCKET, SO_KEEPALIVE, &got, &len), 0);
	ck_assert_int_eq(got, 1); /* T4.9 */
	clear_logs();
	ck_assert_int_eq(sys_send(me, new, "x", 1, 0), 1);
	LOG_IS(w.inet, "");
	LOG_IS(w.card1, "option:9 send");
	/* two at once: one is surplus, and the next call takes it without asking anybody */
	now = sim_now(w.sim);
	sim_call_at(w.sim, now + SIM_MS, connect_inet, GINT_TO_POINTER(1));
	sim_call_at(w.sim, now + SIM_MS, connect_card2, GINT_TO_POINTER(1));
	sys_close(me, accept_on(me, fd, NULL));
	sys_nanosleep(me, 10 * SIM_MS);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 1);
	clear_logs();
	sys_close(me, accept_on(me, fd, NULL));
	ck_assert_ptr_null(strstr(fake_log(w.card2), "accept"));
	ck_assert_uint_eq(counter("surplus_queued"), 1);
	sys_close(me, new);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_1_T4_9_T4_10_thread_per_call) { world_do(blocking); }
END_TEST

/* A round of 2.4: one sleeper's thread serves the next call, so each accept makes one thread. */
static int per_call_threads(struct task *me, void *arg) {
	int fd = listen_any(me, 80);

	(void)arg;
	for (int i = 0; i < 10; i++) {
		sim_call_at(w.sim, sim_now(w.sim) + SIM_MS, connect_card1, GINT_TO_POINTER(1));
		sys_close(me, accept_on(me, fd, "toe0"));
	}
	ck_assert_uint_eq(counter("accept_threads"), w.conf.accept == SOP_ACCEPT_STANDING ? 3 : 12);
	ck_assert_uint_eq(counter("twins_made"), w.conf.accept == SOP_ACCEPT_STANDING ? 0 : 10);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_10_threads_per_call) { world_do(per_call_threads); }
END_TEST
START_TEST(T4_10_threads_standing) {
	world_new();
	w.conf.accept = SOP_ACCEPT_STANDING;
	world_load();
	world_start("test", per_call_threads);
	world_run(1);
}
END_TEST

static int surplus_closed(struct task *me, void *arg) {
	int fd = listen_any(me, 80);

	(void)arg;
	sim_call_at(w.sim, SIM_MS, connect_inet, GINT_TO_POINTER(3));
	sim_call_at(w.sim, SIM_MS, connect_card1, GINT_TO_POINTER(3));
	int new = accept_on(me, fd, NULL);
	sys_nanosleep(me, 100 * SIM_MS);
	ck_assert_uint_ge(counter("surplus_queued"), 1);
	ck_assert_uint_le(counter("surplus_queued"), 3); /* the stacks' queues keep the rest */
	clear_logs();
	sys_close(me, fd);
	ck_assert_uint_eq(counter("surplus_closed"), counter("surplus_queued"));
	sys_close(me, new);
	PROGRAM_END();
}
START_TEST(T4_1_surplus_is_reset_at_close) { world_do(surplus_closed); }
END_TEST
START_TEST(T4_1_surplus_is_reset_at_close_standing) {
	world_new();
	w.conf.accept = SOP_ACCEPT_STANDING;
	world_load();
	world_start("test", surplus_closed);
	world_run(1);
}
END_TEST

/* What a thread meets: a connection that was reset in the queue is no news, an error of the stack is
 * the caller's, once. */
static void abort_one(void *unused) {
	(void)unused;
	w.card1->once = true;
	w.card1->accept_err = -ECONNABORTED;
	fake_connections(w.card1, 80, 0);
	wake_up(w.k, &fake_find(w.card1, 80)->sk.socket->wait);
}
static void refuse_one(void *unused) {
	abort_one(unused);
	w.card1->accept_err = -ENOMEM;
}
static int threads_err(struct task *me, void *arg) {
	int fd = listen_any(me, 80);
	sim_time now = sim_now(w.sim);

	(void)arg;
	sim_call_at(w.sim, now + SIM_MS, abort_one, NULL);
	sim_call_at(w.sim, now + 5 * SIM_MS, connect_card1, GINT_TO_POINTER(1));
	sys_close(me, accept_on(me, fd, "toe0"));
	ck_assert_int_eq(sim_now(w.sim) - now, 5 * SIM_MS);
	sim_call_at(w.sim, now + 10 * SIM_MS, refuse_one, NULL);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -ENOMEM);
	ck_assert_int_eq(sim_now(w.sim) - now, 10 * SIM_MS);
	sim_call_at(w.sim, now + 15 * SIM_MS, connect_card1, GINT_TO_POINTER(1));
	sys_close(me, accept_on(me, fd, "toe0"));
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_3_errors_under_threads) {
	world_new();
	w.conf.accept = (unsigned)_i;
	world_load();
	world_start("test", threads_err);
	world_run(1);
}
END_TEST

/* The child is its stack's: whatever is called, the others hear nothing, and no thread is made.  Its
 * twins, which the paper makes with it, are gone. */
static int childs_calls(struct task *me, void *arg) {
	int fd = listen_any(me, 80), n, new;
	struct pollfd pfd = {.events = POLLIN};
	struct sockaddr_in sin;
	char buf[4];

	(void)arg;
	sim_call_at(w.sim, SIM_MS, connect_card2, GINT_TO_POINTER(1));
	pfd.fd = new = accept_on(me, fd, "toe1");
	ck_assert_uint_eq(fake_live(w.inet), 1);
	sys_nanosleep(me, SIM_MS);
	clear_logs();
	uint64_t threads = counter("accept_threads"), sweeps = counter("recv_sweeps");
	ck_assert_int_eq(sys_send(me, new, "x", 1, 0), 1);
	ck_assert_int_eq(sys_recv(me, new, buf, 4, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0);
	n = sizeof sin;
	ck_assert_int_eq(sys_getpeername(me, new, (struct sockaddr *)&sin, &n), 0);
	ck_assert_int_eq(sys_ioctl(me, new, FIONREAD, &n), 0);
	ck_assert_int_eq(sys_setsockopt(me, new, IPPROTO_TCP, 1, &n, sizeof n), 0);
	n = sizeof n;
	ck_assert_int_eq(sys_getsockopt(me, new, IPPROTO_TCP, 1, buf, &n), 0);
	ck_assert_int_eq(connect_to(me, new, "10.0.0.9", 80), -EISCONN);
	ck_assert_int_eq(bind_to(me, new, "10.0.0.1", 81), -EINVAL);
	ck_assert_int_eq(sys_listen(me, new, 5), -EINVAL);
	ck_assert_int_eq(sys_shutdown(me, new, SHUT_RDWR), 0);
	sys_close(me, new);
	LOG_IS(w.inet, "");
	LOG_IS(w.card1, "");
	LOG_HAS(w.card2, "send recv");
	ck_assert_uint_eq(counter("accept_threads"), threads);
	ck_assert_uint_eq(counter("recv_sweeps"), sweeps);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_9_child_is_its_stacks) { world_do(childs_calls); }
END_TEST

static struct task *server;
static int server_fd;
static void on_signal(struct task *me, int sig) {
	(void)me;
	(void)sig;
}
static void poke(void *unused) {
	(void)unused;
	send_sig(w.k, server, SIGUSR1);
}

static int interrupted(struct task *me, void *arg) {
	int fd = listen_any(me, 80);
	struct timeval tv = {.tv_usec = 50000};

	(void)arg;
	server = me;
	sys_signal(me, SIGUSR1, on_signal);
	sim_call_at(w.sim, SIM_MS, poke, NULL);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINTR);
	sim_call_at(w.sim, sim_now(w.sim) + SIM_MS, connect_card2, GINT_TO_POINTER(1));
	sys_nanosleep(me, 10 * SIM_MS); /* raced in while nobody asked: kept */
	sys_close(me, accept_on(me, fd, "toe1"));
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_2_signal_and_timeout) { world_do(interrupted); }
END_TEST

static int shut_by_another(struct task *me, void *arg) {
	(void)arg;
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_shutdown(me, server_fd, SHUT_WR), 0);
	sys_nanosleep(me, 10 * SIM_MS);
	ck_assert_int_eq(sys_shutdown(me, server_fd, SHUT_RD), 0);
	PROGRAM_END();
}
static int shut_down(struct task *me, void *arg) {
	(void)arg;
	server_fd = listen_any(me, 80);
	ck_assert_int_gt(sys_fork(me, shut_by_another, NULL), 0);
	ck_assert_int_eq(sys_accept(me, server_fd, NULL, NULL), -EINVAL);
	ck_assert_int_ge(sim_now(w.sim), 20 * SIM_MS);
	ck_assert_int_eq(sys_accept(me, server_fd, NULL, NULL), -EINVAL);
	ck_assert_int_eq(sys_listen(me, server_fd, 5), 0); /* and again */
	fake_connections(w.card1, 80, 1);
	sys_close(me, accept_on(me, server_fd, "toe0"));
	sys_close(me, server_fd);
	PROGRAM_END();
}
static void run_shut_down(int mode) {
	world_new();
	w.conf.accept = mode;
	world_load();
	world_start("test", shut_down);
	world_run(2);
}
START_TEST(T4_6_shutdown_wakes) { run_shut_down(SOP_ACCEPT_PER_CALL); }
END_TEST
START_TEST(T4_6_shutdown_wakes_standing) { run_shut_down(SOP_ACCEPT_STANDING); }
END_TEST

/* --- one stack, and the end -------------------------------------------------------------------- */

/* A machine without cards: no threads; a card that is added reaches the sleeper. */
static void plug(void *unused) {
	(void)unused;
	ck_assert_int_eq(register_toedev(w.k, &w.card1->td), 0);
}
static int alone(struct task *me, void *arg) {
	int fd = listen_any(me, 80);

	(void)arg;
	sim_call_at(w.sim, SIM_MS, connect_inet, GINT_TO_POINTER(1));
	sys_close(me, accept_on(me, fd, "inet"));
	server = me;
	sys_signal(me, SIGUSR1, on_signal);
	sim_call_at(w.sim, 2 * SIM_MS, poke, NULL);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINTR); /* T4.2 */
	ck_assert_int_eq(sim_now(w.sim), 2 * SIM_MS);
	ck_assert_uint_eq(counter("accept_threads"), 0);
	sim_call_at(w.sim, 20 * SIM_MS, plug, NULL);
	sim_call_at(w.sim, 30 * SIM_MS, connect_card1, GINT_TO_POINTER(1));
	sys_close(me, accept_on(me, fd, "toe0"));
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T1_4_T4_2_alone_then_a_card) {
	world_new();
	w.module = sop_module_new(&w.conf);
	ck_assert_int_eq(module_load(w.k, w.module), 0);
	world_start("test", alone);
	world_run(1);
}
END_TEST

/* The connection's socket: in the paper's mode made as socket() makes one, with twins that are let go;
 * with standing threads lean.  Either way one inner socket remains, on the stack that delivered. */
static bool lean;

static int child_alone(struct task *me, void *arg) {
	int fd = listen_any(me, 80);
	unsigned inet = fake_live(w.inet), other = fake_live(w.card2);

	(void)arg;
	sim_call_at(w.sim, sim_now(w.sim) + 5 * SIM_MS, connect_card1, GINT_TO_POINTER(1));
	int new = accept_on(me, fd, "toe0");
	ck_assert_uint_eq(counter("twins_made"), !lean);
	ck_assert_uint_eq(counter("losers_released"), lean ? 0 : 2);
	ck_assert_uint_eq(fake_live(w.inet), inet);
	ck_assert_uint_eq(fake_live(w.card2), other + !lean); /* what the thread there waits with */
	int err;
	ck_assert_int_eq(sockfd_lookup(me, new, &err)->state, SS_CONNECTED);
	ck_assert_int_eq(connect_to(me, new, "10.0.1.9", 7), -EISCONN);
	ck_assert_uint_eq(counter("accept_sweeps"), 0);
	nonblocking(me, fd);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	ck_assert_uint_eq(counter("accept_sweeps"), 1);
	sys_close(me, new);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T4_9_one_inner_socket_remains) {
	lean = _i;
	world_new();
	w.conf.accept = lean ? SOP_ACCEPT_STANDING : SOP_ACCEPT_PER_CALL;
	world_load();
	world_start("test", child_alone);
	world_run(1);
}
END_TEST

/* A run that ends while callers and threads sleep leaves nothing that a teardown trips over. */
static int stuck(struct task *me, void *arg) {
	int fd = listen_any(me, 80);

	(void)arg;
	sys_accept(me, fd, NULL, NULL);
	PROGRAM_END();
}
START_TEST(teardown_with_sleepers) {
	world_new();
	world_load();
	world_start("test", stuck);
	sim_run(w.sim, SIM_S);
	kernel_free(w.k);
	ck_assert_uint_eq(fake_live(w.inet), 0);
	ck_assert_uint_eq(fake_live(w.card2), 0);
	sop_module_free(w.module);
	sim_free(w.sim);
}
END_TEST

int main(void) {
	Suite *s = suite_create("sop_accept");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, T4_4_nonblocking_round_robin);
	tcase_add_loop_test(tc, T4_4_even_over_a_long_run, 0, G_N_ELEMENTS(runs));
	tcase_add_test(tc, T4_3_hard_error_hides_nothing);
	tcase_add_loop_test(tc, T4_3_errors_under_threads, SOP_ACCEPT_PER_CALL,
	                    SOP_ACCEPT_STANDING + 1);
	tcase_add_test(tc, T4_9_child_is_its_stacks);
	tcase_add_test(tc, T4_7_T4_8_not_listening);
	tcase_add_test(tc, T4_1_T4_9_T4_10_thread_per_call);
	tcase_add_test(tc, T4_10_threads_per_call);
	tcase_add_test(tc, T4_10_threads_standing);
	tcase_add_test(tc, T4_1_surplus_is_reset_at_close);
	tcase_add_test(tc, T4_1_surplus_is_reset_at_close_standing);
	tcase_add_test(tc, T4_2_signal_and_timeout);
	tcase_add_test(tc, T4_6_shutdown_wakes);
	tcase_add_test(tc, T4_6_shutdown_wakes_standing);
	tcase_add_loop_test(tc, T4_9_one_inner_socket_remains, 0, 2);
	tcase_add_test(tc, T1_4_T4_2_alone_then_a_card);
	tcase_add_test(tc, teardown_with_sleepers);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
