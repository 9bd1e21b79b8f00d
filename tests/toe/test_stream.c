/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams of a card, as programs that name AF_TOE use them. */
#include <netinet/tcp.h>

#include "run_suite.h"
#include "toe_world.h"

#define MEGABYTE (1U << 20)

/* --- data both ways ---------------------------------------------------------------------------- */

static struct peer_conn server, conn, client, client2;

static void conns_reset(void) { server = conn = client = client2 = (struct peer_conn){0}; }

static void send_pattern(struct task *me, int fd, uint64_t key, uint64_t len, size_t chunk) {
	uint8_t *buf = g_malloc(chunk);
	uint64_t at = 0;

	while (at < len) {
		size_t part = MIN(chunk, len - at);
		ssize_t n;

		pattern_fill(key, at, buf, part);
		n = sys_send(me, fd, buf, part, 0);
		EXPECT_INT(n, part);
		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
	g_free(buf);
}

static uint64_t recv_pattern(struct task *me, int fd, uint64_t key, size_t chunk) {
	uint8_t *buf = g_malloc(chunk);
	uint64_t at = 0;
	ssize_t n;

	while ((n = sys_recv(me, fd, buf, chunk, 0)) > 0) {
		EXPECT(pattern_check(key, at, buf, (size_t)n));
		at += (uint64_t)n;
	}
	EXPECT_INT(n, 0);
	g_free(buf);
	return at;
}

static int client_program(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	struct sockaddr_in in;
	int len = sizeof in;

	(void)arg;
	EXPECT(fd >= 0);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), -EISCONN);
	EXPECT_INT(sys_getpeername(me, fd, (struct sockaddr *)&in, &len), 0);
	EXPECT_INT(ntohs(in.sin_port), 80);
	EXPECT_INT(sys_getsockname(me, fd, (struct sockaddr *)&in, &len), 0);
	EXPECT_INT(ntohl(in.sin_addr.s_addr), 0x0a000001);
	EXPECT(in.sin_port != 0);
	send_pattern(me, fd, 1, MEGABYTE, 100000);
	EXPECT_INT(sys_shutdown(me, fd, SHUT_WR), 0);
	EXPECT_INT(recv_pattern(me, fd, 2, 30000), MEGABYTE);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

