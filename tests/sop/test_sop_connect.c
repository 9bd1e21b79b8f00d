/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connect of streams and datagrams; what a stream does before and after. */
#include "sop_world.h"

#include "run_suite.h"

#define FAR "10.7.7.7"

static int no_route(struct task *me, void *arg) {
	int fd = TCP(me), u = UDP(me);

	(void)arg;
	clear_logs();
	ck_assert_int_eq(connect_to(me, fd, FAR, 80), -ENETUNREACH);
	LOG_IS(w.inet, "");
	ck_assert_int_eq(connect_to(me, u, FAR, 80), -ENETUNREACH);
	ck_assert_ptr_null(strstr(fake_log(w.card1), "connect"));
	sys_close(me, fd);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T5_1_no_route) { world_do(no_route); }
END_TEST

static int prefixes(struct task *me, void *arg) {
	int fd = TCP(me), local = TCP(me), card = TCP(me), tie = TCP(me);
	uint32_t addr;

	(void)arg;
	w.card1->default_route = w.card2->default_route = 1;
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 80), 0); /* T5.2 */
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	ck_assert_uint_eq(port_of(me, fd, &addr), 1024);
	ck_assert_uint_eq(addr, CARD2_ADDR);         /* T5.17 */
	ck_assert_ptr_null(fake_find(w.inet, 1024)); /* T5.11 */
	ck_assert_ptr_null(fake_find(w.card1, 1024));
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 80), -EISCONN);
	ck_assert_int_eq(connect_to(me, tie, FAR, 80), 0);
	ck_assert_str_eq(stack_of(me, tie), "toe0");
	ck_assert_int_eq(connect_to(me, local, "127.0.0.1", 80), 0); /* T5.3 */
	ck_assert_str_eq(stack_of(me, local), "inet");
	ck_assert_int_eq(connect_to(me, card, "10.0.1.1", 80), 0);
	ck_assert_str_eq(stack_of(me, card), "toe0");
	ck_assert_int_eq(sys_listen(me, card, 5), -EINVAL); /* T3.5 */
	sys_close(me, fd);
	sys_close(me, tie);
	sys_close(me, local);
	sys_close(me, card);
	PROGRAM_END();
}
START_TEST(T5_2_T5_3_T5_11_T5_17_longest_prefix) { world_do(prefixes); }
END_TEST

static int refused(struct task *me, void *arg) {
	int fd = TCP(me), bound = TCP(me);

	(void)arg;
	w.card1->default_route = w.card2->default_route = 1;
	w.card1->connect_err = -ECONNREFUSED;
	ck_assert_int_eq(connect_to(me, fd, FAR, 80), 0); /* T5.4 */
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	ck_assert_uint_eq(counter("connect_sweeps"), 1);
	sys_close(me, fd);
	fd = TCP(me);
	w.card1->connect_err = -ETIMEDOUT;
	w.card2->connect_err = -ECONNREFUSED;
	ck_assert_int_eq(connect_to(me, fd, FAR, 80), -ECONNREFUSED); /* T5.6 */
	ck_assert_str_eq(stack_of(me, fd), "any");                    /* T5.10 */
	ck_assert_uint_eq(port_of(me, fd, NULL), 0);
	w.card1->connect_err = 0;
	ck_assert_int_eq(connect_to(me, fd, FAR, 80), 0);
	w.card1->connect_err = w.card2->connect_err = -ECONNREFUSED;
	ck_assert_int_eq(bind_to(me, bound, "0.0.0.0", 777), 0); /* T5.12: explicit port is kept */
	ck_assert_int_eq(connect_to(me, bound, FAR, 80), -ECONNREFUSED);
	ck_assert_uint_eq(port_of(me, bound, NULL), 777);
	w.card1->connect_err = 0;
	ck_assert_int_eq(connect_to(me, bound, FAR, 80), 0);
	ck_assert_uint_eq(port_of(me, bound, NULL), 777);
	sys_close(me, fd);
	sys_close(me, bound);
	PROGRAM_END();
}
START_TEST(T5_4_T5_6_T5_10_T5_12_refused) { world_do(refused); }
END_TEST

static int only_refused(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	w.card1->default_route = w.card2->default_route = 1;
	w.card1->connect_err = -ETIMEDOUT;
	ck_assert_int_eq(connect_to(me, fd, FAR, 80), -ETIMEDOUT);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_5_option_connect_on_refused_only) {
	world_new();
	w.conf.connect_on_refused_only = true;
	world_load();
	world_start("test", only_refused);
	world_run(1);
}
END_TEST

