/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INET stream sockets through system calls, against the engine of a peer across a wire. */
#include <netinet/tcp.h>

#include "inet_programs.h"
#include "run_suite.h"

static uint8_t back[300000];

static size_t recv_to_end(struct task *me, int fd, uint8_t *buf, size_t size) {
	size_t got = 0;
	ssize_t n;

	while ((n = sys_recv(me, fd, buf + got, size - got, 0)) > 0)
		got += (size_t)n;
	ck_assert_int_eq(n, 0);
	return got;
}

/* --- bytes both ways --------------------------------------------------------------------------------- */

static int echo_main(struct task *me, void *arg) {
	int fd = tcp_socket(me);

	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	/* More than both send buffers and windows hold: two tasks' worth, so send and receive in turn. */
	for (size_t sent = 0; sent < sizeof bytes; sent += 4000) {
		ck_assert_int_eq(sys_send(me, fd, bytes + sent, 4000, 0), 4000);
		ck_assert_int_eq(sys_recv(me, fd, back + sent, 4000, MSG_WAITALL), 4000);
	}
	ck_assert_int_eq(memcmp(bytes, back, sizeof bytes), 0);
	ck_assert_int_eq(sys_shutdown(me, fd, SHUT_WR), 0);
	ck_assert_int_eq(sys_recv(me, fd, back, 1, 0), 0);
	ck_assert_int_eq(sys_close(me, fd), 0);
	PROGRAM_END((struct net_world *)arg);
}

static uint64_t charges(unsigned id) { return w.k->costs.account[id].charges; }

START_TEST(active_open_echo) {
	const struct net_counters *n = net_stack_counters(w.k->stack);

	if (_i)
		net_world_costs(&w);
	prog.echo = true;
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, echo_main);
	ck_assert(prog.eof);
	ck_assert_uint_eq(prog.in_len, sizeof bytes);
	/* Every segment was paid for once, and every byte copied once. */
	ck_assert_uint_eq(charges(COST_TCP_TX_SEGMENT), n->tcp_out);
	ck_assert_uint_eq(charges(COST_TCP_RX_DATA) + charges(COST_TCP_RX_ACK), n->tcp_in);
	ck_assert_uint_eq(w.k->costs.account[COST_COPY_TX].bytes, sizeof bytes);
	ck_assert_uint_eq(w.k->costs.account[COST_COPY_RX].bytes, sizeof bytes);
	ck_assert_uint_eq(w.k->costs.account[COST_CSUM_RX].bytes, sizeof bytes);
	ck_assert_uint_eq(charges(COST_TCP_CONNECTION), 1);
	ck_assert_uint_eq(charges(COST_INET_CREATE), 1);
	ck_assert_uint_eq(charges(COST_INET_RELEASE), 1);
	ck_assert_uint_eq(net_world_accounted(&w), net_world_busy(&w));
}
END_TEST