START_TEST(connect_and_megabytes) {
	conns_reset();
	world_up(1);
	conn = (struct peer_conn){
		.key_rx = 1, .key_tx = 2, .to_send = MEGABYTE, .close_when_sent = true};
	peer_serve(0, 80, &server, &conn);
	start_at(0, client_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(conn.received, MEGABYTE);
	EXPECT(conn.ended);
	world_down();
}
END_TEST

static int server_program(struct task *me, void *arg) {
	struct sockaddr_in in;
	int len = sizeof in, fd = listener(me, "0.0.0.0", 80), child;

	(void)arg;
	child = sys_accept(me, fd, (struct sockaddr *)&in, &len);
	EXPECT(child >= 0);
	EXPECT_INT(ntohl(in.sin_addr.s_addr), 0x0a000002);
	EXPECT_INT(recv_pattern(me, child, 1, 5000), MEGABYTE);
	send_pattern(me, child, 2, MEGABYTE, 8192);
	EXPECT_INT(sys_close(me, child), 0);
	EXPECT_INT(sys_close(me, fd), 0);
	W.programs++;
	return 0;
}

static void server_run(const struct toe_conf *conf) {
	struct toe_usage usage;

	conns_reset();
	world_up_conf(1, conf);
	client = (struct peer_conn){
		.key_tx = 1, .key_rx = 2, .to_send = MEGABYTE, .close_when_sent = true};
	start_at(0, server_program, NULL);
	peer_connect_at(SIM_MS, 0, 80, &client);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT_INT(client.received, MEGABYTE);
	EXPECT(client.ended);
	toe_usage_get(W.toe[0], &usage);
	EXPECT_INT(usage.connections, 1);
	EXPECT(usage.commands > 100);
	world_down();
}

START_TEST(accept_and_megabytes) {
	struct toe_conf conf;

	toe_conf_default(&conf);
	server_run(&conf);
}
END_TEST

/* A ring of two descriptors, and interrupts at most each 50 us. */
START_TEST(small_ring_and_throttle) {
	struct toe_conf conf;

	toe_conf_default(&conf);
	conf.ring = 2;
	conf.sync_init = true;
	conf.irq_throttle = 50 * SIM_US;
	server_run(&conf);
}
END_TEST

/* --- not blocking, poll ------------------------------------------------------------------------ */

static int nonblock_program(struct task *me, void *arg) {
	struct pollfd pfd = {.events = POLLIN | POLLOUT};
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), err, len = sizeof err;
	char buf[4096];

	(void)arg;
	pfd.fd = fd;
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 1);
	EXPECT_INT(pfd.revents, POLLHUP | POLLOUT);
	EXPECT_INT(sys_fcntl(me, fd, F_SETFL, O_NONBLOCK), 0);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), -EINPROGRESS);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), -EALREADY);
	EXPECT_INT(sys_poll(me, &pfd, 1, 1000), 1);
	EXPECT(pfd.revents & POLLOUT);
	EXPECT(!(pfd.revents & POLLERR));
	EXPECT_INT(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	EXPECT_INT(err, 0);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), 0);
	EXPECT_INT(sys_recv(me, fd, buf, sizeof buf, 0), -EAGAIN);
	pfd.events = POLLIN;
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 0);
	EXPECT_INT(sys_send(me, fd, "x", 1, 0), 1); /* no pattern: the peer must not check it */
	EXPECT_INT(sys_poll(me, &pfd, 1, 10000), 1);
	EXPECT_INT(pfd.revents, POLLIN);
	EXPECT_INT(sys_recv(me, fd, buf, sizeof buf, MSG_PEEK), 100);
	EXPECT_INT(sys_ioctl(me, fd, FIONREAD, &err), 0);
	EXPECT_INT(err, 100);
	EXPECT_INT(sys_recv(me, fd, buf, sizeof buf, 0), 100);
	EXPECT(pattern_check(2, 0, buf, 100));
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 0);
	W.programs++;
	return 0;
}

static void answer_later(void *arg) {
	(void)arg;
	conn.to_send = 100;
	conn_fill(&conn);
}

START_TEST(nonblocking_and_poll) {
	uint8_t x = 0;

	conns_reset();
	world_up(1);
	pattern_fill(9, 0, &x, 1);
	conn = (struct peer_conn){.key_tx = 2};
	for (conn.key_rx = 1; x != 'x'; conn.key_rx++)
		pattern_fill(conn.key_rx, 0, &x, 1);
	conn.key_rx--;
	peer_serve(0, 80, &server, &conn);
	start_at(0, nonblock_program, NULL);
	sim_call_at(W.sim, 500 * SIM_MS, answer_later, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static int poll_listener(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80), child;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	char buf[100];

	(void)arg;
	sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 0);
	EXPECT_INT(sys_poll(me, &pfd, 1, 5000), 1);
	EXPECT_INT(pfd.revents, POLLIN);
	child = sys_accept(me, fd, NULL, NULL);
	EXPECT(child >= 0);
	EXPECT_INT(sys_poll(me, &pfd, 1, 0), 0);
	pfd.fd = child;
	EXPECT_INT(sys_poll(me, &pfd, 1, 5000), 1);
	EXPECT_INT(sys_recv(me, child, buf, sizeof buf, MSG_WAITALL), 100);
	EXPECT_INT(sys_close(me, child), 0);
	/* The second has come meanwhile. */
	pfd.fd = fd;
	EXPECT_INT(sys_poll(me, &pfd, 1, 5000), 1);
	child = sys_accept(me, fd, NULL, NULL);
	EXPECT(child >= 0);
	W.programs++;
	return 0;
}