static int under_way(struct task *me, void *arg) {
	int fd = TCP(me), err, len = sizeof err;

	(void)arg;
	w.card1->connect_err = -EINPROGRESS;
	nonblocking(me, fd);
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), -EINPROGRESS); /* T5.7 */
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), -EALREADY); /* T5.8 */
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0); /* 2.10 (d) */
	fake_connected(w.card1, 1024, ECONNREFUSED);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	ck_assert_int_eq(err, ECONNREFUSED);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	ck_assert_int_eq(err, 0);
	sys_fcntl(me, fd, F_SETFL, 0);
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), -ECONNABORTED); /* as 2.4 */
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_uint_eq(port_of(me, fd, NULL), 0); /* the drawn port is dropped on all */
	w.card1->connect_err = 0;
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), 0);
	ck_assert_uint_eq(port_of(me, fd, NULL), 1025);
	ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), 1);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_7_T5_8_T5_10_nonblocking) { world_do(under_way); }
END_TEST

static struct task *program_task;
static void on_signal(struct task *me, int sig) {
	(void)me;
	(void)sig;
}
static void poke(void *unused) {
	(void)unused;
	send_sig(w.k, program_task, SIGUSR1);
}
static void established(void *unused) {
	(void)unused;
	fake_connected(w.card2, 1024, 0);
}

static int signalled(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	program_task = me;
	w.card2->connect_err = -EINPROGRESS;
	sys_signal(me, SIGUSR1, on_signal);
	sim_call_at(w.sim, SIM_MS, poke, NULL);
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 80), -EINTR);
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	sim_call_at(w.sim, 5 * SIM_MS, established, NULL);
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 80), 0);
	ck_assert_int_eq(sim_now(w.sim), 5 * SIM_MS);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_9_signal) { world_do(signalled); }
END_TEST

static int bound_elsewhere(struct task *me, void *arg) {
	struct sockaddr un = {.sa_family = AF_UNSPEC};
	int fd = TCP(me), free = TCP(me);

	(void)arg;
	w.card1->connect_err = -ENETUNREACH;
	ck_assert_int_eq(bind_to(me, fd, "10.0.1.1", 777), 0);
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 80), -ENETUNREACH); /* T5.13 */
	ck_assert_str_eq(stack_of(me, fd), "toe0");
	ck_assert_int_eq(connect_to(me, free, "10.0.2.9", 80), 0);
	ck_assert_int_eq(sys_connect(me, free, &un, sizeof un), 0); /* T5.14 */
	ck_assert_str_eq(stack_of(me, free), "any");
	w.card1->connect_err = 0;
	ck_assert_int_eq(connect_to(me, free, "10.0.1.9", 80), 0);
	ck_assert_str_eq(stack_of(me, free), "toe0");
	sys_close(me, fd);
	sys_close(me, free);
	PROGRAM_END();
}
START_TEST(T5_13_T5_14_bound_and_unspec) { world_do(bound_elsewhere); }
END_TEST

static int datagrams(struct task *me, void *arg) {
	struct sockaddr un = {.sa_family = AF_UNSPEC};
	int fd = UDP(me);
	char buf[8];

	(void)arg;
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 53), 0); /* T5.16 */
	ck_assert_ptr_nonnull(fake_find(w.inet, 1024));
	ck_assert_ptr_nonnull(fake_find(w.card2, 1024)); /* T5.11: UDP keeps them */
	fake_datagrams(w.card1, 1024, 1);
	ck_assert_int_eq(connect_to(me, fd, "10.0.2.9", 53), 0); /* T5.15 */
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	LOG_HAS(w.card1, "disconnect");
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 4);
	ck_assert_mem_eq(buf, "toe0", 4);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), -EAGAIN);
	fake_datagrams(w.card2, 1024, 1);
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 4);
	ck_assert_mem_eq(buf, "toe1", 4);
	ck_assert_int_eq(sys_connect(me, fd, &un, sizeof un), 0);
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_uint_eq(port_of(me, fd, NULL), 0);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T5_11_T5_15_T5_16_datagrams) { world_do(datagrams); }
END_TEST

static int unconnected(struct task *me, void *arg) {
	int fd = TCP(me);
	char buf[4];

	(void)arg;
	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	clear_logs();
	ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), -EPIPE); /* T6.5 */
	ck_assert_ptr_null(strstr(fake_log(w.inet), "send"));
	ck_assert_int_eq(sys_recv(me, fd, buf, 4, 0), -ENOTCONN); /* T7.6 */
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_5_T7_6_unconnected_stream) { world_do(unconnected); }
END_TEST