static int server_main(struct task *me, void *arg) {
	struct sockaddr_in from = {0};
	int len = sizeof from, fd, lfd = listening(me, PORT);

	fd = sys_accept(me, lfd, (struct sockaddr *)&from, &len);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(ntohl(from.sin_addr.s_addr), PEER_ADDR(0));
	ck_assert_int_eq(len, sizeof from);
	ck_assert_uint_eq(recv_to_end(me, fd, back, sizeof back), 100000);
	ck_assert_int_eq(memcmp(bytes, back, 100000), 0);
	/* A blocking send takes all, however little fits at a time. */
	ck_assert_int_eq(sys_send(me, fd, bytes, sizeof bytes, 0), sizeof bytes);
	ck_assert_int_eq(sys_close(me, fd), 0);
	ck_assert_int_eq(sys_close(me, lfd), 0);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(passive_open_both_ways) {
	if (_i)
		net_world_costs(&w);
	prog.out = bytes;
	prog.out_len = 100000;
	prog.finish = true;
	sim_call_at(w.sim, SIM_MS, peer_connects, NULL);
	net_world_run(&w, server_main);
	ck_assert(prog.eof);
	ck_assert_uint_eq(prog.in_len, sizeof bytes);
	ck_assert_int_eq(memcmp(prog.in, bytes, sizeof bytes), 0);
	/* ACKs interrupt the sender amid its charges: what they send must not overtake its segments. */
	ck_assert_uint_eq(net_stack_counters(peer_stack(w.peer[0]))->tcp_out_of_order, 0);
	ck_assert_uint_eq(net_stack_counters(w.k->stack)->tcp_retransmits, 0);
}
END_TEST

/* --- connect ----------------------------------------------------------------------------------------- */

static int nonblocking_main(struct task *me, void *arg) {
	int fd = tcp_socket(me), val = 1, len = sizeof val;
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};

	sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), -EINPROGRESS);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), -EALREADY);
	ck_assert_int_eq(sys_recv(me, fd, &val, 1, 0), -EAGAIN);
	ck_assert_int_eq(sys_send(me, fd, &val, 1, 0), -EAGAIN);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 1000), 1);
	ck_assert_int_eq(pfd.revents, POLLOUT);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &val, &len), 0);
	ck_assert_int_eq(val, 0);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), -EISCONN);
	ck_assert_int_eq(sys_recv(me, fd, &val, 1, 0), -EAGAIN);
	/* A full send buffer takes a part, then nothing; POLLOUT comes back when the peer reads. */
	ssize_t n = 0, total = 0;
	while ((n = sys_send(me, fd, bytes, sizeof bytes, 0)) > 0)
		total += n;
	ck_assert_int_eq(n, -EAGAIN);
	ck_assert_int_gt(total, 10000);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 5000), 1);
	ck_assert_int_gt(sys_send(me, fd, bytes, 1000, 0), 0);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(nonblocking) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, nonblocking_main);
}
END_TEST

static int refused_main(struct task *me, void *arg) {
	int fd = tcp_socket(me), val = 0, len = sizeof val;
	struct pollfd pfd = {.fd = fd, .events = POLLIN | POLLOUT};

	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 1);
	ck_assert_int_eq(pfd.revents, POLLOUT | POLLHUP); /* a fresh socket in 2.4 */
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT + 1), -ECONNREFUSED);
	ck_assert_int_eq(connect_to(me, fd, "99.1.2.3", PORT), -ENETUNREACH);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	sys_close(me, fd);
	fd = tcp_socket(me);
	pfd.fd = fd;
	sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT + 1), -EINPROGRESS);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 1000), 1);
	ck_assert_int_eq(pfd.revents & POLLERR, POLLERR);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &val, &len), 0);
	ck_assert_int_eq(val, ECONNREFUSED);
	ck_assert_int_eq(sys_getsockopt(me, fd, SOL_SOCKET, SO_ERROR, &val, &len), 0);
	ck_assert_int_eq(val, 0);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(refused_and_used_again) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, refused_main);
}
END_TEST

static int connect_timeo_main(struct task *me, void *arg) {
	struct timeval tv = {.tv_sec = 1, .tv_usec = 500000};
	int fd = tcp_socket(me);

	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv), 0);
	sim_time start = now();
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.9", PORT), -EINPROGRESS); /* nobody there */
	ck_assert_int_ge(now() - start, 1500 * SIM_MS);
	ck_assert_int_le(now() - start, 1520 * SIM_MS);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(connect_time_out) { net_world_run(&w, connect_timeo_main); }
END_TEST

/* --- blocking receive ----------------------------------------------------------------------------------- */

static void on_alarm(struct task *me, int sig) { (void)me, (void)sig; }

static struct task *victim;

static void shoot(void *arg) {
	(void)arg;
	send_sig(w.k, victim, SIGUSR1);
}

static int eintr_main(struct task *me, void *arg) {
	struct timeval tv = {.tv_sec = 2};
	int fd = tcp_socket(me), lfd = listening(me, PORT);
	char c;

	victim = me;
	sys_signal(me, SIGUSR1, on_alarm);
	sim_call_at(w.sim, SIM_S, shoot, NULL);
	ck_assert_int_eq(sys_accept(me, lfd, NULL, NULL), -EINTR);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	sim_call_at(w.sim, now() + SIM_S, shoot, NULL);
	sim_time start = now();
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, 0), -EINTR);
	ck_assert_int_eq((now() - start) / SIM_MS, 1000);
	ck_assert_int_eq(sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), 0);
	start = now();
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, 0), -EAGAIN);
	/* 200 ticks, the first of which may come at once (sock_set_timeout()) */
	ck_assert_int_ge(now() - start, 2 * SIM_S - 10 * SIM_MS);
	ck_assert_int_le(now() - start, 2 * SIM_S + 10 * SIM_US);
	sys_setsockopt(me, lfd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	ck_assert_int_eq(sys_accept(me, lfd, NULL, NULL), -EAGAIN);
	sys_fcntl(me, lfd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(sys_accept(me, lfd, NULL, NULL), -EAGAIN);
	sys_close(me, lfd);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(signals_and_time_outs) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, eintr_main);
}
END_TEST