START_TEST(poll_on_listener) {
	conns_reset();
	world_up(1);
	client = (struct peer_conn){.key_tx = 1, .to_send = 100};
	client2 = (struct peer_conn){.key_tx = 1, .to_send = 100};
	start_at(0, poll_listener, NULL);
	peer_connect_at(10 * SIM_MS, 0, 80, &client);
	peer_connect_at(11 * SIM_MS, 0, 80, &client2);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- errors ------------------------------------------------------------------------------------ */

static int error_program(struct task *me, void *arg) {
	int fd = sys_socket(me, AF_TOE, SOCK_STREAM, 0), on = 1, fd2, len = sizeof on;
	struct sockaddr_in in;
	char byte = 0;

	(void)arg;
	sys_signal(me, SIGPIPE, SIGNAL_IGNORE);
	EXPECT_INT(sys_socket(me, AF_TOE, SOCK_RAW, 0), -ESOCKTNOSUPPORT);
	EXPECT_INT(sys_socket(me, AF_TOE, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
	EXPECT_INT(sys_getsockname(me, fd, (struct sockaddr *)&in, &len), 0);
	EXPECT_INT(in.sin_port, 0);
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -EINVAL);
	EXPECT_INT(sys_send(me, fd, &byte, 1, 0), -EPIPE);
	EXPECT_INT(sys_recv(me, fd, &byte, 1, 0), -ENOTCONN);
	EXPECT_INT(sys_shutdown(me, fd, 3), -EINVAL);
	EXPECT_INT(bind_to(me, fd, "10.9.9.9", 80), -EADDRNOTAVAIL);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 81), -ECONNREFUSED);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 81), -ECONNREFUSED);
	EXPECT_INT(connect_to(me, fd, "10.8.0.2", 81), -ENETUNREACH);
	EXPECT_INT(sys_setsockopt(me, fd, 77, 1, &on, sizeof on), -ENOPROTOOPT);
	EXPECT_INT(sys_getsockopt(me, fd, 77, 1, &on, &len), -EOPNOTSUPP);
	on = 1;
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	EXPECT_INT(sys_setsockopt(me, fd, IPPROTO_IP, IP_TOS, &on, sizeof on), 0);
	on = 0;
	len = sizeof on;
	EXPECT_INT(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	EXPECT_INT(on, 1);
	fd = listener(me, "10.0.0.1", 80);
	EXPECT_INT(connect_to(me, fd, "10.0.0.2", 80), -EISCONN);
	EXPECT_INT(bind_to(me, fd, "10.0.0.1", 81), -EINVAL);
	fd2 = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	EXPECT_INT(bind_to(me, fd2, "10.0.0.1", 80), -EADDRINUSE);
	task_set_capable(me, false);
	EXPECT_INT(bind_to(me, fd2, "10.0.0.1", 81), -EACCES);
	EXPECT_INT(sys_close(me, fd), 0);
	EXPECT_INT(bind_to(me, fd2, "10.0.0.1", 8080), 0);
	W.programs++;
	return 0;
}