static int pinned_by_device(struct task *me, void *arg) {
	int fd = UDP(me), t = TCP(me);

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "toe1", 5), 0);
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	clear_logs();
	ck_assert_int_eq(send_to(me, fd, "10.0.1.9", 53), 4);
	LOG_IS(w.inet, "");
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "\0\0\0", 4), 0);
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_uint_eq(counter("pins.device"), 1);
	sys_close(me, fd);
	sys_close(me, t);
	PROGRAM_END();
}
START_TEST(T11f_bind_to_device_pins) { world_do(pinned_by_device); }
END_TEST

/* What SOP costs a pinned socket: one dispatch a call, on one stack. */
static int one_dispatch(struct task *me, void *arg) {
	const struct cost_account *dispatch = &w.k->costs.account[COST_SOP_DISPATCH];
	int fd = TCP(me);
	sim_time start;

	(void)arg;
	kernel_set_cost(w.k, "sop_dispatch", (struct cost_value){1400 * SIM_NS, 0});
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 80), 0);
	uint64_t before = dispatch->charges;
	clear_logs();
	start = sys_gettime(me);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(sys_send(me, fd, "x", 1, 0), 1);
	ck_assert_int_eq(sys_gettime(me) - start, 14 * SIM_US);
	ck_assert_uint_eq(dispatch->charges - before, 10);
	LOG_IS(w.inet, "");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_1_pinned_costs_one_dispatch) { world_do(one_dispatch); }
END_TEST

/* release is one of the fourteen: it costs the dispatch too. */
static int release_dispatches(struct task *me, void *arg) {
	const struct cost_account *dispatch = &w.k->costs.account[COST_SOP_DISPATCH];
	int fd = TCP(me);
	uint64_t before;

	(void)arg;
	sys_gettime(me); /* settles */
	before = dispatch->charges;
	sys_close(me, fd);
	sys_gettime(me);
	ck_assert_uint_eq(dispatch->charges - before, 1);
	PROGRAM_END();
}
START_TEST(release_costs_one_dispatch) { world_do(release_dispatches); }
END_TEST

static uint64_t asked(struct task *me) {
	sys_gettime(me);
	return w.k->costs.account[COST_SOP_ROUTE].charges;
}

/* Choosing a route asks every stack: three here, 0.9 us each.  The last destination is remembered and
 * asks nobody: what the paper's cache is for. */
static int routes_cost(struct task *me, void *arg) {
	int fd = UDP(me), t = TCP(me);
	sim_time start, cached, fresh;
	uint64_t before;

	(void)arg;
	send_to(me, fd, "10.0.1.9", 80);
	kernel_set_cost(w.k, "sop_route", (struct cost_value){900 * SIM_NS, 0});
	before = asked(me);
	start = sys_gettime(me);
	send_to(me, fd, "10.0.1.9", 80);
	cached = sys_gettime(me) - start;
	ck_assert_uint_eq(asked(me) - before, 0);
	start = sys_gettime(me);
	send_to(me, fd, "10.0.2.9", 80);
	fresh = sys_gettime(me) - start;
	ck_assert_uint_eq(asked(me) - before, 3);
	ck_assert_int_eq(fresh - cached, 3 * 900 * SIM_NS);
	ck_assert_int_eq(connect_to(me, t, "10.0.1.9", 80), 0);
	ck_assert_uint_eq(asked(me) - before, 6);
	sys_close(me, fd);
	sys_close(me, t);
	PROGRAM_END();
}
START_TEST(a_route_costs_each_stack) { world_do(routes_cost); }
END_TEST

int main(void) {
	Suite *s = suite_create("sop_connect");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, T6_1_pinned_costs_one_dispatch);
	tcase_add_test(tc, release_costs_one_dispatch);
	tcase_add_test(tc, a_route_costs_each_stack);
	tcase_add_test(tc, T5_1_no_route);
	tcase_add_test(tc, T5_2_T5_3_T5_11_T5_17_longest_prefix);
	tcase_add_test(tc, T5_4_T5_6_T5_10_T5_12_refused);
	tcase_add_test(tc, T5_5_option_connect_on_refused_only);
	tcase_add_test(tc, T5_7_T5_8_T5_10_nonblocking);
	tcase_add_test(tc, T5_9_signal);
	tcase_add_test(tc, T5_13_T5_14_bound_and_unspec);
	tcase_add_test(tc, T5_11_T5_15_T5_16_datagrams);
	tcase_add_test(tc, T6_5_T7_6_unconnected_stream);
	tcase_add_test(tc, T11f_bind_to_device_pins);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
