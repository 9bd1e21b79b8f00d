/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the decision table that nothing else shows: who is asked, read off the stacks' logs. */
#include "host/file/file.h"
#include "run_suite.h"
#include "sop_world.h"

static int on_device(struct task *me, int type) {
	int fd = sys_socket(me, AF_INET, type, 0);

	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, "toe0", 5), 0);
	clear_logs();
	return fd;
}

static void only_card1_was_asked(const char *what) {
	LOG_HAS(w.card1, what);
	LOG_IS(w.inet, "");
	LOG_IS(w.card2, "");
}

static void all_were_asked(const char *what) {
	LOG_HAS(w.inet, what);
	LOG_HAS(w.card1, what);
	LOG_HAS(w.card2, what);
}

/* --- pinned without a port: SO_BINDTODEVICE -----------------------------------------------------
 */

static int device_binds(struct task *me, void *arg) {
	(void)arg;
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		int fd = on_device(me, type);

		ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
		only_card1_was_asked("bind:80");
		sys_close(me, fd);
	}
	PROGRAM_END();
}
START_TEST(T11f_bind) { world_do(device_binds); }
END_TEST

static int device_draws(struct task *me, void *arg) {
	int fd = on_device(me, SOCK_STREAM);

	(void)arg;
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	only_card1_was_asked("bind:0 getname listen:5");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T11f_T3_1_listen) { world_do(device_draws); }
END_TEST

/* --- connect() to AF_UNSPEC --------------------------------------------------------------------
 */

static int disconnect(struct task *me, int fd) {
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};

	clear_logs();
	return sys_connect(me, fd, &unspec, sizeof unspec);
}

static int disconnects(struct task *me, void *arg) {
	(void)arg;
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		int fd = sys_socket(me, AF_INET, type, 0);

		ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
		ck_assert_int_eq(disconnect(me, fd), 0);
		all_were_asked("disconnect");
		ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 9), 0);
		ck_assert_int_eq(disconnect(me, fd), 0);
		LOG_HAS(w.card1, "disconnect");
		ck_assert_ptr_null(strstr(fake_log(w.inet), "disconnect"));
		ck_assert_ptr_null(strstr(fake_log(w.card2), "disconnect"));
		sys_close(me, fd);
	}
	PROGRAM_END();
}
START_TEST(T5_14_unspec) { world_do(disconnects); }
END_TEST

/* --- what a socket in charge of nobody does ------------------------------------------------------
 */

static void nobody_has_heard(void) {
	LOG_IS(w.inet, "");
	LOG_IS(w.card1, "");
	LOG_IS(w.card2, "");
}

/* What a stream answers by itself as long as it has no connection, whichever of its first phases it is in.  (One
 * without a port draws one before it looks whether it can send at all: inet_sendmsg() of 2.4.) */
static int stream_before_its_connection(struct task *me, void *arg) {
	int fd = TCP(me);
	char buf[4];

	(void)arg;
	clear_logs();
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), -ENOTCONN);
	nobody_has_heard();
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	clear_logs();
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), -ENOTCONN);
	ck_assert_int_eq(sys_send(me, fd, buf, sizeof buf, MSG_NOSIGNAL), -EPIPE);
	nobody_has_heard();
	ck_assert_int_eq(sys_listen(me, fd, 1), 0);
	clear_logs();
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), -ENOTCONN);
	ck_assert_int_eq(sys_send(me, fd, buf, sizeof buf, MSG_NOSIGNAL), -EPIPE);
	nobody_has_heard();
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_5_T7_6_open_bound_listening) { world_do(stream_before_its_connection); }
END_TEST

/* No stack hears of it. */
static int unconnected_stream(struct task *me, void *arg) {
	char buf[4];
	int fd = TCP(me);

	(void)arg;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	clear_logs();
	ck_assert_int_eq(sys_recv(me, fd, buf, sizeof buf, 0), -ENOTCONN);
	ck_assert_int_eq(sys_send(me, fd, buf, sizeof buf, MSG_NOSIGNAL), -EPIPE);
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 81), -EINVAL);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINVAL);
	nobody_has_heard();
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T6_5_T7_6_nobody) { world_do(unconnected_stream); }
END_TEST

/* --- options of a datagram socket
 * ----------------------------------------------------------------- */

static int datagram_options(struct task *me, void *arg) {
	int fd = UDP(me), val = 9, len = sizeof val;
	uint32_t addr;

	(void)arg;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	clear_logs();
	port_of(me, fd, &addr);
	LOG_IS(w.inet, "getname");
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_TTL, &val, sizeof val), 0);
	all_were_asked("set:0.2");
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_IP, IP_HDRINCL, &val, sizeof val), 0);
	LOG_IS(w.inet, "set:0.3");
	LOG_IS(w.card1, "");
	LOG_IS(w.card2, "");
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_IP, IP_TTL, &val, &len), 0);
	LOG_IS(w.inet, "get:2");
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 9), 0);
	clear_logs();
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_IP, IP_TTL, &val, &len), 0);
	only_card1_was_asked("get:2");
	port_of(me, fd, &addr);
	only_card1_was_asked("getname");
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T8a_T11i_T12a_datagrams) { world_do(datagram_options); }
END_TEST

/* --- sendpage
 * ------------------------------------------------------------------------------------- */

/* A page goes to the stack in charge; without one it is sent as any data are. */
static int pages(struct task *me, void *arg) {
	int fd = TCP(me), in;

	(void)arg;
	fs_create(w.k, "/page", "0123", 4);
	in = sys_open(me, "/page", O_RDONLY);
	ck_assert_int_eq(connect_to(me, fd, "10.0.1.9", 9), 0);
	clear_logs();
	ck_assert_int_eq(sys_sendfile(me, fd, in, NULL, 4), 4);
	only_card1_was_asked("send");
	ck_assert_uint_eq(counter("calls.sendpage"), 1);
	sys_close(me, fd);
	fd = UDP(me);
	ck_assert_int_lt(sys_sendfile(me, fd, in, &(off_t){0}, 4), 0);
	ck_assert_uint_eq(counter("calls.sendpage"), 1);
	sys_close(me, fd);
	sys_close(me, in);
	PROGRAM_END();
}
START_TEST(T6_1_sendpage) { world_do(pages); }
END_TEST

int main(void) {
	Suite *s = suite_create("sop_decisions");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, T11f_bind);
	tcase_add_test(tc, T11f_T3_1_listen);
	tcase_add_test(tc, T5_14_unspec);
	tcase_add_test(tc, T6_5_T7_6_nobody);
	tcase_add_test(tc, T6_5_T7_6_open_bound_listening);
	tcase_add_test(tc, T8a_T11i_T12a_datagrams);
	tcase_add_test(tc, T6_1_sendpage);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