static void peer_sends_more(void *arg) {
	(void)arg;
	prog.out_len += 100;
	peer_prog_send(&prog);
}

static void peer_sends_urgent(void *arg) {
	char c = '!';
	struct iovec iov = {&c, 1};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .flags = MSG_OOB};

	(void)arg;
	ck_assert_int_eq(net_send(prog.ps.so, &msg), 1);
}

static int flags_main(struct task *me, void *arg) {
	int fd = tcp_socket(me), n = 0, mark = 200;
	struct pollfd pfd = {.fd = fd, .events = POLLIN | POLLPRI};
	char c = 0;

	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, MSG_OOB), -EINVAL);
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, MSG_DONTWAIT), -EAGAIN);
	for (int i = 1; i <= 4; i++)
		sim_call_at(w.sim, now() + i * 100 * SIM_MS, peer_sends_more, NULL);
	ck_assert_int_eq(sys_recv(me, fd, back, 1000, MSG_PEEK), 100);
	ck_assert_int_eq(sys_ioctl(me, fd, FIONREAD, &n), 0);
	ck_assert_int_eq(n, 100);
	ck_assert_int_eq(sys_recv(me, fd, back, 150, MSG_WAITALL), 150);
	ck_assert_int_eq(memcmp(back, bytes, 150), 0);
	sys_setsockopt(me, fd, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark);
	ck_assert_int_eq(sys_recv(me, fd, back, 1000, 0), 250);
	ck_assert_int_eq(memcmp(back, bytes + 150, 250), 0);
	sim_call_at(w.sim, now() + SIM_MS, peer_sends_urgent, NULL);
	ck_assert_int_eq(sys_poll(me, &pfd, 1, 1000), 1);
	ck_assert_int_eq(pfd.revents & POLLPRI, POLLPRI);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCATMARK, &n), 0);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, MSG_OOB), 1);
	ck_assert_int_eq(c, '!');
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(receive_flags) {
	prog.out = bytes;
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, flags_main);
}
END_TEST

/* --- broken pipes ----------------------------------------------------------------------------------------- */

static unsigned pipes;

static void on_pipe(struct task *me, int sig) {
	(void)me, (void)sig;
	pipes++;
}

static void peer_aborts(void *arg) {
	(void)arg;
	peer_close(w.peer[0], &prog.ps, true);
}

static int pipe_main(struct task *me, void *arg) {
	int fd = tcp_socket(me);
	char c = 0;

	pipes = 0;
	sys_signal(me, SIGPIPE, on_pipe);
	ck_assert_int_eq(sys_send(me, fd, &c, 1, MSG_NOSIGNAL), -EPIPE); /* never connected */
	ck_assert_uint_eq(pipes, 0);
	ck_assert_int_eq(sys_send(me, fd, &c, 1, 0), -EPIPE);
	ck_assert_uint_eq(pipes, 1);
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, 0), -ENOTCONN);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	sim_call_at(w.sim, now() + SIM_MS, peer_aborts, NULL);
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, 0), -ECONNRESET);
	ck_assert_int_eq(sys_recv(me, fd, &c, 1, 0), 0);
	ck_assert_int_eq(sys_send(me, fd, &c, 1, 0), -EPIPE);
	ck_assert_uint_eq(pipes, 2);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(broken_pipe) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, pipe_main);
}
END_TEST

/* --- bind, names, options ----------------------------------------------------------------------------------- */