START_TEST(errors_of_2_4) {
	world_up(1);
	start_at(0, error_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- waits that end early ---------------------------------------------------------------------- */

static pid_t sleeper;

static void nothing(struct task *me, int sig) { (void)me, (void)sig; }

static void poke_task(void *arg) {
	struct task *task = task_by_pid(W.kernel, sleeper);

	(void)arg;
	if (task)
		send_sig(W.kernel, task, SIGUSR1);
}

static int waiting_program(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80), child;
	struct timeval tv = {.tv_sec = 1};
	sim_time start;
	char byte;

	(void)arg;
	sleeper = task_pid(me);
	sys_signal(me, SIGUSR1, nothing);
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -EINTR);
	EXPECT_INT(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	start = sys_gettime(me);
	EXPECT_INT(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	EXPECT(sys_gettime(me) - start >= SIM_S && sys_gettime(me) - start < SIM_S + 50 * SIM_MS);
	/* The client comes now; nothing was lost or taken by the waits given up. */
	child = sys_accept(me, fd, NULL, NULL);
	EXPECT(child >= 0);
	EXPECT_INT(sys_recv(me, child, &byte, 1, 0), -EAGAIN); /* the time-out is inherited */
	EXPECT_INT(sys_recv(me, child, &byte, 1, 0), 1);
	W.programs++;
	return 0;
}

static void send_one(void *arg) {
	(void)arg;
	client.to_send = 1;
	conn_fill(&client);
}

START_TEST(signal_and_time_out) {
	conns_reset();
	world_up(1);
	start_at(0, waiting_program, NULL);
	sim_call_at(W.sim, 100 * SIM_MS, poke_task, NULL);
	peer_connect_at(1500 * SIM_MS, 0, 80, &client);
	sim_call_at(W.sim, 3000 * SIM_MS, send_one, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* A signal at every moment around the arrival of a connection: accept gives EINTR or the
 * connection, and in the end the connection was had exactly once. */
static int racing_program(struct task *me, void *arg) {
	int fd = listener(me, "10.0.0.1", 80), child;

	(void)arg;
	sleeper = task_pid(me);
	sys_signal(me, SIGUSR1, nothing);
	do
		child = sys_accept(me, fd, NULL, NULL);
	while (child == -EINTR);
	EXPECT(child >= 0);
	W.programs++;
	return 0;
}

START_TEST(signal_races_connection) {
	conns_reset();
	world_up(1);
	start_at(0, racing_program, NULL);
	peer_connect_at(SIM_MS, 0, 80, &client);
	sim_call_at(W.sim, SIM_MS + _i * 500 * SIM_NS, poke_task, NULL);
	run(20 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT(client.connected);
	world_down();
}
END_TEST

/* A second task shuts the listener down: the sleeper gets EINVAL. */
static int shared_fd;

static int closing_child(struct task *me, void *arg) {
	(void)arg;
	sys_nanosleep(me, SIM_S);
	EXPECT_INT(sys_shutdown(me, shared_fd, SHUT_RD), 0);
	return 0;
}

static int shut_listener_program(struct task *me, void *arg) {
	(void)arg;
	shared_fd = listener(me, "10.0.0.1", 80);
	sys_fork(me, closing_child, NULL);
	EXPECT_INT(sys_accept(me, shared_fd, NULL, NULL), -EINVAL);
	W.programs++;
	return 0;
}

START_TEST(shutdown_wakes_accept) {
	world_up(1);
	start_at(0, shut_listener_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

/* --- two cards ----------------------------------------------------------------------------------- */

static int two_cards_program(struct task *me, void *arg) {
	int fd = listener(me, "10.0.1.1", 80), child = sys_accept(me, fd, NULL, NULL);
	struct sockaddr_in in;
	int len = sizeof in;

	(void)arg;
	EXPECT(child >= 0);
	EXPECT_INT(sys_getsockname(me, child, (struct sockaddr *)&in, &len), 0);
	EXPECT_INT(ntohl(in.sin_addr.s_addr), 0x0a000101);
	EXPECT_INT(recv_pattern(me, child, 1, 5000), MEGABYTE);
	W.programs++;
	return 0;
}

START_TEST(two_cards) {
	conns_reset();
	world_up(2);
	conn = (struct peer_conn){
		.key_rx = 1, .key_tx = 2, .to_send = MEGABYTE, .close_when_sent = true};
	peer_serve(0, 80, &server, &conn);
	client = (struct peer_conn){.key_tx = 1, .to_send = MEGABYTE, .close_when_sent = true};
	peer_connect_at(SIM_MS, 1, 80, &client);
	start_at(0, client_program, NULL);
	start_at(0, two_cards_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 2);
	world_down();
}
END_TEST

/* --- SO_LINGER --------------------------------------------------------------------------------- */

static uint64_t at_close[3];

static int linger_program(struct task *me, void *arg) {
	static const struct linger lingers[3] = {{0, 0}, {1, 5}, {1, 0}};
	static char buf[30000];
	int fd = listener(me, "10.0.0.1", 80);

	(void)arg;
	for (int i = 0; i < 3; i++) {
		struct peer_conn *c = i == 0 ? &client : i == 1 ? &client2 : &conn;
		int child = sys_accept(me, fd, NULL, NULL);

		pattern_fill(2, 0, buf, sizeof buf);
		EXPECT_INT(sys_setsockopt(me, child, SOL_SOCKET, SO_LINGER, &lingers[i],
		                          sizeof lingers[i]),
		           0);
		EXPECT_INT(sys_send(me, child, buf, sizeof buf, 0), sizeof buf);
		EXPECT_INT(sys_close(me, child), 0);
		at_close[i] = c->received;
	}
	W.programs++;
	return 0;
}

START_TEST(close_with_linger) {
	conns_reset();
	world_up(1);
	client.key_rx = client2.key_rx = conn.key_rx = 2;
	start_at(0, linger_program, NULL);
	peer_connect_at(1 * SIM_S, 0, 80, &client);
	peer_connect_at(2 * SIM_S, 0, 80, &client2);
	peer_connect_at(3 * SIM_S, 0, 80, &conn);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	EXPECT(at_close[0] < 30000);
	EXPECT_INT(client.received, 30000);
	EXPECT_INT(at_close[1], 30000);
	EXPECT(client.ended && client2.ended);
	EXPECT_INT(conn.error, ECONNRESET);
	world_down();
}
END_TEST

/* --- limits ------------------------------------------------------------------------------------ */

static int many_program(struct task *me, void *arg) {
	int fds[5];

	(void)arg;
	for (int i = 0; i < 5; i++)
		fds[i] = sys_socket(me, AF_TOE, SOCK_STREAM, 0);
	EXPECT(fds[3] >= 0);
	EXPECT_INT(fds[4], -ENOBUFS);
	EXPECT_INT(sys_close(me, fds[0]), 0);
	EXPECT(sys_socket(me, AF_TOE, SOCK_STREAM, 0) >= 0);
	W.programs++;
	return 0;
}

START_TEST(full_card) {
	struct toe_conf conf;

	toe_conf_default(&conf);
	conf.max_sockets = 4;
	conf.sync_init = true;
	world_up_conf(1, &conf);
	start_at(0, many_program, NULL);
	run(100 * SIM_S);
	EXPECT_INT(W.programs, 1);
	world_down();
}
END_TEST

static void add_tests(TCase *tcase) {
	tcase_add_test(tcase, connect_and_megabytes);
	tcase_add_test(tcase, accept_and_megabytes);
	tcase_add_test(tcase, small_ring_and_throttle);
	tcase_add_test(tcase, nonblocking_and_poll);
	tcase_add_test(tcase, poll_on_listener);
	tcase_add_test(tcase, errors_of_2_4);
	tcase_add_test(tcase, signal_and_time_out);
	tcase_add_loop_test(tcase, signal_races_connection, 0, 40);
	tcase_add_test(tcase, shutdown_wakes_accept);
	tcase_add_test(tcase, two_cards);
	tcase_add_test(tcase, close_with_linger);
	tcase_add_test(tcase, full_card);
}

int main(void) {
	Suite *suite = suite_create("toe-stream");
	TCase *tcase = tcase_create("posted");

	suite_add_kinds(suite, add_tests);
	tcase_add_checked_fixture(tcase, kind_posted, NULL);
	tcase_set_timeout(tcase, 60);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