static int names_main(struct task *me, void *arg) {
	struct sockaddr_in sa = {0};
	int fd = tcp_socket(me), len = sizeof sa, val = 1, size = sizeof val;

	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&sa, &len), 0);
	ck_assert_uint_eq(sa.sin_port, 0);
	ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&sa, &len), -ENOTCONN);
	ck_assert_int_eq(bind_to(me, fd, "10.0.0.99", 5000), -EADDRNOTAVAIL);
	task_set_capable(me, false);
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), -EACCES);
	ck_assert_int_eq(sys_socket(me, AF_INET, SOCK_RAW, IPPROTO_ICMP), -EPERM);
	task_set_capable(me, true);
	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&sa, 15), -EINVAL);
	ck_assert_int_eq(bind_to(me, fd, "10.0.0.1", 5000), 0);
	ck_assert_int_eq(bind_to(me, fd, "10.0.0.1", 5001), -EINVAL);
	ck_assert_int_eq(bind_to(me, tcp_socket(me), "0.0.0.0", 5000), -EADDRINUSE);
	ck_assert_int_eq(connect_to(me, fd, "10.0.0.2", PORT), 0);
	ck_assert_int_eq(sys_getpeername(me, fd, (struct sockaddr *)&sa, &len), 0);
	ck_assert_uint_eq(ntohs(sa.sin_port), PORT);
	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&sa, &len), 0);
	ck_assert_uint_eq(ntohs(sa.sin_port), 5000);
	ck_assert_int_eq(sys_listen(me, fd, 1), -EINVAL);
	/* options */
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, sizeof val), 0);
	ck_assert_int_eq(sys_setsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, 2), -EINVAL);
	ck_assert_int_eq(sys_getsockopt(me, fd, IPPROTO_TCP, TCP_NODELAY, &val, &size), 0);
	ck_assert_int_eq(val, 1);
	ck_assert_int_eq(sys_setsockopt(me, fd, 77, 1, &val, sizeof val), -ENOPROTOOPT);
	ck_assert_int_eq(sys_getsockopt(me, fd, 77, 1, &val, &size), -EOPNOTSUPP);
	ck_assert_int_eq(sys_socket(me, AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
	ck_assert_int_eq(sys_socket(me, AF_INET, SOCK_RDM, 0), -ESOCKTNOSUPPORT);
	ck_assert_int_eq(sys_socketpair(me, AF_INET, SOCK_STREAM, 0, (int[2]){0}), -EOPNOTSUPP);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(names_and_options) {
	peer_prog_listen(&listener, w.peer[0], PORT, &prog);
	net_world_run(&w, names_main);
}
END_TEST

/* --- accept by several ---------------------------------------------------------------------------------------- */

static unsigned accepted[3];
static int shared_fd;

static int worker_main(struct task *me, void *arg) {
	unsigned *count = arg;
	int fd;

	while ((fd = sys_accept(me, shared_fd, NULL, NULL)) >= 0) {
		(*count)++;
		sys_close(me, fd);
	}
	ck_assert_int_eq(fd, -EINVAL); /* no longer listening */
	return 0;
}

static struct peer_prog many[6];

static void peer_connects_many(void *arg) {
	(void)arg;
	for (unsigned i = 0; i < 6; i++) {
		many[i] = (struct peer_prog){.ps.event = peer_prog_event, .peer = w.peer[0]};
		many[i].deaf = true;
		ck_assert_int_eq(peer_open(w.peer[0], SOCK_STREAM, &many[i].ps), 0);
		ck_assert_int_eq(net_connect(many[i].ps.so, HOST_ADDR(0), PORT), -EINPROGRESS);
	}
}

static int prefork_main(struct task *me, void *arg) {
	int lfd = listening(me, PORT), status;

	shared_fd = lfd;
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_gt(sys_fork(me, worker_main, &accepted[i]), 0);
	sys_nanosleep(me,
	              5 * SIM_S); /* three SYNs overflow the peer's ARP queue and come after 3 s */
	ck_assert_uint_eq(accepted[0] + accepted[1] + accepted[2], 6);
	ck_assert_int_eq(sys_shutdown(me, lfd, SHUT_RD), 0);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_gt(sys_waitpid(me, -1, &status, 0), 0);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(prefork_wake_one) {
	sim_call_at(w.sim, 100 * SIM_MS, peer_connects_many, NULL);
	net_world_run(&w, prefork_main);
}
END_TEST

static int poll_listener_main(struct task *me, void *arg) {
	int lfd = listening(me, PORT);
	struct pollfd pfd = {.fd = lfd, .events = POLLIN | POLLOUT};
	struct timeval tv = {.tv_sec = 5};
	int on = 0, size = sizeof on;
	fd_set in;

	ck_assert_int_eq(sys_poll(me, &pfd, 1, 0), 0);
	FD_ZERO(&in);
	FD_SET(lfd, &in);
	ck_assert_int_eq(sys_select(me, lfd + 1, &in, NULL, NULL, &tv), 1);
	ck_assert(FD_ISSET(lfd, &in));
	ck_assert_int_ge(now(), SIM_S);
	ck_assert_int_le(now(), SIM_S + SIM_MS);
	sys_fcntl(me, lfd, F_SETFL, O_NONBLOCK);
	ck_assert_int_ge(sys_accept(me, lfd, NULL, NULL), 0);
	ck_assert_int_eq(sys_recv(me, lfd, &tv, 1, 0), -ENOTCONN);
	ck_assert_int_eq(connect_to(me, lfd, "10.0.0.2", PORT), -EISCONN);
	ck_assert_int_eq(sys_shutdown(me, lfd, SHUT_WR), 0); /* still listening */
	ck_assert_int_eq(sys_accept(me, lfd, NULL, NULL), -EAGAIN);
	ck_assert_int_eq(sys_getsockopt(me, lfd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size), 0);
	ck_assert_int_eq(on, 1);
	ck_assert_int_eq(sys_shutdown(me, lfd, SHUT_RD), 0);
	ck_assert_int_eq(sys_getsockopt(me, lfd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size), 0);
	ck_assert_int_eq(on, 0);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(poll_and_select) {
	sim_call_at(w.sim, SIM_S, peer_connects, NULL);
	net_world_run(&w, poll_listener_main);
}
END_TEST

/* --- loop-back ----------------------------------------------------------------------------------------------- */

static int loop_server(struct task *me, void *arg) {
	int fd, lfd = listening(me, PORT);

	fd = sys_accept(me, lfd, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(recv_to_end(me, fd, back, sizeof back), sizeof bytes);
	ck_assert_int_eq(sys_send(me, fd, "ok", 2, 0), 2);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

static int loop_client(struct task *me, void *arg) {
	int fd = tcp_socket(me);
	char answer[2];

	sys_nanosleep(me, SIM_MS); /* the server listens by then */
	ck_assert_int_eq(connect_to(me, fd, "127.0.0.1", PORT), 0);
	ck_assert_int_eq(sys_send(me, fd, bytes, sizeof bytes, 0), sizeof bytes);
	sys_shutdown(me, fd, SHUT_WR);
	ck_assert_int_eq(sys_recv(me, fd, answer, 2, MSG_WAITALL), 2);
	sys_close(me, fd);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(loop_back) {
	net_world_costs(&w);
	process_start(w.k, "server", loop_server, &w);
	net_world_run(&w, loop_client);
	ck_assert_uint_eq(w.ended, 2);
	ck_assert_int_eq(memcmp(bytes, back, sizeof bytes), 0);
	ck_assert_uint_eq(charges(COST_NIC_TX), 0);
	ck_assert_uint_ge(charges(COST_TCP_TX_SEGMENT), sizeof bytes / 16384);
	ck_assert_uint_eq(net_world_accounted(&w), net_world_busy(&w));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("inet");
	TCase *tc = tcase_create("inet");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, active_open_echo, 0, 2);
	tcase_add_loop_test(tc, passive_open_both_ways, 0, 2);
	tcase_add_test(tc, nonblocking);
	tcase_add_test(tc, refused_and_used_again);
	tcase_add_test(tc, connect_time_out);
	tcase_add_test(tc, signals_and_time_outs);
	tcase_add_test(tc, receive_flags);
	tcase_add_test(tc, broken_pipe);
	tcase_add_test(tc, names_and_options);
	tcase_add_test(tc, prefork_wake_one);
	tcase_add_test(tc, poll_and_select);
	tcase_add_test(tc, loop_back);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
